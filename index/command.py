"""The command line ``byline``: each verb reads its options, calls the library, prints."""

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from index import terminal
from index.errors import BylineError, DamagedSnapshot, NoSnapshot, UnusableInput
from index.options import command_line
from index.settings import (
    SAMPLES,
    Settings,
    environment,
    megabytes,
    number_between_0_and_1,
    samples_store,
)

ANSWERED, NOT_FOUND, WRONG_USE = 0, 1, 2
"""Exit codes: answered, partly answered or clean; not found or faults; wrong use or input."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb and return its exit code; every error is one sentence on stderr."""
    parser = command_line()
    options = parser.parse_args(argv)
    if options.version:
        from importlib.metadata import version

        print(f"byline {version('byline')}")
        return ANSWERED
    if not hasattr(options, "verb"):
        parser.error("no verb is given")
    try:
        code = VERBS[options.verb](options)
        sys.stdout.flush()
        return code
    except BylineError as error:
        print(f"byline: {error}", file=sys.stderr)
        return WRONG_USE
    except BrokenPipeError:  # the reader of our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ANSWERED
    except KeyboardInterrupt:
        print("byline: interrupted; nothing was harmed", file=sys.stderr)
        return 130
    except Exception as error:  # a person gets a sentence, a developer the traceback
        if sys.flags.dev_mode:
            raise
        print(
            f"byline: something unexpected failed ({type(error).__name__}: {error});"
            " `byline verify` checks the index, `python -X dev -m index` shows where it failed",
            file=sys.stderr,
        )
        return WRONG_USE


def _rebuild(options: argparse.Namespace) -> int:
    from index.as_json import report_json
    from index.store import rebuild

    settings = Settings.from_env(environment())
    articles: Path | None = options.articles or settings.articles
    if articles is None:
        raise UnusableInput("no articles are named; give a folder, or set BYLINE_ARTICLES")
    store = options.store or settings.store
    memory = settings.memory
    if options.memory is not None:
        memory = megabytes(options.memory, "--memory")
    if hasattr(os, "nice"):
        os.nice(10)  # whatever answers meanwhile, a bot perhaps, goes first
    if options.json:
        print(json.dumps(report_json(rebuild(articles, store, _progress_lines(), memory))))
        return ANSWERED
    with _progress_bar("articles") as show:
        report = rebuild(articles, store, show, memory)
    for one in report.skipped:
        print(f"skipped {terminal.clean(one.path)}: {terminal.clean(one.reason)}", file=sys.stderr)
    print(
        f"{report.counts.articles} articles, {report.counts.sentences} sentences,"
        f" {len(report.skipped)} skipped, {report.read} sentences analysed, {report.seconds:.1f} s"
        f" ({report.sentences_per_second:.0f} sentences/s), {report.bytes} bytes"
    )
    return ANSWERED


def _progress_lines() -> Callable[[int, int], None]:
    """A function that prints a JSON line for each hundredth that is done."""
    shown = -1

    def show(done: int, total: int) -> None:
        nonlocal shown
        if done * 100 // total > shown:
            shown = done * 100 // total
            print(json.dumps({"done": done, "total": total}), flush=True)

    return show


@contextmanager
def _progress_bar(what: str) -> Iterator[Callable[[int, int], None]]:
    """Gives a function that shows how many of how many are done, where stderr is a terminal."""
    from tqdm import tqdm

    with tqdm(unit=f" {what}", disable=not sys.stderr.isatty(), leave=False) as bar:

        def show(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        yield show


def _ask(options: argparse.Namespace) -> int:
    from index.article import date_given
    from index.as_json import answer_json
    from index.ask import answer_id, ask
    from index.search import Within

    if (options.question is None) == (options.batch is None):
        raise UnusableInput("give one question, or --batch FILE")
    settings = Settings.from_env(environment())
    threshold = settings.threshold
    if options.threshold is not None:
        threshold = number_between_0_and_1(options.threshold, "--threshold")
    within = Within(
        frozenset(options.article) if options.article else None,
        date_given(options.since, "--since"),
        date_given(options.until, "--until"),
        _folded(options.source),
        _folded(options.author),
    )
    snapshot = _opened(options, settings)
    for article_id in sorted(within.articles or ()):
        if snapshot.article_number(article_id) is None:
            raise UnusableInput(f'no article has the id "{article_id}"')
    for name, wanted in (("source", within.sources), ("author", within.authors)):
        for unknown in sorted((wanted or frozenset()) - snapshot.labels(name)):
            raise UnusableInput(f'no article has the {name} "{unknown}"')
    if options.batch is not None:
        return _ask_batch(options.batch, snapshot, options.k, threshold, within)
    answer = ask(snapshot, options.question, k=options.k, threshold=threshold, within=within)
    if options.json:
        found_id = answer_id(
            snapshot, options.question, k=options.k, threshold=threshold, within=within
        )
        _print_json(answer_json(answer, found_id))
    else:
        print("\n".join(terminal.answer_lines(answer, terminal.emphasises(sys.stdout))))
    return NOT_FOUND if answer.status == "not_found" else ANSWERED


def _folded(names: list[str] | None) -> frozenset[str] | None:
    return frozenset(name.casefold() for name in names) if names else None


def _ask_batch(path: Path, snapshot: Any, k: int, threshold: float, within: Any) -> int:
    """Answer the rows of a file in order, one JSON line each, as they come."""
    from dataclasses import replace

    from index.as_json import answer_json
    from index.ask import ask
    from index.batch import read_batch

    for row in read_batch(path):
        asked_within = within if row.within is None else replace(within, articles=row.within)
        try:
            answer = ask(snapshot, row.question, k=k, threshold=threshold, within=asked_within)
        except UnusableInput as error:
            raise UnusableInput(f"{path} line {row.line}: {error}") from None
        print(json.dumps(answer_json(answer, row.id), ensure_ascii=False), flush=True)
    return ANSWERED


def _search(options: argparse.Namespace) -> int:
    from index.as_json import passage_json
    from index.search import search
    from index.terms import terms_of

    terms = terms_of(" ".join(options.words))
    found = search(_opened(options), terms, options.k)
    if options.json:
        _print_json([passage_json(passage) for passage in found.passages])
    elif found.passages:
        emphasis = terminal.emphasises(sys.stdout)
        wanted = [found.respelled.get(term, term) for term in terms]
        print("\n".join(terminal.passage_lines(found.passages, wanted, emphasis)))
    else:
        print("No article holds any of these words.")
    return ANSWERED if found.passages else NOT_FOUND


def _show(options: argparse.Namespace) -> int:
    from index.as_json import article_json

    snapshot = _opened(options)
    number = snapshot.article_number(options.article)
    if number is None:
        print(f'byline: no article has the id "{options.article}"', file=sys.stderr)
        return NOT_FOUND
    article = snapshot.article(number)
    sentences = [snapshot.sentence(i, article.id) for i in snapshot.sentences_of(number)]
    if options.json:
        _print_json(article_json(article, sentences))
    else:
        print("\n".join(terminal.article_lines(article, sentences)))
    return ANSWERED


def _stats(options: argparse.Namespace) -> int:
    snapshot = _opened(options)
    facts = {
        "store": str(snapshot.path.parent.parent),
        "snapshot": snapshot.name,
        "articles": snapshot.counts.articles,
        "paragraphs": snapshot.counts.paragraphs,
        "sentences": snapshot.counts.sentences,
        "terms": snapshot.count_terms(),
        "words": snapshot.manifest.words["sentence"],
        "bytes": snapshot.bytes,
        "analyser": snapshot.manifest.analyser,
        "segmenter": snapshot.manifest.segmenter,
    }
    if options.json:
        _print_json(facts)
    else:
        print("\n".join(f"{name + ':':12}{value}" for name, value in facts.items()))
    return ANSWERED


def _eval(options: argparse.Namespace) -> int:
    from index import evaluation

    if (options.raise_floors or options.lower_floors) and options.floors is None:
        raise UnusableInput("say which floors with --floors FILE")
    settings = Settings.from_env(environment())
    expected = evaluation.read_expected(options.questions)
    floors = evaluation.read_floors(options.floors)["figures"] if options.floors else {}
    snapshot = _opened(options, settings)
    with _progress_bar("questions") as show:
        outcomes = evaluation.evaluate(snapshot, expected, settings.threshold, show)
    measured = evaluation.figures(outcomes)
    words = sorted({one.word for one in expected})
    by_word = {
        word: evaluation.figures(one for one in outcomes if one.expected.word == word)
        for word in words
    }
    table = evaluation.reliability(outcomes)
    if options.json:
        _print_json(
            {
                "questions": len(outcomes),
                "threshold": settings.threshold,
                "figures": measured,
                "by_word": by_word,
                "reliability": table,
            }
        )
    else:
        print("\n".join(terminal.figure_lines(len(outcomes), measured, by_word, table)))
    if options.raise_floors or options.lower_floors:
        evaluation.set_floors(options.floors, measured, lower=options.lower_floors)
        return ANSWERED
    faults = evaluation.slipped(measured, floors)
    for fault in faults:
        print(f"byline: below the floor: {fault}", file=sys.stderr)
    return NOT_FOUND if faults else ANSWERED


def _verify(options: argparse.Namespace) -> int:
    from index.verify import verify

    try:
        snapshot = _opened(options)
    except DamagedSnapshot as error:
        print(f"byline: {error}", file=sys.stderr)
        return NOT_FOUND
    faults = verify(snapshot)
    for fault in faults:
        print(f"byline: {fault}", file=sys.stderr)
    if faults:
        return NOT_FOUND
    print(
        f"{snapshot.counts.articles} articles and {snapshot.counts.sentences} sentences verified:"
        " digests, offsets and scores hold"
    )
    return ANSWERED


def _opened(options: argparse.Namespace, settings: Settings | None = None) -> Any:
    """The snapshot to answer from; the samples' own where no store has been built yet."""
    from index.store import current_name, open_store

    if options.store is not None:
        return open_store(options.store)
    settings = settings or Settings.from_env(environment())
    if current_name(settings.store) is not None:
        return open_store(settings.store)
    return _opened_samples(settings.store)


def _opened_samples(missing: Path) -> Any:
    """The sample collection's snapshot, built where it is not there or is an older program's."""
    from index.store import open_store, rebuild

    print(
        f"byline: no index has been built in {missing}; answering from the sample articles"
        " (`byline rebuild ARTICLES` reads your own)",
        file=sys.stderr,
    )
    store = samples_store()
    try:
        return open_store(store)
    except (NoSnapshot, DamagedSnapshot):
        rebuild(SAMPLES, store)
        return open_store(store)


def _print_json(value: object) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2))


VERBS: dict[str, Callable[[argparse.Namespace], int]] = {
    "rebuild": _rebuild,
    "ask": _ask,
    "search": _search,
    "show": _show,
    "stats": _stats,
    "eval": _eval,
    "verify": _verify,
}
"""What each verb does."""
