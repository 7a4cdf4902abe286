"""Cards: what an answer looks like in Discord; plain functions from records to embeds.

Text that comes from articles or people goes through bot.quoting; a card never exceeds Discord's
limits, whatever it is given: what does not fit is cut between words, and a button leads to the rest.
"""

from collections.abc import Iterable, Sequence

import discord

from bot.quoting import MORE, excerpt, fitted, length, link, neutral, plain, web_address
from index.answer import Answer, Finding
from index.article import Article
from index.ask import Sources
from index.confidence import in_words
from index.search import Passage
from index.sentences import Sentence
from index.terms import term_spans

TITLE, DESCRIPTION, NAME, VALUE, FIELDS, WHOLE = 256, 4096, 256, 1024, 25, 6000
"""Discord's limits: of the parts, the number of fields, and all text of a message's embeds."""
PAGE = 5
"""Passages on a page."""
_RESERVED = 400  # of WHOLE, for the line that says what was left out, and the footer
BLUE = 0x4F6D8F
"""Of cards that show something but answer nothing."""
_GREEN, _YELLOW, _GREY = 0x2E8B57, 0xC9A227, 0x80848E
_COLOURS = {"answered": _GREEN, "partly": _YELLOW, "not_found": _GREY}
_ASKED = 300  # of a claim or an answer's text, which have to leave room for the proof


def answer_card(answer: Answer) -> discord.Embed:
    """The answer in large, its slots as fields, and each cited sentence with where it is from."""
    card = discord.Embed(
        title=asked(answer.question.text), colour=_COLOURS[answer.status], description=""
    )
    notes = [
        f"-# No article holds “{neutral(word)}”; looked for “{neutral(other)}”."
        for word, other in answer.respelled
    ]
    if answer.text is None:
        return _not_found(card, answer, notes)
    single = len(answer.question.slots) == 1
    first = [one for one in answer.findings if one.event == 1]
    # Of several slots each has its own mark, in its field.
    marks = f" `[{first[0].citation}]`" if single else ""
    added = _added(first[0]) if single else ""
    lines = [
        *notes,
        f"## {fitted(neutral(answer.text), 1200)}{fitted(added, 300)}{marks}",
    ]
    others = [one for one in answer.findings if one.event > 1] if single else []
    if others:
        lines.append("Also said:")
        lines += [
            f"- {fitted(neutral(one.text), 300)}{fitted(_added(one), 200)} `[{one.citation}]`"
            for one in others
        ]
    if answer.reason:
        lines.append(fitted(neutral(answer.reason), _ASKED))
    card.description = fitted("\n".join(lines), DESCRIPTION)
    if not single:
        _add_slots(card, answer)
    _add_citations(card, answer)
    card.set_footer(text=f"Confidence: {in_words(answer.confidence)} ({answer.confidence:.2f})")
    return card


def context_cards(
    cited: Iterable[tuple[int, Article, Sequence[Sentence], Sentence]],
) -> list[discord.Embed]:
    """Each cited sentence within its paragraph: its number, article, the paragraph's sentences and
    itself; at most ten of them fit one message."""
    shown = list(cited)[:10]
    room = (WHOLE - 100) // max(len(shown), 1) - 2 * 200
    cards = []
    for number, article, paragraph, sentence in shown:
        first, last = paragraph[0].start, paragraph[-1].end
        own = (sentence.start - first, sentence.end - first)
        card = discord.Embed(
            colour=BLUE,
            title=f"[{number}] {_title(article, 150)}",
            url=web_address(article.url) if room > 500 else None,
            description=excerpt(article.text[first:last], [own], min(max(room, 200), DESCRIPTION)),
        )
        if where := plain(_where(article)):
            card.set_footer(text=fitted(where, 180))
        cards.append(card)
    return cards


def passages_card(
    passages: Sequence[tuple[int, Passage]], page: int, pages: int, cited: int
) -> discord.Embed:
    """One of the *pages* (from 0) of the sentences found, with their numbers; the first *cited*
    are those that the answer cites by these numbers."""
    card = discord.Embed(colour=BLUE, title="Passages", description="")
    for number, passage in passages:
        if (number - 1) // PAGE == page:
            head = f"[{number}]" if number <= cited else f"{number}."
            _add_passage(card, passage, frozenset(), head)
    return card.set_footer(text=f"Page {page + 1} of {pages}")


def pages_of(passages: int) -> int:
    """How many pages so many passages fill."""
    return max(1, -(-passages // PAGE))


def sources_card(sources: Sources) -> discord.Embed:
    """What the articles say about a message's claim."""
    claim = sources.claim.text
    card = discord.Embed(
        colour=BLUE if sources.speaking else _GREY,
        title="What the articles say about this",
        description=f"> {fitted(neutral(claim), _ASKED)}",
    )
    terms = frozenset(sources.claim.terms)
    if sources.speaking:
        for number, passage in enumerate(sources.speaking[:PAGE], 1):
            _add_passage(card, passage, terms, f"{number}.")
        card.set_footer(text="Whether these sentences bear it out is for you to judge.")
        return card
    card.description = f"{card.description}\n\n**The articles do not speak of that.**"
    if sources.nearest:
        card.description += "\nThe nearest sentence is:"
        _add_passage(card, sources.nearest[0], terms)
    return card


def asked(question: str) -> str:
    """A question as it stands at the head of its card."""
    return fitted(neutral(question), TITLE)


def notice(words: str, *, good: bool = False, channels: Sequence[int] = ()) -> discord.Embed:
    """One kind sentence or two; *words* may quote, and are neutralised. It may end with the names
    of *channels*."""
    sentence = fitted(neutral(words[:1].upper() + words[1:]), 2000).strip() or MORE
    if channels:
        sentence += " " + ", ".join(f"<#{channel}>" for channel in channels[:5])
    if sentence and sentence[-1] not in ".!?)”":
        sentence += "."
    return discord.Embed(description=sentence, colour=_GREEN if good else _YELLOW)


def size_of(card: discord.Embed) -> int:
    """How much of a message's 6000 characters a card takes."""
    parts = [card.title, card.description, card.footer.text, card.author.name]
    parts += [part for one in card.fields for part in (one.name, one.value)]
    return sum(length(part) for part in parts if part)


def _not_found(card: discord.Embed, answer: Answer, notes: list[str]) -> discord.Embed:
    lines = [*notes, "## The articles do not say", neutral(answer.reason or "")]
    if answer.passages:
        lines += ["", "The nearest sentence, which is not an answer:"]
        _add_passage(card, answer.passages[0], frozenset(answer.question.terms))
    card.description = fitted("\n".join(lines), 2000)
    return card


def _add_slots(card: discord.Embed, answer: Answer) -> None:
    """A field for each slot of the first event, and one for each other event as a whole."""
    slots = list(dict.fromkeys(slot.name for slot in answer.question.slots))
    for slot in slots:
        values = [one for one in answer.findings if one.event == 1 and one.slot == slot]
        _add(card, _slot_name(slot), _values(values, _ASKED), inline=True)
    for event in sorted({one.event for one in answer.findings} - {1}):
        lines = []
        for slot in slots:
            values = [one for one in answer.findings if one.event == event and one.slot == slot]
            lines.append(f"{_slot_name(slot)}: {_values(values, 200)}")
        _add(card, "Or", fitted("\n".join(lines), VALUE))


def _slot_name(slot: str) -> str:
    return slot.replace("_", " ").capitalize()


def _values(findings: Iterable[Finding], limit: int) -> str:
    shown = [
        f"{fitted(neutral(one.text), limit // 3)}{fitted(_added(one), limit // 3)} `[{one.citation}]`"
        for one in findings
    ]
    return fitted(", ".join(shown), limit) or "*not stated*"


def _added(finding: Finding) -> str:
    return f" ({'; '.join(map(neutral, finding.added))})" if finding.added else ""


def _add_citations(card: discord.Embed, answer: Answer) -> None:
    """A field for each cited sentence, the values in it in bold, as long as they fit."""
    cited: dict[int, list[Finding]] = {}
    for finding in answer.findings:
        cited.setdefault(finding.citation, []).append(finding)
    left_out = 0
    for number, findings in sorted(cited.items()):
        one = findings[0]
        begin = one.sentence.start
        spans = _apart((found.start - begin, found.end - begin) for found in findings)
        name = f"[{number}] {_title(one.article, NAME - 20)}"
        left_out += not _add(card, name, _quoted(one.article, one.quote, spans))
    if left_out:
        sentences = "sentence is" if left_out == 1 else "sentences are"
        words = f"{left_out} more {sentences} cited: see **More passages**."
        card.add_field(name="And more", value=words, inline=False)


def _add_passage(
    card: discord.Embed, passage: Passage, terms: frozenset[str], head: str = ""
) -> None:
    """A field with a passage, as long as it fits; the words searched for in bold."""
    quote = passage.quote
    spans = [(start, end) for start, end, term in term_spans(quote) if term in terms]
    title = _title(passage.article, NAME - length(head) - 1)
    _add(card, f"{head} {title}".strip(), _quoted(passage.article, quote, spans))


def _apart(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """*spans* in order, without those that overlap an earlier one."""
    kept: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if not kept or start >= kept[-1][1]:
            kept.append((start, end))
    return kept


def _add(card: discord.Embed, name: str, value: str, *, inline: bool = False) -> bool:
    """Add a field where it fits, and say whether it did."""
    fits = (
        len(card.fields) < FIELDS - 1
        and size_of(card) + length(name) + length(value) <= WHOLE - _RESERVED
    )
    if fits:
        card.add_field(name=name, value=value, inline=inline)
    return fits


def _quoted(article: Article, quote: str, spans: Sequence[tuple[int, int]]) -> str:
    """A sentence in quotation marks, its *spans* in bold, and where it is from."""
    where = fitted(neutral(_where(article)), 200)
    origin = [where] if where else []
    if address := link(article.url, "open the article"):
        origin.append(address)
    tail = f"\n-# {' · '.join(origin)}" if origin else ""
    return f"> “{excerpt(quote, spans, VALUE - length(tail) - 4)}”{tail}"


def _title(article: Article, limit: int) -> str:
    return fitted(neutral(article.title), limit) or "untitled"


def _where(article: Article) -> str:
    return ", ".join(part for part in (article.source, article.date) if part)
