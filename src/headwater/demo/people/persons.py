"""Invented persons, all adults: the producer, the subscriber whose laptop was seized, some thousands beside them."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import numpy as np

from headwater.demo.people import identifiers
from headwater.demo.people.countries import ALL, CODES, Country
from headwater.demo.people.wallets import some_wallet
from headwater.demo.story import Story
from headwater.demo.words.family import FAMILY
from headwater.demo.words.given import GIVEN
from headwater.demo.words.places import STREETS, TOWNS
from headwater.demo.words.scripts import CYRILLIC, GREEK, MARKED

Role = Literal["", "producer", "subscriber"]
MAIL_DOMAINS = ("example.org", "example.com", "example.net")
_AGENTS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Example/118.0",
    "Mozilla/5.0 (X11; Linux x86_64) Example/115.0",
    "Mozilla/5.0 (Linux; Android 13) Example/120.1 Mobile",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_3 like Mac OS X) Example/17.3",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 13_4) Example/16.5",
)
_OTHER_SCRIPT = {"GR": (GREEK, 0.5), "BG": (CYRILLIC, 0.5)}  # and how many of a country use it
_HOUSEHOLD, _PERSON, _PLACES = 301, 302, 304
_FIRST_BIRTH = date(1948, 1, 1)
_BIRTH_DAYS = 19_700  # the youngest are born in 2001


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """One name: as its bearer spells it, and as a Latin keyboard does. Both are given name, family name."""

    own: tuple[str, str]
    plain: tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Household:
    """What those who live together share."""

    key: str
    country: Country
    family: tuple[str, str]  # as its members spell it, and plainly
    street: str
    address: str  # of the network at home
    card: str
    device: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One invented person. `addresses`: the network at home, the mobile one that many share, for some a VPN's exit."""

    person: str
    name: Name
    birth: date
    home: Household
    phone: str
    email: str
    card: str
    iban: str
    wallet: tuple[str, str]
    device: str
    addresses: tuple[str, ...]
    agent: str
    role: Role = ""

    @property
    def country(self) -> str:
        return self.home.country.code


def make_persons(story: Story) -> list[Person]:
    """Invent `size.persons` persons, about one in six with somebody else of the same household."""
    rng = story.rng(_HOUSEHOLD)
    weights = 1 / np.arange(2, len(CODES) + 2)
    roles = _roles(story)
    persons: list[Person] = []
    household = 0
    while len(persons) < story.size.persons:
        forced = household < len(CODES)  # every country appears
        role = roles.get(household, "")
        nation = household if forced else int(rng.choice(len(CODES), p=weights / weights.sum()))
        nation = {"producer": CODES.index("DK"), "subscriber": CODES.index("DE")}.get(role, nation)
        members = 2 if rng.random() < 0.09 or role else 1
        room = story.size.persons - len(persons)
        persons += _household(story, household, ALL[nation], min(members, room), len(persons), role)
        household += 1
    return persons


def _roles(story: Story) -> dict[int, Role]:
    """Choose the households of the two who are known by name: their place in the list tells nothing."""
    first = len(CODES)
    places = story.rng(_PLACES).permutation(np.arange(first, story.size.persons * 3 // 4))
    return {int(places[0]): "producer", int(places[1]): "subscriber"}


def _household(story: Story, number: int, country: Country, members: int, first: int, role: Role) -> list[Person]:
    rng = story.rng(_PERSON, number)
    nation = CODES.index(country.code)
    script = _script(rng, country.code)
    home = Household(
        key=f"H{number:05d}",
        country=country,
        family=_family(rng, script),
        street=f"{_one(rng, FAMILY)} {_one(rng, STREETS)} {int(rng.integers(1, 120))}, {_one(rng, TOWNS)}",
        address=identifiers.home_address(nation, number, rng),
        card=identifiers.fingerprint(rng),
        device=identifiers.device(rng),
    )
    return [_person(rng, f"P{first + index:05d}", home, script, "" if index else role) for index in range(members)]


Script = tuple[tuple[str, str], ...]


def _script(rng: np.random.Generator, code: str) -> Script:
    """Choose how a household writes: in Greek, in Cyrillic, with marks, or (an empty list) in plain Latin letters."""
    script, share = _OTHER_SCRIPT.get(code, (MARKED, 0.15))
    if rng.random() < share:
        return script
    return (GREEK, CYRILLIC)[int(rng.integers(2))] if rng.random() < 0.03 else ()


def _one(rng: np.random.Generator, words: tuple[str, ...]) -> str:
    return words[int(rng.integers(len(words)))]


def _family(rng: np.random.Generator, script: Script) -> tuple[str, str]:
    if script:
        return script[int(rng.integers(len(script)))]
    name = _one(rng, FAMILY)
    return name, name


def _given(rng: np.random.Generator, script: Script) -> tuple[str, str]:
    if script:
        return script[int(rng.integers(len(script)))]
    name = _one(rng, GIVEN)
    return name, name


def _person(rng: np.random.Generator, key: str, home: Household, script: Script, role: Role) -> Person:
    given = _given(rng, script)
    name = Name(own=(given[0], home.family[0]), plain=(given[1], home.family[1]))
    nation = CODES.index(home.country.code)
    exits = (_one(rng, identifiers.SHARED_EXITS),) if rng.random() < 0.2 else ()
    local = f"{name.plain[0]}.{name.plain[1]}.{key[1:]}".lower() if rng.random() < 0.3 else _made_up(rng, key)
    return Person(
        person=key,
        name=name,
        birth=_FIRST_BIRTH + timedelta(days=int(rng.integers(_BIRTH_DAYS))),
        home=home,
        phone=identifiers.phone_number(home.country, rng),
        email=f"{local}@{_one(rng, MAIL_DOMAINS)}",
        card=home.card if rng.random() < 0.4 else identifiers.fingerprint(rng),
        iban=identifiers.iban(home.country, rng),
        wallet=some_wallet(rng) if rng.random() < 0.12 or role else ("", ""),
        device=home.device if rng.random() < 0.3 else identifiers.device(rng),
        addresses=(home.address, identifiers.mobile_address(nation, rng), *exits),
        agent=_one(rng, _AGENTS),
        role=role,
    )


def _made_up(rng: np.random.Generator, key: str) -> str:
    """Make a name that tells nothing of its bearer; the number keeps it apart from all others."""
    return f"{_one(rng, GIVEN)}-{_one(rng, FAMILY)}{int(key[1:]) * 7 + int(rng.integers(7))}".lower()
