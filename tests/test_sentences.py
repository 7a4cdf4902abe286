import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.article import Article
from index.sentences import LONGEST_SENTENCE, split_sentences


def quotes(text):
    article = Article("a", "A", text)
    return [sentence.quote(text) for sentence in split_sentences(article)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("It rained. They spoke.", ["It rained.", "They spoke."], id="two"),
        pytest.param(
            "Robert F. Kennedy Jr. spoke at 5 p.m. on Monday. He left.",
            ["Robert F. Kennedy Jr. spoke at 5 p.m. on Monday.", "He left."],
            id="initials and abbreviations",
        ),
        pytest.param("It cost $3.5 million.", ["It cost $3.5 million."], id="decimal"),
        pytest.param(
            "A heading without a stop\nThe text.",
            ["A heading without a stop", "The text."],
            id="heading",
        ),
        pytest.param(
            "One line.\r\nNext line.\r\n\r\nNext paragraph.",
            ["One line.", "Next line.", "Next paragraph."],
            id="CRLF",
        ),
        pytest.param("😀 It rang. 📞 Yes!", ["😀 It rang.", "📞 Yes!"], id="emoji"),
        pytest.param(
            "He left. “It is late. “Go", ["He left.", "“It is late.", "“Go"], id="unclosed quotes"
        ),
        pytest.param(
            "On 20 July 1969 the president of the United States spoke to\n"
            "two men who stood on the Moon. They heard him after more than a\nsecond.",
            [
                "On 20 July 1969 the president of the United States spoke to\n"
                "two men who stood on the Moon.",
                "They heard him after more than a\nsecond.",
            ],
            id="wrapped by hand",
        ),
        pytest.param(
            "Buy two pounds of the best and freshest apples\nSell them on the market in the town",
            [
                "Buy two pounds of the best and freshest apples",
                "Sell them on the market in the town",
            ],
            id="a list is not wrapped",
        ),
        pytest.param(" \n\t\n", [], id="blank"),
        pytest.param("", [], id="empty"),
    ],
)
def test_where_sentences_end(text, expected):
    assert quotes(text) == expected


def test_paragraphs_are_numbered_and_blank_lines_part_them():
    article = Article("a", "A", "One. Two.\n\nThree.\n \t\nFour.")

    assert [one.paragraph for one in split_sentences(article)] == [0, 0, 1, 2]


def test_a_line_of_a_megabyte_is_cut_into_pieces_that_can_be_quoted():
    text = "word " * 200_000

    found = quotes(text)

    assert max(map(len, found)) <= LONGEST_SENTENCE
    assert " ".join(found).split() == text.split()


ODD = st.lists(
    st.sampled_from(
        [
            *"ab AB.!?\"'“”‘’()\n\r\t\u2028\u00a0\u202f\u3000…:;é😀",
            "e\u0301",
            "Dr. ",
            " F. ",
            "\r\n\r\n",
        ]
    ),
    max_size=100,
).map("".join)


@given(st.one_of(ODD, st.text(max_size=200)))
def test_sentences_are_stretches_in_order_that_leave_out_only_white_space(text):
    article = Article("a", "A", text)

    found = split_sentences(article)

    place = 0
    for sentence in found:
        assert not text[place : sentence.start].strip()
        quote = sentence.quote(text)
        assert quote
        assert quote == quote.strip()
        place = sentence.end
    assert not text[place:].strip()
    numbers = [sentence.paragraph for sentence in found]
    assert numbers == sorted(numbers)


@pytest.mark.parametrize("space", ["\u00a0", "\u202f", "\u3000", "\u2028"])
def test_white_space_of_any_kind_parts_words_and_sentences(space):
    text = f"John{space}F.{space}Kennedy rang.{space}Mary said yes."

    assert [one.quote(text) for one in split_sentences(Article("a", "A", text))] == [
        f"John{space}F.{space}Kennedy rang.",
        "Mary said yes.",
    ]
