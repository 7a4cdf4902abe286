"""A collection of any size for measuring: made news of people who call, meet and warn each other."""

import json
import random
from pathlib import Path

FIRST = "Ada Jon Mary Karl Elena Omar Ruth Ivan Nora Pavel Greta Luis Hana Tomas Vera Igor".split()
LAST = """Quist Ravn Quill Brandt Marsh Haddad Keller Petrov Lund Novak Stein Ortega Sato Kolar Weiss
Morozov Falk Berg Dahl Engel Frost Gruber Hale Ibsen Jarvis Kerr Lang Mohr Nash Olsen""".split()
PLACES = """Port Selwyn|the harbour office|Kestrel Bay|the town hall of Arden|Milford station|the
lighthouse|the Grand Hotel|Lower Weston|the ministry|Saint Orla""".replace("\n", " ").split("|")
MONTHS = """January February March April May June July August September October November
December""".split()
DEEDS = "called telephoned met warned visited wrote to".split()
FILLER = """
The weather had turned during the afternoon, and the road to the north was closed.
Nobody in the room expected that the talks would take the whole night.
A spokesman for the council said that the costs were lower than in the year before.
Several boats had been taken ashore for repair before the storm came.
The newspaper printed the story on its third page, beside the price of grain.
It was the longest meeting that the committee had held since its foundation.
The bridge was opened again in the spring, after the engineers had tested every cable.
""".strip().splitlines()


def write(folder: Path, sentences: int, seed: int = 1) -> list[str]:
    """Write articles of about *sentences* sentences in all, and give questions that they answer."""
    folder.mkdir(parents=True, exist_ok=True)
    chance = random.Random(seed)
    rows, questions = [], []
    while sentences > 0:
        lines = []
        for _ in range(5):
            who, whom = (f"{chance.choice(FIRST)} {chance.choice(LAST)}" for _ in range(2))
            deed = chance.choice(DEEDS).replace("wrote", "wrote to")
            deed = "met" if deed == "to" else deed
            day = f"{chance.randint(1, 28)} {chance.choice(MONTHS)} {chance.randint(1890, 2020)}"
            place = chance.choice(PLACES).strip()
            told = f"On {day} {who} {deed} {whom} at {place}."
            other = [chance.choice(FILLER) for _ in range(3)]
            lines.append(" ".join([told, *other]))
            if chance.random() < 0.02:
                verb = {"met": "meet", "wrote to": "write to"}.get(deed, deed.removesuffix("ed"))
                questions += [
                    f"When did {who} {verb} {whom}?",
                    f"Who {deed} {whom} at {place}?",
                    f"Where did {who} {verb} {whom}?",
                    f"Who {deed} {whom}, and when?",
                ]
        rows.append({"id": f"news-{len(rows)}", "title": f"News {len(rows)}"})
        rows[-1] |= {"text": "\n\n".join(lines), "source": "Made", "date": "2021-01-01"}
        sentences -= 20
    content = "\n".join(map(json.dumps, rows))
    (folder / "news.jsonl").write_text(content + "\n", encoding="utf-8")
    return questions
