"""The command line as its users meet it: real processes, exit codes, one sentence for an error."""

import gzip
import json
import random
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import index.part
import index.ranking
from index.command import VERBS, main
from index.options import command_line
from index.store import current_name

ROOT = Path(__file__).parent.parent


def verbs():
    """Each verb's parser by name."""
    (action,) = (one for one in command_line()._actions if hasattr(one, "choices") and one.choices)
    return dict(action.choices)


@pytest.mark.parametrize("verb", verbs())
def test_every_help_ends_with_an_example_that_runs(verb, byline, collection, tmp_path):
    """The examples need a folder "articles" and a file of questions to be there."""
    (tmp_path / "work" / "articles").symlink_to(collection)
    (tmp_path / "work" / "questions.jsonl").write_text('{"question": "Who called?"}')
    help_text = byline(verb, "--help").stdout
    example = help_text.rpartition("Example: byline ")[2]
    words = shlex.split(" ".join(example.split()))

    done = byline(*words)

    assert words[0] == verb
    assert (done.returncode, "Traceback" in done.stderr) == (0, False)
    assert done.stdout


def test_every_verb_that_is_offered_is_done():
    assert list(verbs()) == list(VERBS)


def test_a_question_is_answered_from_the_samples_where_nothing_was_built(byline):
    done = byline("ask", "Who called Neil Armstrong on the Moon?")

    assert done.returncode == 0
    assert "Nixon" in done.stdout.splitlines()[0]
    assert "[1]" in done.stdout
    assert "answering from the sample articles" in done.stderr
    assert "\x1b" not in done.stdout  # nothing emphasised in a pipe


def test_rebuild_and_ask_share_a_store(byline, collection):
    built = byline("rebuild", collection)
    asked = byline("ask", "--json", "Who called Neil Armstrong?")

    assert built.returncode == 0
    assert built.stdout.startswith("2 articles, 6 sentences, 0 skipped, ")
    assert built.stderr == ""  # no progress bar in a pipe
    assert asked.stderr == ""
    answer = json.loads(asked.stdout)
    assert answer["answer"] == "Richard Nixon"
    assert [one["article"] for one in answer["findings"]] == ["moon"]


def test_the_json_of_an_answer_can_be_checked_by_anyone(byline, store):
    answer = json.loads(
        byline("ask", "Who rang whom, and when?", "--json", "--store", store).stdout
    )

    assert set(answer) >= {
        "id", "question", "status", "reason", "answer", "confidence", "findings", "passages",
    }  # fmt: skip
    assert answer["status"] == "answered"
    assert [one["slot"] for one in answer["findings"] if one["event"] == 1] == [
        "who",
        "whom",
        "when",
    ]
    for finding in answer["findings"]:
        shown = byline("show", finding["article"], "--json", "--store", store)
        text = json.loads(shown.stdout)["text"]
        assert text[finding["start"] : finding["end"]] == finding["text"]
        assert finding["text"] in finding["sentence"]
        assert finding["sentence"] in text
        assert 0 <= finding["confidence"] <= 1
    for passage in answer["passages"]:
        assert set(passage) == {
            "article", "title", "source", "date", "url", "start", "end", "sentence", "score",
        }  # fmt: skip


def test_the_same_question_gives_the_same_bytes_in_every_process(byline, store):
    ask = ["ask", "Who rang whom, and when?", "--json", "--store", store]

    assert byline(*ask, PYTHONHASHSEED="1").stdout == byline(*ask, PYTHONHASHSEED="2").stdout


def test_what_the_articles_do_not_say_is_not_found(byline, store):
    done = byline("ask", "Who won the chess tournament in Reykjavik?", "--store", store)
    answer = json.loads(
        byline("ask", "--json", "Who won the chess tournament?", "--store", store).stdout
    )

    assert done.returncode == 1
    assert done.stdout.startswith("The articles do not say. ")
    assert (answer["status"], answer["answer"], answer["findings"]) == ("not_found", None, [])
    assert answer["reason"]


def test_articles_and_dates_narrow_a_question(byline, store):
    only_phone = byline("ask", "Who made a call?", "--article", "phone", "--json", "--store", store)
    never = byline("ask", "Who made a call?", "--since", "2000", "--json", "--store", store)

    assert {one["article"] for one in json.loads(only_phone.stdout)["passages"]} <= {"phone"}
    assert (never.returncode, json.loads(never.stdout)["passages"]) == (1, [])


def test_a_batch_gives_one_line_for_each_row_in_order(byline, store, tmp_path):
    rows = [
        {"id": "q1", "question": "Who called Neil Armstrong?", "other": 1},
        {"id": 2, "question": "Who called Neil Armstrong?", "within": ["phone"]},
        {"id": "q3", "question": "Where did Cooper ring from?"},
    ]
    with gzip.open(tmp_path / "q.jsonl.gz", "wt", encoding="utf-8") as file:
        file.write("\n".join(map(json.dumps, rows)) + "\n")

    done = byline(
        "ask", "--batch", tmp_path / "q.jsonl.gz", "-k", "3", "--threshold", "0", "--store", store
    )

    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert (done.returncode, done.stderr) == (0, "")
    assert [one["id"] for one in answers] == ["q1", "2", "q3"]
    assert answers[0]["answer"] == "Richard Nixon"
    assert {one["article"] for one in answers[1]["passages"]} <= {"phone"}
    assert all(len(one["passages"]) <= 3 for one in answers)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("{", "it is not JSON"),
        ("[]", "it is not a JSON object"),
        ('{"question": "Who?"}', 'it has no "id"'),
        ('{"id": 2}', 'it has no "question"'),
        ('{"id": 2, "question": " "}', "the question is empty"),
        ('{"id": 2, "question": "Who?", "within": "a"}', 'its "within" is not a list'),
    ],
)
def test_a_batch_stops_at_the_first_unusable_row(byline, store, tmp_path, row, reason):
    good = '{"id": 1, "question": "Who called?"}'
    (tmp_path / "q.jsonl").write_text(f"{good}\n{row}\n{good}\n", encoding="utf-8")

    done = byline("ask", "--batch", tmp_path / "q.jsonl", "--store", store)

    assert (done.returncode, len(done.stdout.splitlines())) == (2, 1)
    assert done.stderr.startswith(f"byline: {tmp_path}/q.jsonl line 2: {reason}")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["ask"], "give one question, or --batch FILE"),
        (["ask", "Who?", "--batch", "x"], "give one question, or --batch FILE"),
        (["ask", ""], "the question is empty"),
        (["ask", "w " * 51_200], "the question has 102399 characters, at most 2000 are read"),
        (["ask", "Who?", "--threshold", "2"], '--threshold is "2"; it has to be a number from'),
        (["ask", "Who?", "--since", "soon"], '--since is "soon"; it has to be like 1969-07-20'),
        (["ask", "Who?", "--article", "x"], 'no article has the id "x"'),
        (["ask", "Who?", "--source", "Nobody"], 'no article has the source "nobody"'),
        (["ask", "Who?", "--author", "x"], 'no article has the author "x"'),
        (["rebuild", ".", "--memory", "1.5"], '--memory is "1.5"; it has to be a number of mega'),
        (["ask", "Who?", "-k", "0"], "argument -k: 0 is not a number from 1 to 1000"),
        (["ask", "Who?", "--store", "nowhere"], "there is no store nowhere"),
        (["search", "x", "--store", "file"], "the store file is a file, not a folder"),
        (["ask", "--batch", "nowhere"], "nowhere cannot be read (No such file or directory)"),
        (["rebuild"], "no articles are named; give a folder, or set BYLINE_ARTICLES"),
        (["rebuild", "nowhere"], "there is no file or folder nowhere"),
        (["rebuild", "file"], "there is nothing to index in file (file: its ending is none of"),
        (["rebuild", "a.txt", "--store", "file"], "the store file is a file, not a folder"),
        (["rebuild", "a.txt", "--store", "/proc/x"], "the store /proc/x cannot be written ("),
        (["fly"], "argument VERB: invalid choice: 'fly'"),
        ([], "no verb is given; see `byline --help`"),
    ],
)
def test_wrong_use_is_one_sentence_and_exit_2(byline, tmp_path, words, sentence):
    (tmp_path / "work" / "file").write_text("x")
    (tmp_path / "work" / "a.txt").write_text("Some text.")

    done = byline(*words)

    assert (done.returncode, done.stdout) == (2, "")
    last = done.stderr.splitlines()[-1]
    assert sentence in last
    assert last.startswith("byline")
    assert len(done.stderr.splitlines()) <= 2  # the note on the samples may come before


@pytest.mark.parametrize("value", ["high", "-1", "nan"])
def test_a_setting_that_cannot_be_is_named(byline, store, value):
    done = byline("ask", "Who?", "--store", store, BYLINE_THRESHOLD=value)

    assert done.returncode == 2
    assert done.stderr == (
        f'byline: BYLINE_THRESHOLD is "{value}"; it has to be a number from 0 to 1\n'
    )


def test_settings_come_from_a_file_too(byline, collection, tmp_path):
    settings = f"BYLINE_ARTICLES={collection}\nBYLINE_STORE={tmp_path}/here\nBYLINE_THRESHOLD=\n"
    (tmp_path / "work" / ".env").write_text(settings)

    assert byline("rebuild").returncode == 0
    assert current_name(tmp_path / "here")
    assert json.loads(byline("stats", "--json").stdout)["articles"] == 2


def test_rebuild_names_every_skipped_file(byline, collection):
    (collection / "picture.txt").write_bytes(b"\x89PNG\0")
    (collection / "rows.jsonl").write_text('{"text": "Good row."}\n{\n', encoding="utf-8")

    done = byline("rebuild", collection)

    assert done.returncode == 0
    assert done.stdout.startswith("3 articles, 7 sentences, 2 skipped, ")
    assert done.stderr.splitlines()[0] == (
        f"skipped {collection}/picture.txt: it is a binary file, not text"
    )
    assert done.stderr.splitlines()[1].startswith(
        f"skipped {collection}/rows.jsonl line 2: it is not JSON"
    )


def test_search_ranks_passages(byline, store):
    done = byline("search", "Armstrong", "Moon", "--json", "-k", "2", "--store", store)
    nothing = byline("search", "zebra", "--store", store)

    passages = json.loads(done.stdout)
    assert [one["article"] for one in passages] == ["moon", "moon"]
    assert passages[0]["score"] > passages[1]["score"]
    assert (nothing.returncode, nothing.stdout) == (1, "No article holds any of these words.\n")


def test_show_numbers_the_sentences(byline, store):
    done = byline("show", "phone", "--store", store)
    nothing = byline("show", "nothing", "--store", store)

    assert "date:   1973-04-04" in done.stdout
    assert "   2  [74, 113)  The phone weighed more than a kilogram." in done.stdout
    assert (nothing.returncode, nothing.stderr) == (1, 'byline: no article has the id "nothing"\n')


def test_stats_count(byline, store):
    facts = json.loads(byline("stats", "--json", "--store", store).stdout)

    assert (facts["articles"], facts["paragraphs"], facts["sentences"]) == (2, 4, 6)
    assert "articles:   2\n" in byline("stats", "--store", store).stdout


def test_verify_finds_a_flipped_byte(byline, store):
    clean = byline("verify", "--store", store)
    (damaged,) = (store / "snapshots").glob("*.segment")
    content = damaged.read_bytes()
    damaged.write_bytes(content.replace(b"Armstrong answered", b"Armstrong answerEd"))

    found = byline("verify", "--store", store)

    assert (clean.returncode, clean.stderr) == (0, "")
    assert clean.stdout.startswith("2 articles and 6 sentences verified")
    assert (found.returncode, found.stdout) == (1, "")
    assert found.stderr == (
        f"byline: texts in {damaged.name} is not what was written (its SHA-256 differs)\n"
    )


@pytest.mark.parametrize("compiled", [True, False])
def test_no_flipped_byte_changes_an_answer(store, capsys, monkeypatch, compiled):
    """Bytes of each file are flipped in turn: what is said is what was said before, or that the
    file is damaged; verify finds every one of them."""
    monkeypatch.setattr(index.part, "COMPILED", compiled and index.part.COMPILED)
    monkeypatch.setattr(index.ranking, "COMPILED", compiled and index.ranking.COMPILED)
    asked = (["ask", "Who called Armstrong?"], ["show", "moon"], ["search", "call"])

    def said(words):
        code = main([*words, "--json", "--store", str(store)])
        return code, *capsys.readouterr()

    before = [said(words) for words in asked]
    chance = random.Random(7)
    for path in [*(store / "snapshots").iterdir(), store / "current"]:
        content = path.read_bytes()
        for place in sorted({0, 9, len(content) - 1, *chance.choices(range(len(content)), k=60)}):
            flipped = bytearray(content)
            flipped[place] ^= chance.randint(1, 255)
            path.write_bytes(flipped)

            for words, clean in zip(asked, before, strict=True):
                code, out, err = said(words)
                assert (code, out) == clean[:2] or (code, out, err.count("\n")) == (2, "", 1), err
            assert main(["verify", "--store", str(store)]) != 0
            assert "Traceback" not in capsys.readouterr().err
        path.write_bytes(content)


def test_an_article_cannot_steer_the_terminal(byline, tmp_path):
    (tmp_path / "a.jsonl").write_text(
        json.dumps({"id": "a", "title": "T\x1b]0;x\x07", "text": "Nixon \x1b[31mcalled\x07 Bell."})
    )
    byline("rebuild", tmp_path / "a.jsonl")

    shown = "".join(byline(*words).stdout for words in (["search", "nixon"], ["show", "a"]))

    assert "called" in shown
    assert "\x1b" not in shown
    assert "\x07" not in shown


def test_a_reader_that_has_seen_enough_is_no_error(store):
    """As in ``byline show ... | head -1``."""
    shell = f"{shlex.quote(sys.executable)} -m index show moon --store {shlex.quote(str(store))}"
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {shell} | head -c 1"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stderr == ""


def test_asking_loads_only_what_it_needs():
    program = (
        "import sys; from index.command import main; main(['--version']);"
        "import index.ask;"
        "print(sorted({'discord', 'yaml', 'markdown_it', 'filelock', 'tqdm',"
        " 'torch', 'rapidfuzz', 'dotenv'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert done.stdout.splitlines()[-1] == "[]"


def test_rebuild_tells_other_programs_how_far_it_is(byline, collection):
    (collection / "picture.png").write_bytes(b"x")

    done = byline("rebuild", collection, "--json")

    *steps, report = [json.loads(line) for line in done.stdout.splitlines()]
    assert steps == [{"done": 1, "total": 2}, {"done": 2, "total": 2}]
    assert (report["articles"], report["sentences"]) == (2, 6)
    assert report["skipped"][0]["path"].endswith("picture.png")
