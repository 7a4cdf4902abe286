import discord
import pytest
from discord import app_commands


def leaves(commands):
    for command in commands:
        if isinstance(command, app_commands.Group):
            yield from leaves(command.commands)
        else:
            yield command


def written_of(app, name):
    """What Discord is told of a command."""
    (command,) = (one for one in app.tree.get_commands() if one.name == name)
    return command.to_dict(app.tree)


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


@pytest.mark.parametrize("name", ["articles", "settings"])
def test_keeping_is_for_managers_in_servers(simcord_bot, name):
    written = written_of(simcord_bot, name)

    assert set(written["contexts"]) == {0}
    assert set(written["integration_types"]) == {0}
    assert written["default_member_permissions"] == 1 << 5  # Manage Server


async def test_discord_is_told_of_the_commands_once(simcord_env, restart):
    await restart()

    told_of = [one for one in simcord_env.http_requests if one.path.endswith("/commands")]
    assert [one.method for one in told_of] == ["PUT"]
