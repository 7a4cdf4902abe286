"""Measures the shipped int8 file, through the run-time, on articles that were not trained on; writes the card."""

from __future__ import annotations

import gzip
import json
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from index.span_model import SpanModel
from training.card import write_card
from training.lookalikes import Candidate, Pool, corpus_candidates
from training.prepare import thinned
from training.rows import Row, dev_articles, question_files, read_lines, title_of
from training.score import area, match

MOST = 1_500  # rows measured of one set or kind
NOWHERE = -99.0


def read_part(work: Path, name: str) -> list[Row]:
    """The rows that `prepare` wrote for one part."""
    with gzip.open(work / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [Row(**json.loads(line)) for line in lines]


def best(model: SpanModel, row: Row | Candidate, question: str, context: str) -> tuple[str, float]:
    """The best span's text and score, or nothing with a very low one."""
    spans = model.read(question, [row.sentence], [context], top=1)[0]
    return (row.sentence[spans[0].start : spans[0].end], spans[0].score) if spans else ("", NOWHERE)


def grouped(rows: Iterable[Row], key: str) -> dict[str, list[Row]]:
    """*rows* by one of their fields, each group thinned to what is measured."""
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[str(getattr(row, key))].append(row)
    return {name: thinned(found[name], MOST) for name in sorted(found)}


def answers_right(
    model: SpanModel, rows: Iterable[Row]
) -> tuple[dict[str, Any], dict[str, Any], dict[str, list[float]]]:
    """EM, F1 and refusals by set, by question word (of the sets named in the card), and the margins."""
    by_set: dict[str, Any] = {}
    by_word: dict[str, Any] = {}
    margins: dict[str, list[float]] = {}
    for name, group in grouped(rows, "set").items():
        for label, short in ((name, False), (f"{name}, sentence only", True)):
            if short and not any(row.context for row in group):
                continue
            given = [best(model, row, row.question, "" if short else row.context) for row in group]
            scores = [match(text, row.answers) for (text, _), row in zip(given, group, strict=True)]
            by_set[label] = summary(scores, [margin for _, margin in given])
            if short:
                continue
            margins[name] = [margin for _, margin in given]
            words: dict[str, list[int]] = defaultdict(list)
            for number, row in enumerate(group):
                words[row.qtype].append(number)
            for word, places in sorted(words.items()):
                if len(places) >= 20 and name in {"squad", "qamr", "qasrl-gs", "qasrl-filled"}:
                    by_word[f"{name} / {word}"] = summary(
                        [scores[n] for n in places], [given[n][1] for n in places]
                    )
    return by_set, by_word, margins


def summary(scores: Sequence[tuple[float, float]], margins: Sequence[float]) -> dict[str, float]:
    """n, EM, F1 and the share refused at score 0, in percent."""
    exact, overlap = np.mean(scores, axis=0)
    refused = float(np.mean([margin <= 0 for margin in margins]))
    return {
        "n": len(scores),
        "EM": round(100 * exact, 1),
        "F1": round(100 * overlap, 1),
        "refused": round(100 * refused, 1),
    }


def refusals(
    model: SpanModel, rows: Iterable[Row], margins: dict[str, list[float]]
) -> dict[str, Any]:
    """For each set and kind of wrong pair: how many score above 0, and AUROC against the set's gold pairs."""
    found = {}
    kinds: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        if row.kind != "own":
            kinds[row.set, row.kind].append(row)
    for (name, kind), group in sorted(kinds.items()):
        if len(group) >= 30:
            wrong = [best(model, row, row.question, row.context)[1] for row in thinned(group, MOST)]
            fooled = 100 * float(np.mean([score > 0 for score in wrong]))
            found[f"{name} / {kind}"] = {
                "n": len(wrong),
                "fooled": round(fooled, 1),
                "AUROC": round(area(margins[name], wrong), 3),
            }
    return found


def open_search(
    model: SpanModel, folders: Sequence[Path], rows: Sequence[Row], own: Iterable[Row]
) -> dict[str, Any]:
    """AUROC of the best margin over the five BM25 sentences of the dev articles, or over the paragraph."""
    pool = Pool(corpus_candidates(folders, "dev"))
    places: dict[str, list[Candidate]] = defaultdict(list)
    for candidate in pool.candidates:
        places[candidate.paragraph].append(candidate)

    def searched(question: str) -> float:
        return max(
            (best(model, one, question, one.context)[1] for one in pool.search(question, 5)),
            default=NOWHERE,
        )

    squad = [row for row in rows if row.set == "squad"]
    answered = [searched(row.question) for row in squad]
    foreign = [
        str(record["question"])
        for path in question_files(folders)
        for record in read_lines(path)
        if record.get("set") == "nq-open-negatives"
    ]
    beside: dict[str, float] = {}
    questions: dict[str, str] = {}
    for row in own:
        name = row.id.split("#")[0]
        questions[name] = row.question
        beside[name] = max(
            beside.get(name, NOWHERE), best(model, row, row.question, row.context)[1]
        )
    gold = [best(model, row, row.question, row.context)[1] for row in squad]
    return {
        "off-corpus-nq, five BM25 sentences": area(
            answered, [searched(question) for question in foreign]
        ),
        "own unanswerable, five BM25 sentences": area(
            answered, [searched(text) for text in questions.values()]
        ),
        "own unanswerable (whole paragraph) against gold sentences": area(
            gold, list(beside.values())
        ),
    }


def timing(model: SpanModel, rows: Sequence[Row]) -> dict[str, float]:
    """Milliseconds of one thread for ten passages of about thirty words, without and with a title."""
    near = [row for row in rows if row.set == "squad" and 28 <= len(row.sentence.split()) <= 32][
        :10
    ]
    found = {}
    for label, contexts in (
        ("ten sentences", None),
        ("ten sentences with titles", [title_of(row.article) for row in near]),
    ):
        spent = []
        for _ in range(21):
            began = time.perf_counter()
            model.read(
                "When did Richard Nixon call Neil Armstrong?",
                [row.sentence for row in near],
                contexts,
            )
            spent.append(1000 * (time.perf_counter() - began))
        found[label] = round(float(np.median(spent)), 1)
    return found


def measure(folders: Sequence[Path], work: Path, folder: Path) -> None:
    """Measures the model in *folder*; writes figures.json to the work folder and CARD.md beside the model."""
    model = SpanModel.open(folder)
    rows, faults = read_part(work, "dev"), read_part(work, "faults")
    by_set, by_word, margins = answers_right(model, rows)
    names = {
        str(row.article)
        for part in ("train", "dev")
        for row in read_part(work, part)
        if row.set == "squad"
    }
    figures = {
        "held_out": dev_articles(names),
        "sets": by_set,
        "words": by_word,
        "faults": refusals(model, faults, margins),
        "open": open_search(model, folders, rows, [row for row in faults if row.kind == "own"]),
        "milliseconds": timing(model, rows),
        "megabytes": round((folder / "reader.onnx").stat().st_size / 1e6, 1),
    }
    (work / "figures.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    write_card(figures, folder / "CARD.md")
    settings = json.loads((folder / "reader.json").read_text(encoding="utf-8"))
    settings["held_out"] = figures["held_out"]
    (folder / "reader.json").write_text(json.dumps(settings, indent=2) + "\n", encoding="utf-8")
