"""What kinds of thing a sentence holds: a date for when, a number for how many, a name for who.

Everything is said by a word alone or by two words in a row, so each word is looked at only once: its
marks tell what it says alone and of which pairs it can be the first or the second. A word is here
what stands between two spaces.
"""

import re

from index.terms import AROUND_WORDS

DATE, NUMBER, NAME = 1, 2, 4
"""Bits that are added up where a sentence holds several kinds."""

_MONTHS = """January February March April May June July August September October November
    December""".split()
_TIMES = "century centuries today yesterday tomorrow midnight noon".split()
_NUMBERS = """one two three four five six seven eight nine ten eleven twelve dozen twenty thirty
    forty fifty sixty seventy eighty ninety hundred hundreds thousand thousands million millions
    billion billions half twice third quarter""".split()
_ERAS = "BC BCE AD".split()
_WHICH = "last next previous same".split()
_PERIODS = "day week month year spring summer autumn fall winter".split()
_SPANS = "hour hours day days week weeks month months year years".split()
_DIRECTIONS = "later earlier ago before after".split()
_LISTED = frozenset(
    word.lower()
    for words in (_MONTHS, _TIMES, _NUMBERS, _ERAS, _WHICH, _PERIODS, _SPANS, _DIRECTIONS)
    for word in words
)


def _one_of(words: list[str]) -> str:
    return rf"(?:{'|'.join(words)})\b"


_DATE = re.compile(
    rf"\b(?:1\d{{3}}|20\d\d)s?\b|\b{_one_of(_MONTHS + _TIMES)}"
    r"|\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b"
)
_NUMBER = re.compile(rf"\d|\b{_one_of(_NUMBERS)}", re.IGNORECASE)

# The pairs: "300 BC", "last week", "years later", and two that are names: a capital letter that no
# sentence's beginning explains ("called Kennedy"), and two capitalised words ("John Kennedy"). The
# names of months and days are dates.
_ERA, _PERIOD, _DIRECTION, _CALLED, _JOHN = 8, 16, 32, 64, 128
_FIRST = re.compile(
    rf"\b(?:(?P<era>\d+)|(?P<period>{_one_of(_WHICH)})|(?P<direction>{_one_of(_SPANS)}))\Z"
)
_FIRST_OF = {"era": _ERA, "period": _PERIOD, "direction": _DIRECTION}
_BEFORE_A_NAME = frozenset("abcdefghijklmnopqrstuvwxyz0123456789,;:)”\"’'-")
_CAPITALISED = re.compile(r"\b[A-Z][\w.]*\Z")
_SECOND = re.compile(
    rf"(?P<era>{_one_of(_ERAS)})|(?P<period>{_one_of(_PERIODS)})"
    rf"|(?P<direction>{_one_of(_DIRECTIONS)})"
    rf"|(?P<called>(?!{_one_of(_MONTHS)}|[A-Z][a-z]+day\b)[A-Z][\w.])|(?P<john>[A-Z])"
)
_SECOND_OF = {
    "era": _ERA | _CALLED | _JOHN,
    "period": _PERIOD,
    "direction": _DIRECTION,
    "called": _CALLED | _JOHN,
    "john": _JOHN,
}

FIRSTS_AT = 8
"""From this bit on, marks tell of which pairs a word can be the first; the bits below tell what it
says alone and of which pairs it can be the second."""
ALONE = DATE | NUMBER
"""What a word may say whatever comes before it."""
KINDS = [
    (DATE if said & (DATE | _ERA | _PERIOD | _DIRECTION) else 0)
    | (NUMBER if said & NUMBER else 0)
    | (NAME if said & (_CALLED | _JOHN) else 0)
    for said in range(1 << FIRSTS_AT)
]
"""The kinds for all that the words of a sentence say together."""


def kinds_in(sentence: str) -> int:
    """The bits of the kinds that *sentence* holds."""
    said, before = 0, ALONE
    for word in sentence.split(" "):
        marks = marks_of(word)
        said |= marks & before
        before = marks >> FIRSTS_AT
    return KINDS[said]


def marks_of(word: str) -> int:
    """What *word* says alone and can say beside others, as FIRSTS_AT tells."""
    bare = word.strip(AROUND_WORDS)
    if bare != word and len(bare) > 1:
        return marks_around(word, bare, marks_of(bare))
    said, firsts = 0, ALONE
    if word[-1:] in _BEFORE_A_NAME:
        firsts |= _CALLED
    plain = word.lower()
    if word.isascii() and word.isalpha() and plain not in _LISTED and not plain.endswith("day"):
        # Of most words only a capital letter can say something.
        if word[0].isupper():
            said |= _CALLED | _JOHN if len(word) > 1 else _JOHN
            firsts |= _JOHN
        return said | firsts << FIRSTS_AT
    if _DATE.search(word):
        said |= DATE
    if _NUMBER.search(word):
        said |= NUMBER
    if (found := _SECOND.match(word)) and found.lastgroup:
        said |= _SECOND_OF[found.lastgroup]
    if (found := _FIRST.search(word)) and found.lastgroup:
        firsts |= _FIRST_OF[found.lastgroup]
    if _CAPITALISED.search(word):
        firsts |= _JOHN
    return said | firsts << FIRSTS_AT


def marks_around(word: str, bare: str, marks: int) -> int:
    """The marks of *word*, given the *marks* of *bare*: the word without AROUND_WORDS at its ends,
    which has to have two letters at least."""
    said, firsts = marks & (1 << FIRSTS_AT) - 1, marks >> FIRSTS_AT
    if word[0] != bare[0]:  # something stands before it
        said &= ALONE
    if word[-1] != bare[-1]:  # something stands after it
        firsts &= ALONE | (_JOHN if word.rstrip(".").endswith(bare) else 0)
        if word[-1] in _BEFORE_A_NAME:
            firsts |= _CALLED
    return said | firsts << FIRSTS_AT
