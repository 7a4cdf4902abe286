"""Families of words for one relation: who asks for a call also means phoned, rang, spoke with."""

from index.terms import term_of

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
_NOUN_OF = {term_of(word): noun for noun, words in _NOUNS.items() for word in words.split()}


def event_noun(term: str | None) -> str | None:
    """What an event of the relation *term* is called ("call" for phoned), or None."""
    return _NOUN_OF.get(term) if term else None


def related_terms(term: str) -> frozenset[str]:
    """The terms of the same relation as *term*, itself not among them."""
    return _FAMILY_OF.get(term, frozenset()) - {term}
