import pytest

from bot.library import Library, completions, entry_of
from index.ask import ask_all
from index.errors import NoSnapshot, UnusableInput
from index.settings import SAMPLES
from index.store import rebuild


@pytest.fixture
def library(store, tmp_path):
    return Library(store, tmp_path / "guilds")


def add(library, guild, name, text):
    """An article that only *guild* has, built as a manager of the server would."""
    folder = library.articles_of(guild)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.txt").write_text(f"{name}\n\n{text}", encoding="utf-8")
    rebuild(folder, library.store_of(guild))


def titles(library, guild):
    return [entry.title for shelf in library.shelves(guild) for entry in shelf.catalogue]


def test_a_snapshot_made_meanwhile_is_taken_over_and_the_old_one_still_reads(
    library, collection, store
):
    [before] = library.shelves(None)
    (collection / "new.txt").write_text("Harbour news\n\nThe ferry sank in 1921.", encoding="utf-8")

    rebuild(collection, store)
    [after] = library.shelves(None)

    assert "Harbour news" not in [entry.title for entry in before.catalogue]
    assert "Harbour news" in [entry.title for entry in after.catalogue]
    assert before.snapshot.article(0).text.startswith("The president waited")


def test_the_same_snapshot_is_opened_once(library):
    assert library.shelves(None)[0] is library.shelves(7)[0]


def test_a_new_snapshot_that_cannot_be_opened_leaves_the_old_one(library, store, caplog):
    [before] = library.shelves(None)
    (store / "current").write_text("0" * 32, encoding="ascii")

    assert library.shelves(None) == (before,)
    assert library.shelves(None) == (before,)
    assert len(caplog.records) == 1
    assert "the snapshot before goes on answering" in caplog.text


def test_without_a_snapshot_it_says_so(tmp_path):
    with pytest.raises(NoSnapshot, match="holds no snapshot; run `byline rebuild`"):
        Library(tmp_path / "nowhere", tmp_path).shelves(None)


def test_what_a_server_adds_is_seen_there_alone(library):
    add(library, 7, "Zorblax", "Captain Zorblax telephoned Mary Quill in 2019.")

    assert "Zorblax" in titles(library, 7)
    assert "Zorblax" not in titles(library, 8)
    assert "Zorblax" not in titles(library, None)
    for guild, text in ((7, "2019"), (8, None), (None, None)):
        snapshots = [shelf.snapshot for shelf in library.shelves(guild)]
        assert ask_all(snapshots, "When did Zorblax telephone Mary Quill?").text == text


def test_the_samples_are_left_out_where_a_server_has_articles(tmp_path):
    rebuild(SAMPLES, tmp_path / "samples")
    library = Library(tmp_path / "samples", tmp_path / "guilds")
    add(library, 7, "Zorblax", "Captain Zorblax telephoned Mary Quill in 2019.")

    assert titles(library, 7) == ["Zorblax"]
    assert len(titles(library, 8)) == 13


def test_many_servers_are_opened_and_closed_in_turn(library):
    for guild in range(20):
        add(library, guild, f"News {guild}", "The ferry sank in 1921.")
    for guild in [*range(20), 0]:
        assert f"News {guild}" in titles(library, guild)

    assert len(library._own) == 16


def test_titles_are_completed_those_that_begin_so_first(library):
    add(library, 7, "A hand-held call", "x y z.")
    add(library, 7, "Handshakes", "x y z.")
    shelves = library.shelves(7)

    found = [entry.title for entry in completions(shelves, "HAND")]

    assert found == ["Handshakes", "A hand-held call", "The hand-held phone"][:1] + sorted(
        ["A hand-held call", "The hand-held phone"]
    )
    assert len(completions(shelves, "", limit=2)) == 2
    assert completions(shelves, "nothing like it") == []


def test_an_article_is_named_by_id_or_title_or_a_part_of_it(library):
    shelves = library.shelves(None)

    assert entry_of(shelves, "moon").title == "The lunar call"
    assert entry_of(shelves, "the LUNAR call").id == "moon"
    assert entry_of(shelves, "hand-held").id == "phone"
    with pytest.raises(UnusableInput, match="2 articles have that in their title: “The"):
        entry_of(shelves, "the")
    with pytest.raises(UnusableInput, match="no article is called “sun”; pick one from the list"):
        entry_of(shelves, "sun")


def test_a_long_id_is_completed_by_a_digest(built, tmp_path):
    built(**{"x" * 150: "The ferry sank in 1921."})
    shelves = Library(tmp_path / "built-store", tmp_path / "guilds").shelves(None)
    [entry] = completions(shelves, "")

    assert len(entry.value) <= 100
    assert entry_of(shelves, entry.value).id == "x" * 150
