import json
from pathlib import Path

import pytest

from index.errors import UnusableInput
from index.evaluation import (
    Expected,
    Outcome,
    f1,
    figures,
    normal,
    read_expected,
    reliability,
    slipped,
)

DATA = Path(__file__).parent / "data"


def outcome(*, answerable=True, rank=1, overlap=1.0, confidence=0.9, given=True):
    expected = Expected("Who?", "who", ("gold",) if answerable else (), frozenset())
    return Outcome(
        expected, rank + (rank > 0), rank, float(overlap == 1), overlap, confidence, given
    )


def test_the_figures_of_four_questions_by_hand():
    measured = figures(
        [
            outcome(rank=1, overlap=1.0, confidence=0.9),
            outcome(rank=3, overlap=0.6, confidence=0.5),
            outcome(rank=0, overlap=0.0, confidence=0.2, given=False),
            outcome(answerable=False, rank=0, overlap=0.0, confidence=0.4),
        ]
    )

    assert measured == {
        "found@1": 0.0,
        "found@5": 0.6667,
        "found@10": 0.6667,
        "hit@1": 0.3333,
        "hit@5": 0.6667,
        "hit@10": 0.6667,
        "mrr@10": 0.4444,
        "exact": 0.3333,
        "f1": 0.5333,
        "answered": 0.6667,
        "refused": 0.0,
        "right_of_given": 0.6667,
        "auroc": 0.6667,
    }


def test_reliability_counts_each_tenth():
    rows = reliability([outcome(confidence=0.95), outcome(confidence=1.0, overlap=0.0)])

    assert rows == [{"from": 0.9, "questions": 2, "confidence": 0.975, "right": 0.5}]


@pytest.mark.parametrize(
    ("answer", "gold", "expected"),
    [
        ("the Moon", "Moon", 1.0),
        ("20 July 1969", "July 1969", 0.8),
        ("Nixon", "Armstrong", 0.0),
        ("", "Nixon", 0.0),
    ],
)
def test_overlap(answer, gold, expected):
    assert f1(answer, gold) == pytest.approx(expected)


def test_words_are_compared_as_in_squad():
    assert normal("The U.S.'s a plan") == ["uss", "plan"]


def test_only_figures_below_their_floor_slip():
    assert slipped({"f1": 0.7, "exact": 0.6}, {"f1": 0.7003, "exact": 0.7, "auroc": 0.5}) == [
        "exact: 0.6000, floor 0.7000",
        "auroc: 0.0000, floor 0.5000",
    ]


def test_an_unusable_row_is_named(tmp_path):
    (tmp_path / "q.jsonl").write_text('{"question": "Who?"}\n\n{"answers": []}\n')
    (tmp_path / "none.jsonl").write_text("\n")

    with pytest.raises(UnusableInput, match='line 3: it has no "question"'):
        read_expected(tmp_path / "q.jsonl")
    with pytest.raises(UnusableInput, match="holds no questions"):
        read_expected(tmp_path / "none.jsonl")


def test_eval_fails_below_a_floor_and_lowers_one_only_when_told(byline, store, tmp_path):
    rows = [
        {"question": "Who called Neil Armstrong?", "answers": ["Richard Nixon"], "article": "moon"},
        {"question": "Who won the chess tournament?", "answers": [], "answerable": False},
    ]
    (tmp_path / "q.jsonl").write_text("\n".join(map(json.dumps, rows)))
    floors = tmp_path / "floors.json"
    ask = ["eval", tmp_path / "q.jsonl", "--store", store, "--floors", floors]

    floors.write_text('{"figures": {"exact": 1.0, "hit@1": 0.5}, "other": 1}')
    good = byline(*ask)
    raised = byline(*ask, "--raise-floors")
    after_raising = json.loads(floors.read_text())
    floors.write_text('{"figures": {"exact": 1.5}}')
    bad = byline(*ask)
    not_lowered = byline(*ask, "--raise-floors")
    kept = json.loads(floors.read_text())["figures"]["exact"]
    lowered = byline(*ask, "--lower-floors")

    assert (good.returncode, good.stderr) == (0, "")
    assert "exact           1.000" in good.stdout
    assert (bad.returncode, bad.stderr) == (
        1,
        "byline: below the floor: exact: 1.0000, floor 1.5000\n",
    )
    assert [raised.returncode, not_lowered.returncode, lowered.returncode] == [0, 0, 0]
    assert after_raising["figures"]["hit@1"] == 1.0
    assert after_raising["other"] == 1
    assert kept == 1.5
    assert json.loads(floors.read_text())["figures"]["exact"] == 1.0


@pytest.mark.slow
def test_the_samples_are_answered_as_well_as_before(byline):
    done = byline("eval", DATA / "sample_questions.jsonl", "--floors", DATA / "floors.json")

    assert done.returncode == 0, done.stderr
