"""The reader's model: what it quotes, what it refuses, and that it always says the same."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from index.span_model import Limits, SpanModel, best_spans, lay_out, tidied

CALL = "On 3 May 1961, President Kennedy telephoned Nikita Khrushchev to discuss the crisis."
RAIN = "Heavy rain fell over the northern valleys."


@pytest.fixture(scope="module")
def model() -> SpanModel:
    return SpanModel.open()


def answer(model: SpanModel, question: str, sentence: str) -> str:
    best = model.read(question, [sentence])[0][0]
    return sentence[best.start : best.end]


@pytest.mark.parametrize(
    ("question", "sentence", "wanted"),
    [
        pytest.param("Who called Khrushchev?", CALL, {"President Kennedy", "Kennedy"}, id="who"),
        pytest.param("Whom did Kennedy call?", CALL, {"Nikita Khrushchev"}, id="whom"),
        pytest.param(
            "When did Kennedy call Khrushchev?", CALL, {"3 May 1961", "On 3 May 1961"}, id="when"
        ),
        pytest.param(
            "when did kennedy phone khrushchev", CALL, {"3 May 1961", "On 3 May 1961"}, id="plain"
        ),
        pytest.param(
            "Who won the race?",
            "Maria Lopez won the race ahead of two former champions.",
            {"Maria Lopez"},
            id="won",
        ),
        pytest.param(
            "Where was the treaty signed?",
            "The treaty was signed in Geneva by both ministers.",
            {"Geneva", "in Geneva"},
            id="where",
        ),
        pytest.param(
            "How many people were hurt?",
            "Police said 14 people were hurt when the bridge fell.",
            {"14", "14 people"},
            id="how-many",
        ),
    ],
)
def test_reads_plain_sentences(
    model: SpanModel, question: str, sentence: str, wanted: set[str]
) -> None:
    assert answer(model, question, sentence) in wanted


def test_a_fitting_sentence_scores_above_zero_and_a_stranger_below(model: SpanModel) -> None:
    fitting, stranger = model.read("When did Kennedy call Khrushchev?", [CALL, RAIN])

    assert fitting[0].score > 0
    assert not stranger or stranger[0].score < 0


def test_roles_turned_round_score_lower(model: SpanModel) -> None:
    straight = model.read("When did Kennedy call Khrushchev?", [CALL])[0][0]
    turned = model.read("When did Khrushchev call Kennedy?", [CALL])[0][0]

    assert turned.score < 0 < straight.score


def test_best_first_without_repeats_and_inside_the_sentence(model: SpanModel) -> None:
    spans = model.read(
        "Who called whom?", [CALL], ["Cold War | Tension had grown for weeks."], top=5
    )[0]

    assert 1 < len(spans) <= 5
    assert [span.score for span in spans] == sorted((span.score for span in spans), reverse=True)
    assert len({(span.start, span.end) for span in spans}) == len(spans)
    assert all(0 <= span.start < span.end <= len(CALL) for span in spans)


def test_other_sentences_of_a_call_change_nothing(model: SpanModel) -> None:
    question = "When did Kennedy call Khrushchev?"
    alone = model.read(question, [CALL])[0]

    together = model.read(question, [RAIN, RAIN * 20, CALL, "x"])[2]

    assert together == alone


def test_two_processes_say_the_same() -> None:
    code = f"from index.span_model import SpanModel; print(SpanModel.open().read('Who called?', [{CALL!r}]))"
    root = Path(__file__).parent.parent
    runs = [
        subprocess.run(
            [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True
        )
        for _ in range(2)
    ]

    assert runs[0].stdout == runs[1].stdout != ""


@pytest.mark.parametrize(
    "sentence",
    [
        pytest.param("", id="empty"),
        pytest.param(" \n\t", id="blank"),
        pytest.param("🙂🙂 Zoë called José 👩‍👩‍👧 at 9.", id="emoji"),
        pytest.param("Zoe\u0308 called Jose\u0301 at nine.", id="combining"),
        pytest.param("[SEP] [CLS] [PAD] [MASK]", id="marks"),
        pytest.param("word " * 2_000, id="long"),
        pytest.param("a" * 50_000, id="one-word"),
        pytest.param("他昨天打电话给她。", id="chinese"),
        pytest.param("\x00\u200b\ufeff", id="invisible"),
    ],
)
def test_odd_sentences_give_spans_inside_or_none(model: SpanModel, sentence: str) -> None:
    for span in model.read("Who called José?", [sentence], ["A title"])[0]:
        assert 0 <= span.start < span.end <= len(sentence)
        assert sentence[span.start : span.end].strip()


@pytest.mark.parametrize(
    "question",
    ["", "?", "why " * 25_000, "[SEP]", "🙂"],
    ids=["none", "mark", "huge", "sep", "emoji"],
)
def test_odd_questions_do_not_fail(model: SpanModel, question: str) -> None:
    assert len(model.read(question, [CALL, RAIN])) == 2


def test_contexts_must_match_the_sentences(model: SpanModel) -> None:
    with pytest.raises(ValueError, match="1 contexts for 2 sentences"):
        model.read("Who?", [CALL, RAIN], ["title"])


def test_a_missing_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"reader\.onnx"):
        SpanModel.open(tmp_path)


def test_layout_cuts_each_part_to_its_limit() -> None:
    limits = Limits(question=2, sentence=3, context=1, span=5)

    layout = lay_out([1, 2, 3], [4, 5, 6, 7], [8, 9], (101, 102), limits)

    assert layout.ids == [101, 1, 2, 102, 4, 5, 6, 102, 8, 102]
    assert layout.kinds == [0, 0, 0, 0, 1, 1, 1, 1, 0, 0]
    assert (layout.first, layout.last) == (4, 7)


def test_best_spans_end_after_they_start_and_are_short() -> None:
    starts = np.array([0.0, 5.0, 0.0], np.float32)
    ends = np.array([9.0, 0.0, 4.0], np.float32)

    assert best_spans(starts, ends, longest=2, top=2) == [(0, 0), (1, 2)]
    assert best_spans(starts[:0], ends[:0], longest=2, top=2) == []


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Nixon.", "Nixon"),
        ("Robert F. Kennedy Jr.", "Robert F. Kennedy Jr."),
        ("the U.S.", "the U.S."),
        ("(NASA", "NASA"),
        ("NASA)", "NASA"),
        ("NATO (OTAN)", "NATO (OTAN)"),
        ('"no"', '"no"'),
        ('no"', "no"),
        ("“yes", "yes"),
        (", soon ,", "soon"),
        ("...", ""),
    ],
)
def test_spans_are_tidied(text: str, wanted: str) -> None:
    start, end = tidied(text, 0, len(text))

    assert text[start:end] == wanted
