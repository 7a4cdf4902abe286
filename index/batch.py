"""A file of questions to answer in one go."""

import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from index.errors import UnusableInput
from index.formats.jsonl import json_row


@dataclass(frozen=True, slots=True)
class Row:
    """One question of a file, its id, and the article ids to search in (None is all)."""

    line: int
    id: str
    question: str
    within: frozenset[str] | None


def read_batch(path: Path) -> Iterator[Row]:
    """The rows ``{id, question}`` of a .jsonl or .jsonl.gz file, in order, as they are read.

    Raises UnusableInput, naming the line, at the first that cannot be used.
    """
    for number, line in lines_of(path):
        try:
            yield _row(line, number)
        except UnusableInput as error:
            raise UnusableInput(f"{path} line {number}: {error}") from None


def lines_of(path: Path) -> Iterator[tuple[int, bytes]]:
    """The lines of a plain or gzipped file that hold something, and their numbers from 1."""
    opened = gzip.open if path.name.lower().endswith(".gz") else open
    number = 0
    try:
        with opened(path, "rb") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield number, line
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise UnusableInput(f"{path} line {number + 1}: the gzip file is damaged") from None
    except OSError as error:
        raise UnusableInput(f"{path} cannot be read ({error.strerror or error})") from None


def _row(line: bytes, number: int) -> Row:
    row = json_row(line)
    row_id, question, within = row.get("id"), row.get("question"), row.get("within")
    if not isinstance(row_id, str | int):
        raise UnusableInput('it has no "id"')
    if not isinstance(question, str):
        raise UnusableInput('it has no "question"')
    if within is not None and not (
        isinstance(within, list) and all(isinstance(one, str) for one in within)
    ):
        raise UnusableInput('its "within" is not a list of article ids')
    return Row(number, str(row_id), question, None if within is None else frozenset(within))
