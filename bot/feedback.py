"""Feedback: votes become questions with known answers, in the form that ``byline eval`` reads."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from bot.library import Library
from bot.state import Quote, Rated


def questions_of(
    rated: Iterable[Rated], library: Library
) -> tuple[list[dict[str, Any]], Counter[str]]:
    """A row for each answer that most voters found right, and how many gave none, by reason.

    The words of an answer are read from its article, and so only where that still has them.
    """
    rows: list[dict[str, Any]] = []
    left_out: Counter[str] = Counter()
    for one in rated:
        answer = one.answer
        if one.right <= one.wrong:
            left_out["voted wrong, so that the right answer is not known"] += 1
        elif answer.question is None:
            left_out["their questions were not kept (BYLINE_KEEP_QUESTIONS)"] += 1
        elif answer.slots > 1:
            left_out["they ask several things at once"] += 1
        elif answer.status == "not_found":
            rows.append({"question": answer.question, "answers": [], "answerable": False})
        elif words := _words(answer.said[0], library, answer.guild):
            article = answer.said[0].article
            rows.append({"question": answer.question, "answers": [words], "article": article})
        else:
            left_out["their articles were changed or removed since"] += 1
    return rows, left_out


def _words(quote: Quote, library: Library, guild: int | None) -> str | None:
    for shelf in library.shelves(guild):
        number = shelf.snapshot.article_number(quote.article)
        if number is not None:
            text = shelf.snapshot.article(number).text
            if quote.stands_in(text):
                return text[quote.start : quote.end]
    return None
