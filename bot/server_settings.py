"""What a server's managers choose, on one card with a menu and a button."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import discord
from discord import app_commands

from bot.buttons import PREFIX
from bot.cards import BLUE
from bot.client import Byline
from bot.replies import show, turn
from bot.state import GuildSettings

_MOST = 25  # what one menu can hold


@app_commands.command(
    name="settings", description="Who sees answers in this server, and where questions may be asked"
)
@app_commands.guild_only()
@app_commands.allowed_installs(guilds=True, users=False)
@app_commands.default_permissions(manage_guild=True)
@app_commands.checks.has_permissions(manage_guild=True)
async def settings_command(interaction: discord.Interaction[Byline]) -> None:
    """``/settings``."""
    wants = await interaction.client.state.guild(interaction.guild_id)
    await show(interaction, [settings_card(wants)], settings_controls(wants), private=True)


def settings_card(wants: GuildSettings) -> discord.Embed:
    """What a server has chosen."""
    card = discord.Embed(colour=BLUE, title="Settings of this server")
    privately = "by the asker alone, unless they choose otherwise"
    card.add_field(
        name="Answers are seen",
        value=privately if wants.is_private else "by everyone in the channel",
        inline=False,
    )
    places = " ".join(f"<#{channel}>" for channel in sorted(wants.channels)[:_MOST])
    return card.add_field(
        name="Questions may be asked in", value=places or "every channel", inline=False
    )


def settings_controls(wants: GuildSettings) -> discord.ui.View:
    """The menu of channels and the button that turns privacy on and off."""
    view = discord.ui.View(timeout=None)
    menu: discord.ui.ChannelSelect[Any] = discord.ui.ChannelSelect(
        custom_id=f"{PREFIX}:channels",
        placeholder="Channels for questions; none is every channel",
        channel_types=[
            discord.ChannelType.text,
            discord.ChannelType.news,
            discord.ChannelType.voice,
            discord.ChannelType.forum,
        ],
        min_values=0,
        max_values=_MOST,
        default_values=[
            discord.SelectDefaultValue(id=channel, type=discord.SelectDefaultValueType.channel)
            for channel in sorted(wants.channels)[:_MOST]
        ],
    )
    view.add_item(menu)
    label = "Show answers to everyone" if wants.is_private else "Show answers to the asker alone"
    view.add_item(discord.ui.Button(label=label, custom_id=f"{PREFIX}:privacy"))
    view.stop()
    return view


async def channels(interaction: discord.Interaction[Byline]) -> None:
    """Keep the channels that were chosen."""
    data: dict[str, Any] = dict(interaction.data or {})
    wanted = frozenset(int(channel) for channel in data.get("values", ()))
    await _wish(interaction, lambda wants: replace(wants, channels=wanted))


async def privacy(interaction: discord.Interaction[Byline]) -> None:
    """Turn private answers on or off."""
    await _wish(interaction, lambda wants: replace(wants, is_private=not wants.is_private))


async def _wish(
    interaction: discord.Interaction[Byline], changed: Callable[[GuildSettings], GuildSettings]
) -> None:
    state, guild = interaction.client.state, interaction.guild_id
    if guild is None or not interaction.permissions.manage_guild:
        raise app_commands.MissingPermissions(["manage_guild"])
    wants = changed(await state.guild(guild))
    await state.set_guild(guild, wants)
    await turn(interaction, [settings_card(wants)], settings_controls(wants))
