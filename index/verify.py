"""Verifying: does a snapshot still hold what was built, and score as rank_bm25 scores?"""

import numpy as np

from index.bm25 import PlainBM25
from index.kinds import kinds_in
from index.segment import LEVELS
from index.sentences import split_sentences
from index.snapshot import Snapshot
from index.terms import terms_of

SAMPLED_QUERIES = 25
"""How many sentences' first words are asked of both indexes; each costs rank_bm25 a pass over
everything."""
_QUERY_TERMS = 5
_TOLERANCE = 1e-6


def verify(snapshot: Snapshot) -> list[str]:
    """Every fault of a snapshot, a sentence each; nothing is wrong where the list is empty.

    Checked are every file's digest, every article's sentences against a fresh split of its text
    and the kinds of thing that they hold, and the scores of sampled queries against rank_bm25 (1e-6 relative), at every level.
    """
    faults = snapshot.faults()
    if faults:
        return faults  # the rest would only say the same in other words
    corpora: dict[str, list[list[str]]] = {level: [] for level in LEVELS}
    for number in range(snapshot.counts.articles):
        article = snapshot.article(number)
        if snapshot.article_number(article.id) != number:
            faults.append(f"the article {article.id} is not found by its id")
        rows = [snapshot.sentence(i, article.id) for i in snapshot.sentences_of(number)]
        if rows != split_sentences(article):
            faults.append(f"the sentences of {article.id} are not those of its text")
        elif any(
            snapshot.kinds_of(i) != kinds_in(row.quote(article.text))
            for i, row in zip(snapshot.sentences_of(number), rows, strict=True)
        ):
            faults.append(f"what the sentences of {article.id} hold is not what their texts do")
        words = [terms_of(row.quote(article.text)) for row in rows]
        paragraphs: dict[int, list[str]] = {}
        for row, terms in zip(rows, words, strict=True):
            paragraphs.setdefault(row.paragraph, []).extend(terms)
        corpora["sentence"] += words
        corpora["paragraph"] += paragraphs.values()
        corpora["article"].append([term for terms in words for term in terms])
        corpora["title"].append(terms_of(article.title))
    queries = _queries(corpora["sentence"])
    for level in LEVELS:
        faults += _score_faults(snapshot, level, corpora[level], queries)
    return faults


def _queries(sentences: list[list[str]]) -> list[list[str]]:
    """The first terms of sentences spread evenly over the collection."""
    step = max(len(sentences) // SAMPLED_QUERIES, 1)
    return [terms[:_QUERY_TERMS] for terms in sentences[::step] if terms][:SAMPLED_QUERIES]


def _score_faults(
    snapshot: Snapshot, level: str, corpus: list[list[str]], queries: list[list[str]]
) -> list[str]:
    oracle = PlainBM25(corpus)
    for query in queries:
        expected = oracle.get_scores(query)
        found = snapshot.bm25[level].get_scores(query)
        if not np.allclose(found, expected, rtol=_TOLERANCE, atol=0):
            worst = int(np.argmax(np.abs(found - expected)))
            return [
                f"the {level} index scores {found[worst]:.9g} for text {worst} and the query"
                f' "{" ".join(query)}", where rank_bm25 gives {expected[worst]:.9g}'
            ]
    return []
