import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.examine.metadata_examples import XMP, riff, tiff
from headwater.formats.structure import Bytes
from headwater.formats.webp import read_webp


def test_chunks_and_pieces():
    data = riff((b"VP8X", bytes(10)), (b"EXIF", b"Exif\0\0" + tiff()), (b"XMP ", XMP), (b"C2PA", b"store"))
    read = read_webp(Bytes(data))
    assert [part.kind for part in read.parts] == ["VP8X", "EXIF", "XMP ", "C2PA"]
    assert {piece.kind: piece.data for piece in read.pieces} == {"exif": tiff(), "xmp": XMP, "c2pa": b""}
    assert read.end_bytes == len(data)


def test_trailing_data_is_outside():
    data = riff((b"VP8 ", b"abc"))
    assert read_webp(Bytes(data + b"more")).end_bytes == len(data)


def test_cut_off():
    read = read_webp(Bytes(riff((b"EXIF", tiff()))[:-2]))
    assert read.end_bytes is None
    assert read.pieces[0].data == tiff()[:-1]
    assert read.damage


PICTURE = (b"VP8 ", bytes(20))
METADATA = ((b"EXIF", tiff()), (b"XMP ", XMP))


def sized(data, change):
    """A WebP whose header states `change` bytes more than it has."""
    return data[:4] + (int.from_bytes(data[4:8], "little") + change).to_bytes(4, "little") + data[8:]


@pytest.mark.parametrize("change", [-2, -100, -(len(XMP) + len(tiff()) + 20)])
def test_chunks_past_a_length_that_is_too_short_are_read(change):
    data = sized(riff(PICTURE, *METADATA), change)
    read = read_webp(Bytes(data))
    assert [piece.kind for piece in read.pieces] == ["exif", "xmp"]
    assert read.end_bytes == len(data)
    assert any("past the length" in damage.what for damage in read.damage)


def test_a_length_of_zero_is_no_end():
    data = riff(PICTURE, *METADATA)
    read = read_webp(Bytes(data[:4] + bytes(4) + data[8:]))
    assert [piece.data for piece in read.pieces] == [tiff(), XMP]


def test_a_length_that_is_too_long_loses_nothing_that_is_here():
    read = read_webp(Bytes(sized(riff(PICTURE, *METADATA), 1000)))
    assert [piece.kind for piece in read.pieces] == ["exif", "xmp"]
    assert read.end_bytes is None
    assert read.damage


@pytest.mark.parametrize("odd", [b"lamp", b"lamps"])
def test_padding_that_is_missing_costs_nothing(odd):
    body = b"WEBP" + b"XMP " + len(odd).to_bytes(4, "little") + odd
    body += b"EXIF" + len(tiff()).to_bytes(4, "little") + tiff()
    read = read_webp(Bytes(b"RIFF" + len(body).to_bytes(4, "little") + body))
    assert [piece.data for piece in read.pieces] == [odd, tiff()]
    assert bool(read.damage) is (len(odd) % 2 == 1)


def test_garbage_and_a_length_that_swallows_the_rest():
    garbage = riff(PICTURE)[:40] + b"\0\0\0GAR" + riff(*METADATA)[12:]
    read = read_webp(Bytes(sized(garbage, len(garbage) - 40)))
    assert [piece.kind for piece in read.pieces] == ["exif", "xmp"]
    assert read.damage[0].length_bytes == 6
    huge = riff((b"ICCP", b"junkjunk"), *METADATA).replace(b"ICCP\x08\0\0\0", b"ICCP\xff\xff\xff\x7f")
    read = read_webp(Bytes(huge))
    assert [piece.data for piece in read.pieces] == [b"junkjunk", tiff(), XMP]


def test_a_chunk_of_no_known_name_is_named():
    read = read_webp(Bytes(riff(PICTURE, (b"META", b"camera"))))
    assert [part.kind for part in read.unread] == ["META"]
    assert read_webp(Bytes(riff(PICTURE, (b"VP8X", bytes(10)), (b"ANIM", bytes(6))))).unread == ()


@given(st.integers(4, 200), st.binary(min_size=1, max_size=6))
def test_damage_anywhere_never_raises_and_stays_inside(at, value):
    data = bytearray(riff(PICTURE, *METADATA))
    data[at : at + len(value)] = value
    read = read_webp(Bytes(bytes(data)))
    assert all(part.offset_bytes + part.length_bytes <= len(data) for part in read.parts)
