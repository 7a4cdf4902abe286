"""What several tests need: small collections, stores, and the program as a real process."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from index.snapshot import Snapshot
from index.store import open_store, rebuild

pytest_plugins = ["simcord_bot"]  # the bot in a simulated Discord

MOON = """\
The lunar call

The president waited in the Oval Office. On 20 July 1969 Richard Nixon called Neil Armstrong on \
the Moon.

Armstrong answered that it was an honour. The call lasted about two minutes.
"""
PHONE = """\
---
title: The hand-held phone
source: Test Desk
date: 1973-04-04
url: https://example.org/phone
---
Martin Cooper rang Joel Engel from a street in New York on 3 April 1973.

The phone weighed *more than* a kilogram.
"""


@pytest.fixture
def collection(tmp_path: Path) -> Path:
    """A folder of two articles, moon.txt and phone.md."""
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "moon.txt").write_text(MOON, encoding="utf-8")
    (folder / "phone.md").write_text(PHONE, encoding="utf-8")
    return folder


@pytest.fixture
def store(collection: Path, tmp_path: Path) -> Path:
    """A store built from the collection."""
    rebuild(collection, tmp_path / "store")
    return tmp_path / "store"


@pytest.fixture
def built(tmp_path: Path) -> Callable[..., Snapshot]:
    """Builds a snapshot of articles given as ``id="text"``; an id may bring facts as a dict."""

    def build(**articles: str | dict[str, str]) -> Snapshot:
        rows = [
            {"id": name} | ({"text": facts} if isinstance(facts, str) else facts)
            for name, facts in articles.items()
        ]
        path = tmp_path / "built.jsonl"
        path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
        rebuild(path, tmp_path / "built-store")
        return open_store(tmp_path / "built-store")

    return build


Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def byline(tmp_path: Path) -> Run:
    """Runs ``python -m index`` in an empty folder, with a home of its own and no settings."""
    home = tmp_path / "home"
    work = tmp_path / "work"
    home.mkdir()
    work.mkdir()
    root = Path(__file__).parent.parent
    env = {name: value for name, value in os.environ.items() if not name.startswith("BYLINE_")}
    env |= {"HOME": str(home), "PYTHONPATH": str(root), "PYTHONIOENCODING": "utf-8"}
    for name in ("XDG_CACHE_HOME", "XDG_DATA_HOME", "COLUMNS"):
        env.pop(name, None)

    def run(*words: str | Path, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "index", *map(str, words)],
            cwd=work,
            env=env | more,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )

    return run
