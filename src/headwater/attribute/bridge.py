"""From a picture without a record to one that has it: by look, by name and time, by a seed in its name.

Each bridge is labelled for what it is; none is more than consistent, for pictures that look alike may have two makers.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

REACH_BITS = 31  # of 256; the hashing paper of ThreatExchange's PDQ
_TOGETHER = timedelta(days=1)
_SAME_SHAPE = 0.01
Hashes = NDArray[np.uint64]  # (variants, 4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One member of a group of near copies. hashes: of its eight turns and mirrors, the first as it stands.

    made: whether it carries a generator's record or a camera's. first_seen: the earliest time of its files.
    """

    sha256: str
    made: bool
    width_pixels: int
    height_pixels: int
    hashes: Hashes
    first_seen: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bridged:
    """A picture and the nearest of those that have a record. alike: how many are as near."""

    copy: str
    original: str
    distance_bits: int
    alike: int


def nearest_made(looks: Sequence[Look]) -> Iterator[Bridged]:
    """For each member of a group that has no record, the nearest that has one, within reach."""
    made = [one for one in looks if one.made and len(one.hashes)]
    if not made:
        return
    every = np.stack([one.hashes[0] for one in made])
    for look in looks:
        if look.made or not len(look.hashes):
            continue
        apart = np.bitwise_count(every[:, None, :] ^ look.hashes[None, :, :]).sum(axis=2).min(axis=1)
        least = int(apart.min())
        if least <= REACH_BITS:
            place = int(apart.argmin())
            yield Bridged(
                copy=look.sha256,
                original=made[place].sha256,
                distance_bits=least,
                alike=int((apart == least).sum()),
            )


def direction(one: Look, other: Look) -> tuple[int, str]:
    """Which of two that look alike came first: 1 the other, -1 the first, 0 open; and why.

    By size only where both have one shape: a crop and a border change it, and a larger one cannot be told from an
    enlarged one there. By time only where a day or more lies between. Where the two disagree it is open.
    """
    by_size, by_time = _by_size(one, other), _by_time(one, other)
    said = [word for word, side in (("fewer pixels", by_size), ("later time of its files", by_time)) if side]
    if by_size and by_time and by_size != by_time:
        return 0, "which came first is open: sizes and times disagree"
    side = by_size or by_time
    return side, f"which came first is told by {' and '.join(said)}" if side else "which came first is open"


def _by_size(one: Look, other: Look) -> int:
    sides = (one.width_pixels, one.height_pixels, other.width_pixels, other.height_pixels)
    if not all(sides):
        return 0
    shape = (sides[0] * sides[3]) / (sides[1] * sides[2])
    if abs(shape - 1) > _SAME_SHAPE or sides[0] == sides[2]:
        return 0
    return 1 if sides[0] < sides[2] else -1


def _by_time(one: Look, other: Look) -> int:
    if one.first_seen is None or other.first_seen is None or abs(one.first_seen - other.first_seen) < _TOGETHER:
        return 0
    return 1 if one.first_seen > other.first_seen else -1


def hashes_of(texts: Sequence[str]) -> Hashes:
    """Hashes in hexadecimal as rows of four words."""
    raw = b"".join(bytes.fromhex(text) for text in texts)
    return np.frombuffer(raw, ">u8").astype(np.uint64).reshape(-1, 4)


def label(bridged: Bridged, words: Mapping[str, str]) -> str:
    """How the bridge was made, in words. words: of the original, for people."""
    many = f"; {bridged.alike} are as near" if bridged.alike > 1 else ""
    return (
        f"by look: {bridged.distance_bits} of 256 bits from {words.get(bridged.original, bridged.original[:12])}{many}"
    )
