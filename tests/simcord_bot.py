"""The bot in a simulated Discord, over real articles: a plugin of fixtures, and what tests read with."""

import json

import discord
import pytest
from discord import app_commands

from bot.app import make_app
from bot.library import Library
from bot.settings import BotSettings
from bot.state import State
from index.errors import BylineError
from index.store import rebuild

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
LAMP = {
    "id": "lamp",
    "title": "The harbour lamp",
    "text": "Elena Marsh phoned Josef Brandt. It was late.",
}
"""A server's own article, which no other may see."""
WHO = "Who called Neil Armstrong?"
NIXON = "## Richard Nixon `[1]`"
WHO_LAMP = "Who phoned Josef Brandt?"
MARSH = "## Elena Marsh `[1]`"


@pytest.fixture(scope="session")
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
def simcord_bot(new_app, request):
    """The bot that SimCord's own fixture connects."""
    request.node.add_marker(pytest.mark.simcord(settle_timeout=30))  # adding runs a process
    return new_app()


@pytest.fixture
def server(simcord_env):
    return Server(simcord_env)


@pytest.fixture
def restart(simcord_env, new_app):
    """Ends the bot and starts another over the same data."""

    async def started():
        app = new_app()
        await simcord_env.restart_bot(app)
        return app

    return started


class Server:
    """A server with a channel, the members ann and bob, and may, who may manage it."""

    def __init__(self, env):
        self.env = env
        self.guild = env.create_guild()
        self.articles = env.bot.library.articles_of(self.guild.id)  # its own
        self.store = env.bot.library.store_of(self.guild.id)
        self.channel = self.guild.create_text_channel("general")
        managing = discord.Permissions(manage_guild=True)
        self.keepers = self.guild.create_role("Keepers", permissions=managing)
        self.ann = self.guild.add_member(env.create_user("ann"))
        self.bob = self.guild.add_member(env.create_user("bob"))
        self.may = self.guild.add_member(env.create_user("may"), roles=[self.keepers])
        self.bot_mention = f"<@{env.bot.user.id}>"

    async def ask(self, question, **options):
        return await self.slash("ask", question=question, **options)

    async def slash(self, command, **options):
        """A command of ann's in the channel."""
        return await self.ann.slash(self.channel, command, **options)

    async def manage(self, command, **options):
        """A command of may's in the channel."""
        return await self.may.slash(self.channel, command, **options)

    async def complete(self, command, typed):
        """The articles listed while somebody types."""
        who = self.may if command == "articles remove" else self.ann
        return await who.autocomplete(self.channel, command, "article", typed)

    async def find_sources(self, message):
        return await self.ann.context_menu(self.channel, "Find sources", message)

    async def turn_private(self):
        """Show answers to the asker alone."""
        settings = await self.manage("settings")
        return await self.may.click(settings.response, label="Show answers to the asker alone")

    async def keep_questions_to(self, *channels):
        settings = await self.manage("settings")
        return await self.may.select(settings.response, list(channels))

    def keep(self, *rows):
        """Give the server articles of its own, as ``/articles add`` would leave them."""
        self.articles.mkdir(parents=True, exist_ok=True)
        for number, row in enumerate(rows):
            path = self.articles / f"{number}.jsonl"
            path.write_text(json.dumps(row), encoding="utf-8")
        rebuild(self.articles, self.store)

    def dismiss_may(self):
        """Take from may the role that lets her manage the server."""
        self.env.backend.remove_member_role(self.guild.id, self.may.id, self.keepers.id)

    def replies(self):
        """What the bot said in the channel, by itself and not to a command."""
        people = {"ann", "bob", "may"}
        return [one for one in self.channel.history() if one.author.name not in people]

    def refused(self, result, *, alone=True):
        """What a person was told, and nobody else unless *alone* is false, instead of an answer."""
        # SimCord would fail the test for each error that the tree handled.
        for error in self.env.errors:
            cause = getattr(error, "original", error)
            assert isinstance(cause, BylineError | app_commands.CheckFailure), cause
        return told(result) if alone else card(result).description


def card(shown):
    """The one embed of what was shown."""
    message = getattr(shown, "response", shown)
    (embed,) = message.embeds
    return embed


def told(result):
    """The sentence of a notice that only one person sees."""
    assert result.response.ephemeral
    return card(result).description


def fields(shown):
    """The fields of the one embed of what was shown."""
    return {one.name: one.value for one in card(shown).fields}


def buttons(shown):
    """The labels of the buttons, and whether they can be pressed."""
    return {
        one["label"]: not one.get("disabled", False)
        for row in shown.response.components
        for one in row["components"]
        if "label" in one
    }
