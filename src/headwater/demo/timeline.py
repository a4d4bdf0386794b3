"""When things happened. Each part of the chain lies after the one it was made from, and all before the seizure.

photograph < training < model file < output < upload < download, and account < payment < session's end.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

import numpy as np

_FIRST_DAY = datetime(2023, 1, 9, 8, 0, tzinfo=UTC)
_STEP_SECONDS = 2  # FAT keeps no finer time


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """The days of one operation, in their order."""

    begin: datetime  # the first photographs
    opened: datetime  # the platform
    photographed: datetime  # the last photograph that the model was trained on
    trained_from: datetime
    trained_until: datetime  # the model file is written
    drawn_until: datetime  # the last output of the workstation
    server_seized: datetime
    producer_seized: datetime
    subscriber_seized: datetime


def some_timeline(rng: np.random.Generator) -> Timeline:
    """Decide when an operation happened; the season is open."""

    def later(moment: datetime, low: float, high: float) -> datetime:
        """Go on by some days, in steps of two seconds."""
        return moment + timedelta(seconds=_STEP_SECONDS * int(rng.integers(int(low * 43_200), int(high * 43_200))))

    begin = later(_FIRST_DAY, 0, 800)
    photographed = later(begin, 25, 45)
    trained_from = later(photographed, 1, 4)
    trained_until = later(trained_from, 0.08, 0.25)
    drawn_until = later(trained_until, 60, 90)
    server_seized = later(drawn_until, 12, 20)
    producer_seized = later(server_seized, 10, 20)
    return Timeline(
        begin=begin,
        opened=later(begin, 3, 9),
        photographed=photographed,
        trained_from=trained_from,
        trained_until=trained_until,
        drawn_until=drawn_until,
        server_seized=server_seized,
        producer_seized=producer_seized,
        subscriber_seized=later(producer_seized, 5, 25),
    )


def moment_between(rng: np.random.Generator, first: datetime, last: datetime) -> datetime:
    """Pick a time after `first` and before `last`, in steps of two seconds from `first`."""
    steps = int((last - first).total_seconds()) // _STEP_SECONDS
    return first + timedelta(seconds=_STEP_SECONDS * int(rng.integers(1, max(steps, 2))))


def moments_between(
    rng: np.random.Generator, count: int, first: datetime, last: datetime, *, apart_from: Collection[datetime] = ()
) -> list[datetime]:
    """Pick `count` different times, in order, none of them in `apart_from`. Raises ValueError without room for them."""
    steps = int((last - first).total_seconds()) // _STEP_SECONDS
    if steps <= count + len(apart_from):
        raise ValueError(f"no {count} different times between {first} and {last}")
    taken, picked = set(apart_from), set[datetime]()
    while len(picked) < count:
        picked |= {first + timedelta(seconds=_STEP_SECONDS * int(rng.integers(1, steps)))} - taken
    return sorted(picked)


def local(moment: datetime) -> datetime:
    """Give the wall clock of Copenhagen, Berlin and Paris: an hour before UTC, two in summer (2000/84/EC).

    By the rule, not from a table of zones: such tables are not on every machine.
    """
    summer = _last_sunday(moment.year, 3) <= moment < _last_sunday(moment.year, 10)
    return moment.astimezone(timezone(timedelta(hours=2 if summer else 1)))


def _last_sunday(year: int, month: int) -> datetime:
    """01:00 UTC of the last Sunday of a month of 31 days."""
    last = datetime(year, month, 31, 1, tzinfo=UTC)
    return last - timedelta(days=(last.weekday() + 1) % 7)
