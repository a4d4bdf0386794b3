from dataclasses import dataclass

import numpy as np
import pytest

from headwater.kernels.pdq import VARIANTS, pdq
from headwater.kernels.pdq_parts import insides, part_hashes, small_luma, turned_hashes
from headwater.model.parts import PARTS


@dataclass(frozen=True)
class Plane:
    luma: np.ndarray

    @property
    def height_pixels(self):
        return self.luma.shape[0]

    @property
    def width_pixels(self):
        return self.luma.shape[1]

    def rows(self, first, stop):
        return self.luma[first:stop]


def scene(height=360, width=480, seed=4):
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    light = sum(rng.uniform(10, 30) * np.sin(x * rng.uniform(-0.1, 0.1) + y * rng.uniform(-0.1, 0.1)) for _ in range(9))
    return np.clip(128 + light + rng.normal(0, 3, (height, width)), 0, 255).astype(np.float32)


@pytest.mark.parametrize("kind", [np.uint8, np.float32])
@pytest.mark.parametrize(("height", "width", "side"), [(700, 1300, 2), (256, 300, 1), (1023, 1025, 3), (3, 2000, 1)])
def test_the_small_copy_is_made_of_means(kind, height, width, side):
    luma = scene(height, width).astype(kind)
    small = small_luma(Plane(luma))
    whole = luma[: height - height % side, : width - width % side].astype(np.float64)
    assert small.shape == (height // side, width // side)
    means = whole.reshape(height // side, side, width // side, side).mean(axis=(1, 3))
    assert np.abs(small - means).max() < 1e-3


def test_turns_are_hashed_in_the_order_of_their_names():
    luma = scene()
    turns = dict(zip(VARIANTS, turned_hashes(luma), strict=True))
    made = {
        "original": luma, "rotate90": np.rot90(luma), "rotate180": np.rot90(luma, 2), "rotate270": np.rot90(luma, 3),
        "flip_x": luma[::-1], "flip_y": luma[:, ::-1], "flip_plus1": luma.T, "flip_minus1": np.rot90(luma, 2).T,
    }  # fmt: skip
    assert turns == {name: pdq(np.ascontiguousarray(each)) for name, each in made.items()}
    assert len({each.bits for each in turns.values()}) == 8


def test_every_part_lies_inside_and_has_its_hash():
    luma = scene()
    hashes = part_hashes(luma)
    assert len(hashes) == len(PARTS) == len({part.name for part in PARTS})
    for part, found in zip(PARTS, hashes, strict=True):
        left, top, right, bottom = part.box(480, 360)
        assert 0 <= left < right <= 480
        assert 0 <= top < bottom <= 360
        assert found == pdq(np.ascontiguousarray(luma[top:bottom, left:right]))


def framed(luma, *, top=0, bottom=0, left=0, right=0, tone=255.0):
    return np.pad(luma, ((top, bottom), (left, right)), constant_values=tone)


@pytest.mark.parametrize("border", [
    {"top": 40, "bottom": 40, "left": 50, "right": 50}, {"top": 60, "bottom": 60}, {"left": 30}, {"bottom": 25},
])  # fmt: skip
@pytest.mark.parametrize("tone", [0.0, 118.0, 255.0])
def test_a_border_of_one_tone_is_found(border, tone):
    luma = scene()
    whole = framed(luma, **border, tone=tone)
    found = next(insides(whole))
    height, width = whole.shape
    expected = (
        border.get("left", 0) / width, border.get("top", 0) / height, 1 - border.get("right", 0) / width,
        1 - border.get("bottom", 0) / height,
    )  # fmt: skip
    assert found.box == pytest.approx(expected, abs=0.006)
    distance = int.from_bytes(found.hashes[0].bits, "big") ^ int.from_bytes(pdq(luma).bits, "big")
    assert distance.bit_count() <= 12


def test_words_above_and_below_do_not_hide_the_border():
    luma = scene()
    whole = framed(luma, top=60, bottom=60, tone=20.0)
    whole[20:40, 30:120] = 240.0
    whole[385:420, 200:300] = 240.0
    boxes = [each.box for each in insides(whole)]
    assert any(box == pytest.approx((0, 60 / 480, 1, 420 / 480), abs=0.006) for box in boxes)


def test_a_picture_without_a_border_has_no_inside():
    assert list(insides(scene())) == []
    assert list(insides(np.zeros((0, 0), np.float32))) == []
    assert list(insides(np.full((300, 300), 90, np.float32))) == []
