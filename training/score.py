"""SQuAD's exact match and F1, and the area under the ROC curve."""

from __future__ import annotations

import string
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np


def squad_words(text: str) -> list[str]:
    """Lower case, without ASCII punctuation, without articles."""
    bare = "".join(letter for letter in text.lower() if letter not in string.punctuation)
    return [word for word in bare.split() if word not in {"a", "an", "the"}]


def match(given: str, answers: Iterable[str]) -> tuple[float, float]:
    """Exact match and F1 of *given* against the best of *answers*, each from 0 to 1."""
    best, words = 0.0, squad_words(given)
    for answer in answers:
        wanted = squad_words(answer)
        if wanted == words:
            return 1.0, 1.0
        common = sum((Counter(words) & Counter(wanted)).values())
        if common:
            best = max(best, 2 * common / (len(words) + len(wanted)))
    return 0.0, best


def area(right: Sequence[float], wrong: Sequence[float]) -> float:
    """The chance that one of *right* is larger than one of *wrong*; ties count half."""
    if not len(right) or not len(wrong):
        return float("nan")
    values = np.concatenate([np.asarray(right, float), np.asarray(wrong, float)])
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(count) - (count - 1) / 2)[place]
    inside = ranks[: len(right)].sum() - len(right) * (len(right) + 1) / 2
    return float(inside / (len(right) * len(wrong)))
