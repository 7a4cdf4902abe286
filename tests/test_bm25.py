import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rank_bm25 import BM25Okapi

from index.bm25 import BM25, PlainBM25, make_postings, positive_idf

TERMS = list("abcdefg")
CORPORA = st.lists(st.lists(st.sampled_from(TERMS), max_size=12), max_size=12)
QUERIES = st.lists(st.sampled_from([*TERMS, "never"]), max_size=6)


def mapped(corpus):
    """Our index of a corpus, and the numbers of its terms."""
    numbers = {
        term: number
        for number, term in enumerate(sorted({term for terms in corpus for term in terms}))
    }
    pairs = [(numbers[term], text) for text, terms in enumerate(corpus) for term in terms]
    terms, texts = np.array(pairs, int).reshape(-1, 2).T
    postings = make_postings(terms, texts, len(numbers), len(corpus))
    return BM25(postings, len(pairs) / max(len(corpus), 1)), numbers


@given(CORPORA, QUERIES)
def test_scores_are_those_of_rank_bm25_to_the_last_bit(corpus, query):
    index, numbers = mapped(corpus)

    found = index.get_scores([numbers[term] for term in query if term in numbers])

    assert found.tolist() == PlainBM25(corpus).get_scores(query).tolist()


@given(CORPORA, QUERIES)
def test_candidates_are_the_texts_that_hold_a_term_and_score_above_zero(corpus, query):
    index, numbers = mapped(corpus)

    texts, scores = index.candidates([numbers[term] for term in query if term in numbers])

    holding = [i for i, terms in enumerate(corpus) if set(terms) & set(query)]
    assert texts.tolist() == holding
    assert (scores > 0).all()


def test_our_index_is_the_library_s():
    assert issubclass(BM25, BM25Okapi)


def test_one_score_by_hand():
    """Three texts of 2, 1 and 3 terms; "a" stands once in two of them: idf ln(1 + 1.5 / 2.5)."""
    index, numbers = mapped([["a", "b"], ["c"], ["a", "c", "d"]])

    scores = index.get_scores([numbers["a"]])

    idf = 0.47000362924573563
    first = idf * 1.9 / (1 + 0.9 * (1 - 0.4 + 0.4 * 2 / 2))
    third = idf * 1.9 / (1 + 0.9 * (1 - 0.4 + 0.4 * 3 / 2))
    assert scores.tolist() == pytest.approx([first, 0, third])


@pytest.mark.parametrize("corpus", [[], [["a"]], [["a"], ["a"]], [[], []]])
def test_small_corpora_score_without_zeros_or_faults(corpus):
    index, numbers = mapped(corpus)

    scores = index.get_scores([numbers["a"]] if numbers else [])

    assert len(scores) == len(corpus)
    assert all(score > 0 for score, terms in zip(scores, corpus, strict=True) if terms)


@given(st.integers(1, 10**7), st.data())
def test_a_term_in_every_text_still_counts(texts, data):
    holding = data.draw(st.integers(0, texts))

    assert positive_idf(texts, holding) > 0


def test_batch_scores_are_those_of_the_texts_asked_for():
    index, numbers = mapped([["a"], ["b"], ["a", "a"]])

    assert index.get_batch_scores([numbers["a"]], [2, 1]) == [
        index.get_scores([numbers["a"]])[2],
        0.0,
    ]
