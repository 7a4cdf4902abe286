"""State: votes, the settings of servers, and what an answer's buttons need; no article text.

One SQLite file in the bot's data folder. Every change is one transaction of a write-ahead log, so a
killed process leaves it whole. Where a sentence is kept, it is as its place and a digest.
"""

import asyncio
import hashlib
import json
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

from index.errors import BylineError

_MIGRATIONS = (
    """
    CREATE TABLE answers (
        id TEXT PRIMARY KEY,
        answered_at INTEGER NOT NULL,
        guild INTEGER,
        status TEXT NOT NULL,
        slots INTEGER NOT NULL,
        question TEXT,
        said TEXT NOT NULL,
        passages TEXT NOT NULL,
        cited INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE citations (
        article TEXT NOT NULL,
        guild INTEGER,
        answer TEXT NOT NULL REFERENCES answers (id) ON DELETE CASCADE
    ) STRICT;
    CREATE INDEX citations_of ON citations (article, guild);
    CREATE INDEX citations_in ON citations (answer);
    CREATE INDEX answers_by_age ON answers (answered_at);
    CREATE TABLE votes (
        answer TEXT NOT NULL REFERENCES answers (id) ON DELETE CASCADE,
        person INTEGER NOT NULL,
        is_right INTEGER NOT NULL,
        voted_at INTEGER NOT NULL,
        PRIMARY KEY (answer, person)
    ) STRICT;
    CREATE TABLE guilds (
        guild INTEGER PRIMARY KEY,
        is_private INTEGER NOT NULL,
        channels TEXT NOT NULL
    ) STRICT;
    CREATE TABLE told (
        application INTEGER PRIMARY KEY,
        commands TEXT NOT NULL
    ) STRICT;
    """,
)
"""What leads from each version of the file to the next; a new one is added at the end."""
_KEPT_DAYS = 180
"""How long the buttons of an answer without votes work."""
_BUSY_SECONDS = 10.0
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Quote:
    """Where a quote stands, and the digest that tells whether it still does."""

    article: str
    start: int
    end: int
    digest: str

    def stands_in(self, text: str) -> bool:
        """Whether *text*, the article's, still has the quote in its place."""
        return digest_of(text[self.start : self.end]) == self.digest


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer as its buttons need it.

    ``said`` are the values of the first event, ``passages`` the sentences found, of which the first
    ``cited`` are cited in their order. ``question`` is None unless the owner keeps questions.
    """

    id: str
    guild: int | None
    status: str
    slots: int
    question: str | None
    said: tuple[Quote, ...]
    passages: tuple[Quote, ...]
    cited: int


@dataclass(frozen=True, slots=True)
class GuildSettings:
    """What a server wants: private answers unless asked otherwise; channels (none is all)."""

    is_private: bool = False
    channels: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Rated:
    """An answer with its votes."""

    answer: Kept
    right: int
    wrong: int


def digest_of(quote: str) -> str:
    """The first 16 hexadecimal digits of the SHA-256 of a quote."""
    return hashlib.sha256(quote.encode()).hexdigest()[:16]


class State:
    """The open file. One thread of its own does what is asked, in turn; each call is a transaction."""

    def __init__(self, path: Path) -> None:
        """Open the state in *path*, made or brought to this version where it has to be.

        Raises BylineError where the file cannot be used.
        """
        # The thread that opens is not the one that asks later; there is never more than one.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="state")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = sqlite3.connect(
                path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
        except (sqlite3.Error, OSError) as error:
            raise BylineError(f"the bot's state {path} cannot be used ({error})") from None
        try:
            self._file.executescript(
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;"
            )
            _migrate(self._file)
            self._forget_old()
        except (sqlite3.Error, BylineError) as error:
            self._file.close()
            raise BylineError(f"the bot's state {path} cannot be used ({error})") from None

    def close(self) -> None:
        """Do what has been asked, then close the file."""
        self._thread.shutdown()
        self._file.close()

    async def keep(self, answer: Kept) -> None:
        """Keep what the buttons of *answer* need."""
        await self._do(self._keep, answer)

    async def answer(self, answer_id: str) -> Kept | None:
        """The answer kept under this id, or None."""
        rows = await self._do(self._rows, "SELECT * FROM answers WHERE id = ?", answer_id)
        return _kept(rows[0]) if rows else None

    async def vote(self, answer_id: str, person: int, *, is_right: bool) -> None:
        """Count a person's vote on an answer, instead of an earlier one."""
        await self._do(
            self._rows,
            "INSERT INTO votes VALUES (?, ?, ?, ?) ON CONFLICT (answer, person)"
            " DO UPDATE SET is_right = excluded.is_right, voted_at = excluded.voted_at",
            answer_id,
            person,
            is_right,
            int(time.time()),
        )

    async def rated(self) -> list[Rated]:
        """Every answer that somebody voted on, the oldest first."""
        rows = await self._do(
            self._rows,
            "SELECT answers.*, sum(is_right), sum(1 - is_right) FROM answers"
            " JOIN votes ON votes.answer = answers.id"
            " GROUP BY answers.id ORDER BY answered_at, answers.id",
        )
        return [Rated(_kept(row), row[-2], row[-1]) for row in rows]

    async def times_cited(self, article: str, guild: int | None) -> int:
        """In how many answers of a server (None: of direct messages) an article is cited."""
        rows = await self._do(
            self._rows,
            "SELECT count(*) FROM citations WHERE article = ? AND guild IS ?",
            article,
            guild,
        )
        return int(rows[0][0])

    async def guild(self, guild: int | None) -> GuildSettings:
        """What a server wants; the defaults for one that has not said, and in direct messages."""
        rows = await self._do(
            self._rows, "SELECT is_private, channels FROM guilds WHERE guild = ?", guild
        )
        if not rows:
            return GuildSettings()
        return GuildSettings(bool(rows[0][0]), frozenset(json.loads(rows[0][1])))

    async def set_guild(self, guild: int, wanted: GuildSettings) -> None:
        """Keep what a server wants."""
        await self._do(
            self._rows,
            "INSERT INTO guilds VALUES (?, ?, ?) ON CONFLICT (guild)"
            " DO UPDATE SET is_private = excluded.is_private, channels = excluded.channels",
            guild,
            wanted.is_private,
            json.dumps(sorted(wanted.channels)),
        )

    async def commands_told(self, application: int) -> str | None:
        """The digest of the commands that Discord was last told for an application, or None."""
        rows = await self._do(
            self._rows, "SELECT commands FROM told WHERE application = ?", application
        )
        return str(rows[0][0]) if rows else None

    async def set_commands_told(self, application: int, digest: str) -> None:
        """Remember what Discord was told."""
        await self._do(
            self._rows,
            "INSERT INTO told VALUES (?, ?)"
            " ON CONFLICT (application) DO UPDATE SET commands = excluded.commands",
            application,
            digest,
        )

    async def _do(self, function: Callable[..., T], *values: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, function, *values)

    def _rows(self, statement: str, *values: Any) -> list[Any]:
        return self._file.execute(statement, values).fetchall()

    def _keep(self, answer: Kept) -> None:
        cited = {quote.article for quote in answer.passages[: answer.cited]}
        with _transaction(self._file):
            self._rows(
                "INSERT INTO answers VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                answer.id,
                int(time.time()),
                answer.guild,
                answer.status,
                answer.slots,
                answer.question,
                _as_json(answer.said),
                _as_json(answer.passages),
                answer.cited,
            )
            self._file.executemany(
                "INSERT INTO citations VALUES (?, ?, ?)",
                [(article, answer.guild, answer.id) for article in sorted(cited)],
            )

    def _forget_old(self) -> None:
        """Forget answers without votes whose buttons have been there for half a year."""
        self._rows(
            "DELETE FROM answers WHERE answered_at < ? AND id NOT IN (SELECT answer FROM votes)",
            int(time.time()) - _KEPT_DAYS * 86400,
        )


@contextmanager
def _transaction(file: sqlite3.Connection) -> Iterator[None]:
    file.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        file.execute("ROLLBACK")
        raise
    file.execute("COMMIT")


def _migrate(file: sqlite3.Connection) -> None:
    """Bring the file to this program's version, a step and its new number in one transaction."""
    found = file.execute("PRAGMA user_version").fetchone()[0]
    if found > len(_MIGRATIONS):
        raise BylineError(
            f"it has version {found} and this program knows {len(_MIGRATIONS)}; a newer program"
            " made it"
        )
    for number, step in enumerate(_MIGRATIONS[found:], found + 1):
        file.executescript(f"BEGIN; {step} PRAGMA user_version = {number}; COMMIT;")


def _as_json(quotes: Sequence[Quote]) -> str:
    return json.dumps([list(asdict(quote).values()) for quote in quotes])


def _quotes(written: str) -> tuple[Quote, ...]:
    return tuple(Quote(*row) for row in json.loads(written))


def _kept(row: Any) -> Kept:
    answer_id, _, guild, status, slots, question, said, passages, cited, *_ = row
    return Kept(answer_id, guild, status, slots, question, _quotes(said), _quotes(passages), cited)
