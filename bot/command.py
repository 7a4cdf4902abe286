"""The command line of the bot: run it, check its settings, tell Discord of its commands, export
what people voted."""

import argparse
import asyncio
import gc
import json
import logging
import signal
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import version
from typing import Any

import aiohttp
import discord

from bot.app import App, make_app
from bot.feedback import questions_of
from bot.library import Library
from bot.settings import BotSettings
from bot.state import State
from index.candidates import span_model
from index.errors import BylineError, UnusableInput
from index.options import Parser
from index.settings import SAMPLES, environment
from index.store import current_name, rebuild

_log = logging.getLogger(__name__)
GOOD, FAILED, WRONG_USE = 0, 1, 2
"""Exit codes: stopped as asked, or nothing to complain of; Discord refuses or cannot be reached;
wrong use, settings or data."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb and return its exit code; every error is one sentence on stderr."""
    options = _command_line().parse_args(argv)
    if options.version:
        print(f"byline-bot {version('byline')}")
        return GOOD
    try:
        settings = BotSettings.from_env(environment())
        return int(_VERBS[options.verb](settings, options))
    except BylineError as error:
        return _complain(str(error), WRONG_USE)
    except discord.LoginFailure:
        return _complain(
            "Discord refuses the token; copy a new one (Bot, Reset Token) into DISCORD_TOKEN",
            WRONG_USE,
        )
    except (discord.DiscordException, aiohttp.ClientError, OSError) as error:
        return _complain(f"Discord cannot be used ({error or type(error).__name__})", FAILED)
    except KeyboardInterrupt:
        return GOOD


def _command_line() -> argparse.ArgumentParser:
    parser = Parser(
        prog="byline-bot",
        description="A Discord bot that answers from articles, every word cited.",
        epilog="Exit codes: 0 stopped as asked, or all is well; 1 Discord cannot be used; 2 wrong"
        " use, settings or data. Settings come from the environment or .env; see .env.example.",
    )
    parser.add_argument("--version", action="store_true", help="say the program's version")
    parser.add_argument(
        "--check",
        dest="verb",
        action="store_const",
        const="check",
        help="look at settings, articles, state and (with a token) login, and end",
    )
    parser.set_defaults(verb="run")
    verbs = parser.add_subparsers(metavar="VERB", parser_class=Parser)
    purpose = "Tell Discord of the commands (the bot does so itself when they change)."
    sync = verbs.add_parser("sync", help=purpose, description=purpose)
    sync.set_defaults(verb="sync")
    sync.add_argument("--guild", type=int, metavar="ID", help="only in this server, at once")
    purpose = "Print what people voted as questions for `byline eval`."
    feedback = verbs.add_parser("feedback", help=purpose, description=purpose)
    feedback.set_defaults(verb="feedback")
    return parser


def _run(settings: BotSettings, _: argparse.Namespace) -> int:
    """Connect, and answer until stopped."""
    settings.with_token()
    discord.utils.setup_logging()
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False  # it does not speak
    library = opened_library(settings)
    state = State(settings.state)
    # What is there now stays; looking through it for garbage would hold up the event loop.
    gc.collect()
    gc.freeze()
    asyncio.run(_serve(make_app(settings, library, state)))
    return GOOD


async def _serve(app: App) -> None:
    """Run the bot until SIGTERM or Ctrl-C, then let it finish and leave."""
    loop = asyncio.get_running_loop()
    running = asyncio.ensure_future(_connect(app))
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(name, stop.set)
        except NotImplementedError:  # Windows: Ctrl-C comes as KeyboardInterrupt
            signal.signal(name, lambda *_: loop.call_soon_threadsafe(stop.set))
    stopped = asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({running, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if stop.is_set():
            _log.info("stopping")
    finally:
        stopped.cancel()
        await app.close()
    await running


async def _connect(app: App) -> None:
    await app.login(app.settings.token)
    await app.tell_commands()
    await app.connect()


def _check(settings: BotSettings, _: argparse.Namespace) -> int:
    """Say whether the bot could run."""
    library = opened_library(settings)
    counts = library.shared().snapshot.counts
    print(f"articles: {counts.articles} with {counts.sentences} sentences in {library.store}")
    state = State(settings.state)
    print(f"state: {settings.state}")
    if not settings.token:
        state.close()
        print("login: not tried, DISCORD_TOKEN is not set")
        return GOOD
    print(f"login: {asyncio.run(_login(make_app(settings, library, state)))}")
    return GOOD


async def _login(app: App) -> str:
    """Who the token is for."""
    async with app:
        await app.login(app.settings.token)
        return str(app.user)


def _sync(settings: BotSettings, options: argparse.Namespace) -> int:
    """Tell Discord of the commands, whatever it was told before."""
    settings.with_token()
    app = make_app(settings, opened_library(settings), State(settings.state))
    print(f"Discord has been told of {asyncio.run(_told(app, options.guild))} commands")
    return GOOD


async def _told(app: App, guild: int | None) -> int:
    async with app:
        await app.login(app.settings.token)
        place = None if guild is None else discord.Object(guild)
        if place:
            app.tree.copy_global_to(guild=place)
        return len(await app.tree.sync(guild=place))


def _feedback(settings: BotSettings, _: argparse.Namespace) -> int:
    """Print the questions whose answers people found right."""
    if not settings.state.is_file():
        raise UnusableInput(f"there is no state {settings.state}; nobody has voted yet")
    state = State(settings.state)
    rated = asyncio.run(state.rated())
    state.close()
    library = Library(settings.answering.store, settings.guilds)
    rows, left_out = questions_of(rated, library)
    for row in rows:
        print(json.dumps(row, ensure_ascii=False))
    for reason, count in sorted(left_out.items()):
        print(f"byline-bot: {count} left out: {reason}", file=sys.stderr)
    return GOOD


def opened_library(settings: BotSettings) -> Library:
    """The library of the configured store, its snapshot opened and the model loaded; where the
    store holds nothing, it is built of BYLINE_ARTICLES, else of the samples."""
    answering = settings.answering
    if current_name(answering.store) is None:
        articles = answering.articles or SAMPLES
        print(
            f"byline-bot: {answering.store} holds nothing; building {articles} first",
            file=sys.stderr,
        )
        rebuild(articles, answering.store)
    library = Library(answering.store, settings.guilds)
    library.shared()
    span_model()
    return library


def _complain(sentence: str, code: int) -> int:
    print(f"byline-bot: {sentence}", file=sys.stderr)
    return code


_VERBS: dict[str, Callable[[BotSettings, argparse.Namespace], Any]] = {
    "run": _run,
    "check": _check,
    "sync": _sync,
    "feedback": _feedback,
}
