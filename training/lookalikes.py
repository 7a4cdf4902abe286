"""Sentences that share a question's words, by BM25: the hardest wrong passages a reader meets."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sentencex import segment

from training.rows import (
    Row,
    context_of,
    corpus_files,
    dev_articles,
    read_lines,
    side_of,
    title_of,
    words_of,
)

K1, B = 0.9, 0.4
COMMON = frozenset(
    "a an the of in on at to for by with from and or is are was were be been do does did has have had "
    "what which who whom whose when where why how that this these those it its as s".split()
)


@dataclass(frozen=True)
class Candidate:
    """A sentence that may be shown to the reader, with where it stands."""

    article: str
    sentence: str
    context: str
    paragraph: str = ""


def terms_of(text: str) -> list[str]:
    """The words that are compared: no common ones, plural and verb endings cut crudely."""
    return [_stem(word) for word in words_of(text) if word not in COMMON]


def _stem(word: str) -> str:
    for ending in ("ies", "ing", "ed", "es", "s", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


class Pool:
    """Candidates of one side of the split, searched by BM25."""

    def __init__(self, candidates: Sequence[Candidate]) -> None:
        self.candidates = list(candidates)
        counts = [Counter(terms_of(candidate.sentence)) for candidate in self.candidates]
        lengths = np.array([sum(count.values()) for count in counts], dtype=np.float64)
        norm = K1 * (1 - B + B * lengths / max(lengths.mean(), 1.0))
        postings: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for number, count in enumerate(counts):
            for term, times in count.items():
                postings[term].append((number, times))
        self.postings: dict[str, tuple[np.ndarray, np.ndarray]] = {}
        for term, found in postings.items():
            places = np.array([number for number, _ in found])
            often = np.array([times for _, times in found], dtype=np.float64)
            idf = math.log(1 + (len(counts) - len(found) + 0.5) / (len(found) + 0.5))
            self.postings[term] = places, idf * often * (K1 + 1) / (often + norm[places])

    def search(self, question: str, top: int, among: set[int] | None = None) -> list[Candidate]:
        """The *top* best candidates for *question* (only those numbered in *among*, when given)."""
        scores = np.zeros(len(self.candidates))
        for term in sorted(set(terms_of(question))):
            if term in self.postings:
                places, gains = self.postings[term]
                scores[places] += gains
        if among is not None:
            keep = np.zeros(len(scores), dtype=bool)
            keep[list(among)] = True
            scores[~keep] = 0.0
        order = np.argsort(-scores, kind="stable")[:top]
        return [self.candidates[place] for place in order if scores[place] > 0]


def holds_answer(sentence: str, answers: Iterable[str]) -> bool:
    """Whether any answer stands in *sentence*, word for word, case aside."""
    padded = f" {' '.join(words_of(sentence))} "
    return any(
        f" {' '.join(words_of(answer))} " in padded for answer in answers if words_of(answer)
    )


def split_paragraph(text: str) -> list[str]:
    """The sentences of one paragraph."""
    return [sentence.strip() for sentence in segment("en", text) if sentence.strip()]


def corpus_candidates(folders: Iterable[Path], side: str) -> list[Candidate]:
    """The sentences of the whole articles on one side, each after its title and predecessor."""
    articles = [
        article
        for path in corpus_files(folders)
        for article in read_lines(path)
        if str(article["id"]).startswith("squad:")
    ]
    dev = dev_articles(str(article["id"]) for article in articles)
    found = []
    for article in articles:
        name = str(article["id"])
        if side_of(name, dev) != side:
            continue
        for number, paragraph in enumerate(str(article["text"]).split("\n\n")):
            previous = ""
            for sentence in split_paragraph(paragraph):
                context = context_of(title_of(name), previous)
                found.append(Candidate(name, sentence, context, f"{name}/{number}"))
                previous = sentence
    return found


def row_candidates(rows: Iterable[Row]) -> list[Candidate]:
    """The sentences that rows are asked about, each once per article."""
    found: dict[tuple[str, str], Candidate] = {}
    for row in rows:
        found.setdefault(
            (row.article, row.sentence), Candidate(row.article, row.sentence, row.context)
        )
    return list(found.values())
