"""Candidates: the spans of some sentences that may be a slot's value, as the model reads them."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from index import names
from index.article import Article
from index.confidence import Coverage, Evidence, confidence
from index.kinds import DATE, NAME
from index.question import Slot
from index.relations import related_terms
from index.search import Passage
from index.sentences import Sentence
from index.snapshot import Snapshot
from index.span_model import Span, SpanModel
from index.terms import term_of, words_of

_SPANS = 2  # a sentence's second-best span is seldom the answer, its third never worth the time
SURE = 0.85
"""How likely a value is that asking further would be a waste of time."""
_NEAR = 4  # sentences from the event's own in which those who take part are named
_NEXT = 3  # and in which the place, the reason or the thing is said
_NOBODY = frozenset(
    """i it its me my our someone somebody something that their them themselves these they this those
    us we who whom you""".split()
)
_POINTS_BACK = re.compile(
    r"\b(?:he|she|it|they|him|her|them|his|hers|its|their|theirs|this|these|those|such|there|former"
    r"|latter)\b",
    re.IGNORECASE,
)
# A stretch with one of these is a clause, not somebody's name.
_CLAUSE = frozenset("he she they it i we you was were is are had has did".split())


@dataclass(frozen=True, slots=True)
class Candidate:
    """A possible value of a slot: ``article.text[start:end]``, which is ``text``, in ``sentence``.

    ``number`` is the sentence's in the snapshot, ``confidence`` the probability that the value is
    right, ``evidence`` what that was judged by.
    """

    text: str
    article: Article
    number: int
    sentence: Sentence
    start: int
    end: int
    confidence: float
    evidence: Evidence


@cache
def span_model() -> SpanModel:
    """The shipped model, opened once."""
    return SpanModel.open()


def candidates(
    slot: Slot, asks: str, passages: Iterable[Passage], snapshot: Snapshot, cover: Coverage
) -> list[Candidate]:
    """The values of one slot in passages found for the question *asks*, the surest first."""
    passages = list(passages)
    best = max((passage.score for passage in passages), default=0.0) or 1.0
    found = []
    for passage in passages:
        in_sentence = cover.of_text(passage.quote)
        in_article = cover.of_article(snapshot.article_of(passage.number))
        for span in _spans(slot, asks, passage, _before(passage, snapshot)):
            evidence = Evidence(span.score, passage.score / best, in_sentence, in_article)
            found.append(_candidate(passage, span, evidence))
    return _surest_first(found)


def candidates_around(
    slot: Slot, asks: str, passages: Iterable[Passage], event: Passage, snapshot: Snapshot
) -> list[Candidate]:
    """The values of one slot in sentences around the one that tells of the *event*, surest first.

    The model sees the event's sentence beside each of them. Where the slot wants a certain kind of
    thing, only the event's own sentence and others that hold such a thing are worth the model's
    time, for anything but a date only near ones, and none beyond a value that is sure.
    """
    found: list[Candidate] = []
    reached = 0
    for passage in sorted(passages, key=lambda one: abs(one.number - event.number)):
        distance = abs(passage.number - event.number)
        if distance > reached and any(one.confidence >= SURE for one in found):
            break
        reached = distance
        if not slot.kind & DATE and distance > (_NEAR if slot.kind & NAME else _NEXT):
            break
        if distance and slot.kind and not snapshot.kinds_of(passage.number) & slot.kind:
            continue
        beside = event.quote if distance else _before(passage, snapshot)
        for span in _spans(slot, asks, passage, beside):
            value = passage.quote[span.start : span.end]
            named = bool(slot.kind & NAME) and any(c.isupper() for c in value[1:])
            found.append(_candidate(passage, span, Evidence(span.score, 0, 0, 0, distance, named)))
    return _surest_first(found)


def _spans(slot: Slot, asks: str, passage: Passage, beside: str) -> list[Span]:
    """What the model offers in one passage, without what can be nobody's name."""
    quote = passage.quote
    context = " | ".join(part for part in (passage.article.title, beside) if part)
    offered = span_model().read(_in_words_of(quote, asks), [quote], [context], top=_SPANS)[0]
    if slot.name == "yes_no":  # the whole sentence bears on it
        return [Span(0, len(quote), span.score, span.null) for span in offered[:1]]
    if slot.kind & DATE:
        return [one for one in offered if quote[one.start : one.end].lower() != "never"]
    if not slot.kind & NAME:
        return offered
    return [span for span in offered if _may_be_somebody(passage, span)]


def _may_be_somebody(passage: Passage, span: Span) -> bool:
    """Whether a span names somebody, or is a pronoun that can mean only one."""
    text = passage.quote[span.start : span.end]
    if names.is_pronoun(text):
        at = passage.sentence.start + span.start
        return names.antecedent(passage.article.text, at) is not None
    words = {word.lower() for word in words_of(text)}
    return text.lower() not in _NOBODY and words.isdisjoint(_CLAUSE)


def _candidate(passage: Passage, span: Span, evidence: Evidence) -> Candidate:
    offset = passage.sentence.start
    return Candidate(
        passage.quote[span.start : span.end],
        passage.article,
        passage.number,
        passage.sentence,
        offset + span.start,
        offset + span.end,
        confidence(evidence),
        evidence,
    )


def _surest_first(found: Sequence[Candidate]) -> list[Candidate]:
    # The sort is stable: equal ones stay in the order of the passages.
    return sorted(found, key=lambda one: -one.confidence)


def _before(passage: Passage, snapshot: Snapshot) -> str:
    """The sentence before a passage that points back to it with its first words, or "".

    Shown beside every passage it costs a third of the time and finds no more.
    """
    if not _POINTS_BACK.search(" ".join(passage.quote.split(maxsplit=8)[:8])):
        return ""
    number = passage.number - 1
    if number not in snapshot.sentences_of(snapshot.article_of(passage.number)):
        return ""
    return snapshot.sentence(number, passage.article.id).quote(passage.article.text)


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


def ask_sentence(asks: str, quote: str, title: str) -> tuple[float, str]:
    """The margin and the words of the best span for *asks* in a sentence."""
    spans = span_model().read(_in_words_of(quote, asks), [quote], [title], top=1)[0]
    return (spans[0].score, quote[spans[0].start : spans[0].end]) if spans else (-99.0, "")
