"""How well questions over a collection are answered: retrieval, exact match, abstention.

    python benchmarks/quality.py FOLDER [--sample N] [--search-only]

FOLDER holds ``corpus.jsonl[.gz]`` (articles) and ``questions.jsonl[.gz]`` with rows {id, question,
answers, article}, as made from SQuAD. hit@k: among the first k sentences is one of the right
article that holds an answer. EM and F1 are SQuAD's (Rajpurkar et al. 2016), end to end over the
whole collection, at threshold 0. "search" is BM25 over all levels, "answer" after reading.
"""

import argparse
import gzip
import json
import platform
import re
import string
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from index.ask import ask
from index.question import parse_question
from index.search import Passage, search
from index.store import open_store, rebuild

KS = (1, 5, 10)


def rows(folder: Path, name: str) -> Iterator[dict[str, Any]]:
    for ending, opened in ((".jsonl", open), (".jsonl.gz", gzip.open)):
        path = folder / f"{name}{ending}"
        if path.exists():
            with opened(path, "rt", encoding="utf-8") as lines:
                yield from map(json.loads, lines)
            return
    raise SystemExit(f"there is no {name}.jsonl or {name}.jsonl.gz in {folder}")


def words(text: str) -> list[str]:
    """SQuAD's normalisation: lower case, no punctuation, no articles."""
    plain = "".join(c for c in text.lower() if c not in string.punctuation)
    return [word for word in plain.split() if word not in {"a", "an", "the"}]


def f1(answer: str, gold: str) -> float:
    given, wanted = words(answer), words(gold)
    common = sum((Counter(given) & Counter(wanted)).values())
    return 2 * common / (len(given) + len(wanted)) if common else float(given == wanted)


def rank(passages: Sequence[Passage], article: str, golds: Sequence[str]) -> int:
    """The place (from 1) of the first passage that is right, or 0."""
    for place, passage in enumerate(passages, 1):
        text = f" {' '.join(words(re.sub('[-–—]', ' ', passage.quote)))} "
        if passage.article.id == article and any(
            f" {' '.join(words(re.sub('[-–—]', ' ', gold)))} " in text for gold in golds
        ):
            return place
    return 0


def line(name: str, ranks: list[int]) -> str:
    hits = "  ".join(
        f"hit@{k} {100 * sum(0 < r <= k for r in ranks) / len(ranks):5.1f}" for k in KS
    )
    return f"{name:8}{hits}  MRR@10 {100 * sum(1 / r for r in ranks if r) / len(ranks):5.1f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sample", type=int, help="ask only every n-th question", default=1)
    parser.add_argument("--search-only", action="store_true")
    options = parser.parse_args()
    corpus = next(options.folder.glob("corpus.jsonl*"), None)
    if corpus is None:
        raise SystemExit(f"there is no corpus.jsonl or corpus.jsonl.gz in {options.folder}")
    with tempfile.TemporaryDirectory() as store:
        report = rebuild(corpus, Path(store))
        snapshot = open_store(Path(store))
        questions = list(rows(options.folder, "questions"))[:: options.sample]
        searched, read, exact, overlap, seconds = [], [], [], [], []
        for row in questions:
            question = parse_question(row["question"])
            found = search(snapshot, question.terms, relation=question.relation, kind=question.kind)
            searched.append(rank(found.passages, row["article"], row["answers"]))
            if options.search_only:
                continue
            began = time.perf_counter()
            answer = ask(snapshot, row["question"], threshold=0)
            seconds.append(time.perf_counter() - began)
            read.append(rank(answer.passages, row["article"], row["answers"]))
            text = answer.text or ""
            exact.append(max(float(words(text) == words(gold)) for gold in row["answers"]))
            overlap.append(max(f1(text, gold) for gold in row["answers"]))
    print(
        f"{len(questions)} questions, {report.counts.articles} articles,"
        f" {report.counts.sentences} sentences; Python {platform.python_version()},"
        f" {platform.machine()}"
    )
    print(line("search", searched))
    if read:
        print(line("answer", read))
        print(f"EM {100 * float(np.mean(exact)):.1f}  F1 {100 * float(np.mean(overlap)):.1f}")
        print(f"median {1000 * float(np.median(seconds)):.0f} ms a question")


if __name__ == "__main__":
    main()
