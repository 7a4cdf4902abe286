"""Runs a discord.py program against a server of our own: launch_bot.py MODULE [ARGS...].

The program is not changed: only discord.py's two addresses are, before it starts. They come
from the environment variables DISCORD_TEST_API and DISCORD_TEST_GATEWAY.
"""

import os
import runpy
import sys
from pathlib import Path

import discord.gateway
import discord.http
import yarl


def main() -> None:
    """Points discord.py at the loopback server and runs the module as ``python -m`` would."""
    discord.http.Route.BASE = os.environ["DISCORD_TEST_API"]
    discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(os.environ["DISCORD_TEST_GATEWAY"])
    sys.argv = sys.argv[1:]
    sys.path[0] = str(Path.cwd())  # where `python -m` looks first, not this script's folder
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
