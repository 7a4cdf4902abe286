"""Made-up sentences about who did what to whom and when, with questions that fit and that do not.

The question sets hold few reports of the plainest kind ("A phoned B on Monday"), and hardly any
questions that turn the roles round, mix two events, or use another word for the same deed. The
people are invented; the sentences are put together from the parts below with a fixed seed.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from training.rows import Row, find_spans

FIRST = (
    "Maria Ahmed Chen Ingrid Paulo Fatima Oleg Grace Tomás Yuki Samuel Leila Viktor Amara Henrik Rosa Idris Nadia "
    "Walter Priya Marcus Elena Kwame Sofia Dmitri Hannah Luis Mei Robert Aisha Peter Carmen Julian Noor Edward Olga"
).split()
LAST = (
    "Lindqvist Okafor Barros Novak Haddad Petersen Moreau Tanaka Whitfield Castellano Dvorak Mbeki Ferreira Sorensen "
    "Kowalski Rahman Delgado Ashworth Ivanov Nakamura Brennan Osei Vargas Holm Pretorius Quigley Rossi Stavros Thorne "
    "Ueda Varga Winslow Yilmaz Zeller Abbott Carver Denton Fairley Gould Hartwell"
).split()
TITLES = [
    "President",
    "Senator",
    "Mayor",
    "Dr.",
    "Professor",
    "Minister",
    "General",
    "Judge",
    "",
    "",
    "",
    "",
    "",
    "",
]
GROUPS = (
    "Northgate Bank|the Harbour Union|Calder Steel|the Ministry of Health|Orion Airlines|the city council|Fenwick Foods|"
    "the Red Valley Party|Atlas Rail|the Farmers' League|Helix Labs|the prison service|Kestrel Motors|the coast guard"
).split("|")
ROLES = "the party's treasurer|a former judge|his lawyer|the head of the union|a local farmer|the company's chairman".split(
    "|"
)
TAILS = (
    "| to discuss the strike| about the missing funds| after the vote| over the delayed report| despite warnings from his staff|"
    ", officials confirmed| and asked for more time|, two aides said| because of the flood| for the first time"
).split("|")
PLACES = "Geneva|the town hall|Lagos|his office|northern Chile|Rotterdam|the airport|a hotel in Oslo|Camp Wexford|Manila".split(
    "|"
)
DATES = (
    "on >{day} {month} {year}|on >{month} {day}, {year}|in >{month} {year}|in >{year}|on >{week}|>last {week}|"
    "on >{week} night|>early on {week}|>two days later|>the same evening|>yesterday|on >{day} {month}|at >{hour} p.m. on {week}|"
    ">late on {week}|in the >spring of {year}|>a week after the election|>shortly before midnight|on >{month} {day}"
).split("|")
WEEK = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
MONTHS = (
    "January February March April May June July August September October November December".split()
)

# base, past, participle; the first line of a deed is the noun for the event. '~' marks mutual deeds.
DEEDS = """
call, phone call, conversation: call called called; phone phoned phoned; telephone telephoned telephoned; ring rang rung; contact contacted contacted
visit: visit visited visited
dismissal, firing: fire fired fired; dismiss dismissed dismissed; sack sacked sacked; remove removed removed
appointment: appoint appointed appointed; hire hired hired; recruit recruited recruited; name named named
letter, message: write=to wrote=to written=to; email emailed emailed; message messaged messaged
attack: attack attacked attacked; assault assaulted assaulted
arrest: arrest arrested arrested; detain detained detained; capture captured captured
lawsuit: sue sued sued; take=to=court took=to=court taken=to=court
criticism: criticise criticised criticised; criticize criticized criticized; attack attacked attacked; denounce denounced denounced
victory, win: defeat defeated defeated; beat beat beaten; overcome overcame overcome
takeover, purchase: buy bought bought; acquire acquired acquired; purchase purchased purchased
rescue: rescue rescued rescued; save saved saved
endorsement: endorse endorsed endorsed; back backed backed; support supported supported
invitation: invite invited invited
threat: threaten threatened threatened
succession: succeed succeeded succeeded; replace replaced replaced
payment: pay paid paid; reimburse reimbursed reimbursed
meeting~: meet met met; meet=with met=with met=with
talk~: speak=with spoke=with spoken=with; talk=to talked=to talked=to
warning: warn warned warned; alert alerted alerted
interview: interview interviewed interviewed; question questioned questioned
praise: praise praised praised; commend commended commended
"""
HELD = {"warning", "interview", "praise"}  # deeds that only the dev side is asked about
NEAR = [{"call", "letter"}, {"attack", "victory"}, {"attack", "criticism"}, {"threat", "warning"}]

FRAMES = (
    "{S} {past} {O} {t}{tail}.|{T}, {S} {past} {O}{tail}.|{O} was {part} by {S} {t}{tail}.|{S}, {role}, {past} {O} {t}.|"
    "{X} said {S} had {part} {O} {t}.|According to {X}, {S} {past} {O} {t}{tail}.|It was {S} who {past} {O} {t}.|"
    "{S} {past} {O} in {p} {t}.|{S} {past} {O} {t}, and {t2} {X} {past2} {Y}.|{T}, {S} {past} {O}; {X} {past2} {Y} {t2}.|"
    "After {S} {past} {O} {t}, {X} {past2} {Y}.|{S} {past} {O}{tail}.|{S}, who {past} {O} {t}, later {past2} {Y}.|"
    "{X} was not surprised when {S} {past} {O} {t}.|{O}, {role}, was {part} by {S} {t}.|{S} {past} {O} in {p}{tail}.|"
    "{S} and not {X} {past} {O} {t}.|Both sides were tense when, {t}, {S} {past} {O}.|{S} {past} {O}, {X} told reporters {t2}.|"
    "{O} was {part} {t}{tail}.|{S} never {past} {Y}, but {past} {O} {t}.|At a dinner in {p}, {S} {past} {O}.|"
    "{S} {past} {O} {t}, and {t2} {O2} {past2} {Y}.|{S} {past} {O} {t}; {O2} {past2} {Y} {t2}.|"
    "{T}, {S} {past} {O}, who {past2} {Y} {t2}."
).split("|")


@dataclass(frozen=True)
class Deed:
    """Words for one kind of event: its nouns, and (base, past, participle) of verbs that mean it."""

    nouns: tuple[str, ...]
    verbs: tuple[tuple[str, str, str], ...]
    mutual: bool


def deeds() -> list[Deed]:
    """The table above as records."""
    found = []
    for line in DEEDS.strip().splitlines():
        head, _, tail = line.partition(":")
        verbs = [tuple(word.replace("=", " ") for word in verb.split()) for verb in tail.split(";")]
        nouns = tuple(noun.strip().rstrip("~") for noun in head.split(","))
        found.append(Deed(nouns, tuple((v[0], v[1], v[2]) for v in verbs), "~" in head))
    return found


def _person(chance: random.Random) -> tuple[str, str]:
    """A name as the sentence has it, and as a question may have it."""
    if chance.random() < 0.15:
        group = chance.choice(GROUPS)
        return group, group
    title, first, last = chance.choice(TITLES), chance.choice(FIRST), chance.choice(LAST)
    full = f"{first} {last}"
    shown = " ".join(part for part in (title, chance.choice([full, full, last])) if part)
    return shown, chance.choice([last, full if first in shown else last, shown])


def _date(chance: random.Random) -> tuple[str, str]:
    """A time as the sentence has it ('on 3 May 1961'), and the part that answers when ('3 May 1961')."""
    text = chance.choice(DATES).format(
        day=chance.randint(1, 28),
        month=chance.choice(MONTHS),
        year=chance.randint(1890, 2024),
        week=chance.choice(WEEK),
        hour=chance.randint(1, 11),
    )
    return text.replace(">", ""), text.split(">")[1]


@dataclass(frozen=True)
class Scene:
    """What one made-up sentence tells: two events, of which a frame may show one."""

    deed: Deed
    other: Deed
    verb: tuple[str, str, str]
    verb2: tuple[str, str, str]
    people: dict[str, tuple[str, str]]
    frame: str
    place: str
    time: tuple[str, str]
    time2: tuple[str, str]
    role: str
    tail: str

    def sentence(self) -> str:
        """The frame, filled."""
        text = self.frame.format(
            **{letter: shown for letter, (shown, _) in self.people.items()},
            O2=self.people["O"][1],
            past=self.verb[1],
            part=self.verb[2],
            past2=self.verb2[1],
            t=self.time[0],
            T=self.time[0][0].upper() + self.time[0][1:],
            t2=self.time2[0],
            p=self.place,
            role=self.role,
            tail=self.tail,
        )
        return text[0].upper() + text[1:]


def _scene(chance: random.Random, among: list[Deed]) -> Scene:
    deed, frame = chance.choice(among), chance.choice(FRAMES)
    same = chance.random() < 0.4 and "later" not in frame
    other = deed if same else chance.choice([other for other in among if other is not deed])
    people: dict[str, tuple[str, str]] = {}
    while len({name[1].split()[-1] for name in people.values()}) < 5:
        people = {letter: _person(chance) for letter in "SOXYZ"}
    verbs = chance.choice(deed.verbs), chance.choice(other.verbs)
    times = _date(chance), _date(chance)
    place, role, tail = chance.choice(PLACES), chance.choice(ROLES), chance.choice(TAILS)
    return Scene(deed, other, *verbs, people, frame, place, *times, role, tail)


def made_rows(count: int, seed: int, side: str) -> list[Row]:
    """About *count* rows: nearly half of the questions are answered by their sentence, the rest are not."""
    chance = random.Random(f"{seed} {side}")
    among = [deed for deed in deeds() if (deed.nouns[0] in HELD) == (side == "dev")]
    rows: list[Row] = []
    while len(rows) < count:
        scene = _scene(chance, among)
        if scene.time[1] == scene.time2[1]:
            continue
        sentence, asked = scene.sentence(), _questions(chance, scene)
        names = [scene.people[letter][0] for letter in "SO"]
        for kind, question, answer in chance.sample(asked, min(len(asked), 6)):
            spans = find_spans(sentence, [answer, answer[0].upper() + answer[1:]]) if answer else ()
            if bool(spans) != bool(answer):
                continue
            name = f"made:{side}:{len(rows)}"
            context = "" if chance.random() < 0.6 else " and ".join(names)
            rows.append(
                Row(
                    id=name,
                    set="made-up",
                    side=side,
                    article=name,
                    qtype=kind,
                    question=question,
                    sentence=sentence,
                    context=context,
                    spans=spans[-1:] if kind == "chain" else spans[:1],
                    answers=(answer,) if answer else (),
                    kind="gold" if answer else f"made-{kind}",
                )
            )
    return rows


def _questions(chance: random.Random, scene: Scene) -> list[tuple[str, str, str]]:
    """(kind, question, answer or ''): what the sentence answers, and what it only seems to."""
    deed, frame = scene.deed, scene.frame
    s, o, x, y, z = (scene.people[letter][1] for letter in "SOXYZ")
    base, past, part = chance.choice(deed.verbs)
    noun, whom = chance.choice(deed.nouns), chance.choice(["Whom", "Who"])
    subject, target = scene.people["S"][0], scene.people["O"][0]
    agent, timed = "{S}" in frame, "{t}" in frame or "{T}" in frame
    chained = "past2} {Y}" in frame and ("{O2}" in frame or "who {past2}" in frame)
    two = "{past2}" in frame or "{t2}" in frame or "never" in frame
    when = scene.time[1] if timed else ""
    asked = [
        ("who", f"Who {past} {o}?", subject if agent else ""),
        ("when", f"When was {o} {part}?", when),
    ]
    if agent:
        asked += [("who", f"Who {past} {z}?", ""), ("whom", f"{whom} did {z} {base}?", "")]
        asked += [
            ("whom", f"{whom} did {s} {base}?", target),
            ("when", f"When did {z} {base} {o}?", ""),
        ]
        asked += [("when", f"When did {s} {base} {o}?", when)] * 2
        if not deed.mutual:
            asked += [("roles", f"When did {o} {base} {s}?", ""), ("roles", f"Who {past} {s}?", "")]
            if not (chained and scene.other is deed):
                asked += [
                    ("roles", f"{whom} did {o} {base}?", ""),
                    ("roles", f"Who was {part} by {o}?", ""),
                ]
    if agent and not two:
        asked += [("who", f"Who {past}?", subject)] if " " not in past else []
        asked += [
            ("whom", f"Who was {part} by {s}?", target),
            ("when", f"When did {s} {base}?", when),
        ]
        asked += [
            ("when", f"When did the {noun} take place?", when),
            ("when", f"When was the {noun}?", when),
        ]
    if "{p}" in frame:
        asked += [
            ("where", f"Where did {s} {base} {o}?", scene.place),
            ("where", f"Where was {o} {part}?", scene.place),
        ] * 2
    elif not two:
        asked += [("slots", f"Where did {s} {base} {o}?", "")]
    if "never" in frame:
        asked += [("mixed", f"When did {s} {base} {y}?", ""), ("mixed", f"Who {past} {y}?", "")] * 2
    elif two:
        asked += [("mixed", f"When did {s} {base} {x}?", ""), ("mixed", f"Who {past} {x}?", "")]
    base2, past2, _ = chance.choice(scene.other.verbs)
    doer = o if chained else x
    if chained or "{X} {past2} {Y}" in frame:
        when2 = scene.time2[1] if "{t2}" in frame else ""
        asked += [
            ("when", f"When did {doer} {base2} {y}?", when2),
            ("mixed", f"When did {s} {base2} {y}?", ""),
        ]
        asked.append(("chain" if chained else "who", f"Who {past2} {y}?", _doer(scene, chained)))
        asked.append(("whom", f"{whom} did {doer} {base2}?", scene.people["Y"][0]))
    stranger = chance.choice(deeds())
    if not (stranger.mutual or deed.mutual or two or _near(stranger, deed)):
        asked.append(("verbs", f"When did {s} {stranger.verbs[0][0]} {o}?", ""))
        asked.append(("verbs", f"Who {stranger.verbs[0][1]} {o}?", ""))
    return asked


def _doer(scene: Scene, chained: bool) -> str:
    """Who did the second deed, as the sentence has it next to that deed."""
    if not chained:
        return scene.people["X"][0]
    return scene.people["O"][1] if "{O2}" in scene.frame else scene.people["O"][0]


def _near(one: Deed, other: Deed) -> bool:
    """Whether one deed's words could be meant for the other."""
    shared = {verb[0] for verb in one.verbs} & {verb[0] for verb in other.verbs}
    return bool(shared) or {one.nouns[0], other.nouns[0]} in NEAR or one.nouns == other.nouns
