"""A part: a segment in its place in a snapshot, with the statistics of the whole snapshot."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.arrays import WEIGHTS, Array
from index.segment import LEVELS, Segment

try:
    from index import _kernel
except ImportError:  # no compiler was there; the plain form gives the same bits, later
    _kernel = None  # type: ignore[assignment]

GONE = np.iinfo(np.int64).min
COMPILED = _kernel is not None
"""Whether searches run compiled."""


class Part:
    """A segment of a snapshot.

    ``ranks[i]`` is the number in the snapshot of the segment's article i, -1 where the article is
    gone; ``shifts[i]`` is how much higher the numbers of its sentences are there than here, GONE where
    it is gone. *averages* are each level's mean number of terms, *k1* and *b* those of BM25.
    """

    def __init__(
        self,
        segment: Segment,
        ranks: NDArray[np.int32],
        shifts: NDArray[np.int64],
        averages: Mapping[str, float],
        *,
        k1: float,
        b: float,
    ) -> None:
        self.segment, self.ranks, self.shifts = segment, ranks, shifts
        self._averages = averages
        self._k1, self._b = k1, b

    def find(self, term: str) -> tuple[int, tuple[int, ...]]:
        """The segment's number of *term*, -1 for none, and how many texts of each level that are
        not gone hold it."""
        if not COMPILED:
            return self.find_plain(term)
        try:
            found = _kernel.find(self.kernel, term)
        except ValueError as error:
            raise self.segment.file.bad_block(error.args[1]) from None
        return (found[0], found[1:]) if found else (-1, (0, 0, 0, 0))

    def find_plain(self, term: str) -> tuple[int, tuple[int, ...]]:
        """What ``find`` gives, without anything compiled."""
        number = self.segment.term_number(term)
        if number is None:
            return -1, (0, 0, 0, 0)
        held = []
        for level, gone in self._gone.items():
            begin, end = self.segment.file.part(f"{level}.starts", number, number + 2).tolist()
            held.append(end - begin)
            if len(gone):
                texts, _ = self.segment.postings(level, number)
                places = np.searchsorted(texts, gone)
                held[-1] -= int((places[1::2] - places[::2]).sum())
        return number, tuple(held)

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
            WEIGHTS,
            file.checked,
            file.array("vocabulary"),
            file.array("vocabulary_at"),
            file.array("paragraph.sentences"),
            file.array("paragraph.article"),
            file.array("sentence.paragraph"),
            file.array("sentence.kinds"),
            self.shifts,
        )
        levels = tuple(
            array
            for level in LEVELS
            for array in (
                *(file.array(f"{level}.{name}") for name in ("starts", "texts", "codes", "peaks")),
                self._tables[level],
                self._gone[level],
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
    def _gone(self) -> dict[str, Array]:
        """For each level, the stretches of texts that are gone: pairs of begin and end."""
        edges = np.flatnonzero(np.diff((self.ranks < 0).astype(np.int8), prepend=0, append=0))
        return {level: self.segment.texts_of(level)[edges] for level in LEVELS}
