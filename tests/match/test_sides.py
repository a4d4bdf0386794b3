import numpy as np
import pytest

from headwater.match.sides import (
    asking_rows,
    asks_by_part,
    fits,
    is_part,
    kept_rows,
    rule_words,
    variant_words,
)
from headwater.model.fingerprint import Fingerprint
from headwater.model.parts import PARTS


def text(number):
    return f"{number:064x}"


WHOLE = tuple(text(number) for number in range(8))
BARE = Fingerprint(sha256="a", quality=90, whole=WHOLE)
FULL = Fingerprint(
    sha256="b", quality=90, whole=WHOLE, turned=tuple(text(number) for number in range(10, 18)),
    insides=(tuple(text(number) for number in range(20, 28)), tuple(text(number) for number in range(30, 38))),
    parts=tuple("" if place == 2 else text(100 + place) for place in range(len(PARTS))),
)  # fmt: skip


def test_a_bare_fingerprint_keeps_one_hash_and_asks_with_eight():
    hashes, labels = kept_rows(BARE)
    assert (hashes.tolist(), labels.tolist()) == ([[0] * 32], [0])
    hashes, labels = asking_rows(BARE)
    assert labels.tolist() == [*range(8)]
    assert hashes[:, -1].tolist() == [*range(8)]


def test_a_full_one_keeps_its_parts_and_insides_once_and_leaves_flat_parts_out():
    hashes, labels = kept_rows(FULL)
    assert len(labels) == len(set(labels.tolist())) == 1 + len(PARTS) - 1 + 2
    assert hashes[is_part(labels)][:, -1].tolist() == [100 + place for place in range(len(PARTS)) if place != 2]
    hashes, labels = asking_rows(FULL)
    assert len(labels) == len(set(labels.tolist())) == 8 + 7 + 16 + len(PARTS) - 1
    assert hashes[asks_by_part(labels)][:, -1].tolist() == [100 + place for place in range(len(PARTS)) if place != 2]


def test_a_part_meets_wholes_only():
    _, kept = kept_rows(FULL)
    _, asking = asking_rows(FULL)
    one, other = (each.ravel() for each in np.meshgrid(kept, asking))
    near = fits(one, other, np.zeros(len(one), np.uint16), 31)
    whole = other < 16  # in eight turns, twice
    assert near[is_part(one)].tolist() == whole[is_part(one)].tolist()
    assert near[asks_by_part(other)].tolist() == (one == 0)[asks_by_part(other)].tolist()
    assert near[~is_part(one) & ~asks_by_part(other)].all()


@pytest.mark.parametrize("radius", [0, 10, 31])
def test_nothing_beyond_the_radius_counts(radius):
    bits = np.arange(40, dtype=np.uint16)
    labels = np.zeros(40, np.uint8)
    assert fits(labels, labels, bits, radius).sum() == radius + 1


def test_every_pair_has_words_that_tell_it_from_the_others():
    _, kept = kept_rows(FULL)
    _, asking = asking_rows(FULL)
    assert variant_words(0, 0) == "original"
    assert variant_words(0, 5) == variant_words(0, 13) == "flip_y"
    words = {(one, other): variant_words(one, other) for one in kept.tolist() for other in asking.tolist()}
    assert all(words.values())
    parts = {words[0, other] for other in asking.tolist() if other >= 32}
    assert len(parts) == len(PARTS) - 1
    assert all(("," in said) == (one != 0 or other >= 16) for (one, other), said in words.items())


def test_the_rule_names_its_figures():
    assert rule_words(20, 60) == (
        "PDQ within 20 of 256 bits in any of eight turns and mirrors, parts and borders within 20, quality 60 or more"
    )
