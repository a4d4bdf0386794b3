"""The search for near hashes against FAISS IndexBinaryFlat, and all pairs against comparing half the matrix.

One thread each. Hashes are random, as those of unlike pictures are; among the queries are neighbours planted at 24 to
31 bits, and as many at 32 to 40 that must not be found. Both give pairs with distances, and these are compared.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headwater.bench.rows import BenchRow, by_turns, peak_bytes, peer_module
from headwater.match.near import NearIndex, all_pairs, as_words, brute_pairs, self_brute_pairs
from headwater.match.pairs import HASH_BYTES, Hashes, Pairs
from headwater.model.known import RADIUS_BITS

_SEED = 17
_SEARCHES = {100_000: (4000, 3.5), 10_000_000: (200, 10.0)}  # hashes: (queries, the ratio aimed at)
_PAIRS, _PAIRS_TARGET = 100_000, 4.0
_MANY_PAIRS = 1_000_000
_FAMILY = 50  # of a burst: frames that are near each other
Triples = NDArray[np.int64]  # (pairs, 3)


def rows() -> Iterator[BenchRow]:
    """A search among 100,000, and all pairs of 100,000. Raises MissingDependency."""
    yield _search_row(100_000)
    yield _pairs_row(_PAIRS, repeats=1)


def long_rows() -> Iterator[BenchRow]:
    """A search among 10 million, and all pairs of a million, which has no peer that ends within the hour."""
    yield _search_row(10_000_000)
    yield _many_pairs_row()


def hashes_at_random(number: int, seed: int = _SEED) -> Hashes:
    """(number, 32) bytes."""
    return np.random.default_rng(seed).integers(0, 256, (number, HASH_BYTES), np.uint8)


def moved(hashes: Hashes, bits: NDArray[np.int64], rng: np.random.Generator) -> Hashes:
    """Each with so many of its bits turned."""
    each = np.unpackbits(hashes, axis=1)
    for row, turned in zip(each, bits.tolist(), strict=True):
        row[rng.choice(8 * HASH_BYTES, turned, replace=False)] ^= 1
    return np.packbits(each, axis=1)


def _search_row(number: int) -> BenchRow:
    faiss = peer_module("faiss", "faiss-cpu")
    faiss.omp_set_num_threads(1)
    asked, target = _SEARCHES[number]
    hashes, rng = hashes_at_random(number), np.random.default_rng(_SEED + 1)
    queries = moved(hashes[rng.integers(0, number, asked)], 24 + np.arange(asked) % 17, rng)
    index = NearIndex.build(hashes)
    flat = faiss.IndexBinaryFlat(8 * HASH_BYTES)
    flat.add(hashes)
    turns = by_turns(lambda: list(index.near(queries)), lambda: _by_faiss(flat, queries), repeats=3)
    ours = sorted_triples(turns.ours)
    return BenchRow(
        name="near",
        input=f"{asked:,} queries among {number:,} hashes of 256 bits, within {RADIUS_BITS}: {len(ours):,} pairs",
        peer=f"FAISS {faiss.__version__} IndexBinaryFlat, range_search, one thread as ours",
        ours_per_second=asked / turns.ours_seconds,
        peer_per_second=asked / turns.peer_seconds,
        ratio=turns.ratio,
        same_output=np.array_equal(ours, turns.peer),
        peak_memory_bytes=peak_bytes(lambda: list(index.near(queries))),
        unit="queries",
        target=target,
        note="the same pairs with the same distances: recall 1; peak is of this process, both indexes included",
    )


def _by_faiss(flat: Any, queries: Hashes) -> Triples:  # noqa: ANN401 - of a library without types
    limits, distances, places = flat.range_search(queries, RADIUS_BITS + 1)  # it gives what is nearer than that
    asked = np.repeat(np.arange(len(queries)), np.diff(limits.astype(np.int64)))
    return _sorted(np.stack([asked, places.astype(np.int64), distances.astype(np.int64)], axis=1))


def families(number: int) -> Hashes:
    """Random hashes, every tenth of them with a burst of near ones."""
    rng = np.random.default_rng(_SEED)
    singles = hashes_at_random(number * 9 // 10)
    burst = np.repeat(singles[: number // 10 // _FAMILY + 1], _FAMILY, axis=0)[: number - len(singles)]
    return np.concatenate([singles, moved(burst, rng.integers(1, 14, len(burst)), rng)])


def _pairs_row(number: int, *, repeats: int) -> BenchRow:
    hashes = families(number)
    words = as_words(hashes)
    turns = by_turns(lambda: list(all_pairs(hashes)), lambda: list(self_brute_pairs(words)), repeats=repeats)
    ours = undirected(turns.ours)
    return BenchRow(
        name="all pairs",
        input=f"all pairs of {number:,} hashes within {RADIUS_BITS}: {len(ours):,}",
        peer="half of the matrix compared in numba, one thread as ours",
        ours_per_second=1 / turns.ours_seconds,
        peer_per_second=1 / turns.peer_seconds,
        ratio=turns.ratio,
        same_output=np.array_equal(ours, undirected(turns.peer)),
        peak_memory_bytes=peak_bytes(lambda: list(all_pairs(hashes))),
        unit="times",
        target=_PAIRS_TARGET,
        note="every pair once, with its distance",
    )


def _many_pairs_row() -> BenchRow:
    """All pairs of a million; a sample of a thousand is held against comparing each with all."""
    hashes = families(_MANY_PAIRS)
    sample = np.arange(0, _MANY_PAIRS, 1000)
    turns = by_turns(
        lambda: list(all_pairs(hashes)),
        lambda: list(brute_pairs(as_words(hashes[sample]), as_words(hashes))),
        repeats=1,
    )
    ours = undirected(turns.ours)
    of_sample = {tuple(row) for row in ours.tolist() if row[0] % 1000 == 0 or row[1] % 1000 == 0}
    brute = sorted_triples(turns.peer)
    true = {
        (min(one, other), max(one, other), bits)
        for one, other, bits in zip(
            sample[brute[:, 0]].tolist(), brute[:, 1].tolist(), brute[:, 2].tolist(), strict=True
        )
        if one != other
    }
    seconds_of_all = turns.peer_seconds * _MANY_PAIRS / len(sample) / 2
    return BenchRow(
        name="all pairs",
        input=f"all pairs of {_MANY_PAIRS:,} hashes within {RADIUS_BITS}: {len(ours):,} in {turns.ours_seconds:.1f} s",
        peer="half of the matrix, from the time that a thousand of its rows took",
        ours_per_second=1 / turns.ours_seconds,
        peer_per_second=1 / seconds_of_all,
        ratio=seconds_of_all / turns.ours_seconds,
        same_output=of_sample == true,
        peak_memory_bytes=peak_bytes(lambda: list(all_pairs(hashes))),
        unit="times",
        note=f"the pairs of {len(sample):,} of them are compared with all; peak is of this process",
    )


def sorted_triples(batches: list[Pairs]) -> Triples:
    """Query, place and distance of every pair, in order."""
    if not batches:
        return np.empty((0, 3), np.int64)
    columns = [
        np.concatenate([getattr(each, name).astype(np.int64) for each in batches])
        for name in ("query", "place", "distance_bits")
    ]
    return _sorted(np.stack(columns, axis=1))


def undirected(batches: list[Pairs]) -> Triples:
    """The same with the lesser place first."""
    triples = sorted_triples(batches)
    return _sorted(np.concatenate([np.sort(triples[:, :2], axis=1), triples[:, 2:]], axis=1))


def _sorted(triples: Triples) -> Triples:
    return triples[np.lexsort(triples.T[::-1])]
