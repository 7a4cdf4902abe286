"""Building: articles become the arrays of a segment."""

import json
from array import array
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from index.arrays import Array, write_arrays
from index.article import Article, date_bounds, facts_of
from index.segment import ENDING, VERSIONS, digest_of, segment_path
from index.sentences import sentence_spans
from index.words import Words

_NEVER = np.iinfo(np.int32).max
_WIDEST_TABLE = 1 << 24
"""Up to how many possible pairs of count and length are numbered by a table, not by sorting."""


class Builder:
    """Takes articles one after another and makes the arrays of their segment."""

    def __init__(self) -> None:
        self.articles: list[Article] = []
        self._words = Words()
        self._title_terms, self._title_of = array("i"), array("i")
        self._first_sentence, self._first_paragraph = array("i"), array("i")
        self._paragraph_sentences = array("i")
        self._starts, self._ends = array("i"), array("i")

    def add(self, article: Article) -> None:
        """Take in one more article: its title's terms, its sentences and their words."""
        title = self._words.numbers_of(article.title)
        self._title_terms.extend(title)
        self._title_of.extend([len(self.articles)] * len(title))
        self._first_sentence.append(len(self._starts))
        self._first_paragraph.append(len(self._paragraph_sentences))
        self.articles.append(article)
        before = -1
        for paragraph, start, end in sentence_spans(article.text):
            if paragraph != before:
                before = paragraph
                self._paragraph_sentences.append(len(self._starts))
            self._words.add(article.text[start:end])
            self._starts.append(start)
            self._ends.append(end)

    def write(self, folder: Path) -> Path:
        """Write the segment of all articles so far into *folder* and give its path."""
        arrays = self.arrays()
        return segment_path(folder, write_arrays(folder, ENDING, arrays, said_of(arrays)))

    def arrays(self) -> dict[str, Array]:
        """Every array of the segment; the same articles in the same order give the same."""
        sentences, paragraphs = len(self._starts), len(self._paragraph_sentences)
        article_paragraphs = _ints([*self._first_paragraph, paragraphs])
        paragraph_sentences = _ints([*self._paragraph_sentences, sentences])
        paragraph_article: Array = np.repeat(
            _numbers(len(self.articles)), np.diff(article_paragraphs)
        )
        sentence_paragraph: Array = np.repeat(_numbers(paragraphs), np.diff(paragraph_sentences))
        spelled = sorted(self._words.terms, key=str.encode)
        number_of = {term: number for number, term in enumerate(spelled)}
        # Terms are numbered as they are seen; a segment numbers them in the order of their bytes.
        ranks = _ints([number_of[term] for term in self._words.terms])
        arrays = _articles(self.articles) | {
            "article.sentences": _ints([*self._first_sentence, sentences]),
            "article.paragraphs": article_paragraphs,
            "paragraph.sentences": paragraph_sentences,
            "paragraph.article": paragraph_article,
            "sentence.paragraph": sentence_paragraph,
            "sentence.start": _ints(self._starts),
            "sentence.end": _ints(self._ends),
            "sentence.kinds": self._words.kinds(),
            **texts("vocabulary", spelled),
        }
        numbers, counts = self._words.numbers()
        terms, holders = _sorted(ranks[numbers], np.repeat(_numbers(sentences), counts))
        arrays |= _postings("sentence", terms, holders, len(spelled), sentences)
        # A paragraph's and an article's words are those of its sentences, in the same order.
        within = sentence_paragraph[holders]
        arrays |= _postings("paragraph", terms, within, len(spelled), paragraphs)
        within = paragraph_article[within]
        arrays |= _postings("article", terms, within, len(spelled), len(self.articles))
        terms, holders = _sorted(ranks[_ints(self._title_terms)], _ints(self._title_of))
        return arrays | _postings("title", terms, holders, len(spelled), len(self.articles))


def texts(name: str, written: Iterable[str]) -> dict[str, Array]:
    """Texts as two arrays: their UTF-8 bytes, and where each begins and the last ends."""
    encoded = [text.encode() for text in written]
    return {
        name: np.frombuffer(b"".join(encoded), np.uint8),
        f"{name}_at": np.cumsum([0, *map(len, encoded)], dtype=np.int64),
    }


def coded(counts: Array, lengths: Array) -> tuple[Array, Array]:
    """Numbers for the pairs of *counts* and *lengths*: one a posting, and what each stands for."""
    width = int(lengths.max(initial=0)) + 1
    keys = counts.astype(np.int64) * width + lengths
    if (int(counts.max(initial=0)) + 1) * width <= _WIDEST_TABLE:
        seen = np.zeros((int(counts.max(initial=0)) + 1) * width, np.bool_)
        seen[keys] = True
        different = np.flatnonzero(seen)
        codes: Array = (np.cumsum(seen, dtype=np.int32) - 1)[keys]
    else:
        different, codes = np.unique(keys, return_inverse=True)
    pairs = np.stack(np.divmod(different, width), axis=1).astype(np.int32)
    return codes.astype(code_type(len(pairs))), pairs.reshape(-1)


def code_type(pairs: int) -> type[np.uint16 | np.uint32]:
    """The narrowest type for the codes of so many pairs."""
    return np.uint16 if pairs <= 1 << 16 else np.uint32


def peaks_of(starts: Array, counts: Array, lengths: Array) -> Array:
    """Four numbers for each term, from which follows the most that it can add to a score, whatever
    the average length: the most times that a text holds it, and the fewest terms of a text that
    holds it once, twice and oftener (0 where none does)."""
    peaks = np.zeros((len(starts) - 1, 4), np.int32)
    held = starts[:-1] < starts[1:]
    firsts = starts[:-1][held]
    if len(firsts):
        peaks[held, 0] = np.maximum.reduceat(counts, firsts)
        often = np.minimum(counts, 3)
        for times in (1, 2, 3):
            fitting = np.where(often == times, lengths, _NEVER)
            least = np.minimum.reduceat(fitting, firsts)
            peaks[held, times] = np.where(least == _NEVER, 0, least)
    return peaks.reshape(-1)


def _postings(
    level: str, terms: Array, holders: Array, vocabulary: int, size: int
) -> dict[str, Array]:
    """A level's postings, from one pair of term and text for each word, sorted."""
    is_first = np.ones(len(terms), np.bool_)
    is_first[1:] = (terms[1:] != terms[:-1]) | (holders[1:] != holders[:-1])
    firsts = np.flatnonzero(is_first)
    counts = np.diff(firsts, append=len(terms)).astype(np.int32)
    starts = np.searchsorted(terms[firsts], _numbers(vocabulary + 1)).astype(np.int64)
    of_text = holders[firsts]
    lengths = np.bincount(holders, minlength=size).astype(np.int32)
    codes, pairs = coded(counts, lengths[of_text])
    return {
        f"{level}.starts": starts,
        f"{level}.texts": of_text,
        f"{level}.codes": codes,
        f"{level}.pairs": pairs,
        f"{level}.peaks": peaks_of(starts, counts, lengths[of_text]),
    } | ({f"{level}.words": lengths} if level in {"article", "title"} else {})


def _sorted(terms: Array, holders: Array) -> tuple[Array, Array]:
    """Pairs of term and text in the order of terms, then of texts."""
    keys = terms.astype(np.int64) << 32 | holders
    keys.sort()
    return (keys >> 32).astype(np.int32), keys.astype(np.int32)


def _articles(articles: Sequence[Article]) -> dict[str, Array]:
    """What a segment holds of each article beside its sentences."""
    labels: dict[str, list[str]] = {}
    codes = {}
    for name in ("source", "author"):
        written = [getattr(article, name) for article in articles]
        labels[name] = list(dict.fromkeys(one for one in written if one is not None))
        number = {label: place for place, label in enumerate(labels[name], 1)}
        codes[f"article.{name}"] = _ints([number.get(one, 0) for one in written])
    return {
        **texts("facts", (json.dumps(facts_of(one), ensure_ascii=False) for one in articles)),
        **texts("texts", (article.text for article in articles)),
        "ids": _bytes("\n".join(article.id for article in articles)),
        "digests": np.frombuffer(b"".join(map(digest_of, articles)), np.uint8),
        "article.dates": _ints([date_bounds(article.date) for article in articles]).reshape(-1),
        "labels": _bytes(json.dumps(labels, ensure_ascii=False)),
        **codes,
    }


def _ints(values: "Sequence[int] | Sequence[tuple[int, int]] | array[int]") -> Array:
    return np.array(values, np.int32)


def _bytes(text: str) -> Array:
    return np.frombuffer(text.encode(), np.uint8)


def _numbers(size: int) -> Array:
    return np.arange(size, dtype=np.int32)


def said_of(arrays: Mapping[str, Any]) -> dict[str, str]:
    """What a segment's file says of itself beside its arrays."""
    return {
        "segment": json.dumps(
            {
                "articles": arrays["article.source"].size,
                "sentences": arrays["sentence.start"].size,
                "terms": arrays["vocabulary_at"].size - 1,
                "versions": VERSIONS,
            }
        )
    }
