"""The operation's register: one row a search, a device, an arrest, each with its day; the totals are sums of rows."""

from collections import Counter
from datetime import date, timedelta
from typing import Any

from headwater.demo.people.countries import CODES
from headwater.demo.people.persons import Person
from headwater.demo.story import NOTICE, OPERATION, Story
from headwater.demo.truth import ExhibitTruth
from headwater.demo.words.places import TOWNS

_KINDS = ("laptop", "phone", "hard disk", "memory card", "tablet", "camera")
_REGISTER = 700


def build_register(story: Story, persons: list[Person], exhibits: dict[str, ExhibitTruth]) -> dict[str, Any]:
    """Fill the tables. The searches behind the exhibits come first; all others follow the server's seizure."""
    rng = story.rng(_REGISTER)
    living = Counter(one.country for one in persons)
    forwarded = {code: max(1, living[code] // 40) for code in CODES}
    searches: list[dict[str, Any]] = []
    devices: list[dict[str, Any]] = []
    arrests: list[dict[str, Any]] = []
    for day, country, names in _seizures(exhibits):
        number = _search(searches, country, day, TOWNS[int(rng.integers(len(TOWNS)))])
        devices += [_device(number, country, day, exhibits[name].kind, name) for name in names]
        if all(exhibits[name].kind != "server" for name in names):
            arrests.append({"search": number, "country": country, "on": day})
    first = story.days.producer_seized.date() + timedelta(days=1)
    for code in CODES:
        for _ in range(int(rng.integers(1, forwarded[code] + 1))):
            day = str(first + timedelta(days=int(rng.integers(90))))
            number = _search(searches, code, day, TOWNS[int(rng.integers(len(TOWNS)))])
            kinds = [_KINDS[int(place)] for place in rng.integers(0, len(_KINDS), int(rng.integers(1, 4)))]
            devices += [_device(number, code, day, kind, "") for kind in kinds]
            if rng.random() < 0.4:
                later = date.fromisoformat(day) + timedelta(days=int(rng.integers(0, 3)))
                arrests.append({"search": number, "country": code, "on": str(later)})
    tables = {"searches": searches, "devices": devices, "arrests": arrests}
    return {
        "operation": OPERATION,
        "notice": NOTICE,
        "suspects_forwarded": forwarded,
        **tables,
        "totals": {"suspects_forwarded": sum(forwarded.values()), **{name: len(rows) for name, rows in tables.items()}},
    }


def _seizures(exhibits: dict[str, ExhibitTruth]) -> list[tuple[str, str, list[str]]]:
    """Give the searches that brought the exhibits: day, country, what was seized; what is of one day is one search."""
    found: dict[tuple[str, str], list[str]] = {}
    for name, one in exhibits.items():
        found.setdefault((one.seized_on, one.country), []).append(name)
    return [(day, country, names) for (day, country), names in sorted(found.items())]


def _search(searches: list[dict[str, Any]], country: str, day: str, town: str) -> int:
    searches.append({"search": len(searches) + 1, "country": country, "on": day, "town": town})
    return len(searches)


def _device(search: int, country: str, day: str, kind: str, exhibit: str) -> dict[str, Any]:
    return {"search": search, "country": country, "seized_on": day, "kind": kind, "exhibit": exhibit or None}
