"""Sentences: stretches of an article's text that are ranked, read and quoted."""

import re
from typing import NamedTuple

import sentencex

from index.article import Article

LONGEST_SENTENCE = 1000
"""Characters after which a run without a stop (a table, a log) is cut at a space: what is quoted
has to fit a terminal and a card."""

_BLOCK = re.compile(r"[^\r\n]+(?:(?:\r\n|\r|\n)[^\S\r\n]*[^\s][^\r\n]*)*")
_LINE = re.compile(r"[^\r\n]+")
_OPENED_QUOTE = re.compile(r"\s([“‘«\"'(\[]+\s*)\Z")
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
    sentences = []
    for number, (start, end) in enumerate(_paragraphs(article.text)):
        for first, last in _units(article.text, start, end):
            for a, b in _boundaries(article.text[first:last]):
                sentences.append(Sentence(article.id, number, first + a, first + b))
    return sentences


def _paragraphs(text: str) -> list[tuple[int, int]]:
    """The blocks of lines between blank lines."""
    return [found.span() for found in _BLOCK.finditer(text) if found.group().strip()]


def _units(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """The lines of one paragraph, or the whole paragraph where its lines were wrapped by hand."""
    lines = [found.span() for found in _LINE.finditer(text, start, end)]
    return [(start, end)] if _wrapped([text[a:b].strip() for a, b in lines]) else lines


def _wrapped(lines: list[str]) -> bool:
    """Whether line breaks are mere wrapping: lines of 40 to 100 characters, the last one aside,
    and at least one break that a lower-case letter follows in the middle of a sentence."""
    if len(lines) < 2 or not all(40 <= len(line) <= 100 for line in lines[:-1]):
        return False
    pairs = zip(lines, lines[1:], strict=False)
    return len(lines[-1]) <= 100 and any(
        after[:1].islower() and not before.endswith(_ENDS_SENTENCE) for before, after in pairs
    )


def _boundaries(unit: str) -> list[tuple[int, int]]:
    """Where the sentences of *unit* begin and end, at most LONGEST_SENTENCE characters each."""
    # One space for each white space keeps the offsets and hides wrapped lines from the splitter,
    # which panics at some white space that is not ASCII.
    flat = re.sub(r"\s", " ", unit)
    cuts = []
    for found in sentencex.get_sentence_boundaries("en", flat):
        start, end = found["start_index"], found["end_index"]
        # sentencex leaves a quotation mark that opens the next sentence at the end of this one.
        if opened := _OPENED_QUOTE.search(flat, start, end):
            end = opened.start(1)
        cuts.append((start, end))
    starts = [0, *(end for _, end in cuts)]
    spans = zip(starts, [*starts[1:], len(flat)], strict=True)
    return [piece for a, b in spans for piece in _pieces(unit, a, b)]


def _pieces(unit: str, start: int, end: int) -> list[tuple[int, int]]:
    """``[start, end)`` without white space at its ends, cut where it is longer than fits."""
    pieces = []
    while True:
        while start < end and unit[start].isspace():
            start += 1
        while end > start and unit[end - 1].isspace():
            end -= 1
        if end - start <= LONGEST_SENTENCE:
            break
        space = unit.rfind(" ", start + LONGEST_SENTENCE // 2, start + LONGEST_SENTENCE)
        cut = space if space > 0 else start + LONGEST_SENTENCE
        pieces.append((start, cut))
        start = cut
    return [*pieces, (start, end)] if start < end else pieces
