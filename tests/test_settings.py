import re
from pathlib import Path

import pytest

from bot.settings import BotSettings
from index.answer import DEFAULT_THRESHOLD
from index.errors import UnusableInput
from index.settings import Settings

ROOT = Path(__file__).parent.parent


def test_nothing_set_gives_the_defaults():
    settings = Settings.from_env({"BYLINE_STORE": "", "BYLINE_THRESHOLD": ""})

    assert settings.articles is None
    assert settings.store.parts[-2:] == ("byline", "store")
    assert settings.threshold == DEFAULT_THRESHOLD


def test_what_is_set_is_taken(tmp_path):
    settings = BotSettings.from_env(
        {
            "DISCORD_TOKEN": " secret ",
            "BYLINE_ARTICLES": "~/articles",
            "BYLINE_STORE": str(tmp_path),
            "BYLINE_DATA": str(tmp_path / "data"),
            "BYLINE_THRESHOLD": "0.5",
            "BYLINE_MEMORY": "300",
            "BYLINE_QUESTIONS_PER_MINUTE": "0",
            "BYLINE_KEEP_QUESTIONS": "True",
        }
    )

    assert settings.token == "secret"
    assert (settings.questions_per_minute, settings.keep_questions) == (0, True)
    assert settings.data == tmp_path / "data"
    assert settings.answering == Settings(
        Path.home() / "articles", tmp_path, 0.5, memory=300 * 2**20
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BYLINE_QUESTIONS_PER_MINUTE", "-1"),
        ("BYLINE_QUESTIONS_PER_MINUTE", "many"),
        ("BYLINE_KEEP_QUESTIONS", "maybe"),
        ("BYLINE_THRESHOLD", "2"),
        ("BYLINE_MEMORY", "0"),
        ("BYLINE_MEMORY", "much"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(name, value):
    with pytest.raises(UnusableInput, match=f'{name} is "{value}"; it has to be'):
        BotSettings.from_env({name: value})


def test_a_token_is_never_shown_and_a_missing_one_is_explained():
    assert "secret" not in repr(BotSettings.from_env({"DISCORD_TOKEN": "secret"}))
    with pytest.raises(UnusableInput, match="DISCORD_TOKEN is not set; make an application"):
        BotSettings.from_env({}).with_token()


def test_every_setting_is_named_in_the_example_file():
    named = set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    read = {
        name
        for path in [*(ROOT / "index").rglob("*.py"), *(ROOT / "bot").rglob("*.py")]
        for name in re.findall(r'env\.get\("([A-Z_]+)"', path.read_text(encoding="utf-8"))
    }

    assert named == read
