"""Made news of any size, whose words fall as those of real text do.

Ranking algorithms that skip what cannot win live off how real words are spread: a few in many
sentences and most in hardly any, some that come together, a few that an article keeps repeating. So
articles here are not bags of independent words:

- stop words are the real ones, at their real shares, 45 of 100 running words;
- other words fall by a Zipf-Mandelbrot law that bends where common words end and rare ones begin;
- an article has a few topics, each with some hundred words, phrases and names of its own, and takes
  a good part of its words from them;
- a word or name that an article has used comes again in it more likely (Simon's process);
- sentences have log-normal lengths, three to five make a paragraph, and one in a hundred is a stock
  sentence that stands in other articles too.

Names are capitalised and made of a first and a last name; numbers and dates are written as people
write them. The same seed gives the same bytes, and a smaller text is the beginning of a larger one.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

STOPS = """
the 620 of 310 to 270 and 265 a 225 in 215 that 100 is 95 for 95 was 75 on 70 with 70 he 65 it 65
as 65 at 55 by 55 be 55 not 45 but 45 are 45 from 45 his 45 have 40 has 40 this 40 an 35 they 35 had
35 i 35 were 30 who 28 will 28 or 28 their 28 we 26 you 25 would 24 its 24 more 23 been 22 which 22
about 22 she 20 her 20 when 20 there 18 up 18 out 18 can 17 after 17 if 16 than 15 what 15 so 14
into 13 over 13 some 13 no 13 could 12 other 12 them 12 our 12 most 10 now 10 where 9 him 9 before 8
between 8 through 8 while 8 because 8 only 8 such 7 during 7 then 7 those 6 these 6 under 6 how 6 off
5 being 5 until 4 may 4 do 4 did 4 any 4 too 3 again 3 why 3
"""
HEAD = """
said year new one people two first last time make also work government state day world include use
company week country call city group report official president home million plan part three show
public school may help leader police number month lead market team former another back case play
house game second law business power high court service party support system problem bank minister
war member percent early late health family change long local national political right point end
force area name move price start place increase money open rate follow issue community history
study result order life
""".split()
"""The most frequent words that are not stop words, about in their order."""
MONTHS = """January February March April May June July August September October November
December""".split()
SOURCES, AUTHORS = 40, 300
FIRST_DAY, LAST_DAY = date(2005, 1, 1), date(2024, 12, 31)

WORDS = 400_000
PEOPLE, LAST_NAMES = 90_000, 40_000
TOPICS, TOPIC_WORDS, TOPIC_NAMES = 3000, 300, 40
BLOCK = 1000
"""Articles that are made at once, each block from a seed of its own."""

STOP_SHARE, NAME_SHARE, NUMBER_SHARE = 0.495, 0.055, 0.023
FROM_TOPICS, NAME_FROM_TOPICS = 0.30, 0.70
AGAIN, NAME_AGAIN = 0.18, 0.40
FULL_NAME = 0.45
TOPIC_SHARES = (0.65, 0.90, 1.0)
"""How much of what an article takes from its topics is from the first, the first two, all three."""

Ids = NDArray[np.int64]


@dataclass(frozen=True)
class Lexicon:
    """All that may stand in a place of a sentence: ``written[id]``. ``words``, ``people``,
    ``numbers`` say with which id each kind begins; stop words begin at 0.

    A word has WORD_FORMS ids (as it is, with s, ed, ing), a person two (full name, last name).
    ``*_falls`` are cumulative shares to draw from.
    """

    written: NDArray[np.object_]
    words: int
    people: int
    numbers: int
    stop_falls: NDArray[np.float64]
    word_falls: NDArray[np.float64]
    people_falls: NDArray[np.float64]
    topic_words: Ids
    topic_people: Ids


WORD_FORMS = 4


def write(path: Path, sentences: int, seed: int = 1) -> None:
    """Write articles with *sentences* sentences in all as JSON lines; their ids sort as the lines
    do."""
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in articles(sentences, seed))


def articles(sentences: int, seed: int = 1) -> Iterator[dict[str, Any]]:
    """The rows of the articles."""
    lexicon = make_lexicon()
    number = 0
    while sentences > 0:
        chance = np.random.default_rng((seed, number))
        for row, texts in _block(lexicon, chance, number):
            fitting = texts[:sentences]
            sentences -= len(fitting)
            yield row | {"text": _paragraphs(fitting, chance)}
            if not sentences:
                return
            number += 1


@cache
def make_lexicon() -> Lexicon:
    """The words and names of every made text, and what the topics have of them."""
    chance = np.random.default_rng(0)
    given = STOPS.split()
    stops, stop_weights = given[::2], np.array(given[1::2], float)
    plain = HEAD + [_word(rank) for rank in range(WORDS - len(HEAD))]
    # One in twenty is a phrase: two words that come together more often than by chance.
    for rank in range(len(HEAD), WORDS, 20):
        one, other = chance.integers(0, min(10 * rank, WORDS), 2).tolist()
        plain[rank] = f"{plain[one].split()[0]} {plain[other].split()[0]}"
    forms = [word + end for word in plain for end in ("", "s", "ed", "ing")]
    last = [_word(WORDS + number).capitalize() for number in range(LAST_NAMES)]
    first = [_word(WORDS + LAST_NAMES + number).capitalize() for number in range(400)]
    lasts = _drawn(chance, _falls(np.arange(LAST_NAMES) + 20.0, 0.8), PEOPLE).tolist()
    firsts = _drawn(chance, _falls(np.arange(400) + 5.0, 0.8), PEOPLE).tolist()
    people = [
        written
        for a, b in zip(firsts, lasts, strict=True)
        for written in (f"{first[a]} {last[b]}", last[b])
    ]
    numbers = [str(number) for number in range(1, 101) for _ in range(1 + 60 // number)]
    numbers += [str(year) for year in range(1950, 2025) for _ in range(1 + (year - 1950) // 4)]
    numbers += [f"{n:,}" for n in (10 ** chance.uniform(3, 6, 1500)).astype(int).tolist()]
    numbers += [f"{n:.1f}" for n in chance.uniform(0, 60, 700).tolist()]
    for back in chance.integers(0, 7000, 1000).tolist():
        day = LAST_DAY - timedelta(back)
        numbers.append(f"{day.day} {MONTHS[day.month - 1]} {day.year}")
    ranks = np.arange(WORDS)
    # Two slopes: that of words everybody uses, and a steeper one beyond them.
    shares = (ranks + 2.0) ** -0.58 * (1 + ranks / 1000) ** -1.2
    topic_shares = np.where((ranks > 10) & (ranks < 100_000), shares**0.8, 0)
    word_falls = np.cumsum(shares) / shares.sum()
    people_falls = _falls(np.arange(PEOPLE) + 30.0, 0.85)
    return Lexicon(
        written=np.array([*stops, *forms, *people, *numbers], object),
        words=len(stops),
        people=len(stops) + len(forms),
        numbers=len(stops) + len(forms) + len(people),
        stop_falls=np.cumsum(stop_weights) / stop_weights.sum(),
        word_falls=word_falls,
        people_falls=people_falls,
        topic_words=_drawn(
            chance, np.cumsum(topic_shares) / topic_shares.sum(), TOPICS * TOPIC_WORDS
        ).reshape(TOPICS, TOPIC_WORDS),
        topic_people=_drawn(chance, people_falls, TOPICS * TOPIC_NAMES).reshape(TOPICS, -1),
    )


def _block(
    lexicon: Lexicon, chance: np.random.Generator, number: int
) -> list[tuple[dict[str, Any], list[str]]]:
    """BLOCK articles from *number* on: each one's facts and its sentences."""
    sizes = np.clip(chance.lognormal(np.log(22), 0.5, BLOCK), 4, 120).astype(int)
    article_of = np.repeat(np.arange(BLOCK), sizes)
    lengths = np.clip(chance.lognormal(np.log(19.0), 0.5, len(article_of)), 3, 70).astype(int)
    owner = np.repeat(article_of, lengths)
    ends = np.cumsum(lengths)
    ids = _draw(lexicon, chance, owner, ends - 1)
    words = lexicon.written[ids]
    commas = chance.random(len(words)) < 0.05
    commas[ends - 1] = False
    words[commas] += ","
    told = words.tolist()
    texts = []
    for start, end in zip((ends - lengths).tolist(), ends.tolist(), strict=True):
        text = " ".join(told[start:end])
        texts.append(f"{text[0].upper()}{text[1:]}.")
    for place in np.flatnonzero(chance.random(len(texts)) < 0.01).tolist():
        texts[place] = f"This report was {_word(int(chance.integers(400)))} by the news desk."
    bounds = np.searchsorted(article_of, np.arange(BLOCK + 1)).tolist()
    first = np.searchsorted(owner, np.arange(BLOCK)).tolist()
    facts = _facts(lexicon, chance, number, [ids[at : at + 60] for at in first])
    return [(fact, texts[a:b]) for fact, a, b in zip(facts, bounds, bounds[1:], strict=False)]


def _draw(lexicon: Lexicon, chance: np.random.Generator, owner: Ids, last: Ids) -> Ids:
    """What stands in each place of the articles that *owner* names, ascending; *last* are the places
    where sentences end."""
    kind = np.searchsorted(
        np.cumsum([STOP_SHARE, NAME_SHARE, NUMBER_SHARE]), chance.random(len(owner)), side="right"
    )
    # "In 3." and "the a." end no sentence.
    kind[last] = np.where(kind[last] == 1, 1, 3)
    topics = _drawn(chance, _falls(np.arange(TOPICS) + 15.0, 0.8), 3 * BLOCK).reshape(BLOCK, 3)
    within = _falls(np.arange(TOPIC_WORDS) + 8.0, 0.75)
    among = _falls(np.arange(TOPIC_NAMES) + 3.0, 0.8)
    ids = np.empty(len(owner), np.int64)

    stops = kind == 0
    ids[stops] = _drawn(chance, lexicon.stop_falls, int(stops.sum()))
    numbers = kind == 2
    ids[numbers] = chance.integers(lexicon.numbers, len(lexicon.written), int(numbers.sum()))

    places = np.flatnonzero(kind == 3)
    words = Drawn(lexicon.word_falls, lexicon.topic_words, within, FROM_TOPICS, AGAIN)
    chosen = words.draw(chance, owner[places], topics)
    form = np.searchsorted([0.75, 0.90, 0.96], chance.random(len(places)), side="right")
    form[chosen < len(HEAD)] = 0
    ids[places] = lexicon.words + WORD_FORMS * chosen + form

    places = np.flatnonzero(kind == 1)
    people = Drawn(lexicon.people_falls, lexicon.topic_people, among, NAME_FROM_TOPICS, NAME_AGAIN)
    chosen = people.draw(chance, owner[places], topics)
    ids[places] = lexicon.people + 2 * chosen + (chance.random(len(places)) > FULL_NAME)
    return ids


@dataclass(frozen=True)
class Drawn:
    """How words, or names, are drawn: by ``falls`` from all of them, or with chance *from_topics* from
    a topic's ``own`` by ``own_falls``; with chance *again* one that the article has had."""

    falls: NDArray[np.float64]
    own: Ids
    own_falls: NDArray[np.float64]
    from_topics: float
    again: float

    def draw(self, chance: np.random.Generator, owner: Ids, topics: Ids) -> Ids:
        """One for each place; *owner* names the places' articles, *topics* each article's."""
        chosen = _drawn(chance, self.falls, len(owner))
        topical = np.flatnonzero(chance.random(len(owner)) < self.from_topics)
        which = np.searchsorted(TOPIC_SHARES, chance.random(len(topical)), side="right")
        topic = topics[owner[topical], which]
        chosen[topical] = self.own[topic, _drawn(chance, self.own_falls, len(topical))]
        return chosen[_repeating(chance, owner, self.again)]


def _repeating(chance: np.random.Generator, owner: Ids, again: float) -> Ids:
    """For each place the place that it repeats: itself, or with chance *again* one before it that
    has the same owner."""
    places = np.arange(len(owner))
    first = np.searchsorted(owner, owner)
    before = first + (chance.random(len(owner)) * (places - first)).astype(np.int64)
    source = np.where((chance.random(len(owner)) < again) & (places > first), before, places)
    # One that repeats may be repeated itself.
    while not np.array_equal(further := source[source], source):
        source = further
    return source


def _facts(
    lexicon: Lexicon, chance: np.random.Generator, number: int, begins: list[Ids]
) -> list[dict[str, Any]]:
    """Id, title, source, author and date of articles whose words begin like this."""
    days = (LAST_DAY - FIRST_DAY).days + 1
    sources = _drawn(chance, _falls(np.arange(SOURCES) + 3.0, 1), len(begins)).tolist()
    writers = _drawn(chance, _falls(np.arange(AUTHORS) + 10.0, 0.8), len(begins)).tolist()
    dates = chance.integers(0, days, len(begins)).tolist()
    facts = []
    for place, ids in enumerate(begins):
        title = lexicon.written[ids[ids >= lexicon.words][: int(chance.integers(4, 9))]].tolist()
        facts.append(
            {
                "id": f"made-{number + place:08d}",
                "title": " ".join(title).title() or "Untitled",
                "source": f"The {_word(7000 + sources[place]).capitalize()} Times",
                "author": lexicon.written[lexicon.people + 2 * (5000 + writers[place])],
                "date": (FIRST_DAY + timedelta(dates[place])).isoformat(),
            }
        )
    return facts


def _paragraphs(texts: list[str], chance: np.random.Generator) -> str:
    parts = []
    while texts:
        size = int(chance.integers(3, 6))
        parts.append(" ".join(texts[:size]))
        texts = texts[size:]
    return "\n\n".join(parts)


ONSETS = "b c d f g h l m n p r s t v w ch sh st tr pl".split()
VOWELS = "a e i o u ea".split()
CODAS = ["", "l", "m", "n", "r", "t", "k", "nd"]


def _word(number: int) -> str:
    """A word that can be spoken; another for each number, two syllables for small ones and more for
    others."""
    syllables = len(ONSETS) * len(VOWELS)
    parts = 2
    size = syllables**2 * len(CODAS)
    if number >= size // 4:
        number -= size // 4
        parts, size = 3, syllables**3 * len(CODAS)
    # A step without a common factor scatters neighbours and meets nobody twice.
    number = number * 7_368_787 % size
    number, coda = divmod(number, len(CODAS))
    word = ""
    for _ in range(parts):
        number, place = divmod(number, syllables)
        onset, vowel = divmod(place, len(VOWELS))
        word += ONSETS[onset] + VOWELS[vowel]
    return word + CODAS[coda]


def _falls(ranks: NDArray[np.float64], slope: float) -> NDArray[np.float64]:
    """Cumulative shares of what falls with *slope* over *ranks*."""
    shares = ranks**-slope
    return np.cumsum(shares) / shares.sum()


def _drawn(chance: np.random.Generator, falls: NDArray[np.float64], size: int) -> Ids:
    """*size* places of *falls*, each as often as its share."""
    # Rounding may leave the last sum a little below 1.
    return np.minimum(np.searchsorted(falls, chance.random(size), side="right"), len(falls) - 1)
