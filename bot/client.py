"""The client: what a running bot holds, and what it does when something goes wrong."""

import asyncio
import logging
import os
import secrets
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar

import discord
from discord import app_commands

from bot.cards import notice
from bot.library import Library
from bot.manners import Allowance, WrongChannel
from bot.replies import DEAD, show, show_in_channel
from bot.settings import BotSettings
from bot.state import State
from index.errors import BylineError, DamagedSnapshot, NoSnapshot

_log = logging.getLogger(__name__)
_GRACE = 8.0
"""Seconds that questions under way have to end when the bot is stopped; Docker kills after 10."""
_REMEMBERED = 1000  # latest times for /status
T = TypeVar("T")


class Byline(discord.Client):
    """A Discord client with a library, a state, and threads that read.

    It needs no privileged intent: a question comes by a command, a mention or a direct message.
    """

    def __init__(self, settings: BotSettings, library: Library, state: State) -> None:
        intents = discord.Intents.none()
        intents.guilds = intents.guild_messages = intents.dm_messages = True
        super().__init__(
            intents=intents,
            allowed_mentions=discord.AllowedMentions.none(),
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
        )
        self.settings = settings
        self.library = library
        self.state = state
        self.allowance = Allowance(settings.questions_per_minute)
        self.tree = _Tree(self)
        self.started = datetime.now(UTC)
        self.seconds: deque[float] = deque(maxlen=_REMEMBERED)
        self.writing: dict[int, asyncio.Lock] = {}
        """A lock for each server whose articles are being changed."""
        self._under_way: dict[
            discord.Interaction[Any] | discord.Message, asyncio.Task[Any] | None
        ] = {}
        self._idle = asyncio.Event()
        self._idle.set()
        self.is_stopping = False
        # Of many questions at the same moment a few at a time are taken in, so that the event loop
        # comes round to the heartbeat between them.
        self.door = asyncio.Semaphore(12)
        # The model runs without the interpreter's lock, what leads to it with it; one thread more
        # than cores keeps these busy.
        self._readers = ThreadPoolExecutor(_cores() + 1, thread_name_prefix="reader")

    async def read(self, function: Callable[..., T], *values: Any) -> T:
        """What *function* returns, run on one of the few threads that read passages."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, function, *values)

    @contextmanager
    def under_way(self, asked: discord.Interaction[Any] | discord.Message) -> Iterator[None]:
        """Counts a question as one to be answered, or told about, before the bot stops."""
        self._under_way[asked] = asyncio.current_task()
        self._idle.clear()
        try:
            yield
        finally:
            self._under_way.pop(asked, None)
            if not self._under_way:
                self._idle.set()

    async def close(self) -> None:
        """Answer what has been asked, tell those whose questions take too long, and disconnect."""
        if self.is_stopping:
            return
        self.is_stopping = True
        try:
            await asyncio.wait_for(self._idle.wait(), _GRACE)
        except TimeoutError:
            left = dict(self._under_way)
            _log.warning("stopping with %d questions under way", len(left))
            tasks = [task for task in left.values() if task]
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
            await asyncio.gather(*(self.tell(one, RESTARTING) for one in left))
        self._readers.shutdown(wait=False, cancel_futures=True)
        await super().close()
        self.state.close()

    async def tell(
        self,
        asked: discord.Interaction[Any] | discord.Message,
        words: str,
        channels: Sequence[int] = (),
    ) -> None:
        """A kind sentence to whoever asked; never raises."""
        card = notice(words, channels=channels)
        try:
            if isinstance(asked, discord.Message):
                await show_in_channel(asked, card)
            else:
                await show(asked, [card], private=True)
        except Exception as error:  # noqa: BLE001  # telling is the last resort
            _log.warning("a person could not be told: %s", error)

    async def fail(
        self, asked: discord.Interaction[Any] | discord.Message, error: BaseException
    ) -> None:
        """The one place where errors end: what a person can repair is said, the rest is logged
        under a short id that the person gets. Never raises."""
        while isinstance(error, app_commands.CommandInvokeError):
            error = error.original
        channels: Sequence[int] = ()
        if isinstance(error, WrongChannel):
            words, channels = str(error), error.channels
        elif isinstance(error, NoSnapshot | DamagedSnapshot):  # it names folders of the machine
            _log.error("no answer: %s", error)
            words = (
                "the index of the articles cannot be read; whoever runs the bot finds the reason in"
                " its log, and /articles rebuild mends that of this server's own"
            )
        elif isinstance(error, BylineError):
            words = str(error)
        elif isinstance(error, app_commands.MissingPermissions):
            words = "this is for people who may manage the server"
        elif isinstance(error, app_commands.NoPrivateMessage):
            words = "this works in servers only"
        elif isinstance(
            error, app_commands.CommandNotFound | app_commands.CommandSignatureMismatch
        ):
            words = "this command has changed; Discord will show the new one in a moment"
        elif isinstance(error, app_commands.CheckFailure):
            words = "this cannot be done here"
        elif isinstance(error, discord.HTTPException) and error.code in DEAD:
            words = "that reached me too late; please try again"
        else:
            error_id = secrets.token_hex(4)
            _log.error("unexpected error %s", error_id, exc_info=error)
            words = f"something unexpected failed; the log of the bot knows it as {error_id}"
        await self.tell(asked, words, channels)


RESTARTING = "the bot is being restarted; please ask again in a minute"


class _Tree(app_commands.CommandTree[Byline]):
    """The commands; while the bot stops, they say so."""

    async def interaction_check(self, interaction: discord.Interaction[Byline], /) -> bool:
        if interaction.client.is_stopping:
            if interaction.type is not discord.InteractionType.autocomplete:
                await interaction.client.tell(interaction, RESTARTING)
            return False
        return True

    async def on_error(
        self, interaction: discord.Interaction[Byline], error: app_commands.AppCommandError, /
    ) -> None:
        await interaction.client.fail(interaction, error)


def _cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return max(len(os.sched_getaffinity(0)), 1)
    return os.cpu_count() or 1
