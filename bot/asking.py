"""Asking: from a question in Discord to its card, by command, by mention or from a message."""

import asyncio
import logging
import re
import secrets
import time

import discord
from discord import app_commands

from bot.buttons import answer_buttons
from bot.cards import answer_card, notice, sources_card
from bot.client import Byline
from bot.library import LONGEST_VALUE, Shelf, completions, entry_of
from bot.manners import check_allowance, check_channel
from bot.quoting import MORE, fitted, plain, restored
from bot.replies import acknowledge, show, show_in_channel
from bot.state import Kept, Quote, digest_of
from index.answer import Answer
from index.article import date_given
from index.ask import ask_all, sources_of
from index.errors import UnusableInput
from index.follow_up import completed
from index.question import LONGEST_QUESTION, parse_question
from index.search import EVERYWHERE, Within

_log = logging.getLogger(__name__)
_LONGEST = 300
"""Characters of a question in Discord, which its card has to show."""
_CHOICES = 25


@app_commands.command(
    name="ask",
    description="Ask the articles a question; the answer cites the sentence that says so",
)
@app_commands.describe(
    question="What you want to know, such as: Who called Neil Armstrong, and when?",
    article="Look only in this article (begin to type its title)",
    since="Only articles of this day or later, such as 1969-07-20 or 1969",
    until="Only articles of this day or earlier",
    private="Whether only you see the answer",
)
@app_commands.allowed_installs(guilds=True, users=True)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
async def ask_command(
    interaction: discord.Interaction[Byline],
    question: app_commands.Range[str, 1, _LONGEST],
    *,
    article: app_commands.Range[str, 1, LONGEST_VALUE] | None = None,
    since: app_commands.Range[str, 1, 30] | None = None,
    until: app_commands.Range[str, 1, 30] | None = None,
    private: bool | None = None,
) -> None:
    """``/ask``."""
    client = interaction.client
    began = time.perf_counter()
    with client.under_way(interaction):
        async with client.door:
            wants = await client.state.guild(interaction.guild_id)
            check_channel(wants, interaction.channel)
            # What cannot be asked is said to the asker alone, before anyone sees that an answer
            # is coming.
            parse_question(question)
            within = Within(
                None if article is None else await _articles(client, interaction.guild_id, article),
                date_given(since, "since"),
                date_given(until, "until"),
            )
            check_allowance(client.allowance, interaction.user.id)
            is_private = wants.is_private if private is None else private
            await acknowledge(interaction, private=is_private)
        card, kept = await _answered(client, interaction.guild_id, question, within)
        await show(
            interaction, [card], answer_buttons(kept, is_private=is_private), private=is_private
        )
    _record(client, kept, began)


@ask_command.autocomplete("article")
async def complete_article(
    interaction: discord.Interaction[Byline], typed: str
) -> list[app_commands.Choice[str]]:
    """The titles that fit what has been typed, of articles that answer here."""
    library = interaction.client.library

    return await asyncio.to_thread(lambda: choices(library.shelves(interaction.guild_id), typed))


def choices(shelves: tuple[Shelf, ...], typed: str) -> list[app_commands.Choice[str]]:
    """The articles whose title has *typed* in it, as Discord lists them while somebody types."""
    return [
        app_commands.Choice(
            name=fitted(plain(entry.title), 100).strip() or fitted(plain(entry.id), 100),
            value=entry.value,
        )
        for entry in completions(shelves, typed, _CHOICES)
    ]


@app_commands.context_menu(name="Find sources")
@app_commands.allowed_installs(guilds=True, users=True)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
async def find_sources(interaction: discord.Interaction[Byline], message: discord.Message) -> None:
    """What the articles say about a message's claim, seen by whoever wants to know."""
    client = interaction.client
    card = message.embeds[0] if message.embeds else None
    claim = message.content or (restored(card.title or card.description or "") if card else "")
    if not claim.strip():
        raise UnusableInput("this message holds no text")
    check_allowance(client.allowance, interaction.user.id)
    with client.under_way(interaction):
        await acknowledge(interaction, private=True)

        def found() -> discord.Embed:
            shelves = client.library.shelves(interaction.guild_id)
            snapshots = [shelf.snapshot for shelf in shelves]
            return sources_card(sources_of(snapshots, claim[:LONGEST_QUESTION]))

        await show(interaction, [await client.read(found)], private=True)


async def mentioned(client: Byline, message: discord.Message) -> None:
    """Answer a message that mentions the bot, or is sent to it directly; a reply to an answer is
    a follow-up of its question. Never raises."""
    me = client.user
    if me is None or message.author.bot or (message.guild and me not in message.mentions):
        return
    with client.under_way(message):
        try:
            await _answer_mention(client, message, me.id)
        except Exception as error:  # noqa: BLE001  # the one place that tells people knows them all
            await client.fail(message, error)


async def _answer_mention(client: Byline, message: discord.Message, me: int) -> None:
    began = time.perf_counter()
    guild = message.guild.id if message.guild else None
    text = " ".join(re.sub(rf"<@!?{me}>", " ", message.content).split())
    if not text:
        await show_in_channel(message, notice(_REPLYING if message.reference else _HELP, good=True))
        return
    wants = await client.state.guild(guild)
    check_channel(wants, message.channel)
    if wants.is_private:
        raise UnusableInput("answers in this server are private; ask with /ask")
    check_allowance(client.allowance, message.author.id)
    previous = await _question_replied_to(message, me)
    if previous:
        text = completed(text, previous)
    if len(text) > _LONGEST:
        raise UnusableInput(f"the question has {len(text)} characters, at most {_LONGEST} are read")
    async with message.channel.typing():
        card, kept = await _answered(client, guild, text, EVERYWHERE)
    await show_in_channel(message, card, answer_buttons(kept, is_private=False))
    _record(client, kept, began)


_HELP = "ask me something after my name, such as: who called whom, and when?"
_REPLYING = (
    "Discord shows me the words of a reply only where my name is in it; write it before them, such"
    " as: @me and when?"
)


async def _question_replied_to(message: discord.Message, me: int) -> str | None:
    """The question of the answer that *message* replies to: its card shows it."""
    reference = message.reference
    if reference is None or reference.message_id is None:
        return None
    replied = reference.resolved
    if replied is None:
        try:
            replied = await message.channel.fetch_message(reference.message_id)
        except discord.HTTPException:
            return None
    if not isinstance(replied, discord.Message) or replied.author.id != me or not replied.embeds:
        return None
    title = replied.embeds[0].title
    return restored(title).removesuffix(MORE) if title else None


async def _articles(client: Byline, guild: int | None, article: str) -> frozenset[str]:
    """The id of the article that somebody named, as what to search in."""
    entry = await asyncio.to_thread(lambda: entry_of(client.library.shelves(guild), article))
    return frozenset([entry.id])


async def _answered(
    client: Byline, guild: int | None, question: str, within: Within
) -> tuple[discord.Embed, Kept]:
    """The answer's card, made on a thread that reads, and what its buttons will need, kept."""
    settings = client.settings

    def read() -> tuple[discord.Embed, Kept]:
        snapshots = [shelf.snapshot for shelf in client.library.shelves(guild)]
        threshold = settings.answering.threshold
        answer = ask_all(snapshots, question, threshold=threshold, within=within)
        return answer_card(answer), kept_of(answer, guild, keep_question=settings.keep_questions)

    card, kept = await client.read(read)
    await client.state.keep(kept)
    return card, kept


def kept_of(answer: Answer, guild: int | None, *, keep_question: bool) -> Kept:
    """What the buttons of an answer need, under a new id."""
    return Kept(
        id=secrets.token_hex(8),
        guild=guild,
        status=answer.status,
        slots=len(answer.question.slots),
        question=answer.question.text if keep_question else None,
        said=tuple(
            Quote(one.article.id, one.start, one.end, digest_of(one.text))
            for one in answer.findings
            if one.event == 1
        ),
        passages=tuple(
            Quote(one.article.id, one.sentence.start, one.sentence.end, digest_of(one.quote))
            for one in answer.passages
        ),
        cited=len({one.citation for one in answer.findings}),
    )


def _record(client: Byline, kept: Kept, began: float) -> None:
    seconds = time.perf_counter() - began
    client.seconds.append(seconds)
    _log.info("answer %s: %s in %.0f ms", kept.id, kept.status, 1000 * seconds)
