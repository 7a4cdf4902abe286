"""Markdown files: facts in YAML front matter, the body as the plain text that a reader sees."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token

from index.article import Article, Skipped, make_article
from index.errors import UnusableInput
from index.formats.text import decoded, title_of_name

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?)^---[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)


def read_markdown(path: Path, name: str) -> Iterator[Article | Skipped]:
    """The one article in a Markdown file; a leading heading is its title where no fact is."""
    facts, body = split_front_matter(decoded(path.read_bytes()).replace("\r\n", "\n"))
    heading, paragraphs = plain_paragraphs(body)
    yield make_article(
        facts,
        "\n\n".join(paragraphs),
        fallback_id=name,
        title=heading or title_of_name(name),
    )


def split_front_matter(text: str) -> tuple[dict[str, Any], str]:
    """The facts between the opening ``---`` lines, and the rest of *text*."""
    found = _FRONT_MATTER.match(text)
    if not found:
        return {}, text
    try:
        facts = yaml.safe_load(found[1])
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" at line {mark.line + 2}" if mark else ""
        raise UnusableInput(f"its front matter is not YAML{where}") from None
    if facts is None:
        facts = {}
    if not isinstance(facts, dict):
        raise UnusableInput("its front matter is not a list of names and values")
    return facts, text[found.end() :]


def plain_paragraphs(markdown: str) -> tuple[str | None, list[str]]:
    """The leading first-level heading, and the paragraphs of *markdown* without its marks.

    Emphasis and links leave their words, line breaks inside a paragraph become spaces, pictures
    and raw HTML go; headings, list items, table cells and code blocks are paragraphs too.
    """
    heading: str | None = None
    paragraphs: list[str] = []
    opened = ""
    for token in MarkdownIt("commonmark").enable("table").parse(markdown):
        if token.type == "inline":
            words = " ".join(_words_of(token).split())
            if opened == "h1" and heading is None and not paragraphs:
                heading = words or None
            elif words:
                paragraphs.append(words)
        elif token.type in {"fence", "code_block"} and token.content.strip():
            paragraphs.append(token.content.strip("\n"))
        opened = token.tag if token.nesting == 1 else opened
    return heading, paragraphs


def _words_of(inline: Token) -> str:
    kept = {"text", "code_inline", "softbreak", "hardbreak"}
    return "".join(child.content or " " for child in inline.children or () if child.type in kept)
