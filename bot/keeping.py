"""Keeping: the commands with which a server's managers add and remove articles of its own."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import discord
from discord import app_commands

from bot import own_articles
from bot.asking import choices
from bot.buttons import PREFIX
from bot.cards import notice
from bot.client import Byline
from bot.library import LONGEST_VALUE, entry_of
from bot.own_articles import Added
from bot.replies import acknowledge, show
from index.article import date_given
from index.errors import BylineError, UnusableInput

_EDIT_SECONDS = 1.5  # between two edits of a message that shows progress

articles_group = app_commands.Group(
    name="articles",
    description="Add and remove this server's own articles",
    guild_only=True,
    allowed_contexts=app_commands.AppCommandContext(
        guild=True, dm_channel=False, private_channel=False
    ),
    allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
    default_permissions=discord.Permissions(manage_guild=True),
)


@articles_group.command(name="add", description="Add articles that only this server sees")
@app_commands.describe(file="A .txt, .md or .jsonl file; without one you can paste the text")
@app_commands.checks.has_permissions(manage_guild=True)
async def add_command(
    interaction: discord.Interaction[Byline], file: discord.Attachment | None = None
) -> None:
    """``/articles add``."""
    if file is None:
        await interaction.response.send_modal(_PastedText())
        return
    if file.size > own_articles.LARGEST_FILE:
        raise UnusableInput(
            f"the file has {file.size:,} bytes, at most {own_articles.LARGEST_FILE:,} are read"
        )
    folder = interaction.client.library.articles_of(_guild(interaction))

    async def change() -> Added:
        content = await file.read()
        return await asyncio.to_thread(own_articles.add_file, folder, file.filename, content)

    await _changed(interaction, change, _added)


@articles_group.command(name="remove", description="Remove one of this server's own articles")
@app_commands.describe(article="Begin to type its title")
@app_commands.checks.has_permissions(manage_guild=True)
async def remove_command(
    interaction: discord.Interaction[Byline], article: app_commands.Range[str, 1, LONGEST_VALUE]
) -> None:
    """``/articles remove``."""
    library, guild = interaction.client.library, _guild(interaction)

    def remove() -> str:
        own = library.own(guild)
        if own is None:
            raise UnusableInput("this server has no articles of its own")
        entry = entry_of((own,), article)
        own_articles.remove_article(library, guild, entry.id)
        return entry.title

    await _changed(
        interaction,
        lambda: asyncio.to_thread(remove),
        lambda title: f"“{title}” is removed",
    )


@remove_command.autocomplete("article")
async def complete_own(
    interaction: discord.Interaction[Byline], typed: str
) -> list[app_commands.Choice[str]]:
    """The titles of the server's own articles that fit what has been typed."""

    def found() -> list[app_commands.Choice[str]]:
        own = interaction.client.library.own(_guild(interaction))
        return choices((own,), typed) if own else []

    return await asyncio.to_thread(found)


@articles_group.command(
    name="rebuild", description="Read this server's own articles anew, after files were changed"
)
@app_commands.checks.has_permissions(manage_guild=True)
async def rebuild_command(interaction: discord.Interaction[Byline]) -> None:
    """``/articles rebuild``."""

    async def nothing() -> str:
        return "the articles are read anew"

    await _changed(interaction, nothing, str)


class _PastedText(discord.ui.Modal):
    """The form for pasted text. Submitted, it comes to ``pasted``, also after a restart."""

    def __init__(self) -> None:
        super().__init__(title="Add an article", custom_id=f"{PREFIX}:pasted")
        fields = {
            "title": discord.ui.TextInput[Any](custom_id="title", max_length=200),
            "text": discord.ui.TextInput[Any](
                custom_id="text", style=discord.TextStyle.paragraph, max_length=4000
            ),
            "source": _optional("source", 100),
            "date": _optional("date", 10, "1969-07-20, 1969-07 or 1969"),
            "url": _optional("url", 500, "https://…"),
        }
        for name, field in fields.items():
            label = "Link" if name == "url" else name.capitalize()
            self.add_item(discord.ui.Label(text=label, component=field))


async def pasted(interaction: discord.Interaction[Byline]) -> None:
    """Keep the article of a submitted form."""
    if not interaction.permissions.manage_guild:
        raise app_commands.MissingPermissions(["manage_guild"])
    facts: dict[str, Any] = _values(dict(interaction.data or {}))
    text = facts.pop("text", "") or ""
    date_given(facts.get("date"), "the date")
    folder = interaction.client.library.articles_of(_guild(interaction))
    await _changed(
        interaction,
        lambda: asyncio.to_thread(own_articles.add_text, folder, facts, text),
        _added,
    )


async def _changed(
    interaction: discord.Interaction[Byline],
    change: Callable[[], Awaitable[Any]],
    told: Callable[[Any], str],
) -> None:
    """Change a server's articles, build them anew, and say how it went, step by step."""
    client, guild = interaction.client, _guild(interaction)
    with client.under_way(interaction):
        await acknowledge(interaction, private=True)
        async with client.writing.setdefault(guild, asyncio.Lock()):
            words = told(await change())
            shown = time.monotonic() - _EDIT_SECONDS

            async def progress(done: int, total: int) -> None:
                nonlocal shown
                if done < total and time.monotonic() - shown >= _EDIT_SECONDS:
                    shown = time.monotonic()
                    step = f"{words}; {done} of {total} articles are built"
                    await show(interaction, [notice(step)], private=True)

            try:
                report = await own_articles.rebuild(client.library, guild, progress)
            except BylineError as error:
                raise UnusableInput(
                    f"{words}, but {error}; what answered before goes on answering"
                ) from None
        count = report["articles"]
        end = f"{words}. This server has {count or 'no'} {'article' if count == 1 else 'articles'}"
        end += " of its own"
        if report["skipped"]:
            first = report["skipped"][0]
            end += f"; {len(report['skipped'])} skipped, such as {first['path']}: {first['reason']}"
        await show(interaction, [notice(end, good=True)], private=True)


def _added(added: Added) -> str:
    titles = "; ".join(f"“{title[:100]}”" for title in added.titles[:3])
    more = f" and {len(added.titles) - 3} more" if len(added.titles) > 3 else ""
    skipped = "".join(f"; skipped {one.path}: {one.reason}" for one in added.skipped[:3])
    return f"added {titles}{more}{skipped}"


def _optional(name: str, longest: int, example: str | None = None) -> discord.ui.TextInput[Any]:
    return discord.ui.TextInput(
        custom_id=name, max_length=longest, placeholder=example, required=False
    )


def _values(data: dict[str, Any]) -> dict[str, str]:
    """What was typed into each field of a form, however its fields are nested."""
    found: dict[str, str] = {}
    for part in data.get("components") or ():
        inner = part.get("component")
        found |= _values({"components": [inner] if inner else part.get("components")})
        if isinstance(part.get("value"), str):
            found[part["custom_id"]] = part["value"]
    return found


def _guild(interaction: discord.Interaction[Byline]) -> int:
    if interaction.guild_id is None:
        raise UnusableInput("this works in servers only")
    return interaction.guild_id
