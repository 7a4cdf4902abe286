"""Measures compound questions made of role questions on one verb of one sentence.

    python -m training.measure_compound QASRL_FILE

QASRL_FILE is qasrl-gs (.jsonl.gz). The who, whom and when questions of a verb are joined into one ("Who
defeated whom, and when?") and asked of the sentence as an article of its own; only sentences of
documents that the reader was not trained on count.
"""

import argparse
import json
import re
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

from index.ask import ask
from index.evaluation import f1
from index.store import open_store, rebuild
from training.rows import article_of, read_lines, side_of

_SUBJECT = re.compile(
    r"Who (?!did|does|do|is|was|were|will|would|might|has|had|can|could)(\w+ed|\w+)\b"
)
_OBJECT = re.compile(
    r"(?:Who did someone \w+|Who (?:was|were|is|got) (?:someone )?\w+ed)(?: by \w+)?\?$"
)


def joined(rows: list[dict[str, Any]]) -> tuple[str, dict[str, list[str]]] | None:
    """One compound question of some role questions, and the answers of its slots; None where they
    do not ask who and one thing more."""
    gold: dict[str, list[str]] = {}
    verb = ""
    for row in rows:
        question = row["question"]
        if (found := _SUBJECT.match(question)) and "who" not in gold:
            verb, gold["who"] = found[1], row["answers"]
        elif _OBJECT.match(question):
            gold.setdefault("whom", row["answers"])
        elif question.startswith("When "):
            gold.setdefault("when", row["answers"])
    if "who" not in gold or len(gold) < 2:
        return None
    middle = " whom" if "whom" in gold else ""
    return f"Who {verb}{middle}{', and when' if 'when' in gold else ''}?", gold


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("questions", type=Path)
    options = parser.parse_args()
    groups = defaultdict(list)
    for row in read_lines(options.questions):
        if side_of(article_of(row), ()) == "dev":
            groups[row["sentence"], row["predicate_index"]].append(row)
    slots = whole = questions = 0
    overlap = 0.0
    with tempfile.TemporaryDirectory() as folder:
        for number, ((sentence, _), rows) in enumerate(sorted(groups.items())):
            made = joined(rows)
            if made is None:
                continue
            question, gold = made
            article = Path(folder) / f"{number}.jsonl"
            article.write_text(json.dumps({"text": sentence}), encoding="utf-8")
            rebuild(article, Path(folder) / str(number))
            answer = ask(open_store(Path(folder) / str(number)), question, threshold=0)
            found = {one.slot: one.text for one in answer.findings if one.event == 1}
            scores = [
                max(f1(found.get(slot, ""), text) for text in answers)
                for slot, answers in gold.items()
            ]
            questions, slots, overlap = questions + 1, slots + len(scores), overlap + sum(scores)
            whole += all(score >= 0.5 for score in scores)
    print(
        f"{questions} questions, {slots} slots: slot F1 {100 * overlap / slots:.1f},"
        f" all slots right {100 * whole / questions:.1f} of 100"
    )


if __name__ == "__main__":
    main()
