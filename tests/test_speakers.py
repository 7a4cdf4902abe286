import pytest

from index.ask import ask
from index.speakers import speaker_of


@pytest.mark.parametrize(
    ("text", "value", "speaker"),
    [
        ("The ministry said that 12 boats had sunk.", "12 boats", "The ministry"),
        ("12 boats had sunk, according to the ministry.", "12 boats", "the ministry"),
        ("“We lost 12 boats that night,” said Anna Lind.", "12 boats", "Anna Lind"),
        ("“We lost 12 boats that night,” Anna Lind said.", "12 boats", "Anna Lind"),
        ("Anna Lind, the mayor, said the town had lost 12 boats.", "12 boats", "Anna Lind"),
        ("Anna Lind told reporters that 12 boats had sunk.", "12 boats", "Anna Lind"),
        ("The report found that 12 boats had sunk.", "12 boats", "The report"),
        ("The mayor was told by the clerk that 12 boats had sunk.", "12 boats", "the clerk"),
        ("Anna Lind denied it and insisted that 12 boats had sunk.", "12 boats", "Anna Lind"),
        ("Anna Lind has said that 12 boats had sunk.", "12 boats", "Anna Lind"),
        ("Many years later Anna Lind said that 12 boats had sunk.", "12 boats", "Anna Lind"),
        ("The town lost 12 boats.", "12 boats", None),
        ("Anna Lind told 12 reporters about it.", "12 reporters", None),
        ("He sang “Twelve boats” to 300 people.", "300 people", None),
        ("Anna Lind said it.", "Anna Lind", None),
        ("The mayor, according to the ministry, left.", "the ministry", None),
    ],
)
def test_who_says_so(text, value, speaker):
    start = text.index(value)

    assert speaker_of(text, (0, len(text)), (start, start + len(value))) == speaker


def test_the_next_sentence_may_name_who_speaks():
    text = "“We lost 12 boats in one night. It was dark,” Anna Lind said."

    assert speaker_of(text, (0, 32), (9, 17)) == "Anna Lind"


def test_a_pronoun_that_says_so_is_named(built):
    snapshot = built(a="Anna Lind was the mayor. She said that 12 boats had sunk in the storm.")

    answer = ask(snapshot, "How many boats had sunk in the storm?")

    assert [(one.text, one.speaker) for one in answer.findings] == [("12", "Anna Lind")]
