"""Invented persons and their accounts: several accounts a person, several persons an address, typing errors."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from headwater.demo.story import Story, syllables

COUNTRIES = (
    "DK", "DE", "SE", "NO", "FI", "NL", "BE", "FR", "ES", "PT", "IT", "AT", "CH", "PL", "CZ", "GB", "IE", "US", "CA",
)  # fmt: skip
_DOMAINS = ("example.org", "example.com", "example.net")
_AGENTS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Example/118.0",
    "Mozilla/5.0 (X11; Linux x86_64) Example/115.0",
    "Mozilla/5.0 (Linux; Android 13) Example/120.1 Mobile",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_3 like Mac OS X) Example/17.3",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 13_4) Example/16.5",
)
_SHARED_EXITS = tuple(f"203.0.113.{number}" for number in range(5, 25))  # VPN exits used by people of all countries
_HOUSEHOLD, _PERSON, _ACCOUNT = 301, 302, 303


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One invented person. Members of a household share an address, a network and at times a card."""

    person: str
    name: str
    email: str
    country: str
    household: str
    street: str
    card: str
    addresses: tuple[str, ...]  # home network, mobile network (many share it), a VPN exit for some
    agent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One account of the platform, and whose it is."""

    account: int
    person: Person
    handle: str
    email: str
    full_name: str
    country: str  # as claimed: empty or wrong for some
    created: datetime
    created_ip: str


def make_persons(story: Story) -> list[Person]:
    """Invent `size.persons` persons, about one in six with somebody else of the same household."""
    rng = story.rng(_HOUSEHOLD)
    weights = 1 / np.arange(2, len(COUNTRIES) + 2)
    persons: list[Person] = []
    household = 0
    while len(persons) < story.size.persons:
        forced = household < len(COUNTRIES)  # every country appears
        country = COUNTRIES[household] if forced else str(rng.choice(COUNTRIES, p=weights / weights.sum()))
        members = 2 if rng.random() < 0.09 else 1
        persons += _household(story, household, country, min(members, story.size.persons - len(persons)), len(persons))
        household += 1
    return persons


def _household(story: Story, number: int, country: str, members: int, first: int) -> list[Person]:
    rng = story.rng(_PERSON, number)
    family = syllables(rng, 2)
    street = f"{syllables(rng, 2)} {int(rng.integers(1, 120))}, {syllables(rng, 2)}"
    nation = COUNTRIES.index(country)
    home = f"2001:db8:{nation + 1:x}:{number:x}::{int(rng.integers(2, 250)):x}"
    if rng.random() < 0.3:
        home = f"{('192.0.2', '198.51.100')[number % 2]}.{int(rng.integers(1, 255))}"
    card = f"{int(rng.integers(1, 2**62)):016x}"
    return [
        _person(rng, f"P{first + index:05d}", (family, street, country, f"H{number:05d}"), (home, card), nation)
        for index in range(members)
    ]


def _person(
    rng: np.random.Generator, key: str, family: tuple[str, str, str, str], shared: tuple[str, str], nation: int
) -> Person:
    name, street, country, household = family
    given = syllables(rng, 2)
    mobile = f"100.{64 + nation}.{int(rng.integers(0, 3))}.{int(rng.integers(1, 255))}"
    exits = (str(rng.choice(_SHARED_EXITS)),) if rng.random() < 0.2 else ()
    return Person(
        person=key,
        name=f"{given} {name}",
        email=f"{given}.{name}{int(rng.integers(1, 9999))}@{rng.choice(_DOMAINS)}".lower(),
        country=country,
        household=household,
        street=street,
        card=shared[1] if rng.random() < 0.6 else f"{int(rng.integers(1, 2**62)):016x}",
        addresses=(shared[0], mobile, *exits),
        agent=_AGENTS[int(rng.integers(len(_AGENTS)))],
    )


def make_accounts(story: Story, persons: list[Person]) -> list[Account]:
    """Open one account each, and further ones until there are `size.accounts`; the order tells nothing."""
    rng = story.rng(_ACCOUNT)
    holders = list(range(len(persons)))
    holders += [int(rng.integers(len(persons))) for _ in range(story.size.accounts - len(persons))]
    rng.shuffle(holders)
    seen: set[int] = set()
    accounts = []
    for number, holder in enumerate(holders):
        accounts.append(_account(story, number + 1, persons[holder], again=holder in seen))
        seen.add(holder)
    return accounts


def _account(story: Story, number: int, person: Person, *, again: bool) -> Account:
    rng = story.rng(_ACCOUNT, number)
    email = person.email
    if again:
        email = _other_email(rng, email)
    claimed = person.country if rng.random() < 0.7 else str(rng.choice(["", "", "US", person.country.lower()]))
    return Account(
        account=number,
        person=person,
        handle=syllables(rng, 2).lower() + (str(int(rng.integers(1, 2000))) if rng.random() < 0.7 else ""),
        email=email,
        full_name=_mistyped(rng, person.name) if rng.random() < 0.5 else "",
        country=claimed,
        created=story.moment(rng, 120) - timedelta(days=20),
        created_ip=person.addresses[int(rng.integers(len(person.addresses)))],
    )


def _other_email(rng: np.random.Generator, email: str) -> str:
    """Spell the same address in other letters, with a plus tag, with a typing error, or another address altogether."""
    local, _, domain = email.partition("@")
    way = int(rng.integers(5))
    if way == 0:
        return f"{local.upper()}@{domain}"
    if way == 1:
        return f"{local}+lights@{domain}"
    if way == 2:
        return f"{_swapped(rng, local)}@{domain}"
    return email if way == 3 else f"{syllables(rng, 3).lower()}@{rng.choice(_DOMAINS)}"


def _mistyped(rng: np.random.Generator, text: str) -> str:
    return _swapped(rng, text) if rng.random() < 0.15 else text


def _swapped(rng: np.random.Generator, text: str) -> str:
    """Spell it with two neighbouring letters exchanged."""
    at = int(rng.integers(0, max(len(text) - 1, 1)))
    return text[:at] + text[at + 1 : at + 2] + text[at : at + 1] + text[at + 2 :]
