"""Reading a question: what is wanted, in which words to look for it, and how to ask it in parts.

"Who called whom, and when?" wants three slots. Each slot carries the plain question that a reader
can answer alone once the slots before it are known: "Who called someone?", "whom did {0} call?",
"when did {0} call {1}?".
"""

import re
from dataclasses import dataclass

from index.article import one_line
from index.clauses import (
    ASKING,
    AUXILIARIES,
    PREPOSITIONS,
    Asked,
    Clause,
    asking_phrases,
    clauses_of,
    is_inverted,
    lowered,
)
from index.errors import UnusableInput
from index.relations import asked_of_event, event_noun, related_terms
from index.terms import term_of, words_of
from index.verbs import base_form

LONGEST_QUESTION = 2000
"""Characters; more is no question but a text."""

_BEING = frozenset("am is are was were be been being isn't aren't wasn't weren't".split())
_STAND_IN = {"who": "someone", "whom": "someone", "what": "something", "which": "something"}
# Words of asking that say nothing of an article's matter.
_TALK = frozenset(term_of(word) for word in "tell say please know list name show give find".split())


@dataclass(frozen=True, slots=True)
class Slot:
    """One thing wanted.

    ``name`` is the word it is asked by (who, how_many, yes_no, ...), ``kind`` the bits of
    index.kinds that its answer is of (0 where any will do), ``asks`` the question for it alone, in
    which ``{i}`` stands for the value of slot i. ``asks_event`` asks it of the event as a noun
    ("When was the call?"), which a sentence that names nobody can answer; None where there is no
    such noun.
    """

    name: str
    kind: int
    asks: str
    asks_event: str | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """A question as it was understood.

    ``terms`` are searched for, ``relation`` is the one of them whose related words count too, and
    ``says`` the statement that the slots' values make, with ``{i}`` for slot i, where the question
    has that form ("{0} called {1}").
    """

    text: str
    slots: tuple[Slot, ...]
    terms: tuple[str, ...]
    relation: str | None = None
    says: str | None = None

    @property
    def kind(self) -> int:
        """The bits of all the kinds that the slots want."""
        bits = 0
        for slot in self.slots:
            bits |= slot.kind
        return bits


def parse_question(text: str) -> Question:
    """What *text* asks. Raises UnusableInput where it is empty or longer than a question."""
    line = one_line(text) or ""
    if len(line) > LONGEST_QUESTION:
        raise UnusableInput(
            f"the question has {len(line)} characters, at most {LONGEST_QUESTION} are read"
        )
    if not words_of(line):
        raise UnusableInput("the question is empty")
    words = re.findall(r"[^\s,;?!]+|[,;]", line)
    lower = lowered(words)
    asked = asking_phrases(words)
    terms = _terms(lower, asked)
    relation = _relation(lower, terms)
    slots, says = _slots(line, words, lower, asked, event_noun(relation))
    return Question(line, slots, terms, relation, says)


def _terms(lower: list[str], asked: list[Asked]) -> tuple[str, ...]:
    """The different terms of the question, in order, without the words of asking itself."""
    asking = {
        i
        for one in asked
        for i in range(one.start, one.end)
        if lower[i].removesuffix("'s") in ASKING or one.name.startswith("how_")
    }
    searched = " ".join(word for i, word in enumerate(lower) if i not in asking)
    found = dict.fromkeys(term for word in words_of(searched) if (term := term_of(word)))
    return tuple(term for term in found if term not in _TALK) or tuple(found)


def _relation(lower: list[str], terms: tuple[str, ...]) -> str | None:
    """The first term that has related words; not "called" where it only says a name."""
    for i, word in enumerate(lower):
        term = term_of(word)
        if term in terms and related_terms(term):
            after_being = not _BEING.isdisjoint(lower[max(i - 4, 0) : i])
            if not (word == "called" and after_being and "by" not in lower[i:]):
                return term
    return None


def _slots(
    line: str, words: list[str], lower: list[str], asked: list[Asked], event: str | None
) -> tuple[tuple[Slot, ...], str | None]:
    """The slots, each with its own question, and the statement that they fill."""
    if len(asked) < 2:
        whole = _literal(line.rstrip("?!. ")) + "?"
        if asked:
            return (Slot(asked[0].name, asked[0].kind, whole),), None
        return (Slot("yes_no" if lower[0] in AUXILIARIES else "what", 0, whole),), None
    clauses = clauses_of(lower, asked)
    slots: list[Slot] = []
    for clause in clauses:
        number = {one: len(slots) + i for i, one in enumerate(clause.asked)}
        slots += [
            Slot(
                one.name,
                one.kind,
                _asked_alone(words, lower, clause, one, number),
                asked_of_event(event, one.name) if event else None,
            )
            for one in clause.asked
        ]
    says = _statement(words, lower, clauses[0]) if len(clauses) == 1 else None
    return tuple(slots), says


def _asked_alone(
    words: list[str], lower: list[str], clause: Clause, one: Asked, number: dict[Asked, int]
) -> str:
    """The question for *one* slot of a clause, the slots before it standing as ``{number}``."""
    lead = clause.lead
    known = {other: f"{{{number[other]}}}" for other in number if other.start < one.start}
    if one is lead:
        asks = f"{_phrase(words, lead)} {_body(words, clause, {})}"
    elif one.start < clause.until and one.start >= lead.end:  # in its place: "who called whom"
        body = _body(words, clause, known | {one: ""})
        asks = f"{_phrase(words, one)} {_inverted(known[lead], body)}"
    else:
        body = _body(words, clause, known)
        value = known.get(lead, "") if lead.is_argument else ""
        if not is_inverted(lead, lower[lead.end : clause.until]):
            body = _inverted(value, body)
        elif value:
            preposition = words[lead.start] if lower[lead.start] in PREPOSITIONS else ""
            body = f"{body} {preposition.lower()} {value}"
        asks = f"{_phrase(words, one)} {body}"
    return " ".join(asks.split()) + "?"


def _inverted(subject: str, body: str) -> str:
    """A statement in the order of a question: "{0}", "called X" is "did {0} call X"."""
    verb, _, rest = body.partition(" ")
    if verb.lower() in AUXILIARIES:
        return f"{verb} {subject} {rest}"
    return f"did {subject} {base_form(verb)} {rest}"


def _body(words: list[str], clause: Clause, known: dict[Asked, str]) -> str:
    """The words after the lead, with what is known in place of the asking phrases among them."""
    inside = {one.start: one for one in clause.others if one.start >= clause.lead.end}
    out: list[str] = []
    i = clause.lead.end
    while i < clause.until:
        one = inside.get(i)
        if one is None:
            out.append(_literal(words[i]))
            i += 1
            continue
        value = known.get(one, _STAND_IN.get(one.name, ""))
        out.append(f"{words[i]} {value}" if value and words[i].lower() in PREPOSITIONS else value)
        i = one.end
    return " ".join(" ".join(out).split())


def _statement(words: list[str], lower: list[str], clause: Clause) -> str | None:
    """The statement of a clause whose lead is its subject: "{0} called {1}"."""
    lead = clause.lead
    if lead.name not in {"who", "what"} or is_inverted(lead, lower[lead.end : clause.until]):
        return None
    known = {one: f"{{{i}}}" for i, one in enumerate(clause.asked)}
    return f"{known[lead]} {_body(words, clause, known)}"


def _phrase(words: list[str], one: Asked) -> str:
    return _literal(" ".join(words[one.start : one.end]))


def _literal(text: str) -> str:
    """*text* with its braces doubled, so that str.format leaves them alone."""
    return text.replace("{", "{{").replace("}", "}}")
