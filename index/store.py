"""A store: a folder of snapshots and the pointer file that names the current one."""

import os
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from index.article import Article, Skipped
from index.errors import NoSnapshot, UnusableInput
from index.snapshot import Counts, Snapshot, faults_in, name_of

_POINTER = "current"
_PATIENCE = 10.0
"""Seconds that a rebuild waits for another one on the same store."""
_UNFINISHED = ".unfinished-"


@dataclass(frozen=True, slots=True)
class Report:
    """How a rebuild went; ``bytes`` is the snapshot's size on disk."""

    snapshot: str
    counts: Counts
    skipped: tuple[Skipped, ...]
    seconds: float
    bytes: int

    @property
    def sentences_per_second(self) -> float:
        """How many sentences were read, analysed and written in a second."""
        return self.counts.sentences / self.seconds if self.seconds else 0.0


def open_store(store: Path) -> Snapshot:
    """The current snapshot of *store*.

    Raises NoSnapshot where there is none and DamagedSnapshot where it cannot be answered from.
    """
    if not store.exists():
        raise NoSnapshot(f"there is no store {store}; `byline rebuild ARTICLES --store` makes one")
    if not store.is_dir():
        raise NoSnapshot(f"the store {store} is a file, not a folder")
    # A rebuild may delete the snapshot between reading the pointer and opening; then it has
    # written the next pointer before.
    name = current_name(store)
    while True:
        if name is None:
            raise NoSnapshot(f"the store {store} holds no snapshot; run `byline rebuild`")
        try:
            return Snapshot(store / "snapshots" / name)
        except Exception:
            before, name = name, current_name(store)
            if name == before:
                raise


def current_name(store: Path) -> str | None:
    """The name of the current snapshot, or None where the store has none yet."""
    try:
        return (store / _POINTER).read_text(encoding="ascii").strip() or None
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise NoSnapshot(f"the store {store} cannot be read ({error})") from None


def rebuild(
    collection: Path, store: Path, progress: Callable[[int, int], None] = lambda done, total: None
) -> Report:
    """Read *collection* anew and make its snapshot the current one of *store*.

    Until the last step the old snapshot stays current, whatever fails; the one before it is kept
    for those that still read it, older ones go. *progress* is called after each article with the
    number of those done and of all. Raises UnusableInput where nothing can be read or written.
    """
    # Only building needs these, and answering should start fast.
    from filelock import FileLock, Timeout

    from index.collection import read_collection

    began = time.monotonic()
    if store.exists() and not store.is_dir():
        raise UnusableInput(f"the store {store} is a file, not a folder")
    if store.resolve().is_relative_to(collection.resolve()):
        raise UnusableInput(
            f"the store {store} lies in the collection {collection}; name another place"
        )
    found = list(read_collection(collection))
    articles = [one for one in found if isinstance(one, Article)]
    skipped = tuple(one for one in found if isinstance(one, Skipped))
    if not articles:
        raise UnusableInput(_nothing_in(collection, skipped))
    try:
        store.mkdir(parents=True, exist_ok=True)
        with FileLock(store / ".lock", timeout=_PATIENCE):
            name, counts, size = _write(articles, store, progress)
    except Timeout:
        raise UnusableInput(f"another rebuild is writing to {store}; wait until it ends") from None
    except OSError as error:
        raise UnusableInput(
            f"the store {store} cannot be written ({error.strerror or error});"
            " what was there before is unharmed"
        ) from None
    return Report(name, counts, skipped, time.monotonic() - began, size)


def _write(
    articles: list[Article], store: Path, progress: Callable[[int, int], None]
) -> tuple[str, Counts, int]:
    """Write a snapshot beside the others, name it, point to it, and drop what is too old."""
    from index.build import write_snapshot

    snapshots = store / "snapshots"
    snapshots.mkdir(exist_ok=True)
    for left in snapshots.glob(f"{_UNFINISHED}*"):  # of a rebuild that was killed
        shutil.rmtree(left, ignore_errors=True)
    draft = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=snapshots))
    try:
        draft.chmod(0o755)  # mkdtemp's folder is the owner's alone; other users may answer too
        manifest = write_snapshot(articles, draft, progress)
        _sync_folder(draft)
        size = sum(file.stat().st_size for file in draft.iterdir())
        name = name_of(manifest.as_bytes())
        there = snapshots / name
        if there.exists() and faults_in(there):
            shutil.rmtree(there)
        if not there.exists():  # the same name is the same content
            draft.rename(there)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    _sync_folder(snapshots)
    before = current_name(store)
    pointer = store / f"{_POINTER}.new"
    with open(pointer, "w", encoding="ascii") as file:
        file.write(name + "\n")
        file.flush()
        os.fsync(file.fileno())
    os.replace(pointer, store / _POINTER)
    _sync_folder(store)
    for other in snapshots.iterdir():
        if other.name not in {name, before}:
            shutil.rmtree(other, ignore_errors=True)
    return name, manifest.counts, size


def _nothing_in(collection: Path, skipped: tuple[Skipped, ...]) -> str:
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
