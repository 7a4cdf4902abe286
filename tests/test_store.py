"""Snapshots and stores: what is written is what is read, and nothing half-written ever is."""

import hashlib
import json
import os
import signal
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import psutil
import pytest
from filelock import FileLock
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import index.store
import index.workers
from index.article import Article, date_bounds
from index.errors import DamagedSnapshot, NoSnapshot, UnusableInput
from index.search import Within, search
from index.segment import FORMAT
from index.snapshot import Counts, Snapshot
from index.store import current_name, open_store, rebuild, update
from index.verify import verify


def file_of(store):
    """The current snapshot's file."""
    return store / "snapshots" / f"{current_name(store)}.snapshot"


def segment_of(store):
    """The file of the store's only segment."""
    (path,) = (store / "snapshots").glob("*.segment")
    return path


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
    assert not snapshot.holds("zebra")
    assert snapshot.holds("armstrong")
    assert snapshot.count_terms() == 35
    assert set(snapshot.terms_starting("n")) == {"neil", "new", "nixon"}


def test_a_snapshot_is_named_by_its_content_not_by_the_layout_of_segments(tmp_path):
    articles = [Article(name, name, f"Text of {name}. More é.") for name in ("b", "a", "ä")]
    names, layouts = set(), set()
    for number, order in enumerate([articles, articles[::-1]]):
        names.add(update(tmp_path / str(number), order).snapshot)
        layouts.add(current_name(tmp_path / str(number)))
    for one in articles:
        names_so_far = update(tmp_path / "one by one", [one]).snapshot
    names.add(names_so_far)

    assert len(names) == 1
    assert len(layouts) == 2


def test_nothing_is_pickled_and_the_files_are_what_safetensors_reads(store):
    for path in (file_of(store), segment_of(store)):
        content = path.read_bytes()
        length = int.from_bytes(content[:8], "little")
        header = json.loads(content[8 : 8 + length])
        digests = json.loads(header.pop("__metadata__")["sha256"])
        assert hashlib.sha256(content[8 : 8 + length]).hexdigest().startswith(path.stem)
        read = 0
        for name, entry in sorted(header.items(), key=lambda one: one[1]["data_offsets"]):
            begin, end = entry["data_offsets"]
            array = content[8 + length + begin : 8 + length + end]
            width = int(entry["dtype"][1:]) // 8
            assert (begin, end - begin) == (read, entry["shape"][0] * width)
            assert hashlib.sha256(array).hexdigest() == digests[name]
            read = end
        assert 8 + length + read == len(content)
        assert b"\x80\x04\x95" not in content  # how a pickle begins


def test_the_same_collection_is_not_analysed_again(store, collection):
    name, segment = current_name(store), segment_of(store)
    written = segment.stat().st_mtime_ns

    report = rebuild(collection, store)

    assert report.snapshot == open_store(store).name
    assert report.read == 0
    assert current_name(store) == name
    assert {path.name for path in (store / "snapshots").iterdir()} == {
        f"{name}.snapshot",
        segment.name,
    }
    assert segment.stat().st_mtime_ns == written


def test_only_what_changed_is_analysed_and_a_reader_keeps_what_it_has(store, collection):
    reader = open_store(store)
    (collection / "more.txt").write_text("One more. And another one.", encoding="utf-8")

    report = rebuild(collection, store)

    assert (report.read, report.counts.sentences) == (2, 8)
    assert reader.counts.articles == 2
    assert reader.article(0).title == "The lunar call"  # its files are open
    needed = {part.segment.file.path for part in open_store(store).parts}
    assert {*(store / "snapshots").iterdir()} == {file_of(store), *needed}


def test_what_is_changed_and_removed_is_found_no_more(store, collection):
    phone = collection / "phone.md"
    phone.write_text(phone.read_text("utf-8").replace("Engel", "Gruber"), encoding="utf-8")

    rebuild(collection, store)

    changed = open_store(store)
    assert (changed.holds("engel"), changed.holds("gruber")) == (False, True)
    twice = [
        Article("phone", "Phone", "Too early."),
        changed.article(changed.article_number("phone")),
    ]
    assert update(store, twice).snapshot == changed.name
    update(store, [], ["phone", "never there"])
    removed = open_store(store)
    assert (removed.counts.articles, removed.holds("gruber"), removed.holds("moon")) == (
        1,
        False,
        True,
    )
    assert not any(b"Gruber" in path.read_bytes() for path in (store / "snapshots").iterdir())
    with pytest.raises(UnusableInput, match="no article would be left"):
        update(store, [], ["moon"])
    assert open_store(store).counts.articles == 1


TEXTS = st.lists(
    st.lists(st.sampled_from("Ada called Bo in May Cy met Di".split()), min_size=1, max_size=5),
    min_size=1,
    max_size=4,
).map(lambda sentences: " ".join(" ".join(words).capitalize() + "." for words in sentences))
HISTORIES = st.lists(
    st.tuples(
        st.dictionaries(st.sampled_from("abcdefgh"), TEXTS, max_size=4),
        st.sets(st.sampled_from("abcdefgh"), max_size=3),
    ),
    min_size=1,
    max_size=8,
)


@given(HISTORIES)
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_history_ends_in_what_a_build_from_scratch_gives(
    tmp_path_factory, monkeypatch, history
):
    """The name, every number, every score and every answer, to the last bit."""
    monkeypatch.setattr(index.store, "_ALIKE", 1)  # merges come sooner
    store, fresh = tmp_path_factory.mktemp("old"), tmp_path_factory.mktemp("new")
    there = {}
    for changed, removed in history:
        after = {
            name: text
            for name, text in (there | changed).items()
            if name not in removed - changed.keys()
        }
        articles = [
            Article(name, f"Title {name}", text, f"Desk {text[0]}")
            for name, text in changed.items()
        ]
        if after:
            update(store, articles, removed - changed.keys())
            there = after
    assume(there)
    update(fresh, [Article(n, f"Title {n}", t, f"Desk {t[0]}") for n, t in there.items()])

    one, two = open_store(store), open_store(fresh)
    assert (one.name, one.counts, one.count_terms()) == (two.name, two.counts, two.count_terms())
    assert [one.article(i) for i in range(len(there))] == [
        two.article(i) for i in range(len(there))
    ]
    assert verify(one) == verify(two) == []
    for query in (["call"], ["ada", "met"], ["title", "may", "di", "bo"], ["ad"]):
        for level in ("sentence", "paragraph", "article", "title"):
            found = one.bm25[level].get_scores(query)
            assert found.tolist() == two.bm25[level].get_scores(query).tolist()
        for within in (Within(), Within(sources=frozenset({"desk a"}))):
            assert search(one, query, within=within) == search(two, query, within=within)


def test_a_large_collection_is_analysed_by_several_processes(tmp_path, monkeypatch):
    """The result is that of one process, and so is what is told of a bad file."""
    rows = [
        {"id": f"a{n}", "title": f"News {n}", "text": f"Ferry {n} sank in {1900 + n % 90}. " * 90}
        for n in range(600)
    ]
    (tmp_path / "articles").mkdir()
    (tmp_path / "articles" / "news.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n{]")
    told = []

    report = rebuild(tmp_path / "articles", tmp_path / "store", lambda *step: told.append(step))

    monkeypatch.setattr(index.workers, "_FEW", 1 << 30)
    alone = rebuild(tmp_path / "articles", tmp_path / "alone")
    assert report.snapshot == alone.snapshot
    assert report.counts == alone.counts == Counts(600, 600, 54_000)
    assert [one.path for one in report.skipped] == [one.path for one in alone.skipped]
    assert told[-1] == (600, 601)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_little_memory_makes_more_segments_of_the_same_snapshot(tmp_path):
    articles = [Article(f"a{n}", "News", f"Ferry {n} sank. " * 500) for n in range(1000)]
    (tmp_path / "a.jsonl").write_text("\n".join(json.dumps(asdict(one)) for one in articles))

    little = rebuild(tmp_path / "a.jsonl", tmp_path / "little", memory=1)
    much = rebuild(tmp_path / "a.jsonl", tmp_path / "much")

    assert little.snapshot == much.snapshot


def test_a_worker_that_is_killed_is_one_sentence(tmp_path):
    """As by a system that runs out of memory."""
    articles = [Article(f"a{n}", "News", f"Ferry {n} sank. " * 5000) for n in range(60)]

    def killing():
        for number, article in enumerate(articles):
            if number == 40:
                for process in psutil.Process().children():
                    process.kill()
            yield article

    with pytest.raises(UnusableInput, match="was stopped, perhaps for want of memory"):
        index.workers.build_segments(killing(), tmp_path, 1 << 30, lambda count: None)
    assert not psutil.Process().children()


def test_ctrl_c_stops_a_large_rebuild_cleanly(store, tmp_path):
    """The workers end with it, and the old snapshot goes on answering."""
    before, files = current_name(store), {*(store / "snapshots").iterdir()}
    rows = ({"id": f"a{n}", "text": f"Ferry {n} sank in 1921. " * 900} for n in range(2000))
    (tmp_path / "large.jsonl").write_text("\n".join(map(json.dumps, rows)))
    command = ["rebuild", str(tmp_path / "large.jsonl"), "--store", str(store), "--json"]
    with subprocess.Popen(
        [sys.executable, "-m", "index", *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parent.parent,
    ) as rebuilding:
        assert rebuilding.stdout.readline().startswith('{"done"')
        workers = psutil.Process(rebuilding.pid).children()
        rebuilding.send_signal(signal.SIGINT)
        said = rebuilding.communicate()[1]

    assert (rebuilding.returncode, said) == (130, "byline: interrupted; nothing was harmed\n")
    assert workers
    assert not any(worker.is_running() for worker in workers)
    assert current_name(store) == before
    assert {*(store / "snapshots").iterdir()} == files


def test_a_damaged_snapshot_is_repaired_by_a_rebuild(store, collection):
    segment = segment_of(store)
    segment.write_bytes(segment.read_bytes().replace(b"Nixon", b"Mixon"))
    assert open_store(store).faults() == [
        f"texts in {segment.name} is not what was written (its SHA-256 differs)"
    ]

    rebuild(collection, store)

    assert open_store(store).faults() == []


def test_a_damaged_store_is_not_added_to(store):
    """What else it holds would be lost; a rebuild knows all articles."""
    file_of(store).unlink()

    with pytest.raises(DamagedSnapshot, match="No such file or directory; run `byline rebuild`"):
        update(store, [Article("new", "New", "Something new.")])


def edit_said(store, **changes):
    """Give the current snapshot's file another text about itself, and the name that goes with
    it."""
    path = file_of(store)
    content = path.read_bytes()
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    said = json.loads(header["__metadata__"]["snapshot"]) | changes
    header["__metadata__"]["snapshot"] = json.dumps(said)
    written = json.dumps(header).encode()
    name = hashlib.sha256(written).hexdigest()[:32]
    path.with_name(f"{name}.snapshot").write_bytes(
        len(written).to_bytes(8, "little") + written + content[8 + length :]
    )
    (store / "current").write_text(name)


@pytest.mark.parametrize(
    ("harm", "sentence"),
    [
        pytest.param(
            lambda store: os.truncate(segment_of(store), 9000),
            r"\.segment is damaged: it has 9000 bytes, not ",
            id="cut",
        ),
        pytest.param(
            lambda store: os.truncate(segment_of(store), 0),
            r"\.segment is damaged: it has only 0 bytes",
            id="empty",
        ),
        pytest.param(
            lambda store: segment_of(store).unlink(),
            r"\.segment is damaged: No such file",
            id="segment missing",
        ),
        pytest.param(
            lambda store: file_of(store).unlink(),
            r"\.snapshot is damaged: No such file",
            id="snapshot missing",
        ),
        pytest.param(
            lambda store: file_of(store).write_text("{}"),
            "is damaged: it has only 2 bytes",
            id="foreign",
        ),
        pytest.param(
            lambda store: segment_of(store).write_bytes(
                segment_of(store).read_bytes().replace(b"dtype", b"ftype", 1)
            ),
            "is damaged: its header is not the one it was named for",
            id="edited",
        ),
        pytest.param(
            lambda store: segment_of(store).write_bytes(segment_of(store).read_bytes()[:-1] + b"x"),
            "is damaged: its checksums are not what was written",
            id="checksums",
        ),
        pytest.param(
            lambda store: edit_said(store, format=FORMAT + 1),
            f"has format {FORMAT + 1} and this program reads format {FORMAT}; run `byline rebuild`",
            id="newer",
        ),
        pytest.param(
            lambda store: edit_said(store, analyser="other 1"),
            'was made with "other 1" for words and this program has ".*run `byline rebuild`',
            id="other analyser",
        ),
        pytest.param(
            lambda store: edit_said(store, segmenter="other 2"),
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
    before, files = current_name(store), {*(store / "snapshots").iterdir()}
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
    assert open_store(store).faults() == []
    assert {*(store / "snapshots").iterdir()} == files


def test_what_a_killed_rebuild_left_is_swept_away(store, collection):
    """Half a file, a segment that no snapshot names, and a folder of the first format."""
    left = [store / "snapshots" / name for name in ("0a.unfinished", "0b.segment", "0c")]
    for path in left[:2]:
        path.write_text("half")
    left[2].mkdir()
    (left[2] / "texts.utf8").write_text("old")

    rebuild(collection, store)

    assert not any(path.exists() for path in left)


def test_a_store_of_the_first_format_asks_for_a_rebuild(tmp_path):
    (tmp_path / "snapshots" / "0c").mkdir(parents=True)
    (tmp_path / "current").write_text("0c")

    with pytest.raises(DamagedSnapshot, match=r"made by an older version .* run `byline rebuild`"):
        open_store(tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize(("kills", "how"), [(200, "alone"), (10, "workers")])
def test_writers_that_are_killed_leave_the_state_before_or_after(tmp_path, kills, how):
    """SIGKILL at any moment of rebuilds and updates: every store verifies, and nothing is left over
    once the next writer is done."""
    done = subprocess.run(
        [sys.executable, "tests/kill_writers.py", str(tmp_path / "store"), str(kills), how],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parent.parent,
        env=os.environ | {"PYTHONPATH": "."},
    )

    told = json.loads(done.stdout)
    assert told["faults"] == []
    assert told["names"] > 1  # some writers came far enough
    assert told["files"] == [".segment"] * told["parts"] + [".snapshot"]
    assert done.stderr == ""


def test_a_reader_beside_a_writer_always_has_one_whole_state(tmp_path):
    """The writer is another process; what the reader opens is the state of one moment."""
    program = (
        "import sys; from pathlib import Path; from index.article import Article;"
        "from index.store import update; store = Path(sys.argv[1])\n"
        "for n in range(60): update(store, [Article(f'a{n}', 'News', f'Ferry {n} sank. ' * 9)])"
    )
    store = tmp_path / "store"
    update(store, [Article("a", "News", "Ferry sank.")])
    held = open_store(store)
    counts = [1]

    writer = subprocess.Popen(
        [sys.executable, "-c", program, str(store)], cwd=Path(__file__).parent.parent
    )
    while writer.poll() is None:
        snapshot = open_store(store)
        assert len(snapshot.bm25["sentence"].top(["sink"], 1000)[0]) == snapshot.counts.sentences
        counts.append(snapshot.counts.articles)

    assert writer.returncode == 0
    assert counts == sorted(counts)
    assert open_store(store).counts.articles == 61
    assert held.article(0).text == "Ferry sank."
    assert held.bm25["sentence"].top(["sink"], 10)[0].tolist() == [0]


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
