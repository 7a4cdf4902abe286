import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.terms import term_spans, terms_of


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("The callers were calling", ["caller", "call"], id="stems, no stop words"),
        pytest.param("CALL Call call", ["call"] * 3, id="case"),
        pytest.param("café naïve e\u0301te\u0301", ["cafe", "naiv", "ete"], id="accents"),
        pytest.param("1,500 miles in 3.5 hours", ["1500", "mile", "3.5", "hour"], id="numbers"),
        pytest.param("Kennedy's Kennedy’s", ["kennedi", "kennedi"], id="possessive"),
        pytest.param("O'Brien O’Brien", ["o'brien", "o'brien"], id="apostrophe"),
        pytest.param("long-distance", ["long", "distanc"], id="hyphen"),
        pytest.param("who called whom and when", ["call"], id="asking words"),
        pytest.param("_ … 😀", [], id="no words"),
    ],
)
def test_terms(text, expected):
    assert terms_of(text) == expected


@given(st.text(max_size=100))
def test_each_term_has_its_place(text):
    spans = list(term_spans(text))

    assert [term for _, _, term in spans] == terms_of(text)
    assert all(terms_of(text[start:end]) == [term] for start, end, term in spans)
