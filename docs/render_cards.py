"""Pictures of the bot's cards: ``python docs/render_cards.py``.

The sample articles are indexed into a temporary folder, asked real questions, and the bot's real
embeds and buttons drawn in Discord's dark look by a headless Chromium; CHROMIUM names the program
where it is not found by itself. The pictures are written to ``docs/pictures``.
"""  # noqa: INP001  # a script beside the documents, not a package

import asyncio
import html
import itertools
import math
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import discord

from bot.asking import kept_of
from bot.buttons import answer_buttons
from bot.cards import answer_card, context_cards
from index.answer import Answer
from index.article import Article
from index.ask import ask_all
from index.sentences import Sentence
from index.settings import SAMPLES
from index.snapshot import Snapshot
from index.store import open_store, rebuild

PICTURES = Path(__file__).parent / "pictures"
WIDTH = 620
"""Of a picture, in the page's pixels; each is drawn as two by two."""
_PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
_SECONDS = 120.0
_PNG = b"\x89PNG\r\n\x1a\n"

# What Discord's markdown knows and the cards use, inside a line.
_INLINE = re.compile(
    r"\\(?P<escaped>[^0-9A-Za-z\s])"
    r"|`(?P<code>[^`]+)`"
    r"|\*\*(?P<bold>(?:\\.|[^\\])+?)\*\*(?!\*)"
    r"|\*(?P<italic>(?:\\.|[^\\*])+)\*"
    r"|\[(?P<words>(?:\\.|[^\\\[\]])+)\]\((?P<address>https?://[^\s)]+)\)"
)
_BLOCKS = {
    "# ": '<div class="h1">{}</div>',
    "## ": '<div class="h2">{}</div>',
    "### ": '<div class="h3">{}</div>',
    "-# ": '<div class="subtext">{}</div>',
    "> ": "<blockquote>{}</blockquote>",
    "- ": '<div class="item">{}</div>',
}
_STYLE = """
* { box-sizing: border-box; margin: 0; }
html { background: #313338; }
body { padding: 16px 20px 12px 16px; color: #dbdee1;
  font: 16px/1.375 "gg sans", "Noto Sans", "Helvetica Neue", Helvetica, Arial, sans-serif; }
.message { display: grid; grid-template-columns: 40px 1fr; column-gap: 16px; }
.message > div { min-width: 0; }
.private { background: #393b48; border-left: 2px solid #5865f2; margin: -8px -20px 0 -16px;
  padding: 8px 20px 8px 14px; }
.avatar { width: 40px; height: 40px; border-radius: 50%; background: #4f6d8f; color: #fff;
  font-size: 22px; font-weight: 700; line-height: 40px; text-align: center; }
.name { color: #f2f3f5; font-weight: 600; margin-right: 5px; }
.app { background: #5865f2; color: #fff; font-size: 10px; font-weight: 600; line-height: 15px;
  padding: 0 5px; border-radius: 4px; display: inline-block; vertical-align: 1px; }
.time { color: #949ba4; font-size: 12px; margin-left: 5px; }
.embed { width: fit-content; max-width: 520px; margin-top: 6px; padding: 8px 16px 16px 12px;
  background: #2b2d31; border-left: 4px solid; border-radius: 4px; font-size: 14px;
  line-height: 18px; overflow-wrap: break-word; }
.embed > :first-child { margin-top: 4px; }
.title { margin-top: 8px; color: #f2f3f5; font-size: 16px; font-weight: 600; line-height: 22px; }
.title.linked, a { color: #00a8fc; text-decoration: none; }
.description { margin-top: 8px; white-space: pre-wrap; }
.fields { display: grid; grid-template-columns: repeat(12, 1fr); gap: 8px; margin-top: 8px; }
.field { min-width: 0; white-space: pre-wrap; }
.field .head { color: #f2f3f5; font-weight: 600; margin-bottom: 2px; }
.footer { margin-top: 8px; color: #dbdee1; font-size: 12px; line-height: 16px; }
.h1, .h2, .h3 { color: #f2f3f5; font-weight: 700; line-height: 1.375; margin: 8px 0 4px; }
.h1 { font-size: 24px; } .h2 { font-size: 20px; } .h3 { font-size: 16px; }
.description > :first-child { margin-top: 0; }
.subtext { color: #949ba4; font-size: 13px; line-height: 18px; }
.item { padding-left: 16px; position: relative; }
.item::before { content: "•"; position: absolute; left: 4px; }
blockquote { border-left: 4px solid #4e5058; border-radius: 4px; padding: 0 8px 0 12px; }
code { background: #1e1f22; border-radius: 4px; padding: 1px 4px; font-size: 85%;
  font-family: "gg mono", Consolas, "Liberation Mono", Menlo, monospace; font-weight: 400; }
.buttons { display: flex; gap: 8px; margin-top: 8px; }
.button { height: 32px; padding: 0 16px; border-radius: 4px; color: #fff; font-size: 14px;
  font-weight: 500; line-height: 32px; }
.primary { background: #5865f2; } .secondary { background: #4e5058; }
.success { background: #248046; } .danger { background: #da373c; }
.disabled { opacity: .5; }
.only { margin-top: 6px; color: #949ba4; font-size: 12px; }
.note { margin-top: 14px; color: #949ba4; font-size: 11px; }
"""
_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>A card</title>
<style>{style}</style><body>{message}
<div class="note">A rendering of the card's data in Discord's look; not a screenshot of \
Discord.</div>
<script>
const box = document.body.getBoundingClientRect();
document.documentElement.dataset.height = Math.ceil(box.height);
</script></body></html>"""


def main() -> None:
    """Make every picture."""
    program = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, _PROGRAMS)), None)
    if program is None or shutil.which(program) is None:
        sys.exit("render_cards: there is no Chromium here; name one in CHROMIUM.")
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        rebuild(SAMPLES, Path(folder) / "store")
        snapshot = open_store(Path(folder) / "store")
        pages = asyncio.run(_pages(snapshot))
        for name, page in pages.items():
            _photograph(program, page, Path(folder), PICTURES / f"{name}.png")
    print(f"Made in docs/pictures: {', '.join(f'{name}.png' for name in pages)}")


async def _pages(snapshot: Snapshot) -> dict[str, str]:
    """The pages to photograph, by the names of their pictures; buttons are made in a loop."""

    def ask(question: str) -> Answer:
        return ask_all([snapshot], question)

    calls = ask("Who called whom, and when?")
    return {
        "answer": _answered(calls),
        "single": _answered(ask("When did Stanley reach Livingstone at Ujiji?")),
        "not-found": _answered(ask("When did Armstrong call Nixon?")),
        "context": _page(context_cards(_in_paragraphs(snapshot, calls)), is_private=True),
    }


def _answered(answer: Answer) -> str:
    kept = kept_of(answer, None, keep_question=False)
    return _page([answer_card(answer)], answer_buttons(kept, is_private=False))


def _in_paragraphs(
    snapshot: Snapshot, answer: Answer
) -> Iterable[tuple[int, Article, Sequence[Sentence], Sentence]]:
    """Each cited sentence with its number, its article and its paragraph's sentences."""
    cited = {one.citation: one for one in answer.findings}
    for citation, one in sorted(cited.items()):
        number = snapshot.article_number(one.article.id)
        assert number is not None
        paragraph = snapshot.sentence_paragraph[one.number]
        sentences = [
            snapshot.sentence(i, one.article.id)
            for i in snapshot.sentences_of(number)
            if snapshot.sentence_paragraph[i] == paragraph
        ]
        yield citation, one.article, sentences, one.sentence


def _page(
    cards: Iterable[discord.Embed],
    buttons: discord.ui.View | None = None,
    *,
    is_private: bool = False,
) -> str:
    """A message of the bot as a page; a private one as whoever pressed the button sees it."""
    parts = [
        '<span class="name">Byline</span><span class="app">APP</span>',
        '<span class="time">Today at 12:00</span>',
        *map(_card, cards),
        _row(buttons) if buttons else "",
        '<div class="only">Only you can see this • <a>Dismiss message</a></div>'
        if is_private
        else "",
    ]
    message = (
        f'<div class="message {"private" if is_private else ""}"><div class="avatar">B</div>'
        f"<div>{''.join(parts)}</div></div>"
    )
    return _PAGE.format(style=_STYLE, message=message)


def _card(card: discord.Embed) -> str:
    parts = []
    if card.title:
        linked = " linked" if card.url else ""
        parts.append(f'<div class="title{linked}">{_inline(card.title)}</div>')
    if card.description:
        parts.append(f'<div class="description">{_markdown(card.description)}</div>')
    if card.fields:
        parts.append(f'<div class="fields">{_fields(card)}</div>')
    if card.footer.text:
        parts.append(f'<div class="footer">{html.escape(card.footer.text)}</div>')
    colour = card.colour or discord.Colour(0x1E1F22)
    return f'<div class="embed" style="border-color: {colour}">{"".join(parts)}</div>'


def _fields(card: discord.Embed) -> str:
    """The fields on a grid of twelve columns: up to three inline ones share a row."""
    rows: list[list[tuple[str, str]]] = []
    is_open = False
    for field in card.fields:
        if not (field.inline and is_open and len(rows[-1]) < 3):
            rows.append([])
        rows[-1].append((field.name or "", field.value or ""))
        is_open = bool(field.inline)
    return "".join(
        f'<div class="field" style="grid-column: span {12 // len(row)}">'
        f'<div class="head">{_inline(name)}</div>{_markdown(value)}</div>'
        for row in rows
        for name, value in row
    )


def _row(view: discord.ui.View) -> str:
    buttons = "".join(
        f'<div class="button {one.style.name}{" disabled" if one.disabled else ""}">'
        f"{html.escape(one.label or '')}</div>"
        for one in view.children
        if isinstance(one, discord.ui.Button)
    )
    return f'<div class="buttons">{buttons}</div>'


def _markdown(text: str) -> str:
    """Lines of Discord's markdown as HTML; a line of words is parted from the next by a break."""
    shown: list[str] = []
    words: list[str] = []

    def end_words() -> None:
        if words:
            shown.append(f"<div>{'<br>'.join(words)}</div>")
            words.clear()

    for line in text.split("\n"):
        mark = next((one for one in _BLOCKS if line.startswith(one)), None)
        if mark is None:
            words.append(_inline(line))
        else:
            end_words()
            shown.append(_BLOCKS[mark].format(_inline(line.removeprefix(mark))))
    end_words()
    return "".join(shown)


def _inline(text: str) -> str:
    """One line of Discord's markdown as HTML."""
    shown, place = [], 0
    for found in _INLINE.finditer(text):
        shown += [html.escape(text[place : found.start()]), _marked(found)]
        place = found.end()
    return "".join([*shown, html.escape(text[place:])])


def _marked(found: re.Match[str]) -> str:
    tags: dict[str, Callable[[str], str]] = {
        "escaped": html.escape,
        "code": lambda words: f"<code>{html.escape(words)}</code>",
        "bold": lambda words: f"<b>{_inline(words)}</b>",
        "italic": lambda words: f"<i>{_inline(words)}</i>",
        "address": lambda _: f"<a>{_inline(found['words'])}</a>",
    }
    kind = found.lastgroup or ""
    return tags[kind](found[kind])


def _photograph(program: str, page: str, folder: Path, picture: Path) -> None:
    """Write *picture* of *page*, as high as its content; *folder* holds what passes through."""
    source = folder / f"{picture.stem}.html"
    source.write_text(page, encoding="utf-8")
    opened = _chromium(program, folder, "--dump-dom", f"--window-size={WIDTH},900", source.as_uri())
    height = re.search(r'data-height="(\d+)"', opened)
    if height is None:
        sys.exit(f"render_cards: {program} did not open the page of {picture.name}.")
    drawn = folder / picture.name
    size = f"--window-size={WIDTH},{height[1]}"
    _chromium(program, folder, f"--screenshot={drawn}", size, source.as_uri())
    picture.write_bytes(_with_palette(drawn.read_bytes()))


def _with_palette(png: bytes) -> bytes:
    """A PNG of 24 bits a pixel with at most 256 colours, in about a third of the bytes.

    The commonest stay; of the others, the soft edges of letters, those that are alike become one.
    """
    chunks = []
    place = len(_PNG)
    while place < len(png):
        size, kind = struct.unpack_from(">I4s", png, place)
        chunks.append((kind, png[place + 8 : place + 8 + size]))
        place += size + 12
    width, height, depth, colours = struct.unpack_from(">IIBB", chunks[0][1])
    assert (depth, colours) == (8, 2), "Chromium writes pictures of 24 bits a pixel"
    lines = zlib.decompress(b"".join(data for kind, data in chunks if kind == b"IDAT"))
    pixels = [
        [bytes(row[x : x + 3]) for x in range(0, len(row), 3)] for row in _rows(lines, 3 * width)
    ]
    found = Counter(itertools.chain.from_iterable(pixels))
    ordered = [colour for colour, _ in found.most_common()]
    palette, step = ordered, 1
    while len(palette) > 256:
        step += 1
        cells = {tuple(part // step for part in one): one for one in reversed(ordered)}
        palette = list({*ordered[:64], *cells.values()})
    palette.sort()
    nearest = {
        colour: min(range(len(palette)), key=lambda i: math.dist(palette[i], colour))
        for colour in found
    }
    packed = zlib.compress(
        b"".join(b"\0" + bytes(nearest[colour] for colour in row) for row in pixels), 9
    )
    parts = {
        b"IHDR": struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0),
        b"PLTE": b"".join(palette),
        b"IDAT": packed,
        b"IEND": b"",
    }
    return _PNG + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts.items()
    )


def _rows(lines: bytes, size: int) -> Iterator[bytearray]:
    """The rows of a PNG's *lines*: each byte was written as its difference from what the bytes of
    the pixels to the left, above and above left let expect."""
    above = bytearray(size)
    for begin in range(0, len(lines), size + 1):
        row = bytearray(lines[begin + 1 : begin + 1 + size])
        expected = _EXPECTED[lines[begin]]
        for i, up in enumerate(above):
            left, corner = (row[i - 3], above[i - 3]) if i > 2 else (0, 0)
            row[i] = (row[i] + expected(left, up, corner)) & 255
        yield row
        above = row


_EXPECTED: Sequence[Callable[[int, int, int], int]] = (
    lambda left, up, corner: 0,
    lambda left, up, corner: left,
    lambda left, up, corner: up,
    lambda left, up, corner: (left + up) // 2,
    lambda left, up, corner: min(left, up, corner, key=lambda one: abs(left + up - corner - one)),
)


def _chromium(program: str, folder: Path, *options: str) -> str:
    """What Chromium prints when it is run without a window."""
    command = [
        program,
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--hide-scrollbars",
        "--force-device-scale-factor=2",
        f"--user-data-dir={folder / 'profile'}",
        *options,
    ]
    try:
        done = subprocess.run(  # noqa: S603  # the person who runs this names the program
            command, capture_output=True, check=True, text=True, encoding="utf-8", timeout=_SECONDS
        )
    except (OSError, subprocess.SubprocessError):
        sys.exit(f"render_cards: {program} made no picture; it has to run with --headless.")
    return done.stdout


if __name__ == "__main__":
    main()
