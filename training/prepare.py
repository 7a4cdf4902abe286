"""Chooses what is learned from and what is measured on, and lays it out as token arrays.

Four parts are written: `train` (gold spans and made negatives), `silver` (pairs without a label, for
the teacher to mark), `dev` and `faults` (dev questions on sentences that do not answer them).
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from index.span_model import Limits, lay_out
from training.lookalikes import Pool, corpus_candidates, row_candidates
from training.made_up import made_rows
from training.negatives import (
    lookalike_rows,
    missing_agents,
    missing_slots,
    name_swaps,
    role_swaps,
    wrong_verbs,
)
from training.rows import MAX_GOLDS, Row, digest, question_files, read_lines, read_rows

# How many positive rows of a set are learned from; the noisy ones are thinned. Others are kept whole.
CAPS = {"qasrl-bank": 16_000, "qanom": 9_000, "qadiscourse": 4_500}
NEGATIVE_CAPS = {"roles": 11_000, "names": 13_000, "slots": 4_500, "verbs": 4_000, "agents": 2_500}
MADE_UP = 9_000
WITH_TEXT = {"squad", "squad-train-part", "new-wiki", "qed-nq"}


@dataclass(frozen=True)
class Parts:
    """Rows by what they are for."""

    train: list[Row]
    silver: list[Row]
    dev: list[Row]
    faults: list[Row]


def thinned(rows: Sequence[Row], most: int) -> list[Row]:
    """At most *most* of *rows*, chosen by the digests of their ids, in their own order."""
    if len(rows) <= most:
        return list(rows)
    keep = {row.id for row in sorted(rows, key=lambda row: digest(row.id))[:most]}
    return [row for row in rows if row.id in keep]


def capped(rows: Iterable[Row]) -> list[Row]:
    """*rows* with the noisy sets thinned to their caps."""
    by_set: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_set[row.set].append(row)
    return [row for name in sorted(by_set) for row in thinned(by_set[name], CAPS.get(name, 10**9))]


def own_unanswerable(
    folders: Iterable[Path], rows: Sequence[Row], pool: Pool, side: str, top: int
) -> list[Row]:
    """The articles' own unanswerable questions, each on the likeliest sentences of its paragraph."""
    places: dict[str, set[int]] = defaultdict(set)
    for number, candidate in enumerate(pool.candidates):
        places[candidate.paragraph].add(number)
    articles = {row.article for row in rows if row.set == "squad" and row.side == side}
    made: dict[str, Row] = {}
    for path in question_files(folders):
        for record in read_lines(path):
            if record.get("answerable", True) or record.get("article") not in articles:
                continue
            among = places.get(f"{record['article']}/{record.get('paragraph')}", set())
            for number, found in enumerate(
                pool.search(str(record["question"]), top, among) if among else []
            ):
                name = f"{record['id']}#own{number}"
                made[name] = Row(
                    id=name,
                    set="squad",
                    side=side,
                    article=str(record["article"]),
                    qtype=str(record.get("qtype", "")),
                    question=str(record["question"]).strip(),
                    sentence=found.sentence,
                    context=found.context,
                    kind="own",
                )
    return list(made.values())


def variants(row: Row, seed: int) -> Row:
    """*row* as it may reach the reader: with or without context, question mark, 'whom' or capitals."""
    chance = random.Random(digest(row.id) + seed)
    context, question = row.context, row.question
    draw = chance.random()
    if draw < 0.35:
        context = ""
    elif draw < 0.55:
        context = context.split(" | ")[0]
    if chance.random() < 0.3:
        question = question.rstrip("?").rstrip()
    if question.startswith("Who did ") and chance.random() < 0.4:
        question = f"Whom{question[3:]}"
    return replace(row, context=context, question=question)


def choose(folders: Sequence[Path], seed: int) -> Parts:
    """All rows of all parts, from the question folders."""
    rows = read_rows(folders)
    templates = {f"{row.id}:f": row.question for row in rows if row.set == "qasrl-bank"}
    train, dev = ([row for row in rows if row.side == side] for side in ("train", "dev"))
    learned = capped(row for row in train if row.spans)
    pools = {}
    for side, mine in (("train", train), ("dev", dev)):
        extra = row_candidates(
            row for row in mine if row.set in WITH_TEXT | {"qamr", "qasrl-filled"}
        )
        pools[side] = Pool([*corpus_candidates(folders, side), *extra])

    def made_from(mine: Sequence[Row], number: int) -> dict[str, list[Row]]:
        return {
            "roles": role_swaps(mine, templates),
            "names": name_swaps(mine, seed + number),
            "slots": missing_slots(mine, seed + number),
            "verbs": wrong_verbs(mine, templates, seed + number),
            "agents": missing_agents(mine),
        }

    gold = [row for row in train if row.spans]
    negatives = [row for row in train if not row.spans]
    for kind, made in made_from(gold, 0).items():
        negatives += thinned(made, NEGATIVE_CAPS[kind])
    for names, share, each in (
        ({"squad", "qed-nq"}, 10**9, 3),
        (WITH_TEXT, 10**9, 1),
        ({"qamr"}, 10**9, 1),
    ):
        asked = [row for row in gold if row.set in names]
        negatives += lookalike_rows(thinned(asked, share), pools["train"], each, 20, "look")
    filled = thinned([row for row in gold if row.set == "qasrl-filled"], 7_000)
    negatives += lookalike_rows(filled, pools["train"], 1, 20, "look")
    negatives += own_unanswerable(folders, rows, pools["train"], "train", 3)
    made_up = made_rows(MADE_UP, seed, "train")
    labelled = [variants(row, seed) for row in unique([*learned, *negatives, *made_up])]

    silver = [
        variants(row, seed + 1) for row in capped(row for row in gold if row.set in WITH_TEXT)
    ]
    for kind, made in made_from(gold, 7).items():
        silver += [
            variants(row, seed + 2) for row in made if kind != "roles" or row.set == "qasrl-filled"
        ]
    texts = [replace(row, answers=()) for row in gold if row.set in WITH_TEXT | {"qamr"}]
    silver += [
        variants(row, seed + 3) for row in lookalike_rows(texts, pools["train"], 4, 10, "silver")
    ]
    silver = [replace(row, id=f"{row.id}~", spans=()) for row in silver]

    faults = [row for row in dev if not row.spans]
    dev_gold = [row for row in dev if row.spans]
    for made in made_from(dev_gold, 0).values():
        faults += made
    for names, each in (({"squad"}, 3), ({"qamr", "qasrl-filled"}, 2)):
        faults += lookalike_rows(
            [row for row in dev_gold if row.set in names], pools["dev"], each, 20, "look"
        )
    faults += own_unanswerable(folders, rows, pools["dev"], "dev", 12)
    invented = made_rows(MADE_UP // 6, seed, "dev")
    faults += [row for row in invented if not row.spans]
    dev_gold += [row for row in invented if row.spans]
    return Parts(labelled, silver, dev_gold, unique(faults))


def unique(rows: Iterable[Row]) -> list[Row]:
    """*rows* without repeats of a question on a sentence with a label, the first kept."""
    seen: dict[tuple[str, str, str], Row] = {}
    for row in rows:
        seen.setdefault((row.question, row.sentence, row.context), row)
    return list(seen.values())


def token_arrays(
    rows: Sequence[Row], tokenizer: Tokenizer, limits: Limits
) -> dict[str, NDArray[np.generic]]:
    """Flat arrays of the laid-out rows.

    ids uint16 [all tokens]; ends uint32 [rows], where each row's tokens end; first, last uint16 [rows], the
    sentence's tokens; golds int16 [rows, 6, 2], first and last token of each gold span, -1 where there
    is none; offsets uint16 [all tokens, 2], code points of the sentence's tokens (0 elsewhere).
    """
    ids: list[int] = []
    offsets: list[tuple[int, int]] = []
    ends, firsts, lasts = [], [], []
    golds = np.full((len(rows), MAX_GOLDS, 2), -1, np.int16)
    cls, sep = tokenizer.token_to_id("[CLS]"), tokenizer.token_to_id("[SEP]")
    pieces = {
        kind: tokenizer.encode_batch([getattr(row, kind) for row in rows], add_special_tokens=False)
        for kind in ("question", "sentence", "context")
    }
    for number, row in enumerate(rows):
        asked, read, beside = (pieces[kind][number] for kind in ("question", "sentence", "context"))
        layout = lay_out(asked.ids, read.ids, beside.ids, (cls, sep), limits)
        ids += layout.ids
        ends.append(len(ids))
        firsts.append(layout.first)
        lasts.append(layout.last)
        here = [(0, 0)] * len(layout.ids)
        here[layout.first : layout.last] = read.offsets[: limits.sentence]
        offsets += here
        for place, span in enumerate(token_spans(read.offsets[: limits.sentence], row.spans)):
            golds[number, place] = [layout.first + span[0], layout.first + span[1]]
    return {
        "ids": np.array(ids, np.uint16),
        "ends": np.array(ends, np.uint32),
        "first": np.array(firsts, np.uint16),
        "last": np.array(lasts, np.uint16),
        "golds": golds,
        "offsets": np.array(offsets, np.uint16).reshape(-1, 2),
    }


def token_spans(
    offsets: Sequence[tuple[int, int]], spans: Iterable[tuple[int, int]]
) -> list[tuple[int, int]]:
    """First and last token of each span of characters; spans that no tokens cover are left out."""
    found = []
    for start, end in spans:
        covered = [
            place for place, (left, right) in enumerate(offsets) if left < end and right > start
        ]
        if covered:
            found.append((covered[0], covered[-1]))
    return found
