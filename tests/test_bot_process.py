"""The bot as people run it: a real process that logs in to a Discord on the loopback."""

import asyncio
import json
import os
import re
import shutil
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest
from discord_server import (
    BOT_ID,
    CUT,
    LOST,
    MANAGE_GUILD,
    ORDINARY,
    OTHER_CHANNEL,
    OTHER_GUILD,
    SECOND_CHANNEL,
    USER,
    DiscordServer,
)

from index.store import rebuild

ROOT = Path(__file__).parent.parent
WHO = {"question": "Who called Neil Armstrong?"}
CALLBACK, EDIT = r"^/interactions/", r"/messages/@original"


class Bot:
    """A running bot, its settings, and what it said on stderr when it has ended."""

    def __init__(self, process, env):
        self.process = process
        self.env = env
        self.said = ""

    async def stop(self, how=signal.SIGTERM):
        """Its exit code after a signal."""
        if self.process.returncode is None:
            self.process.send_signal(how)
        _, said = await asyncio.wait_for(self.process.communicate(), 30)
        self.said = said.decode()
        return self.process.returncode


async def start(env, *words):
    return await asyncio.create_subprocess_exec(
        sys.executable,
        str(ROOT / "tests" / "launch_bot.py"),
        "bot",
        *words,
        cwd=ROOT,
        env=env,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


@asynccontextmanager
async def running(server, env) -> AsyncIterator[Bot]:
    """The bot, connected; stopped at the end."""
    bot = Bot(await start(env), env)
    try:
        await server.connected(timeout=30)
        yield bot
    finally:
        if bot.process.returncode is None:
            await bot.stop(signal.SIGKILL)


@pytest.fixture
async def server():
    async with DiscordServer() as one:
        yield one
    assert one.refused == []


@pytest.fixture
def env(server, store, tmp_path):
    """The environment of a bot over the store of two articles."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("BYLINE_")}
    return (
        clean
        | server.environment()
        | {"BYLINE_STORE": str(store), "BYLINE_DATA": str(tmp_path / "data")}
    )


@pytest.fixture
async def bot(server, env):
    async with running(server, env) as one:
        yield one


async def outcome(env, *words):
    """Exit code, stdout and stderr of a bot that ends by itself."""
    process = await start(env, *words)
    out, said = await asyncio.wait_for(process.communicate(), 60)
    return process.returncode, out.decode(), said.decode()


def content_of(folder):
    """All bytes of all files in a folder."""
    return b"".join(path.read_bytes() for path in folder.iterdir())


def text_of(message):
    """All that an answer's first card says."""
    card = message["embeds"][0]
    fields = [f"{one['name']}: {one['value']}" for one in card.get("fields", [])]
    return "\n".join([card.get("title", ""), card.get("description", ""), *fields])


async def test_a_question_is_answered_with_its_proof(server, bot):
    exchange = await server.slash("ask", WHO)
    answer = await exchange.answered()

    assert "## Richard Nixon `[1]`" in text_of(answer)
    assert "“On 20 July 1969 **Richard Nixon** called Neil Armstrong on the Moon.”" in text_of(
        answer
    )
    assert not exchange.ephemeral
    assert await bot.stop() == 0
    assert WHO["question"] not in bot.said
    assert server.token not in bot.said
    assert re.search(r"answer [0-9a-f]{16}: answered in \d+ ms", bot.said)


async def test_discord_is_told_of_the_commands_once_and_buttons_outlive_a_restart(server, env):
    async with running(server, env) as bot:
        answer = await (await server.slash("ask", WHO)).answered()
        assert await bot.stop(signal.SIGINT) == 0
    told = [path for method, path in server.requests if method == "PUT"]
    async with running(server, env) as bot:
        context = await (await server.press(answer, "Context")).answered()
        voted = await (await server.press(answer, "Right")).answered()
        shown = await (await server.press(answer, "More passages")).answered()

    assert told == [path for method, path in server.requests if method == "PUT"]
    assert len(told) == 1
    assert (
        "The president waited in the Oval Office. **On 20 July 1969 Richard Nixon called Neil"
        " Armstrong on the Moon.**" in text_of(context)
    )
    assert "your vote is that this answer is right" in text_of(voted)
    assert text_of(shown).startswith("Passages")


async def test_a_form_outlives_a_restart_too(server, env):
    manager = {"permissions": ORDINARY | MANAGE_GUILD}
    async with running(server, env):
        form = await server.slash("articles add", **manager)
        await form.acknowledged()
    async with running(server, env):
        facts = {"title": "The ferry", "text": "The ferry Isolde sank in 1921.", "date": ""}
        kept = await (await server.submit(form, facts, **manager)).answered()
        asked = await server.slash("ask", {"question": "When did the ferry Isolde sink?"})
        answer = await asked.answered()

    assert text_of(kept).strip() == "Added “The ferry”. This server has 1 article of its own."
    assert "## 1921" in text_of(answer)


@pytest.mark.usefixtures("bot")
async def test_a_rebuild_is_taken_over_without_a_restart(server, collection, store):
    before = await (await server.slash("ask", {"question": "When did the Isolde sink?"})).answered()
    (collection / "ferry.txt").write_text("The ferry Isolde sank in 1921.", encoding="utf-8")
    await asyncio.to_thread(rebuild, collection, store)

    after = await (await server.slash("ask", {"question": "When did the Isolde sink?"})).answered()

    assert "## The articles do not say" in text_of(before)
    assert "## 1921" in text_of(after)


@pytest.mark.usefixtures("bot")
async def test_what_a_server_adds_no_other_sees(server):
    manager = {"permissions": ORDINARY | MANAGE_GUILD}
    added = await server.slash(
        "articles add", attachments={"file": ("ferry.txt", b"The Isolde sank in 1921.")}, **manager
    )
    await added.answered(timeout=30)
    question = {"question": "When did the Isolde sink?", "private": True}

    ours = await (await server.slash("ask", question)).answered()
    theirs = await (await server.slash("ask", question, guild=OTHER_GUILD)).answered()
    direct = await (await server.slash("ask", question, guild=None)).answered()
    listed = await server.slash("sources", {}, channel=OTHER_CHANNEL)
    typed = await server.autocomplete("ask", {"question": "x", "article": "fer"}, guild=OTHER_GUILD)
    context = await (await server.press(ours, "Context")).answered()

    assert "## 1921" in text_of(ours)
    assert "The Isolde sank" in text_of(context)
    for other in (theirs, direct, await listed.answered()):
        assert "sank" not in text_of(other)
        assert "ferry" not in text_of(other)
    await typed.acknowledged()
    assert typed.choices == []


@pytest.mark.slow
@pytest.mark.usefixtures("bot")
@pytest.mark.parametrize(
    ("method", "path", "status", "times"),
    [
        pytest.param("POST", CALLBACK, 429, 2, id="limited-acknowledging"),
        pytest.param("POST", CALLBACK, 502, 1, id="502-acknowledging"),
        pytest.param("POST", CALLBACK, CUT, 1, id="cut-acknowledging"),
        pytest.param("POST", CALLBACK, LOST, 1, id="acknowledged-but-not-told"),
        pytest.param("PATCH", EDIT, 429, 3, id="limited-answering"),
        pytest.param("PATCH", EDIT, 503, 1, id="503-answering"),
        pytest.param("PATCH", EDIT, CUT, 2, id="cut-answering"),
        pytest.param("PATCH", EDIT, LOST, 1, id="answered-but-not-told"),
    ],
)
async def test_a_stumble_of_discord_loses_no_answer(server, method, path, status, times):
    server.fail(method, path, status, times)

    exchange = await server.slash("ask", WHO)

    assert "Richard Nixon" in text_of(await exchange.answered(timeout=15))
    assert server.unanswered() == []
    server.refused[:] = [line for line in server.refused if "already been" not in line]


@pytest.mark.parametrize(
    ("call", "status", "code"),
    [
        pytest.param(("POST", CALLBACK), 404, 10062, id="acknowledged-too-late"),
        pytest.param(("PATCH", EDIT), 401, 50027, id="token-expired"),
        pytest.param(("PATCH", EDIT), 404, 10015, id="webhook-unknown"),
    ],
)
@pytest.mark.parametrize("private", [False, True])
@pytest.mark.usefixtures("bot")
async def test_what_comes_too_late_is_told_in_the_channel(server, call, status, code, private):
    server.fail(*call, status, times=9, code=code)

    await server.slash("ask", WHO | {"private": private})
    post = await server.next_post()

    assert post["content"] == f"<@{USER}>"
    assert post["mentions"] == []
    said = text_of(post)
    if private:
        assert "reached me too late to answer it there; please ask again" in said
        assert "Nixon" not in said
        assert "Armstrong" not in said
    else:
        assert "Richard Nixon" in said


@pytest.mark.parametrize(("status", "code"), [(404, 10062), (LOST, 0)])
async def test_a_page_turned_too_late_or_twice_is_no_error(server, bot, status, code):
    listed = await (await server.slash("settings", permissions=ORDINARY | MANAGE_GUILD)).answered()
    server.fail("POST", CALLBACK, status, times=1 if status == LOST else 9, code=code)

    await server.press(listed, "byline:privacy", permissions=ORDINARY | MANAGE_GUILD)
    if status != LOST:
        told = text_of(await server.next_post())
        assert "reached me too late" in told
    assert await bot.stop() == 0

    assert "unexpected error" not in bot.said
    server.refused[:] = [line for line in server.refused if "already been" not in line]


@pytest.mark.usefixtures("bot")
async def test_a_dropped_gateway_is_taken_up_again_and_nothing_is_lost(server):
    for breaking in (server.drop, server.ask_reconnect, lambda: server.invalidate(True)):
        exchange = await server.slash("ask", WHO)
        await breaking()
        await server.connected(timeout=30)
        later = await server.slash("ask", WHO)
        for one in (exchange, later):
            assert "Richard Nixon" in text_of(await one.answered(timeout=15))

    assert server.unanswered() == []
    assert server.identifies == 1


@pytest.mark.usefixtures("bot")
@pytest.mark.slow
async def test_a_session_that_cannot_go_on_is_begun_anew(server):
    exchange = await server.slash("ask", WHO)
    await server.invalidate(False)
    await exchange.answered(timeout=15)
    await server.until(lambda: server.identifies == 2, "identified anew", 30)
    await server.connected(timeout=30)

    assert "Richard Nixon" in text_of(await (await server.slash("ask", WHO)).answered())


async def test_questions_under_way_are_answered_before_the_bot_stops(server, bot):
    asked = [await server.slash("ask", WHO, user=USER + number) for number in range(12)]
    for exchange in asked:
        await exchange.acknowledged()

    assert await bot.stop() == 0
    for exchange in asked:
        assert "Richard Nixon" in text_of(await exchange.answered())
    assert server.unanswered() == []


@pytest.mark.slow
async def test_those_whose_questions_take_too_long_to_end_are_told(server, env, tmp_path):
    """Eight seconds are left to them; on two cores these take longer, on many all are answered."""
    text = "On 20 July 1969 Richard Nixon called Neil Armstrong on the Moon. " * 20
    articles = [{"id": f"a{number}", "text": text} for number in range(500)]
    (tmp_path / "many.jsonl").write_text("\n".join(map(json.dumps, articles)), encoding="utf-8")
    await asyncio.to_thread(rebuild, tmp_path / "many.jsonl", tmp_path / "many")
    more = {"BYLINE_STORE": str(tmp_path / "many"), "BYLINE_QUESTIONS_PER_MINUTE": "0"}
    async with running(server, env | more) as bot:
        question = {"question": "Who called whom, when, where and why?"}
        asked = [await server.slash("ask", question, user=USER + n) for n in range(150)]
        for exchange in asked:
            await exchange.acknowledged()
        assert await bot.stop() == 0

    said = [text_of(await exchange.answered()) for exchange in asked]
    told = [one for one in said if "The bot is being restarted; please ask again" in one]
    assert len(told) < len(asked)
    assert all("Richard Nixon" in one for one in said if one not in told)
    assert server.unanswered() == []
    assert "Traceback" not in bot.said


@pytest.mark.usefixtures("bot")
async def test_a_mention_is_answered_and_a_reply_goes_on_from_there(server):
    said = await server.say(f"<@{BOT_ID}> who called Neil Armstrong?", mentions_bot=True)
    answer = await said.answered()
    follow_up = await server.say("and when?", mentions_bot=True, reply_to=answer)
    more = await follow_up.answered()
    helped = await (await server.say(f"<@{BOT_ID}>", mentions_bot=True)).answered()

    assert "## Richard Nixon `[1]`" in text_of(answer)
    assert more["embeds"][0]["title"] == "who called Neil Armstrong, and when?"
    assert "When: 20 July 1969 `[1]`" in text_of(more)
    assert answer["mentions"] == more["mentions"] == []
    assert "ask me something after my name" in text_of(helped).lower()


async def test_other_channels_and_haste_are_refused_kindly(server, env):
    async with running(server, env | {"BYLINE_QUESTIONS_PER_MINUTE": "1"}):
        manager = {"permissions": ORDINARY | MANAGE_GUILD}
        card = await (await server.slash("settings", **manager)).answered()
        chosen = await server.choose(card, "byline:channels", [str(SECOND_CHANNEL)], **manager)
        await chosen.acknowledged()
        elsewhere = await server.slash("ask", WHO)
        there = await server.slash("ask", WHO, channel=SECOND_CHANNEL)
        again = await server.slash("ask", WHO, channel=SECOND_CHANNEL)

        assert f"<#{SECOND_CHANNEL}>" in (await elsewhere.answered())["embeds"][0]["description"]
        assert "Richard Nixon" in text_of(await there.answered())
        assert "1 question in a minute is all that one person may ask; please wait" in text_of(
            await again.answered()
        )
        assert (elsewhere.ephemeral, there.ephemeral, again.ephemeral) == (True, False, True)


async def test_what_nobody_expected_gets_an_id_that_the_log_knows(server, bot, env):
    with closing(sqlite3.connect(Path(env["BYLINE_DATA"]) / "state.sqlite3")) as file, file:
        file.execute("DROP TABLE votes")
    answer = await (await server.slash("ask", WHO)).answered()

    told = text_of(await (await server.press(answer, "Wrong")).answered())

    [error_id] = re.findall(r"the log of the bot knows it as ([0-9a-f]{8})", told)
    assert await bot.stop() == 0
    assert f"unexpected error {error_id}" in bot.said
    assert "no such table: votes" in bot.said


async def test_the_first_start_builds_the_articles_that_are_named(server, env, collection):
    shutil.rmtree(env["BYLINE_STORE"])
    async with running(server, env | {"BYLINE_ARTICLES": str(collection)}) as bot:
        answer = await (await server.slash("ask", WHO)).answered()
        await bot.stop()

    assert "Richard Nixon" in text_of(answer)
    assert f"holds nothing; building {collection} first" in bot.said


async def test_check_says_whether_the_bot_could_run(server, env):
    code, out, _ = await outcome(env, "--check")
    without = await outcome(env | {"DISCORD_TOKEN": ""}, "--check")

    assert code == 0
    assert "articles: 2 with 6 sentences" in out
    assert "login: byline" in out
    assert without[0] == 0
    assert "login: not tried, DISCORD_TOKEN is not set" in without[1]
    assert not any(method == "PUT" for method, _ in server.requests)


async def test_sync_tells_discord_at_once(server, env):
    everywhere = await outcome(env, "sync")
    here = await outcome(env, "sync", "--guild", str(OTHER_GUILD))

    assert everywhere[:2] == here[:2] == (0, "Discord has been told of 7 commands\n")
    assert [path.split("/", 3)[3] for method, path in server.requests if method == "PUT"] == [
        "commands",
        f"guilds/{OTHER_GUILD}/commands",
    ]


@pytest.mark.parametrize(
    ("more", "words", "code", "sentence"),
    [
        ({"DISCORD_TOKEN": ""}, [], 2, "DISCORD_TOKEN is not set; make an application with a bot"),
        ({"DISCORD_TOKEN": "bad"}, [], 2, "Discord refuses the token; copy a new one"),
        ({"DISCORD_TOKEN": "bad"}, ["--check"], 2, "Discord refuses the token; copy a new one"),
        ({"BYLINE_THRESHOLD": "2"}, [], 2, 'BYLINE_THRESHOLD is "2"; it has to be'),
        ({"BYLINE_DATA": "/proc/x"}, [], 2, "the bot's state /proc/x/state.sqlite3 cannot be used"),
        ({"DISCORD_TEST_API": "http://127.0.0.1:1/api/v10"}, [], 1, "Discord cannot be used"),
        ({}, ["dance"], 2, "invalid choice: 'dance'"),
        ({}, ["feedback"], 2, "nobody has voted yet"),
    ],
)
async def test_what_cannot_work_is_one_sentence(env, more, words, code, sentence):
    found, out, said = await outcome(env | more, *words)

    lines = [line for line in said.splitlines() if "INFO" not in line]
    assert (found, out) == (code, "") or words == ["--check"]
    assert lines[-1].startswith("byline-bot: ")
    assert sentence in lines[-1]
    assert "Traceback" not in said


async def test_votes_are_exported_for_eval(server, env):
    async with running(server, env | {"BYLINE_KEEP_QUESTIONS": "true"}) as bot:
        answer = await (await server.slash("ask", WHO)).answered()
        await (await server.press(answer, "Right")).answered()
        await bot.stop()

    code, out, _ = await outcome(env, "feedback")

    assert code == 0
    assert out == (
        '{"question": "Who called Neil Armstrong?", "answers": ["Richard Nixon"],'
        ' "article": "moon"}\n'
    )


async def test_questions_are_not_kept_unless_the_owner_says_so(server, bot, env):
    answer = await (await server.slash("ask", WHO)).answered()
    await (await server.press(answer, "Right")).answered()
    await bot.stop()

    assert b"Armstrong" not in content_of(Path(env["BYLINE_DATA"]))
    code, out, said = await outcome(env, "feedback")
    assert (code, out) == (0, "")
    assert "1 left out: their questions were not kept (BYLINE_KEEP_QUESTIONS)" in said


@pytest.mark.slow
@pytest.mark.usefixtures("bot")
async def test_a_long_rebuild_shows_how_far_it_is_and_the_old_articles_answer_meanwhile(server):
    manager = {"permissions": ORDINARY | MANAGE_GUILD}
    text = "The ferry Isolde sank near the pier. " * 40
    rows = [json.dumps({"id": f"a{number}", "text": text}) for number in range(2500)]
    attached = {"file": ("news.jsonl", "\n".join(rows).encode())}
    adding = await server.slash("articles add", attachments=attached, **manager)

    await server.until(lambda: "of 2500 articles are built" in str(adding.messages), "progress", 60)
    meanwhile = await (await server.slash("ask", WHO)).answered()
    await server.until(lambda: "This server has 2500 articles" in str(adding.messages), "end", 60)

    assert "Richard Nixon" in text_of(meanwhile)


@pytest.mark.slow
async def test_two_hundred_at_once_are_all_acknowledged_and_answered(server, env):
    async with running(server, env | {"BYLINE_QUESTIONS_PER_MINUTE": "0"}):
        asked = await asyncio.gather(
            *(server.slash("ask", WHO, user=USER + number) for number in range(200))
        )
        for exchange in asked:
            assert "Richard Nixon" in text_of(await exchange.answered(timeout=120))

    assert server.unanswered() == []
