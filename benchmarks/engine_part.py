"""One part of the engine's benchmark, in a process of its own: what is measured starts fresh, and what
one engine holds in memory is not another's.

The part is told on standard input as JSON, ``{"part": "open", ...}``, and answers with JSON on the
last line of its output. Nothing is imported before it is needed, since how long that takes is measured too.
"""

import gc
import json
import random
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from engines import ENGINES, Source, Top  # noqa: E402  # found by the line above

K = 10
LONGEST = 20
SLOW = 0.01
"""Seconds for a question beyond which it hardly matters what the caches held."""
TIE = 1e-9
"""What a score may lack of the tenth best and still count as equal, relative."""


def build(engine: str, articles: str, terms: str, sentences: int, place: str) -> dict[str, Any]:
    """Build an index; seconds."""
    source = Source(Path(articles), Path(terms), sentences)
    Path(place).mkdir(parents=True)
    for module in ENGINES[engine].modules:
        import_module(module)
    return {"seconds": ENGINES[engine].build(source, Path(place))}


def open_fresh(engine: str, place: str, questions: list[list[str]]) -> dict[str, Any]:
    """Open an index and ask: seconds of importing, seconds until the first answer, memory then and
    after all questions, or those that fit into LONGEST seconds."""
    began = time.perf_counter()
    for module in ENGINES[engine].modules:
        import_module(module)
    imported = time.perf_counter()
    top = ENGINES[engine].open(Path(place))
    top(questions[0], K)
    answered = time.perf_counter()
    first = memory()
    for question in questions[1:]:
        if time.perf_counter() - answered > LONGEST:
            break
        top(question, K)
    return {
        "import": imported - began,
        "first": answered - imported,
        "memory_first": first,
        "memory_all": memory(),
    }


def race(
    engines: dict[str, str],
    kinds: dict[str, dict[str, list[list[str]]]],
    order: list[int],
    seconds: float,
) -> dict[str, Any]:
    """Ask all engines the questions of each kind in turn; see ``_in_turn``."""
    tops = {name: ENGINES[name].open(Path(place)) for name, place in engines.items()}
    gc.collect()
    gc.freeze()  # what the engines hold need not be looked through while they are timed
    return {
        kind: _in_turn(tops, **asked, order=order, seconds=seconds) for kind, asked in kinds.items()
    }


def _in_turn(
    tops: dict[str, Top],
    questions: list[list[str]],
    warm_up: list[list[str]],
    order: list[int],
    seconds: float,
) -> dict[str, Any]:
    """Ask all engines the same questions in turn: for each engine the places of its questions, and
    the seconds and the sentences found for each. ``waited`` is the share of those seconds in which
    nothing was computed, since the machine did something else.

    Before each question an engine gets another one, not timed: the caches hold what the engine before
    it needed, which in a program of its own would not be so. An engine whose questions would take
    longer than *seconds* is asked the first so many of *order*.
    """
    per_question = {name: _warm(top, warm_up, seconds) for name, top in tops.items()}
    asked = {name: set(order[: max(int(seconds / took), K)]) for name, took in per_question.items()}
    times: dict[str, list[float]] = {name: [] for name in tops}
    places: dict[str, list[int]] = {name: [] for name in tops}
    found: dict[str, list[list[int]]] = {name: [] for name in tops}
    names = list(tops)
    chance = random.Random(3)
    waited = 0.0
    for place, question in enumerate(questions):
        chance.shuffle(names)
        for name in names:
            if place not in asked[name]:
                continue
            top = tops[name]
            if per_question[name] < SLOW:
                top(warm_up[place % len(warm_up)], K)
            worked, began = time.process_time(), time.perf_counter()
            numbers = top(question, K)
            took, worked = time.perf_counter() - began, time.process_time() - worked
            waited += max(took - worked, 0)
            times[name].append(took)
            places[name].append(place)
            found[name].append([int(number) for number in numbers])
    return {
        "waited": waited / sum(map(sum, times.values())),
        "answers": {
            name: {"times": times[name], "places": places[name], "found": found[name]}
            for name in tops
        },
    }


def _warm(top: Top, warm_up: list[list[str]], seconds: float) -> float:
    """Ask one engine other questions, for a tenth of *seconds* at most; how long one takes."""
    top(warm_up[0], K)
    began, asked = time.perf_counter(), 0
    while asked < len(warm_up) and time.perf_counter() - began < seconds / 10:
        top(warm_up[asked], K)
        asked += 1
    return (time.perf_counter() - began) / asked


def judge(
    store: str, oracle: str | None, questions: list[list[str]], found: dict[str, dict[str, Any]]
) -> dict[str, Any]:
    """What the engines found against the exact lists: mean share of the ten best for each.

    A sentence counts where its exact score is not below the tenth's, so any choice among ties is
    right. Said too are for how many questions our compiled and our pure form agree to the last bit,
    and how far our scores are from rank-bm25's, relative.
    """
    import pickle

    import numpy as np

    from index.ranking import best_plain
    from index.search import best
    from index.store import open_store

    snapshot = open_store(Path(store))
    bm25 = snapshot.bm25["sentence"]
    overlaps: dict[str, list[float]] = {name: [] for name in found}
    same = {"sentences": 0, "ranking": 0}
    for place, question in enumerate(questions):
        exact = np.asarray(bm25.get_scores(question))
        size = min(K, int((exact > 0).sum()))
        if not size:
            continue
        least = np.partition(exact, -size)[-size] * (1 - TIE)
        plain = best(snapshot, question, K, rank=best_plain)
        for name, rows in found.items():
            if str(place) not in rows:
                continue
            numbers = set(rows[str(place)])
            if "ranking" in name:
                right = len(numbers & set(plain[0].tolist()))
            else:
                right = sum(bool(exact[number] >= least) for number in numbers)
            overlaps[name].append(right / size)
        same["sentences"] += _equal(bm25.top(question, K), bm25.top_plain(question, K))
        same["ranking"] += _equal(best(snapshot, question, K), plain)
    apart = 0.0
    if oracle:
        with open(Path(oracle) / "index.pickle", "rb") as file:
            law = pickle.load(file)
        for question in questions[:5]:
            expected = law.get_scores(question)
            differs = np.abs(np.asarray(bm25.get_scores(question)) - expected)
            apart = max(apart, float((differs / np.maximum(expected, TIE)).max()))
    return {
        "overlap": {name: sum(rows) / len(rows) for name, rows in overlaps.items() if rows},
        "judged": len(questions),
        "same": same,
        "apart": apart if oracle else None,
    }


def _equal(one: Any, other: Any) -> bool:
    """Whether two lists of numbers and scores are the same to the last bit."""
    return all(a.tobytes() == b.astype(a.dtype).tobytes() for a, b in zip(one, other, strict=True))


def filtered(
    store: str, questions: list[list[str]], filters: list[dict[str, Any]]
) -> dict[str, Any]:
    """Seconds of the whole ranking for each question, within nothing and within each filter."""
    from index.search import EVERYWHERE, Within, best
    from index.store import open_store

    snapshot = open_store(Path(store))
    within = [EVERYWHERE] + [
        Within(**{k: frozenset(v) if isinstance(v, list) else v for k, v in one.items()})
        for one in filters
    ]
    for one in within:
        for question in questions[:20]:
            best(snapshot, question, K, within=one)
    times: list[list[float]] = [[] for _ in within]
    for question in questions:
        for one, taken in zip(within, times, strict=True):
            began = time.perf_counter()
            best(snapshot, question, K, within=one)
            taken.append(time.perf_counter() - began)
    return {"times": times}


def update(store: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Seconds from handing over one article until it is found, for each of *rows*; each has a word
    of its own, which it begins with."""
    from index.article import Article
    from index.store import open_store
    from index.store import update as take_in
    from index.terms import terms_of

    times = []
    for row in rows:
        article = Article(**row)
        word = terms_of(article.text)[:1]
        began = time.perf_counter()
        take_in(Path(store), [article])
        snapshot = open_store(Path(store))
        numbers, _ = snapshot.bm25["sentence"].top(word, 1)
        times.append(time.perf_counter() - began)
        if not len(numbers):
            raise AssertionError(f"{article.id} is not found")
    return {"times": times}


def memory() -> dict[str, float]:
    """Resident memory of this process in MB: anonymous, and of mapped files."""
    rollup = Path("/proc/self/smaps_rollup")
    if not rollup.exists():
        return {}
    lines = rollup.read_text(encoding="ascii").splitlines()[1:]
    sizes = {name: int(size.split()[0]) / 1e3 for name, size in (x.split(":") for x in lines)}
    return {"anonymous": sizes["Anonymous"], "files": sizes["Rss"] - sizes["Anonymous"]}


PARTS = {
    "build": build,
    "open": open_fresh,
    "race": race,
    "judge": judge,
    "filtered": filtered,
    "update": update,
}

if __name__ == "__main__":
    told = json.load(sys.stdin)
    print(json.dumps(PARTS[told.pop("part")](**told)))
