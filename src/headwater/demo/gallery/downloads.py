"""Who fetched which picture: only accounts that had bought its album by then, in a visit of theirs."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from headwater.demo.gallery.deals import Deal
from headwater.demo.gallery.uploads import Upload
from headwater.demo.gallery.visits import Visit
from headwater.demo.story import Story

_DOWNLOADS = 503


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """One picture fetched."""

    visit: Visit
    upload: Upload
    at: datetime


def make_downloads(
    story: Story, visits: dict[int, list[Visit]], deals: list[Deal], uploads: list[Upload]
) -> list[Download]:
    """Let each buyer look, in the visit in which the password was bought and in later ones."""
    bought: dict[int, list[Deal]] = defaultdict(list)
    for deal in deals:
        bought[deal.account.account].append(deal)
    found: list[Download] = []
    for number, mine in bought.items():
        role = visits[number][0].account.person.role
        most = story.size.downloads * 3 if role == "subscriber" else 4
        found += _looked_at(story.rng(_DOWNLOADS, number), visits[number], mine, uploads, most)
    return sorted(found, key=lambda one: (one.at, one.visit.account.account))


def _looked_at(
    rng: np.random.Generator, visits: list[Visit], deals: list[Deal], uploads: list[Upload], most: int
) -> Iterable[Download]:
    """Pick pictures of a bought album that were there already, each at some time when it could be fetched."""
    for _ in range(int(rng.integers(most // 2, most + 1))):
        deal = deals[int(rng.integers(len(deals)))]
        later = [visit for visit in visits if visit.end > deal.opened + timedelta(minutes=1)]
        visit = later[int(rng.integers(len(later)))]
        first = max(visit.start, deal.opened)
        at = first + timedelta(seconds=int(rng.integers(1, int((visit.end - first).total_seconds()))))
        there = [one for one in uploads if one.album == deal.album and one.at < at]
        if there:
            yield Download(visit=visit, upload=there[int(rng.integers(len(there)))], at=at)
