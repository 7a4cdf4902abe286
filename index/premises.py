"""Premises: does the sentence that an answer stands in say what the question takes for granted?

"When did Armstrong call Nixon?" is not answered from "Nixon called Armstrong on 20 July", nor "When did
they meet?" from "They were to meet on Friday. They never met."
"""

import re
from collections.abc import Callable

from index.names import names_in
from index.relations import related_terms
from index.terms import term_of, words_of
from index.verbs import base_form

Objection = str
REVERSED: Objection = "reversed"
DENIED: Objection = "denied"

_DENIALS = re.compile(
    r"\b(?:never|not|cannot|refused to|declined to|failed to|cancell?ed|denied|denies|without)\b"
    r"|n[’']t\b",
    re.IGNORECASE,
)
_REACH = 4  # words after "never" or "cancelled" in which the verb has to come
_PLANS = re.compile(r"\b(?:was|were|is|are) (?:to|due|supposed|expected)\b|\bplan(?:s|ned)\b")
_MUTUAL = frozenset(map(term_of, "meet talk speak converse agree debate marry".split()))
"""Whoever does these to another has it done to them."""
_SURER = 6.0  # by how much the other direction's margins have to be greater
_NO_MARGIN = -20.0  # for an answer that is not the one expected

AsksSentence = Callable[[str], tuple[float, str]]
"""Puts a question to the sentence and gives the margin and the words of the best span."""


def is_denied(question: str, terms: tuple[str, ...], sentences: str) -> bool:
    """Whether *sentences* deny what is asked about, and none of them tells it: a word of the
    question, or one related to it, stands right behind "never", "refused to", "cancelled"."""
    if _DENIALS.search(question):
        return False
    names = {term_of(word) for word in words_of(question) if word[:1].isupper()}
    wanted = {
        other for term in terms if term not in names for other in (term, *related_terms(term))
    }
    denied = False
    for sentence in re.split(r"(?<=[.!?])\s+", sentences):
        if wanted.isdisjoint(_bases(sentence)):
            continue
        behind = [
            _bases(sentence[denial.end() :])[:_REACH] for denial in _DENIALS.finditer(sentence)
        ]
        if any(not wanted.isdisjoint(few) for few in behind):
            denied = True
        elif not _PLANS.search(sentence):
            return False
    return denied


def is_reversed(question: str, sentence: str, asks: AsksSentence) -> bool:
    """Whether *sentence* has it that B did to A what *question* says A did to B.

    Looked at are questions of the form "when did A call B", A and B being names of the sentence;
    which way round it is, the model says: "whom did A call?" should give B, "who call B?" A.
    """
    parts = _parts(question, sentence)
    if parts is None:
        return False
    subject, verb, other = parts
    if not _MUTUAL.isdisjoint(_bases(verb)):
        return False
    forward = _direction(subject, verb, other, asks)
    backward = _direction(other, verb, subject, asks)
    return backward > forward + _SURER


def _direction(subject: str, verb: str, other: str, asks: AsksSentence) -> float:
    """How surely the sentence says that *subject* did it to *other*; a sum of two margins."""
    total = 0.0
    for question, expected in (
        (f"Whom did {subject} {verb}?", other),
        (f"Who {verb} {other}?", subject),
    ):
        margin, found = asks(question)
        total += margin if _overlap(found, expected) else _NO_MARGIN
    return total


def _bases(text: str) -> list[str]:
    """The terms of the words of *text* in their base form, so that sold is sell."""
    return [term_of(base_form(word)) for word in words_of(text)]


def _parts(question: str, sentence: str) -> tuple[str, str, str] | None:
    """A, the verb and B of a question "... did A call B", or None where it has another form."""
    found = re.search(r"\b(?:did|does|do)\b(.*)", question, re.IGNORECASE)
    if not found:
        return None
    words = words_of(found[1])
    places: list[tuple[int, int]] = []
    for name in names_in(sentence):
        wanted = {term_of(part) for part in name.parts}
        at = [i for i, word in enumerate(words) if term_of(word) in wanted]
        if at and not any(low <= at[0] <= high for low, high in places):
            places.append((at[0], at[-1]))
    if len(places) != 2:
        return None
    (a, a_end), (b, b_end) = sorted(places)
    verb = words[a_end + 1 : b]
    while verb and verb[-1][0].isupper():  # a title before B
        verb.pop()
    if not verb or verb[0].lower() in {"and", "or"} or len(verb) > 3:
        return None
    return " ".join(words[a : a_end + 1]), " ".join(verb), " ".join(words[b : b_end + 1])


def _overlap(found: str, name: str) -> bool:
    return not {term_of(word) for word in words_of(found)}.isdisjoint(
        term_of(word) for word in words_of(name)
    )
