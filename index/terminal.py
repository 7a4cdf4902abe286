"""How answers, passages and articles look on a terminal."""

import os
import shutil
import textwrap
from collections.abc import Iterable, Mapping

from index.answer import Answer, Finding
from index.article import Article, facts_of
from index.confidence import in_words
from index.search import Passage
from index.sentences import Sentence
from index.terms import term_spans

BOLD, PLAIN = "\x1b[1m", "\x1b[0m"


def emphasises(stream: object) -> bool:
    """Whether words may be emphasised on *stream*: a terminal, and NO_COLOR is not set."""
    is_terminal = getattr(stream, "isatty", lambda: False)()
    return is_terminal and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"


def answer_lines(answer: Answer, emphasis: bool) -> list[str]:
    """An answer for a person to read: the answer, its slots, the cited sentences."""
    bold, plain = (BOLD, PLAIN) if emphasis else ("", "")
    lines = [
        f'(No article holds "{word}"; looked for "{other}".)' for word, other in answer.respelled
    ]
    if answer.text is None:
        lines.append(f"{bold}The articles do not say.{plain} {answer.reason}")
        if answer.passages:
            lines += ["", "The nearest sentence, which is not an answer:"]
            lines += _quoted("-", answer.passages[0], answer.question.terms, emphasis)
        return [clean(line) for line in lines]
    marks = "".join(f" [{n}]" for n in _citations(answer.findings, 1))
    single = len(answer.question.slots) == 1
    added = _added(answer.findings[0]) if single else ""
    lines.append(f"{bold}{_flat(answer.text)}{plain}{added}{marks}")
    if len(answer.question.slots) > 1:
        lines += ["", *_slot_lines(answer)]
    elif others := [one for one in answer.findings if one.event > 1]:
        lines += ["", "Also said:"]
        lines += [f"  {_flat(one.text)}{_added(one)} [{one.citation}]" for one in others]
    lines.append("")
    cited: dict[int, list[Finding]] = {}
    for finding in answer.findings:
        cited.setdefault(finding.citation, []).append(finding)
    for number, findings in sorted(cited.items()):
        lines += _quoted(f"[{number}]", findings[0], answer.question.terms, emphasis, findings)
    lines += ["", f"Confidence: {in_words(answer.confidence)} ({answer.confidence:.2f})"]
    if answer.reason:
        lines.append(answer.reason)
    return [clean(line) for line in lines]


def passage_lines(passages: Iterable[Passage], terms: Iterable[str], emphasis: bool) -> list[str]:
    """Ranked passages for a person to read."""
    wanted = tuple(terms)
    lines: list[str] = []
    for number, passage in enumerate(passages, 1):
        head = f"{number}. ({passage.score:.2f})"
        lines += _quoted(head, passage, wanted, emphasis)
    return [clean(line) for line in lines]


def article_lines(article: Article, sentences: list[Sentence]) -> list[str]:
    """An article's facts and its numbered sentences, a blank line between paragraphs."""
    facts = facts_of(article).items()
    lines = [f"{name + ':':8}{value or 'not known'}" for name, value in facts]
    paragraph = -1
    for number, sentence in enumerate(sentences, 1):
        if sentence.paragraph != paragraph:
            paragraph = sentence.paragraph
            lines.append("")
        quote = _flat(sentence.quote(article.text))
        lines.append(f"{number:4}  [{sentence.start}, {sentence.end})  {quote}")
    return [clean(line) for line in lines]


def figure_lines(
    questions: int,
    measured: Mapping[str, float],
    by_word: Mapping[str, Mapping[str, float]],
    reliability: Iterable[Mapping[str, float]],
) -> list[str]:
    """The figures of an evaluation: all, by question word, and how far confidence can be trusted."""
    lines = [
        f"{questions} questions",
        *(f"{name:16}{value:.3f}" for name, value in measured.items()),
    ]
    shown = ("hit@1", "exact", "f1", "answered", "refused")
    lines += ["", f"{'word':10}" + "".join(f"{name:>10}" for name in shown)]
    for word, values in by_word.items():
        cells = (f"{values[name]:10.3f}" if name in values else f"{'-':>10}" for name in shown)
        lines.append(f"{word:10}" + "".join(cells))
    lines += ["", "confidence  questions  mean  right"]
    lines += [
        f"{row['from']:.1f} to {row['from'] + 0.1:.1f}  {row['questions']:9.0f}"
        f"  {row['confidence']:.2f}   {row['right']:.2f}"
        for row in reliability
    ]
    return lines


def clean(line: str) -> str:
    """*line* without control characters that an article could steer a terminal with; our own
    emphasis stays."""
    return "".join(
        c
        for i, c in enumerate(line)
        if (c >= " " and not 0x7F <= ord(c) <= 0x9F) or line.startswith((BOLD, PLAIN), i)
    )


def _slot_lines(answer: Answer) -> list[str]:
    events = max(one.event for one in answer.findings)
    lines = []
    for event in range(1, events + 1):
        if event > 1:
            lines += ["", "Or:"]
        found = [one for one in answer.findings if one.event == event]
        for slot in dict.fromkeys(slot.name for slot in answer.question.slots):
            values = [
                f"{_flat(one.text)}{_added(one)} [{one.citation}]"
                for one in found
                if one.slot == slot
            ]
            lines.append(f"  {slot.replace('_', ' ') + ':':10}{', '.join(values) or 'not stated'}")
    return lines


def _added(finding: Finding) -> str:
    return f" ({'; '.join(finding.added)})" if finding.added else ""


def _citations(findings: Iterable[Finding], event: int) -> list[int]:
    return list(dict.fromkeys(one.citation for one in findings if one.event == event))


def _quoted(
    head: str,
    cited: Finding | Passage,
    terms: tuple[str, ...],
    emphasis: bool,
    findings: Iterable[Finding] = (),
) -> list[str]:
    """Where a sentence is from, and the sentence, wrapped to the terminal's width."""
    article, sentence = cited.article, cited.sentence
    where = ", ".join(part for part in (article.source, article.date) if part)
    lines = [f"{head} {_flat(article.title)}{f' ({_flat(where)})' if where else ''}"]
    width = max(40, min(shutil.get_terminal_size((100, 24)).columns, 120))
    quote = cited.quote
    spans = [(one.start - sentence.start, one.end - sentence.start) for one in findings]
    marked = _emphasised(quote, spans, terms) if emphasis else quote
    indent = " " * 4
    wrapped = textwrap.wrap(
        f"“{_flat(marked)}”", width, initial_indent=indent, subsequent_indent=indent
    )
    lines += wrapped
    lines.append(f"{indent}{article.id} [{sentence.start}, {sentence.end})")
    if article.url:
        lines.append(f"{indent}{article.url}")
    return lines


def _emphasised(quote: str, spans: list[tuple[int, int]], terms: tuple[str, ...]) -> str:
    """*quote* with the found values, and the words that were searched for, in bold."""
    wanted = set(terms)
    bold = [False] * len(quote)
    words = [(a, b) for a, b, term in term_spans(quote) if term in wanted]
    for start, end in [*spans, *words]:
        bold[start:end] = [True] * (end - start)
    out = []
    for i, char in enumerate(quote):
        if bold[i] and (i == 0 or not bold[i - 1]):
            out.append(BOLD)
        out.append(char)
        if bold[i] and (i + 1 == len(quote) or not bold[i + 1]):
            out.append(PLAIN)
    return "".join(out)


def _flat(text: str) -> str:
    return " ".join(text.split())
