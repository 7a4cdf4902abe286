"""Manners: how many questions a person may ask in a minute, and in which channels."""

import time
from collections import deque
from typing import Any

from bot.state import GuildSettings
from index.errors import BylineError, UnusableInput

_MINUTE = 60.0


class Allowance:
    """Counts each person's questions of the last minute; *per_minute* 0 is any number."""

    def __init__(self, per_minute: int) -> None:
        self.per_minute = per_minute
        self._asked: dict[int, deque[float]] = {}

    def take(self, person: int, now: float) -> float:
        """Count a question asked at *now* (seconds of any steady clock); the seconds to wait where
        that is one too many, which is then not counted, else 0."""
        if not self.per_minute:
            return 0.0
        self._forget(now)
        times = self._asked.setdefault(person, deque())
        if len(times) >= self.per_minute:
            return times[0] + _MINUTE - now
        times.append(now)
        return 0.0

    def _forget(self, now: float) -> None:
        """Drop what is older than a minute; people are in the order of their first question."""
        for person in list(self._asked):
            times = self._asked[person]
            while times and times[0] <= now - _MINUTE:
                times.popleft()
            if not times:
                del self._asked[person]


def check_allowance(allowance: Allowance, person: int) -> None:
    """UnusableInput where a person has asked as many questions as a minute allows."""
    wait = allowance.take(person, time.monotonic())
    if wait:
        most = f"{allowance.per_minute} {'question' if allowance.per_minute == 1 else 'questions'}"
        raise UnusableInput(
            f"{most} in a minute is all that one person may ask; please wait {wait:.0f} seconds"
        )


class WrongChannel(BylineError):
    """A question was asked in a channel that the server does not want it in; ``channels`` are those
    that it does."""

    def __init__(self, channels: frozenset[int]) -> None:
        super().__init__("in this server questions are asked in")
        self.channels = sorted(channels)


def check_channel(wants: GuildSettings, channel: Any) -> None:
    """WrongChannel where a server wants questions in other channels; a thread is its channel's."""
    places = {getattr(channel, "id", None), getattr(channel, "parent_id", None)}
    if wants.channels and wants.channels.isdisjoint(places):
        raise WrongChannel(wants.channels)
