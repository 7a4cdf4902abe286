"""A small Discord on 127.0.0.1, for tests: the gateway's websocket and the REST API over TCP.

An unmodified discord.py program, started by launch_bot.py, logs in here, syncs its commands and
answers. A test acts as the users: it sends commands, presses buttons, says things, breaks the
connection. Whatever Discord would refuse is refused here with Discord's codes, and told in
``server.refused``. The server runs in the test's own event loop.
"""

from typing import Self

import discord_interactions  # noqa: F401 - so that its routes are known
import discord_routes  # noqa: F401 - and these
from aiohttp import web
from discord_rest import CUT, LOST, Rest
from discord_state import Exchange
from discord_users import Users
from discord_world import (
    BOT_ID,
    CHANNEL,
    EPHEMERAL,
    MANAGE_GUILD,
    ORDINARY,
    OTHER_CHANNEL,
    OTHER_GUILD,
    SECOND_CHANNEL,
    USER,
)

__all__ = [
    "BOT_ID",
    "CHANNEL",
    "CUT",
    "EPHEMERAL",
    "LOST",
    "MANAGE_GUILD",
    "ORDINARY",
    "OTHER_CHANNEL",
    "OTHER_GUILD",
    "SECOND_CHANNEL",
    "USER",
    "DiscordServer",
    "Exchange",
]


class DiscordServer(Users):
    """Discord, as far as a bot sees it; ``async with DiscordServer() as server`` starts it.

    ``keep`` bounds what is remembered of exchanges, messages, events and requests, so that it
    can run for hours.
    """

    def __init__(self, *, keep: int = 10_000) -> None:
        super().__init__(keep)
        self._rest = Rest(self)
        self.fail = self._rest.fail

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=64 << 20)
        app.router.add_get("/gateway", self.serve_gateway)
        app.router.add_get("/attachments/{key}/{name}", self.serve_upload)
        app.router.add_route("*", "/api/v10/{path:.*}", self._rest.serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.address = f"{host}:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self.hang_up()
        await self._runner.cleanup()

    def environment(self) -> dict[str, str]:
        """What a bot started by launch_bot.py needs to find and enter this server."""
        found = {"DISCORD_TEST_API": self.api, "DISCORD_TEST_GATEWAY": self.gateway}
        return found | {"DISCORD_TOKEN": self.token}
