"""Which pictures are near copies: every pair of them, planted or not, by the distance of their hashes."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from headwater.demo.sight import DISTANCE_MAX, Sight
from headwater.demo.truth import GroupTruth, NearTruth

_FAR = 256
SAME_GROUP, LOOKALIKE = "same group", "lookalike"


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived:
    """One picture made from another, and how."""

    original: str
    copy: str
    change: str


def distance(one: Sight | None, other: Sight | None) -> tuple[int, int]:
    """Give the least distance between one's hash and the other's variants, and which; 256 where one has no hash."""
    if one is None or other is None or one.bits is None or other.bits is None:
        return _FAR, 0
    bits = np.bitwise_count(one.bits[0] ^ other.bits).sum(axis=1)
    variant = int(np.argmin(bits))
    return int(bits[variant]), variant


def near_duplicates(sights: Mapping[str, Sight], derived: Sequence[Derived]) -> tuple[NearTruth, ...]:
    """List what was made from what, then every other pair that is as near: of one group, or alike by chance."""
    rows = [_near(sights, one.original, one.copy, one.change) for one in derived]
    known = {frozenset((one.original_sha256, one.derived_sha256)) for one in rows}
    group = {member: place for place, one in enumerate(groups(derived)) for member in one.members}
    for first, second in _all_near(sights):
        if frozenset((first, second)) not in known:
            together = first in group and group[first] == group.get(second)
            rows.append(_near(sights, first, second, SAME_GROUP if together else LOOKALIKE))
    return tuple(rows)


def _near(sights: Mapping[str, Sight], first: str, second: str, change: str) -> NearTruth:
    one, other = sights.get(first), sights.get(second)
    bits, variant = distance(one, other)
    both = one is not None and other is not None and one.counts and other.counts
    return NearTruth(
        original_sha256=first, derived_sha256=second, change=change, distance_bits=bits, variant=variant,
        within=both and bits <= DISTANCE_MAX,
    )  # fmt: skip


def _all_near(sights: Mapping[str, Sight]) -> list[tuple[str, str]]:
    """Compare every picture with every other one, in all eight variants."""
    counted = [(digest, one.bits) for digest, one in sorted(sights.items()) if one.counts and one.bits is not None]
    every = np.array([bits for _, bits in counted])
    pairs = []
    for place, (digest, bits) in enumerate(counted):
        least = np.bitwise_count(bits[0] ^ every[place + 1 :]).sum(axis=2).min(axis=1, initial=_FAR)
        pairs += [(digest, counted[place + 1 + int(behind)][0]) for behind in np.flatnonzero(least <= DISTANCE_MAX)]
    return pairs


def groups(derived: Sequence[Derived]) -> tuple[GroupTruth, ...]:
    """Gather all that was made from one picture, over several steps."""
    made: dict[str, list[str]] = defaultdict(list)
    for one in derived:
        made[one.original].append(one.copy)
    copies = {copy for each in made.values() for copy in each}
    found = []
    for original in made:
        if original in copies:
            continue
        members = [original]
        for member in members:  # grows while it is walked
            members += [copy for copy in made.get(member, ()) if copy not in members]
        found.append(GroupTruth(members=tuple(members)))
    return tuple(found)


def neighbours(near: Sequence[NearTruth]) -> dict[str, set[str]]:
    """Give for each picture those within reach of it."""
    found: dict[str, set[str]] = defaultdict(set)
    for one in near:
        if one.within:
            found[one.original_sha256].add(one.derived_sha256)
            found[one.derived_sha256].add(one.original_sha256)
    return found
