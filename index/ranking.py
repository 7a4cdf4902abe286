"""Ranking: the best sentences for some terms, over all parts of a snapshot.

A sentence's own BM25 score, or, with ``Weights``, that plus its paragraph's, its article's and its
title's and something for what kinds of thing it holds. ``best`` uses the compiled search where
there is one; ``best_plain`` says the same in NumPy, to the last bit, and is its oracle.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.arrays import Array
from index.part import COMPILED, Part
from index.segment import LEVELS

if COMPILED:
    from index import _kernel

_GAP = 1024
"""Texts between two stretches that may answer, up to which they are gone over as one."""


@dataclass(frozen=True, slots=True)
class Weights:
    """What the scores of a sentence's paragraph, article and title count against its own, what
    related words count against the question's, and what is added for each of the *kinds* asked
    for (bits of index.kinds) that the sentence holds."""

    paragraph: float
    article: float
    title: float
    related: float
    bonus: float
    kinds: int = 0


class Ranked(NamedTuple):
    """Sentences that were found: their numbers in the snapshot and their scores, the best first;
    the lower number wins a tie."""

    numbers: NDArray[np.int64]
    scores: NDArray[np.float64]


class Filter(NamedTuple):
    """What of a part may answer: its *allowed* articles, one bool for each, and the stretches of
    texts that are gone over for them."""

    allowed: NDArray[np.bool_]
    ranges: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Query:
    """Terms as they were looked up: their numbers in each part (-1 for none), one row a part, and
    their idf at each level, one row a term; the first *own* are the question's, others related."""

    numbers: tuple[tuple[int, ...], ...]
    idf: NDArray[np.float64]
    own: int


def positive_idf(texts: int, holding: int) -> float:
    """The inverse document frequency of a term that *holding* of *texts* texts hold; above 0."""
    return math.log(1 + (texts - holding + 0.5) / (holding + 0.5))


def filter_of(part: Part, allowed: NDArray[np.bool_]) -> Filter:
    """The filter that lets only *allowed* articles of a part answer over all levels."""
    paragraphs = part.segment.texts_of("paragraph")
    edges = paragraphs[np.flatnonzero(np.diff(allowed.astype(np.int8), prepend=0, append=0))]
    begins, ends = edges[::2], edges[1::2]
    if not len(begins):
        return Filter(allowed, np.empty(0, np.int32))
    # Going over a few texts too many costs less than going to the next stretch.
    far = begins[1:] - ends[:-1] > _GAP
    begins, ends = begins[np.append(True, far)], ends[np.append(far, True)]
    return Filter(allowed, np.stack([begins, ends], axis=1).astype(np.int32).reshape(-1))


def best(
    parts: Sequence[Part],
    sizes: tuple[int, int, int, int],
    terms: Sequence[str],
    k: int,
    *,
    related: Sequence[str] = (),
    weights: Weights | None = None,
    filters: Sequence[Filter] | None = None,
) -> Ranked:
    """The *k* best sentences that hold one of *terms* or of *related*.

    *sizes* are the numbers of texts of all parts at each level. Without *weights* sentences are
    ranked by their own scores alone.
    """
    if not COMPILED:
        return best_plain(parts, sizes, terms, k, related=related, weights=weights, filters=filters)
    try:
        numbers, scores = _kernel.best(
            tuple([part.kernel for part in parts]),
            [*terms, *related],
            len(terms),
            sizes,
            k,
            None if filters is None else tuple(filters),
            None if weights is None else astuple(weights),
        )
    except ValueError as error:
        place, block = error.args
        raise parts[place].segment.file.bad_block(block) from None
    return Ranked(np.frombuffer(numbers, np.int64), np.frombuffer(scores, np.float64))


def best_plain(
    parts: Sequence[Part],
    sizes: tuple[int, int, int, int],
    terms: Sequence[str],
    k: int,
    *,
    related: Sequence[str] = (),
    weights: Weights | None = None,
    filters: Sequence[Filter] | None = None,
) -> Ranked:
    """What ``best`` gives, without anything compiled: every sentence is scored that holds a term."""
    query = look_up(parts, sizes, terms, related)
    numbers, scores = [], []
    for place, part in enumerate(parts):
        file = part.segment.file
        sentences, of_part = _scored(part, query, place, weights)
        articles = file.part("paragraph.article")[file.part("sentence.paragraph")[sentences]]
        kept = part.ranks[articles] >= 0
        if filters is not None:
            kept &= filters[place].allowed[articles]
        numbers.append(part.shifts[articles[kept]] + sentences[kept])
        scores.append(of_part[kept])
    all_numbers, all_scores = np.concatenate(numbers), np.concatenate(scores)
    if len(all_scores) > k:
        kept = all_scores >= np.partition(all_scores, -k)[-k]
        all_numbers, all_scores = all_numbers[kept], all_scores[kept]
    order = np.lexsort((all_numbers, -all_scores))[:k]
    return Ranked(all_numbers[order], all_scores[order])


def look_up(
    parts: Sequence[Part],
    sizes: tuple[int, int, int, int],
    terms: Sequence[str],
    related: Sequence[str] = (),
) -> Query:
    """Look terms up in all parts; *sizes* are the numbers of their texts at each level."""
    found = [[part.find_plain(term) for part in parts] for term in (*terms, *related)]
    idf = [
        [
            positive_idf(size, held) if (held := sum(counts[i] for _, counts in of_term)) else 0.0
            for i, size in enumerate(sizes)
        ]
        for of_term in found
    ]
    numbers = tuple(tuple(of_term[i][0] for of_term in found) for i in range(len(parts)))
    return Query(numbers, np.array(idf, np.float64).reshape(-1, len(LEVELS)), len(terms))


def scores_of(part: Part, query: Query, place: int, level: str, terms: Iterable[int]) -> Array:
    """The BM25 scores of all texts of a level for some of the query's terms; those that are gone
    have one too. *place* is the part's."""
    column = LEVELS.index(level)
    scores = np.zeros(int(part.segment.texts_of(level)[-1]))
    table = part.table(level)
    for i in terms:
        if (number := query.numbers[place][i]) >= 0:
            texts, codes = part.segment.postings(level, number)
            scores[texts] += query.idf[i, column] * table[codes]
    return scores


def _scored(
    part: Part, query: Query, place: int, weights: Weights | None
) -> tuple[Array, NDArray[np.float64]]:
    """The sentences of a part that hold a term, ascending, and their scores."""
    own, related = range(query.own), range(query.own, len(query.idf))

    def level(name: str) -> Array:
        scores = scores_of(part, query, place, name, own)
        if related and weights:
            scores = scores + weights.related * scores_of(part, query, place, name, related)
        return scores

    scores = level("sentence")
    sentences = np.flatnonzero(scores > 0)  # of bools: nonzero of floats takes ten times as long
    scores = scores[sentences]
    if weights is None:
        return sentences, scores
    file = part.segment.file
    paragraphs = file.part("sentence.paragraph")[sentences]
    articles = file.part("paragraph.article")[paragraphs]
    scores = scores + weights.paragraph * level("paragraph")[paragraphs]
    scores = scores + weights.article * level("article")[articles]
    scores = scores + weights.title * level("title")[articles]
    kinds = file.part("sentence.kinds")[sentences]
    for bit in (1, 2, 4):
        if weights.kinds & bit:
            scores = scores + weights.bonus * (kinds & bit > 0)
    return sentences, scores
