"""Agreement: do two articles give the same value for a slot, in other words?"""

import re

from index.candidates import Candidate
from index.dates import when
from index.kinds import DATE, NAME, NUMBER
from index.names import same_person
from index.question import Slot
from index.terms import terms_of

_ONES = {
    word: number
    for number, word in enumerate(
        """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen
        fifteen sixteen seventeen eighteen nineteen""".split()
    )
}
_TENS = {
    word: 10 * number
    for number, word in enumerate(
        "twenty thirty forty fifty sixty seventy eighty ninety".split(), 2
    )
}
_SCALES = {"hundred": 100, "thousand": 1000, "million": 1_000_000, "billion": 1_000_000_000}
_SCALES |= {"dozen": 12}


def same_value(slot: Slot, one: Candidate, other: Candidate) -> bool:
    """Whether two values of a slot agree: the same, or one a shorter form of the other.

    "12 May 1931" agrees with "May 1931", "about 40" with "some forty", "Kraft" with "Ove Kraft".
    """
    if slot.kind & DATE:
        days = [when(c.text, c.article.text[: c.start], c.article.date).value for c in (one, other)]
        if days[0] and days[1]:
            return days[0].startswith(days[1]) or days[1].startswith(days[0])
    if slot.kind & (NUMBER | DATE):
        numbers = number_in(one.text), number_in(other.text)
        if None not in numbers:
            return numbers[0] == numbers[1]
    words = set(terms_of(one.text)), set(terms_of(other.text))
    shared = words[0] & words[1]
    if slot.kind & NAME:
        subset = words[0] <= words[1] or words[1] <= words[0]
        return bool(shared) and (subset or same_person(one.text, other.text))
    return bool(shared) and len(shared) * 2 >= min(len(words[0]), len(words[1]))


def number_in(text: str) -> float | None:
    """The first number of *text*, in figures or words, or None."""
    words = re.findall(r"\d[\d,]*(?:\.\d+)?|[a-z]+", text.lower())
    total, current, seen = 0.0, 0.0, False
    for word in words:
        if word[0].isdigit():
            if seen:
                break
            current, seen = float(word.replace(",", "")), True
        elif word in _ONES or word in _TENS:
            current, seen = current + _ONES.get(word, _TENS.get(word, 0)), True
        elif word in _SCALES:
            current, seen = (current or 1) * _SCALES[word], True
            if word not in {"hundred", "dozen"}:
                total, current = total + current, 0.0
        elif seen and word != "and":
            break
    return total + current if seen else None
