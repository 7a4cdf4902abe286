"""Replies: how a card reaches the person who asked, also where Discord stumbles.

An interaction has to be acknowledged within three seconds and can be answered for fifteen minutes.
Past that its token is dead, and what was public is posted to the channel instead; what was private is
not, but the person is told there.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

import aiohttp
import discord

from bot.cards import notice

_log = logging.getLogger(__name__)
DEAD = frozenset([10062, 10015, 50027])
"""Discord's codes for an unknown interaction, an unknown webhook and an invalid webhook token."""
_ACKNOWLEDGED = 40060
_TRIES = 3
_LATE = "your question reached me too late to answer it there; please ask again"
T = TypeVar("T")


async def acknowledge(interaction: discord.Interaction[Any], *, private: bool) -> None:
    """Tell Discord that an answer is coming, seen by all or by the asker alone; where it is too
    late for that, go on: ``show`` finds another way."""
    try:
        await _tried(lambda: interaction.response.defer(ephemeral=private, thinking=True))
    except discord.HTTPException as error:
        if error.code not in DEAD | {_ACKNOWLEDGED}:
            raise
        _log.warning("an interaction could not be acknowledged: %s", error)


async def show(
    interaction: discord.Interaction[Any],
    cards: Sequence[discord.Embed],
    buttons: discord.ui.View | None = None,
    *,
    private: bool,
) -> None:
    """Answer with *cards*: in place of "thinking" where it was acknowledged, else at once."""
    view = discord.utils.MISSING if buttons is None else buttons
    try:
        if interaction.response.is_done():
            await _tried(lambda: interaction.edit_original_response(embeds=list(cards), view=view))
        else:
            await _tried(
                lambda: interaction.response.send_message(
                    embeds=list(cards), view=view, ephemeral=private
                )
            )
    except discord.HTTPException as error:
        if error.code == _ACKNOWLEDGED:  # the try before arrived, its answer was lost
            await interaction.edit_original_response(embeds=list(cards), view=view)
        elif error.code in DEAD:
            await _show_beside(interaction, cards, buttons, private=private)
        else:
            raise


async def turn(
    interaction: discord.Interaction[Any], cards: Sequence[discord.Embed], buttons: discord.ui.View
) -> None:
    """Show other cards in the message whose button was pressed."""
    try:
        await _tried(lambda: interaction.response.edit_message(embeds=list(cards), view=buttons))
    except discord.HTTPException as error:
        if error.code != _ACKNOWLEDGED:  # else the try before arrived, its answer was lost
            raise


async def show_in_channel(
    message: discord.Message, card: discord.Embed, buttons: discord.ui.View | None = None
) -> None:
    """Reply to a message, without a ping; to its channel where the message is gone."""
    await _tried(
        lambda: message.channel.send(
            embed=card,
            view=discord.utils.MISSING if buttons is None else buttons,
            reference=message.to_reference(fail_if_not_exists=False),
            mention_author=False,
        )
    )


async def _show_beside(
    interaction: discord.Interaction[Any],
    cards: Sequence[discord.Embed],
    buttons: discord.ui.View | None,
    *,
    private: bool,
) -> None:
    """Post to the channel what an interaction can no longer be answered with."""
    if interaction.channel_id is None or (
        interaction.guild_id is not None and not interaction.is_guild_integration()
    ):
        _log.warning("an interaction is too old to answer, and its channel is not the bot's")
        return
    channel = interaction.client.get_partial_messageable(interaction.channel_id)
    in_public = not private or interaction.guild_id is None
    shown = list(cards) if in_public else [notice(_LATE)]
    view = buttons if in_public and buttons is not None else discord.utils.MISSING
    _log.warning("an interaction is too old to answer; posting to its channel")
    await _tried(lambda: channel.send(f"<@{interaction.user.id}>", embeds=shown, view=view))


async def _tried(call: Callable[[], Awaitable[T]]) -> T:
    """The result of *call*, made again where the connection broke; discord.py itself waits and
    tries again where Discord says 429 or 5xx."""
    for attempt in range(_TRIES):
        try:
            return await call()
        except (TimeoutError, aiohttp.ClientConnectionError, ConnectionError) as error:
            if attempt == _TRIES - 1:
                raise
            _log.warning("the connection to Discord broke (%s); trying again", error)
            await asyncio.sleep(0.2 * 4**attempt)
    raise AssertionError("a loop without end")
