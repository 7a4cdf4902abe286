"""Words: the terms and kinds of many sentences, found word by word and put together at once."""

from array import array

import numpy as np
from numpy.typing import NDArray

from index.kinds import ALONE, FIRSTS_AT, KINDS, marks_of
from index.terms import AROUND_WORDS, terms_of


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
        terms, ends = self._written.terms, self._written.ends
        words = map(self._written.__getitem__, text.split(" "))
        return [number for word in words for number in terms[ends[word] : ends[word + 1]]]

    def add(self, sentence: str) -> None:
        """Take in one more sentence."""
        self._starts.append(len(self._words))
        self._words.extend(map(self._written.__getitem__, sentence.split(" ")))

    def numbers(self) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """The numbers of the terms of all sentences added, one sentence's after another's, and how
        many each sentence has."""
        words, starts = self._cells()
        ends = np.frombuffer(self._written.ends, np.int32)
        counts = np.diff(ends)[words]
        # For each term the place in what the written words hold: where its word's terms begin, less
        # how many terms of sentences come before that word's, plus its own place among them.
        places = np.repeat(ends[words] + counts - np.cumsum(counts, dtype=np.int32), counts)
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
    """What stands between spaces, numbered as it is first seen, with its marks and terms.

    ``terms`` are the numbers of the terms of one after another; those of number *n* end at
    ``ends[n + 1]``.
    """

    def __init__(self) -> None:
        super().__init__()
        self.numbers: dict[str, int] = {}
        self.marks = array("H")
        self.terms = array("i")
        self.ends = array("i", [0])

    def __missing__(self, written: str) -> int:
        self.marks.append(marks_of(written))
        numbers = self.numbers
        for term in terms_of(written.strip(AROUND_WORDS)):
            self.terms.append(numbers.setdefault(term, len(numbers)))
        self.ends.append(len(self.terms))
        number = self[written] = len(self)
        return number
