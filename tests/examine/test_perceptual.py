import json
from collections.abc import Callable
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from headwater.examine.perceptual import Perceptual
from headwater.examine.view import View
from headwater.kernels import pdq
from headwater.model.finding import State


@pytest.mark.parametrize("example", Perceptual().examples(), ids=lambda example: example.name)
def test_its_examples_hold(view_of: Callable[..., View], example) -> None:
    seen = {one.claim: one.value for one in Perceptual().examine(view_of(example.data)) if one.state is State.FOUND}
    for claim, value in example.expected:
        assert claim in seen
        assert value in (None, seen[claim])


def test_the_stored_hashes_are_the_kernels(view_of: Callable[..., View], png: bytes) -> None:
    rgb = np.asarray(Image.open(BytesIO(png)).convert("RGB"))
    expected = pdq.dihedral(pdq.luma_from_rgb(rgb))
    seen = {one.claim: one.value for one in Perceptual().examine(view_of(png))}
    assert seen["perceptual.pdq"] == str(expected[0])
    assert seen["perceptual.pdq_quality"] == str(expected[0].quality)
    assert json.loads(seen["perceptual.pdq_dihedral"]) == [str(turned) for turned in expected]


def test_a_jpeg_is_near_its_original_and_its_mirror_among_the_turns(view_of: Callable[..., View], png: bytes) -> None:
    image = Image.open(BytesIO(png)).convert("RGB")
    buffer = BytesIO()
    image.transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(buffer, "JPEG", quality=80)
    original = {one.claim: one.value for one in Perceptual().examine(view_of(png))}
    mirrored = {one.claim: one.value for one in Perceptual().examine(view_of(buffer.getvalue()))}
    distances = [
        (int(turned, 16) ^ int(original["perceptual.pdq"], 16)).bit_count()
        for turned in json.loads(mirrored["perceptual.pdq_dihedral"])
    ]
    assert distances.index(min(distances)) == pdq.VARIANTS.index("flip_y")
    assert min(distances) <= 31 < distances[0]


def test_a_picture_without_pixels_fails_with_a_reason(view_of: Callable[..., View], png: bytes) -> None:
    seen = list(Perceptual().examine(view_of(png[:40])))
    assert [one.claim for one in seen] == list(Perceptual().claims)
    assert all(one.state is State.FAILED and one.reason for one in seen)
