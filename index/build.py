"""Building: a collection of articles becomes the files of a snapshot."""

import hashlib
import json
import os
from array import array
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path

import numpy as np

from index.article import Article, date_bounds
from index.bm25 import Integers, make_postings
from index.kinds import kinds_in
from index.sentences import split_sentences
from index.snapshot import FORMAT, LEVELS, SEGMENTER, SENTENCE_COLUMNS, Counts, Manifest
from index.terms import ANALYSER, terms_of


def write_snapshot(
    articles: Iterable[Article],
    folder: Path,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Manifest:
    """Write every file of a snapshot of *articles* into the empty *folder*, each one synced.

    The same articles give the same bytes, whatever order they come in. *progress* is called after
    each article with the number of those done and of all. Raises OSError where the disk refuses.
    """
    ordered = sorted(articles, key=lambda article: article.id)
    vocabulary: dict[str, int] = {}
    words = {level: (array("i"), array("i")) for level in LEVELS}  # (term, text) pairs
    columns = {column: array("i") for column in SENTENCE_COLUMNS}
    sentences = paragraphs = 0
    for number, article in enumerate(ordered):
        _add(words["title"], article.title, number, vocabulary)
        place = -1
        for sentence in split_sentences(article):
            if sentence.paragraph != place:
                place = sentence.paragraph
                paragraphs += 1
            text = sentence.quote(article.text)
            row = (number, paragraphs - 1, place, sentence.start, sentence.end, kinds_in(text))
            for cells, value in zip(columns.values(), row, strict=True):
                cells.append(value)
            _add(words["sentence"], text, sentences, vocabulary)
            sentences += 1
        progress(number + 1, len(ordered))

    # A paragraph's and an article's words are those of its sentences.
    table = {column: np.array(values, np.int32) for column, values in columns.items()}
    pairs = {level: (_ints(terms), _ints(texts)) for level, (terms, texts) in words.items()}
    used, holders = pairs["sentence"]
    pairs["paragraph"] = (used, table["paragraph"][holders])
    pairs["article"] = (used, table["article"][holders])

    spelled = sorted(vocabulary, key=str.encode)
    rank = np.empty(len(spelled), np.int32)
    rank[[vocabulary[term] for term in spelled]] = np.arange(len(spelled), dtype=np.int32)
    counts = Counts(len(ordered), paragraphs, sentences, len(spelled))
    sizes = dict(zip(LEVELS, (sentences, paragraphs, len(ordered), len(ordered)), strict=True))

    writer = _Writer(folder)
    writer.texts("articles.jsonl", "articles.facts_at", (_facts(a) for a in ordered))
    writer.texts("texts.utf8", "articles.texts_at", (a.text for a in ordered))
    writer.texts("vocabulary.utf8", "vocabulary.at", spelled)
    writer.array("articles.dates", np.array([date_bounds(a.date) for a in ordered], np.int32))
    for column, values in table.items():
        writer.array(f"sentences.{column}", values)
    for level, (used, holders) in pairs.items():
        postings = make_postings(rank[used], holders, len(spelled), sizes[level])
        for part in ("starts", "texts", "counts", "lengths"):
            writer.array(f"{level}.{part}", getattr(postings, part))
    manifest = Manifest(
        format=FORMAT,
        analyser=ANALYSER,
        segmenter=SEGMENTER,
        counts=counts,
        words={level: len(used) for level, (used, _) in pairs.items()},
        files=dict(writer.files),
    )
    writer.content("manifest.json", manifest.as_bytes())
    return manifest


class _Writer:
    """Writes files into one folder, syncs each, and remembers its size and digest."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files: dict[str, tuple[int, str]] = {}

    def content(self, name: str, content: bytes) -> None:
        with open(self.folder / name, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        self.files[name] = (len(content), hashlib.sha256(content).hexdigest())

    def array(self, name: str, values: Integers) -> None:
        path = self.folder / f"{name}.npy"
        np.save(path, values, allow_pickle=False)
        with open(path, "rb+") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            os.fsync(file.fileno())
        self.files[path.name] = (path.stat().st_size, digest)

    def texts(self, name: str, offsets: str, texts: Iterable[str]) -> None:
        """All *texts* in one file, and where each begins and the last ends (bytes) in another."""
        encoded = [text.encode() for text in texts]
        self.content(name, b"".join(encoded))
        self.array(offsets, np.cumsum([0, *map(len, encoded)], dtype=np.int64))


def _add(
    words: tuple["array[int]", "array[int]"], text: str, number: int, vocabulary: dict[str, int]
) -> None:
    terms = [vocabulary.setdefault(term, len(vocabulary)) for term in terms_of(text)]
    words[0].extend(terms)
    words[1].extend([number] * len(terms))


def _facts(article: Article) -> str:
    facts = asdict(article)
    del facts["text"]
    return json.dumps(facts, ensure_ascii=False) + "\n"


def _ints(values: "array[int]") -> Integers:
    return np.array(values, np.int32)
