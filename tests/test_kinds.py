import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.kinds import DATE, NAME, NUMBER, kinds_in

# The kinds said plainly, each by one expression for a whole sentence.
_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_DATE = re.compile(
    rf"\b(?:1\d{{3}}|20\d\d)s?\b|\b(?:{_MONTHS})\b|\bcentur(?:y|ies)\b"
    r"|\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b|\b\d+ (?:BC|BCE|AD)\b"
    r"|\b(?:today|yesterday|tomorrow|midnight|noon)\b"
    r"|\b(?:last|next|previous|same) (?:day|week|month|year|spring|summer|autumn|fall|winter)\b"
    r"|\b(?:hours?|days?|weeks?|months?|years?) (?:later|earlier|ago|before|after)\b"
)
_NUMBER = re.compile(
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozen|twenty|thirty"
    r"|forty|fifty|sixty|seventy|eighty|ninety|hundreds?|thousands?|[mb]illions?|half|twice"
    r"|third|quarter)\b",
    re.IGNORECASE,
)
_NAME = re.compile(
    rf"(?<=[a-z0-9,;:)”\"’'-] )(?!(?:{_MONTHS}|[A-Z][a-z]+day)\b)[A-Z][\w.]"
    r"|\b[A-Z][\w.]* [A-Z]"
)
WORDS = sorted(
    {word for one in (_DATE, _NUMBER) for word in re.findall("[A-Za-z]{2,}", one.pattern)}
    | {
        "hundreds",
        "millions",
        "Billion",
        "SIX",
        "Kennedy",
        "of",
        "a",
        "A",
        "I",
        "monday",
        "Holiday",
    }
    | {
        "1969",
        "1969s",
        "2024",
        "3,500",
        "300",
        "٣٠٠",
        "x12",
        "12th",
        "U.S.",
        "mİllion",
        "ſix",
        "éa",
    }
)
NASTY = st.lists(
    st.one_of(
        st.sampled_from(WORDS),
        st.sampled_from(
            [*" " * 8, *".,;:!?\"'”’()-_\n\t\u00a0\u0301Aaz09É", ". ", ", ", "  ", "..."]
        ),
    ),
    max_size=16,
).map("".join)
SPACED = st.lists(st.one_of(st.sampled_from(WORDS), NASTY), max_size=8).map(" ".join)


@pytest.mark.parametrize(
    ("sentence", "kinds"),
    [
        pytest.param("They spoke in 300 BC about it.", DATE | NUMBER | NAME, id="era"),
        pytest.param("They spoke in 300 about BC.", NUMBER | NAME, id="no era"),
        pytest.param("It rang last week.", DATE, id="period"),
        pytest.param("It rang years later.", DATE, id="direction"),
        pytest.param("It rang years, later.", 0, id="a comma between"),
        pytest.param("It rang last  week.", 0, id="two spaces between"),
        pytest.param("Then Kennedy rang.", NAME, id="capital inside"),
        pytest.param("Kennedy rang.", 0, id="capital at the beginning"),
        pytest.param("It rang. He rang.", 0, id="capital after a stop"),
        pytest.param("It rang on Monday.", DATE, id="a day is no name"),
        pytest.param("It rang on Holiday.", 0, id="what ends like a day is no name"),
        pytest.param("SIX rang.", NUMBER, id="number in capitals"),
        pytest.param(f"It rang{'.' * 5000}", 0, id="many stops"),
        pytest.param("", 0, id="empty"),
    ],
)
def test_kinds(sentence, kinds):
    assert kinds_in(sentence) == kinds


@given(st.one_of(NASTY, SPACED, st.text(max_size=60)))
def test_kinds_are_those_that_plain_expressions_find(sentence):
    assert kinds_in(sentence) == (
        (DATE if _DATE.search(sentence) else 0)
        | (NUMBER if _NUMBER.search(sentence) else 0)
        | (NAME if _NAME.search(sentence) else 0)
    )
