"""A snapshot: one immutable state of an index, some segments and which of their articles count.

Its file says for every article of every segment which number it has in the snapshot, or that it
is gone. Its name is the digest of the articles and of the versions of what analysed them, so it
is the same however the articles are spread over segments.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.arrays import ArrayFile, write_arrays
from index.article import Article
from index.bm25 import BM25, K1, B
from index.errors import DamagedSnapshot
from index.part import GONE, Part
from index.segment import FORMAT, LEVELS, SEGMENTER, VERSIONS, Segment, segment_path
from index.sentences import Sentence
from index.terms import ANALYSER

ENDING = ".snapshot"


@dataclass(frozen=True, slots=True)
class Counts:
    """How much a snapshot holds."""

    articles: int
    paragraphs: int
    sentences: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a snapshot's file says; ``words`` are the terms in all sentences and in all titles."""

    format: int
    analyser: str
    segmenter: str
    name: str
    counts: Counts
    words: Mapping[str, int]
    segments: tuple[str, ...]


class Snapshot:
    """An open snapshot; all that it gives out is read from mapped files when it is asked for.

    Articles and sentences are known by number: articles in the order of their ids, sentences in
    the order of article and offset, so that a lower number breaks a tie. ``layout`` names its
    file, ``name`` what it holds.
    """

    def __init__(self, path: Path) -> None:
        """Open the file *path* and its segments; DamagedSnapshot says what is wrong with them."""
        self.path = path
        self.layout = path.stem
        file = ArrayFile(path)
        self.manifest = _checked_manifest(file)
        self.name = self.manifest.name
        self.counts = self.manifest.counts
        counts, words = self.counts, self.manifest.words
        self.sizes = (counts.sentences, counts.paragraphs, counts.articles, counts.articles)
        """How many texts there are at each of LEVELS."""
        self.averages = {
            level: words["title" if level == "title" else "sentence"] / max(size, 1) or 1.0
            for level, size in zip(LEVELS, self.sizes, strict=True)
        }
        """How many terms a text of each level has on average."""
        self.segments = [
            Segment(segment_path(path.parent, name)) for name in self.manifest.segments
        ]
        # Articles numbered through all segments, in their order.
        self._first_flat = np.cumsum([0, *(segment.articles for segment in self.segments)])
        self._ranks = file.part("ranks")
        if len(self._ranks) != self._first_flat[-1]:
            raise file.damaged("its segments are not those it was written for")
        self._flat = np.empty(counts.articles, np.int32)
        self._flat[self._ranks[self._ranks >= 0]] = np.flatnonzero(self._ranks >= 0)
        self._file = file

    @cached_property
    def ranks(self) -> list[NDArray[np.int32]]:
        """For each segment's articles their numbers in the snapshot, -1 for one that is gone."""
        return np.split(self._ranks, self._first_flat[1:-1])

    @cached_property
    def parts(self) -> list[Part]:
        """The segments with what they need of the whole snapshot."""
        parts = []
        for segment, ranks in zip(self.segments, self.ranks, strict=True):
            first = segment.texts_of("sentence")[:-1]
            shifts = np.where(ranks >= 0, self._first_sentences[ranks] - first, GONE)
            parts.append(Part(segment, ranks, shifts, self.averages, k1=K1, b=B))
        return parts

    @cached_property
    def _first_sentences(self) -> NDArray[np.int64]:
        """The number of each article's first sentence, and of all sentences."""
        return self._firsts("sentence")

    def _firsts(self, level: str) -> NDArray[np.int64]:
        """The number of each article's first text at a level, and of all texts."""
        held = np.concatenate([np.diff(segment.texts_of(level)) for segment in self.segments])
        return np.concatenate([[0], np.cumsum(held[self._flat], dtype=np.int64)])

    @property
    def bm25(self) -> dict[str, BM25]:
        """BM25 at each level; that of sentences also finds the best of them."""
        return {level: BM25(level, self) for level in LEVELS}

    @property
    def bytes(self) -> int:
        """The size of its files on disk."""
        return self._file.size + sum(segment.file.size for segment in self.segments)

    def article(self, number: int) -> Article:
        """The article with its text."""
        place, local = self.place_of(number)
        return self.segments[place].article(local)

    def facts(self, number: int) -> dict[str, Any]:
        """All of an article but its text, by the names of ``Article``."""
        place, local = self.place_of(number)
        return self.segments[place].facts(local)

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
        article = self.article_of(number)
        part, local = self._part_of(article)
        file = part.segment.file
        place = number - int(part.shifts[local])
        paragraph = int(file.part("sentence.paragraph", place, place + 1)[0])
        return Sentence(
            article_id,
            paragraph - int(file.part("article.paragraphs", local, local + 1)[0]),
            int(file.part("sentence.start", place, place + 1)[0]),
            int(file.part("sentence.end", place, place + 1)[0]),
        )

    def sentences_of(self, article: int) -> range:
        """The numbers of an article's sentences."""
        first, last = self._first_sentences[article : article + 2].tolist()
        return range(first, last)

    def article_of(self, sentence: int) -> int:
        """The number of a sentence's article."""
        return int(np.searchsorted(self._first_sentences, sentence, side="right")) - 1

    def kinds_of(self, sentence: int) -> int:
        """The bits of index.kinds that a sentence holds."""
        article = self.article_of(sentence)
        part, local = self._part_of(article)
        place = sentence - int(part.shifts[local])
        return int(part.segment.file.part("sentence.kinds", place, place + 1)[0])

    def all_numbers(self, part: Part, level: str) -> NDArray[np.int64]:
        """The numbers in the snapshot of all texts of a part at one level, -1 for those gone."""
        begins = part.segment.texts_of(level).astype(np.int64)
        held = np.diff(begins)
        shifts = self._firsts(level)[part.ranks] - begins[:-1]
        numbers = np.arange(begins[-1]) + np.repeat(shifts, held)
        return np.where(np.repeat(part.ranks >= 0, held), numbers, -1)

    def holds(self, term: str) -> bool:
        """Whether *term* stands in a sentence or a title."""
        return any(any(part.find(term)[1]) for part in self.parts)

    def terms_starting(self, letter: str) -> set[str]:
        """Every term that begins with *letter*; for spelling, where all have to be compared. A few
        may be of articles that are gone."""
        return {term for one in self.segments for term in one.terms_starting(letter)}

    def count_terms(self) -> int:
        """How many different terms it holds; looks at all of them."""
        terms: set[str] = set()
        for segment, ranks in zip(self.segments, self.ranks, strict=True):
            spelled = segment.spelled()
            terms.update(spelled[i] for i in segment.terms_held(ranks >= 0).tolist())
        return len(terms)

    def labels(self, name: str) -> set[str]:
        """The sources or the authors (*name* says which) that articles have, case-folded; a few
        may be of articles that are gone."""
        return {one.casefold() for segment in self.segments for one in segment.labels[name]}

    def sentences_holding(self, term: str) -> int:
        """In how many sentences *term* stands."""
        return sum(part.find(term)[1][0] for part in self.parts)

    def article_holds(self, article: int, term: str) -> bool:
        """Whether *term* stands in an article's text or title."""
        part, local = self._part_of(article)
        number = part.find(term)[0]
        if number < 0:
            return False
        for level in ("article", "title"):
            texts, _ = part.segment.postings(level, number)
            place = int(np.searchsorted(texts, local))
            if place < len(texts) and int(texts[place]) == local:
                return True
        return False

    def faults(self) -> list[str]:
        """What is wrong with its files, a sentence each; reads and digests them all."""
        files = [self._file, *(segment.file for segment in self.segments)]
        return [fault for file in files for fault in file.faults()]

    def place_of(self, article: int) -> tuple[int, int]:
        """The place of an article's segment among them, and its number there."""
        flat = int(self._flat[article])
        place = int(np.searchsorted(self._first_flat, flat, side="right")) - 1
        return place, flat - int(self._first_flat[place])

    def _part_of(self, article: int) -> tuple[Part, int]:
        """The part that an article is in, and its number there."""
        place, local = self.place_of(article)
        return self.parts[place], local


def write_snapshot(folder: Path, segments: Sequence[tuple[Segment, NDArray[np.bool_]]]) -> str:
    """Write the file of the snapshot of those articles of *segments* that each array keeps; gives
    the name of the file. Raises OSError."""
    kept = np.concatenate([one for _, one in segments])
    ids = np.array([one for segment, _ in segments for one in segment.ids()], object)
    places = np.flatnonzero(kept)
    in_order = places[np.argsort(ids[places])] if len(places) else places
    ranks = np.full(len(kept), -1, np.int32)
    ranks[in_order] = np.arange(len(in_order), dtype=np.int32)
    digests = np.concatenate([segment.digests() for segment, _ in segments])[in_order]
    words = {"sentence": 0, "title": 0}
    held = {"paragraph": 0, "sentence": 0}
    for segment, stays in segments:
        words["sentence"] += int(segment.file.part("article.words")[stays].sum())
        words["title"] += int(segment.file.part("title.words")[stays].sum())
        for level in held:
            held[level] += int(np.diff(segment.texts_of(level))[stays].sum())
    name = hashlib.sha256(VERSIONS.encode() + digests.tobytes()).hexdigest()[:32]
    manifest = Manifest(
        format=FORMAT,
        analyser=ANALYSER,
        segmenter=SEGMENTER,
        name=name,
        counts=Counts(len(in_order), held["paragraph"], held["sentence"]),
        words=words,
        segments=tuple(segment.name for segment, _ in segments),
    )
    return write_arrays(
        folder, ENDING, {"ranks": ranks}, {"snapshot": json.dumps(asdict(manifest))}
    )


def _checked_manifest(file: ArrayFile) -> Manifest:
    """What a snapshot's file says, its versions checked."""
    said: dict[str, Any] = json.loads(file.said["snapshot"])
    if said["format"] != FORMAT:
        raise DamagedSnapshot(
            f"the snapshot {file.path} has format {said['format']} and this program reads format"
            f" {FORMAT}; run `byline rebuild`, or the program's newer version"
        )
    manifest = Manifest(
        **said | {"counts": Counts(**said["counts"]), "segments": tuple(said["segments"])}
    )
    for made, ours, what in (
        (manifest.analyser, ANALYSER, "words"),
        (manifest.segmenter, SEGMENTER, "sentences"),
    ):
        if made != ours:
            raise DamagedSnapshot(
                f'the snapshot {file.path} was made with "{made}" for {what} and this program has'
                f' "{ours}"; run `byline rebuild`'
            )
    return manifest
