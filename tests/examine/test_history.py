"""Once or twice compressed landscapes made by code: what is said of them, and the quality they had before."""

import json
from functools import cache
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from headwater.bench.recompression import answer, pictures
from headwater.evidence.content import BytesSource
from headwater.examine.history import History
from headwater.examine.jpeg_history import block_coefficients, look_back
from headwater.examine.view import View
from headwater.formats.jpeg_standard import luma_table
from headwater.model.finding import State


@cache
def landscape():
    return next(iter(pictures(1)))


def jpeg(pixels, quality, **options):
    out = BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", quality=quality, **options)
    return out.getvalue()


def again(data, quality, *, crop=0):
    with Image.open(BytesIO(data)) as image:
        return jpeg(np.asarray(image.convert("RGB"))[crop:, crop:], quality)


def said(data):
    view = View(sha256="", size_bytes=len(data), name=b"", source=BytesSource(data=data))
    assert History().accepts(view)
    return next(iter(History().examine(view)))


@pytest.mark.parametrize("quality", [75, 85, 95])
def test_compressed_once_there_is_no_sign(quality):
    assert json.loads(said(jpeg(landscape(), quality)).value)["recompressed"] == "no sign"


@pytest.mark.parametrize(("before", "after"), [(50, 85), (70, 90), (80, 95)])
def test_compressed_before_at_less_it_is_seen_with_its_quality(before, after):
    found = json.loads(said(again(jpeg(landscape(), before), after)).value)
    assert found["recompressed"] == "yes"
    low, high = found["earlier_quality"]
    assert low - 2 <= before <= high + 2
    assert answer(again(jpeg(landscape(), before), after), before) == "yes, near"


def test_on_another_grid_nothing_is_seen():
    assert json.loads(said(again(jpeg(landscape(), 70), 90, crop=3)).value)["recompressed"] == "no sign"


def test_a_flat_or_small_picture_cannot_be_told():
    flat = np.full((400, 400, 3), 128, np.uint8)
    assert json.loads(said(jpeg(flat, 90)).value)["recompressed"] == "cannot say"
    assert json.loads(said(jpeg(landscape()[:64, :64], 90)).value)["recompressed"] == "cannot say"


def test_without_pixels_it_was_not_run_with_the_reason():
    data = jpeg(landscape(), 90)
    found = said(data[: data.index(b"\xff\xda") + 2])
    assert found.state is State.NOT_RUN
    assert ": " in found.reason


def test_the_transform_is_orthonormal():
    rng = np.random.default_rng(5)
    luma = rng.integers(20, 230, (64, 64), dtype=np.uint8)
    found = block_coefficients(luma, range(64))
    blocks = luma.reshape(8, 8, 8, 8).swapaxes(1, 2).reshape(64, 64).astype(float) - 128
    assert np.allclose((found**2).sum(axis=1), (blocks**2).sum(axis=1), rtol=1e-3)
    assert np.allclose(found[:, 0], blocks.sum(axis=1) / 8, atol=0.5)


def test_the_same_plane_gives_the_same_figures():
    luma = np.ascontiguousarray(landscape()[:, :, 1])
    assert look_back(luma, luma_table(90)) == look_back(luma.copy(), luma_table(90))
