import re
import sys

import pytest
import sentencex
from hypothesis import example, given, settings
from hypothesis import strategies as st

from index.article import Article
from index.sentences import LONGEST_SENTENCE, _wrapped, split_sentences


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


def test_all_white_space_but_the_space_is_not_printable():
    every = map(chr, range(sys.maxunicode + 1))

    assert [c for c in every if re.match(r"\s", c) and c.isprintable()] == [" "]


LINES = st.lists(
    st.sampled_from(
        [
            "The president of the United States spoke to two men",
            "who stood on the Moon. They heard him. “",
            "He said “Yes. No” (and 'Go.'). It is late. \"",
            "'It is late. He left.' ",
            "* 1. An item. Another",
            "word " * 90,
            "x" * 700,
            *"\n\r \t\u00a0“",
            "\n\n",
            "\r\n",
            "\n \n",
        ]
    ),
    max_size=20,
).map("".join)


@given(st.one_of(LINES, ODD, st.text(max_size=200)))
@settings(deadline=None)
@example("One. Two.\n\n" * 2000)  # sentencex takes ten thousand bytes at a time
def test_all_lines_at_once_are_split_as_each_is_alone(text):
    found = [
        (one.paragraph, one.start, one.end) for one in split_sentences(Article("a", "A", text))
    ]

    assert found == plain_sentences(text)


def plain_sentences(text):
    """Paragraph, start and end of each sentence, line after line."""
    block = re.compile(r"[^\r\n]+(?:(?:\r\n|\r|\n)[^\S\r\n]*[^\s][^\r\n]*)*")
    blocks = [found.span() for found in block.finditer(text) if found.group().strip()]
    sentences = []
    for number, (start, end) in enumerate(blocks):
        lines = [found.span() for found in re.finditer(r"[^\r\n]+", text[start:end])]
        if _wrapped([text[start + a : start + b].strip() for a, b in lines]):
            lines = [(0, end - start)]
        sentences += [
            (number, *piece)
            for a, b in lines
            for one in plain_boundaries(text[start + a : start + b], start + a)
            for piece in plain_pieces(text, *one)
        ]
    return sentences


def plain_boundaries(unit, place):
    flat = re.sub(r"\s", " ", unit)
    starts = [0]
    for found in sentencex.get_sentence_boundaries("en", flat):
        start, end = found["start_index"], found["end_index"]
        opened = re.compile(r"\s([“‘«\"'(\[]+\s*)\Z").search(flat, start, end)
        starts.append(opened.start(1) if opened else end)
    return [(place + a, place + b) for a, b in zip(starts, [*starts[1:], len(flat)], strict=True)]


def plain_pieces(text, start, end):
    pieces = []
    while True:
        while start < end and text[start].isspace():
            start += 1
        while end > start and text[end - 1].isspace():
            end -= 1
        if end - start <= LONGEST_SENTENCE:
            return [*pieces, (start, end)] if start < end else pieces
        space = text.rfind(" ", start + LONGEST_SENTENCE // 2, start + LONGEST_SENTENCE)
        cut = space if space > 0 else start + LONGEST_SENTENCE
        pieces.append((start, cut))
        start = cut
