"""Families of words for one relation: who asks for a call also means phoned, rang, spoke with."""

import re

from index.terms import term_of, terms_of

_FAMILIES = (
    """call calls caller phone telephone ring rings rang rung dial dialled dialed contact
    speak speaks spoke spoken talk talked conversation""",
    "meet meets met meeting visit visitor encounter encountered greet greeted welcome summit",
    """write writes wrote written letter send sends sent cable cabled telegraph telegraphed wire
    telegram message text texted email note""",
    "say says said tell tells told state stated announce declare remark report explain",
    "warn warned warning caution alert",
    "threaten threatened threat",
    "agree agreed agreement accord sign signed treaty deal",
)
_FAMILY_OF = {
    term_of(word): frozenset(term_of(member) for member in family.split())
    for family in _FAMILIES
    for word in family.split()
}


_NOUNS = {
    "call": "call calls phone telephone ring rang rung dial contact",
    "conversation": "speak spoke spoken talk",
    "meeting": "meet met encounter greet",
    "visit": "visit",
    "letter": "write wrote written",
    "message": "send sent cable telegraph wire message text email",
    "warning": "warn caution alert",
    "threat": "threaten",
    "agreement": "agree sign",
}
_ASKED_OF_EVENT = {
    "call": {"who": "Who made the call?", "whom": "Who received the call?"},
    "conversation": {"who": "Who began the conversation?"},
    "letter": {"who": "Who wrote the letter?", "whom": "Who received the letter?"},
    "message": {"who": "Who sent the message?", "whom": "Who received the message?"},
    "warning": {"who": "Who gave the warning?", "whom": "Who received the warning?"},
    "threat": {"who": "Who made the threat?", "whom": "Who received the threat?"},
    "visit": {"who": "Who made the visit?", "whom": "Who received the visit?"},
}
# Uses of call that are no calls: "is called the Strand", "called for reform", "called it a day",
# "called the plan a mistake" (but not "called the mayor the next day", "called Armstrong on the Moon").
_NO_CALL = re.compile(
    r"\b(?:is|are|was|were|be|been|being|so|also|often|sometimes|usually|commonly|now|then)[ -]"
    r"called\b(?! by\b)(?! (?:at|on|from|to)\b)"
    r"|, called (?!by\b|at\b|on\b|from\b|to\b)"
    r"|\bcall(?:s|ed|ing)? (?:for|off|out|upon|into|to order|itself|himself|herself|themselves)\b"
    r"|\bcall(?:s|ed|ing)? (?:\S+ ){0,3}(?!(?:about|after|and|at|before|by|during|for|from|in|near"
    r"|on|or|over|through|to|until|with)\b)\S+ (?:[\"“‘]|an? |the )"
    r"(?!(?:next|same|following|other|day|night|evening|morning|week|month|year|hour|minute|few)\b)",
)
_NOUN_OF = {term_of(word): noun for noun, words in _NOUNS.items() for word in words.split()}


def event_noun(term: str | None) -> str | None:
    """What an event of the relation *term* is called ("call" for phoned), or None."""
    return _NOUN_OF.get(term) if term else None


def asked_of_event(event: str, slot: str) -> str | None:
    """The question for a slot of an event named by a noun ("Who made the call?"), or None."""
    if slot in {"when", "where"}:
        return f"{slot} was the {event}?"
    if slot == "how_long":
        return f"how long did the {event} last?"
    return _ASKED_OF_EVENT.get(event, {}).get(slot)


def speaks_of(terms: frozenset[str], sentence: str) -> bool:
    """Whether a word of the relation *terms* stands in *sentence*, and not only as a call that is
    none ("is called the Strand")."""
    return not terms.isdisjoint(terms_of(_NO_CALL.sub(" ", sentence)))


def related_terms(term: str) -> frozenset[str]:
    """The terms of the same relation as *term*, itself not among them."""
    return _FAMILY_OF.get(term, frozenset()) - {term}
