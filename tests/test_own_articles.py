import asyncio
import json

import pytest

from bot.library import Library
from bot.own_articles import LARGEST_FILE, add_file, add_text, rebuild, remove_article
from index.article import Article
from index.collection import read_collection
from index.errors import UnusableInput


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "guilds" / "7" / "articles"


def articles(folder):
    return {one.id: one for one in read_collection(folder) if isinstance(one, Article)}


async def quietly(done, total):
    pass


def test_an_attached_file_becomes_an_article(folder):
    content = b"---\ntitle: The *ferry*\nsource: Desk\ndate: 1921-03-04\n---\nIt sank."

    added = add_file(folder, "Ferry news.md", content)

    assert added.titles == ("The *ferry*",)
    [article] = articles(folder).values()
    assert (article.id, article.source, article.date, article.text) == (
        "ferry-news",
        "Desk",
        "1921-03-04",
        "It sank.",
    )


def test_each_row_becomes_a_file_and_a_bad_one_is_named(folder):
    content = b'{"id": "a", "text": "One."}\n{"id": "b"}\n{"id": "c", "text": "Three."}\n'

    added = add_file(folder, "news.jsonl", content)

    assert sorted(articles(folder)) == ["a", "c"]
    assert len(list(folder.iterdir())) == 2
    assert [(one.path, one.reason) for one in added.skipped] == [
        ("news.jsonl line 2", 'it has no "text"')
    ]


def test_pasted_text_keeps_every_character(folder):
    text = "# not a heading\n\n* not a list *\n\n---\nIt sank at 10:30."

    add_text(folder, {"title": "The ferry", "date": "1921"}, text)

    [article] = articles(folder).values()
    assert (article.id, article.title, article.date) == ("the-ferry", "The ferry", "1921")
    assert article.text == text


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("x.png", b"x", "“x.png” cannot be read; attach one of .txt, .md, .jsonl"),
        ("x.jsonl.gz", b"x", "“x.jsonl.gz” cannot be read"),
        ("x.txt", b" \n ", "no article can be read from “x.txt” (x.txt: it holds no text)"),
        ("x.txt", b"\xff\xfe\xff", "no article can be read from “x.txt”"),
        ("x.jsonl", b"{]", "no article can be read from “x.jsonl”"),
        ("x.txt", b"x" * (LARGEST_FILE + 1), "has 5,000,001 bytes, at most 5,000,000 are read"),
    ],
)
def test_what_cannot_be_used_is_refused_and_nothing_is_kept(folder, name, content, said):
    with pytest.raises(UnusableInput) as error:
        add_file(folder, name, content)

    assert said in str(error.value)
    assert not folder.exists()


@pytest.mark.parametrize(
    "name", ["../../escape.txt", "/etc/passwd.txt", "..\\up.txt", "....txt", "CON.txt", "a/b.txt"]
)
def test_a_name_cannot_leave_the_folder(folder, name):
    add_file(folder, name, b"It sank.")

    assert len(list(folder.iterdir())) == 1
    assert len(list(folder.parent.parent.rglob("*.*"))) == 1


def test_the_same_article_twice_is_refused_and_the_first_stays(folder):
    add_text(folder, {"title": "The ferry"}, "It sank.")

    with pytest.raises(UnusableInput, match="there is an article with the id “the-ferry” already"):
        add_text(folder, {"title": "The ferry"}, "It did not sink.")
    assert articles(folder)["the-ferry"].text == "It sank."


def test_an_article_is_removed_with_its_file(folder, tmp_path):
    add_text(folder, {"title": "The ferry"}, "It sank.")
    add_text(folder, {"title": "The bridge"}, "It fell.")

    library = Library(tmp_path / "store", tmp_path / "guilds")

    remove_article(library, 7, "the-ferry")
    assert list(articles(folder)) == ["the-bridge"]
    with pytest.raises(UnusableInput, match="this server has no such article of its own"):
        remove_article(library, 7, "the-ferry")


async def test_a_rebuild_tells_how_far_it_is_and_is_taken_over(folder, store, tmp_path):
    library = Library(store, tmp_path / "guilds")
    for number in range(3):
        add_text(folder, {"title": f"News {number}"}, "The ferry sank in 1921.")
    steps = []

    async def progress(done, total):
        steps.append((done, total))

    report = await rebuild(library, 7, progress)

    assert steps == [(1, 3), (2, 3), (3, 3)]
    assert (report["articles"], report["skipped"]) == (3, [])
    assert len(library.shelves(7)[0].catalogue) == 3


async def test_a_failed_rebuild_leaves_the_old_snapshot_and_says_why(folder, store, tmp_path):
    library = Library(store, tmp_path / "guilds")
    add_text(folder, {"title": "News"}, "The ferry sank in 1921.")
    await rebuild(library, 7, quietly)
    before = library.own(7)
    for path in folder.iterdir():
        path.write_text("{]", encoding="utf-8")

    with pytest.raises(UnusableInput, match=r"could not be built anew .*there is nothing to index"):
        await rebuild(library, 7, quietly)
    assert library.own(7) is before


async def test_nothing_of_the_last_article_is_left(folder, store, tmp_path):
    library = Library(store, tmp_path / "guilds")
    add_text(folder, {"title": "News"}, "The ferry Zorblax sank in 1921.")
    await rebuild(library, 7, quietly)
    remove_article(library, 7, "news")

    report = await rebuild(library, 7, quietly)

    assert report["articles"] == 0
    assert library.own(7) is None
    left = [path for path in folder.parent.rglob("*") if path.is_file()]
    assert not any(b"Zorblax" in path.read_bytes() for path in left)


async def test_a_cancelled_rebuild_leaves_no_process(folder, store, tmp_path):
    library = Library(store, tmp_path / "guilds")
    rows = [{"id": f"a{n}", "text": "The ferry sank in 1921. " * 500} for n in range(300)]
    add_file(folder, "news.jsonl", "\n".join(map(json.dumps, rows)).encode())
    began = asyncio.Event()

    async def progress(*_):
        began.set()

    task = asyncio.ensure_future(rebuild(library, 7, progress))
    await asyncio.wait_for(began.wait(), 30)
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert library.own(7) is None
