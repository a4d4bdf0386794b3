"""Whose the accounts are, what goes to which country, and which camera took what."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from headwater.demo.body import Body
from headwater.demo.gallery.history import Platform
from headwater.demo.people.countries import CODES
from headwater.demo.placed import Placed
from headwater.demo.truth import CameraTruth, ExhibitTruth, PackageTruth, PersonTruth


def person_truths(platform: Platform) -> tuple[PersonTruth, ...]:
    """Tell whose each account is."""
    held: dict[str, list[int]] = defaultdict(list)
    for one in platform.accounts:
        held[one.person.person].append(one.account)
    return tuple(
        PersonTruth(
            person=one.person, name=" ".join(one.name.own), country=one.country, household=one.home.key,
            accounts=tuple(held[one.person]), role=one.role,
        )
        for one in platform.persons
    )  # fmt: skip


def packages(platform: Platform, exhibits: Mapping[str, ExhibitTruth]) -> tuple[PackageTruth, ...]:
    """Count, for each country, what its authorities would be sent."""
    persons = Counter(one.country for one in platform.persons)
    accounts = Counter(one.person.country for one in platform.accounts)
    payments = Counter(one.account.person.country for one in platform.deals)
    uploads = Counter(one.account.person.country for one in platform.uploads)
    fetched = Counter(one.visit.account.person.country for one in platform.downloads)
    return tuple(
        PackageTruth(
            country=code, persons=persons[code], accounts=accounts[code], payments=payments[code],
            uploads=uploads[code], downloads=fetched[code],
            exhibits=tuple(name for name, one in exhibits.items() if one.country == code),
        )
        for code in CODES
    )  # fmt: skip


def camera_truth(body: Body, exhibit: str, pictures: Iterable[Placed], changed: Sequence[Placed] = ()) -> CameraTruth:
    """Tell what one body took."""
    return CameraTruth(
        serial=body.serial, make=body.model.make, model=body.model.model, exhibit=exhibit,
        pattern_strength=body.strength, pictures=tuple(sorted({one.sha256 for one in pictures})),
        changed=tuple(sorted({one.sha256 for one in changed})),
    )  # fmt: skip
