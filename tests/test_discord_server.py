"""The loopback Discord against an unmodified discord.py: what it serves and what it refuses."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from discord_rules import Form, check_command, check_components, check_embeds, check_modal
from discord_server import BOT_ID, CHANNEL, EPHEMERAL, MANAGE_GUILD, OTHER_CHANNEL, DiscordServer

BOT = """
import asyncio, io, os
import discord
from discord import app_commands


class Form(discord.ui.Modal, title="Say more"):
    words = discord.ui.TextInput(label="Words", custom_id="words", max_length=20)
    kind = discord.ui.Label(
        text="Kind",
        component=discord.ui.Select(
            custom_id="kind", options=[discord.SelectOption(label="a"), discord.SelectOption(label="b")]
        ),
    )

    async def on_submit(self, interaction):
        await interaction.response.send_message(f"{self.words.value} {self.kind.component.values}")


class Buttons(discord.ui.View):
    def __init__(self):
        super().__init__(timeout=None)

    @discord.ui.button(label="More", custom_id="more")
    async def more(self, interaction, button):
        await interaction.response.edit_message(content="more")

    @discord.ui.button(label="Form", custom_id="form")
    async def form(self, interaction, button):
        await interaction.response.send_modal(Form())

    @discord.ui.select(cls=discord.ui.ChannelSelect, custom_id="where")
    async def where(self, interaction, select):
        await interaction.response.defer()
        await interaction.edit_original_response(content=f"in {select.values[0].id}")


class Bot(discord.Client):
    def __init__(self):
        intents = discord.Intents.none()
        intents.guilds = intents.messages = True
        super().__init__(intents=intents, allowed_mentions=discord.AllowedMentions.none())
        self.tree = app_commands.CommandTree(self)

    async def setup_hook(self):
        self.add_view(Buttons())
        await self.tree.sync()

    async def on_message(self, message):
        if message.author.bot:
            return
        if self.user in message.mentions or message.guild is None:
            before = message.reference and message.reference.resolved
            text = f" after {before.embeds[0].title}" if before and before.embeds else ""
            await message.reply(f"heard {message.content!r}{text}", embed=discord.Embed(title="E"))


bot = Bot()


@bot.tree.command(description="Says it back")
async def echo(interaction: discord.Interaction, text: str, file: discord.Attachment | None = None):
    if text == "late":
        await asyncio.sleep(3.05)
    if text == "twice":
        await asyncio.gather(*(discord.InteractionResponse(interaction).defer() for _ in range(2)))
    else:
        await interaction.response.defer(ephemeral=text == "quiet")
    if text == "huge":
        embeds = [discord.Embed(description="x" * 4000), discord.Embed(description="x" * 2001)]
        await interaction.edit_original_response(embeds=embeds)
    if file:
        text = (await file.read()).decode()
    await interaction.edit_original_response(content=text, view=Buttons())
    await interaction.followup.send(f"{interaction.permissions.manage_guild}")


@echo.autocomplete("text")
async def complete(interaction, typed):
    return [app_commands.Choice(name=typed + end, value=typed + end) for end in "ab"]


@bot.tree.context_menu(name="Shout")
async def shout(interaction: discord.Interaction, message: discord.Message):
    await interaction.response.send_message(message.content.upper(), ephemeral=True)


group = app_commands.Group(name="articles", description="Articles", guild_only=True)


@group.command(description="Counts")
@app_commands.choices(kind=[app_commands.Choice(name="All", value="all")])
async def count(interaction: discord.Interaction, kind: str, least: app_commands.Range[int, 1] = 1):
    await interaction.response.send_message(f"{kind} {least}")


bot.tree.add_command(group)
bot.run(os.environ["DISCORD_TOKEN"])
"""


@asynccontextmanager
async def running(tmp_path: Path, **how: Any) -> AsyncIterator[DiscordServer]:
    """A server with the small bot connected to it, as a process of its own."""
    (tmp_path / "echo_bot.py").write_text(BOT, encoding="utf-8")
    launcher = str(Path(__file__).with_name("launch_bot.py"))
    async with DiscordServer(**how) as server:
        environment = os.environ | server.environment() | {"PYTHONPATH": str(tmp_path)}
        process = await asyncio.create_subprocess_exec(
            sys.executable, launcher, "echo_bot", env=environment
        )
        try:
            await server.connected()
            yield server
        finally:
            process.terminate()
            with suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), 5)
            if process.returncode is None:
                process.kill()
                await process.wait()


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[DiscordServer]:
    async with running(tmp_path) as server:
        yield server


async def test_commands_are_answered(server: DiscordServer) -> None:
    assert {command["name"] for command in server.commands} == {"echo", "Shout", "articles"}
    exchange = await server.slash("echo", {"text": "hello"}, permissions=MANAGE_GUILD)
    assert (await exchange.acknowledged())["type"] == 5
    assert (await exchange.answered())["content"] == "hello"
    await server.until(lambda: len(exchange.messages) == 2)
    assert exchange.messages[1]["content"] == "True"  # permissions reach the bot
    assert not exchange.ephemeral
    quiet = await server.slash("echo", {"text": "quiet"}, guild=None)
    assert (await quiet.answered())["flags"] == EPHEMERAL
    assert quiet.ephemeral
    count = await server.slash("articles count", {"kind": "all"}, channel=OTHER_CHANNEL)
    assert (await count.answered())["content"] == "all 1"
    shout = await server.message_command("Shout", "quietly said")
    assert (await shout.answered())["content"] == "QUIETLY SAID"
    read = await server.slash("echo", {"text": ""}, attachments={"file": ("a b.txt", b"within")})
    assert (await read.answered())["content"] == "within"
    complete = await server.autocomplete("echo", {"text": "x"}, focused="text")
    await complete.acknowledged()
    assert [choice["value"] for choice in complete.choices or []] == ["xa", "xb"]
    await server.until(lambda: not server.unanswered())
    assert server.refused == []


async def test_what_discord_would_not_offer_cannot_be_sent(server: DiscordServer) -> None:
    for name, options in {
        "absent": {},
        "articles": {},
        "articles drop": {},
        "articles count": {"kind": "none"},
        "echo": {"words": "a"},
    }.items():
        with pytest.raises(AssertionError):
            await server.slash(name, options)
    with pytest.raises(AssertionError, match="offered"):
        await server.slash("articles count", {"kind": "all"}, guild=None)


async def test_components_and_modals(server: DiscordServer) -> None:
    message = await (await server.slash("echo", {"text": "buttons"})).answered()
    with pytest.raises(AssertionError, match="Less"):
        await server.press(message, "Less")
    pressed = await server.press(message, "More")
    assert (await pressed.answered())["id"] == message["id"]
    assert server.messages[message["id"]]["content"] == "more"
    assert message["content"] == "buttons"  # what was handed out stays as it was
    chosen = await server.choose(message, "where", [CHANNEL])
    assert (await chosen.answered())["content"] == f"in {CHANNEL}"
    opened = await server.press(message, "form")
    await opened.acknowledged()
    with pytest.raises(AssertionError, match="too long"):
        await server.submit(opened, {"words": "x" * 21, "kind": ["a"]})
    submitted = await server.submit(opened, {"words": "said", "kind": ["b"]})
    assert (await submitted.answered())["content"] == "said ['b']"
    assert server.refused == []


async def test_text_is_only_seen_where_the_bot_is_meant(server: DiscordServer) -> None:
    await server.say("not for the bot")
    said = await server.say("what?", mentions_bot=True)
    reply = await said.answered()
    assert reply["content"] == f"heard '<@{BOT_ID}> what?'"
    assert await server.next_post() == reply == server.posted[0]
    again = await server.say("and?", reply_to=reply, ping=True)
    assert (await again.answered())["content"] == "heard 'and?' after E"
    direct = await server.say("hello", guild=None)
    assert (await direct.answered())["content"] == "heard 'hello'"
    assert len(server.posted) == 3
    assert server.refused == []


async def test_failing_calls_are_tried_again(server: DiscordServer) -> None:
    server.fail("PATCH", "/messages/@original", 502)  # tried again after a second
    server.fail("PATCH", "/messages/@original", 429)
    exchange = await server.slash("echo", {"text": "at last"})
    assert (await exchange.answered())["content"] == "at last"
    assert sum(method == "PATCH" for method, _ in server.requests) == 3


async def test_the_client_resumes(server: DiscordServer) -> None:
    await server.drop()
    while_away = await server.slash("echo", {"text": "replayed"})
    assert (await while_away.answered())["content"] == "replayed"
    await server.ask_reconnect()
    await server.connected()
    await server.invalidate(resumable=True)
    await server.connected()
    assert (server.identifies, server.resumes) == (1, 3)


@pytest.mark.slow  # discord.py waits five seconds before it identifies again
async def test_an_invalid_session_begins_anew(server: DiscordServer) -> None:
    await server.invalidate(resumable=False)
    await server.connected()
    assert (server.identifies, server.resumes) == (2, 0)
    exchange = await server.slash("echo", {"text": "back"})
    assert (await exchange.answered())["content"] == "back"


async def test_what_breaks_the_rules_is_refused(server: DiscordServer) -> None:
    late = await server.slash("echo", {"text": "late"})
    huge = await server.slash("echo", {"text": "huge"})
    twice = await server.slash("echo", {"text": "twice"})
    expired = await server.slash("echo", {"text": "expired"})
    expired.expire()
    await server.until(lambda: len(server.refused) == 3)
    found = "\n".join(server.refused)
    assert "embeds: 6001 characters in all" in found
    assert "already been acknowledged" in found
    assert "Unknown interaction (after 3." in found
    assert server.unanswered() == [late, huge, twice, expired]
    assert (late.callback, expired.callback) == (None, None)
    assert huge.callback == twice.callback == {"type": 5}


async def test_many_at_once_and_little_is_kept(tmp_path: Path) -> None:
    async with running(tmp_path, keep=300) as server:
        for _ in range(2):
            sent = [await server.slash("echo", {"text": str(number)}) for number in range(200)]
            answers = await asyncio.gather(*(one.answered() for one in sent))
            assert [one["content"] for one in answers] == [str(number) for number in range(200)]
        assert len(server.exchanges) == len(server.messages) == len(server.requests) == 300
        assert server.refused == []


async def test_tokens_and_intents_are_checked() -> None:
    async with DiscordServer() as server, aiohttp.ClientSession() as session:
        async with session.get(f"{server.api}/users/@me") as response:
            assert response.status == 401
        for token, intents, code in (("bad", 0, 4004), (server.token, 1 << 15, 4014)):
            async with session.ws_connect(server.gateway) as socket:
                assert (await socket.receive_json())["op"] == 10
                data = {"token": token, "intents": intents}
                await socket.send_json({"op": 2, "d": data})
                assert (await socket.receive()).data == code


def refusal(check: Callable[..., None], *values: Any) -> list[str]:
    """The paths of what is wrong."""
    form = Form()
    check(form, *values)
    return [path for path, _, _ in form.wrong]


def button(**more: Any) -> dict[str, Any]:
    return {"type": 2, "style": 2, "label": "A", "custom_id": "a"} | more


def row(*parts: dict[str, Any]) -> dict[str, Any]:
    return {"type": 1, "components": list(parts)}


@pytest.mark.parametrize(
    ("embed", "path"),
    [
        ({"title": "𝔸" * 129}, "title"),
        ({"description": "x" * 4097}, "description"),
        ({"title": "  "}, "description"),
        ({"title": "a", "fields": [{"name": "a", "value": " "}]}, "fields.0.value"),
        ({"title": "a", "fields": [{"name": "a", "value": "b"}] * 26}, "fields"),
        ({"title": "a", "url": "https://"}, "url"),
        ({"title": "a", "url": "ftp://example.org"}, "url"),
        ({"title": "a", "footer": {"text": "x" * 2049}}, "footer.text"),
    ],
)
def test_embeds_are_measured(embed: dict[str, Any], path: str) -> None:
    assert refusal(check_embeds, [embed]) == [f"embeds.0.{path}"]
    assert refusal(check_embeds, [{"title": "x" * 256, "url": "https://example.org/a?b#c"}]) == []


def test_components_are_checked() -> None:
    options = [{"label": "a", "value": str(number)} for number in range(26)]
    select = {"type": 3, "custom_id": "s", "options": options[:25]}
    good = [row(button(), button(style=5, url="https://example.org") | {"custom_id": None})]
    assert refusal(check_components, [*good, row(select)], 0) == []
    for bad in (
        [row(button(), button())],
        [row(button(label="x" * 81))],
        [row(button(custom_id="x" * 101))],
        [row(*(button(custom_id=str(number)) for number in range(6)))],
        [row(button(), select)],
        [row(select | {"options": options})],
        [row(button(custom_id=str(number))) for number in range(6)],
        [button()],
        [row()],
    ):
        assert refusal(check_components, bad, 0), bad


def test_commands_and_modals_are_checked() -> None:
    command = {"name": "ask", "description": "Asks"}
    optional, required = command, command | {"name": "now", "required": True, "type": 3}
    assert refusal(check_command, "0", command | {"options": [required, optional]}) == []
    assert refusal(check_command, "0", command | {"options": [optional, required]}) == ["0.options"]
    assert refusal(check_command, "0", command | {"name": "Ask"}) == ["0.name"]
    assert refusal(check_command, "0", {"name": "Ask about it", "type": 3}) == []
    text = {"type": 4, "custom_id": "t", "style": 1}
    modal = {"title": "T", "custom_id": "m", "components": [row(text | {"label": "L"})]}
    assert refusal(check_modal, modal) == []
    label = {"type": 18, "label": "L", "component": text}
    assert refusal(check_modal, modal | {"components": [label]}) == []
    assert refusal(check_modal, modal | {"components": []}) == ["data.components"]
    assert refusal(check_modal, modal | {"title": "x" * 46}) == ["data.title"]
