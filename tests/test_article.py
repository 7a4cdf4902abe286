import unicodedata
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.article import iso_date, make_article, one_line, whole_characters
from index.errors import UnusableInput


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("1969-07-20", "1969-07-20"),
        ("1969-07", "1969-07"),
        ("1969", "1969"),
        (1969, "1969"),
        ("2023-10-06T12:30:00Z", "2023-10-06"),
        ("2023-10-06 12:30", "2023-10-06"),
        ("Sun, 20 Jul 1969 20:17:40 GMT", "1969-07-20"),
        (date(1969, 7, 20), "1969-07-20"),
        (datetime(1969, 7, 20, 20, 17, tzinfo=UTC), "1969-07-20"),
        ("1969-02-30", None),
        ("1969-13", None),
        ("summer of 1969", None),
        ("07/20/1969", None),
        ("", None),
        (None, None),
        (True, None),
        (["1969"], None),
    ],
)
def test_a_date_is_read_or_left_unknown_but_never_guessed(written, expected):
    assert iso_date(written) == expected


def test_facts_become_one_clean_line_each():
    article = make_article(
        {"id": " a\n1 ", "title": "One\ttwo", "author": {"name": "x"}, "url": None},
        "Text.\r\n\r\nMore.\r",
        fallback_id="file",
        title="other",
    )

    assert (article.id, article.title) == ("a 1", "One two")
    assert (article.author, article.url) == (None, None)
    assert article.text == "Text.\n\nMore."


def test_half_a_surrogate_pair_does_not_reach_a_file():
    article = make_article({}, "odd \ud83d text \U0001f600", fallback_id="x", title="x")

    assert article.text == "odd \ufffd text \U0001f600"


def test_an_article_without_text_is_refused():
    with pytest.raises(UnusableInput, match="holds no text"):
        make_article({}, " \n\t\n", fallback_id="x", title="x")


SURROGATES = st.characters(categories=["Cs"])


@given(
    st.text(
        st.one_of(st.characters(), SURROGATES, st.sampled_from(" \t\x85\u2028\xa0")), max_size=20
    )
)
def test_short_ways_give_what_the_plain_way_gives(text):
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    controls = {"Cc", "Zl", "Zp"}
    shown = "".join(" " if unicodedata.category(c) in controls else c for c in whole)

    assert whole_characters(text) == whole
    assert one_line(text) == (" ".join(shown.split()) or None)
