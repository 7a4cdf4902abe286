"""Snapshots and stores: what is written is what is read, and nothing half-written ever is."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

import index.store
from index.article import Article, date_bounds
from index.build import write_snapshot
from index.errors import DamagedSnapshot, NoSnapshot, UnusableInput
from index.snapshot import FORMAT, Snapshot, faults_in, name_of
from index.store import current_name, open_store, rebuild


def folder_of(store):
    return store / "snapshots" / current_name(store)


def test_every_article_and_sentence_comes_back_from_the_snapshot(store):
    snapshot = open_store(store)

    moon = snapshot.article(snapshot.article_number("moon"))
    phone = snapshot.article(snapshot.article_number("phone"))
    assert moon.title == "The lunar call"
    assert phone == Article(
        "phone",
        "The hand-held phone",
        "Martin Cooper rang Joel Engel from a street in New York on 3 April 1973.\n\n"
        "The phone weighed more than a kilogram.",
        "Test Desk",
        None,
        "1973-04-04",
        "https://example.org/phone",
    )
    numbers = snapshot.sentences_of(snapshot.article_number("moon"))
    sentences = [snapshot.sentence(number, "moon") for number in numbers]
    assert [(one.paragraph, one.quote(moon.text)) for one in sentences] == [
        (0, "The president waited in the Oval Office."),
        (0, "On 20 July 1969 Richard Nixon called Neil Armstrong on the Moon."),
        (1, "Armstrong answered that it was an honour."),
        (1, "The call lasted about two minutes."),
    ]
    assert snapshot.article_number("sun") is None
    assert snapshot.term_number("zebra") is None
    assert snapshot.term(snapshot.term_number("armstrong")) == "armstrong"
    assert set(snapshot.terms_starting("n")) == {"neil", "new", "nixon"}


def test_a_snapshot_is_named_by_its_content_not_by_the_order_of_articles(tmp_path):
    articles = [Article(name, name, f"Text of {name}. More é.") for name in ("b", "a", "ä")]
    names = []
    for number, order in enumerate([articles, articles[::-1]]):
        folder = tmp_path / str(number)
        folder.mkdir()
        names.append(name_of(write_snapshot(order, folder).as_bytes()))

    assert names[0] == names[1]


def test_nothing_is_pickled_and_every_file_has_its_digest(store):
    folder = folder_of(store)
    manifest = json.loads((folder / "manifest.json").read_text())

    assert {path.name for path in folder.iterdir()} == {"manifest.json", *manifest["files"]}
    for name, (size, digest) in manifest["files"].items():
        content = (folder / name).read_bytes()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (size, digest)
        assert b"\x80\x04\x95" not in content  # how a pickle begins


def test_the_same_collection_gives_the_same_snapshot(store, collection):
    name = current_name(store)

    report = rebuild(collection, store)

    assert report.snapshot == name == current_name(store)
    assert [path.name for path in (store / "snapshots").iterdir()] == [name]


def test_the_snapshot_before_is_kept_for_its_readers_and_older_ones_go(store, collection):
    names = [current_name(store)]
    reader = open_store(store)
    for number in range(3):
        (collection / "more.txt").write_text(f"More number {number}.", encoding="utf-8")
        names.append(rebuild(collection, store).snapshot)

    assert {path.name for path in (store / "snapshots").iterdir()} == set(names[-2:])
    assert reader.article(0).title == "The lunar call"  # its files are open


def test_a_damaged_snapshot_is_repaired_by_a_rebuild(store, collection):
    text = folder_of(store) / "texts.utf8"
    text.write_bytes(text.read_bytes().replace(b"Nixon", b"Mixon"))
    assert faults_in(folder_of(store)) == [
        "texts.utf8 is not what was written (its SHA-256 differs)"
    ]

    rebuild(collection, store)

    assert faults_in(folder_of(store)) == []


def edit_manifest(store, **changes):
    """Give the current snapshot another manifest, and the name that goes with it."""
    folder = folder_of(store)
    manifest = json.loads((folder / "manifest.json").read_text()) | changes
    content = json.dumps(manifest).encode()
    (folder / "manifest.json").write_bytes(content)
    folder.rename(folder.with_name(name_of(content)))
    (store / "current").write_text(name_of(content))


@pytest.mark.parametrize(
    ("harm", "sentence"),
    [
        pytest.param(
            lambda store: os.truncate(folder_of(store) / "sentence.texts.npy", 10),
            "is damaged .sentence.texts.npy has 10 bytes, not ",
            id="cut",
        ),
        pytest.param(
            lambda store: (folder_of(store) / "texts.utf8").unlink(),
            "is damaged .texts.utf8: No such file",
            id="file missing",
        ),
        pytest.param(
            lambda store: shutil.rmtree(folder_of(store)),
            "is damaged .manifest.json: No such file",
            id="folder missing",
        ),
        pytest.param(
            lambda store: (folder_of(store) / "manifest.json").write_text("{}"),
            "manifest.json is not a manifest",
            id="foreign",
        ),
        pytest.param(
            lambda store: (folder_of(store) / "manifest.json").write_text(
                (folder_of(store) / "manifest.json").read_text() + " "
            ),
            "manifest.json is not the one it was named for",
            id="edited",
        ),
        pytest.param(
            lambda store: edit_manifest(store, format=FORMAT + 1),
            f"has format {FORMAT + 1} and this program reads format {FORMAT}; run `byline rebuild`",
            id="newer",
        ),
        pytest.param(
            lambda store: edit_manifest(store, analyser="other 1"),
            'was made with "other 1" for words and this program has ".*run `byline rebuild`',
            id="other analyser",
        ),
        pytest.param(
            lambda store: edit_manifest(store, segmenter="other 2"),
            'was made with "other 2" for sentences',
            id="other segmenter",
        ),
    ],
)
def test_a_snapshot_that_cannot_be_trusted_is_one_sentence(store, harm, sentence):
    harm(store)

    with pytest.raises(DamagedSnapshot, match=sentence):
        open_store(store)


def test_stores_that_hold_nothing(tmp_path):
    (tmp_path / "file").write_text("x")
    (tmp_path / "empty").mkdir()

    with pytest.raises(NoSnapshot, match="there is no store"):
        open_store(tmp_path / "nowhere")
    with pytest.raises(NoSnapshot, match="is a file, not a folder"):
        open_store(tmp_path / "file")
    with pytest.raises(NoSnapshot, match="holds no snapshot; run `byline rebuild`"):
        open_store(tmp_path / "empty")


def test_what_cannot_be_rebuilt_is_refused_and_the_old_snapshot_stays(store, collection, tmp_path):
    before = current_name(store)
    (tmp_path / "empty").mkdir()
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "a.txt").write_bytes(b"\0")

    with pytest.raises(UnusableInput, match="there is no file or folder"):
        rebuild(tmp_path / "nowhere", store)
    with pytest.raises(UnusableInput, match=r"there is nothing to index in .*empty$"):
        rebuild(tmp_path / "empty", store)
    with pytest.raises(UnusableInput, match=r"nothing to index .*a.txt: it is a binary file"):
        rebuild(tmp_path / "bad", store)
    with pytest.raises(UnusableInput, match="lies in the collection"):
        rebuild(collection, collection / "store")
    assert current_name(store) == before


def test_only_one_rebuild_writes_at_a_time(store, collection, monkeypatch):
    monkeypatch.setattr(index.store, "_PATIENCE", 0.01)

    with (
        FileLock(store / ".lock"),
        pytest.raises(UnusableInput, match="another rebuild is writing"),
    ):
        rebuild(collection, store)


def test_a_full_disk_leaves_the_old_snapshot_answering(store, collection):
    """A limit on the size of files stands for the full disk: writing fails half-way."""
    before = current_name(store)
    (collection / "long.txt").write_text("Many words here. " * 2000, encoding="utf-8")
    program = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000));"
        "from index.command import main; sys.exit(main(sys.argv[1:]))"
    )

    done = subprocess.run(
        [sys.executable, "-c", program, "rebuild", str(collection), "--store", str(store)],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parent.parent,
    )

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f"byline: the store {store} cannot be written (File too large); what was there before is"
        " unharmed\n"
    )
    assert current_name(store) == before
    assert faults_in(folder_of(store)) == []
    assert [path.name for path in (store / "snapshots").iterdir()] == [before]


def test_what_a_killed_rebuild_left_is_swept_away(store, collection):
    left = store / "snapshots" / ".unfinished-x"
    left.mkdir()
    (left / "texts.utf8").write_text("half")

    rebuild(collection, store)

    assert not left.exists()


@pytest.mark.parametrize(
    ("written", "bounds"),
    [
        ("0001-01-01", (1, 1)),
        ("1969-02", (718829, 718856)),
        ("1968", (718432, 718797)),
        ("9999", (3651695, 3652059)),
        (None, (0, 0)),
    ],
)
def test_the_days_that_a_date_may_mean(written, bounds):
    assert date_bounds(written) == bounds


def test_an_open_snapshot_reads_no_article(store, monkeypatch):
    monkeypatch.setattr(Snapshot, "article", None)

    assert open_store(store).counts.articles == 2
