import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.dates import when


@pytest.mark.parametrize(
    ("words", "value", "granularity"),
    [
        ("5 November 2024", "2024-11-05", "day"),
        ("November 5, 2024", "2024-11-05", "day"),
        ("Nov. 5, 2024", "2024-11-05", "day"),
        ("the 5th of November 2024", "2024-11-05", "day"),
        ("2024-11-05", "2024-11-05", "day"),
        ("from 3 to 5 May 2021", "2021-05-03", "day"),
        ("in November 2024", "2024-11", "month"),
        ("in early 1969", "1969", "year"),
        ("the spring of 1969", "1969-spring", "season"),
        ("the 1990s", "1990s", "decade"),
        ("5 November", "--11-05", "day"),
        ("in March", "--03", "month"),
        ("30 February 2024", "2024-02", "month"),
        ("two days later", None, None),
        ("on Thursday", None, None),
        ("at noon", None, None),
    ],
)
def test_what_words_say_by_themselves(words, value, granularity):
    found = when(words, "", None)

    assert (found.value, found.granularity) == (value, granularity)
    assert found.rule == ("stated" if value else "unresolved")


@pytest.mark.parametrize(
    ("words", "value", "rule"),
    [
        ("5 November", "2024-11-05", "article_year"),
        ("20 December", "2023-12-20", "article_year"),
        ("Thursday", "2024-12-05", "relative_to_article"),
        ("on Monday", "2024-12-02", "relative_to_article"),
        ("yesterday", "2024-12-04", "relative_to_article"),
        ("last month", "2024-11", "relative_to_article"),
        ("last spring", "2024-spring", "relative_to_article"),
        ("three years ago", "2021", "relative_to_article"),
        ("fifty years ago today", "1974-12-05", "relative_to_article"),
    ],
)
def test_words_that_count_from_the_article_s_date(words, value, rule):
    """The article is dated Thursday, 5 December 2024."""
    assert when(words, "", "2024-12-05").value == value
    assert when(words, "", "2024-12-05").rule == rule


@pytest.mark.parametrize(
    ("words", "before", "value"),
    [
        ("two days later", "On 30 December 1961 he left. ", "1962-01-01"),
        ("the same evening", "On 3 May 1961 he left. ", "1961-05-03"),
        ("the next morning", "On 31 May 1961 he left. ", "1961-06-01"),
        ("the following year", "In 1999 it began. ", "2000"),
        ("30 August", "The agreement of 20 June 1963 said so. ", "1963-08-30"),
        ("the day before", "It opened on 7 January 1927. ", "1927-01-06"),
    ],
)
def test_words_that_count_from_the_last_date_named(words, before, value):
    found = when(words, before, "2019-07-20")

    assert (found.value, found.rule) == (value, "relative_to_text")


def test_a_weekday_of_things_long_past_is_left_open():
    """A report of 2019 on a call of 1969: its Thursday is not one of 2019."""
    found = when("on Thursday", "He called on Sunday, 20 July 1969. ", "2019-07-20")

    assert found.value is None


WORDS = st.sampled_from(
    "5 12 31 may May march Nov. Friday last next two days later ago the same evening in early 1990s"
    " spring of yesterday following year 3rd night".split()
)


@given(st.lists(WORDS, max_size=8).map(" ".join), st.lists(WORDS, max_size=8).map(" ".join))
def test_a_year_is_never_invented(words, before):
    """No date in words or text names a year in figures, and the article has no date."""
    if "1990" in words + before:
        return

    value = when(words, before, None).value

    assert value is None or value.startswith("--")


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_can_be_asked_for_its_date(words, before):
    assert when(words, before, "2024-12-05").rule
