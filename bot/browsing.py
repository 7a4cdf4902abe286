"""Browsing: the collection, one article, and how the bot is doing."""

import asyncio
from datetime import UTC, datetime
from importlib.metadata import version

import discord
from discord import app_commands

from bot.asking import complete_article
from bot.buttons import LONGEST_SEARCH, sources_page
from bot.catalogue_cards import Status, article_card, status_card
from bot.client import Byline
from bot.library import LONGEST_VALUE, entry_of
from bot.replies import acknowledge, show
from index.article import Article
from index.errors import UnusableInput


@app_commands.command(name="sources", description="The articles that answers come from")
@app_commands.describe(search="Only those with this in their title or source")
@app_commands.allowed_installs(guilds=True, users=True)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
async def sources_command(
    interaction: discord.Interaction[Byline],
    search: app_commands.Range[str, 1, LONGEST_SEARCH] | None = None,
) -> None:
    """``/sources``."""
    await acknowledge(interaction, private=True)
    await show(interaction, *await sources_page(interaction, search or "", 0), private=True)


@app_commands.command(
    name="article", description="One article: its facts, and how often it is cited"
)
@app_commands.describe(article="Begin to type its title")
@app_commands.allowed_installs(guilds=True, users=True)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
@app_commands.autocomplete(article=complete_article)
async def article_command(
    interaction: discord.Interaction[Byline], article: app_commands.Range[str, 1, LONGEST_VALUE]
) -> None:
    """``/article``."""
    client = interaction.client
    await acknowledge(interaction, private=True)

    def found() -> tuple[Article, int]:
        shelves = client.library.shelves(interaction.guild_id)
        entry = entry_of(shelves, article)
        for shelf in shelves:
            number = shelf.snapshot.article_number(entry.id)
            if number is not None:
                return shelf.snapshot.article(number), len(shelf.snapshot.sentences_of(number))
        raise UnusableInput("this article was removed a moment ago")

    shown, sentences = await asyncio.to_thread(found)
    cited = await client.state.times_cited(shown.id, interaction.guild_id)
    await show(interaction, [article_card(shown, sentences, cited)], private=True)


@app_commands.command(name="status", description="What answers now, since when, and how fast")
@app_commands.allowed_installs(guilds=True, users=True)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
async def status_command(interaction: discord.Interaction[Byline]) -> None:
    """``/status``."""
    client = interaction.client
    await acknowledge(interaction, private=True)

    def found() -> discord.Embed:
        shelves = client.library.shelves(interaction.guild_id)
        shared = client.library.shared()
        return status_card(
            Status(
                version=version("byline"),
                snapshot=shelves[0].snapshot.name,
                answering={
                    "Articles" if one is shared else "This server's own": one.snapshot.counts
                    for one in shelves
                },
                built=datetime.fromtimestamp(shelves[0].snapshot.path.stat().st_mtime, UTC),
                started=client.started,
                seconds=tuple(client.seconds),
            )
        )

    await show(interaction, [await asyncio.to_thread(found)], private=True)
