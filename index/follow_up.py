"""Follow-ups: "and when?" takes what it leaves out from the question before it."""

import re

from index.article import one_line
from index.clauses import ASKING, AUXILIARIES, PREPOSITIONS, asking_phrases, lowered

_LEADING = re.compile(
    r"^(?:(?:and|but|so|or|also|then|ok|okay|well|thanks|please)\b[\s,]*)+", re.IGNORECASE
)
_ABOUT = re.compile(r"^(?:what|how) about\s+|^(?:the same (?:for|with))\s+", re.IGNORECASE)
_SAME = frozenset(
    """it that this they he she there then did does do was were is are happen happened the a of so
    exactly precisely again else also""".split()
)
"""Words that say nothing beyond what the question before says: "when was that?"."""
_PERSONS = frozenset("he she him her they them".split())
_OWNED = frozenset("his her their its".split())
_WORD = re.compile(r"[^\s,;?!.]+(?:\.(?=\S)[^\s,;?!.]+)*|[,;]")
_ARTICLES = r"(?:the|a|an)"


def completed(text: str, previous: str) -> str:
    """The whole question that *text* asks, where it follows the question *previous*.

    Asking words alone ("and when?") are asked of the same event; a name or a date alone ("and
    Kennedy?", "what about 1962?") takes the place of the one before, or is added; a pronoun in a
    question of its own stands for the only name of the question before. Anything else is a
    question that needs nothing.
    """
    line = one_line(text) or ""
    before = (one_line(previous) or "").rstrip("?!. ")
    bare = _LEADING.sub("", line).rstrip("?!. ")
    if not before or not bare:
        return line
    about = _ABOUT.sub("", bare)
    words = _WORD.findall(about)
    lower = lowered(words)
    asked = [] if about != bare else asking_phrases(words)
    if asked:
        asking = {i for one in asked for i in range(one.start, one.end)}
        rest = [word for i, word in enumerate(lower) if i not in asking]
        if all(word in _SAME or word in PREPOSITIONS or word in {",", "and"} for word in rest):
            named = {one.name for one in asking_phrases(_WORD.findall(before))}
            more = [
                " ".join(words[one.start : one.end]).lower()
                for one in asked
                if one.name not in named
            ]
            return ", and ".join([before, *more]) + "?"
        return _with_name(bare, before) + "?"
    if lower and lower[0] in AUXILIARIES:
        return _with_name(bare, before) + "?"
    return _with_other(about, before) + "?"


def _with_other(other: str, before: str) -> str:
    """The question *before*, asked of something else: the name, or the year, in it replaced."""
    word = other.rsplit(maxsplit=1)[-1]
    if re.fullmatch(r"\d{4}", word):
        if re.search(r"\b\d{4}\b", before):
            return re.sub(r"\b\d{4}\b", word, before)
        return f"{before} {other if other != word else f'in {word}'}"
    if lowered(other.split(maxsplit=1)[:1])[0] in PREPOSITIONS:
        return f"{before} {other}"
    names = _names(before)
    placed = re.compile(rf"\b(?:{'|'.join(PREPOSITIONS)})(?:\s+{_ARTICLES})?\s+$", re.IGNORECASE)
    somebody = [one for one in names if not placed.search(before[: one[0]])]
    if names:
        start, end = (somebody or names)[-1]
        return before[:start] + other + before[end:]
    return f"{before} {other}"


def _with_name(question: str, before: str) -> str:
    """*question* with its pronoun replaced by the only name of the question *before*."""
    names = _names(before)
    if len(names) != 1 or _names(question):
        return question
    name = before[slice(*names[0])]
    words = question.split()
    for i, word in enumerate(words):
        bare = word.strip(",;").lower()
        following = words[i + 1 : i + 2]
        if bare in _OWNED and following and following[0].lower() not in PREPOSITIONS:
            words[i] = word.lower().replace(bare, f"{name}'s")
            break
        if bare in _PERSONS:
            words[i] = word.lower().replace(bare, name)
            break
    return " ".join(words)


def _names(question: str) -> list[tuple[int, int]]:
    """Where the capitalised names of a question stand; its first word begins it, and is none."""
    found = []
    pattern = r"\b[A-Z][\w.'’-]*(?:\s+(?:(?:of|the|de|van|von)\s+)*[A-Z][\w.'’-]*)*"
    for match in re.finditer(pattern, question):
        start, end = match.span()
        first = match.group().split()[0]
        if start == 0:
            if lowered([first])[0] not in ASKING | AUXILIARIES or " " not in match.group():
                continue
            start += match.group().index(" ") + 1
        found.append((start, end))
    return found
