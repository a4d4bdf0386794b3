"""The kernel against a slow, plain reading of the method in floats, and against a message embedded here."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.kernels.dwtdct import block_bits, message

STEP = 36


def plane_of(rgb):
    """U of OpenCV's BGR2YUV, rounded to 8 bits as the integer formulas do it."""
    red, green, blue = (rgb[:, :, channel].astype(np.float64) for channel in range(3))
    luma = np.floor((4899 * red + 9617 * green + 1868 * blue) / 16384 + 0.5)
    return np.clip(np.floor((blue - luma) * 8061 / 16384 + 0.5) + 128, 0, 255)


def haar(plane):
    return (plane[0::2, 0::2] + plane[0::2, 1::2] + plane[1::2, 0::2] + plane[1::2, 1::2]) / 2


def slow_bits(rgb):
    height, width = rgb.shape[0] // 8 * 8, rgb.shape[1] // 8 * 8
    frame = haar(plane_of(rgb[:height, :width]))
    found = []
    for row in range(0, frame.shape[0], 4):
        for column in range(0, frame.shape[1], 4):
            block = np.abs(frame[row : row + 4, column : column + 4].ravel())
            found.append(block[np.argmax(block[1:]) + 1] % STEP > STEP / 2)
    return np.array(found, np.uint8)


def scene(height, width, seed=0):
    random = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    hills = [90 + 60 * np.sin(x / (20 + 9 * c) + y / 31) + 40 * np.cos(y / (50 + c)) for c in range(3)]
    return np.clip(np.stack(hills, axis=-1) + random.normal(0, 3, (height, width, 3)), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("size", [(8, 8), (64, 40), (203, 149), (7, 300), (300, 7)])
def test_the_bits_are_those_of_the_plain_reading(size):
    rgb = scene(*size)
    assert np.array_equal(block_bits(rgb), slow_bits(rgb))


@given(st.integers(0, 2**32 - 1), st.integers(0, 40), st.integers(0, 40))
def test_noise_and_flat_colours_too(seed, height, width):
    random = np.random.default_rng(seed)
    for rgb in (
        random.integers(0, 256, (height, width, 3), np.uint8),
        np.full((height, width, 3), random.integers(0, 256, 3), np.uint8),
    ):
        assert np.array_equal(block_bits(rgb), slow_bits(rgb))


def test_a_mirrored_view_of_the_same_memory_is_read_as_it_stands():
    rgb = scene(64, 72)
    assert np.array_equal(block_bits(rgb[:, ::-1]), slow_bits(rgb[:, ::-1].copy()))
    assert not np.array_equal(block_bits(rgb[:, ::-1]), block_bits(rgb))


def test_the_blocks_vote_and_an_even_vote_is_a_one():
    votes = np.array([1, 0, 0, 1, 1, 0, 0, 0, 1, 1], np.uint8)  # places 0 1 2, four and three times
    assert message(votes, 3).tolist() == [1, 0, 0]
    assert message(np.array([1, 0, 0, 1], np.uint8), 2).tolist() == [1, 1]
