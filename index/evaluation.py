"""Evaluation: how well questions with known answers are answered, as figures that cannot slip.

EM and F1 are SQuAD's (Rajpurkar et al., "SQuAD: 100,000+ Questions for Machine Comprehension of Text",
2016), measured on the best candidate whatever its confidence; abstention is measured at the threshold.
"""

import json
import os
import string
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.answer import decide
from index.batch import read_rows
from index.errors import UnusableInput
from index.question import parse_question
from index.read import read
from index.search import Passage, search
from index.snapshot import Snapshot

HITS = (1, 5, 10)
NOISE = 0.0005
"""A figure this much below its floor has not slipped: rounding moves it by as much."""


@dataclass(frozen=True, slots=True)
class Expected:
    """A question and what would be right: any of *answers*, in one of *articles* (empty: any)."""

    question: str
    word: str
    answers: tuple[str, ...]
    articles: frozenset[str]

    @property
    def answerable(self) -> bool:
        """Whether the articles answer it at all."""
        return bool(self.answers)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one question went; ``found`` is the place of the first right passage, from 1, as the
    search ranks them, ``rank`` after reading; 0 where there is none."""

    expected: Expected
    found: int
    rank: int
    exact: float
    f1: float
    confidence: float
    given: bool

    @property
    def right(self) -> bool:
        """Whether the best candidate is right: half of its words and the gold ones agree."""
        return self.expected.answerable and self.f1 >= 0.5


def read_expected(path: Path) -> list[Expected]:
    """The rows ``{question, answers, answerable, article or articles, qtype}`` of a file.

    Raises UnusableInput, naming the line, where one cannot be used.
    """
    rows = list(read_rows(path, _expected))
    if not rows:
        raise UnusableInput(f"{path} holds no questions")
    return rows


def _expected(row: dict[str, Any], _: int) -> Expected:
    if not isinstance(row.get("question"), str):
        raise UnusableInput('it has no "question"')
    answers = tuple(str(one) for one in row.get("answers") or () if one)
    articles = row.get("articles") or ([row["article"]] if row.get("article") else [])
    return Expected(
        row["question"],
        str(row.get("qtype") or "other"),
        answers if row.get("answerable", bool(answers)) else (),
        frozenset(map(str, articles)),
    )


def evaluate(
    snapshot: Snapshot,
    expected: Sequence[Expected],
    threshold: float,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[Outcome]:
    """Ask every question; *progress* is called after each with the number done and of all."""
    outcomes = []
    for number, one in enumerate(expected, 1):
        question = parse_question(one.question)
        found = search(snapshot, question.terms, relation=question.relation, kind=question.kind)
        reading = read(question, found, snapshot)
        best = decide(question, found, reading, 0)
        text = best.text or ""
        outcomes.append(
            Outcome(
                one,
                _rank(found.passages, one),
                _rank(best.passages, one),
                max((float(normal(text) == normal(gold)) for gold in one.answers), default=0.0),
                max((f1(text, gold) for gold in one.answers), default=0.0),
                best.confidence,
                decide(question, found, reading, threshold).status != "not_found",
            )
        )
        progress(number, len(expected))
    return outcomes


def figures(outcomes: Iterable[Outcome]) -> dict[str, float]:
    """The figures of some outcomes, shares from 0 to 1; those without a question are left out.

    found@k: a right passage is among the first k of the search; hit@k and mrr@10: after reading.
    """
    outcomes = list(outcomes)
    known = [one for one in outcomes if one.expected.answerable]
    unknown = [one for one in outcomes if not one.expected.answerable]
    given = [one for one in outcomes if one.given]
    found: dict[str, float] = {}
    if known:
        for k in HITS:
            found[f"found@{k}"] = _mean(0 < one.found <= k for one in known)
            found[f"hit@{k}"] = _mean(0 < one.rank <= k for one in known)
        found["mrr@10"] = _mean(1 / one.rank if one.rank else 0.0 for one in known)
        found["exact"] = _mean(one.exact for one in known)
        found["f1"] = _mean(one.f1 for one in known)
        found["answered"] = _mean(one.given for one in known)
    if unknown:
        found["refused"] = _mean(not one.given for one in unknown)
    if given:
        found["right_of_given"] = _mean(one.right for one in given)
    if known and unknown:
        found["auroc"] = _auroc(
            [one.confidence for one in known], [one.confidence for one in unknown]
        )
    return {name: round(value, 4) for name, value in found.items()}


def reliability(outcomes: Iterable[Outcome]) -> list[dict[str, float]]:
    """For each tenth of confidence: how many questions, their mean confidence, the share right."""
    tenths: dict[int, list[Outcome]] = {}
    for one in outcomes:
        tenths.setdefault(min(int(one.confidence * 10), 9), []).append(one)
    return [
        {
            "from": tenth / 10,
            "questions": len(some),
            "confidence": round(_mean(one.confidence for one in some), 3),
            "right": round(_mean(one.right for one in some), 3),
        }
        for tenth, some in sorted(tenths.items())
    ]


def slipped(measured: Mapping[str, float], floors: Mapping[str, float]) -> list[str]:
    """Each figure that lies below its floor, as "f1: 0.71, floor 0.75"."""
    return [
        f"{name}: {measured.get(name, 0.0):.4f}, floor {floor:.4f}"
        for name, floor in floors.items()
        if measured.get(name, 0.0) < floor - NOISE
    ]


def read_floors(path: Path) -> dict[str, Any]:
    """The floors file as it stands; UnusableInput where it is none."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UnusableInput(f"{path} cannot be read ({error.strerror or error})") from None
    except ValueError as error:
        raise UnusableInput(f"{path} is not JSON ({error})") from None
    if not isinstance(content, dict) or not isinstance(content.get("figures"), dict):
        raise UnusableInput(f'{path} has no "figures"')
    return content


def set_floors(path: Path, measured: Mapping[str, float], *, lower: bool) -> None:
    """Write *measured* as the new floors; ones that are higher stay, unless *lower*."""
    content = read_floors(path)
    old: dict[str, float] = content["figures"]
    content["figures"] = {
        name: value if lower else max(value, old.get(name, 0.0)) for name, value in measured.items()
    }
    draft = path.with_name(path.name + ".new")
    draft.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    os.replace(draft, path)


def normal(text: str) -> list[str]:
    """The words of *text* as SQuAD compares them: lower case, no punctuation, no articles."""
    bare = "".join(c for c in text.lower() if c not in string.punctuation)
    return [word for word in bare.split() if word not in {"a", "an", "the"}]


def f1(answer: str, gold: str) -> float:
    """The harmonic mean of precision and recall over words."""
    given, wanted = normal(answer), normal(gold)
    common = sum((Counter(given) & Counter(wanted)).values())
    return 2 * common / (len(given) + len(wanted)) if common else float(given == wanted)


def _rank(passages: Sequence[Passage], expected: Expected) -> int:
    golds = [f" {_spaced(gold)} " for gold in expected.answers]
    for place, passage in enumerate(passages[: max(HITS)], 1):
        text = f" {_spaced(passage.quote)} "
        rightful = not expected.articles or passage.article.id in expected.articles
        if rightful and any(gold in text for gold in golds):
            return place
    return 0


def _spaced(text: str) -> str:
    for dash in "-–—":
        text = text.replace(dash, " ")
    return " ".join(normal(text))


def _auroc(above: list[float], below: list[float]) -> float:
    """The chance that one of *above* is greater than one of *below*; ties count half."""
    counts = Counter(below)
    order = sorted(counts)
    total, less, place = 0.0, 0, 0
    for value in sorted(above):
        while place < len(order) and order[place] < value:
            less += counts[order[place]]
            place += 1
        total += less + counts.get(value, 0) / 2
    return total / (len(above) * len(below))


def _mean(values: Iterable[float]) -> float:
    some = list(values)
    return sum(some) / len(some) if some else 0.0
