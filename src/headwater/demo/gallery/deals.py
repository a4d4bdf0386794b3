"""What was bought: 5 EUR for the password of one album. Payer is not always user."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from headwater.demo.gallery.visits import Visit
from headwater.demo.people.accounts import Account
from headwater.demo.people.persons import Person
from headwater.demo.story import Story
from headwater.demo.words.given import GIVEN

PRICE_CENTS = 500
_DEALS = 403
_BUYERS = 0.34  # of the accounts


@dataclass(frozen=True, slots=True, kw_only=True)
class Deal:
    """One payment and the password it bought. Of card, IBAN and wallet one is given."""

    number: int
    account: Account
    visit: Visit
    album: str
    paid: datetime
    opened: datetime  # when the password was handed out
    payer: str
    card: str = ""
    iban: str = ""
    wallet: tuple[str, str] = ("", "")


def make_deals(story: Story, visits: dict[int, list[Visit]]) -> list[Deal]:
    """Sell to about a third of the accounts, to the subscriber every album; the producer tries one himself."""
    wanted = [
        (_paid(story.rng(_DEALS, 900_000 + place, number), visit), mine[0].account, visit, album)
        for number, mine in visits.items()
        for place, (visit, album) in enumerate(_wanted(story, story.rng(_DEALS, number), mine))
    ]
    wanted.sort(key=lambda one: (one[0], one[1].account, one[3]))
    return [
        _deal(story, number, account, visit, album, paid)
        for number, (paid, account, visit, album) in enumerate(wanted, 1)
    ]


def _paid(rng: np.random.Generator, visit: Visit) -> datetime:
    """Pay early in the visit, so that there is time to look at what was bought."""
    seconds = (visit.end - visit.start).total_seconds()
    return visit.start + timedelta(seconds=int(seconds * float(rng.uniform(0.05, 0.3))))


def _wanted(story: Story, rng: np.random.Generator, mine: list[Visit]) -> list[tuple[Visit, str]]:
    """Choose in which visits an account buys what."""
    role = mine[0].account.person.role
    if role == "producer":
        return [(mine[0], story.albums[0])]
    if role == "subscriber":
        late = [visit for visit in mine if visit.start > story.days.trained_until]
        return [(late[place % 2], album) for place, album in enumerate(story.albums)]
    if rng.random() >= _BUYERS:
        return []
    count = min(int(rng.integers(1, 4)), len(story.albums))
    albums = [story.albums[int(place)] for place in rng.permutation(len(story.albums))[:count]]
    return [(mine[int(rng.integers(len(mine)))], album) for album in albums]


def _deal(story: Story, number: int, account: Account, visit: Visit, album: str, paid: datetime) -> Deal:
    rng, person = story.rng(_DEALS, 1_000_000 + number), account.person
    card, iban, wallet = _means(rng, person)
    return Deal(
        number=number, account=account, visit=visit, album=album, paid=paid, opened=paid + timedelta(seconds=20),
        payer="" if wallet[0] else _payer(rng, person), card=card, iban=iban, wallet=wallet,
    )  # fmt: skip


def _means(rng: np.random.Generator, person: Person) -> tuple[str, str, tuple[str, str]]:
    way = rng.random()
    if person.wallet[0] and way < 0.6:
        return "", "", person.wallet
    return ("", person.iban, ("", "")) if person.iban and way < 0.25 else (person.card, "", ("", ""))


def _payer(rng: np.random.Generator, person: Person) -> str:
    """Name who paid: the person, plainly or in the own script; at times a relative of the same family name."""
    given, family = person.name.own if rng.random() < 0.5 else person.name.plain
    if rng.random() < 0.07:
        given = GIVEN[int(rng.integers(len(GIVEN)))]
    return f"{given} {family}".upper() if rng.random() < 0.2 else f"{given} {family}"
