import pytest

from index.premises import is_denied


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
