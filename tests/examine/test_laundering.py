"""Laundered copies: what is left, what is gone, and that no bytes raise anything but an EvidenceError."""

from contextlib import suppress
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from headwater.examine.laundering.recipes import RECIPES
from headwater.examine.laundering.strip import strip
from headwater.examine.laundering.worker import launder, prepare
from headwater.formats.signature import media_type
from headwater.model.errors import EvidenceError
from headwater.steps.validation.copies import Launderer

NAMES = [recipe.name for recipe in RECIPES]
SECRET = b"lamp-keeper"


def picture(width=64, height=48, mode="RGB"):
    y, x = np.mgrid[0:height, 0:width]
    rgb = np.stack([x * 3 % 256, y * 5 % 256, (x + y) % 256], axis=-1).astype(np.uint8)
    return Image.fromarray(rgb).convert(mode)


def exif():
    found = Image.Exif()
    found[0x010F] = SECRET.decode()
    return found


def saved(kind, image=None, **options):
    out = BytesIO()
    (image or picture()).save(out, kind, **options)
    return out.getvalue()


def with_metadata(kind, **options):
    if kind == "PNG":
        info = PngInfo()
        info.add_text("parameters", SECRET.decode())
        options["pnginfo"] = info
    if kind == "JPEG":
        options["comment"] = SECRET
    return saved(kind, exif=exif(), **options) + (SECRET if kind != "WEBP" else b"")


def pixels(data):
    return np.asarray(Image.open(BytesIO(data)).convert("RGBA"))


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("JPEG", {}),
        ("JPEG", {"progressive": True}),
        ("PNG", {}),
        ("WEBP", {"lossless": True}),
        ("WEBP", {"quality": 80}),
    ],
)
def test_stripping_leaves_the_same_pixels_and_no_metadata(kind, options):
    data = with_metadata(kind, **options)
    assert SECRET in data
    stripped = launder(data, "stripped")
    assert SECRET not in stripped
    assert Image.open(BytesIO(stripped)).format == kind  # not encoded again
    assert np.array_equal(pixels(stripped), pixels(data))
    assert strip(stripped, media_type(stripped, len(stripped))) == stripped


def test_a_restart_marker_and_a_stuffed_byte_are_part_of_a_scan():
    data = saved("JPEG", picture(200, 160), quality=95, restart_marker_blocks=2)
    assert any(bytes([0xFF, 0xD0 + n]) in data for n in range(8))
    assert np.array_equal(pixels(launder(data, "stripped")), pixels(data))


@pytest.mark.parametrize("kind", ["TIFF", "GIF", "BMP"])
def test_other_formats_are_stripped_into_a_png_of_the_same_pixels(kind):
    data = saved(kind)
    stripped = launder(data, "stripped")
    assert stripped.startswith(b"\x89PNG")
    assert np.array_equal(pixels(stripped), pixels(data))


def test_a_resave_keeps_exif_and_loses_text_chunks():
    data = with_metadata("PNG")
    for name in ("jpeg_q75", "resize_half_q75", "reencode_q90_both"):
        made = Image.open(BytesIO(launder(data, name)))
        assert made.format == "JPEG"
        assert made.getexif()[0x010F] == SECRET.decode()
        assert made.size == ((32, 24) if name == "resize_half_q75" else (64, 48))
        assert "parameters" not in made.info


def test_a_higher_quality_is_another_copy():
    assert len(launder(saved("PNG"), "jpeg_q75")) < len(launder(saved("PNG"), "reencode_q90_both"))


def test_a_screenshot_is_a_bare_png_of_a_screen():
    for data in (with_metadata("JPEG"), saved("PNG", picture(4000, 1000))):
        made = launder(data, "screenshot")
        assert SECRET not in made
        image = Image.open(BytesIO(made))
        assert (image.size, image.info) == ((1920, 1080), {})
    middle = np.asarray(Image.open(BytesIO(launder(saved("PNG"), "screenshot"))))[516:564, 928:992]
    assert np.array_equal(middle, np.asarray(picture()))  # never enlarged


def test_alpha_is_laid_on_white():
    image = picture(mode="RGBA")
    image.putalpha(0)
    made = np.asarray(Image.open(BytesIO(launder(saved("PNG", image), "jpeg_q75"))))
    assert made.min() == 255


@pytest.mark.parametrize("name", NAMES)
def test_two_copies_are_the_same_bytes(name):
    data = with_metadata("JPEG")
    assert launder(data, name) == launder(data, name)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "data", [b"", b"clear sky\n", b"GIF89a", b"\x89PNG\r\n\x1a\n"], ids=["0", "text", "gif", "png"]
)
def test_what_is_no_picture_has_no_copy(name, data):
    if name == "stripped" and data[1:4] == b"PNG":
        assert launder(data, name) == data  # there is nothing to take away
    else:
        with pytest.raises(EvidenceError):
            launder(data, name)


@settings(max_examples=60)
@given(
    data=st.data(), kind=st.sampled_from(["image/jpeg", "image/png", "image/webp"]),
    start=st.sampled_from([b"\xff\xd8", b"\x89PNG\r\n\x1a\n", b"RIFF\0\0\0\0WEBP"]),
)  # fmt: skip
def test_random_bytes_raise_nothing_else(data, kind, start):
    with suppress(EvidenceError):
        strip(start + data.draw(st.binary(max_size=300)), kind)


@settings(max_examples=60)
@given(
    kind=st.sampled_from(["JPEG", "PNG", "WEBP"]), name=st.sampled_from(NAMES), cut=st.integers(0, 3000),
    at=st.integers(0, 3000), value=st.integers(0, 255),
)  # fmt: skip
def test_cut_and_flipped_pictures_raise_nothing_else(kind, name, cut, at, value):
    data = bytearray(with_metadata(kind))
    data[at % len(data)] = value
    with suppress(EvidenceError):
        launder(bytes(data[: len(data) - cut % len(data)]), name)


def test_every_recipe_is_prepared():
    prepare()


def test_a_jailed_worker_makes_every_copy_and_says_why_not(tmp_path):
    source, text = tmp_path / "a.jpg", tmp_path / "b.txt"
    source.write_bytes(with_metadata("JPEG"))
    text.write_bytes(b"clear sky\n")
    with Launderer(unsafe=False) as launderer:
        for name in NAMES:
            assert launderer.make(name, source, tmp_path / name) == ""
            assert (tmp_path / name).read_bytes() == launder(source.read_bytes(), name)
        assert launderer.make("jpeg_q75", text, tmp_path / "none") == "unknown_format: text/plain is not decoded"
        assert not (tmp_path / "none").exists()


def test_a_worker_that_dies_is_replaced(tmp_path):
    source = tmp_path / "a.jpg"
    source.write_bytes(with_metadata("JPEG"))
    with Launderer(unsafe=False) as launderer:
        assert launderer.make("stripped", source, tmp_path / "one") == ""
        launderer._child._process.kill()
        assert launderer.make("stripped", source, tmp_path / "two").startswith("died: the worker was killed")
        assert launderer.make("stripped", source, tmp_path / "three") == ""
