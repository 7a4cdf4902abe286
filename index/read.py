"""Reading: what the passages say to each slot of a question, and how surely.

A question with one slot is put to every passage. Of a question with several the first slot is; each
of its values, from another sentence, begins an event, and the other slots of that event are read
from the sentences around, the values found so far put into their questions.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from index.candidates import Candidate, ask_sentence, candidates, candidates_around
from index.confidence import Coverage
from index.kinds import DATE
from index.premises import DENIED, REVERSED, Objection, is_denied, is_reversed
from index.question import Question, Slot
from index.search import Found, Passage
from index.sentences import Sentence
from index.snapshot import Snapshot
from index.terms import term_of, terms_of, words_of

EVENTS = 3
"""How many events a question is read for."""
NEIGHBOURS = 4
"""How many sentences before and after an event's own are read for its other slots."""
_TELLS_OF_EVENT = 0.6
"""The share of a question's terms that a sentence has to hold, for a date around it to be the
event's."""


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


def read(question: Question, found: Found, snapshot: Snapshot) -> Reading:
    """What the passages say to each slot of the question."""
    if not found.passages:
        return Reading((), ())
    slots = [replace(slot, asks=_respelled(slot.asks, found)) for slot in question.slots]
    first = slots[0]
    cover = Coverage(snapshot, question, found)
    ranked = candidates(first, first.asks.format(), found.passages, snapshot, cover)
    passages = _reranked(found.passages, ranked)
    if first.kind == DATE or (first.name == "where" and len(slots) > 1):
        ranked = sorted(
            [*ranked, *_told_around(first, found.passages[0], snapshot, cover)],
            key=lambda one: -one.confidence,
        )
    firsts = _distinct(ranked)
    if len(slots) == 1:
        events = [Event(one, (), one.confidence) for one in firsts]
        objection = _objection(question, first.asks.format(), firsts[0]) if firsts else None
        return Reading(tuple(events), passages, objection)
    told = [_event(one, slots, snapshot, cover) for one in firsts]
    events = _unrepeated(sorted(told, key=lambda event: -event.confidence))
    return Reading(tuple(events), passages)


def _told_around(
    slot: Slot, event: Passage, snapshot: Snapshot, cover: Coverage
) -> list[Candidate]:
    """Values of a slot in the sentences around the best passage, where that tells of the event."""
    share = cover.of_text(event.quote)
    if share < _TELLS_OF_EVENT:
        return []
    around = [one for one in _around(event, snapshot) if one.number != event.number]
    found = candidates_around(slot, slot.asks.format(), around, event, snapshot)
    if slot.asks_event:
        speaking = [one for one in around if cover.holds_relation(one.quote)]
        found += candidates_around(slot, slot.asks_event, speaking, event, snapshot)
    return [replace(one, confidence=one.confidence * share) for one in found]


def _event(first: Candidate, slots: list[Slot], snapshot: Snapshot, cover: Coverage) -> Event:
    """The event of *first*, its other slots read from the sentences around it.

    Where they are found, the first value is surer too: half-way to the mean of them all.
    """
    event = Passage(first.number, first.article, first.sentence, 0.0)
    around = _around(event, snapshot)
    speaking = [one for one in around if cover.holds_relation(one.quote)]
    values: list[Candidate | None] = [first]
    for slot in slots[1:]:
        known = [value.text if value else "someone" for value in values]
        taken = {_plain(value.text) for value in values if value}
        options = candidates_around(slot, slot.asks.format(*known), around, event, snapshot)
        if slot.asks_event:
            options += candidates_around(slot, slot.asks_event, speaking, event, snapshot)
        fitting = [one for one in options if _plain(one.text) not in taken]
        values.append(max(fitting, key=lambda one: one.confidence, default=None))
    mean = sum(value.confidence for value in values if value) / len(values)
    surer = max(first.confidence, (first.confidence + mean) / 2)
    return Event(replace(first, confidence=surer), tuple(values[1:]), min(mean, surer))


def _objection(question: Question, asks: str, found: Candidate) -> Objection | None:
    """Why the sentence of a candidate does not answer the question after all, or None."""
    text, sentence = found.article.text, found.sentence
    following = text[sentence.end :].lstrip().split("\n")[0][:300]
    if is_denied(asks, question.terms, f"{sentence.quote(text)} {following}"):
        return DENIED
    turned = is_reversed(asks, sentence.quote(text), lambda one: ask_sentence(one, found))
    return REVERSED if turned else None


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


def _around(event: Passage, snapshot: Snapshot) -> list[Passage]:
    """The sentences near an event's own, and that itself, in order."""
    own = snapshot.sentences_of(int(snapshot.sentence_article[event.number]))
    near = range(
        max(own.start, event.number - NEIGHBOURS), min(own.stop, event.number + NEIGHBOURS + 1)
    )
    return [
        Passage(number, event.article, snapshot.sentence(number, event.article.id), 0.0)
        for number in near
    ]


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
    surest: dict[int, float] = {}
    for candidate in ranked:
        surest.setdefault(candidate.number, candidate.confidence)
    scored = [replace(one, score=surest.get(one.number, 0.0)) for one in passages]
    return tuple(sorted(scored, key=lambda passage: -passage.score))


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
