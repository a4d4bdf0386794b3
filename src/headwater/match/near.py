"""An index that finds every hash within 31 bits of another: built, kept on disk, checked against brute force.

Only worker code imports this; steps ask `headwater.match.finder`.
"""

import mmap
import os
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from headwater.kernels import hamming
from headwater.kernels.hamming import Found, Kept, Plan, Words, plan_for
from headwater.match.pairs import HASH_BYTES, Hashes, Pairs
from headwater.model.errors import HeadwaterError, WrongUse
from headwater.model.known import RADIUS_BITS

FORMAT = 1
_PAIRS = 1 << 20  # given at a time
_CHECKED = 64  # hashes of a build that are looked for by brute force too
_CHECK_BYTES = 1 << 26  # of hashes that they are compared with


class Meta(msgspec.Struct, frozen=True, kw_only=True):
    """What an index on disk says of itself. checked: pairs that the build compared with brute force."""

    format: int
    hashes: int
    checked: int


class NearIndex:
    """Hashes that can be found by near ones. Memory: 96 bytes a hash, or less where it is mapped from a disk."""

    def __init__(self, words: Words, order: NDArray[np.uint32], starts: NDArray[np.uint32], checked: int) -> None:
        self._kept = _kept(words, starts, order)
        self._plan = plan_for(len(words))
        self.checked = checked

    def __len__(self) -> int:
        return len(self._kept.hashes)

    @classmethod
    def build(cls, hashes: Hashes) -> "NearIndex":
        """Build, and look for a sample by brute force: neighbours planted at 24 to 31 bits must be found, and no other.

        `hashes`: (number, 32), most significant byte first. Raises HeadwaterError where a single pair differs.
        """
        words = as_words(hashes)
        plan = plan_for(len(words))
        starts = np.empty(int(plan.value_starts[-1]), np.uint32)
        order = np.empty((len(plan.widths), len(words)), np.uint32)
        for band in range(len(plan.widths)):
            hamming.sort_band(words, plan.shifts[band], plan.widths[band], _table(starts, plan, band), order[band])
        index = cls(words, order, starts, 0)
        index.checked = index._check()
        return index

    def save(self, descriptors: Sequence[int]) -> None:
        """Write it to four open files, as `asks.FILES` has them."""
        meta = msgspec.json.encode(Meta(format=FORMAT, hashes=len(self), checked=self.checked))
        data = (self._kept.hashes, self._kept.order, self._kept.starts)
        views = [memoryview(each.data).cast("B") if each.size else memoryview(b"") for each in data]
        for descriptor, view in zip(descriptors, (*views, memoryview(meta)), strict=True):
            _write(descriptor, view)

    @classmethod
    def load(cls, descriptors: Sequence[int]) -> "NearIndex":
        """Map it from four open files. Raises HeadwaterError where it is of another format, or not whole."""
        sizes = [os.fstat(descriptor).st_size for descriptor in descriptors]
        try:
            meta = msgspec.json.decode(os.pread(descriptors[3], sizes[3], 0), type=Meta)
        except msgspec.MsgspecError as error:
            raise HeadwaterError(f"an index of near hashes is damaged: {error}") from error
        plan = plan_for(meta.hashes)
        wanted = [meta.hashes * HASH_BYTES, 4 * len(plan.widths) * meta.hashes, 4 * int(plan.value_starts[-1])]
        if meta.format != FORMAT or sizes[:3] != wanted:
            raise HeadwaterError(f"an index of near hashes is damaged: {sizes[:3]} bytes where {wanted} belong")
        words, order, starts = map(_mapped, descriptors[:3], (np.uint64, np.uint32, np.uint32))
        bands = len(plan.widths)
        return cls(words.reshape(-1, hamming.WORDS), order.reshape(bands, meta.hashes), starts, meta.checked)

    def near(self, hashes: Hashes, radius_bits: int = RADIUS_BITS) -> Iterator[Pairs]:
        """Every pair of one of `hashes` and one that is kept, at most `radius_bits` apart, each once."""
        check_radius(radius_bits)
        queries = as_words(hashes)
        yield from in_batches(
            lambda begin, found: hamming.near(queries, self._kept, self._plan, radius_bits, begin, found),
            len(queries),
            len(self),
        )

    def _check(self) -> int:
        """Compare a sample, and neighbours planted beside it, with brute force; returns how many pairs agreed."""
        if not len(self):
            return 0
        rng = np.random.default_rng(len(self))
        first = int(rng.integers(0, max(1, len(self) - _CHECK_BYTES // HASH_BYTES + 1)))
        near = self._kept.hashes[first : first + _CHECK_BYTES // HASH_BYTES]
        queries = planted(near[rng.integers(0, len(near), _CHECKED)], rng)
        stop = first + len(near)
        seen = {pair for pair in _triples(self.near(as_bytes(queries))) if first <= pair[1] < stop}
        true = {(one, place + first, bits) for one, place, bits in _triples(brute_pairs(queries, near))}
        if seen != true:
            raise HeadwaterError(f"the index of near hashes differs from brute force in {len(seen ^ true)} pairs")
        return len(true)


def all_pairs(hashes: Hashes, radius_bits: int = RADIUS_BITS) -> Iterator[Pairs]:
    """Every two of `hashes` at most `radius_bits` apart, once, in no order. Memory: about 70 bytes a hash."""
    check_radius(radius_bits)
    words = as_words(hashes)
    plan = _plan_of_pairs(words)
    if plan is None:
        yield from self_brute_pairs(words, radius_bits)
        return
    for band in range(len(plan.widths)):
        yield from _band_pairs(words, plan, band, radius_bits)


def _plan_of_pairs(words: Words) -> Plan | None:
    """The plan to go by; none where bands are so uneven that comparing each with each is less."""
    plan, total = plan_for(0), 0.0  # hashes are met in order here: 16 bits serve any number
    order, starts = np.empty(len(words), np.uint32), np.empty(int(plan.value_starts[1]), np.uint32)
    for band in range(len(plan.widths)):
        hamming.sort_band(words, plan.shifts[band], plan.widths[band], starts, order)
        total += hamming.met_pairs(starts, _masks(plan, band))
    return plan if total <= len(words) * (len(words) - 1) / 2 else None


def _band_pairs(words: Words, plan: Plan, band: int, radius_bits: int) -> Iterator[Pairs]:
    order, starts = np.empty(len(words), np.uint32), np.empty(int(plan.value_starts[1]), np.uint32)
    hamming.sort_band(words, plan.shifts[band], plan.widths[band], starts, order)
    kept = _kept(words[order], starts, order.reshape(1, -1))
    yield from in_batches(
        lambda begin, found: hamming.band_pairs(kept, band, plan, radius_bits, begin, found), len(words), len(words)
    )


def in_batches(some: Callable[[int, Found], tuple[int, int]], number: int, most: int) -> Iterator[Pairs]:
    """Call a kernel until it came to the end; where one query alone has more pairs than fit, with more room."""
    begin, room = 0, min(_PAIRS, max(1, number * most))
    while begin < number:
        found = Found(np.empty(room, np.int64), np.empty(room, np.int64), np.empty(room, np.uint16))
        stop, count = some(begin, found)
        if count:
            yield Pairs(query=found.query[:count], place=found.place[:count], distance_bits=found.bits[:count])
        room = room if stop > begin else min(2 * room, most)
        begin = stop


def brute_pairs(queries: Words, words: Words, radius_bits: int = RADIUS_BITS) -> Iterator[Pairs]:
    """As `NearIndex.near`, by comparing each with each."""
    return in_batches(
        lambda begin, found: hamming.brute(queries, words, radius_bits, False, begin, found),  # noqa: FBT003
        len(queries),
        len(words),
    )


def self_brute_pairs(words: Words, radius_bits: int = RADIUS_BITS) -> Iterator[Pairs]:
    """As `all_pairs`, by comparing each with all behind it."""
    return in_batches(
        lambda begin, found: hamming.brute(words, words, radius_bits, True, begin, found),  # noqa: FBT003
        len(words),
        len(words),
    )


def planted(words: Words, rng: np.random.Generator) -> Words:
    """A neighbour of each at a distance of 24 to 31 bits, in turn."""
    bits = np.unpackbits(as_bytes(words), axis=1)
    for row in range(len(bits)):
        bits[row, rng.choice(8 * HASH_BYTES, 24 + row % 8, replace=False)] ^= 1
    return as_words(np.packbits(bits, axis=1))


def as_words(hashes: Hashes) -> Words:
    """(n, 32) bytes as (n, 4) words, without a copy where that can be. Raises WrongUse for another shape."""
    if hashes.ndim != 2 or hashes.shape[1] != HASH_BYTES or hashes.dtype != np.uint8:
        raise WrongUse(f"hashes are rows of {HASH_BYTES} bytes, not {hashes.dtype} of shape {hashes.shape}")
    return _sealed(np.ascontiguousarray(hashes).view(np.uint64))


def as_bytes(words: Words) -> Hashes:
    """(n, 4) words as (n, 32) bytes."""
    return np.ascontiguousarray(words).view(np.uint8)


def check_radius(radius_bits: int) -> None:
    """Raise WrongUse for a radius at which the search would not be exact."""
    if not 0 <= radius_bits <= RADIUS_BITS:
        raise WrongUse(f"a radius of {radius_bits} bits: near hashes are found exactly from 0 to {RADIUS_BITS}")


def _triples(batches: Iterator[Pairs]) -> Iterator[tuple[int, int, int]]:
    for pairs in batches:
        yield from zip(pairs.query.tolist(), pairs.place.tolist(), pairs.distance_bits.tolist(), strict=True)


def _kept(words: Words, starts: NDArray[np.uint32], order: NDArray[np.uint32]) -> Kept:
    return Kept(_sealed(words), _sealed(starts), _sealed(order))


def _sealed(array: NDArray[Any]) -> NDArray[Any]:
    """The same array as the one type the kernels are compiled for: read-only, whether built or mapped."""
    view = array.view()
    view.flags.writeable = False
    return view


def _table(starts: NDArray[np.uint32], plan: Plan, band: int) -> NDArray[np.uint32]:
    return starts[plan.value_starts[band] : plan.value_starts[band + 1]]


def _masks(plan: Plan, band: int) -> NDArray[np.int64]:
    return plan.masks[plan.mask_starts[band] : plan.mask_starts[band + 1]]


def _mapped(descriptor: int, kind: Any) -> NDArray[Any]:  # noqa: ANN401 - a type of numpy
    size = os.fstat(descriptor).st_size
    if not size:
        return np.empty(0, kind)
    return np.frombuffer(mmap.mmap(descriptor, size, mmap.MAP_SHARED, mmap.PROT_READ), kind)


def _write(descriptor: int, data: memoryview) -> None:
    while data:
        data = data[os.write(descriptor, data[: 1 << 30]) :]
