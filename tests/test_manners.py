from types import SimpleNamespace

import pytest

from bot.manners import Allowance, WrongChannel, check_allowance, check_channel
from bot.state import GuildSettings
from index.errors import UnusableInput


def test_a_person_may_ask_so_many_questions_in_a_minute():
    allowance = Allowance(2)

    assert [allowance.take(1, now) for now in (0, 10)] == [0, 0]
    assert allowance.take(1, 20) == 40
    assert allowance.take(2, 20) == 0
    assert allowance.take(1, 61) == 0
    assert allowance.take(1, 62) == 8


def test_what_was_refused_does_not_count():
    allowance = Allowance(1)
    allowance.take(1, 0)

    for now in range(1, 60):
        assert allowance.take(1, now) > 0
    assert allowance.take(1, 60) == 0


def test_nobody_is_remembered_longer_than_a_minute():
    allowance = Allowance(5)
    for person in range(1000):
        allowance.take(person, person / 1000)

    allowance.take(5000, 100)

    assert len(allowance._asked) == 1


def test_none_is_any_number():
    assert all(Allowance(0).take(1, 0) == 0 for _ in range(100))


def test_one_too_many_is_refused_kindly():
    allowance = Allowance(1)
    check_allowance(allowance, 1)

    with pytest.raises(UnusableInput, match=r"1 question in a minute .*; please wait \d+ sec"):
        check_allowance(allowance, 1)


def test_questions_are_asked_in_the_chosen_channels_and_their_threads():
    wants = GuildSettings(channels=frozenset([5]))

    check_channel(GuildSettings(), SimpleNamespace(id=6))
    check_channel(wants, SimpleNamespace(id=5))
    check_channel(wants, SimpleNamespace(id=6, parent_id=5))
    with pytest.raises(WrongChannel, match="in this server questions are asked in") as error:
        check_channel(wants, SimpleNamespace(id=6, parent_id=7))
    assert error.value.channels == [5]
