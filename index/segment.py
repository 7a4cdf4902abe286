"""A segment: an immutable part of an index, some articles with their sentences and postings.

Articles, paragraphs, sentences and terms are numbered within their segment: articles in the order
in which they were added, the rest in theirs, terms in the order of their UTF-8 bytes.
"""

import hashlib
import json
from collections.abc import Mapping
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.arrays import Array, ArrayFile
from index.article import Article, facts_of
from index.terms import ANALYSER

LEVELS = ("sentence", "paragraph", "article", "title")
"""The texts that are ranked apart and added up, each with its own BM25; in the kernel's order."""
ENDING = ".segment"
FORMAT = 2
"""The layout of the files that this program writes and reads; a change of layout raises it."""
SEGMENTER = f"lines-2 sentencex {version('sentencex')}"
VERSIONS = f"{FORMAT}; {ANALYSER}; {SEGMENTER}"
"""What decides, beside the articles, what a segment holds."""


def segment_path(folder: Path, name: str) -> Path:
    """Where the segment with this name lies."""
    return folder / f"{name}{ENDING}"


def digest_of(article: Article) -> bytes:
    """The SHA-256 of an article: its facts as JSON, a line break, its text."""
    facts = json.dumps(facts_of(article), ensure_ascii=False)
    return hashlib.sha256(f"{facts}\n{article.text}".encode()).digest()


class Segment:
    """An open segment; raises DamagedSnapshot where its file is not what was written."""

    def __init__(self, path: Path) -> None:
        self.file = ArrayFile(path)
        self.name = path.stem
        said: Mapping[str, Any] = json.loads(self.file.said["segment"])
        self.articles: int = said["articles"]
        self.sentences: int = said["sentences"]
        self.terms: int = said["terms"]

    def article(self, number: int) -> Article:
        """The article with its text."""
        return Article(**self.facts(number), text=self._text("texts", number))

    def facts(self, number: int) -> dict[str, Any]:
        """All of an article but its text, by the names of ``Article``."""
        facts: dict[str, Any] = json.loads(self._text("facts", number))
        return facts

    def ids(self) -> list[str]:
        """The ids of all articles, by number."""
        return self.file.part("ids").tobytes().decode().split("\n")

    def digests(self) -> Array:
        """The digest of each article, 32 bytes a row."""
        return self.file.part("digests").reshape(-1, 32)

    def term(self, number: int) -> str:
        """The term with this number."""
        return self._text("vocabulary", number)

    def term_number(self, term: str) -> int | None:
        """The number of *term*, or None where it is not in this segment; a binary search."""
        number = self._insertion(term.encode())
        return number if number < self.terms and self.term(number) == term else None

    def terms_starting(self, letter: str) -> list[str]:
        """Every term that begins with *letter*."""
        low, high = (self._insertion(key.encode()) for key in (letter, chr(ord(letter) + 1)))
        if low == high:
            return []
        at = self.file.part("vocabulary_at", low, high + 1).tolist()
        content = self.file.part("vocabulary", at[0], at[-1]).tobytes()
        return [content[a - at[0] : b - at[0]].decode() for a, b in zip(at, at[1:], strict=False)]

    def postings(self, level: str, term: int) -> tuple[Array, Array]:
        """The texts of a level that hold a term, ascending, and the code of each."""
        begin, end = self.file.part(f"{level}.starts", term, term + 2).tolist()
        return (
            self.file.part(f"{level}.texts", begin, end),
            self.file.part(f"{level}.codes", begin, end),
        )

    def pairs(self, level: str) -> Array:
        """What each code stands for: how often the text holds the term, and the text's terms."""
        return self.file.part(f"{level}.pairs").reshape(-1, 2)

    def texts_of(self, level: str) -> Array:
        """The first text of each article at a level, and the end of the last one's."""
        if level in {"article", "title"}:
            return np.arange(self.articles + 1, dtype=np.int32)
        return self.file.part(f"article.{level}s")

    def terms_held(self, kept: NDArray[np.bool_]) -> Array:
        """The numbers of the terms in the texts and titles of the articles that *kept* keeps."""
        held = np.zeros(self.terms, np.bool_)
        for level in ("article", "title"):
            starts = self.file.part(f"{level}.starts")
            stays = np.cumsum(kept[self.file.part(f"{level}.texts")])
            so_far = np.concatenate([[0], stays])
            held |= so_far[starts[1:]] > so_far[starts[:-1]]
        return np.flatnonzero(held)

    def spelled(self) -> list[str]:
        """Every term, by number."""
        at = self.file.part("vocabulary_at").tolist()
        content = self.file.part("vocabulary").tobytes()
        return [content[a:b].decode() for a, b in zip(at, at[1:], strict=False)]

    @cached_property
    def labels(self) -> dict[str, list[str]]:
        """The different sources and authors; ``article.source`` counts into them from 1."""
        labels: dict[str, list[str]] = json.loads(self.file.part("labels").tobytes())
        return labels

    def _text(self, name: str, number: int) -> str:
        begin, end = self.file.part(f"{name}_at", number, number + 2).tolist()
        return self.file.part(name, begin, end).tobytes().decode()

    @cached_property
    def _vocabulary(self) -> tuple[memoryview, memoryview]:
        """The terms' bytes and where each begins; views, whose items cost less than an array's."""
        return self.file.part("vocabulary").data, self.file.part("vocabulary_at").data

    def _insertion(self, wanted: bytes) -> int:
        """The number of the first term that is not before *wanted*."""
        content, at = self._vocabulary
        low, high = 0, self.terms
        while low < high:
            middle = (low + high) // 2
            before = bytes(content[at[middle] : at[middle + 1]]) < wanted
            low, high = (middle + 1, high) if before else (low, middle)
        return low
