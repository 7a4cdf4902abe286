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


@dataclass(frozen=True, slots=True)
class Query:
    """Terms as they were looked up: their numbers in each part (-1 for none), one row a part, and
    their idf at each level, one row a term; the first *own* are the question's, others related."""

    numbers: tuple[tuple[int, ...], ...]
    idf: NDArray[np.float64]
    own: int


class Hit(NamedTuple):
    """A sentence that was found: its score, its article's number in the snapshot, and its part and
    number there. In order of score, then of article and offset."""

    score: float
    article: int
    part: int
    sentence: int


def positive_idf(texts: int, holding: int) -> float:
    """The inverse document frequency of a term that *holding* of *texts* texts hold; above 0."""
    return math.log(1 + (texts - holding + 0.5) / (holding + 0.5))


def look_up(
    parts: Sequence[Part], sizes: Sequence[int], own: Sequence[str], related: Sequence[str] = ()
) -> Query:
    """Look terms up in all parts; *sizes* are the numbers of texts at each level,
    of which the first is enough where only sentences are to be ranked."""
    found = [[part.find(term) for part in parts] for term in (*own, *related)]
    idf = []
    for of_term in found:
        held = of_term[0][1]
        if len(parts) > 1:
            held = tuple(map(sum, zip(*(counts for _, counts in of_term), strict=True)))
        row = (positive_idf(size, n) if n else 0.0 for size, n in zip(sizes, held, strict=False))
        idf.append((*row, 0.0, 0.0, 0.0)[: len(LEVELS)])
    numbers = tuple(tuple(of_term[i][0] for of_term in found) for i in range(len(parts)))
    return Query(numbers, np.array(idf, np.float64).reshape(-1, len(LEVELS)), len(own))


def best(
    parts: Sequence[Part],
    query: Query,
    k: int,
    weights: Weights | None = None,
    allowed: Sequence[NDArray[np.bool_]] | None = None,
) -> list[Hit]:
    """The *k* best sentences that hold a term of *query*, the best first; ties go by article and
    offset. *allowed* says for each part which of its articles may answer."""
    if not COMPILED:
        return best_plain(parts, query, k, weights, allowed)
    ranking = None if weights is None else astuple(weights)
    hits: list[Hit] = []
    # Large parts first: the score that their hits reach saves work in the small ones.
    for i in sorted(range(len(parts)), key=lambda i: -parts[i].segment.sentences):
        part = parts[i]
        floor = hits[k - 1].score if len(hits) >= k else 0.0
        may = None if allowed is None else allowed[i]
        ranges = _ranges(part, may, "sentence" if weights is None else "paragraph")
        try:
            rows = _kernel.best(
                part.kernel,
                np.array(query.numbers[i], np.int64),
                query.idf,
                query.own,
                k,
                floor,
                ranges,
                may,
                ranking,
            )
        except ValueError as error:
            raise part.segment.file.bad_block(error.args[0]) from None
        hits += [Hit(score, article, i, sentence) for score, article, sentence in rows]
        if len(parts) > 1:
            hits = _first(hits, k)
    return hits


def best_plain(
    parts: Sequence[Part],
    query: Query,
    k: int,
    weights: Weights | None = None,
    allowed: Sequence[NDArray[np.bool_]] | None = None,
) -> list[Hit]:
    """What ``best`` gives, without a compiled search: every sentence is scored that holds a term."""
    hits = []
    for i, part in enumerate(parts):
        file = part.segment.file
        sentences, scores = _scored(part, query, i, weights)
        articles = file.part("paragraph.article")[file.part("sentence.paragraph")[sentences]]
        may = part.ranks >= 0 if allowed is None else (part.ranks >= 0) & allowed[i]
        kept = may[articles]
        sentences, scores, articles = sentences[kept], scores[kept], articles[kept]
        if len(scores) > k:
            kept = scores >= np.partition(scores, -k)[-k]
            sentences, scores, articles = sentences[kept], scores[kept], articles[kept]
        rows = (scores.tolist(), part.ranks[articles].tolist(), sentences.tolist())
        hits += [Hit(score, article, i, s) for score, article, s in zip(*rows, strict=True)]
    return _first(hits, k)


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
    sentences = np.flatnonzero(scores)
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


def _first(hits: list[Hit], k: int) -> list[Hit]:
    return sorted(hits, key=lambda hit: (-hit.score, hit.article, hit.sentence))[:k]


def _ranges(part: Part, may: NDArray[np.bool_] | None, level: str) -> NDArray[np.int32]:
    """The stretches of texts that may answer, those near each other as one."""
    texts = part.segment.texts_of(level)
    if may is None:
        return np.array([0, texts[-1]], np.int32)
    edges = texts[np.flatnonzero(np.diff(may.astype(np.int8), prepend=0, append=0))]
    if not len(edges):
        return np.empty(0, np.int32)
    begins, ends = edges[::2], edges[1::2]
    far = np.flatnonzero(begins[1:] - ends[:-1] > _GAP)
    begins = begins[np.concatenate([[0], far + 1])]
    ends = ends[np.concatenate([far, [len(ends) - 1]])]
    return np.stack([begins, ends], axis=1).astype(np.int32).reshape(-1)
