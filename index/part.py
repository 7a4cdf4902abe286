"""A part: a segment in its place in a snapshot, with the statistics of the whole snapshot."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np

from index.arrays import Array
from index.segment import LEVELS, Segment

try:
    from index import _kernel
except ImportError:  # no compiler was there; the plain form gives the same bits, later
    _kernel = None  # type: ignore[assignment]

COMPILED = _kernel is not None
"""Whether searches run compiled."""


class Part:
    """A segment of a snapshot.

    ``ranks[i]`` is the number in the snapshot of the segment's article i, -1 where the article is
    gone. *averages* are each level's mean number of terms, *k1* and *b* those of BM25.
    """

    def __init__(
        self, segment: Segment, ranks: Array, averages: Mapping[str, float], k1: float, b: float
    ) -> None:
        self.segment = segment
        self.ranks = ranks
        self._averages = averages
        self._k1, self._b = k1, b
        self._gone = bool((ranks < 0).any())

    def find(self, term: str) -> tuple[int, tuple[int, ...]]:
        """The segment's number of *term*, -1 for none, and how many texts of each level that are
        not gone hold it."""
        held: tuple[int, ...]
        if COMPILED:
            try:
                found = _kernel.find(self.kernel, term.encode())
            except ValueError as error:
                raise self.segment.file.bad_block(error.args[0]) from None
            if found is None:
                return -1, (0, 0, 0, 0)
            number, held = found[0], found[1:]
        else:
            looked_up = self.segment.term_number(term)
            if looked_up is None:
                return -1, (0, 0, 0, 0)
            number = looked_up
            held = tuple(len(self.segment.postings(level, number)[0]) for level in LEVELS)
        if self._gone:
            lost = (self._lost(level, number) for level in LEVELS)
            held = tuple(n - gone for n, gone in zip(held, lost, strict=True))
        return number, held

    def table(self, level: str) -> Array:
        """What each code adds to a text's score, before the idf (float64)."""
        return self._tables[level]

    @cached_property
    def kernel(self) -> Any:
        """The segment as the compiled search holds it."""
        file = self.segment.file
        singles = (
            file.data,
            file.checks,
            file.checked,
            file.array("vocabulary"),
            file.array("vocabulary_at"),
            file.array("paragraph.sentences"),
            file.array("paragraph.article"),
            file.array("sentence.paragraph"),
            file.array("sentence.kinds"),
            self.ranks,
        )
        levels = tuple(
            array
            for level in LEVELS
            for array in (
                *(file.array(f"{level}.{name}") for name in ("starts", "texts", "codes", "peaks")),
                self._tables[level],
            )
        )
        norms = tuple(
            (self._k1 * (1 - self._b), self._k1 * self._b / self._averages[level])
            for level in LEVELS
        )
        return _kernel.hold(singles + levels, self._k1, norms)

    @cached_property
    def _tables(self) -> dict[str, Array]:
        tables = {}
        for level in LEVELS:
            tf, lengths = self.segment.pairs(level).T.astype(np.float64)
            # In rank_bm25's order, so that every bit is its own.
            weight = tf + self._k1 * (1 - self._b + self._b * lengths / self._averages[level])
            tables[level] = tf * (self._k1 + 1) / weight
        return tables

    @cached_property
    def _runs_gone(self) -> dict[str, Array]:
        """For each level, the stretches of texts that are gone: pairs of begin and end."""
        edges = np.flatnonzero(np.diff((self.ranks < 0).astype(np.int8), prepend=0, append=0))
        return {level: self.segment.texts_of(level)[edges] for level in LEVELS}

    def _lost(self, level: str, number: int) -> int:
        """How many of the texts that hold a term are gone."""
        texts, _ = self.segment.postings(level, number)
        places = np.searchsorted(texts, self._runs_gone[level])
        return int((places[1::2] - places[::2]).sum())
