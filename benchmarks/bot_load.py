"""The bot under load, beside the library alone, in one run on one machine.

A real bot process answers a small Discord on the loopback (tests/discord_server.py) from a made
collection. Printed are how soon questions are acknowledged and answered, how long the bot's event loop
was ever held up, and how its speed compares with ``index.ask`` on the same cores; with --minutes, how
memory and open tasks behave under mixed load with snapshots swapped.

    python benchmarks/bot_load.py
    python benchmarks/bot_load.py --minutes 30
"""

import argparse
import asyncio
import json
import os
import platform
import random
import resource
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "tests"), str(HERE.parent)]

import made_articles  # noqa: E402  # found by the line above
from discord_server import MANAGE_GUILD, ORDINARY, USER, DiscordServer, Exchange  # noqa: E402

from bot.catalogue_cards import percentile  # noqa: E402
from index.ask import ask  # noqa: E402
from index.store import open_store, rebuild  # noqa: E402

WAIT = 600.0
ROUNDS = 3


class Bench:
    """A running bot, the server it answers to, and where it and a bare loop beside it write how
    they feel."""

    def __init__(self, server: DiscordServer, feels: Path, bare: Path) -> None:
        self.server = server
        self._feels = feels
        self._bare = bare

    def feels(self) -> dict[str, float]:
        """What probed.py last saw in the bot: its loop's longest hold-up in ms since it was told to
        forget, its resident memory in MB, its tasks."""
        said: dict[str, float] = json.loads(self._feels.read_text(encoding="utf-8"))
        return said

    def held_up(self) -> str:
        """The longest hold-up of the bot's loop, and that of a loop with nothing to do."""
        bare = json.loads(self._bare.read_text(encoding="utf-8"))["longest_ms"]
        ours = self.feels()["longest_ms"]
        return f"loop held up {ours:.0f} ms at most (a bare loop beside it {bare:.0f} ms)"

    async def forget(self) -> None:
        """Let the probes begin anew, once they have written again."""
        for path in (self._feels, self._bare):
            path.with_suffix(".forget").touch()
            while path.with_suffix(".forget").exists():
                await asyncio.sleep(0.05)

    async def asked(self, question: str, number: int = 0) -> Exchange:
        """A question, sent; each *number* is another person."""
        return await self.server.slash("ask", {"question": question}, user=USER + number)


@asynccontextmanager
async def bench(store: Path, place: Path, keep: int = 10_000) -> AsyncIterator[Bench]:
    """A bot that answers from *store*."""
    feels, bare = place / "feels.json", place / "bare.json"
    async with DiscordServer(keep=keep) as server:
        clean = {
            name: value for name, value in os.environ.items() if not name.startswith("BYLINE_")
        }
        env = clean | server.environment()
        env |= {"BYLINE_STORE": str(store), "BYLINE_DATA": str(place / "data")}
        env |= {"BYLINE_QUESTIONS_PER_MINUTE": "0", "PROBE": str(feels)}
        probed = [sys.executable, str(HERE / "probed.py")]
        quiet = asyncio.subprocess.DEVNULL
        processes = [
            await asyncio.create_subprocess_exec(*probed, "bot", env=env, stderr=quiet),
            await asyncio.create_subprocess_exec(*probed, env=env | {"PROBE": str(bare)}),
        ]
        await server.connected(timeout=60)
        try:
            yield Bench(server, feels, bare)
        finally:
            for process in processes:
                process.terminate()
                await process.wait()
            for line in server.refused[:10]:
                print(f"refused: {line}")


async def answered(exchanges: Sequence[Exchange]) -> list[float]:
    """Seconds from question to answer of each, once all are answered."""
    loop = asyncio.get_running_loop()

    async def one(exchange: Exchange) -> float:
        await exchange.answered(timeout=WAIT)
        return loop.time() - exchange.sent

    return await asyncio.gather(*map(one, exchanges))


def acknowledged(exchanges: Sequence[Exchange]) -> list[float]:
    """Seconds from question to acknowledgement of each, in order of size."""
    return sorted(one.acknowledged_after or WAIT for one in exchanges)


async def at_once(bot: Bench, questions: Sequence[str], articles: Path, other: Path) -> None:
    """200 questions at the same moment, without and with a rebuild running beside them."""
    for beside in (False, True):
        await bot.forget()
        rebuilding = None
        if beside:
            words = ("rebuild", str(articles), "--store", str(other))
            rebuilding = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "index", *words, stdout=asyncio.subprocess.DEVNULL
            )
        began = time.perf_counter()
        chosen = [questions[number % len(questions)] for number in range(200)]
        exchanges = [await bot.asked(one, number) for number, one in enumerate(chosen)]
        await answered(exchanges)
        seconds = time.perf_counter() - began
        acks = acknowledged(exchanges)
        print(
            f"200 at once{', a rebuild beside' if beside else ''}: acknowledged within"
            f" {1000 * acks[-1]:.0f} ms (p50 {1000 * percentile(acks, 50):.0f}), all answered after"
            f" {seconds:.1f} s; {bot.held_up()}"
        )
        if rebuilding:
            rebuilding.terminate() if rebuilding.returncode is None else None
            await rebuilding.wait()


async def in_flight(bot: Bench, questions: Sequence[str], width: int) -> tuple[float, float]:
    """Questions with *width* of them under way at any time: p50 of an answer in seconds, and
    answers in a second."""
    await bot.forget()
    waiting = list(questions)
    exchanges: list[Exchange] = []
    times: list[float] = []

    async def person(number: int) -> None:
        while waiting:
            exchange = await bot.asked(waiting.pop(), number)
            exchanges.append(exchange)
            times.extend(await answered([exchange]))

    began = time.perf_counter()
    await asyncio.gather(*map(person, range(width)))
    rate = len(questions) / (time.perf_counter() - began)
    acks = acknowledged(exchanges)
    times.sort()
    print(
        f"{width} in flight: acknowledged p50 {1000 * percentile(acks, 50):.0f} ms,"
        f" p99 {1000 * percentile(acks, 99):.0f} ms; answered p50"
        f" {1000 * percentile(times, 50):.0f} ms, p99 {1000 * percentile(times, 99):.0f} ms;"
        f" {rate:.1f} answers a second; {bot.held_up()}"
    )
    return percentile(times, 50), rate


def library_alone(store: Path, questions: Sequence[str], threads: int) -> tuple[float, float]:
    """p50 of ``index.ask`` in seconds, and answers in a second with so many threads."""
    snapshot = open_store(store)
    ask(snapshot, questions[0])

    def timed(question: str) -> float:
        began = time.perf_counter()
        ask(snapshot, question)
        return time.perf_counter() - began

    began = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        times = sorted(pool.map(timed, questions))
    rate = len(questions) / (time.perf_counter() - began)
    print(
        f"library, {threads} thread{'s' if threads > 1 else ''}: answered p50"
        f" {1000 * percentile(times, 50):.0f} ms, {rate:.1f} answers a second"
    )
    return percentile(times, 50), rate


async def soak(
    bot: Bench, questions: Sequence[str], sources: Sequence[Path], minutes: float
) -> None:
    """Mixed load for so many minutes, the snapshot swapped every ten seconds."""
    chance = random.Random(7)
    until = time.monotonic() + 60 * minutes
    sent = 0
    await bot.forget()
    idle = bot.feels()["tasks"]
    manager: Any = {"permissions": ORDINARY | MANAGE_GUILD}

    async def person(number: int) -> None:
        nonlocal sent
        while time.monotonic() < until:
            exchange = await bot.asked(chance.choice(questions), number)
            message = await exchange.answered(timeout=WAIT)
            labels = [one["label"] for row in message["components"] for one in row["components"]]
            for label in chance.sample(labels, 2):
                await (await bot.server.press(message, label)).answered(timeout=WAIT)
            command, options = chance.choice(
                [("sources", {}), ("status", {}), ("article", {"article": "news-1"})]
            )
            await (await bot.server.slash(command, options, **manager)).answered(timeout=WAIT)
            typed = await bot.server.autocomplete("ask", {"question": "x", "article": "News 1"})
            await typed.acknowledged(timeout=WAIT)
            sent += 5

    async def swap() -> None:
        number = 0
        while time.monotonic() < until:
            number += 1
            words = ("rebuild", str(sources[number % 2]), "--store", str(sources[2]))
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "index", *words, stdout=asyncio.subprocess.DEVNULL
            )
            await process.wait()
            await asyncio.sleep(10)

    async def watch() -> list[dict[str, float]]:
        seen = []
        while time.monotonic() < until:
            await asyncio.sleep(min(15, 60 * minutes / 20))
            seen.append(bot.feels())
        return seen

    *_, seen = await asyncio.gather(*map(person, range(4)), swap(), watch())
    await asyncio.sleep(1)
    warm = seen[len(seen) // 3]  # a third of the time is warm-up
    last = bot.feels()
    growth = last["memory_mb"] / warm["memory_mb"] - 1
    unanswered = len(bot.server.unanswered())
    print(
        f"{minutes:g} minutes of mixed load, {sent} interactions, a new snapshot every ten seconds and"
        f" more: memory {warm['memory_mb']:.0f} MB after warm-up, {last['memory_mb']:.0f} MB at the"
        f" end ({100 * growth:+.1f} %), {last['tasks']:.0f} tasks left (before:"
        f" {idle:.0f}), {unanswered} unanswered, {bot.held_up()}"
    )
    # The first minutes fill what is filled once, such as the memory of the model.
    grown = minutes >= 10 and growth > 0.05
    return not (grown or unanswered or last["tasks"] > idle)


def machine() -> str:
    """What this was measured on."""
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.is_file():
        named = [line for line in info.read_text().splitlines() if line.startswith("model name")]
        model = named[0].split(":", 1)[1].strip() if named else model
    packages = ", ".join(
        f"{name} {version(name)}" for name in ("byline", "discord.py", "onnxruntime", "numpy")
    )
    return f"{cores()} cores of {model}; Python {platform.python_version()}; {packages}"


def cores() -> int:
    """Those that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


async def measure(options: argparse.Namespace, place: Path) -> bool:
    articles, store = place / "articles", place / "store"
    questions = made_articles.write(articles, options.sentences)
    report = rebuild(articles, store)
    random.Random(3).shuffle(questions)
    print(f"{machine()}\n{report.counts.sentences} sentences, {len(questions)} questions")
    async with bench(store, place) as bot:
        await answered([await bot.asked(one) for one in questions[:20]])  # warm
        if options.minutes:
            others = place / "other-articles"
            made_articles.write(others, options.sentences, seed=2)
            sources = (articles, others, store)
            return await soak(bot, questions, sources, options.minutes)
        await at_once(bot, questions, articles, place / "other-store")
        # In turn, so that what else the machine does falls on both alike.
        chosen = questions[: options.questions]
        latency, throughput = [], []
        for _ in range(ROUNDS):
            one, _ = await in_flight(bot, chosen, 1)
            alone, _ = library_alone(store, chosen, 1)
            latency.append(one / alone)
            _, many = await in_flight(bot, chosen, 20)
            together = max(
                library_alone(store, chosen, threads)[1] for threads in (cores(), cores() + 1)
            )
            throughput.append(many / together)
    print(
        f"ratios, medians of {ROUNDS} rounds: answer p50 with one in flight {median(latency):.2f} of"
        f" the library's ({min(latency):.2f} to {max(latency):.2f}), throughput with 20 in flight"
        f" {median(throughput):.2f} of the library's ({min(throughput):.2f} to"
        f" {max(throughput):.2f})"
    )
    return True


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--sentences", type=int, default=50_000)
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--minutes", type=float, default=0, help="run the mixed load for so long")
    options = parser.parse_args()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(max(soft, 4096), hard), hard))
    with tempfile.TemporaryDirectory(prefix="byline-bench-") as place:
        return 0 if asyncio.run(measure(options, Path(place))) else 1


if __name__ == "__main__":
    sys.exit(main())
