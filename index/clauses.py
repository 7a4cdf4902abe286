"""The asking phrases of a question and the clauses that they belong to."""

from dataclasses import dataclass

from index.kinds import DATE, NAME, NUMBER

ASKING = frozenset("who whom whose when where why how what which".split())
AUXILIARIES = frozenset(
    """am is are was were be do does did has have had will would can could shall should may might
    must isn't aren't wasn't weren't don't doesn't didn't hasn't haven't hadn't won't""".split()
)
PREPOSITIONS = frozenset(
    """about after against at before between by during for from in into of on since through to
    toward under until with""".split()
)
ARGUMENTS = frozenset("who whom what which whose".split())
"""Slots that stand for somebody or something in the clause; the others say more about it."""

_JOINS = frozenset(["and", "or", "&", ",", ";"])
_HOW = {"many": "how_many", "much": "how_much", "long": "how_long"}
_OTHER_MEASURES = frozenset(
    """big close cold deep far fast few heavy high hot large often old small strong tall wide
    young""".split()
)
_OF_DATE = frozenset("year years date day month decade century time hour season".split())
_OF_NUMBER = frozenset("percentage percent number amount price proportion population".split())
_KIND_OF_SLOT = {
    "who": NAME,
    "whom": NAME,
    "whose": NAME,
    "when": DATE,
    "how_many": NUMBER,
    "how_much": NUMBER,
    "how_long": NUMBER,
}


@dataclass(frozen=True, slots=True)
class Asked:
    """An asking phrase: words[start:end] ask for the slot *name*, answered by *kind*."""

    start: int
    end: int
    name: str
    kind: int

    @property
    def is_argument(self) -> bool:
        """Whether its value stands for somebody or something in the clause."""
        return self.name in ARGUMENTS and self.kind in {0, NAME}


@dataclass(frozen=True, slots=True)
class Clause:
    """words[lead.end:until] say what is asked about; *others* are asked of the same clause."""

    lead: Asked
    others: tuple[Asked, ...]
    until: int

    @property
    def asked(self) -> list[Asked]:
        """All asking phrases of the clause, in order."""
        return sorted([self.lead, *self.others], key=lambda one: one.start)


def asking_phrases(words: list[str]) -> list[Asked]:
    """What a question's words (commas apart) ask, in order.

    A relative clause ("the man who"), a clause that only sets the scene ("When the war ended, who
    ...") and a name ("Doctor Who") ask nothing.
    """
    lower = lowered(words)
    asked: list[Asked] = []
    for i, word in enumerate(lower):
        if word.removesuffix("'s") not in ASKING or (asked and i < asked[-1].end):
            continue
        if i and words[i][0].isupper() and words[i - 1].istitle() and not words[i].isupper():
            continue
        one = _phrase(lower, i)
        if not asked or _asks_too(lower, one, asked):
            asked.append(one)
    if len(asked) > 1 and (_sets_scene(lower, *asked[:2]) or _is_relative(lower, *asked[:2])):
        asked = asked[1:]
    return asked


def _is_relative(lower: list[str], one: Asked, following: Asked) -> bool:
    """Whether *one*, inside a statement that *following* ends ("those who oppose what?"), asks
    nothing."""
    joined = lower[following.start - 1] in _JOINS
    return one.start > 0 and following.end == len(lower) and not joined


def lowered(words: list[str]) -> list[str]:
    """*words* in lower case, with straight apostrophes."""
    return [word.lower().replace("’", "'") for word in words]


def _sets_scene(lower: list[str], one: Asked, following: Asked) -> bool:
    """Whether *one* opens a clause like "When they are arrested, what ...": no auxiliary comes
    right behind it, and a comma ends it."""
    behind = lower[one.end : following.start]
    return (
        one.name in {"when", "where", "how", "while"}
        and len(behind) > 2
        and behind[0] not in AUXILIARIES
        and behind[-1] == ","
        and lower[following.end : following.end + 1] not in ([], [","])
    )


def clauses_of(lower: list[str], asked: list[Asked]) -> list[Clause]:
    """The asking phrases grouped by clause.

    A phrase with words of its own after it begins a clause; a bare one (", and when") belongs to
    the clause before it or, where there is none yet ("when and where did ..."), to the next.
    """
    clauses: list[Clause] = []
    waiting: list[Asked] = []
    for i, one in enumerate(asked):
        following = asked[i + 1].start if i + 1 < len(asked) else len(lower)
        end = _trimmed(lower, one.end, following)
        joined = one.start > 0 and lower[one.start - 1] in _JOINS
        if end > one.end and (joined or not clauses):
            clauses.append(Clause(one, tuple(waiting), end))
            waiting = []
        elif not clauses:
            waiting.append(one)
        else:
            last = clauses[-1]
            # "who called whom about it": whom stands in its place and the clause goes on.
            in_place = not joined and one.is_argument and last.until == one.start
            until = end if in_place else last.until
            clauses[-1] = Clause(last.lead, (*last.others, one), until)
    return clauses or [Clause(one, (), one.end) for one in waiting]


def is_inverted(lead: Asked, body: list[str]) -> bool:
    """Whether *lead* stands before an auxiliary and its subject: "whom did X call", but not "who
    was called by X", which asks for its own subject."""
    if not lead.is_argument:
        return True
    return body[:1] != [] and (
        body[0] in {"did", "do", "does"} or (lead.name == "whom" and body[0] in AUXILIARIES)
    )


def _phrase(lower: list[str], i: int) -> Asked:
    """The asking phrase around the asking word at *i*, its preposition included."""
    start = i - 1 if i and lower[i - 1] in PREPOSITIONS else i
    word = lower[i].removesuffix("'s")
    following = lower[i + 1] if i + 1 < len(lower) else ""
    if word == "how" and following in _HOW:
        return Asked(start, i + 2, _HOW[following], NUMBER)
    if word == "how" and following in _OTHER_MEASURES:
        return Asked(start, i + 2, "how", NUMBER)
    if word in {"what", "which"}:
        if following in _OF_DATE:
            return Asked(start, i + 2, word, DATE)
        number = not _OF_NUMBER.isdisjoint(lower[i + 1 : i + 3])
        return Asked(start, i + 1, word, NUMBER if number else 0)
    return Asked(start, i + 1, word, _KIND_OF_SLOT.get(word, 0))


def _asks_too(lower: list[str], one: Asked, before: list[Asked]) -> bool:
    """Whether *one*, after other asking phrases, asks as well."""
    last = one.end == len(lower)
    previous = lower[one.start - 1]
    if one.start == before[-1].end or previous in {"and", "or", "&"}:  # "whom when", "and when"
        return True
    if previous in {",", ";"}:  # ", when?" and ", whom did he ...", but not ", who came later, ..."
        following = lower[one.end :]
        return (
            last
            or following[0] in _JOINS
            or (following[0] in AUXILIARIES and one.name not in {"who", "which"})
            or _list_goes_on(following)
        )
    between = lower[before[0].end : one.start]
    if before[0].is_argument and 1 <= len(between) <= 4:  # "who called whom"
        plain = {"the", "a", "an", *_JOINS}.isdisjoint(between)
        ends = last or lower[one.end] in _JOINS
        return plain and (ends or one.name in {"whom", "what"})
    return last and not one.is_argument


def _list_goes_on(following: list[str]) -> bool:
    """Whether "and who ..." comes before the next comma."""
    upto = following.index(",") if "," in following else len(following)
    pairs = zip(following[:upto], following[1:upto], strict=False)
    return any(a in {"and", "or", "&"} and b in ASKING for a, b in pairs)


def _trimmed(lower: list[str], start: int, end: int) -> int:
    """*end* without the joining words just before it, but at least *start*."""
    while end > start and lower[end - 1] in _JOINS:
        end -= 1
    return end
