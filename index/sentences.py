"""Sentences: stretches of an article's text that are ranked, read and quoted."""

import re
from collections.abc import Iterator
from typing import NamedTuple

import sentencex

from index.article import Article

LONGEST_SENTENCE = 1000
"""Characters after which a run without a stop (a table, a log) is cut at a space: what is quoted
has to fit a terminal and a card."""

_LINE = re.compile(r"[^\r\n]+")
_LINE_WITHOUT_CR = re.compile(r".+")  # the same where there is no CR, and faster
_LINE_BREAKS = frozenset({"\n", "\r", "\r\n"})
_PARTED = "\n\n"
_WHITE = re.compile(r"[^\S ]")
_OPENED_QUOTE = re.compile(r"\s([“‘«\"'(\[]+\s*)\Z")
_OPENS_QUOTE = frozenset("“‘«\"'([")
_ENDS_SENTENCE = (".", "!", "?", ":", ";", "”", '"', "…")


class Sentence(NamedTuple):
    """The stretch ``[start, end)`` (code points) of an article's text, and its paragraph's number
    in the article, from 0."""

    article: str
    paragraph: int
    start: int
    end: int

    def quote(self, text: str) -> str:
        """The sentence, cut from its article's *text*."""
        return text[self.start : self.end]


def split_sentences(article: Article) -> list[Sentence]:
    """The sentences of an article, in order, without white space at their ends.

    Every line is split on its own, except in a paragraph that was wrapped by hand. Where one
    sentence ends and the next begins within a line is decided by sentencex for English.
    """
    return [Sentence(article.id, *span) for span in sentence_spans(article.text)]


def sentence_spans(text: str) -> list[tuple[int, int, int]]:
    """``(paragraph, start, end)`` of each sentence of an article's *text*, as in ``Sentence``."""
    spans = []
    for paragraph, begin, stop in _stretches(text):
        stretch = text[begin:stop]
        sentence = stretch.strip()
        start = begin + stretch.index(sentence)
        end = start + len(sentence)
        if len(sentence) > LONGEST_SENTENCE:
            spans += [(paragraph, *piece) for piece in _pieces(text, start, end)]
        elif sentence:
            spans.append((paragraph, start, end))
    return spans


def _stretches(text: str) -> Iterator[tuple[int, int, int]]:
    """``(paragraph, start, end)`` of each sentence with the white space around it."""
    units = _units(text)
    # One space for each white space keeps the offsets and hides wrapped lines from sentencex, which
    # panics at some white space that is not ASCII; all but the space itself is not printable.
    flat = [
        unit if (unit := text[start:end]).isprintable() else _WHITE.sub(" ", unit)
        for _, start, end in units
    ]
    # Between blank lines sentencex splits each unit on its own, and all at once is faster than
    # one after another.
    pieces = (one for one in sentencex.segment("en", _PARTED.join(flat)) if one != _PARTED)
    for paragraph, start, end in units:
        begin = read = start
        while read < end:
            piece = next(pieces)
            stop = read = read + len(piece)
            # sentencex leaves a quotation mark that opens the next sentence at the end of this one.
            if piece.rstrip()[-1:] in _OPENS_QUOTE and (opened := _OPENED_QUOTE.search(piece)):
                stop -= len(piece) - opened.start(1)
            yield paragraph, begin, stop
            begin = stop
        yield paragraph, begin, end


def _units(text: str) -> list[tuple[int, int, int]]:
    """``(paragraph, start, end)`` of what is split on its own: the lines of a paragraph, or all of
    it where its lines were wrapped by hand. Blank lines part paragraphs."""
    units = []
    for number, lines in enumerate(_paragraphs(text)):
        if len(lines) > 1 and _wrapped([text[a:b].strip() for a, b in lines]):
            units.append((number, lines[0][0], lines[-1][1]))
        else:
            units += [(number, start, end) for start, end in lines]
    return units


def _paragraphs(text: str) -> list[list[tuple[int, int]]]:
    """Where the lines of each paragraph begin and end."""
    paragraphs: list[list[tuple[int, int]]] = []
    last = 0
    for found in (_LINE if "\r" in text else _LINE_WITHOUT_CR).finditer(text):
        start, end = found.span()
        if paragraphs and text[last:start] in _LINE_BREAKS and not found.group().isspace():
            paragraphs[-1].append((start, end))
        else:
            paragraphs.append([(start, end)])
        last = end
    return [lines for lines in paragraphs if not text[lines[0][0] : lines[-1][1]].isspace()]


def _wrapped(lines: list[str]) -> bool:
    """Whether line breaks are mere wrapping: lines of 40 to 100 characters, the last one aside,
    and at least one break that a lower-case letter follows in the middle of a sentence."""
    if len(lines) < 2 or not all(40 <= len(line) <= 100 for line in lines[:-1]):
        return False
    pairs = zip(lines, lines[1:], strict=False)
    return len(lines[-1]) <= 100 and any(
        after[:1].islower() and not before.endswith(_ENDS_SENTENCE) for before, after in pairs
    )


def _pieces(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """``[start, end)``, which is too long for a sentence, cut at spaces."""
    pieces = []
    while end - start > LONGEST_SENTENCE:
        space = text.rfind(" ", start + LONGEST_SENTENCE // 2, start + LONGEST_SENTENCE)
        cut = space if space > 0 else start + LONGEST_SENTENCE
        pieces.append((start, cut))
        start = cut
        while text[start].isspace():
            start += 1
    return [*pieces, (start, end)]
