"""Buttons under answers and lists: what they look like, and what pressing one does.

A button's custom id says what it does and to which answer, so that it works after a restart, in any
process, and nothing is held for it: discord.py's own views would be kept for as long as their messages
stand.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import discord

from bot import catalogue_cards
from bot.cards import context_cards, notice, pages_of, passages_card
from bot.client import Byline
from bot.library import Entry
from bot.manners import check_channel
from bot.replies import acknowledge, show, turn
from bot.state import Kept, Quote
from index.article import Article
from index.errors import UnusableInput
from index.search import Passage
from index.sentences import Sentence
from index.snapshot import Snapshot

PREFIX = "byline"
_CHANGED = "an article that this answer is from was changed or removed since; please ask again"
_STYLE = discord.ButtonStyle
LONGEST_SEARCH = 60  # a custom id has a hundred characters


def answer_buttons(kept: Kept, *, is_private: bool) -> discord.ui.View:
    """The buttons under an answer."""
    buttons = []
    if kept.cited:
        buttons.append(_button("Context", _STYLE.primary, "context", kept.id))
    if len(kept.passages) > kept.cited:
        buttons.append(_button("More passages", _STYLE.secondary, "more", kept.id))
    if is_private:
        buttons.append(_button("Share", _STYLE.secondary, "share", kept.id))
    buttons.append(_button("Right", _STYLE.success, "right", kept.id))
    buttons.append(_button("Wrong", _STYLE.danger, "wrong", kept.id))
    return _row(buttons)


async def context(interaction: discord.Interaction[Byline], answer_id: str) -> None:
    """The cited sentences within their paragraphs, for whoever pressed."""
    kept = await _kept(interaction, answer_id)
    await acknowledge(interaction, private=True)

    def found() -> list[discord.Embed]:
        snapshots = _snapshots(interaction)
        cited = list(enumerate(kept.passages[: kept.cited], 1))
        standing = [
            (number, *place) for number, one in cited if (place := _in_paragraph(snapshots, one))
        ]
        lost = [] if len(standing) == len(cited) else [notice(_CHANGED)]
        return context_cards(standing)[: 10 - len(lost)] + lost

    await show(interaction, await asyncio.to_thread(found), private=True)


async def more(interaction: discord.Interaction[Byline], answer_id: str) -> None:
    """The first page of the passages, for whoever pressed: each reader turns pages of their own."""
    await acknowledge(interaction, private=True)
    await show(interaction, *await _passages(interaction, answer_id, 0), private=True)


async def page(interaction: discord.Interaction[Byline], answer_id: str, number: str) -> None:
    """Another page of the passages, in place of the one shown."""
    await turn(interaction, *await _passages(interaction, answer_id, int(number)))


async def _passages(
    interaction: discord.Interaction[Byline], answer_id: str, number: int
) -> tuple[list[discord.Embed], discord.ui.View]:
    kept = await _kept(interaction, answer_id)
    pages = pages_of(len(kept.passages))
    number = min(number, pages - 1)

    def found() -> list[discord.Embed]:
        snapshots = _snapshots(interaction)
        standing = [
            (place, Passage(0, found[2], Sentence(one.article, 0, one.start, one.end), 0.0))
            for place, one in enumerate(kept.passages, 1)
            if (found := _standing(snapshots, one))
        ]
        lost = [] if len(standing) == len(kept.passages) else [notice(_CHANGED)]
        return [passages_card(standing, number, pages, kept.cited), *lost]

    buttons = _pager(number, pages, lambda to: ("page", answer_id, str(to)))
    return await asyncio.to_thread(found), buttons


async def sources(interaction: discord.Interaction[Byline], number: str, search: str = "") -> None:
    """Another page of the articles."""
    await turn(interaction, *await sources_page(interaction, search, int(number)))


async def sources_page(
    interaction: discord.Interaction[Byline], search: str, number: int
) -> tuple[list[discord.Embed], discord.ui.View]:
    """A page of the articles that answer here, or of those with *search* in title or source."""
    library, guild = interaction.client.library, interaction.guild_id
    wanted = search.casefold()

    def found() -> list[Entry]:
        return [
            entry
            for shelf in library.shelves(guild)
            for entry in shelf.catalogue
            if wanted in entry.title.casefold() or wanted in (entry.source or "").casefold()
        ]

    entries = await asyncio.to_thread(found)
    pages = catalogue_cards.pages_of(len(entries))
    number = min(number, pages - 1)
    buttons = _pager(number, pages, lambda to: ("sources", str(to), search[:LONGEST_SEARCH]))
    return [catalogue_cards.catalogue_card(entries, number, search)], buttons


async def share(interaction: discord.Interaction[Byline], answer_id: str) -> None:
    """Post a private answer to the channel as it stands, with its buttons."""
    kept = await _kept(interaction, answer_id)
    wants = await interaction.client.state.guild(interaction.guild_id)
    check_channel(wants, interaction.channel)
    embeds = interaction.message.embeds if interaction.message else []
    if not embeds:
        raise UnusableInput("there is nothing to share; please ask again")
    await show(interaction, embeds, answer_buttons(kept, is_private=False), private=False)


async def right(interaction: discord.Interaction[Byline], answer_id: str) -> None:
    """Count a vote that an answer is right."""
    await _vote(interaction, answer_id, is_right=True)


async def wrong(interaction: discord.Interaction[Byline], answer_id: str) -> None:
    """Count a vote that an answer is wrong."""
    await _vote(interaction, answer_id, is_right=False)


async def _vote(
    interaction: discord.Interaction[Byline], answer_id: str, *, is_right: bool
) -> None:
    await _kept(interaction, answer_id)
    await interaction.client.state.vote(answer_id, interaction.user.id, is_right=is_right)
    word = "right" if is_right else "wrong"
    said = f"thank you; your vote is that this answer is {word}. Press the other to change it"
    await show(interaction, [notice(said, good=True)], private=True)


ACTIONS: Mapping[str, Callable[..., Awaitable[None]]] = {
    "context": context,
    "more": more,
    "page": page,
    "sources": sources,
    "share": share,
    "right": right,
    "wrong": wrong,
}
"""What a button does, by the word in its custom id; the words behind it are handed over."""


async def _kept(interaction: discord.Interaction[Byline], answer_id: str) -> Kept:
    """The answer that a button belongs to; UnusableInput where it is not of this server."""
    kept = await interaction.client.state.answer(answer_id)
    if kept is None or kept.guild != interaction.guild_id:
        raise UnusableInput("this answer is too old for its buttons; please ask again")
    return kept


def _snapshots(interaction: discord.Interaction[Byline]) -> list[Snapshot]:
    shelves = interaction.client.library.shelves(interaction.guild_id)
    return [shelf.snapshot for shelf in shelves]


def _standing(snapshots: list[Snapshot], quote: Quote) -> tuple[Snapshot, int, Article] | None:
    """The snapshot, the number in it and the article that has the quote in its place; None where no
    article has it any more."""
    for snapshot in snapshots:
        number = snapshot.article_number(quote.article)
        if number is not None:
            article = snapshot.article(number)
            if quote.stands_in(article.text):
                return snapshot, number, article
    return None


def _in_paragraph(
    snapshots: list[Snapshot], quote: Quote
) -> tuple[Article, list[Sentence], Sentence] | None:
    """The article of a quote, the sentences of its paragraph, and its own."""
    standing = _standing(snapshots, quote)
    if standing is None:
        return None
    snapshot, number, article = standing
    sentences = [snapshot.sentence(i, article.id) for i in snapshot.sentences_of(number)]
    own = next((one for one in sentences if one.start <= quote.start < one.end), sentences[0])
    return article, [one for one in sentences if one.paragraph == own.paragraph], own


def _pager(number: int, pages: int, custom_id: Callable[[int], tuple[str, ...]]) -> discord.ui.View:
    """Buttons to the page before and the next, where there are several."""
    if pages < 2:
        return _row([])
    before = _button("Back", _STYLE.secondary, *custom_id(number - 1))
    following = _button("Next", _STYLE.secondary, *custom_id(number + 1))
    before.disabled, following.disabled = number == 0, number + 1 >= pages
    return _row([before, following])


def _button(label: str, style: discord.ButtonStyle, *parts: str) -> discord.ui.Button[Any]:
    return discord.ui.Button(label=label, style=style, custom_id=":".join((PREFIX, *parts)))


def _row(buttons: list[discord.ui.Button[Any]]) -> discord.ui.View:
    """A view that discord.py neither listens to nor keeps; it can only be stopped where the event
    loop runs."""
    asyncio.get_running_loop()  # raises elsewhere
    view = discord.ui.View(timeout=None)
    for button in buttons:
        view.add_item(button)
    view.stop()
    return view
