"""The options of the command line: every verb, what it takes, and an example that runs."""

import argparse
from pathlib import Path
from typing import NoReturn


class Parser(argparse.ArgumentParser):
    """A parser that complains in one sentence."""

    def error(self, message: str) -> NoReturn:
        """One sentence on stderr, without the whole usage before it."""
        self.exit(2, f"{self.prog}: {message}; see `{self.prog} --help`\n")


def command_line() -> argparse.ArgumentParser:
    """The parser of all verbs."""
    parser = Parser(
        prog="byline",
        description="Answers questions from articles, every word cited. English articles only.",
        epilog="Exit codes: 0 answered, partly answered or clean; 1 not found or faults; 2 wrong"
        " use or unusable input.",
    )
    parser.add_argument("--version", action="store_true", help="say the program's version")
    verbs = parser.add_subparsers(metavar="VERB", parser_class=Parser)

    def verb(name: str, purpose: str, example: str) -> argparse.ArgumentParser:
        added = verbs.add_parser(
            name, help=purpose, description=purpose, epilog=f"Example: byline {example}"
        )
        added.set_defaults(verb=name)
        added.add_argument("--store", type=Path, metavar="DIR", help="where the index is kept")
        return added

    built = verb("rebuild", "Read a collection of articles anew.", "rebuild articles")
    built.add_argument(
        "articles",
        nargs="?",
        type=Path,
        metavar="ARTICLES",
        help="a folder or a file (.txt, .md, .jsonl, .jsonl.gz); else BYLINE_ARTICLES",
    )

    built.add_argument(
        "--memory", metavar="MB", help="about how much a large build takes; else BYLINE_MEMORY"
    )

    asked = verb(
        "ask",
        "Answer a question with citations.",
        'ask "Who called Neil Armstrong, and when?"',
    )
    asked.add_argument("question", nargs="?", metavar="QUESTION")
    asked.add_argument(
        "--batch",
        type=Path,
        metavar="FILE",
        help="answer every {id, question} row of a .jsonl or .jsonl.gz file, one JSON line each",
    )
    asked.add_argument("--threshold", metavar="X", help="how sure an answer has to be, 0 to 1")
    asked.add_argument("--article", action="append", metavar="ID", help="only in this article")
    asked.add_argument("--source", action="append", metavar="NAME", help="only of this source")
    asked.add_argument("--author", action="append", metavar="NAME", help="only by this author")
    asked.add_argument("--since", metavar="DATE", help="only articles of this day or later")
    asked.add_argument("--until", metavar="DATE", help="only articles of this day or earlier")

    searched = verb("search", "Find passages.", "search telephone call")
    searched.add_argument("words", nargs="+", metavar="WORDS")
    for one in (asked, searched):
        one.add_argument(
            "-k", type=_passages, default=10, metavar="N", help="how many passages (10)"
        )

    shown = verb("show", "Show an article and its numbered sentences.", "show nixon-moon-1969")
    shown.add_argument("article", metavar="ID")
    counted = verb("stats", "Count what the index holds.", "stats")
    measured = verb(
        "eval",
        "Measure how well questions with known answers are answered.",
        "eval questions.jsonl",
    )
    measured.add_argument(
        "questions",
        type=Path,
        metavar="QUESTIONS",
        help="a .jsonl or .jsonl.gz file of {question, answers, article} rows",
    )
    measured.add_argument("--floors", type=Path, metavar="FILE", help="fail below these figures")
    measured.add_argument("--raise-floors", action="store_true", help="write what was reached")
    measured.add_argument("--lower-floors", action="store_true", help="even where that is less")
    verb("verify", "Prove that the index is whole and scores right.", "verify")
    for one in (built, asked, searched, shown, counted, measured):
        one.add_argument("--json", action="store_true", help="print JSON")
    return parser


def _passages(written: str) -> int:
    number = int(written) if written.isdecimal() else 0
    if not 1 <= number <= 1000:
        raise argparse.ArgumentTypeError(f"{written} is not a number from 1 to 1000")
    return number
