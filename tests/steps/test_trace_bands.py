"""What lies within 31 bits is found, all of it and nothing else, as comparing each with each finds it."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.steps import trace_bands
from headwater.steps.trace_bands import REACH_BITS, Bands


def slowly(hashes, kept):
    distances = np.bitwise_count(hashes[:, None, :] ^ kept[None, :, :]).sum(axis=2, dtype=np.int64)
    return {(int(a), int(b), int(distances[a, b])) for a, b in zip(*np.nonzero(distances <= REACH_BITS), strict=True)}


def quickly(hashes, kept):
    found = set()
    for rows, others, distances in Bands(kept).near(hashes):
        found |= {*zip(rows.tolist(), others.tolist(), distances.tolist(), strict=True)}
    return found


def turned(rng, hashes, bits):
    """Copies with so many bits turned, anywhere."""
    copies = np.unpackbits(hashes.view(np.uint8), axis=1)
    for copy, count in zip(copies, bits, strict=True):
        copy[rng.permutation(256)[:count]] ^= 1
    return np.packbits(copies, axis=1).view(np.uint64)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 60), st.integers(1, 60))
def test_all_that_is_near_is_found_and_nothing_else(seed, number, kept):
    rng = np.random.default_rng(seed)
    others = rng.integers(0, 1 << 64, (kept, 4), np.uint64)
    chosen = others[rng.integers(0, kept, number)]
    hashes = turned(rng, chosen, rng.integers(0, 36, number))
    assert quickly(hashes, others) == slowly(hashes, others)


def test_bits_spread_evenly_over_the_bands_are_the_hardest_case():
    """31 turned bits, two in fifteen bands and one in the last: still found; one more in that band: too far."""
    kept = np.zeros((1, 4), np.uint64)
    bits = np.zeros((2, 256), np.uint8)
    for band in range(16):
        bits[:, band * 16 : band * 16 + 2] = 1
    bits[0, 255 - 14] = 0
    hashes = np.packbits(bits, axis=1).view(np.uint64)
    assert [distance for _, _, distance in quickly(hashes, kept)] == [31]


def test_many_that_are_the_same_are_compared_in_parts(monkeypatch):
    monkeypatch.setattr(trace_bands, "_PAIRS", 7)
    kept = np.zeros((40, 4), np.uint64)
    assert len(quickly(np.zeros((3, 4), np.uint64), kept)) == 120
