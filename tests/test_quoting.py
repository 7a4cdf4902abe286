import re

import pytest
from discord_rules import length as discord_length
from hypothesis import example, given
from hypothesis import strategies as st

from bot.quoting import excerpt, fitted, length, link, neutral, plain, restored, web_address

# What means something to Discord, once the escaped characters are taken out.
MEANING = re.compile(
    r"[*_~`|\[\]]|<[@#:/ti]|<a:|://|@everyone|@here|^\s*(?:[-+*#>]|\d+[.)])(?=\s)|^-#", re.MULTILINE
)


def without_escapes(text):
    """*text* with an x for each character that a backslash takes its meaning from."""
    return re.sub(r"\\[^0-9A-Za-z\s]", "x", text)


BITS = (
    "@everyone @here <@1> <@&2> <#3> <:e:4> <a:e:4> <t:1:R> </ask:5> <id:guide> [a](http://b.c)"
    " **bold** __x__ ~~s~~ ||spoiler|| `code` ```py # 1. - > -# >>> \\ \\* https://a.b/_x_"
    " discord.gg/x שלום مرحبا \u202eevil\u202c z\u0300\u0301\u0302\u0303\u0304\u0305 🙂 a\u0000b"
)
HOSTILE = st.one_of(
    st.text(max_size=200),
    st.lists(
        st.sampled_from([*BITS.split(" "), " ", "\n", "1. x", "- y", "# z", "\u2028"]), max_size=30
    ).map(" ".join),
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain words, 10:30 (a.m.) - no. 5", "plain words, 10:30 (a.m.) - no. 5"),
        ("**bold** and _it_", "\\*\\*bold\\*\\* and \\_it\\_"),
        ("1. first", "1\\. first"),
        ("- point", "\\- point"),
        ("> said", "\\> said"),
        ("<@12> <#3> <:e:4>", "\\<@\u200b12> \\<#3> \\<:e:4>"),
        ("@everyone", "@\u200beveryone"),
        ("see https://a.b/_c_", "see https\\://a.b/\\_c\\_"),
        ("[title](http://a.b)", "\\[title\\](http\\://a.b)"),
        ("a\nb\x00\u202ec", "a bc"),
    ],
)
def test_text_is_shown_as_it_stands(text, shown):
    assert neutral(text) == shown


@given(HOSTILE)
@example("\\")
@example("\\\\*")
def test_nothing_in_neutral_text_means_anything_to_discord(text):
    bare = without_escapes(neutral(text))

    assert not MEANING.search(bare)
    assert "\n" not in bare


@given(HOSTILE)
def test_neutral_text_can_be_read_back(text):
    kept = plain(text).replace("\u200b", "")

    assert restored(neutral(text)) == kept


@given(HOSTILE, st.integers(0, 120))
def test_what_is_cut_fits_and_ends_in_no_half_escape(text, limit):
    cut = fitted(neutral(text), limit)

    assert length(cut) <= limit
    assert discord_length(cut) == length(cut)
    body = cut.rstrip("\u2069").removesuffix("…").rstrip()
    if cut != neutral(text):
        assert (len(body) - len(body.rstrip("\\"))) % 2 == 0
    assert cut.count("\u2068") == cut.count("\u2069")


def test_a_cut_falls_between_words():
    assert fitted("the first telephone call", 16) == "the first…"
    assert fitted("a" * 30, 10) == "a" * 9 + "…"


@given(HOSTILE, st.data(), st.integers(60, 300))
def test_an_excerpt_fits(text, data, limit):
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))

    assert length(excerpt(text, [(start, end)], limit)) <= limit


def test_an_excerpt_keeps_the_value_in_bold_with_the_words_around_it():
    sentence = "In the evening of that day Richard Nixon called Neil Armstrong on the Moon."
    start = sentence.index("Richard")

    assert excerpt(sentence, [(start, start + 13)], 200) == (
        "In the evening of that day **Richard Nixon** called Neil Armstrong on the Moon."
    )
    assert (
        excerpt(sentence, [(start, start + 13)], 50)
        == "…of that day **Richard Nixon** called Neil…"
    )


def test_an_excerpt_has_every_value_in_bold():
    sentence = "Nixon called Armstrong on 20 July."

    assert excerpt(sentence, [(0, 5), (13, 22), (26, 33)], 100) == (
        "**Nixon** called **Armstrong** on **20 July**."
    )


def test_towers_of_accents_are_cut_down_and_real_accents_stay():
    assert plain("z" + "\u0300" * 50) == "z" + "\u0300" * 4
    assert plain("Hà Nội") == "Hà Nội"


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://a.b/c d(e)", "https://a.b/c%20d%28e%29"),
        ("javascript:alert(1)", None),
        ("https://", None),
        ("http://[bad", None),
        ("https://a.b/" + "x" * 600, None),
        (None, None),
    ],
)
def test_only_web_addresses_are_linked(url, address):
    assert web_address(url) == address
    assert link(url, "open") == (f"[open]({address})" if address else "")
