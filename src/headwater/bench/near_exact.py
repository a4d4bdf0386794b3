"""Whether the index finds what comparing each with each finds: among many hashes, and among uneven ones.

Run: ``python -m headwater.bench.near_exact --hashes 10000000``. Exit 1 where a single pair differs.
"""

import argparse
import time
from collections.abc import Iterator, Sequence

import numpy as np

from headwater.bench.near import hashes_at_random, moved, sorted_triples
from headwater.match.near import NearIndex, as_words, brute_pairs
from headwater.match.pairs import HASH_BYTES, Hashes

_QUERIES = 256
_SEED = 23


def cases(number: int) -> Iterator[tuple[str, Hashes, Hashes]]:
    """Name, hashes and queries: neighbours planted at every distance from 24 to 31, and beyond."""
    rng = np.random.default_rng(_SEED)
    distances = np.arange(_QUERIES) % 12 + 24  # 24 to 35
    even = hashes_at_random(number)
    yield "unlike pictures", even, moved(even[rng.integers(0, number, _QUERIES)], distances, rng)
    some = max(2, number // 10)
    flat = np.packbits(rng.random((some, 8 * HASH_BYTES)) < 0.03, axis=1)
    yield "flat pictures: few bits set", flat, moved(flat[rng.integers(0, some, _QUERIES)], distances, rng)
    burst = _burst(some, rng)
    yield "bursts of near-identical frames", burst, moved(burst[rng.integers(0, some, _QUERIES)], distances, rng)
    half = hashes_at_random(some, _SEED)
    half[:, : HASH_BYTES // 2] = 0x5A
    yield "all of one half: half the bands even", half, moved(half[rng.integers(0, some, _QUERIES)], distances, rng)
    same = np.repeat(hashes_at_random(max(1, some // 100), _SEED), 100, axis=0)
    yield "each a hundred times", same, moved(same[rng.integers(0, len(same), _QUERIES)], distances, rng)


def _burst(number: int, rng: np.random.Generator) -> Hashes:
    scenes = hashes_at_random(max(1, number // 1000), _SEED)
    frames = np.repeat(scenes, 1000, axis=0)[:number]
    noise = np.packbits(rng.random((len(frames), 8 * HASH_BYTES)) < 0.02, axis=1)
    return frames ^ noise


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a line a case; exit 1 where one differs."""
    parser = argparse.ArgumentParser(prog="python -m headwater.bench.near_exact", description=__doc__)
    parser.add_argument("--hashes", type=int, default=10_000_000)
    given = parser.parse_args(arguments)
    differing = 0
    for name, hashes, queries in cases(given.hashes):
        began = time.perf_counter()
        index = NearIndex.build(hashes)
        built = time.perf_counter() - began
        ours = sorted_triples(list(index.near(queries)))
        true = sorted_triples(list(brute_pairs(as_words(queries), as_words(hashes))))
        is_same = np.array_equal(ours, true)
        differing += not is_same
        by_bits = np.bincount(true[:, 2], minlength=32)[24:32].tolist()
        print(
            f"{name:40} {len(hashes):>10,} hashes  built in {built:6.1f} s  {len(true):>9,} pairs, "
            f"at 24 to 31 bits {by_bits}: {'the same' if is_same else 'DIFFERS'}"
        )
    return 1 if differing else 0


if __name__ == "__main__":
    raise SystemExit(main())
