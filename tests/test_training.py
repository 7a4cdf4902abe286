"""The part of the training that needs no torch: spans, the split, made negatives, scores."""

from __future__ import annotations

import pytest

from training.lookalikes import Candidate, Pool, holds_answer
from training.made_up import HELD, deeds, made_rows
from training.negatives import lookalike_rows, missing_slots, name_swaps, role_swaps
from training.rows import (
    Row,
    context_of,
    dev_articles,
    find_spans,
    previous_sentence,
    side_of,
    title_of,
    without_leaks,
)
from training.score import area, match


def row(
    question: str, sentence: str, *answers: str, set_: str = "qasrl-filled", id_: str = "q:f"
) -> Row:
    return Row(
        id=id_,
        set=set_,
        side="train",
        article="Wiki1k:wikinews:1",
        qtype="who",
        question=question,
        sentence=sentence,
        spans=find_spans(sentence, answers),
        answers=answers,
    )


@pytest.mark.parametrize(
    ("sentence", "answers", "wanted"),
    [
        pytest.param("In 1961 and 1962.", ["1961"], ((3, 7),), id="plain"),
        pytest.param(
            "Art is for artists, Art.", ["Art"], ((0, 3), (20, 23)), id="whole-words-only"
        ),
        pytest.param("It rained.", ["snow", ""], (), id="absent"),
        pytest.param("It cost $3.", ["$3"], ((8, 10),), id="sign"),
    ],
)
def test_answers_are_found_on_word_borders(
    sentence: str, answers: list[str], wanted: tuple[tuple[int, int], ...]
) -> None:
    assert find_spans(sentence, answers) == wanted


def test_the_split_depends_on_nothing_but_the_article() -> None:
    articles = [f"squad:{letter}" for letter in "abcdefghij"]
    held_out = dev_articles(articles)

    assert held_out == dev_articles(reversed(articles))
    assert len(held_out) == 6
    assert {side_of(article, held_out) for article in held_out} == {"dev"}
    assert side_of("Wiki1k:wikinews:1002218", []) == side_of("Wiki1k:wikinews:1002218", held_out)
    assert side_of("University_of_Notre_Dame", held_out) == "train"


def test_a_sentence_of_the_dev_side_is_not_trained_on() -> None:
    kept = row("Who ran?", "Ann ran.", "Ann")
    dev = Row(**{**kept.__dict__, "side": "dev", "sentence": "Bob  ran!"})
    leak = Row(**{**kept.__dict__, "sentence": "bob ran"})

    assert without_leaks([kept, dev, leak]) == [kept, dev]


def test_context_is_title_and_previous_sentence() -> None:
    assert previous_sentence("It rained. Then Dr. Ray left.", "Then Dr. Ray left.") == "It rained."
    assert previous_sentence("It rained.", "It rained.") == ""
    assert context_of(title_of("squad:Black_Death"), "") == "Black Death"
    assert title_of("Wiki1k:wikinews:1") == ""


def test_filled_roles_change_places() -> None:
    asked = row("When did Nixon call Armstrong?", "Nixon called Armstrong on Sunday.", "Sunday")

    turned = role_swaps([asked], {"q:f": "When did someone call someone?"})

    assert [(made.question, made.spans) for made in turned] == [
        ("When did Armstrong call Nixon?", ())
    ]


def test_an_answer_put_in_its_own_question_is_not_answered() -> None:
    asked = row(
        "Who did someone call?", "Nixon called Armstrong on Sunday.", "Armstrong", set_="qasrl-bank"
    )

    assert [made.question for made in role_swaps([asked], {})] == ["Who did Armstrong call?"]


def test_mutual_deeds_are_not_turned_round() -> None:
    asked = row("When did Nixon meet Mao?", "Nixon met Mao in 1972.", "1972")

    assert role_swaps([asked], {"q:f": "When did someone meet someone?"}) == []


def test_swapped_names_are_strangers_to_the_sentence() -> None:
    asked = row("Who called Neil Armstrong?", "Nixon called Neil Armstrong.", "Nixon")
    other = row("Who left?", "Then old Carl Sagan left.", "Carl Sagan")

    (made,) = name_swaps([asked, other], seed=1)

    assert (made.question, made.spans) == ("Who called Carl Sagan?", ())


def test_a_slot_is_missing_only_where_no_word_hints_at_it() -> None:
    silent = row("Who did Nixon call?", "Nixon called Armstrong.", "Armstrong")
    dated = row("Who did Nixon call?", "Nixon called Armstrong last Sunday.", "Armstrong")

    asked = {made.question.split()[0] for made in missing_slots([silent] * 20, seed=1)}

    assert asked == {"When", "Where", "Why"}
    assert all(not made.question.startswith("When") for made in missing_slots([dated] * 20, seed=1))


def test_lookalikes_hold_no_answer() -> None:
    pool = Pool(
        [
            Candidate("a", "Nixon called Armstrong on Sunday.", ""),
            Candidate("a", "Nixon called the senators.", ""),
            Candidate("b", "Armstrong was called a hero by Nixon on Sunday.", ""),
        ]
    )
    asked = row("When did Nixon call Armstrong?", "Nixon called Armstrong on Sunday.", "Sunday")

    made = lookalike_rows([asked], pool, per_row=2, depth=3, kind="look")

    assert [found.sentence for found in made] == ["Nixon called the senators."]
    assert holds_answer("It was Sunday.", ["sunday"])


def test_made_up_rows_are_repeatable_and_keep_some_deeds_for_the_dev_side() -> None:
    train, dev = made_rows(300, 7, "train"), made_rows(100, 7, "dev")

    assert train == made_rows(300, 7, "train")
    assert {deed.nouns[0] for deed in deeds()} > HELD
    assert all(bool(made.spans) == bool(made.answers) for made in train + dev)
    assert 0.3 < sum(bool(made.spans) for made in train) / len(train) < 0.7
    assert not {made.sentence for made in train} & {made.sentence for made in dev}


def test_scores_are_those_of_squad() -> None:
    assert match("the Cat!", ["cat"]) == (1.0, 1.0)
    assert match("black cat", ["cat", "dog"])[0] == 0.0
    assert match("black cat", ["cat", "dog"])[1] == pytest.approx(2 / 3)
    assert area([2.0, 1.0], [1.0, 0.0]) == 0.875
