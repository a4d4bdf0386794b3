"""The accounts of the platform: several a person, with typing errors, other spellings, things left out."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np

from headwater.demo.people.countries import ALL, CODES
from headwater.demo.people.persons import MAIL_DOMAINS, Person, Role
from headwater.demo.story import Story
from headwater.demo.timeline import moment_between
from headwater.demo.words.family import FAMILY
from headwater.demo.words.given import GIVEN
from headwater.demo.words.spelling import MISTYPED

_ACCOUNT = 303
_BETWEEN = (".", "_", "-", "")  # the last where a number follows


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One account, and whose it is. What is empty was not given; `country` is as claimed, wrong for some."""

    account: int
    person: Person
    handle: str
    email: str
    phone: str
    full_name: str
    birth: date | None
    country: str
    device: str
    created: datetime
    created_address: str


def make_accounts(story: Story, persons: list[Person]) -> list[Account]:
    """Open one account each, and further ones until there are `size.accounts`; the order tells nothing."""
    rng = story.rng(_ACCOUNT)
    holders = list(range(len(persons)))
    known = {one.role: index for index, one in enumerate(persons) if one.role}
    holders += [known["producer"], known["subscriber"]][: max(story.size.accounts - len(holders), 0)]
    holders += [int(rng.integers(len(persons))) for _ in range(story.size.accounts - len(holders))]
    rng.shuffle(holders)
    seen: set[int] = set()
    accounts = []
    for number, holder in enumerate(holders):
        accounts.append(_account(story, number + 1, persons[holder], again=holder in seen))
        seen.add(holder)
    return accounts


def of_role(accounts: list[Account], role: Role) -> list[Account]:
    """Find the accounts of the producer, or of the subscriber."""
    return [one for one in accounts if one.person.role == role]


def _account(story: Story, number: int, person: Person, *, again: bool) -> Account:
    rng = story.rng(_ACCOUNT, number)
    return Account(
        account=number,
        person=person,
        handle=_handle(rng, person, number),
        email=_other_email(rng, person, number) if again else person.email if rng.random() < 0.9 else "",
        phone=_phone(rng, person) if rng.random() < 0.35 else "",
        full_name=_full_name(rng, person) if rng.random() < 0.5 else "",
        birth=_birth(rng, person) if rng.random() < 0.3 else None,
        country=_claimed(rng, person),
        device=person.device if rng.random() < 0.6 else "",
        created=_created(story, rng, person.role),
        created_address=person.addresses[int(rng.integers(len(person.addresses)))],
    )


def _created(story: Story, rng: np.random.Generator, role: Role) -> datetime:
    """Open the two known persons' accounts early: what they did later needs them."""
    days = story.days
    if role:
        return moment_between(rng, days.opened, days.opened + timedelta(days=6))
    return moment_between(rng, days.opened, days.server_seized - timedelta(days=8))


def _handle(rng: np.random.Generator, person: Person, number: int) -> str:
    """Choose words and a number; two accounts never have the same one, for the number is the account's own."""
    given = person.name.plain[0] if rng.random() < 0.25 else GIVEN[int(rng.integers(len(GIVEN)))]
    mark = _BETWEEN[int(rng.integers(len(_BETWEEN)))]
    tail = f"{mark or '.'}{FAMILY[int(rng.integers(len(FAMILY)))]}" if rng.random() < 0.4 else ""
    return f"{given}{tail}{mark}{number * 3 + int(rng.integers(3))}".lower()


def _full_name(rng: np.random.Generator, person: Person) -> str:
    """Write the name: in its own script or plainly, at times turned round, at times mistyped."""
    given, family = person.name.own if rng.random() < 0.6 else person.name.plain
    if rng.random() < 0.15:
        given, family = MISTYPED.get(given, given), MISTYPED.get(family, family)
    way = rng.random()
    if way < 0.1:
        return f"{family}, {given}"
    return f"{given} {family}".upper() if way < 0.15 else f"{given} {family}"


def _phone(rng: np.random.Generator, person: Person) -> str:
    """Write the number: with spaces, with two zeros, or with two digits exchanged."""
    digits, way = person.phone[1:], int(rng.integers(8))
    if way == 0:
        return f"00{digits}"
    if way == 1:
        return f"+{digits[:3]} {digits[3:6]} {digits[6:]}"
    if way == 2:
        return f"+{digits[:-3]}{digits[-2]}{digits[-3]}{digits[-1]}"
    return person.phone


def _birth(rng: np.random.Generator, person: Person) -> date:
    """Give the day, for some with day and month exchanged."""
    birth = person.birth
    if rng.random() < 0.06 and birth.day <= 12:
        return birth.replace(month=birth.day, day=birth.month)
    return birth


def _claimed(rng: np.random.Generator, person: Person) -> str:
    way = rng.random()
    if way < 0.7:
        return person.country
    return "" if way < 0.85 else (person.country.lower() if way < 0.95 else ALL[int(rng.integers(len(CODES)))].code)


def _other_email(rng: np.random.Generator, person: Person, number: int) -> str:
    """Spell the same address in capitals, with a plus tag, the very same, or give another one altogether."""
    local, _, domain = person.email.partition("@")
    way = int(rng.integers(5))
    if way == 0:
        return f"{local.upper()}@{domain}"
    if way == 1:
        return f"{local}+lights@{domain}"
    if way == 2:
        return person.email
    if way == 3:
        return ""
    other = GIVEN[int(rng.integers(len(GIVEN)))].lower()
    return f"{other}.{number * 5 + int(rng.integers(5))}@{MAIL_DOMAINS[int(rng.integers(len(MAIL_DOMAINS)))]}"
