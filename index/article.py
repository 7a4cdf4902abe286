"""An article: one text with the facts that a citation shows."""

import re
import unicodedata
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from index.errors import UnusableInput

_ISO = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?(?=$|[T ])")
LONGEST_ID = 200
NO_DATE = 0
"""Both bounds of an article whose date is not known; real dates count from 1 (1 January 1)."""


@dataclass(frozen=True, slots=True)
class Article:
    """One text and where it comes from; the only truth that answers are read from.

    ``text`` separates paragraphs by a blank line. ``date`` is ``YYYY``, ``YYYY-MM`` or
    ``YYYY-MM-DD``; like source, author and url it is ``None`` where it is not known, and it is
    never guessed.
    """

    id: str
    title: str
    text: str
    source: str | None = None
    author: str | None = None
    date: str | None = None
    url: str | None = None


def facts_of(article: Article) -> dict[str, str | None]:
    """All of an article but its text, by the names of ``Article``."""
    return {
        "id": article.id,
        "title": article.title,
        "source": article.source,
        "author": article.author,
        "date": article.date,
        "url": article.url,
    }


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file, or a row of one, that gave no article, and the reason in a few words."""

    path: str
    reason: str


def make_article(facts: dict[str, Any], text: str, *, fallback_id: str, title: str) -> Article:
    """An article of *text* and what *facts* (front matter, a JSON row) say of it.

    *fallback_id* and *title* stand in where the facts name none. Raises UnusableInput where there
    is no text or the id cannot be used.
    """
    text = whole_characters(text).replace("\r\n", "\n").replace("\r", "\n").strip()
    if not text:
        raise UnusableInput("it holds no text")
    article_id = one_line(facts.get("id")) or fallback_id
    if len(article_id) > LONGEST_ID:
        raise UnusableInput(f"its id has {len(article_id)} characters, at most {LONGEST_ID} fit")
    return Article(
        id=article_id,
        title=one_line(facts.get("title")) or title,
        text=text,
        source=one_line(facts.get("source")),
        author=one_line(facts.get("author")),
        date=iso_date(facts.get("date")),
        url=one_line(facts.get("url")),
    )


def whole_characters(text: str) -> str:
    """*text* without halves of surrogate pairs, which no file can hold; each becomes U+FFFD."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def iso_date(value: object) -> str | None:
    """*value* as ``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``, or None where it is no such date.

    Read are ISO 8601 (a time of day is dropped), RFC 2822 (as in mail and feeds), numbers of four
    digits, and the date objects that YAML makes.
    """
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    written = str(value).strip() if value is not None and not isinstance(value, bool) else ""
    if found := _ISO.match(written):
        year, month, day = found.groups()
        try:
            date(int(year), int(month or 1), int(day or 1))
        except ValueError:
            return None
        return found.group()
    if not written:
        return None
    try:
        return parsedate_to_datetime(written).date().isoformat()
    except (ValueError, TypeError):
        return None


def date_given(written: str | None, name: str) -> str | None:
    """The date that somebody gave for *name* (an option, a field), or None where none was.

    Raises UnusableInput, naming *name*, where it is not one that ``iso_date`` reads.
    """
    if not written:
        return None
    day = iso_date(written)
    if day is None:
        raise UnusableInput(f'{name} is "{written}"; it has to be like 1969-07-20 or 1969')
    return day


def date_bounds(written: str | None) -> tuple[int, int]:
    """The first and last day of ``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD`` as ordinals (1 January of
    year 1 is 1), or NO_DATE twice."""
    if written is None:
        return NO_DATE, NO_DATE
    year, *rest = (int(part) for part in written.split("-"))
    month, day = (*rest, 0, 0)[:2]
    last_month = month or 12
    last_day = day or monthrange(year, last_month)[1]
    return (
        date(year, month or 1, day or 1).toordinal(),
        date(year, last_month, last_day).toordinal(),
    )


def one_line(value: object) -> str | None:
    """*value* as one line of text without control characters, or None where nothing is left."""
    if value is None or isinstance(value, bool | dict | list):
        return None
    shown = str(value)
    if not shown.isprintable():  # control characters and halves of surrogate pairs are not
        shown = "".join(
            " " if unicodedata.category(c) in {"Cc", "Zl", "Zp"} else c
            for c in whole_characters(shown)
        )
    return " ".join(shown.split()) or None
