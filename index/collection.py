"""A collection: the folder (or one file) of articles that a person keeps."""

import os
from collections.abc import Iterator
from pathlib import Path

from index.article import Article, Skipped
from index.errors import UnusableInput
from index.formats import READERS, ending_of
from index.formats.jsonl import lines_of


def read_collection(path: Path) -> Iterator[Article | Skipped]:
    """Every article below *path*, files in the order of their names, and what had to be skipped.

    An id that came before is skipped, so ids are unique; hidden files and folders are passed
    over. Raises UnusableInput where *path* is not there or cannot be opened.
    """
    seen: set[str] = set()
    for found in _articles_below(path):
        if isinstance(found, Skipped):
            yield found
        elif found.id in seen:
            yield Skipped(found.id, f'another article has the id "{found.id}" already')
        else:
            seen.add(found.id)
            yield found


def count_articles(path: Path) -> int:
    """About how many articles there are below *path*, without reading them: rows and files."""
    files = _files_below(path) if path.is_dir() else [path]
    return sum(_rows_in(file) for file in files if isinstance(file, Path) and ending_of(file))


def _rows_in(path: Path) -> int:
    if ".jsonl" not in path.name.lower():
        return 1
    try:
        return sum(1 for _ in lines_of(path))
    except (OSError, UnusableInput):
        return 0  # reading it will say why


def file_of(collection: Path, article_id: str) -> tuple[Path, int] | None:
    """The file below *collection* that an article is read from, and how many articles that file
    holds; None where there is none."""
    for file in _files_below(collection):
        if not isinstance(file, Skipped):
            place = file.relative_to(collection).as_posix()
            ids = [one.id for one in _articles_in(file, place) if isinstance(one, Article)]
            if article_id in ids:
                return file, len(ids)
    return None


def _articles_below(path: Path) -> Iterator[Article | Skipped]:
    if not path.exists():
        raise UnusableInput(f"there is no file or folder {path}")
    if path.is_dir():
        for file in _files_below(path):
            if isinstance(file, Skipped):
                yield file
            else:
                yield from _articles_in(file, file.relative_to(path).as_posix())
    else:
        yield from _articles_in(path, path.name)


def _files_below(folder: Path) -> Iterator[Path | Skipped]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        yield Skipped(str(folder), f"it cannot be opened ({error.strerror})")
        return
    if not entries and ending_of(folder):
        yield Skipped(str(folder), "it is an empty folder, not a file")
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _files_below(Path(entry.path))
        elif entry.is_file():
            yield Path(entry.path)
        else:
            yield Skipped(entry.path, "it is not a regular file")


def _articles_in(path: Path, place: str) -> Iterator[Article | Skipped]:
    ending = ending_of(path)
    if ending is None:
        known = ", ".join(READERS)
        yield Skipped(str(path), f"its ending is none of those that can be read ({known})")
        return
    try:
        yield from READERS[ending](path, place[: -len(ending)])
    except UnusableInput as error:
        yield Skipped(str(path), str(error))
    except OSError as error:
        yield Skipped(str(path), f"it cannot be read ({error.strerror or error})")
