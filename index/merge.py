"""Merging: several segments become one, without the articles that are gone.

The postings pass through in pieces, so memory is bounded by the number of terms and texts, not by
that of postings. The new arrays are those that a build of the same articles in the same order
would write, but for the order of code numbers.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from index.arrays import Array, Stream, write_arrays
from index.build import code_type, peaks_of, said_of, texts
from index.segment import ENDING, LEVELS, Segment, segment_path

_PIECE = 1 << 20
"""Postings, or bytes of text, that are in memory at a time."""


@dataclass(frozen=True, slots=True)
class _Source:
    """A segment to merge: the articles that stay, and where its parts go in the new one.

    ``texts[level]`` is the new number of each text, -1 for those that go; ``terms`` that of each
    term.
    """

    segment: Segment
    kept: Array
    texts: dict[str, Array]
    terms: Array


def merge(folder: Path, segments: Sequence[tuple[Segment, Array]]) -> Path:
    """Write the segment of those articles of *segments* that each array of bool keeps, and give its
    path."""
    sources, vocabulary = _sources(segments)
    arrays: dict[str, Array | Stream] = {
        **_texts_of("facts", sources),
        **_texts_of("texts", sources),
        **texts("vocabulary", vocabulary),
        **_structure(sources),
        **_labels(sources),
    }
    ids = [
        one
        for source in sources
        for one, kept in zip(source.segment.ids(), source.kept, strict=True)
        if kept
    ]
    arrays["ids"] = np.frombuffer("\n".join(ids).encode(), np.uint8)
    arrays["digests"] = np.concatenate([s.segment.digests()[s.kept] for s in sources]).reshape(-1)
    for level in LEVELS:
        arrays |= _postings(level, sources, len(vocabulary))
    return segment_path(folder, write_arrays(folder, ENDING, arrays, said_of(arrays)))


def _sources(segments: Sequence[tuple[Segment, Array]]) -> tuple[list[_Source], list[str]]:
    """What is merged, and the vocabulary of the new segment."""
    counted = dict.fromkeys(LEVELS, 0)
    placed = []
    for segment, kept in segments:
        numbers = {}
        for level in LEVELS:
            stays = np.repeat(kept, np.diff(segment.texts_of(level)))
            number = np.cumsum(stays, dtype=np.int32) - 1 + counted[level]
            numbers[level] = np.where(stays, number, -1).astype(np.int32)
            counted[level] += int(stays.sum())
        placed.append((segment, kept, numbers))
    spelled = [_terms_used(segment, kept) for segment, kept, _ in placed]
    vocabulary = sorted({term for terms in spelled for term in terms.values()}, key=str.encode)
    number_of = {term: number for number, term in enumerate(vocabulary)}
    sources = []
    for (segment, kept, numbers), used in zip(placed, spelled, strict=True):
        terms = np.full(segment.terms, -1, np.int32)
        terms[list(used)] = [number_of[term] for term in used.values()]
        sources.append(_Source(segment, kept, numbers, terms))
    return sources, vocabulary


def _terms_used(segment: Segment, kept: Array) -> dict[int, str]:
    """The terms that stay, by number."""
    spelled = segment.spelled()
    return {number: spelled[number] for number in segment.terms_held(kept).tolist()}


def _postings(level: str, sources: Sequence[_Source], vocabulary: int) -> dict[str, Array | Stream]:
    """A level's postings: each source's in turn, term by term."""
    pairs, code_of = _pairs(level, sources)
    totals = np.zeros(vocabulary + 1, np.int64)
    for source in sources:
        starts = source.segment.file.part(f"{level}.starts")
        stays = source.texts[level][source.segment.file.part(f"{level}.texts")] >= 0
        so_far = np.concatenate([[0], np.cumsum(stays)])
        used = source.terms >= 0
        totals[1:][source.terms[used]] += (so_far[starts[1:]] - so_far[starts[:-1]])[used]
    starts = np.cumsum(totals)
    size = int(starts[-1])
    bounds = [0]
    while bounds[-1] < vocabulary:
        enough = int(np.searchsorted(starts, starts[bounds[-1]] + _PIECE, side="right")) - 1
        bounds.append(min(max(enough, bounds[-1] + 1), vocabulary))

    def pieces(wanted: Callable[[Array, Array], Array]) -> Iterator[Array]:
        for low, high in zip(bounds, bounds[1:], strict=False):
            yield wanted(*_piece(level, sources, code_of, low, high))

    peaks = np.zeros((vocabulary, 4), np.int32)
    for low, high in zip(bounds, bounds[1:], strict=False):
        counts, lengths = pairs[_piece(level, sources, code_of, low, high)[1]].T
        within = starts[low : high + 1] - starts[low]
        peaks[low:high] = peaks_of(within, counts, lengths).reshape(-1, 4)
    arrays: dict[str, Array | Stream] = {
        f"{level}.starts": starts,
        f"{level}.texts": Stream(
            np.dtype(np.int32), size, lambda: pieces(lambda numbers, _: numbers)
        ),
        f"{level}.codes": Stream(
            np.dtype(code_type(len(pairs))), size, lambda: pieces(lambda _, codes: codes)
        ),
        f"{level}.pairs": pairs.reshape(-1),
        f"{level}.peaks": peaks.reshape(-1),
    }
    if level in {"article", "title"}:
        words = (s.segment.file.part(f"{level}.words")[s.kept] for s in sources)
        arrays[f"{level}.words"] = np.concatenate(list(words))
    return arrays


def _piece(
    level: str, sources: Sequence[_Source], code_of: Sequence[Array], low: int, high: int
) -> tuple[Array, Array]:
    """The new texts and codes of the new terms [low, high)."""
    terms, numbers, codes = [], [], []
    for source, code in zip(sources, code_of, strict=True):
        # Both vocabularies are in the same order, so the terms are one stretch of the source's.
        inside = np.flatnonzero((source.terms >= low) & (source.terms < high))
        if not len(inside):
            continue
        first, last = int(inside[0]), int(inside[-1]) + 1
        file = source.segment.file
        starts = file.part(f"{level}.starts", first, last + 1)
        begin, end = int(starts[0]), int(starts[-1])
        number = source.texts[level][file.part(f"{level}.texts", begin, end)]
        stays = number >= 0
        terms.append(np.repeat(source.terms[first:last], np.diff(starts))[stays])
        numbers.append(number[stays])
        codes.append(code[file.part(f"{level}.codes", begin, end)[stays]])
    if not terms:
        return np.empty(0, np.int32), np.empty(0, np.uint32)
    # Stable, so that a term's texts stay in the order of the sources, which is ascending.
    order = np.argsort(np.concatenate(terms), kind="stable")
    return np.concatenate(numbers)[order], np.concatenate(codes)[order]


def _pairs(level: str, sources: Sequence[_Source]) -> tuple[Array, list[Array]]:
    """The different pairs of all sources, and the new code of each source's codes."""
    tables = [source.segment.pairs(level).astype(np.int64) for source in sources]
    keys = [table[:, 0] << 32 | table[:, 1] for table in tables]
    different = np.unique(np.concatenate(keys))
    pairs = np.stack([different >> 32, different & 0xFFFFFFFF], axis=1).astype(np.int32)
    return pairs, [np.searchsorted(different, key).astype(np.uint32) for key in keys]


def _structure(sources: Sequence[_Source]) -> dict[str, Array]:
    """Where articles, paragraphs and sentences begin, and what is known of each."""

    def column(name: str, level: str) -> Array:
        return np.concatenate([s.segment.file.part(name)[s.texts[level] >= 0] for s in sources])

    def held(parent: str, child: str) -> Array:
        """How many texts of *child* each text of *parent* that stays holds."""
        counts = [np.diff(s.segment.file.part(f"{parent}.{child}s")) for s in sources]
        kept = [c[s.texts[parent] >= 0] for c, s in zip(counts, sources, strict=True)]
        return np.concatenate(kept)

    def begins(counts: Array) -> Array:
        return np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)

    def parents(counts: Array) -> Array:
        return np.repeat(np.arange(len(counts), dtype=np.int32), counts)

    of_article, of_paragraph = held("article", "paragraph"), held("paragraph", "sentence")
    dates = [s.segment.file.part("article.dates").reshape(-1, 2)[s.kept] for s in sources]
    return {
        "article.sentences": begins(held("article", "sentence")),
        "article.paragraphs": begins(of_article),
        "article.dates": np.concatenate(dates).reshape(-1),
        "paragraph.sentences": begins(of_paragraph),
        "paragraph.article": parents(of_article),
        "sentence.paragraph": parents(of_paragraph),
        **{
            name: column(name, "sentence")
            for name in ("sentence.start", "sentence.end", "sentence.kinds")
        },
    }


def _labels(sources: Sequence[_Source]) -> dict[str, Array]:
    """Each article's source and author, and what they are called."""
    labels: dict[str, list[str]] = {}
    arrays = {}
    for name in ("source", "author"):
        number: dict[str, int] = {}
        codes = []
        for source in sources:
            of_segment = source.segment.file.part(f"article.{name}")[source.kept]
            known = source.segment.labels[name]
            new = np.zeros(len(known) + 1, np.int32)
            for code in np.unique(of_segment[of_segment > 0]).tolist():
                new[code] = number.setdefault(known[code - 1], len(number) + 1)
            codes.append(new[of_segment])
        labels[name] = list(number)
        arrays[f"article.{name}"] = np.concatenate(codes)
    written = json.dumps(labels, ensure_ascii=False).encode()
    return {**arrays, "labels": np.frombuffer(written, np.uint8)}


def _texts_of(name: str, sources: Sequence[_Source]) -> dict[str, Array | Stream]:
    """Texts that stay, copied in long stretches."""
    lengths = np.concatenate([np.diff(s.segment.file.part(f"{name}_at"))[s.kept] for s in sources])
    at = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)

    def pieces() -> Iterator[Array]:
        for source in sources:
            begins = source.segment.file.part(f"{name}_at")
            edges = np.flatnonzero(np.diff(source.kept.astype(np.int8), prepend=0, append=0))
            for first, last in edges.reshape(-1, 2).tolist():
                for begin in range(int(begins[first]), int(begins[last]), _PIECE):
                    end = min(begin + _PIECE, int(begins[last]))
                    yield source.segment.file.part(name, begin, end)

    return {name: Stream(np.dtype(np.uint8), int(at[-1]), pieces), f"{name}_at": at}
