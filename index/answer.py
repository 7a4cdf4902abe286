"""An answer: findings with citations and a status, decided from what was read."""

from dataclasses import dataclass
from typing import Literal

from index import names
from index.agreement import same_value
from index.article import Article, one_line
from index.candidates import Candidate
from index.dates import When, when
from index.kinds import DATE, NAME
from index.premises import DENIED, REVERSED
from index.question import Question, Slot
from index.read import Event, Reading
from index.relations import related_terms, speaks_of
from index.search import Found, Passage, respelled_words
from index.sentences import Sentence
from index.speakers import speaker_of
from index.terms import term_of, terms_of, words_of

_OBJECTIONS = {
    REVERSED: "They have it the other way round.",
    DENIED: "They say that it did not happen.",
}

Status = Literal["answered", "partly", "not_found"]

DEFAULT_THRESHOLD = 0.4
"""Where most questions are dealt with rightly, half of them being answered by the collection
(``training/fit_confidence.py``)."""
ALSO_SAID = 0.5
"""How sure a second value has to be, to be shown beside the first."""
ALSO_HAPPENED = 0.65
"""How sure a second event has to be: what ``in_words`` calls likely right. Several values belong to
it, and one of them wrong makes it another event."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A slot's value: ``article.text[start:end]`` is ``text`` and lies in ``sentence``, which has
    this ``number`` in the snapshot.

    ``confidence`` is the probability that it is right, ``citation`` the number in brackets that
    its sentence is cited by, ``event`` the number of the event it belongs to, the best being 1.
    ``name`` is the fullest form that the article has of a person (whom a pronoun means, too),
    ``when`` what a date means, ``speaker`` who says so where the article itself does not; each is
    None where there is nothing to add.
    """

    slot: str
    text: str
    article: Article
    number: int
    sentence: Sentence
    start: int
    end: int
    confidence: float
    citation: int
    event: int
    name: str | None = None
    when: When | None = None
    speaker: str | None = None

    @property
    def quote(self) -> str:
        """The whole sentence as it stands in the article."""
        return self.sentence.quote(self.article.text)

    @property
    def added(self) -> tuple[str, ...]:
        """What stands in brackets behind the value: the full name, the date meant, who says so."""
        parts = [self.name] if self.name else []
        if self.when and self.when.value and self.when.rule != "stated":
            parts.append(self.when.value)
        if self.speaker:
            parts.append(f"according to {one_line(self.speaker)}")
        return tuple(parts)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the articles say to a question.

    ``text`` is the value of a single slot, verbatim, or one plain sentence for several; None where
    nothing was found, and then ``reason`` says why. ``confidence`` is the probability that the
    best candidate is right, whether or not it was good enough to be shown. ``missing`` are the
    slots that the articles do not state. ``respelled`` holds words that were looked
    up as others, and those.
    """

    question: Question
    status: Status
    reason: str | None
    text: str | None
    confidence: float
    findings: tuple[Finding, ...]
    passages: tuple[Passage, ...]
    missing: tuple[str, ...] = ()
    respelled: tuple[tuple[str, str], ...] = ()


def decide(question: Question, found: Found, reading: Reading, threshold: float) -> Answer:
    """The answer where the reading is good enough: confidence at least *threshold* (0 to 1)."""
    events = [event for event in reading.events if event.confidence >= threshold]
    if len(question.slots) == 1:
        events = events[:1] + _also_said(question.slots[0], events)
    elif threshold > 0:
        events = events[:1] + [one for one in events[1:] if one.confidence >= ALSO_HAPPENED]
    best = reading.events[0].confidence if reading.events else 0.0
    if threshold > 0 and reading.objection:
        events = []
    respelled = respelled_words(question.text, found)
    if not events:
        reason = _why_not(question, found, reading, best, threshold)
        return Answer(
            question, "not_found", reason, None, best, (), reading.passages, respelled=respelled
        )
    citations: dict[Sentence, int] = {}
    findings = []
    for number, event in enumerate(events, 1):
        for slot, value in zip(question.slots, _sure(event, threshold), strict=True):
            if value is not None:
                cited = citations.setdefault(value.sentence, len(citations) + 1)
                findings.append(_finding(slot, value, cited, number))
    values = _sure(events[0], threshold)
    missing = tuple(
        slot.name for slot, value in zip(question.slots, values, strict=True) if value is None
    )
    return Answer(
        question,
        "partly" if missing else "answered",
        _not_stated(missing) if missing else None,
        _in_words(question, values),
        best,
        tuple(findings),
        _with_cited(findings, reading.passages),
        missing,
        respelled,
    )


def _also_said(slot: Slot, events: list[Event]) -> list[Event]:
    """Other values of a single slot: likely themselves, from other articles, and not the same."""
    shown = events[:1]
    for event in events[1:]:
        value = event.first
        if value.confidence >= ALSO_SAID and not any(
            value.article.id == one.first.article.id or same_value(slot, one.first, value)
            for one in shown
        ):
            shown.append(event)
    return shown[1:]


def _with_cited(findings: list[Finding], passages: tuple[Passage, ...]) -> tuple[Passage, ...]:
    """The passages with the cited sentences in front; as many as before, where these are fewer."""
    by_sentence = {passage.sentence: passage for passage in passages}
    cited = {
        finding.sentence: by_sentence.get(
            finding.sentence,
            Passage(finding.number, finding.article, finding.sentence, finding.confidence),
        )
        for finding in sorted(findings, key=lambda one: one.citation)
    }
    others = [passage for passage in passages if passage.sentence not in cited]
    return (*cited.values(), *others)[: max(len(passages), len(cited))]


def _sure(event: Event, threshold: float) -> list[Candidate | None]:
    """The event's values, without those that are less certain than *threshold*."""
    return [
        value if value is not None and value.confidence >= threshold else None
        for value in event.values
    ]


def _finding(slot: Slot, value: Candidate, citation: int, event: int) -> Finding:
    """The value as a finding, with what its article adds to its words."""
    text, sentence = value.article.text, value.sentence
    name = None
    if slot.kind & NAME:
        is_pronoun = names.is_pronoun(value.text)
        name = (
            names.antecedent(text, value.start)
            if is_pronoun
            else names.fullest_name(text, value.text)
        )
    return Finding(
        slot.name,
        value.text,
        value.article,
        value.number,
        sentence,
        value.start,
        value.end,
        value.confidence,
        citation,
        event,
        name,
        when(value.text, text[: value.start], value.article.date) if slot.kind & DATE else None,
        _speaker(text, sentence, value),
    )


def _speaker(text: str, sentence: Sentence, value: Candidate) -> str | None:
    """Who says what the value stands in, by name where a pronoun can mean only one."""
    found = speaker_of(text, (sentence.start, sentence.end), (value.start, value.end))
    if found is None or not names.is_pronoun(found):
        return found
    place = text.find(found, sentence.start)
    return (names.antecedent(text, place) if place >= 0 else None) or found.lower()


def _in_words(question: Question, values: list[Candidate | None]) -> str:
    """The value of the one slot, or one plain sentence that holds them all."""
    shown = [value.text if value else "not stated" for value in values]
    if len(values) == 1:
        return shown[0]
    parts = []
    said = set()
    if question.says and values[0]:
        stand_ins = [value.text if value else "someone" for value in values]
        parts.append(question.says.format(*stand_ins))
        said = {i for i in range(len(values)) if f"{{{i}}}" in question.says and values[i]}
    parts += [
        f"{slot.name.replace('_', ' ')}: {text}"
        for i, (slot, text) in enumerate(zip(question.slots, shown, strict=True))
        if i not in said
    ]
    return "; ".join(parts) + "."


def _not_stated(missing: tuple[str, ...]) -> str:
    names = " and ".join(name.replace("_", " ") for name in missing)
    return f"The articles found do not state {names}."


def _why_not(
    question: Question, found: Found, reading: Reading, best: float, threshold: float
) -> str:
    if reading.objection and best >= threshold:
        return _OBJECTIONS[reading.objection]
    if not found.passages:
        return "None of the articles searched holds any of the words asked for."
    lost = _unknown_words(question, found)
    if lost:
        return f"No article mentions {' or '.join(lost)}."
    relation = question.relation and found.respelled.get(question.relation, question.relation)
    if relation:
        related = related_terms(relation) | {relation}
        best_article = [one for one in found.passages if one.article == found.passages[0].article]
        if not any(speaks_of(related, passage.quote) for passage in best_article):
            return "The article that comes nearest does not speak of that."
    if _holds_all(question, found, found.passages[0]):
        return _not_stated(tuple(slot.name for slot in question.slots))
    return (
        f"The best candidate is too uncertain ({best:.2f}, and at least {threshold:.2f} is asked"
        " for)."
    )


def _holds_all(question: Question, found: Found, passage: Passage) -> bool:
    """Whether a passage has every word asked for, or one related to it, and so only lacks what was
    asked."""
    held = set(terms_of(passage.quote))
    asked = (found.respelled.get(term, term) for term in question.terms)
    return all(not held.isdisjoint({term, *related_terms(term)}) for term in asked)


def _unknown_words(question: Question, found: Found) -> list[str]:
    """The words of the question that no article holds; only names, where some are names."""
    words = [
        word
        for word in dict.fromkeys(words_of(question.text))
        if term_of(word) in found.unknown and term_of(word) not in found.respelled
    ]
    names_of_some = [word for word in words if word[0].isupper() or word[0].isdigit()]
    written_small = question.text.lower() == question.text
    return names_of_some or (words if written_small else [])
