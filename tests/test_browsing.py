import pytest
from simcord_bot import LAMP, WHO, Server, buttons, card, fields

from bot.quoting import restored


async def test_the_articles_are_listed_by_title_ten_on_a_page(server):
    result = await server.slash("sources")

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
    ("search", "shown", "titles"),
    [
        ("test DESK", "test DESK", ["**The hand-held phone**", "**The lunar call**"]),
        ("bridge", "bridge", ["**The bridge over the Orr**"]),
        ("*whale*", "\\*whale\\*", ["There are none."]),
    ],
)
async def test_a_search_looks_at_titles_and_sources(server, search, shown, titles):
    result = await server.slash("sources", search=search)

    assert card(result).title == f"Articles with “{shown}”"
    assert card(result).description.splitlines()[::2] == titles
    assert buttons(result) == {}


async def test_a_search_keeps_to_its_words_on_the_next_page(server):
    rows = [{"id": f"{n}", "title": f"Log: day {n:02}", "text": "Rain all day."} for n in range(11)]
    server.keep(*rows)

    first = await server.slash("sources", search="log: DAY")
    second = await server.ann.click(first.response, label="Next")

    assert card(second).title == "Articles with “log: DAY”"
    assert card(second).description == "**Log: day 10**\n-# source and date not known"


async def test_an_article_shows_its_facts_and_how_often_it_is_cited(server, simcord_env):
    await server.ask(WHO)
    await server.ask("Who called Neil Armstrong, and when?")
    await server.ask("Who called Neil Armstrong on Mars?")

    result = await server.slash("article", article="moon")
    elsewhere = await Server(simcord_env).slash("article", article="moon")

    shown = card(result)
    assert result.response.ephemeral
    assert shown.title == "The lunar call"
    assert shown.description.startswith("> The president waited in the Oval Office. On 20 July")
    assert {name: restored(value) for name, value in fields(result).items()} == {
        "Source": "Test Desk",
        "Author": "Ada Quill",
        "Date": "1969-07-21",
        "Link": "[open the article](https://example.org/moon)",
        "Sentences": "4",
        "Cited": "in 2 answers here",
    }
    assert shown.footer.text == "moon"
    assert fields(elsewhere)["Cited"] == "in 0 answers here"


async def test_what_is_not_known_of_an_article_is_left_out(server):
    result = await server.slash("article", article="The hand-held phone")

    assert list(fields(result)) == ["Source", "Date", "Sentences", "Cited"]


async def test_the_status_counts_articles_and_questions(server, simcord_env):
    before = await simcord_env.create_user("eve").slash("status")
    server.keep(LAMP)
    await server.ask(WHO)

    result = await server.slash("status")

    after = fields(result)
    assert result.response.ephemeral
    assert list(fields(before)) == ["Articles", "Built", "Running since"]
    assert after["Articles"] == "12 articles\n27 sentences"
    assert after["This server's own"] == "1 article\n2 sentences"
    assert after["Built"].startswith("<t:")
    assert after["The last 1 question"].startswith("p50 ")
