"""The app: a client with every command, button, form and menu in its place."""

import hashlib
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import discord
from discord import app_commands

from bot import buttons, server_settings
from bot.asking import ask_command, find_sources, mentioned
from bot.browsing import article_command, sources_command, status_command
from bot.client import RESTARTING, Byline
from bot.keeping import articles_group, pasted
from bot.library import Library
from bot.settings import BotSettings
from bot.state import State
from index.errors import UnusableInput

_log = logging.getLogger(__name__)
_COMMANDS: tuple[app_commands.Command[Any, ..., Any] | app_commands.Group, ...] = (
    ask_command,
    sources_command,
    article_command,
    status_command,
    articles_group,
    server_settings.settings_command,
)
_PRESSED: Mapping[str, Callable[..., Awaitable[None]]] = {
    **buttons.ACTIONS,
    "pasted": pasted,
    "channels": server_settings.channels,
    "privacy": server_settings.privacy,
}


class App(Byline):
    """The whole bot; log in, tell Discord of the commands, and connect."""

    async def tell_commands(self) -> None:
        """Tell Discord of the commands, where they have changed since it was last told."""
        application = self.application_id or 0
        written = json.dumps(
            [command.to_dict(self.tree) for command in self.tree.get_commands()], sort_keys=True
        )
        digest = hashlib.sha256(written.encode()).hexdigest()
        if await self.state.commands_told(application) != digest:
            told = await self.tree.sync()
            await self.state.set_commands_told(application, digest)
            _log.info("Discord has been told of %d commands", len(told))

    async def on_interaction(self, interaction: discord.Interaction[Byline]) -> None:
        """Do what a pressed button, a choice or a form says, also one from before a restart;
        commands go through the tree."""
        data: dict[str, Any] = dict(interaction.data or {})
        prefix, _, said = str(data.get("custom_id", "")).partition(":")
        if prefix != buttons.PREFIX:
            return
        action, *words = said.split(":", 2)
        try:
            if self.is_stopping:
                raise UnusableInput(RESTARTING)
            if action not in _PRESSED:
                raise UnusableInput("this is of another version of the bot; please ask again")
            with self.under_way(interaction):
                await _PRESSED[action](interaction, *words)
        except Exception as error:  # noqa: BLE001  # the one place where errors end knows them all
            await self.fail(interaction, error)

    async def on_message(self, message: discord.Message) -> None:
        """Answer mentions and direct messages."""
        await mentioned(self, message)

    async def on_ready(self) -> None:
        """Say in the log that the bot is there."""
        _log.info("ready as %s in %d servers", self.user, len(self.guilds))


def make_app(settings: BotSettings, library: Library, state: State) -> App:
    """A bot with all its commands, not yet connected."""
    app = App(settings, library, state)
    for command in _COMMANDS:
        app.tree.add_command(command)
    app.tree.add_command(find_sources)
    return app
