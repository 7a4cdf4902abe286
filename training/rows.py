"""Reads the question folders into rows, aligns answers with their sentences, splits by article.

The split is fixed by the SHA-256 of the article id, so that every question about an article, and
every set that shares its sentences, falls on one side:

- the corpus with whole articles (squad-articles): the six smallest digests are the dev side;
- documents of the Wiki1k collection, shared by the QA-SRL-like sets: digest modulo 8 is zero;
- everything else (training questions of other sources): the train side.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import urllib.parse
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

DEV_ARTICLES = 6
DEV_MODULUS = 8
MAX_GOLDS = 6
_WIKI1K = re.compile(r"Wiki1k:\w+?:\d+")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Row:
    """One pair to read: a question on a sentence, with its gold spans (none: not answered there)."""

    id: str
    set: str
    side: str
    article: str
    qtype: str
    question: str
    sentence: str
    context: str = ""
    spans: tuple[tuple[int, int], ...] = ()
    answers: tuple[str, ...] = ()
    kind: str = "gold"
    weight: float = 1.0


def digest(name: str) -> int:
    """The SHA-256 of *name* as a number: what the split is decided by."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest(), "big")


def dev_articles(ids: Iterable[str]) -> list[str]:
    """The six article ids with the smallest digests, in that order."""
    return sorted(set(ids), key=digest)[:DEV_ARTICLES]


def side_of(article: str, dev: Iterable[str]) -> str:
    """'dev' or 'train', from the article alone; *dev* names the whole articles held out."""
    if article in set(dev):
        return "dev"
    document = _WIKI1K.search(article)
    return "dev" if document and digest(document.group()) % DEV_MODULUS == 0 else "train"


def article_of(record: dict[str, Any]) -> str:
    """The article a record is about; the Wiki1k document where one is named in its id."""
    document = _WIKI1K.search(str(record["id"])) or _WIKI1K.search(str(record.get("article", "")))
    return document.group() if document else str(record.get("article") or record["id"])


def title_of(article: str) -> str:
    """A title to show the reader, or '' where the id is only a number."""
    if "Wiki1k:" in article:
        return ""
    return urllib.parse.unquote(article.removeprefix("squad:")).replace("_", " ").strip()


def words_of(text: str) -> list[str]:
    """Lower-case words; what look-alikes and leaks are compared by."""
    return _WORD.findall(text.lower())


def find_spans(sentence: str, answers: Iterable[str]) -> tuple[tuple[int, int], ...]:
    """Where each answer stands in *sentence*, on word borders, in the order of the answers.

    An answer that stands in several places gives several spans; at most six are kept.
    """
    found: dict[tuple[int, int], None] = {}
    for answer in answers:
        text = answer.strip()
        if not text:
            continue
        for match in re.finditer(re.escape(text), sentence):
            before = sentence[match.start() - 1 : match.start()]
            after = sentence[match.end() : match.end() + 1]
            glued = (before.isalnum() and text[0].isalnum()) or (
                after.isalnum() and text[-1].isalnum()
            )
            if not glued:
                found[match.span()] = None
    return tuple(found)[:MAX_GOLDS]


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    """The JSON objects of a .jsonl or .jsonl.gz file."""
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)


def question_files(folders: Iterable[Path]) -> list[Path]:
    """Every question file under *folders*, corpora left out, sorted by name."""
    found = {path for folder in folders for path in folder.rglob("*.jsonl*")}
    return sorted(path for path in found if not path.name.startswith("corpus"))


def corpus_files(folders: Iterable[Path]) -> list[Path]:
    """Every corpus file (rows of id, title, text) under *folders*, sorted by name."""
    return sorted({path for folder in folders for path in folder.rglob("corpus.jsonl*")})


def wanted(record: dict[str, Any], least_votes: int) -> bool:
    """Whether a record may be learned from: enough judges, a sentence, nothing held for tests only."""
    votes = record.get("votes")
    if votes and record.get("answerable", True) and votes[0] < min(least_votes, votes[1]):
        return False
    return bool(record.get("sentence")) and record.get("set") != "nq-open-negatives"


def previous_sentence(context: str, sentence: str) -> str:
    """The sentence before *sentence* in *context*, found by its closing mark; '' where there is none."""
    place = context.find(sentence)
    if place <= 0:
        return ""
    before = context[:place].rstrip()
    pieces = re.split(r"(?<=[.!?][\"'”’)]) +|(?<=[.!?]) +(?=[A-Z\"'“‘(\[])", before)
    return pieces[-1].strip()


def context_of(title: str, previous: str) -> str:
    """What is shown after the sentence: 'title | previous sentence', either may be missing."""
    return " | ".join(part for part in (title, previous) if part)


def read_rows(folders: Iterable[Path], least_votes: int = 2) -> list[Row]:
    """Every answerable or sentence-level unanswerable question under *folders* as rows."""
    folders = list(folders)
    paragraphs = {
        (str(article["id"]), number): text
        for path in corpus_files(folders)
        for article in read_lines(path)
        for number, text in enumerate(str(article["text"]).split("\n\n"))
    }
    dev = dev_articles(article for article, _ in paragraphs if article.startswith("squad:"))
    rows: dict[str, Row] = {}
    for path in question_files(folders):
        for record in read_lines(path):
            if record["id"] in rows or not wanted(record, least_votes):
                continue
            article = article_of(record)
            text = record.get("context") or paragraphs.get(
                (article, record.get("paragraph", -1)), ""
            )
            sentence = str(record["sentence"])
            spans = find_spans(sentence, record["answers"])
            if not spans and record.get("answerable", True):
                continue
            rows[record["id"]] = Row(
                id=str(record["id"]),
                set=str(record["set"]),
                side=side_of(article, dev),
                article=article,
                qtype=str(record.get("qtype", "")),
                question=str(record["question"]).strip(),
                sentence=sentence,
                context=context_of(title_of(article), previous_sentence(str(text), sentence)),
                spans=spans,
                answers=tuple(record["answers"]),
                kind="gold" if spans else "unanswerable",
            )
    return without_leaks(list(rows.values()))


def without_leaks(rows: list[Row]) -> list[Row]:
    """*rows* less those of the train side whose sentence also stands on the dev side."""
    held = {" ".join(words_of(row.sentence)) for row in rows if row.side == "dev"}
    return [
        row for row in rows if row.side == "dev" or " ".join(words_of(row.sentence)) not in held
    ]


def relabelled(row: Row, kind: str, **changes: Any) -> Row:
    """*row* as another row of *kind*, its id marked with it."""
    return replace(row, id=f"{row.id}#{kind}", kind=kind, **changes)
