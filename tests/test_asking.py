import pytest
from simcord_bot import LAMP, NIXON, WHO, buttons, card, fields

MOON_PROOF = (
    "> “On 20 July 1969 **Richard Nixon** called Neil Armstrong on the Moon.”\n"
    "-# Test Desk, 1969-07-21 · [open the article](https://example.org/moon)"
)


async def test_an_answer_shows_the_question_the_value_and_its_proof(server):
    result = await server.ask(WHO)

    shown = card(result)
    assert not result.response.ephemeral
    assert shown.title == "Who called Neil Armstrong?"
    assert shown.description == NIXON
    assert fields(result) == {"[1] The lunar call": MOON_PROOF}
    assert shown.footer.text.startswith("Confidence: ")
    assert list(buttons(result)) == ["Context", "More passages", "Right", "Wrong"]


async def test_what_is_not_there_is_said_with_the_nearest_sentence_as_no_answer(server):
    result = await server.ask("Who called Neil Armstrong on Mars?")

    lines = card(result).description.splitlines()
    assert lines[:2] == ["## The articles do not say", "No article mentions Mars."]
    assert lines[-1] == "The nearest sentence, which is not an answer:"
    assert list(fields(result)) == ["The lunar call"]
    assert list(buttons(result)) == ["More passages", "Right", "Wrong"]


async def test_a_question_without_a_single_word_of_the_articles_is_not_found(server):
    shown = card(await server.ask("Who won the chess tournament?"))

    assert shown.description.startswith("## The articles do not say\n")
    assert shown.fields == []


@pytest.mark.parametrize("article", ["phone", "HAND-held"])
async def test_an_article_or_a_part_of_its_title_narrows_a_question(server, article):
    everywhere = await server.ask("Who called whom?")
    narrowed = await server.ask("Who called whom?", article=article)

    assert "[1] The lunar call" in fields(everywhere)
    assert [one for one in fields(narrowed) if one.startswith("[")] == ["[1] The hand-held phone"]


@pytest.mark.parametrize(
    ("days", "found"),
    [
        ({"since": "1930", "until": "1940"}, True),
        ({"since": "1934-01-01"}, True),
        ({"until": "1934-12-31"}, True),
        ({"since": "1935"}, False),
        ({"until": "1933-12"}, False),
    ],
)
async def test_days_narrow_a_question(server, days, found):
    shown = card(await server.ask("When was the bridge opened?", **days))

    assert ("9 June 1934" in shown.description) == found


@pytest.mark.parametrize(
    ("question", "options", "sentence"),
    [
        (
            WHO,
            {"since": "yesterday"},
            'Since is "yesterday"; it has to be like 1969-07-20 or 1969.',
        ),
        (
            WHO,
            {"article": "Moby Dick"},
            "No article is called “Moby Dick”; pick one from the list while typing.",
        ),
        (
            WHO,
            {"article": "minutes"},
            "9 articles have that in their title: “Minutes, part 1”; “Minutes, part 2”;"
            " “Minutes, part 3”",
        ),
        ("?!", {}, "The question is empty."),
    ],
)
async def test_what_cannot_be_asked_is_said_to_the_asker_alone(server, question, options, sentence):
    assert server.refused(await server.ask(question, **options)) == sentence


async def test_a_private_answer_is_seen_by_the_asker_alone(server):
    result = await server.ask(WHO, private=True)

    assert result.response.ephemeral
    assert card(result).description == NIXON
    assert server.channel.history(viewer=server.bob) == []
    assert "Share" in buttons(result)


async def test_a_hostile_question_stands_in_the_title_as_plain_text_and_mentions_nobody(server):
    result = await server.ask(
        f"Who called @everyone @here {server.bob.mention} **Neil** `Armstrong` ~~x~~ https://a.b ?"
    )

    assert card(result).title == (
        f"Who called @\u200beveryone @\u200bhere \\<@\u200b{server.bob.id}> \\*\\*Neil\\*\\*"
        " \\`Armstrong\\` \\~\\~x\\~\\~ https\\://a.b ?"
    )
    assert result.response.content == ""
    assert result.response.message.mentions == []
    assert not result.response.message.mention_everyone


async def test_a_direct_message_is_answered_by_command_too(simcord_env):
    result = await simcord_env.create_user("eve").slash("ask", question=WHO)

    assert card(result).description == NIXON


async def test_a_hostile_article_is_shown_as_plain_text_everywhere(server):
    server.keep(
        {
            "id": "lamp",
            "title": "# **Lamp** @everyone",
            "source": "<@1> [x](https://a.b)",
            "url": "javascript:alert(1)",
            "text": "Elena *Marsh* phoned `Josef` Brandt <#1>.",
        }
    )

    shown = fields(await server.ask("Who phoned Brandt?"))
    listed = card(await server.slash("sources", search="lamp"))
    (choice,) = await server.complete("ask", "lamp")

    source = "\\<@\u200b1> \\[x\\](https\\://a.b)"
    ((name, proof),) = shown.items()
    assert name == "[1] \\# \\*\\*Lamp\\*\\* @\u200beveryone"
    assert proof.startswith(
        "> “**Elena \\*Marsh\\*** phoned \\`Josef\\` Brandt \\<#1>.”\n-# \\<@\u200b"
    )
    assert "javascript" not in proof
    assert listed.description == f"**\\# \\*\\*Lamp\\*\\* @\u200beveryone**\n-# {source}"
    assert choice == {"name": "# **Lamp** @\u200beveryone", "value": "lamp"}


# Completion


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        (
            "the ",
            {
                "The bridge over the Orr": "bridge",
                "The hand-held phone": "phone",
                "The lunar call": "moon",
            },
        ),
        ("LUNAR", {"The lunar call": "moon"}),
        ("ridge", {"The bridge over the Orr": "bridge"}),
        ("whale", {}),
    ],
)
async def test_an_article_is_completed_from_any_part_of_its_title(server, typed, found):
    for command in ("ask", "article"):
        choices = await server.complete(command, typed)

        assert [(one["name"], one["value"]) for one in choices] == list(found.items())


async def test_a_completion_fits_discord_however_long_title_and_id_are(server):
    server.keep({"id": "x" * 150, "title": "Long " * 40, "text": "Elena Marsh phoned Brandt."})

    (choice,) = await server.complete("ask", "long")

    assert len(choice["name"]) <= 100
    assert len(choice["value"]) <= 100
    shown = card(await server.ask("Who phoned?", article=choice["value"]))
    assert "Elena Marsh" in shown.description


async def test_an_article_whose_title_shows_nothing_is_completed_by_its_id(server):
    server.keep(LAMP | {"title": "\u202e"})

    for command in ("ask", "articles remove"):
        assert await server.complete(command, "lamp") == [{"name": "lamp", "value": "lamp"}]


# Find sources


async def test_the_sources_of_a_message_are_found_for_whoever_wants_to_know(server):
    said = await server.bob.send(server.channel, "Nixon called **Armstrong** on the Moon, @here!")

    result = await server.find_sources(said)

    shown = card(result)
    assert result.response.ephemeral
    assert shown.title == "What the articles say about this"
    assert shown.description == "> Nixon called \\*\\*Armstrong\\*\\* on the Moon, @\u200bhere!"
    assert shown.fields[0].name == "1. The lunar call"
    assert "called" in shown.fields[0].value
    assert shown.footer.text == "Whether these sentences bear it out is for you to judge."


async def test_a_message_of_something_else_has_no_sources(server):
    said = await server.bob.send(server.channel, "The garden gnome wears purple rubber boots.")

    shown = card(await server.find_sources(said))

    assert "**The articles do not speak of that.**" in shown.description
    assert "The nearest sentence is:" in shown.description
    assert len(shown.fields) == 1


@pytest.mark.parametrize(
    ("words", "files", "sentence"),
    [
        ("!!!", [], "The question is empty."),
        ("", [("a.png", b"x")], "This message holds no text."),
    ],
)
async def test_a_message_without_words_has_no_sources(server, words, files, sentence):
    said = await server.bob.send(server.channel, words, attachments=files)

    assert server.refused(await server.find_sources(said)) == sentence


async def test_the_sources_of_an_answer_card_are_found_too(server):
    asked = await server.ask(WHO)

    result = await server.find_sources(asked.response)

    assert card(result).fields[0].name == "1. The lunar call"


async def test_the_sources_of_a_message_in_a_server_are_its_own_articles_too(server):
    server.keep(LAMP)
    said = await server.bob.send(server.channel, "Marsh phoned Brandt.")

    result = await server.find_sources(said)

    assert card(result).fields[0].name == "1. The harbour lamp"
