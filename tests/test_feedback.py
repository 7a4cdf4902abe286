import json

from bot.asking import kept_of
from bot.feedback import questions_of
from bot.library import Library
from bot.state import Rated
from index.ask import ask
from index.evaluation import read_expected
from index.store import rebuild


def rated(library, question, right=1, wrong=0, *, kept=True):
    answer = ask(library.shared().snapshot, question)
    return Rated(kept_of(answer, None, keep_question=kept), right, wrong)


def test_answers_voted_right_become_questions_that_eval_reads(store, tmp_path):
    library = Library(store, tmp_path)

    rows, left_out = questions_of(
        [
            rated(library, "Who called Neil Armstrong?", 2, 1),
            rated(library, "Who called Leonid Brezhnev?"),
            rated(library, "Who rang Joel Engel?", 1, 1),
            rated(library, "Who rang whom, and when?"),
            rated(library, "Who rang Joel Engel?", kept=False),
        ],
        library,
    )

    assert rows == [
        {
            "question": "Who called Neil Armstrong?",
            "answers": ["Richard Nixon"],
            "article": "moon",
        },
        {"question": "Who called Leonid Brezhnev?", "answers": [], "answerable": False},
    ]
    assert sorted(left_out.values()) == [1, 1, 1]
    path = tmp_path / "questions.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    assert [one.answerable for one in read_expected(path)] == [True, False]


def test_an_answer_whose_article_was_changed_is_left_out(store, collection, tmp_path):
    library = Library(store, tmp_path)
    voted = rated(library, "Who called Neil Armstrong?")
    (collection / "moon.txt").write_text("Another text. It says nothing.", encoding="utf-8")
    rebuild(collection, store)

    rows, left_out = questions_of([voted], library)

    assert (rows, list(left_out)) == ([], ["their articles were changed or removed since"])
