"""How like real text made text is: what skipping algorithms live off, of both.

Printed is Markdown: how long sentences are, how terms are spread over sentences, how much oftener
than by chance two terms stand in one sentence, and how much oftener an article says a thing again.

    python benchmarks/likeness.py path/to/articles
"""

import argparse
import math
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import combinations
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import zipf_text  # noqa: E402  # found by the line above

from index.article import Article  # noqa: E402
from index.collection import read_collection  # noqa: E402
from index.sentences import split_sentences  # noqa: E402
from index.terms import terms_of, words_of  # noqa: E402

RANKS = (1, 10, 100, 1000, 5000)
PAIRED = 20
"""Sentences that a term has to stand in for its company to say something."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("articles", type=Path, help="a collection of real articles")
    real = [
        one for one in read_collection(parser.parse_args().articles) if isinstance(one, Article)
    ]
    size = sum(len(split_sentences(article)) for article in real)
    made = [Article(**row) for row in zipf_text.articles(size)]
    print("| | real | made |\n| --- | ---: | ---: |")
    for (what, one), (_, other) in zip(measured(real), measured(made), strict=True):
        print(f"| {what} | {one} | {other} |")
    return 0


def measured(articles: Iterable[Article]) -> Iterator[tuple[str, str]]:
    """What is measured, and the figure."""
    sentences: list[list[str]] = []
    words = 0
    in_articles: Counter[str] = Counter()  # how many articles hold a term
    for article in articles:
        texts = [one.quote(article.text) for one in split_sentences(article)]
        words += sum(len(words_of(text)) for text in texts)
        sentences += map(terms_of, texts)
        in_articles.update(set().union(*sentences[len(sentences) - len(texts) :]))
    total, terms = len(sentences), sum(map(len, sentences))
    often = Counter(term for sentence in sentences for term in sentence)
    holding = Counter(term for sentence in sentences for term in set(sentence))
    yield "sentences", f"{total:,}"
    yield "words a sentence", f"{words / total:.1f}"
    yield "stop words among them", f"{100 * (1 - terms / words):.1f} %"
    yield "different terms", f"{len(holding):,}"
    yield "terms that come once", f"{100 * sum(n == 1 for n in often.values()) / len(often):.1f} %"
    ranked = [count for _, count in holding.most_common(max(RANKS))]
    for rank in RANKS:
        if rank <= len(ranked):
            share = 100 * ranked[rank - 1] / total
            yield f"sentences that hold term {rank:,}", f"{share:.2f} %"
    yield "sentences of an article that hold a term it has", f"{_again(holding, in_articles):.2f}"
    lifts = sorted(_lifts(sentences, holding))
    pairs = sum(count for _, count in lifts)
    mean = sum(lift * count for lift, count in lifts) / pairs
    yield "two terms in one sentence: mean ln(share / share by chance)", f"{mean:.2f}"
    for times in (4, 20):
        share = sum(count for lift, count in lifts if lift > math.log(times)) / pairs
        yield f"pairs {times} times oftener than by chance", f"{100 * share:.1f} %"


def _again(holding: Counter[str], in_articles: Counter[str]) -> float:
    """How many sentences of an article hold a term that any does."""
    return sum(holding.values()) / sum(in_articles.values())


def _lifts(sentences: list[list[str]], holding: Counter[str]) -> Iterator[tuple[float, int]]:
    """Of each pair of terms that stand in one sentence: how much oftener than by chance (natural
    logarithm), and how often."""
    pairs = Counter(
        pair
        for sentence in sentences
        for pair in combinations(sorted({t for t in sentence if holding[t] >= PAIRED}), 2)
    )
    for (one, other), count in pairs.items():
        yield math.log(count * len(sentences) / (holding[one] * holding[other])), count


if __name__ == "__main__":
    sys.exit(main())
