"""A store: a folder of segments and snapshots, and the pointer file that names the current one.

Whoever writes holds the lock, which the system lets go of when a writer dies. A file gets its name
when all of it is on the disk, and nothing is written to afterwards; so a reader, or a writer that
is killed, never leaves or sees half of anything. Readers keep what they have mapped while files
are deleted.
"""

import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.article import Article, Skipped
from index.errors import DamagedSnapshot, NoSnapshot, UnusableInput
from index.segment import Segment, digest_of
from index.snapshot import ENDING, Counts, Snapshot, write_snapshot

_POINTER = "current"
_PATIENCE = 10.0
"""Seconds that a writer waits for another one on the same store."""
_ALIKE = 3
"""Segments of like size (within a factor of four) that may be; one more, and they and all smaller
ones are merged. So each article is written again a few times, and there are few segments."""
_FULL = 100_000
"""Sentences of a segment that is not merged with others any more."""
_MOST_GONE = 500
"""Articles of a segment that are gone, after which it is written anew: each costs every search."""

MEMORY = 1 << 30
"""Bytes that a large build takes, unless it is told otherwise."""

Progress = Callable[[int, int], None]
_Kept = list[tuple[Segment, NDArray[np.bool_]]]


@dataclass(frozen=True, slots=True)
class Report:
    """How a change of a store went; ``read`` counts the sentences that were analysed, ``bytes`` is
    the snapshot's size on disk."""

    snapshot: str
    counts: Counts
    skipped: tuple[Skipped, ...]
    seconds: float
    bytes: int
    read: int

    @property
    def sentences_per_second(self) -> float:
        """How many sentences were read, analysed and written in a second."""
        return self.read / self.seconds if self.seconds else 0.0


def open_store(store: Path) -> Snapshot:
    """The current snapshot of *store*.

    Raises NoSnapshot where there is none and DamagedSnapshot where it cannot be answered from.
    """
    if not store.exists():
        raise NoSnapshot(f"there is no store {store}; `byline rebuild ARTICLES --store` makes one")
    if not store.is_dir():
        raise NoSnapshot(f"the store {store} is a file, not a folder")
    # A writer may delete files between reading the pointer and opening; then it has written the
    # next pointer before.
    name = current_name(store)
    while True:
        if name is None:
            raise NoSnapshot(f"the store {store} holds no snapshot; run `byline rebuild`")
        if (_files(store) / name).is_dir():
            raise DamagedSnapshot(
                f"the store {store} was made by an older version of Byline; run `byline rebuild`"
            )
        try:
            return Snapshot(_files(store) / f"{name}{ENDING}")
        except Exception:
            before, name = name, current_name(store)
            if name == before:
                raise


def current_name(store: Path) -> str | None:
    """What names the current snapshot's file, or None where the store has none yet."""
    try:
        return (store / _POINTER).read_text(encoding="ascii").strip() or None
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise NoSnapshot(f"the store {store} cannot be read ({error})") from None


def rebuild(
    collection: Path,
    store: Path,
    progress: Progress = lambda done, total: None,
    memory: int = MEMORY,
) -> Report:
    """Make the snapshot of *collection* the current one of *store*.

    Articles that are as they were are not analysed again. Until the last step the old snapshot
    stays current, whatever fails. *progress* is called with the numbers of articles that are done
    and of all, as far as they are known. About *memory* bytes are taken, beside what the ids of all
    articles need. Raises UnusableInput where nothing can be read or written.
    """
    from index.collection import count_articles, read_collection

    if store.resolve().is_relative_to(collection.resolve()):
        raise UnusableInput(
            f"the store {store} lies in the collection {collection}; name another place"
        )
    skipped: list[Skipped] = []
    seen = False

    def articles() -> Iterator[Article]:
        nonlocal seen
        for one in read_collection(collection):
            if isinstance(one, Skipped):
                skipped.append(one)
            else:
                seen = True
                yield one
        if not seen:
            raise UnusableInput(_nothing_in(collection, skipped))

    total = count_articles(collection)
    return _change(store, articles(), None, skipped, progress=progress, total=total, memory=memory)


def update(
    store: Path,
    changed: Iterable[Article],
    removed: Iterable[str] = (),
    progress: Progress = lambda done, total: None,
) -> Report:
    """Add or replace *changed* articles by their ids in *store*, and remove others.

    Costs by what changes; the snapshot is the one that a rebuild would give. Of several articles with
    one id the last counts; ids to remove that are not there are passed over. Raises DamagedSnapshot where the store needs a rebuild, UnusableInput where
    nothing can be written or no article would be left.
    """
    articles = {article.id: article for article in changed}.values()
    return _change(
        store, articles, set(removed), (), progress=progress, total=len(articles), memory=MEMORY
    )


def _change(
    store: Path,
    articles: Iterable[Article],
    removed: set[str] | None,
    skipped: Sequence[Skipped],
    *,
    progress: Progress,
    total: int,
    memory: int,
) -> Report:
    """Take *articles* over; those *removed* go, or with None all that are not among *articles*."""
    from index.workers import build_segments

    began = time.monotonic()
    with _writing(store) as folder:
        old = _segments_to_keep(store) if removed is None else _current_segments(store)
        places = _places(old)
        if removed is None:
            stays = [np.zeros_like(kept) for _, kept in old]
        else:
            stays = [kept.copy() for _, kept in old]
            for place, number, _ in (places[one] for one in removed if one in places):
                stays[place][number] = False

        done = 0

        def count(more: int) -> None:
            nonlocal done
            done += more
            progress(done, max(total, done))

        def new() -> Iterator[Article]:
            for article in articles:
                if (found := places.get(article.id)) is None:
                    yield article
                    continue
                place, number, digest = found
                stays[place][number] = digest == digest_of(article)
                if stays[place][number]:
                    count(1)
                else:
                    yield article

        paths = build_segments(new(), folder, memory, count)
        made = [Segment(path) for path in paths]
        kept: _Kept = [(one, stay) for (one, _), stay in zip(old, stays, strict=True) if stay.any()]
        kept += [(one, np.ones(one.articles, np.bool_)) for one in made]
        if not kept:
            raise UnusableInput("no article would be left; the store stays as it was")
        # What is new answers before anything is merged.
        snapshot = _publish(store, kept)
        while (merged := _merged(folder, kept)) is not kept:
            kept = merged
            snapshot = _publish(store, kept)
    read = sum(one.sentences for one in made)
    seconds = time.monotonic() - began
    return Report(snapshot.name, snapshot.counts, tuple(skipped), seconds, snapshot.bytes, read)


@contextmanager
def _writing(store: Path) -> Iterator[Path]:
    """Holds the lock of *store* and gives the folder of its files; what fails becomes one
    sentence."""
    # Only writing needs this, and answering should start fast.
    from filelock import FileLock, Timeout

    if store.exists() and not store.is_dir():
        raise UnusableInput(f"the store {store} is a file, not a folder")
    try:
        folder = _files(store)
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(store / ".lock", timeout=_PATIENCE):
            try:
                yield folder
            finally:
                _clean(store)
    except Timeout:
        raise UnusableInput(f"another rebuild is writing to {store}; wait until it ends") from None
    except OSError as error:
        raise UnusableInput(
            f"the store {store} cannot be written ({error.strerror or error});"
            " what was there before is unharmed"
        ) from None


def _current_segments(store: Path) -> _Kept:
    """The segments of the current snapshot, if there is one, and which of their articles count."""
    if current_name(store) is None:
        return []
    current = open_store(store)
    return [(one, ranks >= 0) for one, ranks in zip(current.segments, current.ranks, strict=True)]


def _segments_to_keep(store: Path) -> _Kept:
    """Those of the current segments that are sound, for a rebuild mends what is not."""
    try:
        return [(one, kept) for one, kept in _current_segments(store) if not one.file.faults()]
    except (DamagedSnapshot, NoSnapshot):
        return []


def _places(segments: _Kept) -> dict[str, tuple[int, int, bytes]]:
    """The segment, the number and the digest of each article, by its id."""
    return {
        article_id: (place, number, digest)
        for place, (segment, kept) in enumerate(segments)
        for number, (article_id, digest, counts) in enumerate(
            zip(segment.ids(), map(bytes, segment.digests()), kept.tolist(), strict=True)
        )
        if counts
    }


def _merged(folder: Path, segments: _Kept) -> _Kept:
    """*segments* with those merged that are small beside the rest, or have lost much; itself where
    there are none."""
    from index.merge import merge

    by_size = sorted(segments, key=lambda one: one[0].sentences)
    worn = [i for i, (_, kept) in enumerate(by_size) if _is_worn(kept)]
    small = [i for i, (one, _) in enumerate(by_size) if one.sentences < _FULL]
    classes = [by_size[i][0].sentences.bit_length() // 2 for i in small]
    crowded = max((c for c in classes if classes.count(c) > _ALIKE), default=-1)
    chosen = {*worn, *(i for i, c in zip(small, classes, strict=True) if c <= crowded)}
    if not chosen:
        return segments
    merged = Segment(merge(folder, [by_size[i] for i in sorted(chosen)]))
    rest = [one for i, one in enumerate(by_size) if i not in chosen]
    return [*rest, (merged, np.ones(merged.articles, np.bool_))]


def _is_worn(kept: NDArray[np.bool_]) -> bool:
    """Whether so many articles are gone that looking past them costs more than a merge."""
    gone = int((~kept).sum())
    return gone > _MOST_GONE or gone * 4 > len(kept)


def _publish(store: Path, segments: _Kept) -> Snapshot:
    """Write the snapshot of *segments*, make it the current one and open it."""
    folder = _files(store)
    name = write_snapshot(folder, segments)
    _sync_folder(folder)
    pointer = store / f"{_POINTER}.new"
    with open(pointer, "w", encoding="ascii") as file:
        file.write(name + "\n")
        file.flush()
        os.fsync(file.fileno())
    os.replace(pointer, store / _POINTER)
    _sync_folder(store)
    return open_store(store)


def _clean(store: Path) -> None:
    """Delete all files that the current snapshot does not need."""
    folder = _files(store)
    try:
        current = open_store(store)
    except (DamagedSnapshot, NoSnapshot):
        return
    needed = {current.path, *(segment.file.path for segment in current.segments)}
    for path in folder.iterdir():
        if path.is_dir():  # of a format before this one
            shutil.rmtree(path, ignore_errors=True)
        elif path not in needed:
            # Where a file that is mapped cannot be deleted, a later writer does it.
            with suppress(OSError):
                path.unlink()


def _files(store: Path) -> Path:
    return store / "snapshots"


def _nothing_in(collection: Path, skipped: Sequence[Skipped]) -> str:
    if not skipped:
        return f"there is nothing to index in {collection}"
    named = "; ".join(f"{one.path}: {one.reason}" for one in skipped[:20])
    more = f"; and {len(skipped) - 20} more" if len(skipped) > 20 else ""
    return f"there is nothing to index in {collection} ({named}{more})"


def _sync_folder(folder: Path) -> None:
    """Make renames in *folder* outlast a power cut, where the system can."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
