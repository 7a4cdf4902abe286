"""Settings of the bot: its own, and those of answering."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from index.errors import UnusableInput
from index.settings import Settings

DEFAULT_QUESTIONS_PER_MINUTE = 10
_YES, _NO = frozenset(["true", "yes", "on", "1"]), frozenset(["", "false", "no", "off", "0"])


@dataclass(frozen=True, slots=True)
class BotSettings:
    """What the bot is told from outside.

    ``token`` is never shown and "" where none is set, ``data`` the folder of its state and of the
    servers' own articles, ``questions_per_minute`` how many a person may ask (0 is any number),
    ``keep_questions`` whether their texts are kept.
    """

    token: str = field(repr=False)
    data: Path
    questions_per_minute: int
    keep_questions: bool
    answering: Settings

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "BotSettings":
        """The settings that *env* gives; UnusableInput names one that cannot be used."""
        return cls(
            token=env.get("DISCORD_TOKEN", "").strip(),
            data=_data_folder(env.get("BYLINE_DATA")),
            questions_per_minute=_count(
                env.get("BYLINE_QUESTIONS_PER_MINUTE"),
                "BYLINE_QUESTIONS_PER_MINUTE",
                DEFAULT_QUESTIONS_PER_MINUTE,
            ),
            keep_questions=_yes_or_no(env.get("BYLINE_KEEP_QUESTIONS"), "BYLINE_KEEP_QUESTIONS"),
            answering=Settings.from_env(env),
        )

    def with_token(self) -> "BotSettings":
        """These settings; UnusableInput says how to get a token where none is set."""
        if not self.token:
            raise UnusableInput(
                "DISCORD_TOKEN is not set; make an application with a bot at"
                " https://discord.com/developers/applications and copy its token into .env"
            )
        return self

    @property
    def state(self) -> Path:
        """The file of the bot's state."""
        return self.data / "state.sqlite3"

    @property
    def guilds(self) -> Path:
        """The folder of the servers' own articles and of what is built of them."""
        return self.data / "guilds"


def _data_folder(written: str | None) -> Path:
    if written:
        return Path(written).expanduser()
    from platformdirs import user_data_path  # noqa: PLC0415  # only where nobody says

    return user_data_path("byline") / "bot"


def _count(written: str | None, name: str, default: int) -> int:
    if not written or not written.strip():
        return default
    if not written.strip().isdecimal():
        raise UnusableInput(f'{name} is "{written}"; it has to be a whole number, 0 for no limit')
    return int(written)


def _yes_or_no(written: str | None, name: str) -> bool:
    word = (written or "").strip().lower()
    if word not in _YES | _NO:
        raise UnusableInput(f'{name} is "{written}"; it has to be true or false')
    return word in _YES
