"""Questions that a sentence does not answer, made from ones that it does.

Each maker takes rows of one side and returns rows without spans. All are deterministic for a seed.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

from training.lookalikes import Pool, holds_answer
from training.rows import Row, relabelled, words_of

MUTUAL = frozenset(
    "meet marry join resemble equal fight debate agree speak talk play face compete negotiate discuss "
    "merge link connect associate relate compare share match divorce separate differ cooperate collaborate "
    "include involve combine mix border be have become remain contain date exchange clash unite converge "
    "overlap intersect accompany work live travel sign say".split()
)
PRONOUNS = frozenset(
    "he she it they him her them his its their i we you me us this that these those who which one "
    "himself herself itself themselves there some many all both others people".split()
)
_HOLE = re.compile(r"\b(someone|something)\b")
_YEAR = re.compile(r"\b(1[0-9]{3}|20[0-2][0-9])\b")
_NAME = re.compile(r"\b[A-Z][\w.'’-]+(?: (?:of |de |von |van |the )?[A-Z][\w.'’-]+)*")
_TIME = re.compile(
    r"\d|\b(?:when|after|before|during|while|since|until|till|once|now|today|yesterday|tomorrow|tonight|"
    r"year|month|week|day|hour|minute|second|moment|time|century|decade|era|age|morning|afternoon|evening|"
    r"night|noon|dawn|early|earlier|late|later|latest|recent|former|formerly|previous|previously|soon|ago|"
    r"again|always|never|often|already|currently|current|present|presently|finally|eventually|first|last|"
    r"next|then|as|mon|tues|wednes|thurs|fri|satur|sun|january|february|march|april|may|june|july|august|"
    r"september|october|november|december|spring|summer|autumn|fall|winter|ever|annual|still|yet|season|"
    r"subsequently|immediately|initially|originally|period|war|upon|following|on|in|at|long)"
    r"(?:s|day|days|ly)?\b",
    re.IGNORECASE,
)
_PLACE = re.compile(
    r"\b(?:in|at|on|from|to|near|where|here|there|into|inside|outside|across|around|through|throughout|"
    r"over|under|between|among|along|above|below|behind|beside|by|toward|towards|onto|off|up|down|out|"
    r"north|south|east|west|home|local|abroad|worldwide|everywhere|within|away|back)\b",
    re.IGNORECASE,
)
_CAUSE = re.compile(
    r"\b(?:because|since|due|for|so|to|as|after|when|by|with|that|if|reason|result|cause|therefore|thus|"
    r"from|over|amid|despite|given|in order)\b",
    re.IGNORECASE,
)


def lookalike_rows(
    rows: Sequence[Row], pool: Pool, per_row: int, depth: int, kind: str
) -> list[Row]:
    """For each row, *per_row* sentences that BM25 finds and that hold none of its answers.

    Half of them, as far as there are any, come from the row's own article.
    """
    made = []
    for row in rows:
        asked = set(words_of(row.sentence))
        found = [
            candidate
            for candidate in pool.search(row.question, depth)
            if not holds_answer(candidate.sentence, row.answers)
            and set(words_of(candidate.sentence)) != asked
        ]
        own = [candidate for candidate in found if candidate.article == row.article]
        other = [candidate for candidate in found if candidate.article != row.article]
        half = (per_row + 1) // 2
        chosen = (own[:half] + other[: per_row - len(own[:half])])[:per_row]
        for number, candidate in enumerate(chosen):
            made.append(
                relabelled(
                    row,
                    f"{kind}{number}",
                    sentence=candidate.sentence,
                    context=candidate.context,
                    spans=(),
                )
            )
    return [relabelled_kind(row, kind) for row in made]


def relabelled_kind(row: Row, kind: str) -> Row:
    """*row* with its kind shortened to the family's name."""
    return Row(**{**row.__dict__, "kind": kind})


def _filler(row: Row) -> str | None:
    """An answer short and solid enough to stand in a question, or None."""
    if not row.spans:
        return None
    texts = sorted((row.sentence[start:end] for start, end in row.spans), key=len)
    text = texts[-1] if len(texts[-1].split()) <= 5 else texts[0]
    if len(text.split()) > 5 or set(words_of(text)) & PRONOUNS or not words_of(text):
        return None
    if text.split()[0].lower() in {
        "in",
        "on",
        "at",
        "by",
        "to",
        "for",
        "from",
        "with",
        "of",
        "as",
        "into",
    }:
        return None
    return text


def _decapitalised(text: str) -> str:
    head = text.split(maxsplit=1)[0]
    return (
        text[0].lower() + text[1:]
        if head.lower() in {"a", "an", "the", "his", "its", "their"}
        else text
    )


def role_swaps(rows: Iterable[Row], templates: dict[str, str]) -> list[Row]:
    """Who did what to whom, turned round.

    *templates* gives the question with "someone"/"something" of a filled one. Where both holes were
    filled, the fillers change places ("When did B call A?"); where a who/what question has one hole,
    it is filled with the question's own answer ("Who called B?" asked as "Whom did B call?" is asked
    by a template whose answer is B).
    """
    made = []
    for row in rows:
        template = templates.get(
            row.id, row.question if row.set in {"qasrl-bank", "qasrl-gs"} else ""
        )
        holes = list(_HOLE.finditer(template))
        verbs = set(words_of(template))
        if (
            not row.spans
            or not holes
            or any(_mutual(verb) for verb in verbs - {"is", "are", "was", "were"})
        ):
            continue
        if len(holes) == 2 and row.question != template:
            pattern = re.escape(template)
            for hole in ("someone", "something"):
                pattern = re.sub(rf"\b{hole}\b", "(.+)", pattern)
            match = re.fullmatch(pattern, row.question)
            if match and not any(_empty(part) for part in match.groups()):
                first, second = match.groups()
                swapped = _fill(template, [second, first])
                made.append(relabelled(row, "roles", question=swapped, spans=()))
        elif len(holes) == 1 and template.split()[0].lower() in {"who", "what"}:
            text = _filler(row)
            if text is not None:
                asked = _fill(template, [_decapitalised(text)])
                made.append(relabelled(row, "roles", question=asked, spans=()))
    return made


def _fill(template: str, parts: list[str]) -> str:
    waiting = iter(parts)
    return _HOLE.sub(lambda _: next(waiting), template)


def _empty(part: str) -> bool:
    return part.lower() in {"someone", "something"} or bool(set(words_of(part)) & PRONOUNS)


def _mutual(word: str) -> bool:
    stems = {
        word,
        word.rstrip("s"),
        word.removesuffix("ed"),
        word.removesuffix("ing"),
        word.removesuffix("d"),
    }
    stems |= {
        word.removesuffix("ied") + "y",
        word.removesuffix("ing") + "e",
        word.removesuffix("es"),
    }
    return bool(stems & MUTUAL) or word in {"met", "fought", "spoke", "spoken", "became", "said"}


def name_swaps(rows: Sequence[Row], seed: int) -> list[Row]:
    """A name or year of the question that stands in the sentence, replaced by one that does not."""
    chance = random.Random(seed)
    by_article: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        by_article[row.article] += _names(row.sentence)
    everywhere = sorted({name for names in by_article.values() for name in names})
    made = []
    for row in rows:
        names = [name for name in _names(row.question) if name in row.sentence]
        years = [year for year in _YEAR.findall(row.question) if year in row.sentence]
        if years and (not names or chance.random() < 0.3):
            old = chance.choice(years)
            new = str(int(old) + chance.choice([-20, -11, -5, -2, -1, 1, 2, 5, 9, 20]))
        elif names:
            old = chance.choice(names)
            near = by_article[row.article] if chance.random() < 0.5 else everywhere
            like = [
                name for name in chance.sample(near, min(len(near), 40)) if _alike(name, old, row)
            ]
            if not like:
                continue
            new = chance.choice(like)
        else:
            continue
        if new in row.sentence:
            continue
        made.append(relabelled(row, "names", question=row.question.replace(old, new), spans=()))
    return made


def _names(text: str) -> list[str]:
    """Capitalised runs that do not open *text* and are longer than an initial."""
    return [
        match.group()
        for match in _NAME.finditer(text)
        if match.start() > 0 and len(match.group()) > 2
    ]


def _alike(name: str, old: str, row: Row) -> bool:
    fresh = not set(words_of(name)) & (set(words_of(row.sentence)) | set(words_of(row.context)))
    return fresh and abs(len(name.split()) - len(old.split())) <= 1


def missing_slots(rows: Iterable[Row], seed: int) -> list[Row]:
    """When / where / why / how many asked of a sentence that has no words for such an answer."""
    chance = random.Random(seed)
    made = []
    for row in rows:
        if row.set not in {"qasrl-filled", "qasrl-bank", "qamr", "qasrl-gs"} or not row.spans:
            continue
        lacks = [
            word
            for word, pattern in (("When", _TIME), ("Where", _PLACE), ("Why", _CAUSE))
            if not pattern.search(row.sentence)
        ]
        first = row.question.split()[0]
        if not lacks or first not in {"Who", "What", "Whom", "When", "Where", "Why", "How"}:
            continue
        wh, rest = chance.choice(lacks), row.question[len(first) :].strip()
        if wh == first or not re.match(
            r"(?:did|does|do|is|was|were|are|has|had|will|can|could)\b", rest
        ):
            continue
        if first in {"Who", "What", "Whom"}:
            text = _filler(row)
            if (
                not re.match(r"(?:did|does|do)\b", rest)
                or text is None
                or len(rest.rstrip("?").split()) > 4
            ):
                continue
            rest = f"{rest.rstrip('?')} {_decapitalised(text)}?"
        made.append(relabelled(row, "slots", question=f"{wh} {rest}", spans=(), qtype=wh.lower()))
    return made


def wrong_verbs(rows: Sequence[Row], templates: dict[str, str], seed: int) -> list[Row]:
    """The verb of a filled question replaced by another one in the same form, taken at random.

    A random verb is rarely a synonym; one that shares its first three letters with a word of the
    sentence is not used.
    """
    chance = random.Random(seed)
    shape = re.compile(r"\b(?:did|does|do) (?:someone|something) ([a-z]+)")
    found = [
        (row, match.group(1)) for row in rows if (match := shape.search(templates.get(row.id, "")))
    ]
    verbs = sorted({verb for _, verb in found})
    made = []
    for row, verb in found:
        new = chance.choice(verbs)
        places = [match.start() for match in re.finditer(rf"\b{verb}\b", row.question)]
        if not places or not row.spans or new[:3] in {word[:3] for word in words_of(row.sentence)}:
            continue
        asked = row.question[: places[-1]] + new + row.question[places[-1] + len(verb) :]
        made.append(relabelled(row, "verbs", question=asked, spans=()))
    return made


def missing_agents(rows: Iterable[Row]) -> list[Row]:
    """ "Who called B?" of a sentence that only says that B was called."""
    shape = re.compile(
        r"(?:Who|What) (?:was|were) ([a-z]+ed)((?: (?:by|to|from|with|in|for) \w+)?)\?"
    )
    made = []
    for row in rows:
        match = shape.fullmatch(row.question)
        text = _filler(row)
        if not match or match.group(2) or text is None or re.search(r"\bby\b", row.sentence):
            continue
        asked = f"Who {match.group(1)} {_decapitalised(text)}?"
        made.append(relabelled(row, "agents", question=asked, spans=(), qtype="who"))
    return made
