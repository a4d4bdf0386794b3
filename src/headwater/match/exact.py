"""Contents that a set knows by digest: of each content and record the best digest they share, and what disagrees."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from headwater.match.store import Store
from headwater.model.known import WIDTHS, Record

KINDS = ("sha256", "sha1", "md5")  # the best first
_NAMES = {"sha256": "SHA-256", "sha1": "SHA-1", "md5": "MD5"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Exact:
    """One content and one record that share a digest. set_aside: which better digest differs; empty where none does."""

    sha256: str
    number: int
    record: Record
    kind: str
    set_aside: str


def exact_matches(store: Store, contents: Sequence[Mapping[str, str]]) -> Iterator[Exact]:
    """Every content with a record of its digest. `contents` have sha256, sha1 and md5 in lowercase hexadecimal."""
    best: dict[tuple[int, int], str] = {}
    for kind in KINDS:
        for place, number in _shared(store, kind, contents):
            best.setdefault((place, number), kind)
    ordered = sorted(best.items())
    for ((place, number), kind), record in zip(
        ordered, store.records(number for (_, number), _ in ordered), strict=True
    ):
        content = contents[place]
        yield Exact(
            sha256=content["sha256"],
            number=number,
            record=record,
            kind=kind,
            set_aside=_disagreement(content, record, kind),
        )


def _shared(store: Store, kind: str, contents: Sequence[Mapping[str, str]]) -> Iterator[tuple[int, int]]:
    there = [(place, each[kind]) for place, each in enumerate(contents) if len(each[kind]) == 2 * WIDTHS[kind]]
    digests = np.frombuffer(bytes.fromhex("".join(text for _, text in there)), np.uint8).reshape(-1, WIDTHS[kind])
    rows, numbers = store.look_up(kind, digests)
    return ((there[row][0], number) for row, number in zip(rows.tolist(), numbers.tolist(), strict=True))


def _disagreement(content: Mapping[str, str], record: Record, kind: str) -> str:
    """A weaker digest can be made to fit; where a better one of both differs, they are two contents."""
    for better in KINDS[: KINDS.index(kind)]:
        told = str(getattr(record, better))
        if told and len(content[better]) == len(told) and told != content[better]:
            return f"{_NAMES[kind]} agrees, {_NAMES[better]} differs"
    return ""
