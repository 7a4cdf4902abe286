"""A snapshot: one immutable built index in a folder of its own, named by its content.

The folder holds ``manifest.json`` (format and analyser versions, counts, size and digest of every
other file), the articles' facts and texts, the vocabulary, and NumPy arrays that are mapped, not
read. Nothing is pickled.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from index.article import Article
from index.bm25 import BM25, Integers, Postings
from index.errors import DamagedSnapshot
from index.sentences import Sentence
from index.terms import ANALYSER

FORMAT = 1
"""The layout that this program writes and reads; a change of layout raises it."""
SEGMENTER = f"lines-2 sentencex {version('sentencex')}"
LEVELS = ("sentence", "paragraph", "article", "title")
"""The texts that are ranked apart and added up, each with its own BM25."""
SENTENCE_COLUMNS = ("article", "paragraph", "place", "start", "end", "kinds")


@dataclass(frozen=True, slots=True)
class Counts:
    """How much a snapshot holds; ``terms`` counts different ones."""

    articles: int
    paragraphs: int
    sentences: int
    terms: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What ``manifest.json`` says; ``words`` is each level's total, ``files`` size and SHA-256."""

    format: int
    analyser: str
    segmenter: str
    counts: Counts
    words: Mapping[str, int]
    files: Mapping[str, tuple[int, str]]

    def as_bytes(self) -> bytes:
        """The one canonical spelling, whose digest names the snapshot."""
        return json.dumps(asdict(self), indent=1, sort_keys=True).encode() + b"\n"


def name_of(manifest: bytes) -> str:
    """The name of the snapshot with this manifest: 32 hexadecimal digits."""
    return hashlib.sha256(manifest).hexdigest()[:32]


class Snapshot:
    """An open snapshot; all that it gives out is read from mapped files when it is asked for.

    Articles, sentences and terms are known by number: articles in the order of their ids,
    sentences in the order of article and offset, so that a lower number breaks a tie.
    """

    def __init__(self, folder: Path) -> None:
        """Open *folder*; DamagedSnapshot says what is wrong with it in one sentence."""
        self.folder = folder
        self.name = folder.name
        self.manifest = _checked_manifest(folder)
        self.counts = self.manifest.counts
        (
            self.sentence_article,
            self.sentence_paragraph,
            self.sentence_place,
            self.sentence_start,
            self.sentence_end,
            self.sentence_kinds,
        ) = (self._array(f"sentences.{column}") for column in SENTENCE_COLUMNS)
        self.article_dates = self._array("articles.dates")
        self._facts = self._bytes("articles.jsonl")
        self._facts_at = self._array("articles.facts_at")
        self._texts = self._bytes("texts.utf8")
        self._texts_at = self._array("articles.texts_at")
        self._vocabulary = self._bytes("vocabulary.utf8")
        self._vocabulary_at = self._array("vocabulary.at")
        self.bm25 = {level: self._bm25(level) for level in LEVELS}

    def article(self, number: int) -> Article:
        """The article with its text."""
        start, end = self._texts_at[number : number + 2].tolist()
        return Article(**self.facts(number), text=self._texts[start:end].tobytes().decode())

    def facts(self, number: int) -> dict[str, Any]:
        """All of an article but its text, by the names of ``Article``."""
        at, until = self._facts_at[number : number + 2].tolist()
        facts: dict[str, Any] = json.loads(self._facts[at:until].tobytes())
        return facts

    def article_number(self, article_id: str) -> int | None:
        """The number of the article with this id, or None; a binary search."""
        low, high = 0, self.counts.articles
        while low < high:
            middle = (low + high) // 2
            found = self.facts(middle)["id"]
            if found == article_id:
                return middle
            low, high = (middle + 1, high) if found < article_id else (low, middle)
        return None

    def sentence(self, number: int, article_id: str) -> Sentence:
        """The sentence with this number; *article_id* is that of its article."""
        return Sentence(
            article_id,
            int(self.sentence_place[number]),
            int(self.sentence_start[number]),
            int(self.sentence_end[number]),
        )

    def sentences_of(self, article: int) -> range:
        """The numbers of an article's sentences."""
        first = np.searchsorted(self.sentence_article, article)
        last = np.searchsorted(self.sentence_article, article + 1)
        return range(int(first), int(last))

    def term(self, number: int) -> str:
        """The term with this number; terms are numbered in the order of their UTF-8 bytes."""
        at, until = self._vocabulary_at[number : number + 2].tolist()
        return self._vocabulary[at:until].tobytes().decode()

    def term_number(self, term: str) -> int | None:
        """The number of *term*, or None where no article holds it; a binary search."""
        wanted = term.encode()
        low, high = 0, self.counts.terms
        while low < high:
            middle = (low + high) // 2
            at, until = self._vocabulary_at[middle : middle + 2].tolist()
            found = self._vocabulary[at:until].tobytes()
            if found == wanted:
                return middle
            low, high = (middle + 1, high) if found < wanted else (low, middle)
        return None

    def terms_starting(self, letter: str) -> list[str]:
        """Every term that begins with *letter*; for spelling, where all have to be compared."""
        low, high = (self._insertion(key) for key in (letter, chr(ord(letter) + 1)))
        if low == high:
            return []
        at = self._vocabulary_at[low : high + 1].tolist()
        content = self._vocabulary[at[0] : at[-1]].tobytes()
        return [content[a - at[0] : b - at[0]].decode() for a, b in zip(at, at[1:], strict=False)]

    def sentences_holding(self, term: str) -> int:
        """In how many sentences *term* stands."""
        number = self.term_number(term)
        return 0 if number is None else len(self.bm25["sentence"].postings.holding(number))

    def article_holds(self, article: int, term: str) -> bool:
        """Whether *term* stands in an article's text or title."""
        number = self.term_number(term)
        return number is not None and any(
            self.bm25[level].postings.holds(number, article) for level in ("article", "title")
        )

    def _insertion(self, key: str) -> int:
        """The number of the first term that is not before *key*."""
        wanted, low, high = key.encode(), 0, self.counts.terms
        while low < high:
            middle = (low + high) // 2
            at, until = self._vocabulary_at[middle : middle + 2].tolist()
            before = self._vocabulary[at:until].tobytes() < wanted
            low, high = (middle + 1, high) if before else (low, middle)
        return low

    def _bm25(self, level: str) -> BM25:
        postings = Postings(
            *(self._array(f"{level}.{part}") for part in ("starts", "texts", "counts", "lengths"))
        )
        return BM25(postings, self.manifest.words[level] / max(len(postings.lengths), 1))

    def _array(self, name: str) -> Integers:
        path = self.folder / f"{name}.npy"
        try:
            # An empty array cannot be mapped. asarray sheds the memmap class, slow to slice.
            mapped = np.load(path, mmap_mode="r", allow_pickle=False)
            return np.asarray(mapped)
        except (OSError, ValueError) as error:
            raise DamagedSnapshot(_damaged(self.folder, f"{path.name}: {error}")) from None

    def _bytes(self, name: str) -> Integers:
        path = self.folder / name
        if path.stat().st_size == 0:
            return np.empty(0, np.uint8)
        return np.asarray(np.memmap(path, np.uint8, mode="r"))


def faults_in(folder: Path) -> list[str]:
    """What is wrong with the files of a snapshot, a sentence each; reads and digests them all."""
    try:
        manifest = _checked_manifest(folder)
    except DamagedSnapshot as error:
        return [str(error)]
    faults = []
    for name, (_, expected) in sorted(manifest.files.items()):
        try:
            with open(folder / name, "rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            faults.append(f"{name} cannot be read ({error.strerror})")
        else:
            if digest != expected:
                faults.append(f"{name} is not what was written (its SHA-256 differs)")
    return faults


def _checked_manifest(folder: Path) -> Manifest:
    """The manifest of *folder*, its versions and its files' sizes checked."""
    try:
        content = (folder / "manifest.json").read_bytes()
    except OSError as error:
        raise DamagedSnapshot(_damaged(folder, f"manifest.json: {error.strerror}")) from None
    try:
        said = json.loads(content)
        found_format = said["format"]
    except (ValueError, KeyError, TypeError):
        raise DamagedSnapshot(_damaged(folder, "manifest.json is not a manifest")) from None
    if found_format != FORMAT:
        raise DamagedSnapshot(
            f"the snapshot {folder} has format {found_format} and this program reads format"
            f" {FORMAT}; run `byline rebuild`, or the program's newer version"
        )
    if name_of(content) != folder.name:
        raise DamagedSnapshot(_damaged(folder, "manifest.json is not the one it was named for"))
    manifest = Manifest(
        **said
        | {
            "counts": Counts(**said["counts"]),
            "files": {name: tuple(entry) for name, entry in said["files"].items()},
        }
    )
    for made, ours, what in (
        (manifest.analyser, ANALYSER, "words"),
        (manifest.segmenter, SEGMENTER, "sentences"),
    ):
        if made != ours:
            raise DamagedSnapshot(
                f'the snapshot {folder} was made with "{made}" for {what} and this program has'
                f' "{ours}"; run `byline rebuild`'
            )
    for name, (size, _) in manifest.files.items():
        try:
            found = (folder / name).stat().st_size
        except OSError as error:
            raise DamagedSnapshot(_damaged(folder, f"{name}: {error.strerror}")) from None
        if found != size:
            raise DamagedSnapshot(_damaged(folder, f"{name} has {found} bytes, not {size}"))
    return manifest


def _damaged(folder: Path, what: str) -> str:
    return f"the snapshot {folder} is damaged ({what}); run `byline rebuild`"
