"""Comparison as it is counted in a validation: own originals, false pairs, pairs and files that were asked."""

from dataclasses import replace

import numpy as np
import pytest

from headwater.match.finder import Finder
from headwater.model.fingerprint import Fingerprint, VideoPrint
from headwater.steps.runner import kernel_cache
from headwater.steps.validation.comparing import Comparer
from headwater.steps.validation.grades import NONE
from headwater.steps.validation.observe import Observed


def text(seed):
    return np.random.default_rng(seed).bytes(32).hex()


def flipped(hash_text, bits):
    return f"{int(hash_text, 16) ^ ((1 << bits) - 1):064x}"


def picture(number, hash_text=""):
    whole = hash_text or text(number)
    return Observed(
        sha256=f"{number:064x}", size_bytes=1, media_type="image/png", width_pixels=8, height_pixels=8, pdq=whole,
        grade=NONE, print_=Fingerprint(sha256=f"{number:064x}", quality=90, whole=(whole,) * 8),
    )  # fmt: skip


def film(number, seeds):
    frames = tuple(
        Fingerprint(sha256=f"{number:064x}", quality=90, whole=(text(seed),), frame_seconds=float(second))
        for second, seed in enumerate(seeds)
    )
    return replace(picture(number), print_=None, video=VideoPrint(sha256=f"{number:064x}", frames=frames, flat=0))


@pytest.fixture
def compare():
    with Finder(unsafe=False, cache_folder=kernel_cache()) as finder:
        yield lambda rows, originals, seen: {
            each.method: each for each in Comparer(rows, originals, finder).compare("original", seen)
        }


def test_own_originals_and_false_pairs_are_counted_apart(compare, make_row):
    rows = [make_row(line, group="coast" if line < 3 else f"g{line}", source=f"s{line % 2}") for line in range(1, 6)]
    originals = {line: picture(line) for line in range(1, 5)} | {5: replace(picture(5), print_=None)}
    copies = {
        1: picture(101, flipped(text(1), 31)),  # its own
        2: picture(102, flipped(text(1), 20)),  # another of its group: neither own nor false
        3: picture(103, flipped(text(3), 32)),  # too far
        4: picture(104, flipped(text(3), 10)),  # another group's
        5: picture(105, text(77)),
    }
    found = compare(rows, originals, copies)
    assert [*found] == ["SHA-256", "PDQ"]
    pdq = found["PDQ"]
    assert (pdq.set_size, pdq.queries, pdq.not_compared, pdq.own, pdq.with_own) == (4, 5, 0, 1, 4)
    assert (pdq.false, pdq.unlike) == (1, 2 + 2 + 3 + 3 + 4)
    assert (pdq.rate.wrong, pdq.rate.named, pdq.rate.groups, pdq.rate.groups_wrong) == (1, 5, 4, 1)
    assert [*pdq.pairs] == [f"{rows[3].path} and {rows[2].path}"]
    digest = found["SHA-256"]
    assert (digest.set_size, digest.own, digest.with_own, digest.false) == (5, 0, 5, 0)


def test_one_content_in_two_groups_is_a_false_match_by_digest_too(compare, make_row):
    rows = [make_row(1), make_row(2)]
    originals = {1: picture(7), 2: picture(7)}
    found = compare(rows, originals, originals)
    for each in found.values():
        assert (each.own, each.with_own, each.false, each.unlike, each.rate.wrong) == (2, 2, 2, 2, 2)


def test_videos_are_compared_by_both_rules(compare, make_row):
    rows = [make_row(line) for line in range(1, 5)]
    seen = {
        1: film(1, range(100, 110)),
        2: film(2, range(100, 104)),  # a cut of the first
        3: film(3, range(200, 210)),
        4: replace(picture(4), print_=None),
    }
    found = compare(rows, seen, seen)
    assert [*found] == ["SHA-256", "vPDQ, known", "vPDQ, seized"]
    for rule, pair in (("known", "1.png and 2.png"), ("seized", "2.png and 1.png")):
        each = found[f"vPDQ, {rule}"]
        assert (each.set_size, each.queries, each.not_compared, each.own, each.false) == (3, 3, 1, 3, 1)
        assert [*each.pairs] == [pair]
