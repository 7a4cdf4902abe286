"""Reading: what the passages say to each slot of a question, and how surely.

A question with one slot is put to every passage. Of a question with several the first slot is; each
of its values, from another sentence, begins an event, and the other slots of that event are read
from the sentences around, the values found so far put into their questions.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from index.candidates import SURE, Candidate, ask_sentence, candidates, candidates_around
from index.confidence import Coverage
from index.kinds import DATE, NAME
from index.names import same_person
from index.premises import DENIED, REVERSED, Objection, is_denied, is_reversed
from index.question import Question, Slot
from index.search import Found, Passage, in_found_spelling
from index.sentences import Sentence
from index.snapshot import Snapshot
from index.terms import terms_of

READ = 7
"""How many of the best passages are read. Reading ten took 40 % more time and found the right words
for 72.2 instead of 71.5 in 100 of 281 questions on Wikipedia."""
EVENTS = 3
"""How many events a question is read for."""
NEIGHBOURS = 6
"""How many sentences before and after an event's own are read for its other slots."""
_TELLS_OF_EVENT = 0.6
"""The share of a question's terms that a sentence has to hold, for a date around it to be the
event's."""
_STANDS_ALONE = 0.5  # how sure the second candidate has to be where the first is objected to
_TOLD_THERE = 6.0  # who does it is mostly named in the sentence that says that it is done
_NO_MARGIN = -12.0  # a missing value counts as one that the model is sure against
_HAPPENED = re.compile(
    r"\b(?:date|dated|took place|happened|occurred|(?:[Ii]t|[Tt]hat|[Tt]his) was)\b"
)


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
    """The events that the passages tell of, the likeliest first, and the passages, ranked anew.

    ``objection`` says why the surest is none (index.premises): the first passage has it the other
    way round, or denies it.
    """

    events: tuple[Event, ...]
    passages: tuple[Passage, ...]
    objection: Objection | None = None


def read(question: Question, found: Found, snapshot: Snapshot) -> Reading:
    """What the passages say to each slot of the question."""
    if not found.passages:
        return Reading((), ())
    slots = [replace(slot, asks=in_found_spelling(slot.asks, found)) for slot in question.slots]
    cover = Coverage(snapshot, question, found)
    if len(slots) == 1:
        return _read_one(question, slots[0], found.passages, snapshot, cover)
    return _read_several(slots, found.passages, snapshot, cover)


def _read_one(
    question: Question,
    slot: Slot,
    passages: Sequence[Passage],
    snapshot: Snapshot,
    cover: Coverage,
) -> Reading:
    """The values of the only slot, each an event, and what speaks against the surest."""
    asks = slot.asks.format()
    best = passages[:READ]
    ranked = candidates(slot, asks, best, snapshot, cover)
    ahead = _reranked(passages, ranked)
    if slot.kind == DATE:
        ranked = _with_told_around(ranked, slot, best, snapshot, cover)
    firsts = _distinct(ranked)
    objection = _objection(question, asks, firsts[0], best[0]) if firsts else None
    if objection and len(firsts) > 1 and firsts[1].confidence >= _STANDS_ALONE:
        # One sentence says that it did not happen, or turned round; another tells it.
        firsts = firsts[1:]
        objection = _objection(question, asks, firsts[0], best[0])
    events = tuple(Event(one, (), one.confidence) for one in firsts)
    if objection is None:
        return Reading(events, ahead)
    why, sentence = objection
    ahead = tuple(sorted(ahead, key=lambda passage: passage.sentence != sentence))
    return Reading(events, ahead, why)


def _read_several(
    slots: list[Slot], passages: Sequence[Passage], snapshot: Snapshot, cover: Coverage
) -> Reading:
    """The events that have a value of the first slot, each with those of the others."""
    # Often only a relation is asked about, and any of the passages may tell of the surest event.
    first = slots[0]
    ranked = candidates(first, first.asks.format(), passages, snapshot, cover)
    ahead = _reranked(passages, ranked)
    speaking = [one for one in passages if cover.holds_relation(one.quote)]
    numbers = {one.number for one in speaking}
    ranked = [one for one in ranked if one.number in numbers]
    firsts = _distinct(_with_told_around(ranked, first, speaking, snapshot, cover))
    likely = [
        one
        for one in firsts
        if one.confidence >= firsts[0].confidence / 2 or _is_told_there(one, cover)
    ]
    events = [_event(one, slots, snapshot, cover) for one in likely]
    events.sort(key=lambda event: -_likelihood(event, cover))
    return Reading(tuple(_unrepeated(events)), ahead)


def _with_told_around(
    ranked: list[Candidate],
    slot: Slot,
    passages: Sequence[Passage],
    snapshot: Snapshot,
    cover: Coverage,
) -> list[Candidate]:
    """*ranked* and the slot's values in the sentences around the best passage, surest first."""
    around = []
    if passages and not _sure(ranked):
        around = _told_around(slot, passages[0], snapshot, cover)
    found = [one for one in [*ranked, *around] if not cover.is_relation(one.text)]
    return sorted(found, key=lambda one: -one.confidence)


def _told_around(
    slot: Slot, event: Passage, snapshot: Snapshot, cover: Coverage
) -> list[Candidate]:
    """Values of a slot in the sentences around the best passage, where that tells of the event."""
    share = cover.of_text(event.quote)
    if share < _TELLS_OF_EVENT:
        return []
    around = _around(event, snapshot)
    found = candidates_around(slot, slot.asks.format(), around, event, snapshot)
    if not _sure(found):
        found += _asked_of_event(slot, around, event, snapshot, cover)
    return [replace(one, confidence=one.confidence * share) for one in found]


def _asked_of_event(
    slot: Slot, around: list[Passage], event: Passage, snapshot: Snapshot, cover: Coverage
) -> list[Candidate]:
    """Values of a slot asked of the event as a noun: "When was the call?".

    Any date answers that; only one in a sentence that speaks of such an event, or says of
    something that it happened, counts.
    """
    if slot.asks_event is None:
        return []
    if not slot.kind & NAME:
        around = [
            one for one in around if cover.holds_relation(one.quote) or _HAPPENED.search(one.quote)
        ]
    return candidates_around(slot, slot.asks_event, around, event, snapshot)


def _event(first: Candidate, slots: list[Slot], snapshot: Snapshot, cover: Coverage) -> Event:
    """The event of *first*, its other slots read from the sentences around it.

    Where they are found, the first value is surer too: half-way to the mean of them all.
    """
    event = Passage(first.number, first.article, first.sentence, 0.0)
    around = _around(event, snapshot)
    values: list[Candidate | None] = [first]
    for slot in slots[1:]:
        known = [value.text if value else "someone" for value in values]
        options = candidates_around(slot, slot.asks.format(*known), around, event, snapshot)
        if not _sure(options):
            options += _asked_of_event(slot, around, event, snapshot, cover)
        taken = [value for value in values if value]
        fitting = [one for one in options if not any(_same(one, value) for value in taken)]
        values.append(max(fitting, key=lambda one: one.confidence, default=None))
    mean = sum(value.confidence for value in values if value) / len(values)
    surer = max(first.confidence, (first.confidence + mean) / 2)
    return Event(replace(first, confidence=surer), tuple(values[1:]), min(mean, surer))


def _sure(found: list[Candidate]) -> bool:
    """Whether a value is so likely that asking further is not worth the time."""
    return any(one.confidence >= SURE for one in found)


def _same(one: Candidate, other: Candidate) -> bool:
    """Whether two values are one person or thing, which cannot fill two slots of one event."""
    if one.start < other.end and other.start < one.end and one.article.id == other.article.id:
        return True
    return _plain(one.text) == _plain(other.text) or same_person(one.text, other.text)


def _objection(
    question: Question, asks: str, found: Candidate, best: Passage
) -> tuple[Objection, Sentence] | None:
    """Why the sentence of a candidate, or that of the *best* passage, says that there is no answer to
    the question, and which of them says so; or None."""
    text, sentence = found.article.text, found.sentence
    following = text[sentence.end :].lstrip().split("\n")[0][:300]
    told = f"{sentence.quote(text)} {following}"
    if found.evidence.distance is not None:
        told = f"{best.quote} {told}"
    if is_denied(asks, question.terms, told):
        return DENIED, sentence if found.evidence.distance is None else best.sentence
    for passage in dict.fromkeys((sentence, best.sentence)):
        article = found.article if passage == sentence else best.article
        quote = passage.quote(article.text)
        if is_reversed(asks, quote, partial(ask_sentence, quote=quote, title=article.title)):
            return REVERSED, passage
    return None


def _likelihood(event: Event, cover: Coverage) -> float:
    """The sum of the margins, and more where the first value stands in a sentence that speaks of the
    relation itself: what tells apart who did it to whom, where both are sure."""
    margins = [one.evidence.margin if one else _NO_MARGIN for one in event.values]
    told = _TOLD_THERE * _is_told_there(event.first, cover)
    return told + sum(max(_NO_MARGIN, min(margin, -_NO_MARGIN)) for margin in margins)


def _is_told_there(first: Candidate, cover: Coverage) -> bool:
    """Whether the sentence of a first value speaks of the relation itself."""
    return cover.holds_relation(first.sentence.quote(first.article.text))


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
    own = snapshot.sentences_of(snapshot.article_of(event.number))
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
    """The passages in the order of their surest candidates, scored by that confidence; those that
    were not read come last."""
    surest: dict[int, float] = {}
    for candidate in ranked:
        surest.setdefault(candidate.number, candidate.confidence)
    scored = [replace(one, score=surest.get(one.number, 0.0)) for one in passages]
    return tuple(sorted(scored, key=lambda passage: -passage.score))


def _plain(text: str) -> str:
    """*text* for comparing values: folded words, without "the"."""
    return " ".join(terms_of(text)) or text.lower()
