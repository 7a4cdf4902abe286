"""What kinds of thing a sentence holds: a date for when, a number for how many, a name for who."""

import re

DATE, NUMBER, NAME = 1, 2, 4
"""Bits that are added up where a sentence holds several kinds."""

_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_DATE = re.compile(
    rf"\b(?:1\d{{3}}|20\d\d)s?\b|\b(?:{_MONTHS})\b|\bcentur(?:y|ies)\b"
    r"|\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b|\b\d+ (?:BC|BCE|AD)\b"
    r"|\b(?:today|yesterday|tomorrow|midnight|noon)\b"
    r"|\b(?:last|next|previous|same) (?:day|week|month|year|spring|summer|autumn|fall|winter)\b"
    r"|\b(?:hours?|days?|weeks?|months?|years?) (?:later|earlier|ago|before|after)\b"
)
_NUMBER = re.compile(
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozen|twenty|thirty"
    r"|forty|fifty|sixty|seventy|eighty|ninety|hundreds?|thousands?|[mb]illions?|half|twice"
    r"|third|quarter)\b",
    re.IGNORECASE,
)
# A capital letter that no sentence's beginning explains, or two capitalised words in a row; the
# names of months and days are dates.
_NAME = re.compile(
    rf"(?<=[a-z0-9,;:)”\"’'-] )(?!(?:{_MONTHS}|[A-Z][a-z]+day)\b)[A-Z][\w.]"
    r"|\b[A-Z][\w.]* [A-Z]"
)


def kinds_in(sentence: str) -> int:
    """The bits of the kinds that *sentence* holds."""
    return (
        (DATE if _DATE.search(sentence) else 0)
        | (NUMBER if _NUMBER.search(sentence) else 0)
        | (NAME if _NAME.search(sentence) else 0)
    )
