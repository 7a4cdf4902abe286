"""Confidence: what is known of a span becomes the probability that it is right."""

import json
import math
from dataclasses import dataclass
from functools import cache

from index.question import Question
from index.ranking import positive_idf
from index.relations import related_terms, speaks_of
from index.search import Found
from index.snapshot import Snapshot
from index.span_model import SHIPPED
from index.terms import terms_of


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of a span.

    ``margin`` is the model's, over "not answered here"; ``score`` the sentence's BM25 score as a
    share of the best one's; ``in_sentence`` and ``in_article`` the shares (0 to 1, by idf) of the
    question's terms found there. ``distance`` is None for a span in a sentence that was found for
    the question, and for one read around such a sentence how many sentences it is away; ``named``
    says whether, where somebody is asked for, it holds a name ("Josef Brandt", not "the keeper").
    """

    margin: float
    score: float
    in_sentence: float
    in_article: float
    distance: int | None = None
    named: bool = False


@dataclass(frozen=True, slots=True)
class Weights:
    """A logistic regression: the coefficients that turn evidence into a probability."""

    intercept: float
    margin: float
    score: float = 0.0
    in_sentence: float = 0.0
    in_article: float = 0.0
    distance: float = 0.0
    named: float = 0.0


def confidence(evidence: Evidence) -> float:
    """The probability (0 to 1) that a span with this evidence is right."""
    found, around = fitted_weights()
    weights = found if evidence.distance is None else around
    logit = (
        weights.intercept
        + weights.margin * evidence.margin
        + weights.score * evidence.score
        + weights.in_sentence * evidence.in_sentence
        + weights.in_article * evidence.in_article
        + weights.distance * (evidence.distance or 0)
        + weights.named * evidence.named
    )
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, logit))))


def in_words(confidence: float) -> str:
    """A confidence (0 to 1) in words."""
    if confidence >= 0.85:
        return "very likely right"
    if confidence >= 0.65:
        return "likely right"
    if confidence >= 0.4:
        return "uncertain"
    return "very uncertain"


@cache
def fitted_weights() -> tuple[Weights, Weights]:
    """The weights that ship with the model: for sentences that were found, and for those around.

    The former are fitted by ``training/fit_confidence.py``, the latter chosen by hand.
    """
    shipped = json.loads((SHIPPED / "confidence.json").read_text(encoding="utf-8"))
    return Weights(**shipped["found"]), Weights(**shipped["around"])


class Coverage:
    """How much of a question's terms, by idf, a text holds; a word of the same relation counts."""

    def __init__(self, snapshot: Snapshot, question: Question, found: Found) -> None:
        self._snapshot = snapshot
        self._relation: frozenset[str] = frozenset()
        self._terms: list[tuple[frozenset[str], float]] = []
        for term in question.terms:
            known = found.respelled.get(term, term)
            idf = positive_idf(snapshot.counts.sentences, snapshot.sentences_holding(known))
            wanted = frozenset([known])
            if term == question.relation:
                wanted = self._relation = wanted | related_terms(known)
            self._terms.append((wanted, idf))
        self._all = sum(idf for _, idf in self._terms) or 1.0
        self._of_article: dict[int, float] = {}

    def holds_relation(self, text: str) -> bool:
        """Whether *text* speaks of the relation asked about; true where the question has none."""
        return not self._relation or speaks_of(self._relation, text)

    def is_relation(self, text: str) -> bool:
        """Whether *text* has no words but the relation's: "the telephone" is not who called."""
        held = set(terms_of(text))
        return bool(held) and held <= self._relation

    def of_text(self, text: str) -> float:
        """The share (0 to 1) of the terms that stand in *text*."""
        held = set(terms_of(text))
        return sum(idf for terms, idf in self._terms if not terms.isdisjoint(held)) / self._all

    def of_article(self, number: int) -> float:
        """The share (0 to 1) of the terms that stand in an article or its title."""
        if number not in self._of_article:
            held = (
                idf
                for terms, idf in self._terms
                if any(self._snapshot.article_holds(number, term) for term in terms)
            )
            self._of_article[number] = sum(held) / self._all
        return self._of_article[number]
