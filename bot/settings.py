"""Settings of the bot: its own, and those of answering."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from index.errors import UnusableInput
from index.settings import Settings


@dataclass(frozen=True, slots=True)
class BotSettings:
    """The bot's token, never shown, the folder of its state, and how it answers."""

    token: str = field(repr=False)
    data: Path
    answering: Settings

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "BotSettings":
        """The settings that *env* gives; UnusableInput says how to get a token where none is."""
        token = env.get("DISCORD_TOKEN", "").strip()
        if not token:
            raise UnusableInput(
                "DISCORD_TOKEN is not set; make an application with a bot at"
                " https://discord.com/developers/applications and copy its token into .env"
            )
        data = env.get("BYLINE_DATA")
        return cls(token, _data_folder(data), Settings.from_env(env))


def _data_folder(written: str | None) -> Path:
    if written:
        return Path(written).expanduser()
    from platformdirs import user_data_path  # noqa: PLC0415  # only where nobody says

    return user_data_path("byline") / "bot"
