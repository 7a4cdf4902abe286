"""Settings of building and answering, from the environment and a ``.env`` file in the working directory."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from index.answer import DEFAULT_THRESHOLD
from index.errors import UnusableInput

DEFAULT_MEMORY = "1024"
SAMPLES = Path(__file__).parent / "samples"
"""The sample collection that ships with the program."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Where articles and the built store lie, how sure an answer has to be (0 to 1), and about how
    many bytes a large build takes."""

    articles: Path | None
    store: Path
    threshold: float
    memory: int

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "Settings":
        """The settings that *env* gives; an empty value is one that is not set."""
        articles = env.get("BYLINE_ARTICLES")
        store = env.get("BYLINE_STORE")
        threshold = env.get("BYLINE_THRESHOLD")
        return cls(
            articles=Path(articles).expanduser() if articles else None,
            store=Path(store).expanduser() if store else _default_store(),
            threshold=number_between_0_and_1(threshold, "BYLINE_THRESHOLD")
            if threshold
            else DEFAULT_THRESHOLD,
            memory=megabytes(env.get("BYLINE_MEMORY") or DEFAULT_MEMORY, "BYLINE_MEMORY"),
        )


def environment() -> dict[str, str]:
    """The environment over the values of ``.env``, where there is such a file."""
    values: dict[str, str | None] = {}
    if Path(".env").is_file():
        # Starting without a .env file need not wait for this import.
        from dotenv import dotenv_values

        values = dotenv_values(".env")
    return {name: value for name, value in values.items() if value is not None} | dict(os.environ)


def number_between_0_and_1(written: str, name: str) -> float:
    """*written* as a number from 0 to 1; UnusableInput names *name* where it is none."""
    try:
        number = float(written)
    except ValueError:
        number = -1.0
    if not 0 <= number <= 1:
        raise UnusableInput(f'{name} is "{written}"; it has to be a number from 0 to 1')
    return number


def megabytes(written: str, name: str) -> int:
    """*written* megabytes (2**20) as bytes; UnusableInput names *name* where it is no number."""
    if not written.isdecimal() or not 0 < int(written) <= 1 << 20:
        raise UnusableInput(f'{name} is "{written}"; it has to be a number of megabytes')
    return int(written) << 20


def samples_store() -> Path:
    """Where the samples' own store is kept: a folder of the user's cache."""
    from platformdirs import user_cache_path

    return user_cache_path("byline") / "samples"


def _default_store() -> Path:
    from platformdirs import user_data_path

    return user_data_path("byline") / "store"
