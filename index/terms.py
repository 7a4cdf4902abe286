"""Terms: the folded, stemmed words that are ranked; articles and questions share this analysis."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from importlib.metadata import version

import Stemmer

from index.verbs import IRREGULAR

ANALYSER = f"words-2 snowball-english {version('PyStemmer')}"
"""What a snapshot records of the analysis; another value means that terms may differ."""

STOP_WORDS = frozenset(
    """
    a about after again all am an and any are as at be because been before being below between
    both but by can could d did do does doing don down during each few for from further had has
    have having he her here hers him himself his how i if in into is it its itself just ll m may
    me might more most must my myself no nor not now of off on once only or other our ours out
    over own re s same shall she should so some such t than that the their theirs them themselves
    then there these they this those through to too under until up upon us ve very was we were
    what when where which while who whom whose why will with would you your yours
    """.split()
)
"""Words that say nothing of an article's matter; they are not ranked."""

_WORD = re.compile(
    r"\d+(?:[.,]\d+)+"  # 1,500 and 3.5 are one word
    r"|[^\W_](?:[^\W_]|[\u0300-\u036f])*(?:['’][^\W_](?:[^\W_]|[\u0300-\u036f])*)*"
)
AROUND_WORDS = ".,;:!?\"'“”‘’()[]–—-"
"""Some of the marks with which no word begins or ends."""
_STEMMER = Stemmer.Stemmer("english", 0)  # a cache of its own would only cost time beside ours


def terms_of(text: str) -> list[str]:
    """The terms of *text*, in order and with repeats; stop words leave none."""
    return [term for word in words_of(text) if (term := term_of(word))]


def term_spans(text: str) -> Iterator[tuple[int, int, str]]:
    """``(start, end, term)`` of each word of *text* that leaves a term."""
    for found in _WORD.finditer(text):
        if term := term_of(found.group()):
            yield *found.span(), term


def words_of(text: str) -> list[str]:
    """The words of *text* as written, stop words included."""
    # A single word, the commonest text by far while an index is built, needs no expression.
    return [text] if text.isascii() and text.isalnum() else _WORD.findall(text)


@lru_cache(maxsize=1 << 17)
def term_of(word: str) -> str:
    """The term of one word, or "" for a stop word."""
    folded = word.casefold()
    if not folded.isascii():
        folded = unicodedata.normalize("NFKD", folded).replace("’", "'")
        folded = "".join(c for c in folded if not unicodedata.combining(c))
    if folded[:1].isdigit():
        folded = folded.replace(",", "")
    folded = folded.removesuffix("'s").removesuffix("'")
    if folded in STOP_WORDS:
        return ""
    return str(_STEMMER.stemWord(IRREGULAR.get(folded, folded)))
