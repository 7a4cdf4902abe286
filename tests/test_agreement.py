import pytest

from index.agreement import number_in


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("some forty", 40),
        ("about 40", 40),
        ("5,000 crowns", 5000),
        ("five thousand crowns", 5000),
        ("two hundred and ten", 210),
        ("2.1 million", 2_100_000),
        ("three dozen", 36),
        ("twenty-one", 21),
        ("no number", None),
    ],
)
def test_numbers_in_words_and_figures(text, number):
    assert number_in(text) == number
