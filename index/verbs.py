"""Base forms of verbs: for terms, and for the questions that a reader is asked in parts."""

import re

IRREGULAR = {
    past: base
    for base, pasts in {
        "beat": "beaten", "become": "became", "begin": "began begun", "bite": "bit bitten",
        "blow": "blew blown", "break": "broke broken", "bring": "brought", "build": "built",
        "buy": "bought", "catch": "caught", "choose": "chose chosen", "come": "came",
        "deal": "dealt", "draw": "drew drawn", "drink": "drank", "drive": "drove driven",
        "eat": "ate eaten", "fall": "fell fallen", "feed": "fed", "fight": "fought",
        "find": "found", "flee": "fled", "fly": "flew flown", "forget": "forgot forgotten",
        "get": "got gotten", "give": "gave given", "go": "went gone", "grow": "grew grown",
        "hang": "hung", "hear": "heard", "hide": "hid hidden", "hold": "held", "keep": "kept",
        "know": "knew known", "lead": "led", "lend": "lent", "lose": "lost", "make": "made",
        "mean": "meant", "meet": "met", "pay": "paid", "ring": "rang rung", "run": "ran",
        "say": "said", "seek": "sought", "sell": "sold", "send": "sent", "shake": "shook shaken",
        "shoot": "shot", "show": "shown", "sing": "sang sung", "sink": "sank sunk", "sit": "sat",
        "speak": "spoke spoken", "spend": "spent", "stand": "stood", "steal": "stole stolen",
        "strike": "struck", "swear": "swore sworn", "swim": "swam", "take": "took taken",
        "teach": "taught", "tell": "told", "think": "thought", "throw": "threw thrown",
        "wake": "woke woken", "wear": "wore worn", "win": "won", "write": "wrote written",
    }.items()
    for past in pasts.split()
}  # fmt: skip
"""Past tenses and participles of irregular verbs that are no other word, and their base forms."""
_AMBIGUOUS = {"left": "leave", "rose": "rise", "saw": "see", "felt": "feel"}
_ENDS_IN_E = re.compile(
    r"(?:[cuvz]|[^s]s|[dnr]g|[^aeioul]l|[aeiou]r[ck]?|[^aeiou][aio][dkmpt]|[^aeiou]u[cdmst]"
    r"|[aiy][bkp]|[^aeiou]i[nrt]|cre?at|phon|gre)$"
)
_ENDS_IN_CONSONANT = re.compile(r"(?:[eo]r|[aeou][aeo][rkpt]|[^aeiouv]it|ss)$")


def base_form(verb: str) -> str:
    """A guess at the base form of an English verb in the past tense or third person.

    Only the wording of a question depends on it, never a quotation.
    """
    word = verb.lower()
    if irregular := IRREGULAR.get(word) or _AMBIGUOUS.get(word):
        return irregular
    if word.endswith("ied") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith("ed") and len(word) > 4:
        stem = word[:-2]
        if len(stem) > 3 and stem[-1] == stem[-2] and stem[-1] not in "ls":
            return stem[:-1]
        ends_in_e = _ENDS_IN_E.search(stem) and not _ENDS_IN_CONSONANT.search(stem)
        return stem + "e" if ends_in_e else stem
    if word.endswith("s") and not word.endswith(("ss", "us")) and len(word) > 3:
        return word[:-1]
    return verb
