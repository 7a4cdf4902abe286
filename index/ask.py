"""The path of one question: read it, search, read the passages, decide."""

import hashlib
import json
from importlib.metadata import version

from index.answer import DEFAULT_THRESHOLD, Answer, decide
from index.question import parse_question
from index.read import read
from index.search import EVERYWHERE, Within, search
from index.snapshot import Snapshot

DEFAULT_PASSAGES = 10


def ask(
    snapshot: Snapshot,
    text: str,
    *,
    k: int = DEFAULT_PASSAGES,
    threshold: float = DEFAULT_THRESHOLD,
    within: Within = EVERYWHERE,
) -> Answer:
    """What the articles of *snapshot* say to the question *text*.

    *k* passages are found, and the best of them read. An answer less certain than *threshold* (0 to 1) is "not
    found"; 0 always gives the best candidate. Raises UnusableInput where *text* is no question.
    """
    question = parse_question(text)
    found = search(
        snapshot,
        question.terms,
        k,
        relation=question.relation,
        kind=question.kind,
        within=within,
    )
    return decide(question, found, read(question, found, snapshot), threshold)


def answer_id(snapshot: Snapshot, text: str, *, k: int, threshold: float, within: Within) -> str:
    """An id that the same question, snapshot, settings and program version always give."""
    asked = [
        snapshot.name,
        text,
        k,
        threshold,
        sorted(within.articles) if within.articles is not None else None,
        within.since,
        within.until,
        version("byline"),
    ]
    return hashlib.sha256(json.dumps(asked).encode()).hexdigest()[:16]
