"""Workers: processes that analyse articles and write their segments beside each other.

A worker is this module run as a program. It reads batches of articles from its input and answers
each when it is done, at last with the path of their segment; it ends when its input does, so none
outlives a parent that is killed.
"""

import gc
import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

from index.article import Article
from index.build import Builder
from index.errors import UnusableInput

_BATCH = 1 << 19
"""Characters of text that are handed over at a time."""
_FEW = 1 << 20
"""Characters that one process analyses sooner than others could be started."""
_BYTES_EACH = 10
"""Memory that a segment takes for each character of its articles while it is made, measured."""
_BYTES_AT_FIRST = 100 << 20
"""Memory that a process takes before it has read anything, and what is on its way to it."""


@dataclass(slots=True)
class _Worker:
    """A process, and how many characters of articles it holds that are in no segment yet."""

    process: "subprocess.Popen[bytes]"
    holds: int = 0


def build_segments(
    articles: Iterable[Article], folder: Path, memory: int, progress: Callable[[int], None]
) -> list[Path]:
    """Write segments of *articles* into *folder* and give their paths.

    Few articles are analysed here, more by one process a core, which take about *memory* bytes
    together. *progress* is told of each number of articles that are done. Raises OSError where the
    disk refuses, UnusableInput where a process is killed.
    """
    batches = _batches(articles)
    begun = list(islice(batches, _FEW // _BATCH + 1))
    if len(begun) <= _FEW // _BATCH:
        builder = Builder()
        for article in chain.from_iterable(begun):
            builder.add(article)
            progress(1)
        return [builder.write(folder)] if builder.articles else []
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    workers = max(min(cores or 1, memory // (2 * _BYTES_AT_FIRST) - 1), 1)
    most = max(memory - _BYTES_AT_FIRST * (workers + 1), 0) // workers // _BYTES_EACH
    paths: list[Path] = []
    # In this order: processes that are stopped let their threads go.
    with ThreadPoolExecutor(workers) as threads, _started(workers, folder) as processes:
        free = [_Worker(process) for process in processes]
        busy: dict[Future[Path | None], tuple[_Worker, int]] = {}

        def wait_for_one() -> None:
            done, _ = wait(busy, return_when=FIRST_COMPLETED)
            for one in done:
                worker, count = busy.pop(one)
                if path := one.result():
                    paths.append(path)
                progress(count)
                free.append(worker)

        for batch in chain(begun, batches):
            while not free:
                wait_for_one()
            worker = free.pop()
            worker.holds += sum(len(article.text) for article in batch)
            finish = worker.holds >= most
            if finish:
                worker.holds = 0
            busy[threads.submit(_told, worker.process, batch, finish)] = worker, len(batch)
        while busy:
            wait_for_one()
        for worker in free:
            if worker.holds:
                busy[threads.submit(_told, worker.process, [], finish=True)] = worker, 0
        while busy:
            wait_for_one()
    return paths


def _batches(articles: Iterable[Article]) -> Iterator[list[Article]]:
    """*articles* in lists of about as many characters."""
    batch: list[Article] = []
    size = 0
    for article in articles:
        batch.append(article)
        size += len(article.text)
        if size >= _BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


@contextmanager
def _started(workers: int, folder: Path) -> Iterator[list["subprocess.Popen[bytes]"]]:
    """Workers that are waiting for work; they are stopped in the end, whatever happens."""
    # A session of their own keeps Ctrl-C from them: whoever started them stops them.
    processes = [
        subprocess.Popen(  # noqa: S603  # this module, run by this interpreter
            [sys.executable, "-m", __name__, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )
        for _ in range(workers)
    ]
    try:
        yield processes
    finally:
        for process in processes:
            process.kill()
            process.communicate()


def _told(process: "subprocess.Popen[bytes]", batch: list[Article], finish: bool) -> Path | None:
    """Have a worker analyse *batch*; where it is to *finish*, the segment of all that it holds."""
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        pickle.dump((batch, finish), process.stdin, pickle.HIGHEST_PROTOCOL)
        process.stdin.flush()
        answer: Path | OSError | None = pickle.load(process.stdout)  # noqa: S301  # from a process of ours
    except (BrokenPipeError, EOFError):
        raise UnusableInput(
            "a process that analysed articles was stopped, perhaps for want of memory; BYLINE_MEMORY"
            " says how much may be used"
        ) from None
    if isinstance(answer, OSError):
        raise answer
    return answer


def main() -> None:
    """Analyse what comes until no more does."""
    gc.disable()  # nothing here is made of cycles, and looking for them takes a tenth of the time
    folder = Path(sys.argv[1])
    builder = Builder()
    while True:
        try:
            batch, finish = pickle.load(sys.stdin.buffer)  # noqa: S301  # from our parent
        except EOFError:
            return
        for article in batch:
            builder.add(article)
        answer: Path | OSError | None = None
        if finish:
            try:
                answer = builder.write(folder)
            except OSError as error:
                answer = error
            builder = Builder()
        pickle.dump(answer, sys.stdout.buffer)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    # Whoever started it may be gone; then nobody waits for the rest.
    with suppress(BrokenPipeError):
        main()
    os._exit(0)  # a closed output cannot be flushed
