import pytest

from index.ask import ask
from index.follow_up import completed


@pytest.mark.parametrize(
    ("text", "previous", "whole"),
    [
        pytest.param(
            "and when?",
            "Who called Neil Armstrong?",
            "Who called Neil Armstrong, and when?",
            id="asking-word",
        ),
        pytest.param(
            "And where, and why?",
            "Who called Armstrong?",
            "Who called Armstrong, and where, and why?",
            id="two-asking-words",
        ),
        pytest.param(
            "when was that?", "Who called Armstrong?", "Who called Armstrong, and when?", id="that"
        ),
        pytest.param(
            "when?",
            "When did Nixon call Armstrong?",
            "When did Nixon call Armstrong?",
            id="already-asked",
        ),
        pytest.param(
            "from where?",
            "Who called Armstrong?",
            "Who called Armstrong, and from where?",
            id="with-preposition",
        ),
        pytest.param(
            "and Watson?", "Who called Neil Armstrong?", "Who called Watson?", id="another-name"
        ),
        pytest.param(
            "What about Kennedy?",
            "When did Nixon call Neil Armstrong on the Moon?",
            "When did Nixon call Kennedy on the Moon?",
            id="a-person-not-the-place",
        ),
        pytest.param(
            "what about 1962?",
            "Who met whom in 1961?",
            "Who met whom in 1962?",
            id="another-year",
        ),
        pytest.param(
            "and in 1962?", "Who called whom?", "Who called whom in 1962?", id="added-year"
        ),
        pytest.param(
            "Who did he call next?",
            "When was Alexander Graham Bell born?",
            "Who did Alexander Graham Bell call next?",
            id="pronoun",
        ),
        pytest.param(
            "Where was his house?", "When did Bell die?", "Where was Bell's house?", id="owned"
        ),
    ],
)
def test_a_follow_up_takes_what_it_leaves_out_from_the_question_before(text, previous, whole):
    assert completed(text, previous) == whole


@pytest.mark.parametrize(
    ("text", "previous"),
    [
        pytest.param("Who called Brezhnev, and when?", "Who called Armstrong?", id="whole"),
        pytest.param("Did he call Kosygin?", "When did Johnson call Brezhnev?", id="two-names"),
        pytest.param("and when?", "", id="nothing-before"),
        pytest.param("", "Who called Armstrong?", id="empty"),
    ],
)
def test_a_question_that_needs_nothing_or_can_get_nothing_stays(text, previous):
    assert completed(text, previous) in {text, text.removeprefix("and ")}


def test_a_follow_up_is_answered(built):
    snapshot = built(moon="On 20 July 1969 Richard Nixon called Neil Armstrong on the Moon.")

    answer = ask(snapshot, completed("and when?", "Who called Neil Armstrong?"))

    assert {one.slot: one.text for one in answer.findings} == {
        "who": "Richard Nixon",
        "when": "20 July 1969",
    }
