"""What the engines are built from and asked: articles, the terms of their sentences, questions,
filters."""

import hashlib
import json
import random
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import zipf_text
from engines import Source

from index.article import Article
from index.collection import read_collection
from index.sentences import split_sentences
from index.snapshot import SEGMENTER
from index.terms import ANALYSER, term_of, terms_of, words_of

SEEDS = {"reported": 0, "tuning": 1, "warm-up": 2}
"""Questions that something is tuned with are not those that are reported."""
SAMPLED = 4000
"""Sentences that questions of one seed are made of, at most."""
FREQUENT = 50
"""How many of the terms in the most sentences count as frequent."""
SHARES = (1.0, 0.5, 0.1, 0.01)


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter: the arguments of ``index.search.Within``, and the share of articles it lets in."""

    label: str
    within: dict[str, Any]
    share: float


@dataclass(frozen=True, slots=True)
class Corpus:
    """A prepared corpus of some size, in a folder.

    ``analysis`` is how many seconds it took to split and to analyse all sentences on one core, which
    every engine needs beside its own work. ``questions[seed][kind]`` are lists of terms.
    """

    folder: Path
    articles: int
    sentences: int
    words: int
    terms: int
    analysis: float
    questions: dict[str, dict[str, list[list[str]]]]
    filters: tuple[Filter, ...]

    @property
    def source(self) -> Source:
        return Source(self.folder / "articles", self.folder / "terms.txt", self.sentences)


@dataclass(frozen=True, slots=True)
class Sample:
    """A sentence that a question may be made of: its different terms, which of them are names, and
    other terms of its article."""

    terms: tuple[str, ...]
    names: frozenset[str]
    others: tuple[str, ...]


def made(cache: Path, sentences: int) -> Corpus:
    """A made corpus of about *sentences* sentences, from *cache* where it is there."""
    folder = cache / f"made-{sentences}-{_version()}"
    if not (folder / "corpus.json").exists():
        (folder / "articles").mkdir(parents=True, exist_ok=True)
        zipf_text.write(folder / "articles" / "made.jsonl", sentences)
        _prepare(folder)
    return _read(folder)


def real(cache: Path, collection: Path, sizes: Sequence[int]) -> list[Corpus]:
    """Corpora of the first articles of *collection*, in the order of their ids: one of each size
    that it reaches, and all of it where it is smaller than the largest."""
    found = sorted(
        (one for one in read_collection(collection) if isinstance(one, Article)),
        key=lambda article: article.id,
    )
    corpora: list[Corpus] = []
    for size in sorted(sizes):
        if corpora and corpora[-1].articles == len(found):
            break
        chosen, sentences = [], 0
        for article in found:
            if sentences >= size:
                break
            chosen.append(asdict(article))
            sentences += len(split_sentences(article))
        rows = "".join(json.dumps(row) + "\n" for row in chosen)
        folder = cache / f"real-{_digest(rows)}-{_version()}"
        if not (folder / "corpus.json").exists():
            (folder / "articles").mkdir(parents=True, exist_ok=True)
            (folder / "articles" / "real.jsonl").write_text(rows, encoding="utf-8")
            _prepare(folder)
        corpora.append(_read(folder))
    return corpora


def _version() -> str:
    """What made and prepared corpora depend on; with another, they are made anew."""
    programs = (Path(__file__), Path(zipf_text.__file__))
    return _digest("".join([ANALYSER, SEGMENTER, *(p.read_text("utf-8") for p in programs)]))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:10]


def _read(folder: Path) -> Corpus:
    said = json.loads((folder / "corpus.json").read_text(encoding="utf-8"))
    filters = tuple(Filter(**row) for row in said.pop("filters"))
    return Corpus(folder=folder, filters=filters, **said)


def _prepare(folder: Path) -> None:
    """Write the terms of the articles in *folder*, a sentence a line, and ``corpus.json``."""
    articles = sorted(
        (one for one in read_collection(folder / "articles") if isinstance(one, Article)),
        key=lambda article: article.id,
    )
    chance = random.Random(0)
    samples: list[Sample] = []
    holding: Counter[str] = Counter()
    sentences = words = 0
    analysis = 0.0
    with open(folder / "terms.txt", "w", encoding="utf-8") as file:
        for article in articles:
            began = time.perf_counter()
            texts = [one.quote(article.text) for one in split_sentences(article)]
            analysed = [terms_of(text) for text in texts]
            analysis += time.perf_counter() - began
            for place, terms in enumerate(analysed):
                file.write(" ".join(terms) + "\n")
                holding.update(set(terms))
                sentences += 1
                words += len(terms)
                # Every sentence has the same chance to be among the samples (Vitter's algorithm R).
                at = chance.randrange(sentences)
                if at < SAMPLED * len(SEEDS):
                    around = [*terms_of(article.title), *_around(analysed, place)]
                    sample = _sample(texts[place], terms, around)
                    if len(samples) <= at:
                        samples.append(sample)
                    else:
                        samples[at] = sample
    questions = {
        seed: _questions(samples[number :: len(SEEDS)], holding, sentences, number)
        for seed, number in SEEDS.items()
    }
    said = {
        "articles": len(articles),
        "sentences": sentences,
        "words": words,
        "terms": len(holding),
        "analysis": analysis,
        "questions": questions,
        "filters": [asdict(one) for one in _filters(articles)],
    }
    (folder / "corpus.json").write_text(json.dumps(said), encoding="utf-8")


def _around(analysed: list[list[str]], place: int) -> Iterator[str]:
    for near in (place - 1, place + 1):
        if 0 <= near < len(analysed):
            yield from analysed[near]


def _sample(text: str, terms: list[str], around: Iterable[str]) -> Sample:
    # The first word of a sentence is capitalised whatever it is.
    names = frozenset(term_of(word) for word in words_of(text)[1:] if word[0].isupper())
    others = dict.fromkeys(term for term in around if term not in terms)
    return Sample(tuple(dict.fromkeys(terms)), names, tuple(others))


def _questions(
    samples: list[Sample], holding: Counter[str], sentences: int, seed: int
) -> dict[str, list[list[str]]]:
    """Questions of 3 to 8 terms: 2 to 6 of a sentence's, names and rare ones more likely, and up to
    two of its title and the sentences beside it. ``frequent`` are the same with 2 to 4 very frequent
    terms mixed in."""
    chance = random.Random(f"questions {seed}")
    frequent = holding.most_common(FREQUENT)
    plain, mixed = [], []
    for sample in samples:
        rarity = {
            term: (2 if term in sample.names else 1) / (1 + holding[term] / sentences * 100)
            for term in sample.terms
        }
        size = chance.choices(range(2, 7), (15, 25, 30, 20, 10))[0]
        chosen = _some(chance, rarity, size)
        beside = chance.choices(range(3), (30, 50, 20))[0]
        chosen += chance.sample(sample.others, min(beside, len(sample.others)))
        if len(chosen) < 3:
            continue
        chance.shuffle(chosen)
        plain.append(chosen)
        said = _some(
            chance,
            {term: count for term, count in frequent if term not in chosen},
            chance.randint(2, 4),
        )
        both = chosen + said
        chance.shuffle(both)
        mixed.append(both)
    return {"plain": plain, "frequent": mixed}


def _some(chance: random.Random, weights: dict[str, float], size: int) -> list[str]:
    """At most *size* different terms, drawn by weight."""
    left = dict(weights)
    chosen: list[str] = []
    while left and len(chosen) < size:
        chosen += chance.choices(list(left), list(left.values()))
        del left[chosen[-1]]
    return chosen


def _filters(articles: list[Article]) -> Iterator[Filter]:
    """Filters that let in less and less: by dates, where the articles have any, by a source and an
    author, by ids."""
    total = len(articles)
    dates = sorted(article.date for article in articles if article.date)
    for share in SHARES if dates else ():
        size = max(round(share * len(dates)), 1)
        first = (len(dates) - size) // 2
        since, until = dates[first], dates[first + size - 1]
        kept = sum(since <= one <= until for one in dates)
        yield Filter("dates", {"since": since, "until": until}, kept / total)
    for field in ("source", "author"):
        counted = Counter(getattr(article, field) for article in articles)
        counted.pop(None, None)
        if counted:
            middle, count = counted.most_common()[len(counted) // 2]
            yield Filter(f"one {field}", {f"{field}s": [middle.casefold()]}, count / total)
    for size in dict.fromkeys((max(total // 100, 1), 1)):
        first = (total - size) // 2
        ids = [article.id for article in articles[first : first + size]]
        yield Filter(f"{size} article id{'s' * (size > 1)}", {"articles": ids}, size / total)
