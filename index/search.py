"""Searching: a question's terms find the passages that may answer it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from index.article import NO_DATE, Article, date_bounds
from index.bm25 import Floats, Integers
from index.kinds import DATE, NAME, NUMBER
from index.relations import related_terms
from index.sentences import Sentence
from index.snapshot import Snapshot
from index.terms import term_of, words_of

PARAGRAPH_WEIGHT = 0.8
ARTICLE_WEIGHT = 0.3
TITLE_WEIGHT = 0.2
KIND_BONUS = 2.0
"""What the scores of a sentence's paragraph, article and title, and a thing of the kind asked for
(a date for when), add to its own. Of 5,195 questions over 24 Wikipedia articles, a right sentence
is first for 72.7 in 100 and among the first ten for 91.0 with all of them at 0, and for 74.6 and 94.3
as they are (found@1 and found@10 of ``byline eval``); halving or doubling one moves neither by more
than 0.7."""
RELATED_WEIGHT = 0.4
"""What a word of the same relation (phoned, where called was asked for) counts against the word
itself."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A sentence found for a question: its number in the snapshot, its article, its score."""

    number: int
    article: Article
    sentence: Sentence
    score: float

    @property
    def quote(self) -> str:
        """The sentence as it stands in the article."""
        return self.sentence.quote(self.article.text)


@dataclass(frozen=True, slots=True)
class Within:
    """Which articles may answer: of these ids (None is all), dated between these days (None is
    open; ``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``, both included). An article without a date is in
    no range."""

    articles: frozenset[str] | None = None
    since: str | None = None
    until: str | None = None


EVERYWHERE = Within()


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found: passages, the best first, and the terms as they were looked up.

    ``unknown`` are the terms that no article holds, ``respelled`` those of them that were looked
    up as another term instead.
    """

    passages: tuple[Passage, ...]
    unknown: frozenset[str] = frozenset()
    respelled: dict[str, str] = field(default_factory=dict)


def search(
    snapshot: Snapshot,
    terms: Iterable[str],
    k: int = 10,
    *,
    relation: str | None = None,
    kind: int = 0,
    within: Within = EVERYWHERE,
    known: Collection[str] = (),
) -> Found:
    """The *k* best passages for *terms*; ties go by article id and offset.

    A term that no article holds is looked up as the one nearest in spelling, unless it is one of
    *known*, which are spelled right. *relation* is the term whose related words count too, *kind*
    the bits of index.kinds asked for.
    """
    numbers, unknown, respelled = _looked_up(snapshot, terms, known)
    if relation:
        relation = respelled.get(relation, relation)
    related = [
        number
        for term in sorted(related_terms(relation) if relation else ())
        if (number := snapshot.term_number(term)) is not None and number not in numbers
    ]
    sentences, scores = _scores(snapshot, numbers, related)
    articles = snapshot.sentence_article[sentences]
    if within != EVERYWHERE:
        kept = _allowed(snapshot, within)[articles]
        sentences, scores, articles = sentences[kept], scores[kept], articles[kept]
    for bit in (DATE, NUMBER, NAME):
        if kind & bit:
            scores = scores + KIND_BONUS * (snapshot.sentence_kinds[sentences] & bit > 0)
    best = np.lexsort((sentences, -scores))[:k]
    opened: dict[int, Article] = {}
    passages = []
    for number, score, article in zip(
        sentences[best].tolist(), scores[best].tolist(), articles[best].tolist(), strict=True
    ):
        if article not in opened:
            opened[article] = snapshot.article(article)
        found = opened[article]
        passages.append(Passage(number, found, snapshot.sentence(number, found.id), score))
    return Found(tuple(passages), frozenset(unknown), respelled)


def _looked_up(
    snapshot: Snapshot, terms: Iterable[str], known: Collection[str]
) -> tuple[list[int], list[str], dict[str, str]]:
    """The numbers of the different *terms*, the unknown ones, and how those were respelled."""
    numbers: list[int] = []
    unknown: list[str] = []
    respelled: dict[str, str] = {}
    for term in dict.fromkeys(terms):
        number = snapshot.term_number(term)
        if number is None:
            unknown.append(term)
            nearest = None if term in known else nearest_term(snapshot, term)
            if nearest is not None:
                respelled[term] = nearest
                number = snapshot.term_number(nearest)
        if number is not None and number not in numbers:
            numbers.append(number)
    return numbers, unknown, respelled


def nearest_term(snapshot: Snapshot, term: str) -> str | None:
    """The term of the snapshot that *term* is a misspelling of, or None.

    One letter wrong, missing, added or swapped with its neighbour in a term of 4 to 7 letters, two
    in a longer one; the first letter holds. Of equally near ones the term in more sentences wins.
    """
    if len(term) < 4 or not term.isalpha():
        return None
    # Most questions are spelled right and need not wait for this import.
    from rapidfuzz.distance import OSA

    allowed = 1 if len(term) < 8 else 2
    near = []
    for candidate in snapshot.terms_starting(term[0]):
        if abs(len(candidate) - len(term)) <= allowed and candidate.isalpha():
            distance = OSA.distance(term, candidate, score_cutoff=allowed)
            if distance <= allowed:
                near.append((distance, -snapshot.sentences_holding(candidate), candidate))
    return min(near)[2] if near else None


def in_found_spelling(text: str, found: Found) -> str:
    """*text* with the words that were looked up as others as the passages spell those."""
    for word, other in respelled_words(text, found):
        text = text.replace(word, other)
    return text


def respelled_words(text: str, found: Found) -> tuple[tuple[str, str], ...]:
    """The words of *text* that were looked up as others, and those as the passages spell them."""
    words = ((word, found.respelled.get(term_of(word))) for word in words_of(text))
    return tuple(
        (word, other)
        for word, term in dict.fromkeys(words)
        if term and (other := _as_written(term, found.passages))
    )


def _as_written(term: str, passages: Iterable[Passage]) -> str | None:
    words = (word for passage in passages for word in words_of(passage.quote))
    return next((word for word in words if term_of(word) == term), None)


def _scores(snapshot: Snapshot, terms: list[int], related: list[int]) -> tuple[Integers, Floats]:
    """The sentences that hold any of the terms, ascending, and their scores over all levels."""

    def level(name: str) -> tuple[Integers, Floats]:
        texts, scores = snapshot.bm25[name].candidates(terms)
        if not related:
            return texts, scores
        others, extra = snapshot.bm25[name].candidates(related)
        both = np.union1d(texts, others)
        return both, _at(texts, scores, both) + RELATED_WEIGHT * _at(others, extra, both)

    sentences, scores = level("sentence")
    of_article = snapshot.sentence_article[sentences]
    for name, weight, texts in (
        ("paragraph", PARAGRAPH_WEIGHT, snapshot.sentence_paragraph[sentences]),
        ("article", ARTICLE_WEIGHT, of_article),
        ("title", TITLE_WEIGHT, of_article),
    ):
        scores = scores + weight * _at(*level(name), texts)
    return sentences, scores


def _at(texts: Integers, scores: Floats, wanted: Integers) -> Floats:
    """The score of each wanted text, 0 for those not among *texts* (ascending)."""
    if not len(texts):
        return np.zeros(len(wanted))
    place = np.minimum(np.searchsorted(texts, wanted), len(texts) - 1)
    return np.where(texts[place] == wanted, scores[place], 0.0)


def _allowed(snapshot: Snapshot, within: Within) -> NDArray[np.bool_]:
    """For each article, whether it may answer."""
    allowed = np.ones(snapshot.counts.articles, np.bool_)
    if within.articles is not None:
        allowed[:] = False
        numbers = (snapshot.article_number(article_id) for article_id in within.articles)
        allowed[[number for number in numbers if number is not None]] = True
    first, last = snapshot.article_dates[:, 0], snapshot.article_dates[:, 1]
    if within.since is not None:
        allowed &= last >= date_bounds(within.since)[0]
    if within.until is not None:
        allowed &= (first <= date_bounds(within.until)[1]) & (first != NO_DATE)
    return allowed
