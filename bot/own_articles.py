"""A server's own articles: plain files in a folder of its own, one article each.

What is added here is seen in answers, completion, sources and buttons of that server alone: it is
built into a store of its own, by ``byline rebuild`` in a process of its own, and the snapshot before
goes on answering until the new one is whole.
"""

import asyncio
import json
import re
import shutil
import sys
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bot.library import Library
from index.article import Article, Skipped, make_article
from index.collection import file_of, read_collection
from index.errors import UnusableInput
from index.formats import ending_of

ENDINGS = (".txt", ".md", ".jsonl")
"""What may be attached; a packed file could unpack to anything."""
LARGEST_FILE = 5_000_000
"""Bytes of an attachment."""
LARGEST_FOLDER = 100_000_000
"""Bytes of all articles of a server."""

Progress = Callable[[int, int], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Added:
    """What came of adding: the titles that are new, and what had to be skipped."""

    titles: tuple[str, ...]
    skipped: tuple[Skipped, ...]


def add_file(folder: Path, name: str, content: bytes) -> Added:
    """Keep the articles of an attached file in *folder*, each as a file of its own.

    Raises UnusableInput where it holds none or one of them is there already; then nothing is kept.
    """
    ending = Path(name).suffix.lower()
    if ending not in ENDINGS:
        raise UnusableInput(f"“{name}” cannot be read; attach one of {', '.join(ENDINGS)}")
    if len(content) > LARGEST_FILE:
        raise UnusableInput(
            f"“{name}” has {len(content):,} bytes, at most {LARGEST_FILE:,} are read"
        )
    with tempfile.TemporaryDirectory(prefix="byline-") as place:
        draft = Path(place) / f"{_plain_name(Path(name).stem)}{ending}"
        draft.write_bytes(content)
        found = list(read_collection(draft))
    articles = [one for one in found if isinstance(one, Article)]
    # The path is that of the draft; only its file and line mean something to whoever attached it.
    skipped = tuple(
        Skipped(Path(one.path).name, one.reason) for one in found if isinstance(one, Skipped)
    )
    if not articles:
        reasons = "; ".join(f"{one.path}: {one.reason}" for one in skipped[:3])
        raise UnusableInput(f"no article can be read from “{name}” ({reasons})")
    _keep(folder, articles)
    return Added(tuple(one.title for one in articles), skipped)


def add_text(folder: Path, facts: dict[str, Any], text: str) -> Added:
    """Keep a pasted article in *folder*; UnusableInput where it cannot be used."""
    name = _plain_name(str(facts.get("title") or "article"))
    article = make_article(facts, text, fallback_id=name, title=name)
    _keep(folder, [article])
    return Added((article.title,), ())


def remove_article(library: Library, guild: int, article_id: str) -> None:
    """Delete the file of a server's article, and the store with its last one.

    Raises UnusableInput where there is no such article, or its file holds others.
    """
    folder = library.articles_of(guild)
    found = file_of(folder, article_id) if folder.is_dir() else None
    if found is None:
        raise UnusableInput("this server has no such article of its own; the shared ones stay")
    path, articles = found
    if articles > 1:
        raise UnusableInput(
            f"its file {path.name} holds {articles} articles; whoever runs the bot can edit it"
        )
    path.unlink()
    if not any(isinstance(one, Article) for one in read_collection(folder)):
        shutil.rmtree(library.store_of(guild), ignore_errors=True)


async def rebuild(library: Library, guild: int, progress: Progress) -> dict[str, Any]:
    """Build a server's store anew, in a process of its own, and give the report of ``byline
    rebuild --json``; without a file to read, there is nothing to build.

    Raises UnusableInput where it fails; then the snapshot before goes on answering.
    """
    articles, store = library.articles_of(guild), library.store_of(guild)
    if not articles.is_dir() or not any(ending_of(path) for path in articles.rglob("*")):
        await asyncio.to_thread(shutil.rmtree, store, ignore_errors=True)
        return {"articles": 0, "sentences": 0, "skipped": []}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "index", "rebuild", str(articles), "--store", str(store), "--json"),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout
    assert process.stderr
    talk = asyncio.ensure_future(process.stderr.read())
    report: dict[str, Any] = {}
    try:
        async for line in process.stdout:
            report = json.loads(line)
            if "done" in report:
                await progress(report["done"], report["total"])
        code = await process.wait()
    finally:
        if process.returncode is None:  # whoever waited for it was cancelled
            process.kill()
            await process.stdout.read()
            await process.wait()
        said = (await talk).decode("utf-8", "replace").strip()
    if code != 0:
        reason = said.splitlines()[-1].removeprefix("byline: ") if said else f"exit code {code}"
        reason = reason.replace(f"{articles}/", "").replace(str(articles), "the articles")
        reason = reason.replace(str(store), "the store")
        raise UnusableInput(f"the articles could not be built anew ({reason})")
    for one in report["skipped"]:  # nobody has to know the folders of the machine
        one["path"] = one["path"].removeprefix(f"{articles}/")
    return report


def _keep(folder: Path, articles: list[Article]) -> None:
    """Write each article as a file of one JSON row, all or none."""
    folder.mkdir(parents=True, exist_ok=True)
    there = {one.id for one in read_collection(folder) if isinstance(one, Article)}
    again = [one for one in articles if one.id in there]
    if again:
        raise UnusableInput(
            f"there is an article with the id “{again[0].id}” already; remove it first, or give"
            " the new one another name"
        )
    rows = [json.dumps(asdict(one), ensure_ascii=False).encode() + b"\n" for one in articles]
    size = sum(path.stat().st_size for path in folder.iterdir()) + sum(map(len, rows))
    if size > LARGEST_FOLDER:
        raise UnusableInput(
            f"this server's articles would take {size:,} bytes, at most {LARGEST_FOLDER:,} fit"
        )
    written: list[Path] = []
    try:
        for article, row in zip(articles, rows, strict=True):
            path = _free_path(folder, _plain_name(article.id))
            written.append(path)
            draft = path.with_name(f".{path.name}.new")  # hidden files are no articles
            draft.write_bytes(row)
            draft.replace(path)
    except OSError as error:
        for path in written:
            path.unlink(missing_ok=True)
        raise UnusableInput(f"the articles cannot be kept ({error.strerror or error})") from None


def _plain_name(words: str) -> str:
    """A file name of *words*: letters, digits and dashes, so that it stays in its folder."""
    return re.sub(r"[^\w]+", "-", words.casefold())[:60].strip("-_") or "article"


def _free_path(folder: Path, name: str) -> Path:
    number, path = 1, folder / f"{name}.jsonl"
    while path.exists():
        number += 1
        path = folder / f"{name}-{number}.jsonl"
    return path
