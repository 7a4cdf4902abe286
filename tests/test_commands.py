"""The bot's commands as people use them, in a simulated Discord and over real articles."""

import json
from types import SimpleNamespace

import discord
import pytest
from discord import app_commands
from simcord import SetupError

from bot.app import make_app
from bot.library import Library
from bot.quoting import restored
from bot.settings import BotSettings
from bot.state import GuildSettings, State
from index.errors import BylineError
from index.store import rebuild

pytestmark = pytest.mark.simcord(settle_timeout=30)  # adding an article runs a process

MOON = {
    "id": "moon",
    "title": "The lunar call",
    "source": "Test Desk",
    "author": "Ada Quill",
    "date": "1969-07-21",
    "url": "https://example.org/moon",
    "text": "The president waited in the Oval Office. On 20 July 1969 Richard Nixon called Neil"
    " Armstrong on the Moon.\n\nArmstrong answered that it was an honour. The call lasted about"
    " two minutes.",
}
PHONE = {
    "id": "phone",
    "title": "The hand-held phone",
    "source": "Test Desk",
    "date": "1973-04-04",
    "text": "Martin Cooper rang Joel Engel from a street in New York on 3 April 1973.\n\nThe phone"
    " weighed more than a kilogram.",
}
BRIDGE = {
    "id": "bridge",
    "title": "The bridge over the Orr",
    "source": "Orr Gazette",
    "date": "1934",
    "text": "The bridge over the Orr was opened on 9 June 1934. The engineer Ada Quist met the"
    " painter Leo Varga there in the autumn of the same year. The bridge cost 40,000 crowns,"
    " because the rock had to be blasted.",
}
MINUTES = [
    {
        "id": f"minutes-{day}",
        "title": f"Minutes, part {day}",
        "source": "Orr Gazette",
        "date": f"1921-05-0{day}",
        "text": f"The garden club met on {day} May 1921 at Mill Lane. It rained.",
    }
    for day in range(1, 10)
]
LAMP = "The harbour lamp\n\nElena Marsh phoned Josef Brandt on 3 March 1921. It was late.\n"
"""A server's own article, which no other may see."""
LAMP_ROW = {
    "id": "lamp",
    "title": "The harbour lamp",
    "text": "Elena Marsh phoned Josef Brandt. It was late.",
}
MOON_PROOF = (
    "> “On 20 July 1969 **Richard Nixon** called Neil Armstrong on the Moon.”\n"
    "-# Test Desk, 1969-07-21 · [open the article](https://example.org/moon)"
)
WHO = "Who called Neil Armstrong?"
WHO_LAMP = "Who phoned Josef Brandt?"


@pytest.fixture(scope="module")
def shared_store(tmp_path_factory):
    """A store of twelve articles that every server sees."""
    folder = tmp_path_factory.mktemp("shared")
    rows = [MOON, PHONE, BRIDGE, *MINUTES]
    (folder / "articles.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    rebuild(folder / "articles.jsonl", folder / "store")
    return folder / "store"


@pytest.fixture
def per_minute():
    """How many questions a person may ask in a minute; a test may want another number."""
    return "0"


@pytest.fixture
def new_app(shared_store, tmp_path, per_minute):
    """Makes the bot, each time over the same data, as a restart does."""
    settings = BotSettings.from_env(
        {
            "BYLINE_DATA": str(tmp_path / "data"),
            "BYLINE_STORE": str(shared_store),
            "BYLINE_QUESTIONS_PER_MINUTE": per_minute,
        }
    )
    made = []

    def make():
        library = Library(settings.answering.store, settings.guilds)
        app = make_app(settings, library, State(settings.state))
        app.setup_hook = app.tell_commands  # after the login, before connecting
        made.append(app)
        return app

    yield make
    for app in made:
        app.state.close()


@pytest.fixture
def simcord_bot(new_app):
    return new_app()


@pytest.fixture
def new_server(simcord_env):
    """Makes a server with a channel, two members and one who may manage it."""

    def make():
        library = simcord_env.bot.library
        guild = simcord_env.create_guild()
        role = guild.create_role("Keepers", permissions=discord.Permissions(manage_guild=True))
        return SimpleNamespace(
            guild=guild,
            articles=library.articles_of(guild.id),  # the folder of its own articles
            store=library.store_of(guild.id),
            channel=guild.create_text_channel("general"),
            ann=guild.add_member(simcord_env.create_user("ann")),
            bob=guild.add_member(simcord_env.create_user("bob")),
            may=guild.add_member(simcord_env.create_user("may"), roles=[role]),
        )

    return make


@pytest.fixture
def server(new_server):
    return new_server()


@pytest.fixture
def ask(server):
    """Asks as ann, in the channel."""

    async def asked(question, **options):
        return await server.ann.slash(server.channel, "ask", question=question, **options)

    return asked


@pytest.fixture
def refused(simcord_env):
    """What a person was told, and nobody else unless *alone* is false, instead of an answer."""

    def words(result, *, alone=True):
        # SimCord would fail the test for each error that the tree handled.
        for error in simcord_env.errors:
            cause = getattr(error, "original", error)
            assert isinstance(cause, BylineError | app_commands.CheckFailure), cause
        return told(result) if alone else card(result).description

    return words


@pytest.fixture
def own(server):
    """Gives the server articles of its own, as ``/articles add`` would leave them."""

    def keep(*rows):
        server.articles.mkdir(parents=True, exist_ok=True)
        for number, row in enumerate(rows):
            path = server.articles / f"{number}.jsonl"
            path.write_text(json.dumps(row), encoding="utf-8")
        rebuild(server.articles, server.store)

    return keep


@pytest.fixture
def restart(simcord_env, new_app):
    """Ends the bot and starts another over the same data."""

    async def started():
        app = new_app()
        await simcord_env.restart_bot(app)
        return app

    return started


def card(shown):
    """The one embed of what was shown."""
    message = getattr(shown, "response", shown)
    (embed,) = message.embeds
    return embed


def told(result):
    """The sentence of a notice that only one person sees."""
    assert result.response.ephemeral
    return card(result).description


def fields(embed):
    return {one.name: one.value for one in embed.fields}


def buttons(shown):
    """The labels of the buttons, and whether they can be pressed."""
    message = shown.response
    return {
        one["label"]: not one.get("disabled", False)
        for row in message.components
        for one in row["components"]
        if "label" in one
    }


def mention(env):
    return f"<@{env.bot.user.id}>"


def replies(server):
    """What the bot said in the channel, by itself and not to a command."""
    return [one for one in server.channel.history() if one.author.name not in {"ann", "bob", "may"}]


# /ask


async def test_an_answer_shows_the_question_the_value_and_its_proof(ask):
    result = await ask(WHO)

    shown = card(result)
    assert not result.response.ephemeral
    assert shown.title == "Who called Neil Armstrong?"
    assert shown.description == "## Richard Nixon `[1]`"
    assert fields(shown) == {"[1] The lunar call": MOON_PROOF}
    assert shown.footer.text.startswith("Confidence: ")
    assert list(buttons(result)) == ["Context", "More passages", "Right", "Wrong"]


async def test_several_things_asked_at_once_are_fields_of_their_own(ask):
    shown = card(await ask("Who called Neil Armstrong, and when?"))

    assert "Richard Nixon" in shown.description
    assert fields(shown) == {
        "Who": "Richard Nixon `[1]`",
        "When": "20 July 1969 `[1]`",
        "[1] The lunar call": MOON_PROOF.replace("20 July 1969", "**20 July 1969**"),
    }


async def test_what_is_not_there_is_said_with_the_nearest_sentence_as_no_answer(ask):
    result = await ask("Who called Neil Armstrong on Mars?")

    shown = card(result)
    lines = shown.description.splitlines()
    assert lines[:2] == ["## The articles do not say", "No article mentions Mars."]
    assert lines[-1] == "The nearest sentence, which is not an answer:"
    (nearest,) = shown.fields
    assert nearest.name == "The lunar call"
    assert "On 20 July 1969 Richard Nixon called Neil Armstrong" in nearest.value.replace("**", "")
    assert list(buttons(result)) == ["More passages", "Right", "Wrong"]


async def test_a_question_without_a_single_word_of_the_articles_is_not_found(ask):
    shown = card(await ask("Who won the chess tournament?"))

    assert shown.description.startswith("## The articles do not say\n")
    assert shown.fields == []


async def test_a_misspelt_name_is_owned_up_to(ask):
    shown = card(await ask("Whom did Ada Qist meet?"))

    assert shown.description == (
        "-# No article holds “Qist”; looked for “Quist”.\n## Leo Varga `[1]`"
    )


async def test_an_article_narrows_a_question(ask):
    everywhere = card(await ask("Who called whom?"))
    narrowed = card(await ask("Who called whom?", article="phone"))

    assert "[1] The lunar call" in fields(everywhere)
    assert [one for one in fields(narrowed) if one.startswith("[")] == ["[1] The hand-held phone"]


async def test_an_article_may_be_named_by_a_part_of_its_title(ask):
    shown = card(await ask("When was the bridge opened?", article="over the ORR"))

    assert shown.description == "## 9 June 1934 `[1]`"


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
async def test_days_narrow_a_question(ask, days, found):
    shown = card(await ask("When was the bridge opened?", **days))

    assert ("9 June 1934" in shown.description) == found


async def test_a_day_that_is_none_is_said_kindly(ask, refused):
    said = refused(await ask("Who called?", since="yesterday"))

    assert said == "Since is “yesterday”; it has to be like 1969-07-20 or 1969."


async def test_an_unknown_article_is_said_kindly(ask, refused):
    said = refused(await ask(WHO, article="Moby Dick"), alone=False)

    assert said == "No article is called “Moby Dick”; pick one from the list while typing."


async def test_a_title_that_several_articles_have_is_said_kindly(ask, refused):
    said = refused(await ask(WHO, article="minutes"), alone=False)

    assert said == (
        "9 articles have that in their title: “Minutes, part 1”; “Minutes, part 2”;"
        " “Minutes, part 3”"
    )


async def test_marks_that_ask_nothing_are_said_kindly(ask, refused):
    assert refused(await ask("?!"), alone=False) == "The question is empty."


async def test_a_private_answer_is_seen_by_the_asker_alone(ask, server):
    result = await ask(WHO, private=True)

    assert result.response.ephemeral
    assert card(result).description == "## Richard Nixon `[1]`"
    assert server.channel.history(viewer=server.bob) == []
    assert "Share" in buttons(result)


async def test_a_hostile_question_stands_in_the_title_as_plain_text(ask):
    shown = card(await ask("Who called @everyone <@1> **Neil** `Armstrong` ~~x~~ https://a.b ?"))

    assert shown.title == (
        "Who called @\u200beveryone \\<@\u200b1> \\*\\*Neil\\*\\* \\`Armstrong\\` \\~\\~x\\~\\~"
        " https\\://a.b ?"
    )


async def test_no_answer_mentions_anybody(ask, server):
    result = await ask(f"Who called {server.bob.mention} @here, Neil Armstrong?")

    assert result.response.content == ""
    assert result.response.message.mentions == []
    assert not result.response.message.mention_everyone


async def test_a_direct_message_is_answered_by_command_too(simcord_env):
    result = await simcord_env.create_user("eve").slash("ask", question=WHO)

    assert card(result).description == "## Richard Nixon `[1]`"


async def test_a_hostile_article_is_shown_as_plain_text_everywhere(ask, server, own):
    own(
        {
            "id": "lamp",
            "title": "# **Lamp** @everyone",
            "source": "<@1> [x](https://a.b)",
            "url": "javascript:alert(1)",
            "text": "Elena *Marsh* phoned `Josef` Brandt <#1>.",
        }
    )

    shown = card(await ask("Who phoned Brandt?"))
    listed = card(await server.ann.slash(server.channel, "sources", search="lamp"))
    (choice,) = await server.ann.autocomplete(server.channel, "ask", "article", "lamp")

    source = "\\<@\u200b1> \\[x\\](https\\://a.b)"
    assert [one.name for one in shown.fields] == ["[1] \\# \\*\\*Lamp\\*\\* @\u200beveryone"]
    assert shown.fields[0].value.startswith(
        "> “**Elena \\*Marsh\\*** phoned \\`Josef\\` Brandt \\<#1>.”\n-# \\<@\u200b"
    )
    assert "javascript" not in shown.fields[0].value
    assert listed.description == f"**\\# \\*\\*Lamp\\*\\* @\u200beveryone**\n-# {source}"
    assert choice == {"name": "# **Lamp** @\u200beveryone", "value": "lamp"}


# Completion


async def test_the_article_is_completed_from_its_title_beginnings_first(server):
    choices = await server.ann.autocomplete(server.channel, "ask", "article", "the ")

    assert choices == [
        {"name": "The bridge over the Orr", "value": "bridge"},
        {"name": "The hand-held phone", "value": "phone"},
        {"name": "The lunar call", "value": "moon"},
    ]


@pytest.mark.parametrize(
    ("typed", "values"),
    [("LUNAR", ["moon"]), ("ridge", ["bridge"]), ("phone", ["phone"]), ("whale", [])],
)
async def test_any_part_of_a_title_completes(server, typed, values):
    for command in ("ask", "article"):
        choices = await server.ann.autocomplete(server.channel, command, "article", typed)

        assert [one["value"] for one in choices] == values


async def test_a_completion_fits_discord_however_long_title_and_id_are(ask, server, own):
    own({"id": "x" * 150, "title": "Long " * 40, "text": "Elena Marsh phoned Josef Brandt."})

    (choice,) = await server.ann.autocomplete(server.channel, "ask", "article", "long")

    assert len(choice["name"]) <= 100
    assert len(choice["value"]) <= 100
    shown = card(await ask("Who phoned?", article=choice["value"]))
    assert "Elena Marsh" in shown.description


# Buttons


async def test_context_shows_the_sentence_in_its_paragraph(ask, server):
    asked = await ask(WHO)

    result = await server.bob.click(asked.response, label="Context")

    shown = card(result)
    assert result.response.ephemeral
    assert (shown.title, shown.url) == ("[1] The lunar call", "https://example.org/moon")
    assert shown.description == (
        "The president waited in the Oval Office. **On 20 July 1969 Richard Nixon called Neil"
        " Armstrong on the Moon.**"
    )
    assert shown.footer.text == "Test Desk, 1969-07-21"
    assert card(asked).title == WHO  # the answer stays


async def test_passages_are_shown_in_pages_that_each_reader_turns(ask, server):
    asked = await ask("When did the garden club meet?")

    first = await server.bob.click(asked.response, label="More passages")
    assert first.response.ephemeral
    assert card(first).footer.text == "Page 1 of 2"
    assert len(card(first).fields) == 5
    assert buttons(first) == {"Back": False, "Next": True}

    second = await server.bob.click(first.response, label="Next")
    assert second.response.id == first.response.id
    assert card(second).footer.text == "Page 2 of 2"
    assert card(second).fields[0].name.startswith("6. ")
    assert buttons(second) == {"Back": True, "Next": False}

    again = await server.bob.click(second.response, label="Back")
    assert card(again).footer.text == "Page 1 of 2"


async def test_the_passages_of_an_answer_begin_with_the_cited_one(ask, server):
    asked = await ask("When was the bridge opened?", article="bridge")

    result = await server.ann.click(asked.response, label="More passages")

    shown = card(result)
    assert shown.footer.text == "Page 1 of 1"
    assert fields(shown)["[1] The bridge over the Orr"] == (
        "> “The bridge over the Orr was opened on 9 June 1934.”\n-# Orr Gazette, 1934"
    )
    assert buttons(result) == {}


async def test_a_private_answer_can_be_shared_with_its_buttons(ask, server):
    asked = await ask(WHO, private=True)

    result = await server.ann.click(asked.response, label="Share")

    (posted,) = server.channel.history(viewer=server.bob)
    assert posted.embeds == asked.response.embeds
    assert list(buttons(result)) == ["Context", "More passages", "Right", "Wrong"]
    context = await server.bob.click(posted, label="Context")
    assert card(context).title == "[1] The lunar call"


async def test_a_person_has_one_vote_and_the_last_one_counts(ask, server, simcord_bot):
    asked = await ask(WHO)

    await server.bob.click(asked.response, label="Right")
    result = await server.bob.click(asked.response, label="Wrong")

    assert told(result) == (
        "Thank you; your vote is that this answer is wrong. Press the other to change it."
    )
    (rated,) = await simcord_bot.state.rated()
    assert (rated.right, rated.wrong) == (0, 1)


async def test_the_votes_of_two_people_are_two(ask, server, simcord_bot):
    asked = await ask(WHO)

    await server.ann.click(asked.response, label="Right")
    await server.bob.click(asked.response, label="Right")

    (rated,) = await simcord_bot.state.rated()
    assert (rated.right, rated.wrong) == (2, 0)
    assert (rated.answer.status, rated.answer.question) == ("answered", None)


async def test_an_answer_nobody_voted_on_is_not_rated(ask, simcord_bot):
    await ask(WHO)

    assert await simcord_bot.state.rated() == []


async def test_buttons_work_after_a_restart(ask, server, restart):
    asked = await ask("When did the garden club meet?")
    pages = await server.ann.click(asked.response, label="More passages")
    await server.ann.click(asked.response, label="Right")

    app = await restart()

    context = await server.ann.click(asked.response, label="Context")
    assert context.response.embeds[0].title.startswith("[1] Minutes, part ")
    turned = await server.ann.click(pages.response, label="Next")
    assert card(turned).footer.text == "Page 2 of 2"
    await server.bob.click(asked.response, label="Wrong")
    (rated,) = await app.state.rated()
    assert (rated.right, rated.wrong) == (1, 1)


async def test_context_owns_up_to_an_article_that_was_changed_since(ask, server, own):
    own(LAMP_ROW)
    asked = await ask(WHO_LAMP)
    own(LAMP_ROW | {"text": "It was Elena Marsh who phoned Josef Brandt. It was late."})

    result = await server.ann.click(asked.response, label="Context")

    assert told(result) == (
        "An article that this answer is from was changed or removed since; please ask again."
    )


async def test_pages_are_counted_alike_where_articles_were_changed_since(ask, server, own):
    rows = [{"id": f"{n}", "text": f"Elena Marsh rang bell number {n}."} for n in range(8)]
    own(*rows)
    asked = await ask("Who rang the bell?")
    first = await server.ann.click(asked.response, label="More passages")
    own(rows[0], *(row | {"text": f"At noon {row['text']}"} for row in rows[1:]))

    second = await server.ann.click(first.response, label="Next")

    shown, notice = second.response.embeds
    assert shown.footer.text == "Page 2 of 2"
    assert notice.description.startswith("An article that this answer is from was changed")


# Browsing


async def test_the_articles_are_listed_by_title_ten_on_a_page(server):
    result = await server.ann.slash(server.channel, "sources")

    shown = card(result)
    assert result.response.ephemeral
    assert (shown.title, shown.footer.text) == ("Articles", "12 articles · page 1 of 2")
    lines = shown.description.splitlines()
    assert lines[:2] == ["**Minutes, part 1**", "-# Orr Gazette, 1921-05-01"]
    assert lines[-2:] == ["**The bridge over the Orr**", "-# Orr Gazette, 1934"]
    assert len(lines) == 20
    assert buttons(result) == {"Back": False, "Next": True}

    following = await server.ann.click(result.response, label="Next")
    assert card(following).description == (
        "**The hand-held phone**\n-# Test Desk, 1973-04-04\n"
        "**The lunar call**\n-# Test Desk, 1969-07-21 · [open](https://example.org/moon)"
    )
    assert card(following).footer.text == "12 articles · page 2 of 2"

    back = await server.ann.click(following.response, label="Back")
    assert card(back).description == shown.description


@pytest.mark.parametrize(
    ("search", "titles"),
    [
        ("test DESK", ["**The hand-held phone**", "**The lunar call**"]),
        ("bridge", ["**The bridge over the Orr**"]),
    ],
)
async def test_a_search_looks_at_titles_and_sources(server, search, titles):
    result = await server.ann.slash(server.channel, "sources", search=search)

    assert card(result).title == f"Articles with “{search}”"
    assert card(result).description.splitlines()[::2] == titles
    assert buttons(result) == {}


async def test_a_search_that_finds_nothing_says_so(server):
    result = await server.ann.slash(server.channel, "sources", search="*whale*")

    assert card(result).title == "Articles with “\\*whale\\*”"
    assert card(result).description == "There are none."


async def test_a_search_keeps_to_its_words_on_the_next_page(server, own):
    rows = [{"id": f"{n}", "title": f"Log: day {n:02}", "text": "Rain all day."} for n in range(11)]
    own(*rows)

    first = await server.ann.slash(server.channel, "sources", search="log: DAY")
    second = await server.ann.click(first.response, label="Next")

    assert card(second).title == "Articles with “log: DAY”"
    assert card(second).description == "**Log: day 10**\n-# source and date not known"


async def test_an_article_shows_its_facts_and_how_often_it_is_cited(ask, server, new_server):
    await ask(WHO)
    await ask("Who called Neil Armstrong, and when?")
    await ask("Who called Neil Armstrong on Mars?")
    elsewhere = new_server()

    result = await server.bob.slash(server.channel, "article", article="moon")

    shown = card(result)
    assert result.response.ephemeral
    assert shown.title == "The lunar call"
    assert shown.description.startswith("> The president waited in the Oval Office. On 20 July")
    assert {name: restored(value) for name, value in fields(shown).items()} == {
        "Source": "Test Desk",
        "Author": "Ada Quill",
        "Date": "1969-07-21",
        "Link": "[open the article](https://example.org/moon)",
        "Sentences": "4",
        "Cited": "in 2 answers here",
    }
    assert shown.footer.text == "moon"
    there = await elsewhere.ann.slash(elsewhere.channel, "article", article="moon")
    assert fields(card(there))["Cited"] == "in 0 answers here"


async def test_what_is_not_known_of_an_article_is_left_out(server):
    result = await server.ann.slash(server.channel, "article", article="The hand-held phone")

    shown = fields(card(result))
    assert list(shown) == ["Source", "Date", "Sentences", "Cited"]


async def test_an_article_that_is_none_is_said_kindly(server, refused):
    result = await server.ann.slash(server.channel, "article", article="whale")

    assert refused(result) == "No article is called “whale”; pick one from the list while typing."


async def test_the_status_counts_articles_and_questions(ask, server):
    before = card(await server.ann.slash(server.channel, "status"))
    await ask(WHO)

    result = await server.ann.slash(server.channel, "status")

    after = fields(card(result))
    assert result.response.ephemeral
    assert list(fields(before)) == ["Articles", "Built", "Running since"]
    assert after["Articles"] == "12 articles\n27 sentences"
    assert after["Built"].startswith("<t:")
    assert after["The last 1 question"].startswith("p50 ")


async def test_the_status_counts_a_servers_own_articles(server, own, simcord_env):
    own(LAMP_ROW)

    here = card(await server.ann.slash(server.channel, "status"))
    direct = card(await simcord_env.create_user("eve").slash("status"))

    assert fields(here)["This server's own"] == "1 article\n2 sentences"
    assert "This server's own" not in fields(direct)


# A server's own articles


async def add(server, name, text, who=None):
    return await (who or server.may).slash(
        server.channel, "articles add", file=(name, text.encode())
    )


async def test_a_text_file_is_added_and_answers(ask, server):
    result = await add(server, "lamp.txt", LAMP)

    assert told(result) == "Added “The harbour lamp”. This server has 1 article of its own."
    shown = card(await ask(WHO_LAMP))
    assert shown.description == "## Elena Marsh `[1]`"
    assert list(fields(shown)) == ["[1] The harbour lamp"]


async def test_a_markdown_file_is_added_with_its_facts(server):
    text = "---\ntitle: The lamp\nsource: The log\ndate: 1921-03-04\n---\nMarsh phoned *Brandt*."

    result = await add(server, "lamp.MD", text)

    assert told(result) == "Added “The lamp”. This server has 1 article of its own."
    shown = card(await server.ann.slash(server.channel, "article", article="lamp"))
    assert fields(shown)["Source"] == "The log"
    assert restored(fields(shown)["Date"]) == "1921-03-04"
    assert shown.description == "> Marsh phoned Brandt."


async def test_the_rows_of_a_file_are_articles_and_what_is_none_is_named(server):
    rows = ['{"title": "One", "text": "It rained."}', "rubbish", '{"title": "Two", "text": "Sun."}']

    result = await add(server, "rows.jsonl", "\n".join(rows))

    assert told(result).startswith("Added “One”; “Two”; skipped rows.jsonl line 2: it is not JSON")
    assert told(result).endswith("This server has 2 articles of its own.")


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("photo.png", "\x89PNG", "“photo.png” cannot be read; attach one of .txt, .md, .jsonl."),
        ("no-ending", "Text.", "“no-ending” cannot be read; attach one of .txt, .md, .jsonl."),
        (
            "empty.txt",
            "",
            "No article can be read from “empty.txt” (empty.txt: it holds no text)",
        ),
        (
            "nothing.jsonl",
            "{}",
            'No article can be read from “nothing.jsonl” (nothing.jsonl line 1: it has no "text")',
        ),
        (
            "huge.txt",
            "x" * 5_000_001,
            "The file has 5,000,001 bytes, at most 5,000,000 are read.",
        ),
    ],
)
async def test_a_file_that_cannot_be_read_is_refused(server, refused, name, text, sentence):
    result = await add(server, name, text)

    assert refused(result) == sentence
    sources = card(await server.ann.slash(server.channel, "sources"))
    assert sources.footer.text == "12 articles · page 1 of 2"


async def test_an_article_can_be_pasted_with_its_facts(server, ask):
    form = await server.may.slash(server.channel, "articles add")
    result = await server.may.submit_modal(
        form,
        {
            "title": "The harbour lamp",
            "text": "Elena Marsh phoned Josef Brandt on 3 March 1921.",
            "source": "The log",
            "date": "1921-03-04",
            "url": "https://example.org/lamp",
        },
    )

    assert told(result) == "Added “The harbour lamp”. This server has 1 article of its own."
    assert fields(card(await ask(WHO_LAMP))) == {
        "[1] The harbour lamp": "> “**Elena Marsh** phoned Josef Brandt on 3 March 1921.”\n"
        "-# The log, 1921-03-04 · [open the article](https://example.org/lamp)"
    }


async def test_a_pasted_date_that_is_none_is_refused(server):
    form = await server.may.slash(server.channel, "articles add")
    result = await server.may.submit_modal(
        form, {"title": "The lamp", "text": "It shone.", "date": "yesterday"}
    )

    assert told(result) == "The date “yesterday” has to be like 1969-07-20 or 1969."


async def test_a_form_from_before_a_restart_is_still_taken(server, restart):
    form = await server.may.slash(server.channel, "articles add")
    await restart()

    result = await server.may.submit_modal(form, {"title": "The lamp", "text": "It shone."})

    assert told(result) == "Added “The lamp”. This server has 1 article of its own."


async def test_the_same_id_is_not_added_twice(server, refused):
    await add(server, "lamp.txt", LAMP)

    said = refused(await add(server, "lamp.md", "Another text."))

    assert said == (
        "There is an article with the id “lamp” already; remove it first, or give the new one"
        " another name."
    )


async def test_an_article_is_completed_removed_and_answers_no_more(server, ask):
    await add(server, "lamp.txt", LAMP)

    choices = await server.may.autocomplete(server.channel, "articles remove", "article", "")
    result = await server.may.slash(server.channel, "articles remove", article=choices[0]["value"])

    assert choices == [{"name": "The harbour lamp", "value": "lamp"}]  # no shared ones
    assert told(result) == (
        "“The harbour lamp” is removed. This server has no articles of its own."
    )
    assert card(await ask(WHO_LAMP)).description.startswith("## The articles do not say")


@pytest.mark.parametrize("has_own", [True, False])
async def test_a_shared_article_cannot_be_removed(server, own, refused, has_own):
    if has_own:
        own(LAMP_ROW)

    result = await server.may.slash(server.channel, "articles remove", article="moon")

    assert refused(result) == (
        "No article is called “moon”; pick one from the list while typing."
        if has_own
        else "This server has no articles of its own."
    )


async def test_one_article_of_a_file_with_several_is_left_to_whoever_runs_the_bot(
    server, own, refused
):
    own(LAMP_ROW)
    path = server.articles / "0.jsonl"
    path.write_text(f"{json.dumps(LAMP_ROW)}\n{json.dumps(MOON)}", encoding="utf-8")

    result = await server.may.slash(server.channel, "articles remove", article="lamp")

    assert refused(result) == (
        "Its file 0.jsonl holds 2 articles; whoever runs the bot can edit it."
    )
    assert path.exists()


async def test_an_article_in_a_folder_can_be_removed(server, refused):
    folder = server.articles / "1921"
    folder.mkdir(parents=True)
    (folder / "lamp.jsonl").write_text(json.dumps(LAMP_ROW), encoding="utf-8")
    await server.may.slash(server.channel, "articles rebuild")

    result = await server.may.slash(server.channel, "articles remove", article="lamp")

    assert refused(result).startswith("“The harbour lamp” is removed.")


async def test_the_last_article_can_be_removed_beside_a_file_that_is_none(
    server, ask, own, refused
):
    own(LAMP_ROW)
    (server.articles / ".DS_Store").write_bytes(b"x")

    result = await server.may.slash(server.channel, "articles remove", article="lamp")

    assert refused(result).startswith("“The harbour lamp” is removed.")
    assert card(await ask(WHO_LAMP)).description.startswith("## The articles do not say")


async def test_an_article_whose_title_shows_nothing_is_completed_by_its_id(server, own):
    own(LAMP_ROW | {"title": "\u202e"})

    for command in ("ask", "articles remove"):
        choices = await server.may.autocomplete(server.channel, command, "article", "lamp")
        assert choices == [{"name": "lamp", "value": "lamp"}]


async def test_a_rebuild_mends_a_damaged_store(server, ask, own, refused, restart):
    own(LAMP_ROW)
    damage(server.store)
    await restart()
    assert "cannot be read" in refused(await ask(WHO_LAMP), alone=False)

    await server.may.slash(server.channel, "articles rebuild")

    assert card(await ask(WHO_LAMP)).description == "## Elena Marsh `[1]`"


async def test_nobody_is_told_in_which_folder_a_damaged_store_lies(
    server, ask, own, refused, restart
):
    own(LAMP_ROW)
    damage(server.store)
    await restart()

    said = refused(await ask(WHO_LAMP), alone=False)

    assert str(server.store) not in restored(said)


async def test_nobody_is_told_in_which_folder_a_skipped_file_lies(server, own):
    own(LAMP_ROW)
    (server.articles / "photo.png").write_bytes(b"x")

    said = told(await server.may.slash(server.channel, "articles rebuild"))

    assert "photo.png" in said
    assert str(server.articles) not in restored(said)


def damage(store):
    for path in (store / "snapshots").glob("*/*.npy"):
        path.write_bytes(b"")


async def test_files_changed_by_hand_answer_after_a_rebuild(server, ask):
    server.articles.mkdir(parents=True)
    (server.articles / "lamp.txt").write_text(LAMP, encoding="utf-8")
    (server.articles / "photo.png").write_bytes(b"x")
    before = card(await ask(WHO_LAMP))

    result = await server.may.slash(server.channel, "articles rebuild")

    assert before.description.startswith("## The articles do not say")
    assert told(result).startswith(
        "The articles are read anew. This server has 1 article of its own; 1 skipped, such as "
    )
    assert card(await ask(WHO_LAMP)).description == "## Elena Marsh `[1]`"


async def test_a_rebuild_that_fails_is_told_and_the_answers_stay(server, ask, own, refused):
    own(LAMP_ROW)
    (lamp,) = server.articles.iterdir()
    lamp.write_text("rubbish", encoding="utf-8")

    result = await server.may.slash(server.channel, "articles rebuild")

    said = refused(result)
    assert said.startswith("The articles are read anew, but the articles could not be built anew")
    assert said.endswith("what answered before goes on answering.")
    assert card(await ask(WHO_LAMP)).description == "## Elena Marsh `[1]`"


@pytest.mark.parametrize(
    ("command", "options"),
    [
        ("articles add", {}),
        ("articles add", {"file": ("lamp.txt", LAMP.encode())}),
        ("articles remove", {"article": "lamp"}),
        ("articles rebuild", {}),
        ("settings", {}),
    ],
)
async def test_members_cannot_change_what_the_server_keeps(
    server, simcord_env, refused, command, options
):
    with pytest.raises(SetupError, match="default-member-permissions"):
        await server.ann.slash(server.channel, command, **options)

    # A server may allow a command to anybody; the bot itself looks once more.
    root = simcord_env.backend.find_command(command.split()[0], server.guild.id, type=1)
    server.guild.set_command_permissions(int(root["id"]), {server.ann: True})
    result = await server.ann.slash(server.channel, command, **options)

    assert refused(result) == "This is for people who may manage the server."
    assert not server.articles.exists()


async def test_another_server_never_sees_a_servers_own_articles(new_server, own, refused):
    own(LAMP_ROW)
    other = new_server()

    asked = await other.ann.slash(other.channel, "ask", question=WHO_LAMP)
    assert card(asked).description.startswith("## The articles do not say")
    assert shows_nothing_of_the_lamp(asked)
    assert await other.ann.autocomplete(other.channel, "ask", "article", "lamp") == []
    assert await other.may.autocomplete(other.channel, "articles remove", "article", "") == []
    listed = await other.ann.slash(other.channel, "sources", search="lamp")
    assert card(listed).description == "There are none."
    claim = await other.bob.send(other.channel, "Somebody phoned Josef Brandt.")
    found = await other.ann.context_menu(other.channel, "Find sources", claim)
    assert shows_nothing_of_the_lamp(found)
    for command, options in (
        ("article", {"article": "lamp"}),
        ("ask", {"question": WHO_LAMP, "article": "lamp"}),
        ("ask", {"question": WHO_LAMP, "article": "The harbour lamp"}),
    ):
        result = await other.ann.slash(other.channel, command, **options)
        assert refused(result, alone=False).startswith("No article is called “")


async def test_direct_messages_never_show_a_servers_own_articles(server, own, refused):
    own(LAMP_ROW)
    ann = server.ann.user

    asked = await ann.slash("ask", question=WHO_LAMP)
    assert card(asked).description.startswith("## The articles do not say")
    assert shows_nothing_of_the_lamp(asked)
    assert await ann.autocomplete("article", "article", "lamp") == []
    listed = await ann.slash("sources", search="lamp")
    assert card(listed).description == "There are none."
    result = await ann.slash("article", article="lamp")
    assert refused(result).startswith("No article is called “lamp”")


def shows_nothing_of_the_lamp(result):
    shown = json.dumps([one.to_dict() for one in result.response.embeds])
    return "Elena" not in shown and "lamp" not in shown


@pytest.mark.parametrize("command", ["articles add", "articles rebuild", "settings"])
async def test_a_server_is_not_kept_from_direct_messages(server, command):
    with pytest.raises(SetupError, match="reason: context"):
        await server.may.user.slash(command)


async def test_a_form_of_somebody_who_may_no_longer_manage_is_refused(server, simcord_env):
    form = await server.may.slash(server.channel, "articles add")
    dismiss(simcord_env, server)

    result = await server.may.submit_modal(form, {"title": "The lamp", "text": "It shone."})

    assert told(result) == "This is for people who may manage the server."
    assert not server.articles.exists()


async def test_the_settings_of_somebody_who_may_no_longer_manage_are_refused(server, simcord_env):
    settings = await server.may.slash(server.channel, "settings")
    dismiss(simcord_env, server)

    turned = await server.may.click(settings.response, label="Show answers to the asker alone")
    chosen = await server.may.select(settings.response, [server.channel])

    assert told(turned) == told(chosen) == "This is for people who may manage the server."
    assert await simcord_env.bot.state.guild(server.guild.id) == GuildSettings()


def dismiss(env, server):
    """Take from may the role that lets her manage the server."""
    role = server.guild.roles["Keepers"]
    env.backend.remove_member_role(server.guild.id, server.may.id, role.id)


# /settings


async def test_answers_can_be_private_unless_asked_otherwise(server, ask):
    settings = await server.may.slash(server.channel, "settings")
    assert settings.response.ephemeral
    assert fields(card(settings)) == {
        "Answers are seen": "by everyone in the channel",
        "Questions may be asked in": "every channel",
    }

    turned = await server.may.click(settings.response, label="Show answers to the asker alone")

    assert fields(card(turned))["Answers are seen"] == (
        "by the asker alone, unless they choose otherwise"
    )
    assert (await ask(WHO)).response.ephemeral
    assert not (await ask(WHO, private=False)).response.ephemeral
    await server.may.click(turned.response, label="Show answers to everyone")
    assert not (await ask(WHO)).response.ephemeral


async def test_questions_can_be_kept_to_channels(server, ask, refused, restart):
    asking = server.guild.create_text_channel("asking")
    settings = await server.may.slash(server.channel, "settings")

    chosen = await server.may.select(settings.response, [asking])

    assert fields(card(chosen))["Questions may be asked in"] == asking.mention
    assert "In this server questions are asked in" in refused(await ask(WHO))
    there = await server.ann.slash(asking, "ask", question=WHO)
    assert card(there).description == "## Richard Nixon `[1]`"
    await restart()
    assert "In this server questions are asked in" in refused(await ask(WHO))


async def test_no_channel_chosen_is_every_channel_again(server, ask):
    asking = server.guild.create_text_channel("asking")
    settings = await server.may.slash(server.channel, "settings")
    chosen = await server.may.select(settings.response, [asking])

    await server.may.select(chosen.response, [])

    assert card(await ask(WHO)).description == "## Richard Nixon `[1]`"


async def test_the_channel_to_ask_in_is_named_so_that_it_can_be_pressed(server, ask, refused):
    asking = server.guild.create_text_channel("asking")
    settings = await server.may.slash(server.channel, "settings")
    await server.may.select(settings.response, [asking])

    assert refused(await ask(WHO)) == f"In this server questions are asked in {asking.mention}."


async def test_a_thread_of_an_allowed_channel_may_be_asked_in(server, simcord_bot):
    settings = await server.may.slash(server.channel, "settings")
    await server.may.select(settings.response, [server.channel])
    said = await server.ann.send(server.channel, "Let us talk about the Moon.")
    await (
        simcord_bot.get_channel(server.channel.id)
        .get_partial_message(said.id)
        .create_thread(name="Moon")
    )
    (thread,) = server.channel.threads

    result = await server.ann.slash(thread, "ask", question=WHO)

    assert card(result).description == "## Richard Nixon `[1]`"


async def test_settings_of_one_server_are_not_those_of_another(server, new_server):
    settings = await server.may.slash(server.channel, "settings")
    await server.may.click(settings.response, label="Show answers to the asker alone")
    other = new_server()

    result = await other.ann.slash(other.channel, "ask", question=WHO)

    assert not result.response.ephemeral


async def test_a_private_answer_cannot_be_shared_in_a_channel_not_for_questions(server, ask):
    asked = await ask(WHO, private=True)
    asking = server.guild.create_text_channel("asking")
    settings = await server.may.slash(server.channel, "settings")
    await server.may.select(settings.response, [asking])

    result = await server.ann.click(asked.response, label="Share")

    assert "In this server questions are asked in" in told(result)
    assert server.channel.history(viewer=server.bob) == []


# Find sources


async def test_the_sources_of_a_message_are_found_for_whoever_wants_to_know(server):
    said = await server.bob.send(server.channel, "Nixon called **Armstrong** on the Moon, @here!")

    result = await server.ann.context_menu(server.channel, "Find sources", said)

    shown = card(result)
    assert result.response.ephemeral
    assert shown.title == "What the articles say about this"
    assert shown.description == ("> Nixon called \\*\\*Armstrong\\*\\* on the Moon, @\u200bhere!")
    assert shown.fields[0].name == "1. The lunar call"
    assert "called" in shown.fields[0].value
    assert shown.footer.text == "Whether these sentences bear it out is for you to judge."


async def test_a_message_of_something_else_has_no_sources(server):
    said = await server.bob.send(server.channel, "The garden gnome wears purple rubber boots.")

    result = await server.ann.context_menu(server.channel, "Find sources", said)

    shown = card(result)
    assert "**The articles do not speak of that.**" in shown.description
    assert "The nearest sentence is:" in shown.description
    assert len(shown.fields) == 1


async def test_a_message_of_marks_alone_has_no_sources(server, refused):
    said = await server.bob.send(server.channel, "!!!")

    result = await server.ann.context_menu(server.channel, "Find sources", said)

    assert refused(result) == "The question is empty."


async def test_a_message_without_text_has_no_sources(server, refused):
    said = await server.bob.send(server.channel, attachments=[("a.png", b"x")])

    result = await server.ann.context_menu(server.channel, "Find sources", said)

    assert refused(result) == "This message holds no text."


async def test_the_sources_of_an_answer_card_are_found_too(ask, server):
    asked = await ask(WHO)

    result = await server.ann.context_menu(server.channel, "Find sources", asked.response)

    assert card(result).fields[0].name == "1. The lunar call"


async def test_the_sources_of_a_message_in_a_server_are_its_own_articles_too(server, own):
    own(LAMP_ROW)
    said = await server.bob.send(server.channel, "Marsh phoned Brandt.")

    result = await server.ann.context_menu(server.channel, "Find sources", said)

    assert card(result).fields[0].name == "1. The harbour lamp"


# Mentions


async def test_a_mention_with_a_question_is_answered_in_a_reply_without_a_ping(server, simcord_env):
    said = await server.ann.send(server.channel, f"{mention(simcord_env)} {WHO}")

    (reply,) = replies(server)
    assert card(reply).title == WHO
    assert card(reply).description == "## Richard Nixon `[1]`"
    assert reply.reference.message_id == said.id
    assert reply.mentions == []
    context = await server.bob.click(reply, label="Context")
    assert card(context).title == "[1] The lunar call"


@pytest.mark.parametrize("words", ["{me} and when?", "and when?"])
async def test_a_reply_to_an_answer_is_a_follow_up(server, simcord_env, words):
    await server.ann.send(server.channel, f"{mention(simcord_env)} {WHO}")
    (first,) = replies(server)

    await server.bob.send(
        server.channel, words.format(me=mention(simcord_env)), reply_to=first
    )  # a reply mentions whom it replies to

    shown = card(replies(server)[-1])
    assert shown.title == "Who called Neil Armstrong, and when?"
    assert fields(shown)["When"] == "20 July 1969 `[1]`"


async def test_a_reply_to_the_answer_of_a_command_is_a_follow_up_too(ask, server, simcord_env):
    asked = await ask("Who called *Neil* Armstrong?")

    # Discord does not show a bot what is replied to a command's answer unless it is mentioned.
    words = f"{mention(simcord_env)} and when?"
    await server.bob.send(server.channel, words, reply_to=asked.response)
    await server.ann.send(server.channel, "and where?", reply_to=replies(server)[-1])

    assert card(replies(server)[-2]).title == "Who called \\*Neil\\* Armstrong, and when?"
    assert card(replies(server)[-1]).title == (
        "Who called \\*Neil\\* Armstrong, and when, and where?"
    )


async def test_a_reply_to_a_person_is_a_question_of_its_own(server, simcord_env):
    said = await server.bob.send(server.channel, "Who called Neil Armstrong?")

    await server.ann.send(
        server.channel, f"When was the bridge opened, {mention(simcord_env)}?", reply_to=said
    )

    (reply,) = replies(server)
    assert card(reply).description == "## 9 June 1934 `[1]`"


@pytest.mark.parametrize("form", ["<@{}>", "<@!{}>  \n", "<@{0}> <@{0}>"])
async def test_a_mention_without_words_gets_help(server, simcord_env, form):
    await server.ann.send(server.channel, form.format(simcord_env.bot.user.id))

    (reply,) = replies(server)
    assert card(reply).description == (
        "Ask me something after my name, such as: who called whom, and when?"
    )


async def test_other_bots_are_not_answered(server, simcord_env):
    robot = server.guild.add_member(simcord_env.create_user("robot", bot=True))
    hook = server.guild.create_webhook(server.channel)

    await robot.send(server.channel, f"{mention(simcord_env)} {WHO}")
    await hook.send(f"{mention(simcord_env)} {WHO}")

    assert len(server.channel.history()) == 2


@pytest.mark.parametrize("words", [WHO, "@everyone Who called?", "Byline, who called?"])
async def test_messages_without_a_mention_are_not_answered(server, words):
    await server.may.send(server.channel, words)

    assert replies(server) == []


async def test_a_reply_to_a_person_without_a_mention_is_not_answered(server):
    said = await server.bob.send(server.channel, WHO)

    await server.ann.send(server.channel, "and when?", reply_to=said)

    assert replies(server) == []


async def test_a_direct_message_needs_no_mention(simcord_env):
    eve = simcord_env.create_user("eve")

    await eve.send_dm(WHO)

    assert card(eve.dm_channel.last_message).description == "## Richard Nixon `[1]`"


async def test_a_mention_is_not_answered_in_public_where_answers_are_private(server, simcord_env):
    settings = await server.may.slash(server.channel, "settings")
    await server.may.click(settings.response, label="Show answers to the asker alone")

    await server.ann.send(server.channel, f"{mention(simcord_env)} {WHO}")

    assert card(replies(server)[-1]).description == (
        "Answers in this server are private; ask with /ask."
    )


async def test_a_mention_in_a_channel_not_for_questions_is_told_where(server, simcord_env):
    asking = server.guild.create_text_channel("asking")
    settings = await server.may.slash(server.channel, "settings")
    await server.may.select(settings.response, [asking])

    await server.ann.send(server.channel, f"{mention(simcord_env)} {WHO}")

    said = card(replies(server)[-1]).description
    assert said.startswith("In this server questions are asked in ")


async def test_a_mention_with_too_long_a_question_is_told_so(server, simcord_env):
    await server.ann.send(server.channel, f"{mention(simcord_env)} {'who ' * 76}")

    (reply,) = replies(server)
    assert card(reply).description == ("The question has 303 characters, at most 300 are read.")


# How many questions


@pytest.mark.parametrize("per_minute", ["2"])
async def test_a_person_asks_so_many_questions_a_minute(ask, server, refused, simcord_env):
    await ask(WHO)
    await server.ann.send(server.channel, f"{mention(simcord_env)} {WHO}")  # counts, too

    third = await ask(WHO)

    assert "2 questions in a minute" in (said := refused(third))
    assert said.endswith("; please wait 60 seconds.")
    of_another = await server.bob.slash(server.channel, "ask", question=WHO)
    assert card(of_another).description == "## Richard Nixon `[1]`"
    await simcord_env.advance_time(61)
    assert card(await ask(WHO)).description == "## Richard Nixon `[1]`"


async def test_0_is_no_limit(ask):
    for _ in range(11):
        assert card(await ask("Zyx wvu?")).title == "Zyx wvu?"


# What Discord is told


def leaves(commands):
    for command in commands:
        if isinstance(command, app_commands.Group):
            yield from leaves(command.commands)
        else:
            yield command


def test_the_commands_are_these(simcord_bot):
    names = {one.name for one in simcord_bot.tree.get_commands()}

    assert names == {
        *("ask", "sources", "article", "status", "articles", "settings"),
        "Find sources",
    }
    group = simcord_bot.tree.get_command("articles")
    assert {one.name for one in group.commands} == {"add", "remove", "rebuild"}


def test_every_command_and_option_is_described(simcord_bot):
    told_of = list(simcord_bot.tree.walk_commands())
    options = [
        one
        for command in leaves(simcord_bot.tree.get_commands(type=discord.AppCommandType.chat_input))
        for one in command.parameters
    ]

    assert len(options) == 9
    for one in (*told_of, *options):
        assert len(str(one.description)) > 10, one.name  # discord.py's own default is "…"


@pytest.mark.parametrize("name", ["ask", "sources", "article", "status", "Find sources"])
def test_reading_is_for_everybody_everywhere(simcord_bot, name):
    written = written_of(simcord_bot, name)

    assert set(written["contexts"]) == {0, 1, 2}  # servers, direct messages, groups
    assert set(written["integration_types"]) == {0, 1}  # installed by servers and by people
    assert written["default_member_permissions"] is None


@pytest.mark.parametrize(
    "name",
    [
        "articles",
        "settings",
    ],
)
def test_keeping_is_for_managers_in_servers(simcord_bot, name):
    written = written_of(simcord_bot, name)

    assert set(written["contexts"]) == {0}
    assert set(written["integration_types"]) == {0}
    assert written["default_member_permissions"] == 1 << 5  # Manage Server


def written_of(app, name):
    (command,) = (one for one in app.tree.get_commands() if one.name == name)
    return command.to_dict(app.tree)


async def test_discord_is_told_of_the_commands_once(simcord_env, restart):
    await restart()

    told_of = [one for one in simcord_env.http_requests if one.path.endswith("/commands")]
    assert [one.method for one in told_of] == ["PUT"]
