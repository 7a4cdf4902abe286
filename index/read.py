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

from index.article import Article
from index.bm25 import positive_idf
from index.kinds import NAME
from index.question import Question, Slot
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

_PRONOUNS = frozenset(
    """he her hers him himself his i it its me my our she someone somebody something that their
    them themselves these they this those us we who whom you""".split()
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A possible value of a slot: ``article.text[start:end]``, which is ``text``, in ``sentence``.

    ``confidence`` is the probability that it is right.
    """

    text: str
    article: Article
    sentence: Sentence
    start: int
    end: int
    confidence: float


@dataclass(frozen=True, slots=True)
class Event:
    """One value for each slot, in the question's order (None where nothing fits), all told of one
    thing that happened; ``confidence`` is that of its first value."""

    values: tuple[Candidate | None, ...]
    confidence: float


@dataclass(frozen=True, slots=True)
class Reading:
    """The events that the passages tell of, the surest first, and the passages, ranked anew."""

    events: tuple[Event, ...]
    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class Weights:
    """The logistic regression that turns what is known of a span into its confidence."""

    intercept: float
    margin: float
    score: float
    in_sentence: float
    in_article: float
    distance: float

    def confidence(self, evidence: "Evidence") -> float:
        """The probability (0 to 1) that the span is right."""
        logit = (
            self.intercept
            + self.margin * evidence.margin
            + self.score * evidence.score
            + self.in_sentence * evidence.in_sentence
            + self.in_article * evidence.in_article
            + self.distance * evidence.distance
        )
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, logit))))


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of a span.

    ``margin`` is the model's, over "not answered here"; ``score`` the sentence's BM25 score as a
    share of the best one's; ``in_sentence`` and ``in_article`` the shares (0 to 1, by idf) of the
    question's terms found there; ``distance`` how many sentences it is from the event's first one.
    """

    margin: float
    score: float
    in_sentence: float
    in_article: float
    distance: int = 0


def read(question: Question, found: Found, snapshot: Snapshot) -> Reading:
    """What the passages say to each slot of the question."""
    if not found.passages:
        return Reading((), ())
    slots = [replace(slot, asks=_respelled(slot.asks, found)) for slot in question.slots]
    cover = _Coverage(snapshot, question.terms, found)
    ranked = _read_slot(slots[0], slots[0].asks.format(), found.passages, snapshot, cover)
    passages = _reranked(found.passages, ranked)
    if len(slots) == 1:
        events = _distinct([Event((one,), one.confidence) for one in ranked])
    else:
        firsts = _distinct([Event((one,), one.confidence) for one in ranked])
        events = [_followed(event, slots, found, snapshot, cover) for event in firsts]
    return Reading(tuple(events), passages)


@cache
def weights() -> Weights:
    """The fitted weights that ship with the model."""
    return Weights(**json.loads((SHIPPED / "confidence.json").read_text(encoding="utf-8")))


@cache
def span_model() -> SpanModel:
    """The shipped model, opened once."""
    return SpanModel.open()


class _Coverage:
    """How much of a question's terms, by idf, a text holds."""

    def __init__(self, snapshot: Snapshot, terms: Sequence[str], found: Found) -> None:
        sentences = snapshot.counts.sentences
        self._terms: list[tuple[str, float]] = []
        for term in terms:
            known = found.respelled.get(term, term)
            self._terms.append((known, positive_idf(sentences, snapshot.sentences_holding(known))))
        self._all = sum(idf for _, idf in self._terms) or 1.0
        self._snapshot = snapshot
        self._of_article: dict[int, float] = {}

    def of_text(self, text: str) -> float:
        held = set(terms_of(text))
        return sum(idf for term, idf in self._terms if term in held) / self._all

    def of_article(self, number: int) -> float:
        if number not in self._of_article:
            held = 0.0
            for term, idf in self._terms:
                if self._snapshot.article_holds(number, term):
                    held += idf
            self._of_article[number] = held / self._all
        return self._of_article[number]


def _read_slot(
    slot: Slot,
    asks: str,
    passages: Sequence[Passage],
    snapshot: Snapshot,
    cover: _Coverage,
    first: int | None = None,
) -> list[Candidate]:
    """The values of one slot in the passages, the surest first; *first* is the number of the
    sentence that distance is counted from."""
    contexts = [_context(passage, snapshot) for passage in passages]
    quotes = [passage.quote for passage in passages]
    spans = span_model().read(asks, quotes, contexts, top=_SPANS)
    best = max(passage.score for passage in passages) or 1.0
    found: list[tuple[float, int, Candidate]] = []
    for place, (passage, quote, offered) in enumerate(zip(passages, quotes, spans, strict=True)):
        in_sentence = cover.of_text(quote)
        in_article = cover.of_article(int(snapshot.sentence_article[passage.number]))
        for span in offered:
            text = quote[span.start : span.end]
            if slot.kind & NAME and text.lower() in _PRONOUNS:
                continue
            start, end = span.start, span.end
            if slot.name == "yes_no":
                start, end, text = 0, len(quote), quote
            distance = 0 if first is None else abs(passage.number - first)
            evidence = Evidence(span.score, passage.score / best, in_sentence, in_article, distance)
            offset = passage.sentence.start
            confidence = weights().confidence(evidence)
            candidate = Candidate(
                text,
                passage.article,
                passage.sentence,
                offset + start,
                offset + end,
                confidence,
            )
            found.append((-confidence, place, candidate))
    return [candidate for _, _, candidate in sorted(found, key=lambda one: one[:2])]


def _followed(
    event: Event, slots: list[Slot], found: Found, snapshot: Snapshot, cover: _Coverage
) -> Event:
    """The event with its other slots read from the sentences around its first value."""
    lead = event.values[0]
    assert lead is not None  # noqa: S101  # an event begins with its first value
    around, first = _around(lead, found, snapshot)
    values: list[Candidate | None] = [lead]
    for slot in slots[1:]:
        known = [value.text if value else "someone" for value in values]
        asks = slot.asks.format(*known, *[""] * len(slots))
        taken = {_plain(value.text) for value in values if value}
        options = _read_slot(slot, asks, around, snapshot, cover, first)
        fitting = [one for one in options if _plain(one.text) not in taken]
        values.append(fitting[0] if fitting else None)
    return Event(tuple(values), lead.confidence)


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


def _distinct(events: list[Event]) -> list[Event]:
    """The surest event of each sentence and of each value, at most EVENTS."""
    kept: list[Event] = []
    sentences: set[Sentence] = set()
    texts: set[str] = set()
    for event in events:
        value = event.values[0]
        if value is None or value.sentence in sentences or _plain(value.text) in texts:
            continue
        sentences.add(value.sentence)
        texts.add(_plain(value.text))
        kept.append(event)
        if len(kept) == EVENTS:
            break
    return kept


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
