"""Names: which fuller form of a person's name an article gives, and who a pronoun must mean."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from index.terms import STOP_WORDS

_TITLES = frozenset(
    """admiral baron baroness bishop brother captain chancellor chief col colonel commander
    congressman congresswoman councillor count countess dame dean detective director doctor dr duke
    duchess father gen general governor inspector judge justice king lady lieutenant lord lt madam
    major master mayor minister miss mister mr mrs ms mx officer pastor president prime prince
    princess principal prof professor queen rabbi rep representative rev reverend secretary sen
    senator sergeant sgt sheikh sheriff sir sister superintendent vice""".split()
)
_SUFFIXES = frozenset("jr sr ii iii iv phd md esq".split())
_PARTICLES = frozenset(
    "al bin da dal de del della den der di dos du el ibn la le ten ter van von zu".split()
)
# Words that open sentences or belong to dates and are no names.
_NO_NAMES = (
    frozenset(
        """january february march april may june july august september october november december
    monday tuesday wednesday thursday friday saturday sunday although also another asked earlier
    even every everybody everyone he however last later many mr neither nobody none nothing one
    reports she since some somebody soon still they today tonight two we yesterday yet you
    """.split()
    )
    | STOP_WORDS
)
_WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*\.?")
_VESSELS = frozenset("boat ferry liner ship steamer tanker trawler tug vessel yacht".split())
_PLACES = frozenset(
    "street road avenue lane square bridge school prize award foundation hospital airport".split()
)
_PRONOUNS = frozenset("he she him her his hers himself herself".split())


@dataclass(frozen=True, slots=True)
class Name:
    """A person's name taken apart: titles, then given names and initials, surname, suffix."""

    text: str
    start: int
    titles: tuple[str, ...]
    parts: tuple[str, ...]
    suffix: str | None

    @property
    def surname(self) -> str:
        """The last part, with its particles, in lower case."""
        at = len(self.parts) - 1
        while at > 0 and self.parts[at - 1].lower() in _PARTICLES:
            at -= 1
        return " ".join(self.parts[at:]).lower()


def fullest_name(text: str, value: str) -> str | None:
    """The fullest form of the person *value* in an article's *text*, where it is fuller than
    *value* and only one person can be meant; else None."""
    own = _parsed(value, 0)
    if own is None:
        return None
    fuller = [
        name for name in names_in(text) if _is_fuller(name, own) and not _is_thing(name, text)
    ]
    people = _people(fuller)
    if own.titles and len(people) > 1:  # "Senator Kennedy" where another Kennedy is no senator
        titled = [person for person in people if any(own.titles == one.titles for one in person)]
        people = titled or people
    if len(people) != 1:
        return None
    best = max(people[0], key=lambda name: (len(name.parts), bool(name.suffix), -name.start))
    return _as_written(best) if _length(best) > _length(own) else None


def same_person(one: str, other: str) -> bool:
    """Whether two names may be forms of one: "Professor Castle" and "Miriam Castle"."""
    names = _parsed(one, 0), _parsed(other, 0)
    if names[0] is None or names[1] is None:
        return False
    short, long = sorted((names[0], names[1]), key=_length)
    return _same(short, long) or _is_fuller(long, short)


def antecedent(text: str, start: int) -> str | None:
    """The one person that a pronoun at *start* can mean: the only name in the same sentence before
    it and the two sentences before that; None where there are several, or none."""
    window = text[max(0, start - 400) : start]
    people = _people([name for name in names_in(window) if len(name.parts) > 0])
    if len(people) != 1:
        return None
    best = max(people[0], key=lambda name: len(name.parts))
    return _as_written(best)


def is_pronoun(value: str) -> bool:
    """Whether *value* is a pronoun that stands for one person."""
    return value.lower() in _PRONOUNS


def names_in(text: str) -> Iterator[Name]:
    """Every name of a person that *text* may hold, in order."""
    run: list[re.Match[str]] = []
    for token in _WORD.finditer(text):
        if run and not _joins(text, run[-1], token):
            yield from _name_of(run)
            run = []
        word = token.group()
        if word[0].isupper() or (run and word.lower() in _PARTICLES) or word.startswith("al-"):
            run.append(token)
        else:
            yield from _name_of(run)
            run = []
    yield from _name_of(run)


def _joins(text: str, before: re.Match[str], after: re.Match[str]) -> bool:
    """Whether two tokens may be parts of one name."""
    between = text[before.end() : after.start()]
    if before.group().endswith(".") and not _keeps_stop(before.group()):
        return False
    suffix = after.group().lower().strip(".") in _SUFFIXES
    return between in {" ", "\n"} or (between == ", " and suffix)


def _keeps_stop(word: str) -> bool:
    """Whether a full stop after *word* belongs to it: an initial, a title, a suffix."""
    bare = word.rstrip(".").lower()
    return len(bare) == 1 or bare in _TITLES or bare in _SUFFIXES


def _name_of(run: list[re.Match[str]]) -> Iterator[Name]:
    words = [
        token.group() if _keeps_stop(token.group()) else token.group().rstrip(".") for token in run
    ]
    first = 0
    while first < len(words) and words[first].lower() in _NO_NAMES:
        first += 1
    last = len(words)
    while last > first and words[last - 1].lower() in _PARTICLES:
        last -= 1
    if first < last:
        name = _taken_apart(words[first:last], run[first].start())
        if name:
            yield name


def _taken_apart(words: list[str], start: int) -> Name | None:
    first = 0
    while first < len(words) and words[first].lower().rstrip(".") in _TITLES:
        first += 1
    last = len(words)
    suffix = None
    if last - first > 1 and words[last - 1].lower().rstrip(".") in _SUFFIXES:
        last -= 1
        suffix = words[last]
    if first >= last:
        return None
    return Name(
        " ".join(words),
        start,
        tuple(word.lower().rstrip(".") for word in words[:first]),
        tuple(words[first:last]),
        suffix,
    )


def _parsed(value: str, start: int) -> Name | None:
    words = _WORD.findall(value.removesuffix("'s").removesuffix("’s").removeprefix("the "))
    words = [word if _keeps_stop(word) else word.rstrip(".") for word in words]
    if not words or not all(word[0].isupper() or word.lower() in _PARTICLES for word in words):
        return None
    return _taken_apart(words, start)


def _is_fuller(name: Name, own: Name) -> bool:
    """Whether *name* may be a fuller form of *own*."""
    if len(name.parts) < 2 or _length(name) < _length(own):
        return False
    mine = [part.lower() for part in own.parts]
    theirs = [part.lower() for part in name.parts]
    if len(mine) == 1:
        return mine[0] == theirs[-1] or mine[0] == theirs[0] or mine[0] == name.surname
    if own.surname != name.surname or (own.suffix and name.suffix and own.suffix != name.suffix):
        return False
    given = mine[: -len(own.surname.split())]
    return _in_order(given, theirs)


def _is_thing(name: Name, text: str) -> bool:
    """Whether *name* is a thing's: "the ferry Elena Marsh", "the Elena Marsh", "Marsh Street"."""
    if name.parts[-1].lower() in _PLACES:
        return True
    after = text[name.start + len(name.text) :].split(maxsplit=1)
    before = text[: name.start].split()[-1:]
    return (after[:1] != [] and after[0].lower().strip(".,;:") in _PLACES) or (
        before != []
        and (before[0].lower() in _VESSELS or (before[0].lower() == "the" and not name.titles))
    )


def _people(names: list[Name]) -> list[list[Name]]:
    """The names grouped by person: forms that fit each other are one."""
    people: list[list[Name]] = []
    for name in sorted(names, key=lambda one: -len(one.parts)):
        fitting = [
            person for person in people if _is_fuller(person[0], name) or _same(person[0], name)
        ]
        if len(fitting) == 1:
            fitting[0].append(name)
        elif not fitting:
            people.append([name])
    return people


def _same(one: Name, other: Name) -> bool:
    if one.suffix and other.suffix and one.suffix != other.suffix:
        return False
    return [part.lower() for part in one.parts] == [part.lower() for part in other.parts]


def _in_order(wanted: list[str], there: list[str]) -> bool:
    """Whether *wanted* stand in *there* in this order; an initial stands for its name."""
    rest = iter(there)
    return all(
        any(
            part == other or (len(part.rstrip(".")) == 1 and other.startswith(part.rstrip(".")))
            for other in rest
        )
        for part in wanted
    )


def _length(name: Name) -> tuple[int, int]:
    """How full a name is: its parts, then their letters, so that an initial is less than a name."""
    letters = sum(len(part.rstrip(".")) for part in name.parts)
    return len(name.parts) + bool(name.suffix), letters


def _as_written(name: Name) -> str:
    """The name without its titles."""
    written = " ".join(name.parts)
    return f"{written} {name.suffix}" if name.suffix else written
