"""Fits the weights that turn a span's evidence into its confidence, and says how good they are.

    python -m training.fit_confidence SQUAD_FOLDER OFF_CORPUS [--write]

SQUAD_FOLDER holds ``corpus``, ``questions`` and ``unanswerable`` (.jsonl.gz), OFF_CORPUS is a file of
questions that the corpus does not answer. Only questions on articles that the reader was not trained
on are used: those on the first three held-out articles, and every other off-corpus question, fit; the
rest measure. Search runs over the whole corpus.

Fitted twice: first over all candidates, so that the right span wins, then over each question's best
candidate (slope and intercept), so that its confidence is the share of such answers that are right.
"""

import argparse
import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.candidates import Candidate, candidates
from index.confidence import Coverage
from index.evaluation import f1, normal
from index.question import parse_question
from index.search import search
from index.span_model import SHIPPED
from index.store import open_store, rebuild
from training.rows import dev_articles, read_lines

FEATURES = ("margin", "score", "in_sentence", "in_article")
Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Asked:
    """A question's candidates as evidence, and which of them are right."""

    kind: str  # "answerable", "unanswerable" or "off-corpus"
    fits: bool
    evidence: Matrix
    right: NDArray[np.bool_]
    exact: NDArray[np.bool_]


def fitted(
    features: Matrix, right: NDArray[np.bool_], share: Matrix, ridge: float = 1e-3
) -> Matrix:
    """Logistic regression by Newton's method; features [n, d], the first column ones, share [n] how
    much each row counts."""
    weights = np.zeros(features.shape[1])
    for _ in range(50):
        chance = 1 / (1 + np.exp(-np.clip(features @ weights, -30, 30)))
        slope = features.T @ (share * (chance - right)) + ridge * weights
        curve = (features * (share * chance * (1 - chance))[:, None]).T @ features
        weights -= np.linalg.solve(curve + ridge * np.eye(len(weights)), slope)
    return weights


def auroc(above: Matrix, below: Matrix) -> float:
    """The chance that one of *above* is greater than one of *below*; ties count half."""
    order = np.sort(below)
    less = np.searchsorted(order, above, "left") + np.searchsorted(order, above, "right")
    return float(less.mean() / (2 * len(below)))


def ask_all(folder: Path, off_corpus: Path) -> list[Asked]:
    corpus = folder / "corpus.jsonl.gz"
    held_out = dev_articles(row["id"] for row in read_lines(corpus))
    fitting = set(held_out[:3])
    rows = [
        (kind, row)
        for kind, name in (("answerable", "questions"), ("unanswerable", "unanswerable"))
        for row in read_lines(folder / f"{name}.jsonl.gz")
        if row["article"] in held_out
    ]
    rows += [("off-corpus", row) for row in read_lines(off_corpus)]
    asked = []
    with tempfile.TemporaryDirectory() as store:
        rebuild(corpus, Path(store))
        snapshot = open_store(Path(store))
        for number, (kind, row) in enumerate(rows):
            question = parse_question(row["question"])
            found = search(snapshot, question.terms, relation=question.relation, kind=question.kind)
            if not found.passages or len(question.slots) > 1:
                continue
            slot = question.slots[0]
            cover = Coverage(snapshot, question, found)
            spans = candidates(slot, slot.asks.format(), found.passages, snapshot, cover)
            fits = row["article"] in fitting if "article" in row else number % 2 == 0
            asked.append(
                Asked(
                    kind,
                    fits,
                    np.array(
                        [[1, *(getattr(one.evidence, name) for name in FEATURES)] for one in spans]
                    ),
                    np.array([is_right(one, row, 0.5) for one in spans], bool),
                    np.array([is_right(one, row, 1.0) for one in spans], bool),
                )
            )
    return asked


def is_right(candidate: Candidate, row: dict[str, Any], least: float) -> bool:
    """Whether a span of the right article overlaps a gold answer by at least *least* (F1)."""
    if candidate.article.id != row.get("article"):
        return False
    if least == 1:
        return any(normal(candidate.text) == normal(gold) for gold in row["answers"])
    return any(f1(candidate.text, gold) >= least for gold in row["answers"])


def best(asked: Asked, weights: Matrix) -> int:
    return int(np.argmax(asked.evidence @ weights))


def fit(asked: list[Asked]) -> tuple[Matrix, float]:
    """The weights, and the threshold at which most questions are dealt with rightly: a right answer
    given, or none to a question that has none. Questions that the corpus answers count for half, in
    the second fit and the threshold, the others together for the other half."""
    right = np.concatenate([one.right for one in asked])
    weights = fitted(np.concatenate([one.evidence for one in asked]), right, np.ones(len(right)))
    tops = [best(one, weights) for one in asked]
    logits = np.array([one.evidence[top] @ weights for one, top in zip(asked, tops, strict=True)])
    right = np.array([one.right[top] for one, top in zip(asked, tops, strict=True)])
    kind = np.array([one.kind for one in asked])
    share, answerable = shares(kind), kind == "answerable"
    line = fitted(np.stack([np.ones(len(logits)), logits], axis=1), right, share)
    weights = weights * line[1]
    weights[0] += line[0]
    confidence = 1 / (1 + np.exp(-(line[0] + line[1] * logits)))
    grid = np.arange(0.1, 0.6, 0.05)
    dealt = [np.mean(share * np.where(confidence >= t, right, ~answerable)) for t in grid]
    return weights, float(grid[int(np.argmax(dealt))])


def shares(kind: NDArray[np.str_]) -> Matrix:
    """How much each question counts, so that those with and without an answer are halves."""
    known = kind == "answerable"
    return np.where(known, 0.5 / known.sum(), 0.5 / (~known).sum()) * len(kind)


def report(asked: list[Asked], weights: Matrix, threshold: float) -> None:
    tops = [best(one, weights) for one in asked]
    logits = np.array([one.evidence[top] @ weights for one, top in zip(asked, tops, strict=True)])
    confidence = 1 / (1 + np.exp(-logits))
    right = np.array([one.right[top] for one, top in zip(asked, tops, strict=True)])
    exact = np.array([one.exact[top] for one, top in zip(asked, tops, strict=True)])
    kind = np.array([one.kind for one in asked])
    known = kind == "answerable"
    print(
        f"  answerable {known.sum()}: exact {exact[known].mean():.3f} right {right[known].mean():.3f}"
    )
    for other in ("off-corpus", "unanswerable"):
        below = confidence[kind == other]
        print(
            f"  {other} {len(below)}: AUROC {auroc(confidence[known], below):.3f},"
            f" answered at {threshold:.2f}: {np.mean(below >= threshold):.3f}"
        )
    half = np.sort(confidence[known])[len(confidence[known]) // 2]
    print(f"  right among the surer half: {right[known & (confidence >= half)].mean():.3f}")
    given = confidence >= threshold
    print(
        f"  at {threshold:.2f}: {given[known].mean():.3f} of the answerable answered,"
        f" {right[given & known].mean():.3f} of those right"
    )
    share = shares(kind)
    print(
        "  confidence  questions  mean  right (those with and without an answer counted as halves)"
    )
    for low in np.arange(0, 1, 0.1):
        here = (confidence >= low) & (confidence < low + 0.1)
        if here.any():
            print(
                f"  {low:.1f} to {low + 0.1:.1f}  {here.sum():9}  {np.average(confidence[here], weights=share[here]):.2f}"
                f"  {np.average(right[here], weights=share[here]):.2f}"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("squad", type=Path)
    parser.add_argument("off_corpus", type=Path)
    parser.add_argument("--write", action="store_true", help="write confidence.json")
    options = parser.parse_args()
    asked = ask_all(options.squad, options.off_corpus)
    weights, threshold = fit([one for one in asked if one.fits])
    named = dict(zip(("intercept", *FEATURES), (round(float(w), 4) for w in weights), strict=True))
    print(named, "threshold", round(threshold, 2))
    for name, fits in (("fitted on", True), ("measured on", False)):
        print(f"{name}:")
        report([one for one in asked if one.fits == fits], weights, threshold)
    if options.write:
        path = SHIPPED / "confidence.json"
        around = json.loads(path.read_text(encoding="utf-8"))["around"]
        text = json.dumps({"found": named, "around": around}, indent=1)
        path.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
