import gzip
import json
import os

import pytest

from index.article import Article, Skipped
from index.collection import read_collection
from index.errors import UnusableInput
from index.settings import SAMPLES


def read(folder):
    """The articles by id, and the reasons of what was skipped by file name."""
    found = list(read_collection(folder))
    articles = {one.id: one for one in found if isinstance(one, Article)}
    skipped = {one.path.rsplit("/", 1)[-1]: one.reason for one in found if isinstance(one, Skipped)}
    return articles, skipped


def test_text_markdown_and_json_lines_are_read_by_their_endings(tmp_path):
    (tmp_path / "a.TXT").write_text("A title\n\nThe text.\n", encoding="utf-8")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "b.md").write_text("# Heading\n\nSome *text*.\n", encoding="utf-8")
    row = {"id": "c1", "title": "C", "date": "1969", "text": "First.\n\nSecond."}
    (tmp_path / "c.jsonl").write_text(json.dumps(row) + "\n\n", encoding="utf-8")
    with gzip.open(tmp_path / "d.jsonl.gz", "wt", encoding="utf-8") as file:
        file.write(json.dumps({"text": "No id here."}))

    articles, skipped = read(tmp_path)

    assert skipped == {}
    assert articles == {
        "a": Article("a", "A title", "The text."),
        "sub/b": Article("sub/b", "Heading", "Some text."),
        "c1": Article("c1", "C", "First.\n\nSecond.", date="1969"),
        "d:1": Article("d:1", "d:1", "No id here."),
    }


@pytest.mark.parametrize(
    ("text", "title", "rest"),
    [
        pytest.param("The call\n\nIt rang.", "The call", "It rang.", id="title"),
        pytest.param("Did it ring?\n\nIt rang.", "Did it ring?", "It rang.", id="question"),
        pytest.param("It rang.\n\nThey spoke.", "x", "It rang.\n\nThey spoke.", id="sentence"),
        pytest.param("It rang\nand rang", "x", "It rang\nand rang", id="no blank line"),
        pytest.param("Only one line", "x", "Only one line", id="one line"),
        pytest.param("y" * 151 + "\n\nz", "x", "y" * 151 + "\n\nz", id="too long"),
    ],
)
def test_the_first_line_of_a_text_file_may_be_its_title(tmp_path, text, title, rest):
    (tmp_path / "x.txt").write_text(text, encoding="utf-8")

    (article,) = read(tmp_path)[0].values()

    assert (article.title, article.text) == (title, rest)


def test_markdown_gives_the_words_that_a_reader_sees(tmp_path):
    (tmp_path / "x.md").write_text(
        "---\r\nid: own\r\ntitle: 'Given: title'\r\ndate: 1969-07-20\r\n---\r\n"
        "# Heading stays\r\n\r\nA [link](https://example.org) and **bold\r\nwords**, `code`"
        " &amp; ![picture](p.png).\r\n\r\n- one\r\n- two\r\n\r\n<b>raw</b>\r\n\r\n"
        "| a | b |\r\n|---|---|\r\n| c | d |\r\n",
        encoding="utf-8",
    )

    (article,) = read(tmp_path)[0].values()

    assert (article.id, article.title, article.date) == ("own", "Given: title", "1969-07-20")
    assert article.text.split("\n\n") == [
        "A link and bold words, code & .",
        "one",
        "two",
        "raw",
        "a",
        "b",
        "c",
        "d",
    ]


def test_bad_files_are_named_with_their_reason_and_the_rest_is_read(tmp_path):
    (tmp_path / "good.txt").write_text("Good.", encoding="utf-8")
    (tmp_path / "picture.txt").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0")
    (tmp_path / "latin.txt").write_bytes("café".encode("latin-1"))
    (tmp_path / "empty.txt").write_bytes(b"")
    (tmp_path / "notes.pdf").write_bytes(b"%PDF")
    (tmp_path / "folder.txt").mkdir()
    (tmp_path / "front.md").write_text("---\ntitle: [\n---\nText.", encoding="utf-8")
    (tmp_path / "list.md").write_text("---\n- a\n---\nText.", encoding="utf-8")
    (tmp_path / ".hidden.txt").write_text("Hidden.", encoding="utf-8")
    (tmp_path / "gone.txt").symlink_to(tmp_path / "nowhere")
    (tmp_path / "cut.jsonl.gz").write_bytes(gzip.compress(b'{"text": "x"}\n' * 99)[:15])

    articles, skipped = read(tmp_path)

    assert list(articles) == ["good"]
    assert skipped == {
        "picture.txt": "it is a binary file, not text",
        "latin.txt": "it is not UTF-8 text (byte 0xe9 at position 3)",
        "empty.txt": "it holds no text",
        "notes.pdf": "its ending is none of those that can be read (.txt, .md, .jsonl, .jsonl.gz)",
        "folder.txt": "it is an empty folder, not a file",
        "front.md": "its front matter is not YAML at line 3",
        "list.md": "its front matter is not a list of names and values",
        "gone.txt": "it is not a regular file",
        "cut.jsonl.gz": "line 1: the gzip file is damaged from here on",
    }


def test_a_broken_line_of_json_is_named_and_the_others_are_read(tmp_path):
    good = [json.dumps({"id": f"r{n}", "text": f"Row {n}."}) for n in range(1, 7)]
    bad = ['{"id": "r7", "text": ', "[1]", '{"id": "r9"}', '{"text": 5}', "[" * 100_000]
    (tmp_path / "rows.jsonl").write_text("\n".join(good + bad), encoding="utf-8")

    articles, skipped = read(tmp_path)

    assert list(articles) == ["r1", "r2", "r3", "r4", "r5", "r6"]
    assert list(skipped) == [f"rows.jsonl line {n}" for n in range(7, 12)]
    assert skipped["rows.jsonl line 7"].startswith("it is not JSON (")
    assert skipped["rows.jsonl line 8"] == "it is not a JSON object"
    assert skipped["rows.jsonl line 9"] == 'it has no "text"'
    assert skipped["rows.jsonl line 11"] == "its JSON is nested too deeply"


def test_the_second_article_with_an_id_is_reported(tmp_path):
    for name in ("a", "b"):
        (tmp_path / f"{name}.md").write_text(f"---\nid: same\n---\nText {name}.", encoding="utf-8")

    articles, skipped = read(tmp_path)

    assert articles["same"].text == "Text a."
    assert skipped == {"same": 'another article has the id "same" already'}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_named(tmp_path):
    (tmp_path / "secret.txt").write_text("Secret.", encoding="utf-8")
    (tmp_path / "secret.txt").chmod(0)

    assert read(tmp_path)[1] == {"secret.txt": "it cannot be read (Permission denied)"}


def test_a_collection_that_is_not_there_is_one_sentence(tmp_path):
    with pytest.raises(UnusableInput, match=r"there is no file or folder .*nowhere"):
        list(read_collection(tmp_path / "nowhere"))


def test_the_samples_are_read_whole():
    articles, skipped = read(SAMPLES)

    assert skipped == {}
    assert len(articles) == 13
    assert all(article.title and len(article.text) > 500 for article in articles.values())
