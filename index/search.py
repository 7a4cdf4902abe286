"""Searching: a question's terms find the passages that may answer it."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from index import ranking
from index.article import NO_DATE, Article, date_bounds
from index.ranking import Filter, Weights, filter_of
from index.relations import related_terms
from index.segment import Segment
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
    open; ``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``, both included), of these sources and authors
    (case-folded). An article without a date is in no range."""

    articles: frozenset[str] | None = None
    since: str | None = None
    until: str | None = None
    sources: frozenset[str] | None = None
    authors: frozenset[str] | None = None


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
    found, unknown, respelled = _looked_up(snapshot, terms, known)
    if relation:
        relation = respelled.get(relation, relation)
    related = sorted(set(related_terms(relation)) - set(found) if relation else ())
    numbers, scores = best(snapshot, found, k, related=related, kind=kind, within=within)
    opened: dict[int, Article] = {}
    passages = []
    for number, score in zip(numbers.tolist(), scores.tolist(), strict=True):
        article = snapshot.article_of(number)
        if article not in opened:
            opened[article] = snapshot.article(article)
        held = opened[article]
        passages.append(Passage(number, held, snapshot.sentence(number, held.id), score))
    return Found(tuple(passages), frozenset(unknown), respelled)


def best(
    snapshot: Snapshot,
    terms: Sequence[str],
    k: int,
    *,
    related: Sequence[str] = (),
    kind: int = 0,
    within: Within = EVERYWHERE,
    rank: Callable[..., ranking.Ranked] = ranking.best,
) -> ranking.Ranked:
    """The *k* best sentences over all levels that hold one of *terms* or of *related*; *rank* is
    the form that ranks."""
    weights = Weights(
        PARAGRAPH_WEIGHT, ARTICLE_WEIGHT, TITLE_WEIGHT, RELATED_WEIGHT, KIND_BONUS, kind
    )
    filters = None if within == EVERYWHERE else _filters(snapshot, within)
    return rank(
        snapshot.parts, snapshot.sizes, terms, k, related=related, weights=weights, filters=filters
    )


def _looked_up(
    snapshot: Snapshot, terms: Iterable[str], known: Collection[str]
) -> tuple[list[str], list[str], dict[str, str]]:
    """The different *terms* that are held, the unknown ones, and how those were respelled."""
    found: list[str] = []
    unknown: list[str] = []
    respelled: dict[str, str] = {}
    for term in dict.fromkeys(terms):
        held: str | None = term
        if not snapshot.holds(term):
            unknown.append(term)
            held = None if term in known else nearest_term(snapshot, term)
            if held is not None:
                respelled[term] = held
        if held is not None and held not in found:
            found.append(held)
    return found, unknown, respelled


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
            if distance <= allowed and snapshot.holds(candidate):
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


def _filters(snapshot: Snapshot, within: Within) -> list[Filter]:
    """For each part, which of its articles may answer."""
    if within.articles is None:
        allowed = [part.ranks >= 0 for part in snapshot.parts]
    else:
        allowed = [np.zeros(len(part.ranks), np.bool_) for part in snapshot.parts]
        for article_id in within.articles:
            number = snapshot.article_number(article_id)
            if number is not None:
                place, local = snapshot.place_of(number)
                allowed[place][local] = True
    for part, may in zip(snapshot.parts, allowed, strict=True):
        _narrow(may, part.segment, within)
    return [filter_of(part, may) for part, may in zip(snapshot.parts, allowed, strict=True)]


def _narrow(allowed: NDArray[np.bool_], segment: Segment, within: Within) -> None:
    """Take out of *allowed* the articles that dates, sources and authors rule out."""
    if within.since is not None or within.until is not None:
        first, last = segment.file.part("article.dates").reshape(-1, 2).T
        allowed &= first != NO_DATE
        if within.since is not None:
            allowed &= last >= date_bounds(within.since)[0]
        if within.until is not None:
            allowed &= first <= date_bounds(within.until)[1]
    for name, wanted in (("source", within.sources), ("author", within.authors)):
        if wanted is not None:
            labels = enumerate(segment.labels[name], 1)
            codes = [code for code, label in labels if label.casefold() in wanted]
            allowed &= np.isin(segment.file.part(f"article.{name}"), codes)
