"""Dates in words: what day, month or year an article's words mean, and by which rule.

Words that name no year get one from the last date that the text named in full, else from the date of
the article; where neither can tell, the year stays unknown. A year is never invented.
"""

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

_MONTHS = (
    "january february march april may june july august september october november december".split()
)
_MONTH_OF = {name: number for number, name in enumerate(_MONTHS, 1)} | {
    name[:3]: number for number, name in enumerate(_MONTHS, 1)
} | {"sept": 9}  # fmt: skip
_WEEKDAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
_NUMBERS = {
    word: number
    for number, word in enumerate(
        "one two three four five six seven eight nine ten eleven twelve".split(), 1
    )
} | {"a": 1, "an": 1, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60} | {
    "seventy": 70, "eighty": 80, "ninety": 90, "hundred": 100, "a hundred": 100
}  # fmt: skip
_UNITS = {"day": 1, "week": 7}
_SEASON = r"(spring|summer|autumn|fall|winter)"
_MONTH = rf"({'|'.join(sorted(_MONTH_OF, key=len, reverse=True))})\b\.?"
_DAY = r"(\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(\d{4})"
_UNTIL = rf"(?:\s*(?:-|–|to|and|until)\s*{_DAY})?"
_COUNT = rf"({'|'.join(_NUMBERS)}|\d{{1,3}})"
_PART = r"(?:morning|afternoon|evening|night|day)"


@dataclass(frozen=True, slots=True)
class When:
    """A date as far as it is known.

    ``value`` is ``2024-11-05``, ``2024-11``, ``2024``, ``2024-spring``, ``1960s``, ``--11-05`` or
    ``--11`` (year unknown), or None; ``granularity`` is day, month, year, decade, season or None;
    ``rule`` is stated, article_year, relative_to_article, relative_to_text or unresolved.
    """

    value: str | None
    granularity: str | None
    rule: str


UNRESOLVED = When(None, None, "unresolved")


def when(words: str, before: str, article_date: str | None) -> When:
    """What *words* mean, standing after the text *before* in an article of *article_date*."""
    return _resolved(words, _last_named(before, article_date), article_date)


def _resolved(words: str, named: When | None, article_date: str | None) -> When:
    """What *words* mean where *named* is the last date that was named."""
    text = " ".join(words.lower().split())
    for pattern, resolve in _STATED:
        if found := pattern.search(text):
            value = resolve(found)
            if value is not None:
                return value
    if found := _MONTH_DAY.search(text):
        day, month = _day_and_month(found)
        return _with_year(month, day, named, article_date)
    if found := _RELATIVE.search(text):
        return _relative(found, named, article_date)
    if found := _ONLY_MONTH.search(text):
        return _with_year(_MONTH_OF[found[1]], None, named, article_date)
    return UNRESOLVED


def _stated(year: int, month: int | None = None, day: int | None = None) -> When | None:
    try:
        date(year, month or 1, day or 1)
    except ValueError:
        return None
    if day:
        return When(f"{year:04}-{month:02}-{day:02}", "day", "stated")
    if month:
        return When(f"{year:04}-{month:02}", "month", "stated")
    return When(f"{year:04}", "year", "stated")


_STATED: list[tuple[re.Pattern[str], Callable[[re.Match[str]], When | None]]] = [
    (
        re.compile(rf"\b{_YEAR}-(\d\d)-(\d\d)\b"),
        lambda found: _stated(int(found[1]), int(found[2]), int(found[3])),
    ),
    (
        re.compile(rf"\b{_DAY}{_UNTIL}\s+(?:of\s+)?{_MONTH},?\s+(?:of\s+)?{_YEAR}\b"),
        lambda found: _stated(int(found[4]), _MONTH_OF[found[3]], int(found[1])),
    ),
    (
        re.compile(rf"\b{_MONTH}\s+{_DAY}{_UNTIL},?\s+{_YEAR}\b"),
        lambda found: _stated(int(found[4]), _MONTH_OF[found[1]], int(found[2])),
    ),
    (
        re.compile(rf"\b{_MONTH},?\s+(?:of\s+)?{_YEAR}\b"),
        lambda found: _stated(int(found[2]), _MONTH_OF[found[1]]),
    ),
    (
        re.compile(rf"\b{_SEASON}\s+(?:of\s+)?{_YEAR}\b"),
        lambda found: When(f"{found[2]}-{found[1].replace('fall', 'autumn')}", "season", "stated"),
    ),
    (re.compile(r"\b(\d{3}0)'?s\b"), lambda found: When(f"{found[1]}s", "decade", "stated")),
    (re.compile(r"\b(1\d{3}|20\d\d)\b"), lambda found: _stated(int(found[1]))),
]
_MONTH_DAY = re.compile(
    rf"\b{_DAY}{_UNTIL}\s+(?:of\s+)?{_MONTH}(?!\s+\d)|\b{_MONTH}\s+{_DAY}\b", re.IGNORECASE
)
_ONLY_MONTH = re.compile(rf"\b({'|'.join(_MONTHS)})\b")
_RELATIVE = re.compile(
    rf"\b(?P<today>today|tonight|yesterday|tomorrow|last night|this (?:morning|afternoon|evening))\b"
    rf"|\b(?P<ago>{_COUNT}) (?P<ago_unit>day|week|month|year)s? ago(?P<ago_today> today)?\b"
    rf"|\b(?P<later>{_COUNT}) (?P<later_unit>day|week|month|year)s? (?P<side>later|after|earlier|before)\b"
    rf"|\b(?P<same>the same|that(?: same| very)?) {_PART}\b"
    rf"|\bthe (?P<step>next|following|previous) (?P<step_unit>day|morning|afternoon|evening|night|week|month|year)\b"
    rf"|\bthe (?P<eve>day|evening|night) (?P<eve_side>before|after)\b"
    rf"|\b(?P<shift>last|this|next) (?P<shift_unit>week|month|year|spring|summer|autumn|fall|winter"
    rf"|{'|'.join(_MONTHS)}|{'|'.join(_WEEKDAYS)})\b"
    rf"|\b(?P<weekday>{'|'.join(_WEEKDAYS)})\b"
)  # fmt: skip


def _day_and_month(found: re.Match[str]) -> tuple[int, int]:
    if found[1]:
        return int(found[1]), _MONTH_OF[found[3].lower()]
    return int(found[5]), _MONTH_OF[found[4].lower()]


def _with_year(month: int, day: int | None, named: When | None, article_date: str | None) -> When:
    """A month, or a day of it, in the year of the last date named, else the latest one that is not
    after the article's date, else in a year that is not known."""
    unknown = f"--{month:02}" + (f"-{day:02}" if day else "")
    granularity = "day" if day else "month"
    if day and day > monthrange(2000, month)[1]:
        return UNRESOLVED
    if named and named.value and named.rule != "article_year" and named.value[:4].isdigit():
        found = _stated(int(named.value[:4]), month, day)
        return When(found.value, granularity, "relative_to_text") if found else UNRESOLVED
    of_article = _day_of(article_date)
    if of_article is None:
        return When(unknown, granularity, "stated")
    for year in (of_article.year, of_article.year - 1):
        found = _stated(year, month, day)
        if found and date(year, month, day or 1) <= of_article:
            return When(found.value, granularity, "article_year")
    return When(unknown, granularity, "stated")


def _relative(found: re.Match[str], named: When | None, article_date: str | None) -> When:
    """Words that count from the last date named, or from the article's."""
    parts = found.groupdict()
    if parts["later"] or parts["same"] or parts["step"] or parts["eve"]:
        base, rule = named.value if named else None, "relative_to_text"
        if base is None or not base[:4].isdigit():
            return UNRESOLVED
    else:
        base, rule = article_date, "relative_to_article"
    if base is None:
        return UNRESOLVED
    if parts["weekday"] and named and _is_far(named, base):
        return UNRESOLVED  # a report on things long past: its weekdays are theirs
    count, unit = _step(parts)
    if parts["ago_today"] and unit == "year" and len(base) == 10:
        return When(f"{int(base[:4]) + count:04}{base[4:]}", "day", rule)
    return _shifted(base, count, unit, rule)


def _is_far(named: When, base: str) -> bool:
    """Whether the last date named is more than a month or so from the article's."""
    value = (named.value or "")[:10]
    days = _day_of(value), _day_of(base)
    if days[0] and days[1]:
        return abs((days[0] - days[1]).days) > 40
    return value[:4] != base[:4]


def _step(parts: dict[str, str | None]) -> tuple[int, str]:
    """How many of which unit the words are away: (-1, "day") for yesterday."""
    if today := parts["today"]:
        ahead = {"yesterday": -1, "last night": -1, "tomorrow": 1}
        return ahead.get(today, 0), "day"
    if parts["ago"]:
        return -_count(parts["ago"]), parts["ago_unit"] or ""
    if parts["later"]:
        sign = 1 if parts["side"] in {"later", "after"} else -1
        return sign * _count(parts["later"]), parts["later_unit"] or ""
    if parts["same"]:
        return 0, "day"
    if parts["step"]:
        unit = parts["step_unit"] or ""
        is_day = unit not in {"week", "month", "year"}
        return -1 if parts["step"] == "previous" else 1, "day" if is_day else unit
    if parts["eve"]:
        return -1 if parts["eve_side"] == "before" else 1, "day"
    if parts["shift"]:
        return {"last": -1, "this": 0, "next": 1}[parts["shift"]], parts["shift_unit"] or ""
    return -1, parts["weekday"] or ""


def _shifted(base: str, count: int, unit: str, rule: str) -> When:
    """*count* units from *base*, as exact as both allow."""
    year = int(base[:4])
    if unit == "year":
        return When(f"{year + count:04}", "year", rule)
    if unit in {"spring", "summer", "autumn", "fall", "winter"}:
        season = unit.replace("fall", "autumn")
        begins = {"spring": 3, "summer": 6, "autumn": 9, "winter": 12}[season]
        month = int(base[5:7]) if len(base) >= 7 and base[5:7].isdigit() else None
        if month is None or count == 0:
            return When(f"{year:04}-{season}", "season", rule)
        if count < 0:  # the last one that is over, or at least begun
            return When(f"{year if month > begins + 2 else year - 1:04}-{season}", "season", rule)
        return When(f"{year if month < begins else year + 1:04}-{season}", "season", rule)
    if len(base) < 7 or not base[5:7].isdigit():
        return UNRESOLVED
    if unit == "month":
        months = year * 12 + int(base[5:7]) - 1 + count
        return When(f"{months // 12:04}-{months % 12 + 1:02}", "month", rule)
    if unit in _MONTH_OF:
        wanted, month = _MONTH_OF[unit], int(base[5:7])
        back = {-1: wanted >= month, 0: False, 1: wanted <= month}[count]
        return When(f"{year + (count if back else 0):04}-{wanted:02}", "month", rule)
    day = _day_of(base)
    if day is None:
        return UNRESOLVED
    if unit in _WEEKDAYS:
        behind = (day.weekday() - _WEEKDAYS.index(unit)) % 7
        return When(
            (day - timedelta(behind if count <= 0 else behind - 7)).isoformat(), "day", rule
        )
    if unit == "week" and abs(count) == 1 and rule == "relative_to_article":
        return When(f"{day - timedelta(7) if count < 0 else day + timedelta(7)}", "week", rule)
    return When((day + timedelta(count * _UNITS[unit])).isoformat(), "day", rule)


def _last_named(before: str, article_date: str | None) -> When | None:
    """The last date in *before* that is known to its year."""
    last: When | None = None
    for found in _NAMED.finditer(before):
        date_found = _resolved(found.group(), last, article_date)
        if date_found.value and date_found.value[:4].isdigit():
            last = date_found
    return last


_MONTH_CAPITAL = "|".join([*(name.title() for name in _MONTHS), *(name[:3].title() for name in _MONTHS), "Sept"])  # fmt: skip
_NAMED = re.compile(
    rf"\b\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?(?:{_MONTH_CAPITAL})\b\.?(?:,?\s+\d{{4}})?"
    rf"|\b(?:{_MONTH_CAPITAL})\b\.?\s+\d{{1,2}}(?:st|nd|rd|th)?\b(?:,?\s+\d{{4}})?"
    rf"|\b(?:{_MONTH_CAPITAL})\b\.?\s+(?:of\s+)?\d{{4}}\b"
    r"|\b\d{4}-\d\d-\d\d\b|\b(?:1\d{3}|20\d\d)\b(?!-)"
    rf"|\b(?:the (?:next|following) day|{_COUNT} (?:day|week|month|year)s? later)\b"
)


def _count(written: str | None) -> int:
    word = (written or "").lower()
    return _NUMBERS.get(word) or int(word)


def _day_of(written: str | None) -> date | None:
    return date.fromisoformat(written) if written and len(written) == 10 else None
