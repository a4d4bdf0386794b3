"""The operation's register: searches, devices, arrests, by country. Every figure is invented."""

from collections import Counter
from typing import Any

from headwater.demo.persons import COUNTRIES, Person
from headwater.demo.story import NOTICE, Story
from headwater.demo.truth import ExhibitTruth


def build_register(story: Story, persons: list[Person], exhibits: dict[str, ExhibitTruth]) -> dict[str, Any]:
    """One row a country, one a search, one a device; the totals are the sums of the rows."""
    rng = story.rng(700)
    living = Counter(person.country for person in persons)
    countries: list[dict[str, Any]] = [
        {
            "country": country,
            "suspects_forwarded": (forwarded := max(1, living[country] // 40)),
            "searches": (searches := int(rng.integers(1, forwarded + 1))),
            "devices_seized": searches * int(rng.integers(1, 4)),
            "arrests": int(rng.integers(0, searches + 1)),
        }
        for country in COUNTRIES
    ]
    devices = [
        {"exhibit": reference, "country": one.country, "kind": one.kind, "seized_on": "2024-06-19"}
        for reference, one in exhibits.items()
    ]
    totals = {
        key: sum(row[key] for row in countries)
        for key in ("suspects_forwarded", "searches", "devices_seized", "arrests")
    }
    return {"operation": "Springhead", "notice": NOTICE, "devices": devices, "countries": countries, "totals": totals}
