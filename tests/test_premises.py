import pytest

from index.candidates import ask_sentence
from index.premises import is_denied, is_reversed


@pytest.mark.parametrize(
    ("question", "terms", "text", "denied"),
    [
        ("When did Lind call?", ("lind", "call"), "Lind never called that night.", True),
        ("When did Lind call?", ("lind", "call"), "Lind did not phone that night.", True),
        (
            "When did Lind sell it?",
            ("lind", "sell"),
            "Lind refused to sell. He sold in May.",
            False,
        ),
        ("When did Lind speak?", ("lind", "speak"), "He was to speak. He never spoke.", True),
        ("When did Lind call?", ("lind", "call"), "Lind called. It did not last.", False),
        ("Why did Lind never call?", ("lind", "call"), "Lind never called.", False),
    ],
)
def test_what_is_denied_is_not_an_answer(question, terms, text, denied):
    assert is_denied(question, terms, text) == denied


@pytest.mark.parametrize(
    ("question", "sentence", "is_other_way_round"),
    [
        ("When did Armstrong call Nixon?", "Nixon called Armstrong on 20 July.", True),
        ("When did Nixon call Armstrong?", "Nixon called Armstrong on 20 July.", False),
        ("When did Ravn meet Quist?", "Quist met Ravn on 3 May.", False),
    ],
)
def test_only_what_has_a_direction_can_be_the_other_way_round(
    question, sentence, is_other_way_round
):
    assert (
        is_reversed(question, sentence, lambda asks: ask_sentence(asks, sentence, ""))
        == is_other_way_round
    )
