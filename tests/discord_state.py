"""What the loopback Discord remembers, and how a test waits for something to change."""

# ruff: noqa: ASYNC109 - a timeout argument reads better in a test than a block around each wait

import asyncio
import itertools
from collections import deque
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any

from discord_rules import Refusal
from discord_world import (
    BOT_ID,
    BOT_ROLE,
    CHANNEL,
    CHANNEL_FIELDS,
    GUILD,
    GUILD_FIELDS,
    LOADING,
    ORDINARY,
    OTHER_CHANNEL,
    OTHER_GUILD,
    OWNER,
    ROLE_FIELDS,
    SECOND_CHANNEL,
    Json,
    member_payload,
    user_payload,
)


@dataclass(eq=False)
class Exchange:
    """One thing that a user did, and all that the bot answered to it."""

    server: "State" = field(repr=False)
    id: str
    token: str
    kind: int  # 0 a message, 2 command, 3 component, 4 autocompletion, 5 modal
    user: int
    channel: int
    name: str = ""  # the command's, as in /name
    source: Json | None = None  # the message said, pressed or asked about
    sent: float = field(default_factory=lambda: asyncio.get_running_loop().time())
    callback: Json | None = None
    acknowledged_after: float | None = None
    ephemeral: bool = False
    choices: list[Json] | None = None
    modal: Json | None = None
    expired: bool = False
    message_ids: list[str] = field(default_factory=list)  # the original first
    answer_id: str | None = None

    @property
    def messages(self) -> list[Json]:
        """The messages as they are now: the original, then what followed."""
        known = self.server.messages
        return [known[name] for name in self.message_ids if name in known]

    @property
    def pending(self) -> bool:
        """True while the user still waits: nothing came, or only “thinking”."""
        return self.callback is None or any(one["flags"] & LOADING for one in self.messages[:1])

    def expire(self) -> None:
        """Makes the token dead, as after 15 minutes."""
        self.expired = True

    async def acknowledged(self, timeout: float = 5) -> Json:
        """The callback, once it has come."""
        await self.server.until(lambda: self.callback, f"{self.name} acknowledged", timeout)
        assert self.callback is not None
        return self.callback

    async def answered(self, timeout: float = 10) -> Json:
        """The message that the user sees in the end, not the one that says “thinking”.

        To something said this is the first reply to it. It is a snapshot: later edits show in
        ``messages``.
        """
        await self.server.until(lambda: self.answer_id, f"{self.name} answered", timeout)
        assert self.answer_id is not None
        return self.server.messages[self.answer_id]


class State:
    """Guilds, channels, messages and exchanges, and what was refused.

    ``keep`` bounds what is remembered of exchanges, messages, events and requests.
    """

    def __init__(self, keep: int) -> None:
        self.keep = keep
        self.token = "dGVzdA.bG9vcGJhY2s.only-for-tests"
        self.address = ""  # host and port, once the server has started
        self.guild_ids = [GUILD, OTHER_GUILD]
        self.channels = {CHANNEL: GUILD, SECOND_CHANNEL: GUILD, OTHER_CHANNEL: OTHER_GUILD}
        self.messages: dict[str, Json] = {}
        self.posted: list[Json] = []
        self.unread: deque[Json] = deque(maxlen=keep)
        self.refused: list[str] = []
        self.requests: list[tuple[str, str]] = []
        self.exchanges: dict[str, Exchange] = {}
        self.synced: dict[int | None, list[Json]] = {None: []}  # commands, by guild
        self.dms: dict[int, int] = {}
        self.nonces: dict[str, str] = {}
        self._waiters: list[tuple[Callable[[], Any], asyncio.Future[None]]] = []

    @property
    def api(self) -> str:
        return f"http://{self.address}/api/v10"

    @property
    def gateway(self) -> str:
        return f"ws://{self.address}/gateway"

    @property
    def commands(self) -> list[Json]:
        """All commands that the app has synced, global ones and those of guilds."""
        return [command for scope in self.synced.values() for command in scope]

    def unanswered(self) -> list[Exchange]:
        """Interactions whose user still waits."""
        return [one for one in self.exchanges.values() if one.kind and one.pending]

    async def until(
        self, condition: Callable[[], Any], what: str = "the condition", timeout: float = 10
    ) -> None:
        """Waits until a condition holds; it is looked at whenever the client did something."""
        waiter = (condition, asyncio.get_running_loop().create_future())
        self._waiters.append(waiter)
        try:
            async with asyncio.timeout(timeout):
                self.changed()
                await waiter[1]
        except TimeoutError:
            tail = f"; refused: {self.refused[-5:]}; requests: {self.requests[-5:]}"
            raise TimeoutError(f"not within {timeout} s: {what}{tail}") from None
        finally:
            self._waiters.remove(waiter)

    async def next_post(self, timeout: float = 10) -> Json:
        """The next message posted to a channel, each given once."""
        await self.until(lambda: self.unread, "a message posted", timeout)
        return self.unread.popleft()

    def changed(self) -> None:
        for condition, future in self._waiters:
            if not future.done() and condition():
                future.set_result(None)

    def forget(self, kept: MutableMapping[Any, Any] | list[Any]) -> None:
        if isinstance(kept, list):
            del kept[: -self.keep]
        else:
            for name in list(itertools.islice(kept, max(0, len(kept) - self.keep))):
                del kept[name]

    def tell(self, line: str) -> None:
        self.refused.append(line)
        self.forget(self.refused)

    def channel_payload(self, channel: int) -> Json:
        if guild := self.channels.get(channel):
            place = list(self.channels).index(channel)
            found = CHANNEL_FIELDS | {"id": str(channel), "type": 0, "guild_id": str(guild)}
            return found | {"position": place, "name": f"channel-{place + 1}"}
        if user := self.dms.get(channel):
            found = {"id": str(channel), "type": 1, "last_message_id": None, "flags": 0}
            return found | {"recipients": [user_payload(user)]}
        raise Refusal(404, 10003, "Unknown Channel", told=str(channel))

    def guild_payload(self, guild: int) -> Json:
        everyone = {"id": str(guild), "name": "@everyone", "permissions": str(ORDINARY)}
        role: Json = everyone | {"id": str(BOT_ROLE), "name": "Byline"}
        role |= {"managed": True, "position": 1, "tags": {"bot_id": str(BOT_ID)}}
        found = GUILD_FIELDS | {"id": str(guild), "name": "A guild", "owner_id": str(OWNER)}
        found["roles"] = [ROLE_FIELDS | everyone, ROLE_FIELDS | role]
        found["channels"] = [
            self.channel_payload(one) for one, of in self.channels.items() if of == guild
        ]
        return found | {"members": [member_payload(BOT_ID) | {"user": user_payload(BOT_ID)}]}
