"""Quoting: article text and people's words, so that Discord shows them as they are.

Discord counts characters of a message; here UTF-16 code units are counted, of which there are at
least as many, so that what fits here fits there however it is counted.
"""

import re
import unicodedata
from collections.abc import Sequence
from urllib.parse import quote, urlsplit

# The colon of an address, too, which would become a link.
_SPECIAL = re.compile(r"[\\*_~`|<\[\]]|:(?=//)")
# At the start of a line these make a list, a heading or a quotation; elsewhere they are harmless.
_AT_START = re.compile(r"^(\d+(?=[.)])|(?=[-+#>]))")
_AT = "@\u200b"
"""An at sign that mentions nobody, in footers, too, where no backslash helps."""
_STEERING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")
_MARKS = 4
"""Accents on one letter; real scripts need no more, and towers of them cover the lines above."""
_RIGHT_TO_LEFT = frozenset(["R", "AL", "AN"])
_OPEN, _CLOSE = "\u2068", "\u2069"
MORE = "…"


def length(text: str) -> int:
    """The length of *text* in UTF-16 code units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def plain(text: str) -> str:
    """*text* as one line for a place without markdown (a footer, a name in a menu): no control or
    direction characters, no towers of accents, no mention of everyone."""
    kept: list[str] = []
    marks = 0
    for char in " ".join(text.split()):
        category = unicodedata.category(char)
        marks = marks + 1 if category in {"Mn", "Me"} else 0
        if marks > _MARKS or char in _STEERING or category in {"Cc", "Cs"}:
            continue
        kept.append(_AT if char == "@" else char)
    return "".join(kept)


def neutral(text: str) -> str:
    """*text* as one line that Discord shows literally: no markdown, mention, emoji, timestamp,
    command or link in it means anything. Right-to-left text keeps to itself."""
    escaped = _SPECIAL.sub(lambda found: "\\" + found.group(), plain(text))
    escaped = _AT_START.sub(r"\1\\", escaped)
    if any(unicodedata.bidirectional(char) in _RIGHT_TO_LEFT for char in escaped):
        return f"{_OPEN}{escaped}{_CLOSE}"
    return escaped


def restored(neutralised: str) -> str:
    """The one line that ``neutral`` or ``plain`` was given, as far as a person would type it."""
    bare = re.sub(r"\\([^0-9A-Za-z\s])", r"\1", neutralised)
    return "".join(char for char in bare if char not in _STEERING and char != "\u200b")


def fitted(escaped: str, limit: int) -> str:
    """*escaped*, cut between words where it is longer than *limit* code units; never inside an
    escape or a pair of isolating marks."""
    if length(escaped) <= limit:
        return escaped
    closing = _CLOSE if escaped.startswith(_OPEN) else ""
    room = limit - len(MORE) - len(closing)
    kept = escaped.encode("utf-16-le")[: 2 * max(room, 0)].decode("utf-16-le", "ignore")
    words = kept.rsplit(" ", 1)[0]
    kept = words if len(words) > len(kept) // 2 else kept
    trailing = len(kept) - len(kept.rstrip("\\"))
    if trailing % 2:
        kept = kept[:-1]
    return f"{kept.rstrip()}{MORE}{closing}" if room > 0 else MORE[:limit]


def excerpt(text: str, spans: Sequence[tuple[int, int]], limit: int) -> str:
    """*text*, neutralised, its *spans* (in order, apart) in bold; where it is longer than *limit*
    code units, the first span with as much of the text around it as fits, cut between words."""
    spans = [(start, end) for start, end in spans if text[start:end].strip()]
    whole = _bold(text, (0, len(text)), spans)
    if length(whole) <= limit:
        return whole
    start, end = spans[0] if spans else (0, 0)
    low, high = 0, len(text)
    while low < high:  # the widest radius that fits
        middle = (low + high + 1) // 2
        shown = _bold(text, _between_words(text, middle, (start, end)), spans)
        low, high = (middle, high) if length(shown) <= limit else (low, middle - 1)
    shown = _bold(text, _between_words(text, low, (start, end)), spans)
    return shown if length(shown) <= limit else fitted(neutral(text[start:end]), limit)


def link(url: str | None, words: str) -> str:
    """A link of *words* (trusted text) to *url*, or "" where that is no web address of a usual
    length."""
    address = web_address(url)
    return f"[{words}]({address})" if address else ""


def web_address(url: str | None) -> str | None:
    """*url* where it is an http(s) address of at most 500 characters, safe inside markdown."""
    if not url:
        return None
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not host:
        return None
    address = quote(url, safe=":/?#@!$&'+,;=%~-._")
    return address if len(address) <= 500 else None


def _bold(text: str, window: tuple[int, int], spans: Sequence[tuple[int, int]]) -> str:
    """The *window* of *text*, neutralised, with what of the *spans* lies in it in bold."""
    at, last = window
    parts = [MORE] if at else []
    for start, end in spans:
        if start < at or end > last:
            continue
        value = text[start:end]
        left = len(value) - len(value.lstrip())
        parts.append(_part(text[at : start + left]))
        parts.append(f"**{neutral(value)}**")
        at = start + len(value.rstrip())
    parts.append(_part(text[at:last]))
    if last < len(text):
        parts.append(MORE)
    return "".join(parts)


def _part(text: str) -> str:
    """A stretch of a line, neutralised, with a blank kept where it begins or ends with one."""
    shown = neutral(text)
    left = " " if text[:1].isspace() and shown else ""
    right = " " if text[-1:].isspace() and (shown or not left) else ""
    return f"{left}{shown}{right}"


def _between_words(text: str, radius: int, span: tuple[int, int]) -> tuple[int, int]:
    """What lies so far around a span, drawn in to where words begin and end."""
    start, end = span
    first, last = max(start - radius, 0), min(end + radius, len(text))
    while 0 < first < start and not text[first - 1].isspace():
        first += 1
    while end < last < len(text) and not text[last].isspace():
        last -= 1
    return first, last
