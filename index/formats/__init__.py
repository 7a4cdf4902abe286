"""How articles are read from files: one module a format, picked by the file's ending."""

from collections.abc import Callable, Iterator
from pathlib import Path

from index.article import Article, Skipped
from index.formats.jsonl import read_jsonl
from index.formats.markdown import read_markdown
from index.formats.text import read_text

Reader = Callable[[Path, str], Iterator[Article | Skipped]]

READERS: dict[str, Reader] = {
    ".txt": read_text,
    ".md": read_markdown,
    ".jsonl": read_jsonl,
    ".jsonl.gz": read_jsonl,
}
"""A file's ending, in lower case, and what reads it: ``reader(path, name)``, where *name* is the
file's place in its collection without the ending (``1969/moon-call``), the article's id unless it
brings its own."""


def ending_of(path: Path) -> str | None:
    """The ending in READERS that *path* has, the longest first, or None."""
    name = path.name.lower()
    fitting = [ending for ending in READERS if name.endswith(ending) and name != ending]
    return max(fitting, key=len, default=None)
