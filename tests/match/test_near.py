import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.kernels import hamming
from headwater.match import finder as finder_module
from headwater.match import near as near_module
from headwater.match.asks import FILES
from headwater.match.finder import Finder
from headwater.match.near import NearIndex, all_pairs, as_words
from headwater.match.pairs import hash_rows
from headwater.model.errors import HeadwaterError, WrongUse
from headwater.steps.runner import kernel_cache


def triples(batches):
    found = [
        pair
        for pairs in batches
        for pair in zip(pairs.query.tolist(), pairs.place.tolist(), pairs.distance_bits.tolist(), strict=True)
    ]
    assert len(found) == len(set(found))
    return set(found)


def by_comparing(queries, hashes, radius):
    bits = np.unpackbits(queries[:, None] ^ hashes[None], axis=2).sum(axis=2, dtype=np.int64)
    return {
        (int(one), int(other), int(bits[one, other])) for one, other in zip(*np.nonzero(bits <= radius), strict=True)
    }


def moved(rng, hashes, most):
    bits = np.unpackbits(hashes, axis=1)
    for row in bits:
        row[rng.choice(256, int(rng.integers(0, most + 1)), replace=False)] ^= 1
    return np.packbits(bits, axis=1)


def families(rng, number, kind):
    """Hashes as uneven as a seizure has them."""
    if kind == "flat":  # few bits set
        return np.packbits(rng.random((number, 256)) < 0.02, axis=1)
    if kind == "burst":  # frames of one scene
        return moved(rng, np.repeat(rng.integers(0, 256, (1, 32), np.uint8), number, axis=0), 6)
    if kind == "half":  # all of one half
        hashes = rng.integers(0, 256, (number, 32), np.uint8)
        hashes[:, :16] = 7
        return hashes
    return rng.integers(0, 256, (number, 32), np.uint8)


@settings(deadline=None, max_examples=60)
@given(
    seed=st.integers(0, 2**32 - 1), number=st.integers(1, 400), radius=st.integers(0, 31),
    kind=st.sampled_from(["flat", "burst", "half", "even"]), many=st.booleans(),
)  # fmt: skip
def test_the_index_finds_what_comparing_finds(seed, number, radius, kind, many):
    rng = np.random.default_rng(seed)
    hashes = families(rng, number, kind)
    queries = np.concatenate([moved(rng, hashes[:40], 34), rng.integers(0, 256, (5, 32), np.uint8)])
    with pytest.MonkeyPatch.context() as patch:
        if many and number % 10 == 0:  # the wide bands fill tables of 128 MB: not at every example
            patch.setattr(hamming, "MANY_HASHES", 0)
        assert triples(NearIndex.build(hashes).near(queries, radius)) == by_comparing(queries, hashes, radius)


@settings(deadline=None, max_examples=60)
@given(
    seed=st.integers(0, 2**32 - 1), number=st.integers(0, 300), radius=st.integers(0, 31),
    kind=st.sampled_from(["flat", "burst", "half", "even"]),
)  # fmt: skip
def test_all_pairs_gives_each_pair_once(seed, number, radius, kind):
    rng = np.random.default_rng(seed)
    hashes = families(rng, number, kind)
    hashes = np.concatenate([hashes, moved(rng, hashes, 40)])
    found = {(min(one, other), max(one, other), bits) for one, other, bits in triples(all_pairs(hashes, radius))}
    assert found == {pair for pair in by_comparing(hashes, hashes, radius) if pair[0] < pair[1]}


def test_more_pairs_than_fit_come_in_batches(monkeypatch):
    monkeypatch.setattr(near_module, "_PAIRS", 50)
    hashes = np.zeros((300, 32), np.uint8)
    index = NearIndex.build(hashes)
    batches = list(index.near(hashes[:3]))
    assert len(batches) > 1
    assert len(triples(iter(batches))) == 900
    assert sum(len(pairs) for pairs in all_pairs(hashes)) == 300 * 299 // 2


def test_an_index_without_hashes_finds_nothing():
    none = np.empty((0, 32), np.uint8)
    assert triples(NearIndex.build(none).near(np.zeros((2, 32), np.uint8))) == set()
    assert triples(all_pairs(none)) == set()


@pytest.mark.parametrize("radius", [-1, 32])
def test_a_radius_at_which_it_would_not_be_exact_is_refused(radius):
    index = NearIndex.build(np.zeros((1, 32), np.uint8))
    with pytest.raises(WrongUse, match="from 0 to 31"):
        list(index.near(np.zeros((1, 32), np.uint8), radius))


def test_a_build_that_would_miss_a_neighbour_fails(monkeypatch):
    rng = np.random.default_rng(2)
    whole = hamming.sort_band

    def careless(words, shift, width, starts, order):
        whole(words, shift, width, starts, order)
        order[:] = 0

    monkeypatch.setattr(hamming, "sort_band", careless)
    with pytest.raises(HeadwaterError, match="differs from brute force"):
        NearIndex.build(rng.integers(0, 256, (500, 32), np.uint8))


def test_hashes_of_another_width_are_refused():
    with pytest.raises(WrongUse, match="rows of 32 bytes"):
        as_words(np.zeros((1, 31), np.uint8))


@pytest.fixture
def finder():
    with Finder(unsafe=False, cache_folder=kernel_cache()) as made:
        yield made


def test_an_index_on_disk_is_searched_in_the_jail(finder, tmp_path):
    rng = np.random.default_rng(3)
    hashes = rng.integers(0, 256, (3000, 32), np.uint8)
    queries = moved(rng, hashes[:200], 33)
    finder.build(hashes, tmp_path)
    true = by_comparing(queries, hashes, 31)
    assert triples(finder.near(tmp_path, queries)) == true
    assert triples(finder.near(hashes, queries)) == true
    assert triples(finder.near(tmp_path, queries, 25)) == {pair for pair in true if pair[2] <= 25}


@pytest.mark.parametrize(("number", "asked"), [(0, 5), (5, 0), (1, 1), (700, 300), (3, 900)])
def test_few_are_compared_without_a_worker(finder, monkeypatch, number, asked):
    monkeypatch.setattr(finder_module, "_COMPARED", 1000)
    rng = np.random.default_rng(number)
    hashes = rng.integers(0, 256, (number, 32), np.uint8)
    queries = rng.integers(0, 256, (asked, 32), np.uint8)
    near = min(number, asked)
    queries[:near] = moved(rng, hashes[:near], 40)
    assert triples(finder.near(hashes, queries, 29)) == by_comparing(queries, hashes, 29)
    assert finder._child is None


@pytest.mark.parametrize("name", FILES)
def test_an_index_that_was_cut_off_is_no_index(finder, tmp_path, name):
    finder.build(np.zeros((10, 32), np.uint8), tmp_path)
    os.truncate(tmp_path / name, 7)
    with pytest.raises(HeadwaterError, match="damaged"):
        list(finder.near(tmp_path, np.zeros((1, 32), np.uint8)))


def test_hash_rows_are_in_the_order_of_their_digits():
    assert hash_rows(["ab" + "00" * 31]).tolist() == [[0xAB] + [0] * 31]
