"""How a JPEG was encoded, read from files that Pillow wrote; the standard's tables against those of libjpeg."""

from io import BytesIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from headwater.formats.jpeg import read_jpeg
from headwater.formats.jpeg_coding import read_coding
from headwater.formats.jpeg_standard import ZIGZAG, chroma_table, luma_table, standard_quality, tables_digest
from headwater.formats.structure import Bytes

Y, X = np.mgrid[0:48, 0:80]
SLOPE = Image.fromarray(np.stack([X * 3, Y * 5, (X * Y) % 256], axis=-1).astype(np.uint8))


def saved(image=SLOPE, **options):
    out = BytesIO()
    image.save(out, "JPEG", **options)
    return out.getvalue()


def coding(data):
    source = Bytes(data)
    return read_coding(source, read_jpeg(source))


@pytest.mark.parametrize("quality", [1, 10, 49, 50, 75, 90, 95, 100])
def test_the_tables_are_those_of_libjpeg(quality):
    with Image.open(BytesIO(saved(quality=quality))) as image:
        theirs = [tuple(table[8 * row + column] for row, column in ZIGZAG) for table in image.quantization.values()]
    assert theirs == [luma_table(quality), chroma_table(quality)]


def test_the_zigzag_begins_and_ends_as_the_standard_draws_it():
    assert ZIGZAG[:6] == ((0, 0), (0, 1), (1, 0), (2, 0), (1, 1), (0, 2))
    assert ZIGZAG[-3:] == ((6, 7), (7, 6), (7, 7))
    assert len(set(ZIGZAG)) == 64


@pytest.mark.parametrize("quality", [30, 75, 92])
def test_a_file_of_pillow_is_read(quality):
    found = coding(saved(quality=quality, subsampling=2))
    assert (found.frame, found.width_pixels, found.height_pixels) == ("SOF0", 80, 48)
    assert found.sampling == "2x2,1x1,1x1"
    assert standard_quality(found.tables) == quality
    assert found.huffman == "standard"
    assert found.order == ("SOI", "APP0 JFIF", "DQT", "SOF0", "DHT", "SOS")


def test_optimised_progressive_and_grey_are_told():
    assert coding(saved(optimize=True)).huffman == "optimised"
    assert coding(saved(progressive=True)).frame == "SOF2"
    grey = coding(saved(SLOPE.convert("L"), quality=60))
    assert (len(grey.components), standard_quality(grey.tables)) == (1, 60)


def test_other_tables_have_no_quality_and_another_digest():
    own = [[3 + index % 5 for index in range(64)], [5 + index % 7 for index in range(64)]]
    found = coding(saved(qtables=own))
    assert standard_quality(found.tables) is None
    assert tables_digest(found.tables) != tables_digest(coding(saved(quality=75)).tables)


def test_the_same_table_for_both_colours_counts_once():
    data = bytearray(saved(qtables=[[2] * 64, [7] * 64]))
    assert len(coding(bytes(data)).tables) == 2
    same = coding(saved(qtables=[[4] * 64, [4] * 64]))
    assert len(same.tables) == 1


def test_without_a_frame_there_is_nothing():
    assert coding(b"\xff\xd8\xff\xd9") is None
    assert coding(b"\xff\xd8\xff\xc0\x00\x08\x08\x00\x10\x00\x10\x00\xff\xd9") is None  # no component


@given(st.integers(0, 699), st.integers(0, 255), st.integers(0, 700))
def test_changed_and_cut_headers_raise_nothing(at, byte, end):
    data = bytearray(saved(optimize=True))
    data[at % len(data)] = byte
    coding(bytes(data[:end]))


@given(st.binary(max_size=200))
def test_random_bytes_raise_nothing(data):
    coding(b"\xff\xd8" + data)
