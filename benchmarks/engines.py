"""The engines that are measured, ours and others', behind one small adapter each.

All are given the same terms, those of ``index.terms``, so that they differ in the engine alone. What
an engine needs is imported when it is used: how long that takes is measured too.
"""

import pickle
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from sys import intern
from typing import Any

Top = Callable[[list[str], int], Any]
"""The numbers of the best sentences for some terms, best first."""


@dataclass(frozen=True, slots=True)
class Source:
    """What an index is built from: a folder of articles, the same sentences' terms (a line each, a
    space between two), and how many sentences there are."""

    articles: Path
    terms: Path
    sentences: int


@dataclass(frozen=True, slots=True)
class Engine:
    """An engine: the ``modules`` that it needs, how its index is built in a folder and opened.

    Engines with the same ``index`` share one. ``build`` returns the seconds that count. ``note`` says
    in a few words what a reader of the figures should know.
    """

    name: str
    label: str
    index: str
    modules: tuple[str, ...]
    build: Callable[[Source, Path], float]
    open: Callable[[Path], Top]
    note: str

    @property
    def is_ours(self) -> bool:
        return self.index == "ours"

    @property
    def installed(self) -> bool:
        return all(find_spec(module) for module in self.modules)


def build_ours(source: Source, place: Path) -> float:
    from index.store import rebuild

    began = time.perf_counter()
    report = rebuild(source.articles, place / "store")
    seconds = time.perf_counter() - began
    if report.counts.sentences != source.sentences:
        raise AssertionError(f"{report.counts.sentences} sentences, not {source.sentences}")
    return seconds


def open_sentences(place: Path) -> Top:
    from index.store import open_store

    bm25 = open_store(place / "store").bm25["sentence"]
    return lambda terms, k: bm25.top(terms, k)[0]


def open_sentences_plain(place: Path) -> Top:
    from index.store import open_store

    bm25 = open_store(place / "store").bm25["sentence"]
    return lambda terms, k: bm25.top_plain(terms, k)[0]


def open_ranking(place: Path) -> Top:
    from index.search import best
    from index.store import open_store

    snapshot = open_store(place / "store")
    return lambda terms, k: best(snapshot, terms, k)[0]


def open_ranking_plain(place: Path) -> Top:
    from index.ranking import best_plain
    from index.search import best
    from index.store import open_store

    snapshot = open_store(place / "store")
    return lambda terms, k: best(snapshot, terms, k, rank=best_plain)[0]


def build_rank_bm25(source: Source, place: Path) -> float:
    # With our idf, the one thing that the library does otherwise: so its scores are the exact ones.
    from index.bm25 import PlainBM25

    corpus = _term_lists(source)
    began = time.perf_counter()
    built = PlainBM25(corpus)
    with open(place / "index.pickle", "wb") as file:
        pickle.dump(built, file, protocol=5)
    return time.perf_counter() - began


def open_rank_bm25(place: Path) -> Top:
    with open(place / "index.pickle", "rb") as file:
        built = pickle.load(file)
    numbers = range(built.corpus_size)
    return lambda terms, k: built.get_top_n(terms, numbers, n=k)


def build_bm25s(source: Source, place: Path) -> float:
    from bm25s import BM25

    from index.bm25 import K1, B

    corpus = _term_lists(source)
    began = time.perf_counter()
    built = BM25(k1=K1, b=B, method="lucene", backend="numba")
    built.index(corpus, show_progress=False)
    built.save(place, show_progress=False)
    return time.perf_counter() - began


def open_bm25s(place: Path) -> Top:
    from bm25s import BM25

    built = BM25.load(place, mmap=True, show_progress=False)

    def top(terms: list[str], k: int) -> Any:
        return built.retrieve(
            [terms], k=k, show_progress=False, n_threads=0, backend_selection="numba"
        ).documents[0]

    return top


def build_tantivy(source: Source, place: Path) -> float:
    import tantivy

    began = time.perf_counter()
    fields = tantivy.SchemaBuilder()
    # As many positions as ours: none. The number is a column, quicker to fetch than a stored field.
    fields.add_text_field("text", stored=False, tokenizer_name="terms", index_option="freq")
    fields.add_unsigned_field("number", fast=True)
    built = _tantivy(tantivy.Index(fields.build(), path=str(place)))
    # One thread with room for everything writes one segment, the quickest to search.
    writer = built.writer(heap_size=2_000_000_000, num_threads=1)
    with open(source.terms, encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            document = tantivy.Document()
            document.add_text("text", line.rstrip("\n"))
            document.add_unsigned("number", number)
            writer.add_document(document)
    writer.commit()
    writer.wait_merging_threads()
    return time.perf_counter() - began


def open_tantivy(place: Path) -> Top:
    import tantivy

    built = _tantivy(tantivy.Index.open(str(place)))
    searcher, schema = built.searcher(), built.schema
    any_of, one = tantivy.Occur.Should, tantivy.Query.term_query

    def top(terms: list[str], k: int) -> Any:
        query = tantivy.Query.boolean_query(
            [(any_of, one(schema, "text", term, index_option="freq")) for term in terms]
        )
        # Counting all that match would forbid it to skip any.
        found = searcher.search(query, limit=k, count=False).hits
        return searcher.fast_field_values("number", [address for _, address in found])

    return top


def _tantivy(built: Any) -> Any:
    from tantivy import TextAnalyzerBuilder, Tokenizer

    built.register_tokenizer("terms", TextAnalyzerBuilder(Tokenizer.whitespace()).build())
    return built


def build_fts5(source: Source, place: Path) -> float:
    began = time.perf_counter()
    built = _sqlite(place)
    # Without texts of its own; a dot and an apostrophe stand within terms.
    built.execute(
        "CREATE VIRTUAL TABLE sentence USING fts5(terms, content='', tokenize="
        "\"unicode61 remove_diacritics 0 tokenchars '.'''\")"
    )
    with built, open(source.terms, encoding="utf-8") as lines:
        built.executemany("INSERT INTO sentence (rowid, terms) VALUES (?, ?)", enumerate(lines))
    with built:
        built.execute("INSERT INTO sentence (sentence) VALUES ('optimize')")
    built.execute("VACUUM")
    built.close()
    return time.perf_counter() - began


def open_fts5(place: Path) -> Top:
    built = _sqlite(place)

    def top(terms: list[str], k: int) -> Any:
        query = " OR ".join(f'"{term}"' for term in terms)
        # The documentation's quickest way; rank is bm25().
        found = built.execute(
            "SELECT rowid FROM sentence WHERE sentence MATCH ? ORDER BY rank LIMIT ?", (query, k)
        )
        return [number for (number,) in found]

    return top


def _sqlite(place: Path) -> Any:
    import sqlite3

    built = sqlite3.connect(place / "index.sqlite")
    built.execute("PRAGMA mmap_size = 8000000000")  # maps, as the others do, instead of copying
    return built


def _term_lists(source: Source) -> list[list[str]]:
    """The terms of every sentence; equal terms are one string, as an analyser would hand them out."""
    with open(source.terms, encoding="utf-8") as lines:
        return [list(map(intern, line.split())) for line in lines]


_OURS = ("index.store", "index.search")
ENGINES = {
    engine.name: engine
    for engine in (
        Engine(
            "ours", "Byline, sentences", "ours", _OURS, build_ours, open_sentences,
            "exact BM25 of sentences",
        ),
        Engine(
            "ours-ranking", "Byline, whole ranking", "ours", _OURS, build_ours, open_ranking,
            "exact; adds paragraph, article and title",
        ),
        Engine(
            "ours-plain", "Byline, sentences, NumPy", "ours", _OURS, build_ours,
            open_sentences_plain, "the pure form, same bits",
        ),
        Engine(
            "ours-ranking-plain", "Byline, whole ranking, NumPy", "ours", _OURS, build_ours,
            open_ranking_plain, "the pure form, same bits",
        ),
        Engine(
            "bm25s", "bm25s, Numba", "bm25s", ("bm25s", "numba"), build_bm25s, open_bm25s,
            "scores computed when it is built, in 32 bits; mapped",
        ),
        Engine(
            "tantivy", "tantivy", "tantivy", ("tantivy",), build_tantivy, open_tantivy,
            "its own k1 1.2 and b 0.75, lengths in one byte; skips what cannot win",
        ),
        Engine(
            "fts5", "SQLite FTS5", "fts5", ("sqlite3",), build_fts5, open_fts5,
            "its own k1 1.2 and b 0.75; contentless, optimised",
        ),
        Engine(
            "rank-bm25", "rank-bm25", "rank-bm25", ("rank_bm25", "index.bm25"), build_rank_bm25,
            open_rank_bm25, "exact; opened from a pickle",
        ),
    )
}  # fmt: skip
