"""Hashes of 256 bits within a distance of others, exactly, without comparing each with each.

Multi-index hashing (Norouzi, Punjani, Fleet, "Fast search in Hamming space with multi-index hashing", 2012): the bits
are cut into bands, and hashes are kept in the order of each band's value. Were two hashes farther apart than `reach` in
every band, they would differ in at least the sum of (reach + 1) bits; the plans below bring that sum to 32. So whoever
differs in at most 31 bits is met in at least one band, as it is or with up to `reach` of its bits turned.

Where the values of a band are uneven (flat pictures, bursts of frames), more would be met than there are hashes; then
all are compared. Either way every pair is given once: from the first band that meets it.
"""

from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple, cast

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic
from numpy.typing import NDArray

from headwater.kernels.compiled import compiled

if TYPE_CHECKING:
    from collections.abc import Callable

WORDS = 4  # of 64 bits in a hash
MANY_HASHES = 1_500_000  # from here on wider bands pay
_SCATTERED = 2  # times as dear: a hash met out of order, beside one met in order
_FULL = -1

Words = NDArray[np.uint64]
Places = NDArray[np.int64]
Table = NDArray[np.uint32]


class Plan(NamedTuple):
    """How the bits are cut. Arrays with one number a band; `masks[mask_starts[b]:mask_starts[b + 1]]` are the turns.

    shifts: first bit. widths: in bits. reaches: how many bits are turned. value_starts: where a band's table begins.
    """

    shifts: Places
    widths: Places
    reaches: Places
    masks: Places
    mask_starts: Places
    value_starts: Places


class Kept(NamedTuple):
    """Hashes (number, 4), read-only; the tables of all bands one after the other; (bands, number) places in order."""

    hashes: Words
    starts: Table
    order: Table


class Found(NamedTuple):
    """Room for pairs: arrays of one length."""

    query: Places
    place: Places
    bits: NDArray[np.uint16]


def plan_for(hashes: int) -> Plan:
    """The plan for a number of hashes: 16 bands of 16 bits, or 12 of 21 and 22 for many."""
    if hashes < MANY_HASHES:
        return _plan([(16, 1)] * 16)
    return _plan([(22, 2)] * 4 + [(21, 2)] * 4 + [(21, 1)] * 4)


def _plan(bands: list[tuple[int, int]]) -> Plan:
    masks = [
        [sum(1 << bit for bit in bits) for size in range(reach + 1) for bits in combinations(range(width), size)]
        for width, reach in bands
    ]
    widths = [width for width, _ in bands]
    return Plan(
        shifts=np.cumsum([0, *widths[:-1]], dtype=np.int64),
        widths=np.array(widths, np.int64),
        reaches=np.array([reach for _, reach in bands], np.int64),
        masks=np.concatenate(masks).astype(np.int64),
        mask_starts=np.cumsum([0, *map(len, masks)], dtype=np.int64),
        value_starts=np.cumsum([0, *((1 << width) + 1 for width in widths)], dtype=np.int64),
    )


def _ones_of(_typing: object, _word: object) -> object:
    def generate(_context: object, builder: ir.IRBuilder, _signature: object, given: tuple[object]) -> object:
        return builder.ctpop(given[0])

    return types.uint64(types.uint64), generate


_ones = cast("Callable[[np.uint64], int]", intrinsic(_ones_of))  # how many bits of a word are set: one instruction


@compiled
def _value(word: Words, shift: int, width: int) -> int:
    """The value of one band of one hash."""
    place, offset = shift >> 6, shift & 63
    value = word[place] >> np.uint64(offset)
    if offset + width > 64:
        value |= word[place + 1] << np.uint64(64 - offset)
    return int(value & np.uint64((1 << width) - 1))


@compiled
def distance(one: Words, other: Words) -> int:
    """How many bits of two hashes differ."""
    return int(
        _ones(one[0] ^ other[0]) + _ones(one[1] ^ other[1]) + _ones(one[2] ^ other[2]) + _ones(one[3] ^ other[3])
    )


@compiled
def sort_band(hashes: Words, shift: int, width: int, starts: Table, order: Table) -> None:
    """Fill `order` with the places by the band's value, and `starts`, (2**width + 1), with where each value begins."""
    starts[:] = 0
    for place in range(hashes.shape[0]):
        starts[_value(hashes[place], shift, width) + 1] += 1
    for value in range(1, starts.shape[0]):
        starts[value] += starts[value - 1]
    ends = starts[:-1].copy()
    for place in range(hashes.shape[0]):
        value = _value(hashes[place], shift, width)
        order[ends[value]] = place
        ends[value] += 1


@compiled
def _met_before(one: Words, other: Words, band: int, plan: Plan) -> bool:
    for earlier in range(band):
        shift, width = plan.shifts[earlier], plan.widths[earlier]
        turned = _value(one, shift, width) ^ _value(other, shift, width)
        if int(_ones(np.uint64(turned))) <= plan.reaches[earlier]:
            return True
    return False


@compiled
def _most_met(query: Words, starts: Table, plan: Plan, most: int) -> bool:
    """Whether a query meets more than `most` places in all bands."""
    total = 0
    for band in range(plan.shifts.shape[0]):
        value, first = _value(query, plan.shifts[band], plan.widths[band]), plan.value_starts[band]
        for mask in plan.masks[plan.mask_starts[band] : plan.mask_starts[band + 1]]:
            probe = first + (value ^ mask)
            total += int(starts[probe + 1]) - int(starts[probe])
        if total > most:
            return True
    return False


@compiled
def _all_near(asked: int, query: Words, begin: int, hashes: Words, radius: int, found: Found, count: int) -> int:  # noqa: PLR0917
    """Compare one hash with all from `begin` on. Returns how many pairs there are now, or _FULL."""
    for place in range(begin, hashes.shape[0]):
        bits = distance(query, hashes[place])
        if bits <= radius:
            if count == found.query.shape[0]:
                return _FULL
            found.query[count], found.place[count], found.bits[count] = asked, place, bits
            count += 1
    return count


@compiled
def _met_near(asked: int, query: Words, kept: Kept, plan: Plan, radius: int, found: Found, count: int) -> int:  # noqa: PLR0917
    """Compare one hash with those it meets. Returns how many pairs there are now, or _FULL."""
    for band in range(plan.shifts.shape[0]):
        value, first = _value(query, plan.shifts[band], plan.widths[band]), plan.value_starts[band]
        for mask in plan.masks[plan.mask_starts[band] : plan.mask_starts[band + 1]]:
            probe = first + (value ^ mask)
            for at in range(kept.starts[probe], kept.starts[probe + 1]):
                place = kept.order[band, at]
                bits = distance(query, kept.hashes[place])
                if bits <= radius and not _met_before(query, kept.hashes[place], band, plan):
                    if count == found.query.shape[0]:
                        return _FULL
                    found.query[count], found.place[count], found.bits[count] = asked, place, bits
                    count += 1
    return count


@compiled
def near(queries: Words, kept: Kept, plan: Plan, radius: int, begin: int, found: Found) -> tuple[int, int]:
    """Search from query `begin` on, until `found` is full. Returns the query to go on with, and how many were found.

    The pairs of a query are given whole or not at all: a query whose pairs do not fit is where it stops.
    """
    count, most = 0, kept.hashes.shape[0] // _SCATTERED
    for asked in range(begin, queries.shape[0]):
        query = queries[asked]
        if _most_met(query, kept.starts, plan, most):
            after = _all_near(asked, query, 0, kept.hashes, radius, found, count)
        else:
            after = _met_near(asked, query, kept, plan, radius, found, count)
        if after == _FULL:
            return asked, count
        count = after
    return queries.shape[0], count


@compiled
def brute(queries: Words, hashes: Words, radius: int, is_self: bool, begin: int, found: Found) -> tuple[int, int]:
    """Compare each with each, as `near` gives them. is_self: both are the same hashes, and each pair is given once."""
    count = 0
    for asked in range(begin, queries.shape[0]):
        after = _all_near(asked, queries[asked], asked + 1 if is_self else 0, hashes, radius, found, count)
        if after == _FULL:
            return asked, count
        count = after
    return queries.shape[0], count


@compiled
def met_pairs(starts: Table, masks: Places) -> float:
    """How many pairs one band of a set with itself would compare."""
    total = 0.0
    for value in range(starts.shape[0] - 1):
        size = float(starts[value + 1]) - float(starts[value])
        if size:
            total += size * (size - 1) / 2
            for mask in masks[1:]:
                other = value ^ mask
                if other > value:
                    total += size * (float(starts[other + 1]) - float(starts[other]))
    return total


@compiled
def _band_near(at: int, kept: Kept, band: int, plan: Plan, radius: int, found: Found, count: int) -> int:  # noqa: PLR0917
    """Compare one place of a band's order with those behind it that the band meets. Returns as `_met_near`."""
    one = kept.hashes[at]
    value = _value(one, plan.shifts[band], plan.widths[band])
    for mask in plan.masks[plan.mask_starts[band] : plan.mask_starts[band + 1]]:
        other = value ^ mask
        if other < value:
            continue
        for beside in range(kept.starts[other] if mask else at + 1, kept.starts[other + 1]):
            bits = distance(one, kept.hashes[beside])
            if bits <= radius and not _met_before(one, kept.hashes[beside], band, plan):
                if count == found.query.shape[0]:
                    return _FULL
                found.query[count], found.place[count] = kept.order[0, at], kept.order[0, beside]
                found.bits[count] = bits
                count += 1
    return count


@compiled
def band_pairs(kept: Kept, band: int, plan: Plan, radius: int, begin: int, found: Found) -> tuple[int, int]:
    """All pairs of a set with itself that `band` is the first to meet.

    `kept` is of this band alone, its hashes in the band's order. Begins at a place of that order; returns the place to
    go on with, and how many were found. The pairs are places as `kept.order` has them.
    """
    count = 0
    for at in range(begin, kept.hashes.shape[0]):
        after = _band_near(at, kept, band, plan, radius, found, count)
        if after == _FULL:
            return at, count
        count = after
    return kept.hashes.shape[0], count
