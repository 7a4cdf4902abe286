"""Words: the terms and kinds of many sentences, found word by word and put together at once."""

from array import array

import numpy as np
from numpy.typing import NDArray

from index.kinds import ALONE, FIRSTS_AT, KINDS, marks_around, marks_of
from index.terms import AROUND_WORDS, term_of, words_of

_term_of = term_of.__wrapped__  # each word comes once; remembering it again would only cost time


class Words:
    """The words of sentences: terms are numbered, in the order in which they are first seen.

    A sentence that is added is only cut at its spaces. What stands between them is analysed when it
    is first seen; what follows for the sentences is left to numpy, for all of them together.
    """

    def __init__(self) -> None:
        self._written = _Written()
        self._words = array("i")
        self._starts = array("i")

    @property
    def terms(self) -> list[str]:
        """The terms seen so far, each at its number."""
        return list(self._written.numbers)

    def numbers_of(self, text: str) -> list[int]:
        """The numbers of the terms of *text*, which is not added, in order and with repeats."""
        terms, firsts, counts = self._written.terms, self._written.firsts, self._written.counts
        words = map(self._written.__getitem__, text.split(" "))
        return [terms[firsts[word] + nth] for word in words for nth in range(counts[word])]

    def add(self, sentence: str) -> None:
        """Take in one more sentence."""
        self._starts.append(len(self._words))
        self._words.extend(map(self._written.__getitem__, sentence.split(" ")))

    def numbers(self) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """The numbers of the terms of all sentences added, one sentence's after another's, and how
        many each sentence has."""
        words, starts = self._cells()
        counts = np.frombuffer(self._written.counts, np.int32)[words]
        firsts = np.frombuffer(self._written.firsts, np.int32)[words]
        # For each term its place among those of the written words: where its word's begin, less how
        # many terms come before that word in the sentences, plus how many come before itself.
        places = np.repeat(firsts + counts - np.cumsum(counts, dtype=np.int32), counts)
        places += np.arange(len(places), dtype=np.int32)
        numbers = np.frombuffer(self._written.terms, np.int32)[places]
        return numbers, np.add.reduceat(counts, starts, dtype=np.int32)

    def kinds(self) -> NDArray[np.uint8]:
        """What ``kinds_in`` says of each sentence added."""
        words, starts = self._cells()
        marks = np.frombuffer(self._written.marks, np.uint16)[words]
        before = np.roll(marks, 1) >> FIRSTS_AT
        before[starts] = ALONE
        return np.array(KINDS, np.uint8)[np.bitwise_or.reduceat(marks & before, starts)]

    def _cells(self) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """The written words of all sentences, and where each sentence's begin."""
        return np.frombuffer(self._words, np.int32), np.frombuffer(self._starts, np.int32)


class _Written(dict[str, int]):
    """What stands between spaces, numbered as it is first seen.

    What has number *n* has ``marks[n]``, and its ``counts[n]`` terms begin at ``firsts[n]`` in
    ``terms``; what differs only in the marks around it shares them.
    """

    def __init__(self) -> None:
        super().__init__()
        self.numbers: dict[str, int] = {}
        self.terms = array("i")
        self.firsts = array("i")
        self.counts = array("i")
        self.marks = array("H")

    def __missing__(self, written: str) -> int:
        bare = written.strip(AROUND_WORDS)
        if bare != written and len(bare) > 1:
            known = self[bare]
            first, count = self.firsts[known], self.counts[known]
            marks = marks_around(written, bare, self.marks[known])
        else:
            first, numbers = len(self.terms), self.numbers
            for word in words_of(written):
                if term := _term_of(word):
                    self.terms.append(numbers.setdefault(term, len(numbers)))
            count = len(self.terms) - first
            marks = marks_of(written)
        self.firsts.append(first)
        self.counts.append(count)
        self.marks.append(marks)
        number = self[written] = len(self)
        return number
