import asyncio
import sqlite3
import sys
from contextlib import closing

import pytest

from bot.state import GuildSettings, Kept, Quote, State, digest_of
from index.errors import BylineError

QUOTE = Quote("moon", 10, 20, digest_of("Nixon call"))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "data" / "state.sqlite3"


@pytest.fixture
def state(path):
    opened = State(path)
    yield opened
    opened.close()


def kept(answer_id="a1", guild=7, question=None, **more):
    facts = {"status": "answered", "slots": 1, "said": (QUOTE,), "passages": (QUOTE, QUOTE)}
    return Kept(id=answer_id, guild=guild, question=question, cited=1, **(facts | more))


async def test_an_answer_is_there_after_a_restart(path):
    before = State(path)
    await before.keep(kept(question="Who called?"))
    before.close()

    after = State(path)
    assert await after.answer("a1") == kept(question="Who called?")
    assert await after.answer("a2") is None
    after.close()


async def test_a_person_has_one_vote_and_can_change_it(state):
    await state.keep(kept())
    await state.vote("a1", 1, is_right=True)
    await state.vote("a1", 2, is_right=True)
    await state.vote("a1", 1, is_right=False)

    [rated] = await state.rated()

    assert (rated.answer.id, rated.right, rated.wrong) == ("a1", 1, 1)


async def test_citations_are_counted_for_each_server_alone(state):
    await state.keep(kept("a1", guild=7))
    await state.keep(kept("a2", guild=7))
    await state.keep(kept("a3", guild=8))
    await state.keep(kept("a4", guild=None))

    assert await state.times_cited("moon", 7) == 2
    assert await state.times_cited("moon", 8) == 1
    assert await state.times_cited("moon", None) == 1
    assert await state.times_cited("sun", 7) == 0


async def test_a_server_keeps_its_settings(state):
    wanted = GuildSettings(is_private=True, channels=frozenset([1, 2]))
    await state.set_guild(7, GuildSettings())
    await state.set_guild(7, wanted)

    assert await state.guild(7) == wanted
    assert await state.guild(8) == await state.guild(None) == GuildSettings()


async def test_many_at_once_are_all_kept(state):
    await asyncio.gather(*(state.keep(kept(f"a{number}")) for number in range(200)))

    assert await state.times_cited("moon", 7) == 200


async def test_the_commands_that_discord_was_told_are_remembered(state):
    assert await state.commands_told(1) is None
    await state.set_commands_told(1, "abc")
    await state.set_commands_told(1, "def")

    assert await state.commands_told(1) == "def"


async def test_no_text_of_an_article_lies_in_the_file(path):
    state = State(path)
    await state.keep(kept())
    state.close()

    content = b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert b"moon" in content
    assert b"Nixon" not in content


async def test_old_answers_without_votes_are_forgotten(path):
    state = State(path)
    for name in ("old", "voted", "new"):
        await state.keep(kept(name))
    await state.vote("voted", 1, is_right=True)
    state.close()
    with closing(sqlite3.connect(path)) as file, file:
        file.execute("UPDATE answers SET answered_at = 1000 WHERE id IN ('old', 'voted')")

    state = State(path)
    assert [name for name in ("old", "voted", "new") if await state.answer(name)] == [
        "voted",
        "new",
    ]
    assert await state.times_cited("moon", 7) == 2
    state.close()


def test_a_file_that_is_none_of_ours_is_named(path):
    path.parent.mkdir()
    path.write_bytes(b"not a database at all, but long enough to be read as a header" * 20)

    with pytest.raises(BylineError, match=r"the bot's state .*state.sqlite3 cannot be used"):
        State(path)
    assert path.read_bytes().startswith(b"not a database")


def test_a_newer_programs_file_is_left_alone(path):
    State(path).close()
    with closing(sqlite3.connect(path)) as file, file:
        file.execute("PRAGMA user_version = 99")

    with pytest.raises(BylineError, match="it has version 99 and this program knows 1"):
        State(path)


WRITER = """
import asyncio, sys
from pathlib import Path
from bot.state import Kept, Quote, State

async def main():
    state = State(Path(sys.argv[1]))
    for number in range(100000):
        quotes = tuple(Quote(f"article{i}", 0, 1, "d") for i in range(3))
        await state.keep(Kept(f"a{number}", 7, "answered", 1, None, quotes, quotes, 3))
        print(number, flush=True)

asyncio.run(main())
"""


@pytest.mark.parametrize("after", [1, 17, 60])
async def test_a_killed_process_leaves_whole_answers(path, after):
    writer = await asyncio.create_subprocess_exec(
        sys.executable, "-c", WRITER, str(path), stdout=asyncio.subprocess.PIPE
    )
    async for line in writer.stdout:
        if int(line) == after:
            break
    writer.kill()
    await writer.communicate()

    state = State(path)
    with closing(sqlite3.connect(path)) as file, file:
        assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        answers = file.execute("SELECT count(*) FROM answers").fetchone()[0]
    assert answers > after
    assert await state.answer(f"a{after}") is not None
    assert await state.times_cited("article0", 7) == answers
    assert await state.times_cited("article2", 7) == answers
    state.close()
