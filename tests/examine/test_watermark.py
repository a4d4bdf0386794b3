"""Pictures marked by the method of the public encoder, written out here anew, and pictures that are not."""

import json
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from headwater.evidence.content import BytesSource
from headwater.examine.view import View
from headwater.examine.watermark import MESSAGES, Watermark, _best
from headwater.model.finding import State

STEP = 36


def coast(height=640, width=808):
    y, x = np.mgrid[0:height, 0:width]
    random = np.random.default_rng(5)
    planes = [100 + 50 * np.sin(x / (37 + 5 * c) + y / 29) + 30 * np.cos(y / 17) for c in range(3)]
    return np.clip(np.stack(planes, -1) + random.normal(0, 12, (height, width, 3)), 0, 255).astype(np.uint8)


def embedded(rgb, bits):
    """Move the greatest Haar term but the first of each block to the lower or upper half of its step."""
    red, green, blue = (rgb[..., channel].astype(np.float64) for channel in range(3))
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    u = np.rint(np.clip((blue - luma) * 0.492 + 128, 0, 255))
    number = 0
    for top in range(0, u.shape[0] // 8 * 8, 8):
        for left in range(0, u.shape[1] // 8 * 8, 8):
            block = u[top : top + 8, left : left + 8]
            frame = block.reshape(4, 2, 4, 2).sum(axis=(1, 3)) / 2
            i, j = divmod(int(np.argmax(frame.ravel()[1:])) + 1, 4)
            wanted = (frame[i, j] // STEP + 0.25 + 0.5 * bits[number % len(bits)]) * STEP
            block[2 * i : 2 * i + 2, 2 * j : 2 * j + 2] += (wanted - frame[i, j]) / 2
            number += 1
    u = np.rint(np.clip(u, 0, 255)) - 128
    new_blue = luma + u / 0.492
    new_green = (luma - 0.299 * red - 0.114 * new_blue) / 0.587
    return np.rint(np.clip(np.stack([red, new_green, new_blue], -1), 0, 255)).astype(np.uint8)


def file_of(rgb, kind="PNG", **options):
    buffer = BytesIO()
    Image.fromarray(rgb).save(buffer, kind, **options)
    return buffer.getvalue()


def one(view):
    (seen,) = Watermark().examine(view)
    return seen


@pytest.mark.parametrize("name", MESSAGES)
def test_a_marked_picture_names_its_message_and_how_well_it_fits(view_of, name):
    seen = one(view_of(file_of(embedded(coast(), MESSAGES[name]))))
    assert seen.state is State.FOUND
    value = json.loads(seen.value)
    assert value["payload"] == name
    assert value["bits"] == len(MESSAGES[name])
    assert value["bits_agreeing"] / value["bits"] > 0.9
    assert value["false_positive_probability"] <= 1e-6


def test_alpha_is_no_matter(view_of):
    rgb = embedded(coast(), MESSAGES["SDXL"])
    rgba = np.dstack([rgb, np.full(rgb.shape[:2], 90, np.uint8)])
    assert json.loads(one(view_of(file_of(rgba))).value)["payload"] == "SDXL"


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_picture_without_a_mark_says_the_best_agreement(view_of, kind):
    seen = one(view_of(file_of(coast(), kind)))
    assert (seen.state, seen.value) == (State.NOTHING, "")
    assert "the best agreement is" in seen.reason


@pytest.mark.parametrize("change", ["halved", "cut", "q75", "other message"])
def test_what_is_no_longer_there_is_not_found(view_of, change):
    marked = embedded(coast(), MESSAGES["SDXL"])
    data = {
        "halved": lambda: file_of(np.asarray(Image.fromarray(marked).resize((404, 320)))),
        "cut": lambda: file_of(marked[3:, 5:]),
        "q75": lambda: file_of(marked, "JPEG", quality=75),
        "other message": lambda: file_of(embedded(coast(), 1 - MESSAGES["SDXL"])),
    }[change]()
    assert one(view_of(data)).state is State.NOTHING


def test_below_the_encoders_own_limit_nothing_is_looked_for(view_of):
    seen = one(view_of(file_of(coast(255, 256))))
    assert seen.state is State.NOT_RUN
    assert "65536" in seen.reason


def test_a_strip_without_blocks_is_not_looked_at(view_of):
    seen = one(view_of(file_of(coast(7, 10_000))))
    assert seen.state is State.NOT_RUN
    assert "0 blocks" in seen.reason


def test_a_picture_without_pixels_is_not_looked_at_for_the_failure_is_the_decoders(view_of):
    seen = one(view_of(file_of(coast())[:60]))
    assert seen.state is State.NOT_RUN
    assert seen.reason.startswith("no pixels can be had: truncated: ")


@given(st.integers(0, 2**32 - 1))
def test_tossed_coins_are_no_mark(seed):
    bits = np.random.default_rng(seed).integers(0, 2, 136 * 40, np.uint8)
    assert _best(bits).state is State.NOTHING


@pytest.mark.parametrize(("wrong", "state"), [(6, State.FOUND), (7, State.NOTHING)])
def test_the_threshold_is_one_in_a_million_over_all_messages(wrong, state):
    """Of 48 bits 41 agree in 3.1e-7 of tosses, which times four is too often; 42 agree in 5.0e-8."""
    said = MESSAGES["SDXL"].copy()
    said[:wrong] ^= 1
    seen = _best(np.resize(said, 48 * 40))
    assert seen.state is state


@given(st.data())
def test_cut_and_changed_files_raise_nothing(data):
    whole = bytearray(SMALL)
    for _ in range(data.draw(st.integers(0, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(whole[: data.draw(st.integers(0, len(whole)))])
    view = View(sha256="", size_bytes=len(cut), name=b"", media_type="image/png", source=BytesSource(cut))
    assert one(view).state in State


SMALL = Watermark().examples()[0].data
