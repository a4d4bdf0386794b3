import numpy as np
import pytest

from headwater.kernels import hamming


@pytest.mark.parametrize("hashes", [0, hamming.MANY_HASHES])
def test_a_plan_cuts_every_bit_once_and_leaves_nobody_within_31(hashes):
    plan = hamming.plan_for(hashes)
    assert plan.shifts[0] == 0
    assert (plan.shifts[1:] == np.cumsum(plan.widths)[:-1]).all()
    assert plan.widths.sum() == 256
    assert (plan.reaches + 1).sum() == 32
    for band, (start, stop) in enumerate(zip(plan.mask_starts, plan.mask_starts[1:], strict=False)):
        masks = plan.masks[start:stop]
        assert len(set(masks.tolist())) == len(masks)
        assert int(np.bitwise_count(masks).max()) == plan.reaches[band]


def test_distance_counts_the_bits_that_differ():
    rng = np.random.default_rng(5)
    words = rng.integers(0, 1 << 63, (50, 4)).astype(np.uint64)
    words.flags.writeable = False
    for one, other in zip(words, words[::-1], strict=True):
        assert hamming.distance(one, other) == int(np.bitwise_count(one ^ other).sum())
