from hypothesis import given
from hypothesis import strategies as st
from test_kinds import NASTY, SPACED

from index.kinds import DATE, NAME, NUMBER, kinds_in
from index.terms import terms_of
from index.words import Words


def test_terms_are_numbered_as_they_are_seen():
    words = Words()

    assert words.numbers_of("The Moon call") == [0, 1]
    words.add("He called long-distance, twice.")
    words.add("Of it.")
    words.add("")
    words.add("It was 1969 on the Moon.")

    numbers, counts = words.numbers()
    assert words.terms == ["moon", "call", "long", "distanc", "twice", "1969"]
    assert numbers.tolist() == [1, 2, 3, 4, 5, 0]
    assert counts.tolist() == [4, 0, 0, 2]
    assert words.kinds().tolist() == [NUMBER, 0, 0, DATE | NUMBER | NAME]


def test_no_sentence_has_no_words():
    words = Words()

    assert [part.tolist() for part in (*words.numbers(), words.kinds())] == [[], [], []]


@given(st.lists(st.one_of(NASTY, SPACED, st.text(max_size=60)), max_size=8))
def test_sentences_together_are_what_each_is_alone(sentences):
    words = Words()
    for sentence in sentences:
        words.add(sentence)

    numbers, counts = words.numbers()
    found = [words.terms[number] for number in numbers]
    assert found == [term for sentence in sentences for term in terms_of(sentence)]
    assert counts.tolist() == [len(terms_of(sentence)) for sentence in sentences]
    assert words.kinds().tolist() == [kinds_in(sentence) for sentence in sentences]
    for sentence in sentences:
        assert [words.terms[n] for n in words.numbers_of(sentence)] == terms_of(sentence)
    assert words.terms == list(dict.fromkeys(found))
