"""The path of one question: read it, search, read the passages, decide."""

import hashlib
import heapq
import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version

from index.answer import DEFAULT_THRESHOLD, Answer, decide
from index.question import Question, parse_question
from index.read import EVENTS, Reading, read
from index.relations import related_terms
from index.search import EVERYWHERE, Found, Passage, Within, search
from index.snapshot import Snapshot
from index.terms import terms_of

DEFAULT_PASSAGES = 10
_STANDS_ALONE = 0.5
"""How sure an event of one snapshot has to be where that of another is objected to."""


def ask(
    snapshot: Snapshot,
    text: str,
    *,
    k: int = DEFAULT_PASSAGES,
    threshold: float = DEFAULT_THRESHOLD,
    within: Within = EVERYWHERE,
) -> Answer:
    """What the articles of *snapshot* say to the question *text*.

    *k* passages are found, and the best of them read. An answer less certain than *threshold* (0 to 1) is "not
    found"; 0 always gives the best candidate. Raises UnusableInput where *text* is no question.
    """
    return ask_all((snapshot,), text, k=k, threshold=threshold, within=within)


def ask_all(
    snapshots: Sequence[Snapshot],
    text: str,
    *,
    k: int = DEFAULT_PASSAGES,
    threshold: float = DEFAULT_THRESHOLD,
    within: Within = EVERYWHERE,
) -> Answer:
    """What the articles of several snapshots say together, as ``ask`` says it of one.

    Each is searched and read by itself; what was read is merged by confidence, the earlier
    snapshot first where that is equal.
    """
    question = parse_question(text)
    found = _searched(snapshots, question, k, within)
    readings = [read(question, *pair) for pair in zip(found, snapshots, strict=True)]
    return decide(question, _all_found(found, k), _all_read(readings, k), threshold)


@dataclass(frozen=True, slots=True)
class Sources:
    """The sentences that speak of a claim, the best first, and else the nearest ones."""

    claim: Question
    speaking: tuple[Passage, ...]
    nearest: tuple[Passage, ...]


def sources_of(snapshots: Sequence[Snapshot], claim: str, *, k: int = DEFAULT_PASSAGES) -> Sources:
    """The sentences of several snapshots that hold at least half of the terms of *claim*, or words
    related to them; whether they bear it out is for a person to say.

    Raises UnusableInput where *claim* holds no words or is longer than a question.
    """
    question = parse_question(claim)
    found = _all_found(_searched(snapshots, question, k, EVERYWHERE), k)
    wanted = [
        {term, *related_terms(term)}
        for term in (found.respelled.get(one, one) for one in question.terms)
    ]

    def speaks(passage: Passage) -> bool:
        held = set(terms_of(passage.quote))
        shared = sum(not held.isdisjoint(terms) for terms in wanted)
        return 2 * shared >= len(wanted)

    speaking = tuple(filter(speaks, found.passages))
    return Sources(question, speaking, tuple(one for one in found.passages if one not in speaking))


def _searched(
    snapshots: Sequence[Snapshot], question: Question, k: int, within: Within
) -> list[Found]:
    """What each snapshot holds for a question; a word that one of them knows is spelled right."""
    known = frozenset(
        term
        for term in question.terms
        if len(snapshots) > 1 and any(one.holds(term) for one in snapshots)
    )
    return [
        search(
            snapshot,
            question.terms,
            k,
            relation=question.relation,
            kind=question.kind,
            within=within,
            known=known,
        )
        for snapshot in snapshots
    ]


def _all_found(found: Sequence[Found], k: int) -> Found:
    """What several searches found, as one; a term is unknown where all of them lack it."""
    passages = heapq.merge(*(one.passages for one in found), key=lambda one: -one.score)
    respelled: dict[str, str] = {}
    for one in reversed(found):
        respelled |= one.respelled
    unknown = frozenset.intersection(*(one.unknown for one in found))
    return Found(tuple(passages)[:k], unknown, respelled)


def _all_read(readings: Sequence[Reading], k: int) -> Reading:
    """What was read in several snapshots, as one.

    What speaks against the surest event of one of them does not speak against what another tells.
    """
    sure = [
        one
        for one in readings
        if not one.objection and one.events and one.events[0].confidence >= _STANDS_ALONE
    ]
    first = sure or readings
    events = heapq.merge(*(one.events for one in first), key=lambda event: -event.confidence)
    kept = tuple(events)[:EVENTS]
    objection = next((one.objection for one in first if kept and kept[0] in one.events), None)
    passages = heapq.merge(*(one.passages for one in readings), key=lambda one: -one.score)
    return Reading(kept, tuple(passages)[:k], objection)


def answer_id(snapshot: Snapshot, text: str, *, k: int, threshold: float, within: Within) -> str:
    """An id that the same question, snapshot, settings and program version always give."""
    asked = [
        snapshot.name,
        text,
        k,
        threshold,
        sorted(within.articles) if within.articles is not None else None,
        within.since,
        within.until,
        version("byline"),
    ]
    return hashlib.sha256(json.dumps(asked).encode()).hexdigest()[:16]
