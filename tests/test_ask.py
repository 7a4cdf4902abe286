"""Questions on articles that are not among the samples, asked as people ask them."""

import shutil

import pytest

from index.ask import answer_id, ask, ask_all
from index.errors import UnusableInput
from index.search import EVERYWHERE, Within
from index.store import open_store

HARBOUR = """\
The storm reached Port Selwyn shortly after dusk and tore three boats from their moorings. \
Elena Marsh, the captain of the ferry Isolde, saw from the bridge that the breakwater was giving way. \
She had no radio on board that night, because it had been taken ashore for repair.

At the pier she found a telephone that still worked, and Marsh phoned for help at once. \
It was the keeper, Josef Brandt, who picked up. \
The call was made on 3 March 1921, ten minutes before the wires came down.

Brandt lit the second lamp, and every vessel in the bay turned back. \
The town later gave both of them a silver medal."""
GARDEN = """\
The garden club planted four hundred bulbs in October. \
Its members were called to order by the chair, Ruth Amsel. \
The annual show is called the Green Day by everybody in town.

In May 2019 the club moved to Mill Lane."""
BRIDGE = """\
The bridge over the Orr was opened on 9 June 1934. \
The engineer Ada Quist met the painter Leo Varga there in the autumn of the same year. \
The bridge cost 40,000 crowns, because the rock had to be blasted."""


@pytest.fixture
def town(built):
    return built(harbour=HARBOUR, garden=GARDEN, bridge=BRIDGE)


@pytest.mark.parametrize(
    "question",
    [
        "Who called whom, and when?",
        "who called whom and when",
        "WHO PHONED WHOM, WHEN?",
        "Who rang whom and when was it?",
    ],
)
def test_slots_from_different_sentences_each_with_its_citation(town, question):
    answer = ask(town, question)

    first = {one.slot: one for one in answer.findings if one.event == 1}
    assert first["who"].text in {"Marsh", "Elena Marsh"}
    assert first["whom"].text in {"Josef Brandt", "the keeper, Josef Brandt"}
    assert first["when"].text == "3 March 1921"
    assert first["whom"].quote == "It was the keeper, Josef Brandt, who picked up."
    assert first["when"].quote.startswith("The call was made on 3 March 1921")
    assert len({one.citation for one in first.values()}) == 3
    assert {one.article.id for one in answer.findings} == {"harbour"}


def test_without_the_article_of_the_call_nothing_is_found(built):
    answer = ask(built(garden=GARDEN, bridge=BRIDGE), "Who called whom, and when?")

    assert (answer.status, answer.text, answer.findings) == ("not_found", None, ())
    assert answer.reason


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("When was the bridge over the Orr opened?", "9 June 1934"),
        ("when was the brigde over the orr opened", "9 June 1934"),
        ("How much did the bridge cost?", "40,000 crowns"),
        ("How many bulbs did the garden club plant?", "four hundred"),
        ("Whom did Ada Quist meet?", "Leo Varga"),
        ("whom did ada qist meet", "Leo Varga"),
        ("Who met Leo Varga?", "Ada Quist"),
    ],
)
def test_one_slot(town, question, text):
    answer = ask(town, question)

    assert answer.status == "answered"
    assert text in answer.text
    finding = answer.findings[0]
    assert finding.article.text[finding.start : finding.end] == finding.text == answer.text
    assert finding.text in finding.quote


def test_a_misspelling_is_owned_up_to(town):
    assert ask(town, "Whom did Ada Qist meet?").respelled == (("Qist", "Quist"),)


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ("When did Leo Varga meet Zebediah Pelham?", "No article mentions Zebediah or Pelham."),
        ("Who won the chess tournament?", None),
        ("Why did Ada Quist meet Leo Varga?", "The articles found do not state why."),
        (
            "When did Ada Quist phone Leo Varga?",
            "The article that comes nearest does not speak of that.",
        ),
        ("When did Quintus call Tiberius?", "No article mentions Quintus or Tiberius."),
        ("zyx wvu", "None of the articles searched holds any of the words asked for."),
    ],
)
def test_what_is_not_there_is_not_found(town, question, reason):
    answer = ask(town, question)

    assert answer.status == "not_found"
    assert answer.findings == ()
    assert reason is None or answer.reason == reason


def test_a_slot_that_is_not_stated_is_said_to_be_missing(built):
    snapshot = built(a="Ada Quist called Leo Varga. They spoke about paint.")

    answer = ask(snapshot, "Who called whom, and when?")

    assert (answer.status, answer.missing) == ("partly", ("when",))
    assert answer.text == "Ada Quist called Leo Varga; when: not stated."
    assert answer.reason == "The articles found do not state when."


def test_threshold_0_gives_the_best_candidate_and_1_none(town):
    question = "Who won the chess tournament of the garden club?"

    assert ask(town, question, threshold=0).text
    assert ask(town, "How much did the bridge cost?", threshold=1).status == "not_found"


def test_articles_that_disagree_are_shown_side_by_side(built):
    snapshot = built(
        a="The mill at Orr burned down on 2 May 1911.",
        b="The mill at Orr burned down on 5 May 1911.",
    )

    answer = ask(snapshot, "When did the mill at Orr burn down?")

    assert {(one.article.id, one.text) for one in answer.findings} == {
        ("a", "2 May 1911"),
        ("b", "5 May 1911"),
    }


def test_the_same_question_gives_the_same_answer(town):
    assert ask(town, "Who called whom, and when?") == ask(town, "Who called whom, and when?")


def test_only_the_articles_asked_for_answer(town):
    answer = ask(town, "Who called whom?", within=Within(articles=frozenset({"garden"})))

    assert {one.article.id for one in answer.passages} <= {"garden"}
    assert all(one.article.id == "garden" for one in answer.findings)


def test_an_id_names_question_settings_and_snapshot(town):
    settings = {"k": 10, "threshold": 0.4, "within": EVERYWHERE}
    one = answer_id(town, "Who?", **settings)

    assert one == answer_id(town, "Who?", **settings)
    assert one != answer_id(town, "When?", **settings)
    assert one != answer_id(town, "Who?", **settings | {"k": 9})


def test_no_question_is_refused(town):
    with pytest.raises(UnusableInput, match="empty"):
        ask(town, "?")


def test_several_snapshots_answer_together(built, tmp_path):
    built(zorblax="Captain Zorblax telephoned the harbour office on 3 May 2019.")
    shutil.copytree(tmp_path / "built-store", tmp_path / "ours")
    ours = open_store(tmp_path / "ours")
    theirs = built(moon="On 20 July 1969 Richard Nixon called Neil Armstrong on the Moon.")

    of_theirs = ask_all((ours, theirs), "Who called Neil Armstrong?")
    of_ours = ask_all((ours, theirs), "When did Zorblax telephone the harbour office?")

    assert of_theirs.text == "Richard Nixon"
    assert of_ours.text == "3 May 2019"
    assert of_ours.respelled == ()


def test_a_word_that_another_snapshot_knows_is_spelled_right(built, tmp_path):
    built(a="Marta Zorblax rang the mayor in 2019.")
    shutil.copytree(tmp_path / "built-store", tmp_path / "ours")
    theirs = built(b="Marta Zorblaz rang the mayor in 2001.")

    answer = ask_all((open_store(tmp_path / "ours"), theirs), "When did Zorblax ring the mayor?")

    assert answer.text == "2019"
    assert answer.respelled == ()


def test_one_snapshot_alone_or_among_several_gives_the_same_answer(built):
    snapshot = built(moon="On 20 July 1969 Richard Nixon called Neil Armstrong on the Moon.")

    assert ask_all((snapshot,), "Who called whom, and when?") == ask(
        snapshot, "Who called whom, and when?"
    )
    assert ask_all((snapshot,), "Who phoned Jimmy Carter?") == ask(
        snapshot, "Who phoned Jimmy Carter?"
    )
