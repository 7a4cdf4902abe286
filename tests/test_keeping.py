import json

import pytest
from simcord import SetupError
from simcord_bot import LAMP, MARSH, WHO_LAMP, Server, card, fields, told

from bot.quoting import restored

TEXT = "The harbour lamp\n\nElena Marsh phoned Josef Brandt on 3 March 1921. It was late.\n"
MARKDOWN = """\
---
title: The harbour lamp
source: The log
date: 1921-03-04
---
Elena Marsh phoned *Josef Brandt* on 3 March 1921.
"""
ADDED = "Added “The harbour lamp”. This server has 1 article of its own."
NOT_FOUND = "## The articles do not say"
NOT_ALLOWED = "This is for people who may manage the server."


async def add(server, name, text):
    return await server.manage("articles add", file=(name, text.encode()))


@pytest.mark.parametrize(
    ("name", "text", "where"),
    [
        ("lamp.txt", TEXT, ""),
        ("lamp.MD", MARKDOWN, "\n-# The log, 1921-03-04"),
    ],
)
async def test_a_file_is_added_with_its_facts_and_answers(server, name, text, where):
    result = await add(server, name, text)

    assert told(result) == ADDED
    asked = await server.ask(WHO_LAMP)
    assert card(asked).description == MARSH
    proof = f"> “**Elena Marsh** phoned Josef Brandt on 3 March 1921.”{where}"
    assert fields(asked) == {"[1] The harbour lamp": proof}


async def test_the_rows_of_a_file_are_articles_and_what_is_none_is_named(server):
    rows = ['{"title": "One", "text": "It rained."}', "rubbish", '{"title": "Two", "text": "Sun."}']

    result = await add(server, "rows.jsonl", "\n".join(rows))

    assert told(result).startswith("Added “One”; “Two”; skipped rows.jsonl line 2: it is not JSON")
    assert told(result).endswith("This server has 2 articles of its own.")


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("no-ending", "Text.", "“no-ending” cannot be read; attach one of .txt, .md, .jsonl."),
        ("a.txt", "", "No article can be read from “a.txt” (a.txt: it holds no text)"),
        ("a.txt", "x" * 5_000_001, "The file has 5,000,001 bytes, at most 5,000,000 are read."),
    ],
)
async def test_a_file_that_cannot_be_read_is_refused(server, name, text, sentence):
    result = await add(server, name, text)

    assert server.refused(result) == sentence
    sources = card(await server.slash("sources"))
    assert sources.footer.text == "12 articles · page 1 of 2"


@pytest.mark.parametrize("is_restarted", [False, True])
async def test_an_article_can_be_pasted_with_its_facts(server, restart, is_restarted):
    form = await server.manage("articles add")
    if is_restarted:
        await restart()
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

    assert told(result) == ADDED
    assert fields(await server.ask(WHO_LAMP)) == {
        "[1] The harbour lamp": "> “**Elena Marsh** phoned Josef Brandt on 3 March 1921.”\n"
        "-# The log, 1921-03-04 · [open the article](https://example.org/lamp)"
    }


async def test_a_pasted_date_that_is_none_is_refused(server):
    form = await server.manage("articles add")
    result = await server.may.submit_modal(
        form, {"title": "The lamp", "text": "It shone.", "date": "yesterday"}
    )

    assert told(result) == 'The date is "yesterday"; it has to be like 1969-07-20 or 1969.'


async def test_the_same_id_is_not_added_twice(server):
    await add(server, "lamp.txt", TEXT)

    assert server.refused(await add(server, "lamp.md", "Another text.")) == (
        "There is an article with the id “lamp” already; remove it first, or give the new one"
        " another name."
    )


async def test_an_article_is_completed_removed_and_answers_no_more(server):
    await add(server, "lamp.txt", TEXT)

    choices = await server.complete("articles remove", "")
    result = await server.manage("articles remove", article=choices[0]["value"])

    assert choices == [{"name": "The harbour lamp", "value": "lamp"}]  # no shared ones
    assert told(result) == "“The harbour lamp” is removed. This server has no articles of its own."
    assert card(await server.ask(WHO_LAMP)).description.startswith(NOT_FOUND)


@pytest.mark.parametrize(
    ("own", "sentence"),
    [
        ([LAMP], "No article is called “moon”; pick one from the list while typing."),
        ([], "This server has no articles of its own."),
    ],
)
async def test_a_shared_article_cannot_be_removed(server, own, sentence):
    if own:
        server.keep(*own)

    result = await server.manage("articles remove", article="moon")

    assert server.refused(result) == sentence


async def test_one_article_of_a_file_with_several_is_left_to_whoever_runs_the_bot(server):
    server.keep(LAMP)
    path = server.articles / "0.jsonl"
    path.write_text(f"{json.dumps(LAMP)}\n{json.dumps(LAMP | {'id': 'b'})}", encoding="utf-8")

    result = await server.manage("articles remove", article="lamp")

    assert server.refused(result) == (
        "Its file 0.jsonl holds 2 articles; whoever runs the bot can edit it."
    )
    assert path.exists()


async def test_an_article_in_a_folder_can_be_removed(server):
    folder = server.articles / "1921"
    folder.mkdir(parents=True)
    (folder / "lamp.jsonl").write_text(json.dumps(LAMP), encoding="utf-8")
    await server.manage("articles rebuild")

    result = await server.manage("articles remove", article="lamp")

    assert server.refused(result).startswith("“The harbour lamp” is removed.")


async def test_the_last_article_can_be_removed_beside_a_file_that_is_none(server):
    server.keep(LAMP)
    (server.articles / ".DS_Store").write_bytes(b"x")

    result = await server.manage("articles remove", article="lamp")

    assert server.refused(result).startswith("“The harbour lamp” is removed.")
    assert card(await server.ask(WHO_LAMP)).description.startswith(NOT_FOUND)


async def test_a_rebuild_mends_a_damaged_store_and_nobody_is_told_where_it_lies(server, restart):
    server.keep(LAMP)
    for path in (server.store / "snapshots").glob("*.segment"):
        path.write_bytes(b"")
    await restart()
    said = server.refused(await server.ask(WHO_LAMP), alone=False)
    assert "cannot be read" in said
    assert str(server.store) not in restored(said)

    await server.manage("articles rebuild")

    assert card(await server.ask(WHO_LAMP)).description == MARSH


async def test_files_changed_by_hand_answer_after_a_rebuild(server):
    server.articles.mkdir(parents=True)
    (server.articles / "lamp.txt").write_text(TEXT, encoding="utf-8")
    (server.articles / "photo.png").write_bytes(b"x")
    before = card(await server.ask(WHO_LAMP))

    said = told(await server.manage("articles rebuild"))

    assert before.description.startswith(NOT_FOUND)
    assert said.startswith(
        "The articles are read anew. This server has 1 article of its own; 1 skipped, such as "
    )
    assert "photo.png" in said
    assert str(server.articles) not in restored(said)  # no folder of the machine is told
    assert card(await server.ask(WHO_LAMP)).description == MARSH


async def test_a_rebuild_that_fails_is_told_and_the_answers_stay(server):
    server.keep(LAMP)
    (server.articles / "0.jsonl").write_text("rubbish", encoding="utf-8")

    said = server.refused(await server.manage("articles rebuild"))

    assert said.startswith("The articles are read anew, but the articles could not be built anew")
    assert said.endswith("what answered before goes on answering.")
    assert card(await server.ask(WHO_LAMP)).description == MARSH


# Whose articles they are


@pytest.mark.parametrize(
    ("command", "options"),
    [
        ("articles add", {}),
        ("articles add", {"file": ("lamp.txt", TEXT.encode())}),
        ("articles remove", {"article": "lamp"}),
        ("articles rebuild", {}),
        ("settings", {}),
    ],
)
async def test_members_cannot_change_what_the_server_keeps(server, command, options):
    with pytest.raises(SetupError, match="default-member-permissions"):
        await server.slash(command, **options)

    # A server may allow a command to anybody; the bot itself looks once more.
    root = server.env.backend.find_command(command.split()[0], server.guild.id, type=1)
    server.guild.set_command_permissions(int(root["id"]), {server.ann: True})
    result = await server.slash(command, **options)

    assert server.refused(result) == NOT_ALLOWED
    assert not server.articles.exists()


async def test_a_form_of_somebody_who_may_no_longer_manage_is_refused(server):
    form = await server.manage("articles add")
    server.dismiss_may()

    result = await server.may.submit_modal(form, {"title": "The lamp", "text": "It shone."})

    assert told(result) == NOT_ALLOWED
    assert not server.articles.exists()


@pytest.mark.parametrize("is_direct", [False, True])
async def test_nobody_elsewhere_sees_a_servers_own_articles(server, simcord_env, is_direct):
    server.keep(LAMP)
    other = Server(simcord_env)
    ann, *place = [server.ann.user] if is_direct else [other.ann, other.channel]

    asked = await ann.slash(*place, "ask", question=WHO_LAMP)
    assert card(asked).description.startswith(NOT_FOUND)
    assert shows_nothing_of_the_lamp(asked)
    for command in ("ask", "article"):
        assert await ann.autocomplete(*place, command, "article", "lamp") == []
    listed = await ann.slash(*place, "sources", search="lamp")
    assert card(listed).description == "There are none."
    for command, options in (
        ("article", {"article": "lamp"}),
        ("ask", {"question": WHO_LAMP, "article": "lamp"}),
        ("ask", {"question": WHO_LAMP, "article": "The harbour lamp"}),
    ):
        result = await ann.slash(*place, command, **options)
        assert server.refused(result).startswith("No article is called “")


async def test_nobody_elsewhere_removes_a_servers_own_articles_or_finds_them(server, simcord_env):
    server.keep(LAMP)
    other = Server(simcord_env)

    assert await other.complete("articles remove", "") == []
    claim = await other.bob.send(other.channel, "Somebody phoned Josef Brandt.")
    assert shows_nothing_of_the_lamp(await other.find_sources(claim))


def shows_nothing_of_the_lamp(result):
    shown = json.dumps([one.to_dict() for one in result.response.embeds])
    return "Elena" not in shown and "lamp" not in shown
