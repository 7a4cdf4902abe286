"""Cards of the collection and of the bot itself; plain functions from records to embeds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import discord

from bot.cards import BLUE, DESCRIPTION
from bot.library import Entry
from bot.quoting import fitted, link, neutral, plain
from index.article import Article
from index.snapshot import Counts

PAGE = 10
"""Articles on a page."""


@dataclass(frozen=True, slots=True)
class Status:
    """What ``/status`` tells; ``answering`` are the shared articles and the server's own, where
    they answer, ``seconds`` the latest answers' times, the oldest first."""

    version: str
    snapshot: str
    answering: Mapping[str, Counts]
    built: datetime
    started: datetime
    seconds: tuple[float, ...]


def catalogue_card(entries: Sequence[Entry], page: int, search: str) -> discord.Embed:
    """One page (from 0) of the articles of a collection, or of those that *search* found."""
    pages = pages_of(len(entries))
    page = min(page, pages - 1)
    lines = []
    for entry in entries[page * PAGE : (page + 1) * PAGE]:
        where = ", ".join(part for part in (entry.source, entry.date) if part)
        facts = [fitted(neutral(where), 120)] if where else []
        address = link(entry.url, "open")
        facts += [address] if 0 < len(address) <= 200 else []
        lines.append(f"**{fitted(neutral(entry.title), 120)}**")
        lines.append(f"-# {' · '.join(facts) or 'source and date not known'}")
    found = f" with “{neutral(search)}”" if search else ""
    card = discord.Embed(
        colour=BLUE,
        title=fitted(f"Articles{found}", 256),
        description=fitted("\n".join(lines), DESCRIPTION) or "There are none.",
    )
    articles = "article" if len(entries) == 1 else "articles"
    return card.set_footer(text=f"{len(entries)} {articles} · page {page + 1} of {pages}")


def pages_of(entries: int) -> int:
    """How many pages so many articles fill."""
    return max(1, -(-entries // PAGE))


def article_card(article: Article, sentences: int, cited: int) -> discord.Embed:
    """One article's facts, how it begins, and how often it is cited here."""
    card = discord.Embed(
        colour=BLUE,
        title=fitted(neutral(article.title), 256),
        description=f"> {fitted(neutral(article.text[:2000]), 700)}",
    )
    facts = {"Source": article.source, "Author": article.author, "Date": article.date}
    for name, value in facts.items():
        if shown := fitted(neutral(value or ""), 300):
            card.add_field(name=name, value=shown)
    if address := link(article.url, "open the article"):
        card.add_field(name="Link", value=address)
    card.add_field(name="Sentences", value=str(sentences))
    answers = "answer" if cited == 1 else "answers"
    card.add_field(name="Cited", value=f"in {cited} {answers} here")
    return card.set_footer(text=fitted(plain(article.id), 250))


def status_card(status: Status) -> discord.Embed:
    """What answers now, since when, and how fast."""
    card = discord.Embed(colour=BLUE, title="Byline")
    for name, counts in status.answering.items():
        card.add_field(name=name, value=_counted(counts))
    card.add_field(name="Built", value=f"<t:{int(status.built.timestamp())}:R>")
    card.add_field(name="Running since", value=f"<t:{int(status.started.timestamp())}:R>")
    if status.seconds:
        ordered = sorted(status.seconds)
        shown = " · ".join(
            f"p{share} {1000 * percentile(ordered, share):.0f} ms" for share in (50, 95, 99)
        )
        questions = "question" if len(ordered) == 1 else "questions"
        card.add_field(name=f"The last {len(ordered)} {questions}", value=shown)
    return card.set_footer(text=f"version {status.version} · snapshot {status.snapshot[:12]}")


def percentile(ordered: Sequence[float], share: float) -> float:
    """The nearest-rank percentile (0 to 100) of values in order, at least one of them."""
    rank = -(-len(ordered) * share // 100)
    return ordered[max(int(rank), 1) - 1]


def _counted(counts: Counts) -> str:
    articles = "article" if counts.articles == 1 else "articles"
    return f"{counts.articles:,} {articles}\n{counts.sentences:,} sentences"
