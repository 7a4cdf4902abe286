"""Speakers: who says what stands in a sentence, where the article itself does not say it."""

import re

_SAYS = (
    "said|says|told|stated|states|claimed|claims|argued|argues|insisted|insists|announced|announces"
    "|added|adds|declared|declares|reported|reports|warned|warns|denied|denies|believed|believes"
    "|explained|explains|replied|wrote|writes|noted|notes|recalled|recalls|admitted|admits|thinks"
    "|suggested|suggests|found|concluded|concludes|estimated|estimates|confirmed|confirms|alleged"
    "|alleges|testified|promised|remarked|maintained|maintains|predicted|expects|asked|shouted"
)
_SPEECH = re.compile(rf"\b(?:{_SAYS})\b")
_ACCORDING = re.compile(r"\b[Aa]ccording to ((?:[^,.;:“”\"]|\.(?=\S))+)")
_TOLD_BY = re.compile(r"\b(?:told|informed|warned) by ((?:[^,.;:“”\"]|\.(?=\S))+?) that\b")
_OPENING, _CLOSING = "“«", "”»"
# What may stand between a speaker and the verb, or introduces the words said.
_BREAKS = re.compile(r"[,;:“”\"()—]|\b(?:and|but|that|who|which|as|while|when|because|although)\b")
_PRONOUN = re.compile(r"(?:he|she|they|it|i|we|you)\b", re.IGNORECASE)
_NOT_SPEAKERS = re.compile(
    r"(?:it|there|this|that|which|who|nobody|no one|none|also|has|have|had|was|were|be|been|is|not)"
    r"\b",
    re.IGNORECASE,
)
_LEADING = re.compile(
    r"^(?:(?:later|earlier|meanwhile|then|yesterday|today|on \w+|in \w+"
    r"|(?:\w+ ){1,2}(?:years?|months?|weeks?|days?|hours?) (?:later|after|afterwards|earlier|ago))\s+)+",
    re.IGNORECASE,
)
_TRAILING = re.compile(
    r"(?:\s+(?:has|have|had|is|was|were|also|later|once|always|still|since|then|would|will|did))+$"
)
_OPEN_ENDED = frozenset(
    "a about all an any for from her his in its my of on some that the to".split()
)
_NEEDS_THAT = frozenset("found reported denied confirmed".split())


def speaker_of(text: str, sentence: tuple[int, int], span: tuple[int, int]) -> str | None:
    """Who says the words ``text[span]`` in the sentence ``text[sentence]``, verbatim, or None where
    the article's own voice does.

    All offsets are code points of *text*. A speaker is found behind "according to", as the subject
    of a verb of saying with the words on its other side, or, for quoted words, in the neighbouring
    sentence that introduces them.
    """
    start, end = sentence
    said = text[start:end]
    inside = (span[0] - start, span[1] - start)
    if (found := _TOLD_BY.search(said)) and found.end() <= inside[0]:
        return _trimmed(found[1])
    if found := _ACCORDING.search(said):
        if found.start() <= inside[0] < found.end(1):
            return None  # the value is the source itself
        return _trimmed(found[1])
    quoted = _quoted(text, span[0], start)
    for verb in _SPEECH.finditer(said):
        if _within_quotes(said, verb.start()):
            continue
        name = _subject(said, verb, inside)
        if name is None:
            continue
        if _reported(said, verb, inside) or quoted:
            return name
    if quoted:
        return _neighbouring(text, start, end)
    return None


def _quoted(text: str, place: int, sentence_start: int) -> bool:
    """Whether *place* lies in a quotation that holds more than a title or a word or two."""
    block = text.rfind("\n\n", 0, place) + 1
    before = text[block:place]
    opened = max(before.rfind(mark) for mark in _OPENING)
    closed = max(before.rfind(mark) for mark in _CLOSING)
    begin = -1
    if opened > closed:
        begin = block + opened
    elif before.count('"') % 2:
        begin = block + before.rfind('"')
    if begin < 0:
        return False
    after = re.search(r"[”»\"]", text[place:])
    stop = place + after.start() if after else len(text)
    return len(text[begin + 1 : stop].split()) >= 4 or begin < sentence_start


def _within_quotes(said: str, place: int) -> bool:
    before = said[:place]
    opened = max(before.rfind(mark) for mark in _OPENING)
    closed = max(before.rfind(mark) for mark in _CLOSING)
    return opened > closed or before.count('"') % 2 == 1


def _subject(said: str, verb: re.Match[str], inside: tuple[int, int]) -> str | None:
    """Who does the saying: the words before the verb, or, after a quotation, those behind it."""
    before = said[: verb.start()].rstrip()
    behind = ("”", '"', "»", "?", "!") if inside[0] < 0 else (",", "”", '"', "»", "?", "!")
    if inside[1] <= verb.start() and before.endswith(behind):
        # “...,” said Anna Lind
        tail = said[verb.end() :]
        stop = _BREAKS.search(tail) or re.search(r"[.]\s*$", tail)
        name = _trimmed(tail[: stop.start()] if stop else tail)
        return name if name and not _PRONOUN.fullmatch(name) else None
    pieces = _BREAKS.split(before)
    name = _trimmed(pieces[-1])
    if not name and len(pieces) > 2 and before.endswith(","):  # "Anna Lind, the mayor, said"
        name = _trimmed(pieces[-3])
    elif not name and before.endswith(" and"):  # "Anna Lind denied it and insisted that"
        name = _trimmed(_SPEECH.split(pieces[0])[0])
    if not name or _NOT_SPEAKERS.match(name):
        return None
    place = before.rfind(name)
    if place <= inside[0] < place + len(name):
        return None  # the value is the speaker
    return name


def _reported(said: str, verb: re.Match[str], inside: tuple[int, int]) -> bool:
    """Whether the value stands in what is said: a clause after the verb, or before ", X said"."""
    if inside[0] >= verb.end():
        between = said[verb.end() : inside[0]].lstrip()
        if verb.group() in {"told", "asked", "warned"}:
            whole = between and between.split()[-1].lower() not in _OPEN_ENDED  # "told reporters"
            return " that " in f" {between} " or bool(whole or re.search(r"[,:“\"]", between))
        if verb.group() in _NEEDS_THAT:
            return between.startswith("that ") or bool(re.match(r"[:,]? ?[“\"]", between))
        return bool(between) or verb.group() != "said"
    return bool(re.search(r"[,”\"»?!]\s*(?:\S+\s+){0,8}$", said[inside[1] : verb.start()]))


def _neighbouring(text: str, start: int, end: int) -> str | None:
    """The speaker of a quoted sentence that the sentence before or after it names."""
    before = text[max(0, start - 300) : start]
    last = re.split(r"(?<=[.!?])[”\"]?\s+", before.rstrip())[-1] if before.strip() else ""
    after = re.split(r"(?<=[.!?])[”\"]?\s+", text[end : end + 300].lstrip())[0]
    for said in (last, after):
        for verb in _SPEECH.finditer(said):
            if not _within_quotes(said, verb.start()):
                name = _subject(said, verb, (-1, -1))
                if name and not _PRONOUN.fullmatch(name):
                    return name
    return None


def _trimmed(name: str) -> str:
    """*name* without the words that only lead to it, or from it to the verb."""
    name = _LEADING.sub("", name.strip(" .,\n\t"))
    return _TRAILING.sub("", name)
