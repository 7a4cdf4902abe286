"""JSON lines, plain or gzipped: one article a row."""

import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from index.article import Article, Skipped, make_article
from index.errors import UnusableInput


def read_jsonl(path: Path, name: str) -> Iterator[Article | Skipped]:
    """The articles of a file with rows ``{id, title, source, author, date, url, text}``.

    Only ``text`` is needed. A row that cannot be used is skipped and named by its line; the
    others are read.
    """
    for number, line in lines_of(path):
        yield _article_of(line, name, number, path)


def lines_of(path: Path) -> Iterator[tuple[int, bytes]]:
    """The lines of a plain or gzipped file that hold something, and their numbers from 1.

    Raises UnusableInput where the gzip file is damaged, OSError where the file cannot be read.
    """
    opened = gzip.open if path.name.lower().endswith(".gz") else open
    number = 0
    try:
        with opened(path, "rb") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield number, line
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise UnusableInput(f"line {number + 1}: the gzip file is damaged from here on") from None


def json_row(line: bytes) -> dict[str, Any]:
    """One line of a JSON-lines file as a dictionary; UnusableInput says why where it is none."""
    try:
        row = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise UnusableInput("it is not UTF-8 text") from None
    except RecursionError:
        raise UnusableInput("its JSON is nested too deeply") from None
    except ValueError as error:
        raise UnusableInput(f"it is not JSON ({error})") from None
    if not isinstance(row, dict):
        raise UnusableInput("it is not a JSON object")
    return row


def _article_of(line: bytes, name: str, number: int, path: Path) -> Article | Skipped:
    fallback = f"{name}:{number}"
    try:
        row = json_row(line)
        text = row.get("text")
        if not isinstance(text, str):
            raise UnusableInput('it has no "text"')
        return make_article(row, text, fallback_id=fallback, title=fallback)
    except UnusableInput as error:
        return Skipped(f"{path} line {number}", str(error))
