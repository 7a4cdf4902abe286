"""Base forms of verbs, for the questions that a reader is asked in parts."""

import re

_IRREGULAR = {
    past: base
    for base, pasts in {
        "become": "became", "begin": "began", "break": "broke", "bring": "brought",
        "build": "built", "buy": "bought", "catch": "caught", "choose": "chose", "come": "came",
        "draw": "drew", "drive": "drove", "fall": "fell", "feel": "felt", "fight": "fought",
        "find": "found", "fly": "flew", "get": "got", "give": "gave", "go": "went",
        "grow": "grew", "hear": "heard", "hide": "hid", "hold": "held", "keep": "kept",
        "know": "knew", "lead": "led", "leave": "left", "lend": "lent", "lose": "lost",
        "make": "made", "meet": "met", "pay": "paid", "ring": "rang", "rise": "rose",
        "run": "ran", "say": "said", "see": "saw", "seek": "sought", "sell": "sold",
        "send": "sent", "shoot": "shot", "sing": "sang", "sit": "sat", "speak": "spoke",
        "spend": "spent", "stand": "stood", "steal": "stole", "strike": "struck",
        "swear": "swore", "take": "took", "teach": "taught", "tell": "told", "think": "thought",
        "throw": "threw", "wake": "woke", "wear": "wore", "win": "won", "write": "wrote",
    }.items()
    for past in pasts.split()
}  # fmt: skip
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
    if word in _IRREGULAR:
        return _IRREGULAR[word]
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
