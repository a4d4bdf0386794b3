"""Texts in the least bits of pixels: both channels, plain and gzip, and what pretends to be one."""

import gzip
import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from headwater.examine.metadata_examples import chunk
from headwater.formats.generators.stealth import Hidden, hidden_texts, read_hidden
from headwater.formats.png import read_png
from headwater.formats.png_first_column import first_column
from headwater.formats.structure import Bytes
from headwater.model.errors import EvidenceError, LimitReached, Malformed, Truncated


def written(pixels, message, samples):
    """Write bytes into the least bits, column by column, as the tools do."""
    bits = np.unpackbits(np.frombuffer(message, np.uint8))
    columns = np.ascontiguousarray(pixels.transpose(1, 0, 2)[:, :, samples])
    flat = columns.reshape(-1)
    flat[: len(bits)] = (flat[: len(bits)] & 254) | bits
    out = pixels.copy()
    out[:, :, samples] = columns.transpose(1, 0, 2)
    return out


def chart(height=96, width=64, channels=4):
    rows, columns = np.mgrid[0:height, 0:width]
    return np.stack([rows * 2 % 256, columns * 3 % 256, (rows + columns) % 256, rows * 0 + 255][:channels], 2).astype(
        np.uint8
    )


def message(signature, body, length_bits=None):
    return signature + (8 * len(body) if length_bits is None else length_bits).to_bytes(4, "big") + body


KINDS = [
    (b"stealth_pnginfo", [3], "alpha LSB"), (b"stealth_pngcomp", [3], "alpha LSB"),
    (b"stealth_rgbinfo", [0, 1, 2], "RGB LSB"), (b"stealth_rgbcomp", [0, 1, 2], "RGB LSB"),
]  # fmt: skip
TEXT = "a lighthouse, caf\u00e9\nSteps: 20, Sampler: Euler, Seed: 1"


@pytest.mark.parametrize(("signature", "samples", "where"), KINDS)
def test_both_channels_plain_and_gzip(signature, samples, where):
    body = TEXT.encode()
    body = gzip.compress(body) if signature.endswith(b"comp") else body
    pixels = written(chart(), message(signature, body), samples)
    assert list(read_hidden(pixels)) == [Hidden(f"{where} {signature.decode()}", TEXT)]
    assert list(read_hidden(chart())) == []


def test_a_length_that_does_not_fit():
    for length in (7, 8 * 10**6, 2**32 - 8):
        with pytest.raises(Malformed):
            list(read_hidden(written(chart(), message(b"stealth_pnginfo", b"x", length), [3])))


def test_broken_and_boundless_gzip():
    whole = gzip.compress(TEXT.encode())
    with pytest.raises(Truncated):
        list(read_hidden(written(chart(), message(b"stealth_pngcomp", whole[:-12]), [3])))
    with pytest.raises(Malformed):
        list(read_hidden(written(chart(), message(b"stealth_pngcomp", b"no gzip"), [3])))
    bomb = gzip.compress(bytes(40 << 20))
    with pytest.raises(LimitReached):
        list(read_hidden(written(chart(1024, 512), message(b"stealth_pngcomp", bomb), [3])))


def test_the_members_of_an_object_become_texts_of_their_own():
    named = {
        one.key: one.text for one in hidden_texts(Hidden("alpha LSB", '{"Software": "NovelAI", "Comment": "{}"}'), ())
    }
    assert named == {"Software": "NovelAI", "Comment": "{}"}
    for other in (TEXT, '{"sui_image_params": {}}', '{"a": '):
        assert [(one.key, one.text) for one in hidden_texts(Hidden("c", other), ())] == [("parameters", other)]


@given(st.integers(1, 40), st.integers(1, 40), st.sampled_from([3, 4]), st.binary(max_size=60), st.sampled_from(KINDS))
def test_any_picture_is_read_or_refused(height, width, channels, noise, kind):
    signature, samples, _ = kind
    pixels = chart(height, width, channels)
    room = pixels[:, :, :3].size // 8 if len(samples) == 3 else height * width // 8
    if channels == 4 or len(samples) == 3:
        pixels = written(pixels, (signature + noise)[:room], samples)
    try:
        list(read_hidden(pixels))
    except EvidenceError as fault:
        assert type(fault) in (Malformed, Truncated, LimitReached)  # noqa: PT017


def png(pixels, **options):
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG", **options)
    return Bytes(file.getvalue())


@given(st.integers(1, 80), st.integers(1, 40), st.sampled_from([3, 4]), st.integers(0, 2**32 - 1))
def test_the_first_column_is_that_of_the_decoded_picture(height, width, channels, seed):
    rng = np.random.default_rng(seed)
    smooth = np.cumsum(rng.integers(0, 3, (height, width, channels)), 0).astype(np.uint8)  # all filters are used
    for pixels in (smooth, rng.integers(0, 256, (height, width, channels), dtype=np.uint8)):
        source = png(pixels)
        assert b"".join(first_column(source, read_png(source))) == pixels[:, 0].tobytes()


def filtered(row, above, kind, size=4):
    """One row of bytes by one of the five filters (W3C PNG, third edition, 9.2)."""
    out = bytearray([kind])
    for at, byte in enumerate(row):
        left, corner = (row[at - size], above[at - size]) if at >= size else (0, 0)
        up = above[at]
        first = left + up - corner
        paeth = min((left, up, corner), key=lambda one: abs(first - one))
        out.append(byte - (0, left, up, (left + up) // 2, paeth)[kind] & 255)
    return bytes(out)


def test_every_filter_by_hand():
    rng = np.random.default_rng(1)
    pixels = np.cumsum(rng.integers(0, 50, (200, 5, 4)), 0).astype(np.uint8)
    rows = [bytes(20), *(row.tobytes() for row in pixels)]
    data = b"".join(filtered(rows[at + 1], rows[at], (at * 7) % 5) for at in range(200))
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 5, 200, 8, 6, 0, 0, 0))
    packed = zlib.compress(data)
    parts = [chunk(b"IDAT", packed[at : at + 100]) for at in range(0, len(packed), 100)]
    source = Bytes(b"\x89PNG\r\n\x1a\n" + header + b"".join(parts) + chunk(b"IEND", b""))
    with Image.open(io.BytesIO(source.data)) as image:
        assert np.array_equal(np.asarray(image), pixels)
    assert b"".join(first_column(source, read_png(source))) == pixels[:, 0].tobytes()


def test_other_kinds_have_no_column():
    grey = png(chart()[:, :, 0])
    assert list(first_column(grey, read_png(grey))) == []
    cut = Bytes(png(chart()).data[:45])
    assert list(first_column(cut, read_png(cut))) == []


@given(st.binary(max_size=200), st.integers(0, 300))
def test_damaged_pixels_end_the_column(noise, at):
    data = png(chart()).data
    for broken in (data[:at], data[:at] + noise + data[at + len(noise) :]):
        source = Bytes(broken)
        assert all(len(pixel) in (3, 4) for pixel in first_column(source, read_png(source)))
