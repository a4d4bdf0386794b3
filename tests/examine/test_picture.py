"""Header facts and decoding of made pictures: whole, damaged, oversized, in every mode."""

import warnings
import zlib
from collections.abc import Callable
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from headwater.examine.decode import PLUGINS, Decoding, read_header, read_picture
from headwater.examine.picture import PictureFacts
from headwater.examine.view import View
from headwater.kernels.pdq import luma_from_rgb
from headwater.model.errors import EvidenceError, LimitReached, Malformed
from headwater.model.finding import State


def slope(mode: str = "RGB", size: tuple[int, int] = (80, 60)) -> Image.Image:
    y, x = np.mgrid[0 : size[1], 0 : size[0]]
    rgb = np.stack([x * 255 // size[0], y * 255 // size[1], (x * y) % 256], axis=-1).astype(np.uint8)
    return Image.fromarray(rgb).convert(mode)


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


FILES = {
    "image/jpeg": saved(slope(), "JPEG"),
    "image/png": saved(slope(), "PNG"),
    "image/gif": saved(slope("P"), "GIF"),
    "image/bmp": saved(slope(), "BMP"),
    "image/webp": saved(slope(), "WEBP"),
    "image/tiff": saved(slope(), "TIFF", compression="tiff_lzw"),
    "image/avif": saved(slope(), "AVIF"),
    "image/jp2": saved(slope(), "JPEG2000"),
    "image/x-portable-anymap": saved(slope(), "PPM"),
}


@pytest.mark.parametrize("kind", FILES)
def test_facts_of_each_format(view_of: Callable[..., View], kind: str) -> None:
    view = view_of(FILES[kind])
    assert view.media_type == kind
    seen = {one.claim: one.value for one in PictureFacts().examine(view)}
    assert (seen["picture.width_pixels"], seen["picture.height_pixels"]) == ("80", "60")
    assert seen["picture.frames"] == "1"
    assert seen["picture.format"] == PLUGINS[kind]
    assert seen["picture.decodes"] == "whole"
    assert set(seen) <= set(PictureFacts().claims)


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "RGB", "RGBA"])
def test_luma_is_that_of_pillows_rgb(mode: str) -> None:
    data = saved(slope(mode), "PNG")
    expected = luma_from_rgb(np.asarray(Image.open(BytesIO(data)).convert("RGB")))
    assert np.array_equal(read_picture(data, "image/png", Decoding()).luma(), expected)


def test_cmyk_and_rgb_jpeg_go_through_pillow_or_turbo() -> None:
    data = saved(slope("CMYK"), "JPEG", quality=95)
    expected = luma_from_rgb(np.asarray(Image.open(BytesIO(data)).convert("RGB")))
    assert np.array_equal(read_picture(data, "image/jpeg", Decoding()).luma(), expected)
    assert read_header(data, "image/jpeg", Decoding()).mode == "CMYK"


def test_sixteen_bits_keep_the_upper_byte() -> None:
    values = np.arange(0, 65536, 13, dtype=np.uint16)[:5000].reshape(50, 100)
    data = saved(Image.fromarray(values), "PNG")
    assert np.array_equal(read_picture(data, "image/png", Decoding()).luma(), values >> 8)


def test_float_grey_is_stretched() -> None:
    data = saved(Image.fromarray(np.linspace(-3, 9, 600, dtype=np.float32).reshape(20, 30)), "TIFF")
    luma = read_picture(data, "image/tiff", Decoding()).luma()
    assert luma.min() == 0
    assert luma.max() == pytest.approx(255)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_samples_that_are_no_numbers_are_malformed(bad: float) -> None:
    values = np.linspace(0, 200, 6400, dtype=np.float32).reshape(80, 80)
    values[40:50] = bad
    with pytest.raises(Malformed, match="no finite numbers"):
        read_picture(saved(Image.fromarray(values), "TIFF"), "image/tiff", Decoding())


def test_the_widest_floats_are_stretched_without_overflow() -> None:
    values = np.linspace(-3.0e38, 3.0e38, 6400).astype(np.float32).reshape(80, 80)
    luma = read_picture(saved(Image.fromarray(values), "TIFF"), "image/tiff", Decoding()).luma()
    assert (luma.min(), luma.max()) == (0, 255)


def with_orientation(kind: str, orientation: int, **options: object) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return saved(slope(), kind, exif=exif.tobytes(), **options)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("compression", ["raw", "tiff_adobe_deflate"])
def test_a_tiffs_orientation_is_not_applied(orientation: int, compression: str) -> None:
    data = with_orientation("TIFF", orientation, compression=compression)
    header, picture = read_header(data, "image/tiff", Decoding()), read_picture(data, "image/tiff", Decoding())
    assert (header.width_pixels, header.height_pixels) == (80, 60)
    assert (picture.width_pixels, picture.height_pixels) == (80, 60)
    assert np.array_equal(picture.luma(), luma_from_rgb(np.asarray(slope())))


def test_the_orientation_of_many_pages_or_of_xmp_is_not_applied_either() -> None:
    pages = saved(slope(), "TIFF", save_all=True, append_images=[slope()] * 2, tiffinfo={0x0112: 6})
    packet = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><a xmlns:tiff="t" tiff:Orientation="6"/></x:xmpmeta>'
    for data in (pages, saved(slope(), "TIFF", tiffinfo={0x02BC: packet})):
        assert np.array_equal(read_picture(data, "image/tiff", Decoding()).luma(), luma_from_rgb(np.asarray(slope())))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["PNG", "WEBP", "AVIF", "JPEG"])
def test_no_other_orientation_is_applied(kind: str, orientation: int) -> None:
    media_type = f"image/{kind.lower()}"
    data = with_orientation(kind, orientation)
    luma, plain = (
        read_picture(data, media_type, Decoding()).luma(),
        read_picture(with_orientation(kind, 1), media_type, Decoding()).luma(),
    )
    assert np.array_equal(luma, plain)


def test_the_first_frame_stands_for_an_animation() -> None:
    frames = [slope("L").point(lambda value, k=k: value // k) for k in (1, 2, 4)]
    data = saved(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert read_header(data, "image/gif", Decoding()).frames == 3
    assert np.abs(read_picture(data, "image/gif", Decoding()).luma() - np.asarray(frames[0])).max() < 3


@pytest.mark.parametrize("kind", ["image/jpeg", "image/png", "image/bmp"])
def test_a_cut_picture_keeps_what_is_there_and_says_so(view_of: Callable[..., View], kind: str) -> None:
    data = saved(slope(size=(600, 500)), PLUGINS[kind])
    seen = {one.claim: one for one in PictureFacts().examine(view_of(data[: len(data) * 2 // 3]))}
    assert seen["picture.decodes"].value == "partial"
    assert "0x" not in seen["picture.decode_note"].value
    whole = read_picture(data, kind, Decoding()).luma()
    cut = read_picture(data[: len(data) * 2 // 3], kind, Decoding()).luma()
    rows = slice(300, 400) if kind == "image/bmp" else slice(0, 200)  # a BMP begins at the bottom
    assert np.array_equal(whole[rows], cut[rows])


def test_a_damaged_text_chunk_does_not_hide_a_png() -> None:
    data = FILES["image/png"]
    text = b"tEXtSoftware\0harbour"
    bad = data[:33] + (len(text) - 4).to_bytes(4, "big") + text + b"\0\0\0\0" + data[33:]
    picture = read_picture(bad, "image/png", Decoding())
    assert not picture.partial
    assert "ancillary" in picture.note
    assert np.array_equal(picture.luma(), read_picture(data, "image/png", Decoding()).luma())


def test_a_pixel_bomb_stops_at_its_header() -> None:
    header = (60_000).to_bytes(4, "big") * 2 + bytes((8, 2, 0, 0, 0))
    body = b"IHDR" + header
    data = b"\x89PNG\r\n\x1a\n" + (13).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")
    with pytest.raises(LimitReached, match="pixels"):
        read_picture(data + FILES["image/png"][33:], "image/png", Decoding())


def test_limits_hold_for_jpeg_and_for_memory() -> None:
    with pytest.raises(LimitReached):
        read_picture(FILES["image/jpeg"], "image/jpeg", Decoding(max_pixels=1000))
    with pytest.raises(LimitReached):
        read_picture(saved(slope(), "JPEG", progressive=True), "image/jpeg", Decoding(max_working_bytes=20_000))
    with pytest.raises(LimitReached):
        read_picture(FILES["image/webp"], "image/webp", Decoding(max_working_bytes=20_000))


def test_a_jpeg_may_be_decoded_at_a_fraction_of_its_size() -> None:
    data = saved(slope(size=(4096, 2048)), "JPEG")
    picture = read_picture(data, "image/jpeg", Decoding(full_size=False))
    assert (picture.width_pixels, picture.height_pixels) == (1024, 512)
    assert (picture.header.width_pixels, picture.header.height_pixels) == (4096, 2048)


def test_what_cannot_be_decoded_fails_with_a_reason(view_of: Callable[..., View]) -> None:
    seen = list(PictureFacts().examine(view_of(b"\x89PNG\r\n\x1a\nnothing of a picture")))
    assert {one.state for one in seen} == {State.FAILED}
    assert all(one.reason for one in seen)


def outcome(read, data: bytes, kind: str, limits: Decoding) -> bool:
    """A picture with a width, or a refusal whose message is the same each time."""
    try:
        return read(data, kind, limits).width_pixels > 0
    except EvidenceError as fault:
        return bool(fault.message) and "object at 0x" not in fault.message


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(FILES)), st.data())
def test_damaged_bytes_never_raise_anything_else(kind: str, data: st.DataObject) -> None:
    whole = FILES[kind]
    cut = data.draw(st.integers(0, len(whole)))
    broken = bytearray(whole[:cut])
    for _ in range(data.draw(st.integers(0, 4))):
        if broken:
            broken[data.draw(st.integers(0, len(broken) - 1))] ^= data.draw(st.integers(1, 255))
    limits = Decoding(max_pixels=1_000_000)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for read in (read_header, read_picture):
            assert outcome(read, bytes(broken), kind, limits)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(sorted(PLUGINS)), st.binary(max_size=300))
def test_random_bytes_are_refused(kind: str, data: bytes) -> None:
    with pytest.raises(EvidenceError):
        read_picture(data, kind, Decoding())
