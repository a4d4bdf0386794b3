import struct

import pytest

from headwater.examine.metadata_examples import XMP, jpeg, segment, tiff
from headwater.formats.jpeg import quantisation_tables, read_jpeg
from headwater.formats.mpf import multi_pictures
from headwater.formats.structure import SCAN_BYTES, Bytes

EXIF = segment(0xE1, b"Exif\0\0" + tiff())


def pieces(data, kind):
    return [piece for piece in read_jpeg(Bytes(data)).pieces if piece.kind == kind]


def test_segments_and_end():
    data = jpeg(EXIF, trailing=b"after")
    read = read_jpeg(Bytes(data))
    assert [part.kind for part in read.parts] == ["SOI", "APP1 Exif", "DQT", "SOF0", "SOS", "EOI"]
    assert read.end_bytes == len(data) - 5
    assert read.damage == ()


def test_stuffed_bytes_and_restart_markers_do_not_end_the_scan():
    data = jpeg()
    scan = data[:-2] + b"\xff\x00\xff\xd0\x12\xff\xd7\xff\xff\x00" * 5000 + data[-2:]
    assert read_jpeg(Bytes(scan)).end_bytes == len(scan)


def test_exif_lies_where_its_range_says():
    data = jpeg(segment(0xE0, b"JFIF\0\1\2\0\0\1\0\1\0\0"), EXIF)
    (piece,) = pieces(data, "exif")
    (where,) = piece.spans(0, len(piece.data))
    assert data[where.offset_bytes :][: where.length_bytes] == piece.data == tiff()


def test_exif_over_two_segments_is_joined_and_mapped():
    block = tiff(make=bytes(range(65, 91)) * 8 + b"\0")
    data = jpeg(segment(0xE1, b"Exif\0\0" + block[:100]), segment(0xE1, b"Exif\0\0" + block[100:]))
    (piece,) = pieces(data, "exif")
    assert piece.data == block
    spans = piece.spans(90, 30)
    assert b"".join(data[part.offset_bytes :][: part.length_bytes] for part in spans) == block[90:120]


def test_extended_xmp_is_joined_in_order():
    head = b"http://ns.adobe.com/xmp/extension/\0" + b"A" * 32
    half = len(XMP) // 2
    first = segment(0xE1, head + struct.pack(">II", len(XMP), 0) + XMP[:half])
    second = segment(0xE1, head + struct.pack(">II", len(XMP), half) + XMP[half:])
    (piece,) = pieces(jpeg(second, first), "xmp")
    assert piece.data == XMP
    read = read_jpeg(Bytes(jpeg(second)))
    assert any("extended XMP" in damage.what for damage in read.damage)


def test_a_segment_with_a_wrong_length_does_not_lose_the_rest():
    wrong = b"\xff\xe0\x00\x08JFIF\0\1\2\0\0\1\0\1\0\0"
    read = read_jpeg(Bytes(jpeg(wrong, EXIF)))
    assert [piece.data for piece in read.pieces if piece.kind == "exif"] == [tiff()]
    assert any("no marker" in damage.what for damage in read.damage)
    assert read.end_bytes is not None


def test_a_length_that_swallows_the_next_segments_is_found_out():
    wrong = b"\xff\xe0\xff\x00JFIF\0\1\2\0\0\1\0\1\0\0"
    read = read_jpeg(Bytes(jpeg(wrong, EXIF)))
    assert [piece.data for piece in read.pieces if piece.kind == "exif"] == [tiff()]
    assert read.damage


def test_a_cut_file_keeps_its_exif_and_has_no_end():
    read = read_jpeg(Bytes(jpeg(EXIF)[:-4]))
    assert read.end_bytes is None
    assert [piece.data for piece in read.pieces] == [tiff()]


def mpf(base_to_second, second_length):
    index = struct.pack("<HHII", 0xB002, 7, 32, 26)
    entries = struct.pack("<III4x", 0x030000, 100, 0) + struct.pack("<III4x", 0x020002, second_length, base_to_second)
    return b"MPF\0II*\0" + struct.pack("<IH", 8, 1) + index + b"\0\0\0\0" + entries


def test_the_multi_picture_index_names_the_second_picture():
    second = jpeg(segment(0xFE, b"second"))
    for _ in range(2):
        first = jpeg(segment(0xE2, mpf(0, len(second))))
        base = first.index(b"MPF\0") + 4
        data = jpeg(segment(0xE2, mpf(len(first) - base, len(second)))) + second
    (piece,) = pieces(data, "embedded")
    where = piece.sources[0]
    assert data[where.offset_bytes :][: where.length_bytes] == second
    assert piece.data == b""


def test_an_index_past_the_end_is_damage():
    read = read_jpeg(Bytes(jpeg(segment(0xE2, mpf(1 << 20, 99)))))
    assert any("MPF" in damage.what for damage in read.damage)
    assert not [piece for piece in read.pieces if piece.kind == "embedded"]
    assert multi_pictures(b"II*\0\xff\xff\xff\xff\0\0") == ()


def test_quantisation_tables_of_both_widths():
    eight, sixteen = quantisation_tables(bytes([1, *range(64)]) + bytes([0x12]) + struct.pack(">64H", *range(300, 364)))
    assert (eight.identifier, eight.precision_bits, eight.values[:3]) == (1, 8, (0, 1, 2))
    assert (sixteen.identifier, sixteen.precision_bits, sixteen.values[0]) == (2, 16, 300)
    assert quantisation_tables(b"\0" + b"\1" * 63) == ()


def test_c2pa_segments_are_gathered_into_one_store():
    def part(number, data):
        box = struct.pack(">I4s", 500, b"jumb") + data
        return segment(0xEB, b"JP\0\1" + struct.pack(">I", number) + box)

    data = jpeg(part(1, b"\0\0\0\x1ejumdc2pa" + bytes(20)), part(2, b"more of it"))
    (piece,) = pieces(data, "c2pa")
    assert len(piece.sources) == 2


@pytest.mark.parametrize("past", [-2, -1, 0, 1])
def test_the_end_marker_is_found_wherever_the_blocks_that_are_scanned_meet(past):
    head = b"\xff\xd8" + segment(0xDA, bytes(6))
    data = head + b"\x55" * (SCAN_BYTES + past) + b"\xff\xd9"
    assert read_jpeg(Bytes(data)).end_bytes == len(data)
