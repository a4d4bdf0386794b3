"""What is known of one content when it is weighed: its findings, where it lies, what could not be seen."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

FOUND, NOT_RUN, FAILED = "found", "not_run", "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One finding as it is sealed. value: text as sealed, mostly canonical JSON."""

    finding: str
    examiner: str
    claim: str
    value: str = ""
    state: str = FOUND
    reason: str = ""

    @property
    def fields(self) -> Mapping[str, Any]:
        """The value as an object; empty where it is none."""
        try:
            value = json.loads(self.value)
        except (ValueError, RecursionError):
            return {}
        return value if isinstance(value, dict) else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One occurrence. path: as the items table shows it."""

    exhibit: str
    path: str

    @property
    def name(self) -> str:
        """The file's own name."""
        return self.path.rpartition("/")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """One content with all that was found of it. not_told: examiners a side hangs on of which nothing is kept."""

    sha256: str
    media_type: str = ""
    claims: tuple[Claim, ...] = ()
    places: tuple[Place, ...] = ()
    not_told: frozenset[str] = frozenset()

    def found(self, *names: str) -> Iterator[Claim]:
        """The findings that make one of these claims, in the order they are kept."""
        return (one for one in self.claims if one.state == FOUND and one.claim in names)

    @property
    def exhibits(self) -> frozenset[str]:
        """Where it was seized."""
        return frozenset(place.exhibit for place in self.places)


def text_of(fields: Mapping[str, Any], key: str) -> str:
    """A field as text; empty where it is not there or is no word or figure."""
    value = fields.get(key, "")
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def objects_of(fields: Mapping[str, Any], key: str) -> Sequence[Mapping[str, Any]]:
    """A list of objects in a field; what is none is left out."""
    value = fields.get(key, ())
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
