"""Plain text files: the first line may be the title."""

import re
from collections.abc import Iterator
from pathlib import Path

from index.article import Article, Skipped, make_article
from index.errors import UnusableInput

_LONGEST_TITLE = 150
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def read_text(path: Path, name: str) -> Iterator[Article | Skipped]:
    """The one article in a text file."""
    title, text = split_title(decoded(path.read_bytes()))
    yield make_article({}, text, fallback_id=name, title=title or title_of_name(name))


def decoded(content: bytes) -> str:
    """*content* as UTF-8 text, a byte-order mark dropped; UnusableInput says why where it is not."""
    if _BINARY.search(content[:8192]):
        raise UnusableInput("it is a binary file, not text")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        byte = content[error.start]
        raise UnusableInput(
            f"it is not UTF-8 text (byte 0x{byte:02x} at position {error.start})"
        ) from None


def split_title(text: str) -> tuple[str | None, str]:
    """The title line and the rest of *text*; no title where the first line reads as a sentence.

    A title is a first line of at most 150 characters that does not end like a sentence that goes
    on or is over (``. , : ;``) and is followed by a blank line and more text.
    """
    lines = text.strip().splitlines()
    if len(lines) < 3 or lines[1].strip():
        return None, text
    first = lines[0].strip()
    if len(first) > _LONGEST_TITLE or first.endswith((".", ",", ":", ";")):
        return None, text
    return first, "\n".join(lines[2:])


def title_of_name(name: str) -> str:
    """A title made of a file's name: ``1969/moon-call`` is "moon call"."""
    return re.sub(r"[-_\s]+", " ", name.rsplit("/", 1)[-1]).strip() or name
