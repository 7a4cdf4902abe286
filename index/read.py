"""Reading: which words of the passages answer each slot of a question, and how surely.

Every slot's own question is put to the span model on one sentence at a time. What the model says is
weighed together with the search: its margin over "not answered here", the passage's BM25 score, and
how much of the question stands in the sentence and in its article. The weights were fitted by
``training/fit_confidence.py`` and lie beside the model.

A question with several slots is read slot by slot. The first slot's values, from different
sentences, are different events; the other slots of an event are read from the sentences around it,
the values found so far put into their questions.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

from index import names
from index.article import Article
from index.bm25 import positive_idf
from index.kinds import NAME
from index.premises import DENIED, REVERSED, Objection, is_denied, is_reversed
from index.question import Question, Slot
from index.relations import related_terms
from index.search import Found, Passage
from index.sentences import Sentence
from index.snapshot import Snapshot
from index.span_model import SHIPPED, SpanModel
from index.terms import term_of, terms_of, words_of

EVENTS = 3
"""How many events a question with several slots is read for."""
NEIGHBOURS = 4
"""How many sentences before and after an event's first one are read for its other slots."""
_SPANS = 2  # a sentence's second-best span is seldom the answer, its third never worth the time

_NOBODY = frozenset(
    """i it its me my our someone somebody something that their them themselves these they this those
    us we who whom you""".split()
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A possible value of a slot: ``article.text[start:end]``, which is ``text``, in ``sentence``.

    ``confidence`` is the probability that it is right, ``evidence`` what that was judged by.
    """

    text: str
    article: Article
    sentence: Sentence
    start: int
    end: int
    confidence: float
    evidence: "Evidence"


@dataclass(frozen=True, slots=True)
class Event:
    """What the articles tell of one thing that happened.

    ``first`` is the first slot's value, ``others`` those of the other slots in the question's
    order, None where nothing fits. ``confidence`` is the mean of theirs, a missing one counting 0,
    or the first value's where that is less.
    """

    first: Candidate
    others: tuple[Candidate | None, ...]
    confidence: float

    @property
    def values(self) -> tuple[Candidate | None, ...]:
        """A value, or None, for each slot."""
        return (self.first, *self.others)


@dataclass(frozen=True, slots=True)
class Reading:
    """The events that the passages tell of, the surest first, and the passages, ranked anew.

    ``objection`` says why the surest is none (index.premises): its sentence has it the other way
    round, or denies it.
    """

    events: tuple[Event, ...]
    passages: tuple[Passage, ...]
    objection: Objection | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of a span.

    ``margin`` is the model's, over "not answered here"; ``score`` the sentence's BM25 score as a
    share of the best one's; ``in_sentence`` and ``in_article`` the shares (0 to 1, by idf) of the
    question's terms found there; ``distance`` how many sentences it is from the event's first
    value, or None where it is the first.
    """

    margin: float
    score: float
    in_sentence: float
    in_article: float
    distance: int | None = None


@dataclass(frozen=True, slots=True)
class Weights:
    """A logistic regression: the coefficients that turn evidence into a probability."""

    intercept: float
    margin: float
    score: float = 0.0
    in_sentence: float = 0.0
    in_article: float = 0.0
    distance: float = 0.0

    def confidence(self, evidence: Evidence) -> float:
        """The probability (0 to 1) that the span is right."""
        logit = (
            self.intercept
            + self.margin * evidence.margin
            + self.score * evidence.score
            + self.in_sentence * evidence.in_sentence
            + self.in_article * evidence.in_article
            + self.distance * (evidence.distance or 0)
        )
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, logit))))


def read(question: Question, found: Found, snapshot: Snapshot) -> Reading:
    """What the passages say to each slot of the question."""
    if not found.passages:
        return Reading((), ())
    slots = [replace(slot, asks=_respelled(slot.asks, found)) for slot in question.slots]
    cover = Coverage(snapshot, question, found)
    ranked = read_slot(slots[0], slots[0].asks.format(), found.passages, cover)
    passages = _reranked(found.passages, ranked)
    firsts = _distinct(ranked)
    objection = None
    if len(slots) == 1:
        events = [Event(first, (), first.confidence) for first in firsts]
        if firsts:
            objection = _objection(question, slots[0].asks.format(), firsts[0])
    else:
        told = [_event(first, slots, found, cover) for first in firsts]
        events = _unrepeated(sorted(told, key=lambda event: -event.confidence))
    return Reading(tuple(events), passages, objection)


@cache
def weights() -> tuple[Weights, Weights]:
    """The fitted weights that ship with the model: of first values, and of those around one."""
    fitted = json.loads((SHIPPED / "confidence.json").read_text(encoding="utf-8"))
    return Weights(**fitted["first"]), Weights(**fitted["around"])


@cache
def span_model() -> SpanModel:
    """The shipped model, opened once."""
    return SpanModel.open()


class Coverage:
    """How much of a question's terms, by idf, a text holds; a related word counts as the relation."""

    def __init__(self, snapshot: Snapshot, question: Question, found: Found) -> None:
        sentences = snapshot.counts.sentences
        self.snapshot = snapshot
        self._terms: list[tuple[frozenset[str], float]] = []
        self._relation: frozenset[str] = frozenset()
        for term in question.terms:
            known = found.respelled.get(term, term)
            idf = positive_idf(sentences, snapshot.sentences_holding(known))
            wanted = frozenset([known])
            if term == question.relation:
                wanted = self._relation = wanted | related_terms(known)
            self._terms.append((wanted, idf))
        self._all = sum(idf for _, idf in self._terms) or 1.0
        self._of_article: dict[int, float] = {}

    def holds_relation(self, text: str) -> bool:
        """Whether a word of the relation asked about stands in *text*."""
        return not self._relation.isdisjoint(terms_of(text))

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
                if any(self.snapshot.article_holds(number, term) for term in terms)
            )
            self._of_article[number] = sum(held) / self._all
        return self._of_article[number]


def read_slot(
    slot: Slot,
    asks: str,
    passages: Sequence[Passage],
    cover: Coverage,
    *,
    first: int | None = None,
) -> list[Candidate]:
    """The values of one slot in the passages, the surest first; *first* is the number of the
    sentence that distance is counted from."""
    if first is not None and slot.kind:
        # Around an event only sentences that hold such a thing at all are worth the model's time.
        kinds = cover.snapshot.sentence_kinds
        passages = [one for one in passages if kinds[one.number] & slot.kind]
    best = max((passage.score for passage in passages), default=0.0) or 1.0
    found: list[tuple[float, int, Candidate]] = []
    for place, passage in enumerate(passages):
        quote = passage.quote
        context = _context(passage, cover.snapshot)
        offered = span_model().read(_in_words_of(quote, asks), [quote], [context], top=_SPANS)[0]
        in_sentence = cover.of_text(quote)
        in_article = cover.of_article(int(cover.snapshot.sentence_article[passage.number]))
        for span in offered:
            text = quote[span.start : span.end]
            if slot.kind & NAME and text.lower() in _NOBODY:
                continue
            if slot.kind & NAME and names.is_pronoun(text):
                at = passage.sentence.start + span.start
                if names.antecedent(passage.article.text, at) is None:
                    continue
            start, end = span.start, span.end
            if slot.name == "yes_no":
                start, end, text = 0, len(quote), quote
            distance = None if first is None else abs(passage.number - first)
            evidence = Evidence(span.score, passage.score / best, in_sentence, in_article, distance)
            offset = passage.sentence.start
            confidence = weights()[distance is not None].confidence(evidence)
            candidate = Candidate(
                text,
                passage.article,
                passage.sentence,
                offset + start,
                offset + end,
                confidence,
                evidence,
            )
            found.append((-confidence, place, candidate))
    return [candidate for _, _, candidate in sorted(found, key=lambda one: one[:2])]


def _objection(question: Question, asks: str, found: Candidate) -> Objection | None:
    """Why the sentence of a candidate does not answer the question after all, or None."""
    article, sentence = found.article, found.sentence
    quote = sentence.quote(article.text)
    following = article.text[sentence.end :].lstrip().split("\n")[0]
    if is_denied(asks, question.terms, f"{quote} {following[:300]}"):
        return DENIED

    def ask_sentence(text: str) -> tuple[float, str]:
        spans = span_model().read(_in_words_of(quote, text), [quote], [article.title], top=1)[0]
        return (spans[0].score, quote[spans[0].start : spans[0].end]) if spans else (-99.0, "")

    return REVERSED if is_reversed(asks, quote, ask_sentence) else None


def _event(first: Candidate, slots: list[Slot], found: Found, cover: Coverage) -> Event:
    """The event of *first*, its other slots read from the sentences around it.

    Where they are found, the first value is surer too: half-way to the mean of them all.
    """
    around, number = _around(first, found, cover.snapshot)
    speaking = [one for one in around if cover.holds_relation(one.quote)]
    values: list[Candidate | None] = [first]
    for slot in slots[1:]:
        known = [value.text if value else "someone" for value in values]
        taken = {_plain(value.text) for value in values if value}
        options = read_slot(slot, slot.asks.format(*known), around, cover, first=number)
        if slot.asks_event:
            options += read_slot(slot, slot.asks_event, speaking, cover, first=number)
        fitting = [one for one in options if _plain(one.text) not in taken]
        values.append(max(fitting, key=lambda one: one.confidence, default=None))
    mean = sum(value.confidence for value in values if value) / len(values)
    surer = max(first.confidence, (first.confidence + mean) / 2)
    return Event(replace(first, confidence=surer), tuple(values[1:]), min(mean, surer))


def _unrepeated(events: list[Event]) -> list[Event]:
    """The events without those that share a value, beside the first, with a surer one: the same
    event, told with another first value."""
    kept: list[Event] = []
    told: set[tuple[str, Sentence]] = set()
    for event in events:
        values = {(one.text, one.sentence) for one in event.others if one}
        if values.isdisjoint(told):
            kept.append(event)
        told |= values
    return kept


def _around(lead: Candidate, found: Found, snapshot: Snapshot) -> tuple[list[Passage], int]:
    """The sentences near *lead*'s as passages, in order, and the number of *lead*'s own."""
    scores = {passage.number: passage.score for passage in found.passages}
    first = next(passage.number for passage in found.passages if passage.sentence == lead.sentence)
    own = snapshot.sentences_of(int(snapshot.sentence_article[first]))
    near = range(max(own.start, first - NEIGHBOURS), min(own.stop, first + NEIGHBOURS + 1))
    return [
        Passage(
            number,
            lead.article,
            snapshot.sentence(number, lead.article.id),
            scores.get(number, 0.0),
        )
        for number in near
    ], first


def _distinct(ranked: list[Candidate]) -> list[Candidate]:
    """The surest candidate of each sentence and of each value, at most EVENTS."""
    kept: list[Candidate] = []
    sentences: set[Sentence] = set()
    texts: set[str] = set()
    for candidate in ranked:
        if candidate.sentence not in sentences and _plain(candidate.text) not in texts:
            kept.append(candidate)
        sentences.add(candidate.sentence)
        texts.add(_plain(candidate.text))
    return kept[:EVENTS]


def _reranked(passages: Sequence[Passage], ranked: list[Candidate]) -> tuple[Passage, ...]:
    """The passages in the order of their surest candidates; scored by that confidence."""
    surest: dict[Sentence, float] = {}
    for candidate in ranked:
        surest.setdefault(candidate.sentence, candidate.confidence)
    scored = [replace(one, score=surest.get(one.sentence, 0.0)) for one in passages]
    return tuple(sorted(scored, key=lambda passage: -passage.score))


def _context(passage: Passage, snapshot: Snapshot) -> str:
    """What the model sees beside a sentence: "title | previous sentence"."""
    before = passage.number - 1
    previous = ""
    if (
        before >= 0
        and snapshot.sentence_article[before] == snapshot.sentence_article[passage.number]
    ):
        previous = snapshot.sentence(before, passage.article.id).quote(passage.article.text)
    return " | ".join(part for part in (passage.article.title, previous) if part)


def _in_words_of(quote: str, asks: str) -> str:
    """*asks* with its relation in the words of the sentence: "Who phoned X?" is "Who rang X?" where
    the sentence has rang and not phoned. The model knows few synonyms."""
    written = {term_of(word): word for word in reversed(words_of(quote))}
    for word in words_of(asks):
        term = term_of(word)
        related = related_terms(term) if term and term not in written else frozenset()
        for other, spelled in written.items():
            if other in related:
                return asks.replace(word, spelled)
    return asks


def _respelled(asks: str, found: Found) -> str:
    """*asks* with misspelt words as the passages spell them."""
    for wrong, right in found.respelled.items():
        for word in words_of(asks):
            if term_of(word) == wrong:
                spelled = _as_written(right, found.passages)
                asks = asks.replace(word, spelled or word)
                break
    return asks


def _as_written(term: str, passages: Sequence[Passage]) -> str | None:
    for passage in passages:
        for word in words_of(passage.quote):
            if term_of(word) == term:
                return word
    return None


def _plain(text: str) -> str:
    """*text* for comparing values: folded words, without "the"."""
    return " ".join(terms_of(text)) or text.lower()
