import unicodedata

import pytest
import Stemmer
from hypothesis import given
from hypothesis import strategies as st

from index.terms import _WORD, AROUND_WORDS, STOP_WORDS, term_spans, terms_of, words_of
from index.verbs import IRREGULAR


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


ODD = st.lists(
    st.sampled_from(
        [*"aZ09é’'.,-_ \n\u00a0\u0301\u0345ßİıſﬁⅷ²٣日😀", "Dog's", "1,500", "3.5", "called", "THE"]
    ),
    max_size=12,
).map("".join)


@given(st.one_of(ODD, st.text(max_size=40)))
def test_short_ways_give_what_the_plain_way_gives(text):
    words = _WORD.findall(text)

    assert words_of(text) == words
    assert terms_of(text) == [term for word in words if (term := plain_term(word))]
    assert terms_of(text.strip(AROUND_WORDS)) == terms_of(text)
    assert [term for part in text.split(" ") for term in terms_of(part)] == terms_of(text)


def plain_term(word):
    folded = unicodedata.normalize("NFKD", word.casefold()).replace("’", "'")
    folded = "".join(c for c in folded if not unicodedata.combining(c))
    if folded[:1].isdigit():
        folded = folded.replace(",", "")
    folded = folded.removesuffix("'s").removesuffix("'")
    stem = Stemmer.Stemmer("english").stemWord
    return "" if folded in STOP_WORDS else stem(IRREGULAR.get(folded, folded))
