"""A program of its own: writers of one store are killed again and again, and what is left is told.

``python tests/kill_writers.py STORE KILLS WORKERS`` forks a writer that changes the store between
two collections without end, kills it after a random time, and checks the store; so for each kill.
It prints a JSON line ``{"kills", "names", "faults", "files"}``.
"""

import json
import os
import random
import signal
import sys
import time
from pathlib import Path

import index.workers
from index.article import Article
from index.store import open_store, rebuild, update
from index.verify import verify


def articles(changed: str) -> list[Article]:
    """Sixty articles, a third of which hold *changed*; some are not in both collections."""
    return [
        Article(
            f"a{n}",
            f"News {n}",
            f"The ferry {n} sank in 1921. {changed if n % 3 else ''} It rained.",
        )
        for n in range(0 if changed == "One." else 5, 60)
    ]


def main() -> None:
    """Kill, check, tell."""
    store, kills, workers = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3] == "workers"
    if workers:
        index.workers._FEW = index.workers._BATCH = 1000
    collections = []
    for name in ("One.", "Two."):
        folder = store.parent / name[:3]
        folder.mkdir()
        rows = [{"id": a.id, "title": a.title, "text": a.text} for a in articles(name)]
        (folder / "a.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
        collections.append(folder)
    rebuild(collections[0], store)
    chance = random.Random(5)
    names, faults = set(), []
    for _ in range(kills):
        writer = os.fork()
        if not writer:
            while True:
                rebuild(collections[1], store)
                update(store, articles("Two.")[:3], ["a7"])
                rebuild(collections[0], store)
        time.sleep(chance.uniform(0, 1.5 if workers else 0.3))
        os.kill(writer, signal.SIGKILL)
        os.waitpid(writer, 0)
        snapshot = open_store(store)
        names.add(snapshot.name)
        faults += verify(snapshot)
    rebuild(collections[0], store)
    files = sorted(path.suffix for path in (store / "snapshots").iterdir())
    parts = len(open_store(store).parts)
    print(json.dumps({"names": len(names), "faults": faults, "files": files, "parts": parts}))


if __name__ == "__main__":
    main()
