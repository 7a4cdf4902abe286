import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import UnusableInput
from index.kinds import DATE, NAME, NUMBER
from index.question import parse_question
from index.verbs import base_form


@pytest.mark.parametrize(
    ("text", "slots"),
    [
        ("Who called Nixon?", {"who": "Who called Nixon?"}),
        ("when was the call", {"when": "when was the call?"}),
        ("In which year did it ring?", {"which": "In which year did it ring?"}),
        ("How many people died?", {"how_many": "How many people died?"}),
        ("How long did they speak?", {"how_long": "How long did they speak?"}),
        ("How tall is it?", {"how": "How tall is it?"}),
        ("Did Bell call Watson?", {"yes_no": "Did Bell call Watson?"}),
        ("moon landing", {"what": "moon landing?"}),
        (
            "Who called whom, and when?",
            {
                "who": "Who called someone?",
                "whom": "whom did {0} call?",
                "when": "when did {0} call {1}?",
            },
        ),
        (
            "who met whom when and where",
            {
                "who": "who met someone?",
                "whom": "whom did {0} meet?",
                "when": "when did {0} meet {1}?",
                "where": "where did {0} meet {1}?",
            },
        ),
        (
            "When and where did Bell call Watson?",
            {
                "when": "When did Bell call Watson?",
                "where": "where did Bell call Watson?",
            },
        ),
        (
            "Whom did Nixon call, and for how long?",
            {"whom": "Whom did Nixon call?", "how_long": "for how long did Nixon call {0}?"},
        ),
        (
            "To whom did he write and when?",
            {"whom": "To whom did he write?", "when": "when did he write To {0}?".lower()},
        ),
        (
            "Who was called by whom?",
            {"who": "Who was called by someone?", "whom": "by whom was {0} called?"},
        ),
        (
            "who spoke with whom about what",
            {
                "who": "who spoke with someone about something?",
                "whom": "with whom did {0} speak about something?",
                "what": "about what did {0} speak with {1}?",
            },
        ),
        (
            "How many died and how many were hurt?",
            {"how_many": ["How many died?", "how many were hurt?"]},
        ),
        (
            "When was the call, who made it and who received it?",
            {"when": "When was the call?", "who": ["who made it?", "who received it?"]},
        ),
        (
            "What did the man who called Watson invent?",
            {"what": "What did the man who called Watson invent?"},
        ),
        (
            "Who was president when Bell called?",
            {"who": "Who was president when Bell called?"},
        ),
        (
            "When protesters are arrested, what do they sing?",
            {"what": "When protesters are arrested, what do they sing?"},
        ),
        ("Those who sing oppose what?", {"what": "Those who sing oppose what?"}),
        ("Who decides who may sing?", {"who": "Who decides who may sing?"}),
        ("What is Doctor Who's ship called?", {"what": "What is Doctor Who's ship called?"}),
        (
            "What did Bell, who was deaf to critics, say?",
            {"what": "What did Bell, who was deaf to critics, say?"},
        ),
    ],
)
def test_what_is_wanted_and_how_each_part_is_asked_alone(text, slots):
    found: dict[str, object] = {}
    for slot in parse_question(text).slots:
        if slot.name in found:
            found[slot.name] = [found[slot.name], slot.asks]
        else:
            found[slot.name] = slot.asks

    assert found == slots


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Who rang?", NAME),
        ("When did it ring?", DATE),
        ("In what year did it ring?", DATE),
        ("How much did it cost?", NUMBER),
        ("What percentage agreed?", NUMBER),
        ("How far is it?", NUMBER),
        ("What rang?", 0),
        ("Where did it ring?", 0),
        ("Who rang, and when?", NAME | DATE),
    ],
)
def test_the_kind_of_thing_that_is_wanted(text, kind):
    assert parse_question(text).kind == kind


def test_asking_words_do_not_search():
    assert parse_question("Who called whom and when, and how many times?").terms == (
        "call",
        "time",
    )
    assert parse_question("Please tell me when Nixon rang").terms == ("nixon", "ring")


@pytest.mark.parametrize(
    ("text", "relation"),
    [
        ("Who phoned Watson?", "phone"),
        ("Who met Livingstone?", "meet"),
        ("What is the tower called?", None),
        ("Who was called by Nixon?", "call"),
        ("Who won?", None),
    ],
)
def test_the_relation_asked_about(text, relation):
    assert parse_question(text).relation == relation


def test_the_statement_that_the_values_make():
    assert parse_question("Who called whom, and when?").says == "{0} called {1}"
    assert parse_question("Whom did Nixon call, and when?").says is None


def test_case_and_question_mark_do_not_matter():
    shouted = parse_question("WHO CALLED WHOM, AND WHEN ?")
    plain = parse_question("who called whom and when")

    assert shouted.terms == plain.terms
    assert [slot.name for slot in shouted.slots] == [slot.name for slot in plain.slots]


@pytest.mark.parametrize("text", ["", " \n", "???", "…", "😀"])
def test_an_empty_question_is_refused(text):
    with pytest.raises(UnusableInput, match="the question is empty"):
        parse_question(text)


def test_bytes_that_are_no_text_do_no_harm():
    assert parse_question("Who\x07 called\ud800?\n").text == "Who called\ufffd?"


def test_a_text_is_no_question():
    with pytest.raises(UnusableInput, match="has 102399 characters, at most 2000 are read"):
        parse_question("word " * 20_480)


WORDS = st.sampled_from(
    "who whom when where how many much what which and , ; ? did was called call Nixon the {0} {} in "
    "to by whose why he's who's it".split()
)


@given(st.lists(WORDS, min_size=1, max_size=12))
def test_any_order_of_asking_words_can_be_asked(words):
    """Each slot's own question only refers to the slots before it."""
    try:
        question = parse_question(" ".join(words))
    except UnusableInput:
        return

    for number, slot in enumerate(question.slots):
        known = [f"value {i}" for i in range(number)]
        assert slot.asks.format(*known).endswith("?")
    if question.says:
        assert question.says.format(*["value"] * len(question.slots))


@pytest.mark.parametrize(
    ("verb", "base"),
    [
        ("called", "call"),
        ("telephoned", "telephone"),
        ("rang", "ring"),
        ("contacted", "contact"),
        ("invited", "invite"),
        ("replied", "reply"),
        ("stopped", "stop"),
        ("announced", "announce"),
        ("visited", "visit"),
        ("warned", "warn"),
        ("calls", "call"),
        ("met", "meet"),
        ("agree", "agree"),
    ],
)
def test_base_forms(verb, base):
    assert base_form(verb) == base
