"""What two videos share, by hand: which frames count, on which side, and by which rule."""

import numpy as np
import pytest

from headwater.match.finder import compared
from headwater.match.video import Shared, frame_rows, shared, video_rule_words
from headwater.model.fingerprint import Fingerprint, VideoPrint
from headwater.model.known import QUALITY_MIN, RADIUS_BITS, VideoRule

RNG = np.random.default_rng(5)
HASHES = [RNG.integers(0, 256, 32, np.uint8) for _ in range(40)]


def off(bits, number):
    flipped = HASHES[number].copy()
    for bit in range(bits):
        flipped[bit // 8] ^= 1 << bit % 8
    return flipped


def video(name, hashes, step=1.0):
    frames = tuple(
        Fingerprint(sha256=name, quality=90, whole=(bytes(each).hex(),), frame_seconds=place * step)
        for place, each in enumerate(hashes)
    )
    return VideoPrint(sha256=name, frames=frames, flat=0)


def share(asking, kept):
    rows, asked = frame_rows(kept), frame_rows(asking)
    return shared(compared(rows.hashes, asked.hashes, RADIUS_BITS), asked, rows.owners, rows.labels)


def test_both_sides_are_counted_and_the_furthest_frame_is_named():
    found = share([video("a", [off(4, 0), off(31, 1), HASHES[20]])], [video("b", HASHES[:10])])
    assert found == {(0, 0): Shared(asked=2, asked_of=3, kept=2, kept_of=10, distance_bits=31)}


def test_a_frame_one_bit_beyond_the_radius_is_not_found():
    assert share([video("a", [off(32, 0)])], [video("b", HASHES[:3])]) == {}


def test_a_picture_that_stands_still_counts_once():
    found = share([video("a", [HASHES[0]] * 9 + [HASHES[30]])], [video("b", [HASHES[0]] * 5 + [HASHES[1]])])
    assert (found[0, 0].asked, found[0, 0].asked_of, found[0, 0].kept, found[0, 0].kept_of) == (1, 2, 1, 2)


def test_frames_between_the_seconds_find_but_are_not_counted_of_the_asking_one():
    asking = video("a", [HASHES[30], HASHES[0], HASHES[31], HASHES[1]], 0.5)  # 0.5 s and 1.5 s are in the list
    found = share([asking], [video("b", HASHES[:2])])[0, 0]
    assert (found.kept, found.kept_of) == (2, 2)
    assert (found.asked, found.asked_of) == (0, 2)
    assert found.fits(VideoRule.KNOWN)
    assert not found.fits(VideoRule.SEIZED)


@pytest.mark.parametrize(("hits", "fits"), [(8, True), (7, False)])
def test_eighty_percent_is_enough_and_less_is_not(hits, fits):
    found = share([video("a", HASHES[:hits])], [video("b", HASHES[:10])])[0, 0]
    assert found.fits(VideoRule.KNOWN) is fits
    assert found.fits(VideoRule.SEIZED)


def test_several_videos_are_kept_apart():
    kept = [video("b", HASHES[:4]), video("c", HASHES[4:8]), video("d", HASHES[2:6])]
    found = share([video("a", HASHES[:4]), video("e", HASHES[4:8])], kept)
    assert {pair: each.kept for pair, each in found.items()} == {(0, 0): 4, (0, 2): 2, (1, 1): 4, (1, 2): 2}


def test_the_rule_says_whose_it_is():
    words = {rule: video_rule_words(rule, RADIUS_BITS, QUALITY_MIN) for rule in VideoRule}
    assert "80% of the frames of the known video" in words[VideoRule.KNOWN]
    assert "README" in words[VideoRule.KNOWN]
    assert "80% of the frames of this video" in words[VideoRule.SEIZED]
    assert "Python code" in words[VideoRule.SEIZED]
