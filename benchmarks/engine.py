"""The index engine beside other engines: how fast it answers, opens and builds, and what it takes.

All engines index the same sentences, made (zipf_text.py) or of a collection, and are asked the same
questions in turn, one thread each, after a warm-up. Printed is Markdown, as docs/benchmarks.md has it;
what the columns mean is said there. With all sizes it takes roughly an hour and a few GB of memory;
an engine whose package is not installed is left out.

    pip install -e ".[benchmarks]"
    python benchmarks/engine.py
    python benchmarks/engine.py --sizes 10000,100000 --picture engine.svg
    python benchmarks/engine.py --articles path/to/articles --engines ours,tantivy
"""

import argparse
import json
import math
import os
import platform
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from itertools import islice
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import engine_corpus  # noqa: E402  # found by the line above
import engine_tables  # noqa: E402
import zipf_text  # noqa: E402
from engine_corpus import Corpus  # noqa: E402
from engines import ENGINES, Engine  # noqa: E402

KINDS = ("plain", "frequent")
JUDGED = 200
WARM_UP = 50
OPENED = 3
ADDED = 6
SAMPLED_EVERY = 0.05
ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1"
)
PACKAGES = "byline numpy numba rank-bm25 bm25s tantivy PyStemmer sentencex".split()


@dataclass(frozen=True, slots=True)
class Asked:
    """The questions of each kind, others to warm up with, and the order in which some are chosen where
    an engine would need more than *patience* seconds for all."""

    questions: dict[str, list[list[str]]]
    warm_up: dict[str, list[list[str]]]
    order: list[int]
    patience: float


def measure(
    corpus: Corpus, engines: Sequence[Engine], options: argparse.Namespace, place: Path
) -> dict[str, Any]:
    """Everything about one size; the indexes stay in *place*, a folder each."""
    seed = "tuning" if options.tuning else "reported"
    order = list(range(min(options.questions, len(corpus.questions[seed]["plain"]))))
    random.Random(5).shuffle(order)
    asked = Asked(
        questions={kind: corpus.questions[seed][kind][: len(order)] for kind in KINDS},
        warm_up={kind: corpus.questions["warm-up"][kind][:WARM_UP] for kind in KINDS},
        order=order,
        patience=options.patience,
    )
    counts = {"articles": corpus.articles, "sentences": corpus.sentences}
    counts |= {"words": corpus.words, "terms": corpus.terms, "analysis": corpus.analysis}
    indexes = {}
    for name in dict.fromkeys(engine.index for engine in engines):
        say(f"{corpus.sentences:,} sentences: building {name}")
        indexes[name] = _built(corpus, ENGINES[name], place / name)
    opened = {}
    for engine in engines:
        say(f"{corpus.sentences:,} sentences: opening {engine.name}")
        questions = corpus.questions["warm-up"]["plain"][:200]
        opened[engine.name] = _opened(engine, place / engine.index, questions)
    found, races = _raced(engines, place, asked)
    for kind in KINDS if "ours" in indexes else ():
        say(f"{corpus.sentences:,} sentences: judging what was found")
        judged = _judged(
            found[kind], asked.questions[kind], order[:JUDGED], place, "rank-bm25" in indexes
        )
        for name, overlap in judged.pop("overlap").items():
            races[kind]["engines"][name]["overlap"] = overlap
        races[kind]["judged"] = judged
    return counts | {"indexes": indexes, "opened": opened, "races": races}


def _built(corpus: Corpus, engine: Engine, place: Path) -> dict[str, Any]:
    """Build one index in a process of its own, and watch its memory."""
    source = corpus.source
    answer, peak = watched_part(
        "build",
        engine=engine.name,
        articles=str(source.articles),
        terms=str(source.terms),
        sentences=source.sentences,
        place=str(place),
    )
    size = sum(file.stat().st_size for file in place.rglob("*") if file.is_file())
    rate = source.sentences / answer["seconds"]
    return {"seconds": answer["seconds"], "rate": rate, "bytes": size, "peak_mb": peak}


def _opened(engine: Engine, place: Path, questions: list[list[str]]) -> dict[str, Any]:
    """Open an index in fresh processes, a few times unless that takes long; the median one."""
    began = time.perf_counter()
    rounds: list[dict[str, Any]] = []
    while not rounds or (len(rounds) < OPENED and time.perf_counter() - began < 20):
        rounds.append(part("open", engine=engine.name, place=str(place), questions=questions))
    return sorted(rounds, key=lambda one: float(one["first"]))[len(rounds) // 2]


def _raced(
    engines: Sequence[Engine], place: Path, asked: Asked
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the engines found, and their figures: times in ms, and ours as a share of each other's on
    the questions that both were asked.

    Ours share one index and would find it in the processor's caches after one another, so each has a
    race of its own against the others, whose figures are those of the first race.
    """
    ours = [engine for engine in engines if engine.is_ours]
    others = [engine for engine in engines if not engine.is_ours]
    found: dict[str, dict[str, Any]] = {kind: {} for kind in KINDS}
    figures: dict[str, Any] = {kind: {"engines": {}, "waited": 0.0} for kind in KINDS}
    for mine in ours or [None]:
        racing = [mine, *others] if mine else others
        say(f"asking {len(asked.order)} questions: {', '.join(one.name for one in racing)}")
        told = part(
            "race",
            engines={engine.name: str(place / engine.index) for engine in racing},
            kinds={
                kind: {"questions": asked.questions[kind], "warm_up": asked.warm_up[kind]}
                for kind in KINDS
            },
            order=asked.order,
            seconds=asked.patience if racing[0] == (ours or others)[0] else asked.patience / 4,
        )
        for kind, race in told.items():
            figures[kind]["waited"] = max(figures[kind]["waited"], race["waited"])
            for name, answers in race["answers"].items():
                if name not in found[kind]:
                    found[kind][name] = answers
                    figures[kind]["engines"][name] = _summary(answers["times"])
                if mine and name != mine.name:
                    ratio = _ratio(race["answers"][mine.name], answers)
                    figures[kind]["engines"][name]["ratio"][mine.name] = ratio
    return found, figures


def _ratio(ours: dict[str, Any], other: dict[str, Any]) -> float:
    """Our p50 as a share of another engine's, on the questions that both were asked."""
    both = set(ours["places"]) & set(other["places"])
    mine, its = (
        sorted(
            seconds
            for place, seconds in zip(one["places"], one["times"], strict=True)
            if place in both
        )
        for one in (ours, other)
    )
    return percentile(mine, 50) / percentile(its, 50)


def _summary(times: list[float]) -> dict[str, Any]:
    took = sorted(times)
    return {
        "asked": len(took),
        "p50": 1000 * percentile(took, 50),
        "p99": 1000 * percentile(took, 99),
        "rate": len(took) / sum(took),
        "ratio": {},
    }


def _judged(
    raced: dict[str, Any], questions: list[list[str]], places: list[int], place: Path, oracle: bool
) -> dict[str, Any]:
    """What ``engine_part.judge`` says of what was found for the questions at *places*."""
    number = {one: str(rank) for rank, one in enumerate(places)}
    found = {
        name: {
            number[one]: list(rows)
            for one, rows in zip(answers["places"], answers["found"], strict=True)
            if one in number
        }
        for name, answers in raced.items()
    }
    return part(
        "judge",
        store=str(place / "ours" / "store"),
        oracle=str(place / "rank-bm25") if oracle else None,
        questions=[questions[one] for one in places],
        found=found,
    )


def measure_filters(corpus: Corpus, store: Path) -> list[dict[str, Any]]:
    """The whole ranking within less and less of the articles: p50 in ms for each filter."""
    say(f"{corpus.sentences:,} sentences: filters")
    questions = corpus.questions["warm-up"]["plain"][:200]
    filters = [{"label": "none", "share": 1.0}]
    filters += [{"label": one.label, "share": one.share} for one in corpus.filters]
    within = [one.within for one in corpus.filters]
    times = part("filtered", store=str(store), questions=questions, filters=within)["times"]
    return [
        one
        | {"p50": 1000 * percentile(sorted(taken), 50), "p99": 1000 * percentile(sorted(taken), 99)}
        for one, taken in zip(filters, times, strict=True)
    ]


def measure_update(corpus: Corpus, store: Path) -> dict[str, Any]:
    """Seconds until one more article is found, in a copy of the store: the first time in a process,
    and the median of those after it."""
    say(f"{corpus.sentences:,} sentences: adding an article")
    rows = [
        row | {"id": f"added-{number}", "text": f"Zwolqu{number}x said so. {row['text']}"}
        for number, row in enumerate(islice(zipf_text.articles(10_000, seed=9), ADDED))
    ]
    copy = store.parent / "copy"
    shutil.copytree(store, copy)
    try:
        first, *others = part("update", store=str(copy), rows=rows)["times"]
    finally:
        shutil.rmtree(copy)
    return {"first": first, "p50": percentile(sorted(others), 50), "most": max(others)}


def part(name: str, **told: Any) -> dict[str, Any]:
    """What one part, run in a process of its own, answers."""
    with _started(name, told) as (process, answer):
        process.wait()
        return answer()


def watched_part(name: str, **told: Any) -> tuple[dict[str, Any], float | None]:
    """What one part answers, and the most memory that it and its children held together, in MB;
    pages that they share count once. None where the system does not say."""
    peak = 0.0
    with _started(name, told) as (process, answer):
        while process.poll() is None:
            began = time.perf_counter()
            peak = max(peak, sum(map(_held_by, _family(process.pid))))
            # Looking costs the watched process time as well, the more the larger it is.
            time.sleep(max(SAMPLED_EVERY, 20 * (time.perf_counter() - began)))
        return answer(), peak or None


@contextmanager
def _started(name: str, told: dict[str, Any]) -> Iterator[Any]:
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as out:
        said.write(json.dumps(told | {"part": name}).encode())
        said.seek(0)
        process = subprocess.Popen(
            [sys.executable, str(HERE / "engine_part.py")],
            stdin=said,
            stdout=out,
            env=os.environ | ONE_THREAD,
        )

        def answer() -> Any:
            if process.returncode:
                raise SystemExit(f"the part {name} failed; what it was told: {str(told)[:300]}")
            out.seek(0)
            return json.loads(out.read().splitlines()[-1])

        try:
            yield process, answer
        finally:
            process.kill()
            process.wait()


def _family(pid: int) -> list[int]:
    """A process and all that descend from it."""
    try:
        threads = list(Path(f"/proc/{pid}/task").iterdir())
        children = " ".join((thread / "children").read_text("ascii") for thread in threads)
    except OSError:  # it has ended, or there is no such file system
        children = ""
    return [pid, *(other for child in children.split() for other in _family(int(child)))]


def _held_by(pid: int) -> float:
    """The memory of a process in MB; what it shares with n processes counts an n-th."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) / 1e3 for line in lines if line.startswith("Pss:"))


def percentile(ordered: Sequence[float], percent: float) -> float:
    """The nearest-rank percentile of ascending values."""
    return ordered[max(math.ceil(len(ordered) * percent / 100), 1) - 1]


def machine() -> dict[str, Any]:
    """What this is measured on."""
    told = {}
    for file, key, name in (
        ("/proc/cpuinfo", "model name", "processor"),
        ("/proc/meminfo", "MemTotal", "memory"),
    ):
        if Path(file).is_file():
            lines = Path(file).read_text(encoding="utf-8").splitlines()
            found = [line.split(":", 1)[1].strip() for line in lines if line.startswith(key)]
            told[name] = found[0] if found else "unknown"
    memory = told.get("memory", "").removesuffix(" kB")
    versions = {"SQLite": _sqlite_version()}
    for package in PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            continue
    return {
        "processor": told.get("processor") or platform.processor() or platform.machine(),
        "cores": len(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else os.cpu_count(),
        "memory_gb": round(int(memory) / 2**20) if memory.isdecimal() else None,
        "system": f"{platform.system()} {platform.release().split('-')[0]}",
        "python": platform.python_version(),
        "versions": versions,
    }


def _sqlite_version() -> str:
    import sqlite3

    return sqlite3.sqlite_version


def say(text: str) -> None:
    """Say how far it is, beside what is printed for the documentation."""
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr)


def chosen_engines(names: str | None) -> list[Engine]:
    """The engines to measure; those of which nobody said that they should be, if installed."""
    if names:
        unknown = sorted(set(names.split(",")) - ENGINES.keys())
        if unknown:
            raise SystemExit(f"no engine {unknown[0]}; there are {', '.join(ENGINES)}")
        named = [ENGINES[name] for name in dict.fromkeys(names.split(","))]
        if missing := [engine.label for engine in named if not engine.installed]:
            raise SystemExit(f"not installed: {', '.join(missing)}")
        return named
    for engine in ENGINES.values():
        if not engine.installed:
            say(f"{engine.label} is not installed and left out")
    return [engine for engine in ENGINES.values() if engine.installed]


def run(options: argparse.Namespace, cache: Path, place: Path) -> dict[str, Any]:
    """Measure all sizes; the indexes of the largest stay until the end."""
    engines = chosen_engines(options.engines)
    sizes = sorted({int(size) for size in options.sizes.split(",")})
    say("making and analysing the articles")
    if options.articles:
        corpora = engine_corpus.real(cache, options.articles, sizes)
    else:
        corpora = [engine_corpus.made(cache, size) for size in sizes]
    measured = []
    for number, corpus in enumerate(corpora):
        folder = place / str(number)
        measured.append(measure(corpus, engines, options, folder))
        if number < len(corpora) - 1:
            shutil.rmtree(folder)
    result = {
        "machine": machine(),
        "articles": "real" if options.articles else "made",
        "questions": "tuning" if options.tuning else "reported",
        "engines": {one.name: {"label": one.label, "note": one.note} for one in engines},
        "sizes": measured,
    }
    if any(engine.is_ours for engine in engines):
        store = place / str(len(corpora) - 1) / "ours" / "store"
        result["filters"] = measure_filters(corpora[-1], store)
        result["update"] = measure_update(corpora[-1], store)
    return result


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--sizes", default="10000,100000,1000000", help="sentences, with commas")
    parser.add_argument("--articles", type=Path, help="a collection instead of made text")
    parser.add_argument("--questions", type=int, default=1000)
    parser.add_argument("--engines", help=", ".join(ENGINES))
    parser.add_argument(
        "--tuning", action="store_true", help="ask questions that are never reported"
    )
    parser.add_argument(
        "--patience", type=float, default=100, help="seconds of questions per engine, size and kind"
    )
    parser.add_argument("--cache", type=Path, help="a folder that keeps the articles for next time")
    parser.add_argument("--picture", type=Path, help="where to draw p50 against the size (.svg)")
    parser.add_argument("--json", type=Path, help="where to write all figures")
    parser.add_argument(
        "--again", type=Path, help="print the figures of such a file, measure nothing"
    )
    options = parser.parse_args()
    if options.again:
        result = json.loads(options.again.read_text(encoding="utf-8"))
    else:
        with tempfile.TemporaryDirectory(prefix="byline-engines-") as place:
            cache = options.cache or Path(place) / "cache"
            result = run(options, cache, Path(place))
    print(engine_tables.markdown(result))
    if options.json:
        options.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    if options.picture:
        engine_tables.draw(result, options.picture)
    return 0


if __name__ == "__main__":
    sys.exit(main())
