"""BM25 over texts that were taken apart into terms: rank_bm25's law, with postings on disk.

The law is Okapi BM25 as rank_bm25.BM25Okapi scores it (Robertson and Zaragoza, "The Probabilistic
Relevance Framework: BM25 and Beyond", 2009): a text's score is the sum over the question's terms of
``idf * tf * (k1 + 1) / (tf + k1 * (1 - b + b * length / average length))``. Only the idf differs
from the library's, which is zero or negative for a term in half of the texts: ours is
``ln(1 + (N - n + 0.5) / (n + 0.5))``, always positive (the form that Lucene uses).
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rank_bm25 import BM25Okapi

K1 = 0.9
B = 0.4
"""Measured on 10,242 sentences of Wikipedia with 10,570 questions: the right sentence comes first
for 69.2 of 100 questions, against 65.2 with rank_bm25's own 1.5 and 0.75."""

Integers = NDArray[np.integer[Any]]
Floats = NDArray[np.float64]


def positive_idf(texts: int, holding: int) -> float:
    """The inverse document frequency of a term that *holding* of *texts* texts hold; above 0."""
    return math.log(1 + (texts - holding + 0.5) / (holding + 0.5))


class PlainBM25(BM25Okapi):  # type: ignore[misc]  # rank_bm25 ships no types
    """rank_bm25's own index in memory with the positive idf; the oracle of BM25.

    ``corpus`` is one list of terms a text. Without any text every score is empty.
    """

    avgdl: float

    def __init__(self, corpus: Sequence[Sequence[str]], k1: float = K1, b: float = B) -> None:
        super().__init__(corpus, k1=k1, b=b)

    def _initialize(self, corpus: Sequence[Sequence[str]]) -> dict[str, int]:
        # The library divides by the number of texts here, and by their average length later.
        holding: dict[str, int] = super()._initialize(corpus) if corpus else {}
        if not self.avgdl:
            self.avgdl = 1.0
        return holding

    def _calc_idf(self, nd: Mapping[str, int]) -> None:
        self.idf = {term: positive_idf(self.corpus_size, n) for term, n in nd.items()}


@dataclass(frozen=True, slots=True)
class Postings:
    """Which texts hold each term, and how often: the arrays that BM25 scores from.

    The texts of term number t are ``texts[starts[t] : starts[t + 1]]``, ascending, each holding it
    ``counts[...]`` times; ``lengths[i]`` is the number of terms of text i. int64, int32, int32,
    int32.
    """

    starts: Integers
    texts: Integers
    counts: Integers
    lengths: Integers

    def holding(self, term: int) -> Integers:
        """The texts that hold a term, ascending."""
        return self.texts[self.starts[term] : self.starts[term + 1]]

    def holds(self, term: int, text: int) -> bool:
        """Whether a text holds a term."""
        texts = self.holding(term)
        place = int(np.searchsorted(texts, text))
        return place < len(texts) and bool(texts[place] == text)


def make_postings(terms: Integers, texts: Integers, vocabulary: int, size: int) -> Postings:
    """The postings of *size* texts, from one ``(term, text)`` pair for each word, in any order."""
    pairs, counts = np.unique(
        np.asarray(terms, np.int64) * max(size, 1) + np.asarray(texts, np.int64),
        return_counts=True,
    )
    term_of_pair, text_of_pair = np.divmod(pairs, max(size, 1))
    return Postings(
        starts=np.searchsorted(term_of_pair, np.arange(vocabulary + 1)).astype(np.int64),
        texts=text_of_pair.astype(np.int32),
        counts=counts.astype(np.int32),
        lengths=np.bincount(texts, minlength=size).astype(np.int32),
    )


class BM25(PlainBM25):
    """BM25Okapi over Postings, which may be memory-mapped; touches only the terms asked for.

    Terms are numbers here, as the snapshot's vocabulary gives them. ``average`` is the mean number
    of terms of a text.
    """

    def __init__(self, postings: Postings, average: float, k1: float = K1, b: float = B) -> None:
        self.k1, self.b, self.avgdl = k1, b, average
        self.corpus_size = len(postings.lengths)
        self.doc_len = postings.lengths
        self.postings = postings

    def candidates(self, query: Iterable[int]) -> tuple[Integers, Floats]:
        """The texts that hold any term of *query*, ascending, and their scores; all above 0.

        A term that is repeated counts each time, as in rank_bm25. The terms' parts are added in
        the query's order, so the scores are those of ``get_scores`` to the last bit.
        """
        parts = [self._part(term) for term in query]
        if not parts:
            return np.empty(0, np.int32), np.empty(0)
        texts, place = np.unique(np.concatenate([t for t, _ in parts]), return_inverse=True)
        weights = np.concatenate([score for _, score in parts])
        scores: Floats = np.bincount(place, weights, len(texts)).astype(np.float64)
        return texts, scores

    def get_scores(self, query: Iterable[int]) -> Floats:
        """The score of every text, as in rank_bm25."""
        scores = np.zeros(self.corpus_size)
        texts, found = self.candidates(query)
        scores[texts] = found
        return scores

    def get_batch_scores(self, query: Iterable[int], doc_ids: Sequence[int]) -> list[float]:
        """The scores of some texts, as in rank_bm25."""
        return [float(score) for score in self.get_scores(query)[list(doc_ids)]]

    def _part(self, term: int) -> tuple[Integers, Floats]:
        """The texts that hold one term, and what it adds to the score of each."""
        start, end = self.postings.starts[term], self.postings.starts[term + 1]
        texts = self.postings.holding(term)
        tf = self.postings.counts[start:end].astype(np.float64)
        lengths = self.postings.lengths[texts]
        idf = positive_idf(self.corpus_size, int(end - start))
        weight = tf + self.k1 * (1 - self.b + self.b * lengths / self.avgdl)
        return texts, idf * (tf * (self.k1 + 1) / weight)
