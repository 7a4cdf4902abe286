"""The library: the snapshots that answer now, the shared one and each server's own.

The one place that opens snapshots and takes over new ones; whoever reads keeps what it was given.
"""

import hashlib
import logging
from collections import OrderedDict
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from threading import Lock

from index.article import Article
from index.collection import read_collection
from index.errors import BylineError, NoSnapshot, UnusableInput
from index.settings import SAMPLES
from index.snapshot import Snapshot
from index.store import current_name, open_store

_log = logging.getLogger(__name__)
_OPEN = 16
"""How many servers' own snapshots are held open; each takes a few file handles."""
LONGEST_VALUE = 100
"""Characters of what stands behind a completion's title."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An article in the catalogue."""

    id: str
    title: str
    source: str | None
    author: str | None
    date: str | None
    url: str | None

    @property
    def value(self) -> str:
        """What names the article in a completion: its id, or a digest where that is too long."""
        if len(self.id) <= LONGEST_VALUE:
            return self.id
        return "#" + hashlib.sha256(self.id.encode()).hexdigest()[:32]


class Shelf:
    """A snapshot and its catalogue, read when it is first asked for."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot

    @cached_property
    def catalogue(self) -> tuple[Entry, ...]:
        """Every article, in the order of titles."""
        entries = (Entry(**self.snapshot.facts(i)) for i in range(self.snapshot.counts.articles))
        return tuple(sorted(entries, key=lambda one: (one.title.casefold(), one.id)))

    @cached_property
    def is_samples(self) -> bool:
        """Whether it holds the sample articles and no others."""
        if self.snapshot.counts.articles > 1000:
            return False
        samples = {one.id for one in read_collection(SAMPLES) if isinstance(one, Article)}
        return {one.id for one in self.catalogue} == samples


class Library:
    """The shared store and the folder of the servers' own; its methods block, but not for long."""

    def __init__(self, store: Path, guilds: Path) -> None:
        self.store = store
        self._guilds = guilds
        self._shared: Shelf | None = None
        self._own: OrderedDict[int, Shelf] = OrderedDict()
        self._lock = Lock()
        self._refused: set[str] = set()

    def articles_of(self, guild: int) -> Path:
        """The folder of a server's own articles."""
        return self._guilds / str(guild) / "articles"

    def store_of(self, guild: int) -> Path:
        """The store built of a server's own articles."""
        return self._guilds / str(guild) / "store"

    def shared(self) -> Shelf:
        """The shared snapshot, the newest that can be opened; NoSnapshot where there is none."""
        with self._lock:
            self._shared = self._newest(self.store, self._shared) or self._shared
            if self._shared is None:
                raise NoSnapshot(f"the store {self.store} holds no snapshot; run `byline rebuild`")
            return self._shared

    def own(self, guild: int) -> Shelf | None:
        """The snapshot of a server's own articles, or None where it has none."""
        with self._lock:
            shelf = self._newest(self.store_of(guild), self._own.pop(guild, None))
            if shelf is not None:
                self._own[guild] = shelf
                if len(self._own) > _OPEN:
                    self._own.popitem(last=False)
            return shelf

    def shelves(self, guild: int | None) -> tuple[Shelf, ...]:
        """What answers in a server (None: in direct messages): its own articles, then the shared.

        The samples show a newcomer something; where a server has articles, they are left out.
        """
        shared = self.shared()
        own = None if guild is None else self.own(guild)
        if own is None:
            return (shared,)
        return (own,) if shared.is_samples else (own, shared)

    def _newest(self, store: Path, held: Shelf | None) -> Shelf | None:
        """The current snapshot of *store*; the one held where the new one cannot be opened."""
        try:
            name = current_name(store)
            if held is not None and name == held.snapshot.layout:
                return held
            return None if name is None else Shelf(open_store(store))
        except BylineError as error:
            if held is None:
                raise
            if str(error) not in self._refused:
                self._refused.add(str(error))
                _log.error("the snapshot before goes on answering: %s", error)
            return held


def completions(shelves: tuple[Shelf, ...], typed: str, limit: int = 25) -> list[Entry]:
    """The articles whose title has *typed* in it: those that begin with it first, then those with
    a word that does."""
    wanted = typed.casefold().strip()
    ranked: tuple[list[Entry], ...] = ([], [], [])
    for shelf in shelves:
        for entry in shelf.catalogue:
            title = entry.title.casefold()
            if wanted in title or wanted == entry.id.casefold():
                place = 0 if title.startswith(wanted) else 1 if f" {wanted}" in title else 2
                ranked[place].append(entry)
        if len(ranked[0]) >= limit:
            break
    return [entry for entries in ranked for entry in entries][:limit]


def entry_of(shelves: tuple[Shelf, ...], written: str) -> Entry:
    """The article that *written* names by its completion, id or title.

    Raises UnusableInput where it names none or several.
    """
    entries = [entry for shelf in shelves for entry in shelf.catalogue]
    for entry in entries:
        if written in {entry.value, entry.id}:
            return entry
    folded = written.casefold().strip()
    named = [entry for entry in entries if entry.title.casefold() == folded]
    named = named or [entry for entry in entries if folded and folded in entry.title.casefold()]
    if len(named) == 1:
        return named[0]
    if named:
        titles = "; ".join(f"“{entry.title}”" for entry in named[:3])
        raise UnusableInput(f"{len(named)} articles have that in their title: {titles}")
    raise UnusableInput(f"no article is called “{written}”; pick one from the list while typing")
