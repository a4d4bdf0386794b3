"""Hashes within a distance of many others, without comparing each with each.

Two hashes of 256 bits that differ in at most 31 differ in at most one bit of at least one of 16 bands of 16 bits, for
two bits in every band would be 32. So each band of each hash, as it is and with each of its bits turned, is looked up
among the bands of the others (Norouzi, Punjani, Fleet, "Fast search in Hamming space with multi-index hashing", 2012);
only what is met there is compared.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

REACH_BITS = 31  # no farther: see above
_BANDS, _VALUES = 16, 1 << 16
_TURNED = np.array([0, *(1 << bit for bit in range(16))], np.uint16)
_PAIRS = 1 << 20  # compared at a time
Hashes = NDArray[np.uint64]  # (number, 4)
Places = NDArray[np.int64]


class Bands:
    """Hashes to be found by others. Memory: about 100 bytes a hash."""

    def __init__(self, hashes: Hashes) -> None:
        self._hashes = hashes
        values = _bands(hashes)
        self._order = [np.argsort(values[:, band], kind="stable").astype(np.int32) for band in range(_BANDS)]
        every = np.arange(_VALUES + 1)
        self._starts = [np.searchsorted(values[order, band], every) for band, order in enumerate(self._order)]

    def near(self, hashes: Hashes) -> Iterator[tuple[Places, Places, Places]]:
        """Places in `hashes`, places among those kept, and distances of at most REACH_BITS; a pair may come again."""
        values = _bands(hashes)
        for band in range(_BANDS):
            probes = (values[:, band, None] ^ _TURNED[None, :]).ravel().astype(np.int64)
            first = self._starts[band][probes]
            counts = self._starts[band][probes + 1] - first
            met = np.flatnonzero(counts)
            for part in _parts(counts[met]):
                chosen = met[part]
                rows, kept = self._pairs(band, chosen, first[chosen], counts[chosen])
                distances = np.bitwise_count(hashes[rows] ^ self._hashes[kept]).sum(axis=1, dtype=np.int64)
                within = distances <= REACH_BITS
                if within.any():
                    yield rows[within], kept[within], distances[within]

    def _pairs(self, band: int, probes: Places, first: Places, counts: Places) -> tuple[Places, Places]:
        """Every probe with each hash of its value: the place of the probe's hash, and that of the other."""
        ends = np.cumsum(counts)
        inside = np.arange(ends[-1]) - np.repeat(ends - counts, counts)
        kept = self._order[band][np.repeat(first, counts) + inside].astype(np.int64)
        return np.repeat(probes // len(_TURNED), counts), kept


def _bands(hashes: Hashes) -> NDArray[np.uint16]:
    return np.ascontiguousarray(hashes).view(np.uint16).reshape(-1, _BANDS)


def _parts(counts: Places) -> Iterator[slice]:
    """Runs of probes that together meet at most _PAIRS hashes, a single one that meets more on its own."""
    ends, start = np.cumsum(counts), 0
    while start < len(counts):
        before = int(ends[start - 1]) if start else 0
        stop = max(start + 1, int(np.searchsorted(ends, before + _PAIRS, side="right")))
        yield slice(start, stop)
        start = stop
