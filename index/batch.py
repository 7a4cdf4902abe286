"""A file of questions to answer in one go."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from index.errors import UnusableInput
from index.formats.jsonl import json_row, lines_of

T = TypeVar("T")


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
    return read_rows(path, _row)


def read_rows(path: Path, made: Callable[[dict[str, Any], int], T]) -> Iterator[T]:
    """What *made* makes of each row of a .jsonl or .jsonl.gz file and its line's number.

    Raises UnusableInput, naming file and line, at the first that *made* refuses or that is no JSON
    object.
    """
    try:
        for number, line in lines_of(path):
            try:
                yield made(json_row(line), number)
            except UnusableInput as error:
                raise UnusableInput(f"line {number}: {error}") from None
    except UnusableInput as error:
        raise UnusableInput(f"{path} {error}") from None
    except OSError as error:
        raise UnusableInput(f"{path} cannot be read ({error.strerror or error})") from None


def _row(row: dict[str, Any], number: int) -> Row:
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
