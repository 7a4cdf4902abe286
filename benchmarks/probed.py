"""Runs the bot as tests/launch_bot.py does, with a probe in its event loop.

The probe sleeps five milliseconds again and again and notes how much longer that took: so long the
loop was held up. It writes what it saw to the file named by PROBE, every half second.

Without a module to run, the loop holds nothing but the probe: what holds that up is the machine.
"""

import asyncio
import json
import os
import re
import sys
import time
from pathlib import Path

import discord

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests"))

import launch_bot  # noqa: E402  # found by the line above

STEP = 0.005


async def probe(path: Path) -> None:
    longest, written = 0.0, time.perf_counter()
    while True:
        began = time.perf_counter()
        await asyncio.sleep(STEP)
        longest = max(longest, time.perf_counter() - began - STEP)
        if began - written < 0.5:
            continue
        written = began
        if path.with_suffix(".forget").exists():
            longest = 0.0
            path.with_suffix(".forget").unlink()
        status = Path("/proc/self/status").read_text(encoding="ascii")
        sizes = dict(re.findall(r"^(Rss\w+):\s+(\d+) kB", status, re.MULTILINE))
        seen = {
            "longest_ms": 1000 * longest,
            "memory_mb": int(sizes["RssAnon"]) / 1e3,
            "mapped_mb": int(sizes["RssFile"]) / 1e3,
            "tasks": len(asyncio.all_tasks()),
        }
        draft = path.with_suffix(".new")
        draft.write_text(json.dumps(seen), encoding="utf-8")
        draft.replace(path)


async def setup_hook(client: discord.Client) -> None:
    client.probe = asyncio.create_task(probe(Path(os.environ["PROBE"])))  # type: ignore[attr-defined]


if len(sys.argv) > 1:
    discord.Client.setup_hook = setup_hook  # type: ignore[method-assign]
    launch_bot.main()
else:
    asyncio.run(probe(Path(os.environ["PROBE"])))
