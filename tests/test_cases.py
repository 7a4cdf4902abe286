"""Hand-written cases over invented people and places: names, dates, speakers, premises, disagreement,
compound questions. How many of each are right may not fall below tests/data/floors.json.

To see what fails: ``python -m pytest tests/test_cases.py -rP -k dates``.
"""

import json
from pathlib import Path

import pytest

from index.ask import ask
from index.store import open_store, rebuild

DATA = Path(__file__).parent / "data"
FLOORS = json.loads((DATA / "floors.json").read_text(encoding="utf-8"))["cases"]
LEADING = {"the", "a", "an", "on", "in", "at", "to", "for", "with", "by", "about", "from"}


def plain(text):
    """*text* for comparing: lower case, without punctuation, leading articles or prepositions."""
    words = "".join(c for c in (text or "").lower() if c.isalnum() or c in " :'-").split()
    while words and words[0] in LEADING:
        words.pop(0)
    return " ".join(words)


def among(text, accepted):
    """Whether *text* is one of the accepted spans, or has the words of one and few others."""
    words = plain(text).split()
    return bool(words) and any(
        words == one.split()
        or (len(words) <= len(one.split()) + 3 and f" {one} " in f" {' '.join(words)} ")
        or (len(words) >= 2 and f" {' '.join(words)} " in f" {one} ")
        for one in map(plain, accepted)
        if one
    )


def is_name(answer, expect):
    first = answer.findings[0] if answer.findings else None
    if first is None:
        # A pronoun that stays open is not an answer.
        return expect.get("antecedent", "") is None
    accepted = [plain(one) for one in [expect["name"], *expect.get("name_also", [])]]
    if expect.get("antecedent"):
        accepted.append(plain(expect["antecedent"]))
    found = plain(first.name)
    is_full_already = found == "" and plain(first.text) in accepted
    return among(first.text, expect["texts"]) and (found in accepted or is_full_already)


def is_date(answer, expect):
    first = answer.findings[0] if answer.findings else None
    if first is None or first.when is None or not among(first.text, expect["texts"]):
        return False
    return (
        first.when.value == expect["value"]
        and first.when.granularity in [expect["granularity"], *expect.get("granularity_also", [])]
        and first.when.rule in [expect["rule"], *expect.get("rule_also", [])]
    )


def has_speaker(answer, expect):
    first = answer.findings[0] if answer.findings else None
    accepted = [plain(one) for one in [expect["speaker"], *expect.get("speaker_also", [])]]
    return (
        first is not None
        and among(first.text, expect["texts"])
        and plain(first.speaker) in accepted
    )


def is_premise(answer, expect):
    if expect["status"] == "not_found":
        return answer.status == "not_found"
    return answer.status != "not_found" and among(answer.text, expect["texts"])


def is_disagreement(answer, expect):
    if expect.get("agree"):
        return len(answer.findings) == 1 and among(answer.findings[0].text, expect["texts"])
    found = {finding.text for finding in answer.findings}
    every = [text for value in expect["values"] for text in value["texts"]]
    return all(among(text, every) for text in found) and all(
        any(among(text, value["texts"]) for text in found) for value in expect["values"]
    )


def is_compound(answer, expect):
    found = {finding.slot: finding.text for finding in answer.findings if finding.event == 1}
    wanted = {slot.replace(" ", "_"): texts for slot, texts in expect["slots"].items()}
    return all(
        slot not in found if texts is None else among(found.get(slot), texts)
        for slot, texts in wanted.items()
    )


JUDGES = {
    "names": is_name,
    "dates": is_date,
    "speakers": has_speaker,
    "premises": is_premise,
    "disagreement": is_disagreement,
    "compound": is_compound,
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", JUDGES)
def test_cases(kind, tmp_path):
    lines = (DATA / "cases" / f"{kind}.jsonl").read_text(encoding="utf-8").splitlines()
    right = 0
    for case in map(json.loads, lines):
        articles = tmp_path / f"{case['id']}.jsonl"
        articles.write_text("\n".join(map(json.dumps, case["articles"])), encoding="utf-8")
        rebuild(articles, tmp_path / case["id"])
        answer = ask(open_store(tmp_path / case["id"]), case["question"])
        if JUDGES[kind](answer, case["expect"]):
            right += 1
        else:
            found = [
                (one.slot, one.text, one.name, one.when and one.when.value, one.speaker)
                for one in answer.findings
            ]
            print(case["id"], case["question"], answer.status, answer.reason, found, case["expect"])
    print(f"{kind}: {right} of {len(lines)}")

    assert right >= FLOORS[kind]
