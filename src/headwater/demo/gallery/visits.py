"""When each account was on the platform, from where, with what: all of it before the seizure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from headwater.demo.people.accounts import Account
from headwater.demo.story import Story
from headwater.demo.timeline import moment_between, moments_between

_VISITS = 404
_MOST_MINUTES = 90
_HELD_BACK = timedelta(hours=3)  # no visit begins later before the seizure


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One session. `port` is 0 where the server did not log it."""

    account: Account
    start: datetime
    end: datetime
    address: str
    port: int
    device: str

    def moment(self, rng: np.random.Generator) -> datetime:
        """Pick some time within it."""
        return moment_between(rng, self.start, self.end)


def make_visits(story: Story, accounts: list[Account]) -> dict[int, list[Visit]]:
    """Give each account its visits, in order. The first begins when the account is opened."""
    return {one.account: _visits(story, one) for one in accounts}


def _visits(story: Story, account: Account) -> list[Visit]:
    rng, days = story.rng(_VISITS, account.account), story.days
    last = days.server_seized - _HELD_BACK
    starts = [account.created, *moments_between(rng, int(rng.integers(1, 4)), account.created, last)]
    if account.person.role == "producer":  # after each stretch of drawing, and after the last picture
        starts += moments_between(rng, 9, days.trained_until, days.drawn_until, apart_from=starts)
        starts += moments_between(rng, 2, days.drawn_until, last, apart_from=starts)
    if account.person.role == "subscriber":  # when there is much to see
        middle = days.trained_until + (days.drawn_until - days.trained_until) / 2
        starts += moments_between(rng, 6, middle, last, apart_from=starts)
    starts.sort()
    return [_visit(rng, account, start, place) for place, start in enumerate(starts)]


def _visit(rng: np.random.Generator, account: Account, start: datetime, place: int) -> Visit:
    person = account.person
    address = account.created_address if place == 0 else person.addresses[int(rng.integers(len(person.addresses)))]
    return Visit(
        account=account,
        start=start,
        end=start + timedelta(minutes=int(rng.integers(4, _MOST_MINUTES)), seconds=int(rng.integers(60))),
        address=address,
        port=int(rng.integers(1024, 65_536)) if rng.random() < 0.8 else 0,
        device=person.device if rng.random() < 0.85 else "",
    )
