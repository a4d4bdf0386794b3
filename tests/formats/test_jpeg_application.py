import struct

import pytest

from headwater.examine.metadata_examples import XMP, iptc, jpeg, resource, segment, tiff
from headwater.formats.jpeg import read_jpeg
from headwater.formats.structure import Bytes

IPTC = iptc(90, b"Kiel")


def pieces(data, kind):
    return [piece for piece in read_jpeg(Bytes(data)).pieces if piece.kind == kind]


def test_thumbnails_of_jfif_and_its_extensions():
    rgb, palette = bytes(range(24)), bytes(768 + 8)
    data = jpeg(
        segment(0xE0, b"JFIF\0\1\2\0\0\1\0\1\4\2" + rgb),
        segment(0xE0, b"JFXX\0\x10\xff\xd8\xff\xd9"),
        segment(0xE0, b"JFXX\0\x11\4\2" + palette),
        segment(0xE0, b"JFXX\0\x13\4\2" + rgb),
    )
    found = [(piece.sources[0], piece.form) for piece in pieces(data, "embedded")]
    assert [(data[where.offset_bytes :][: where.length_bytes], form) for where, form in found] == [
        (rgb, "rgb, 4 x 2 pixels"),
        (b"\xff\xd8\xff\xd9", ""),
        (palette, "palette, 4 x 2 pixels"),
        (rgb, "rgb, 4 x 2 pixels"),
    ]


def test_a_thumbnail_cut_off_is_noted():
    read = read_jpeg(Bytes(jpeg(segment(0xE0, b"JFIF\0\1\2\0\0\1\0\1\4\2abc"))))
    assert read.pieces[0].sources[0].length_bytes == 3
    assert "cut off" in read.damage[0].what


@pytest.mark.parametrize(
    "data",
    [
        b"Photoshop 3.0\0" + resource(0x0404, IPTC),
        b"Adobe_Photoshop2.5:\0" + resource(0x0404, IPTC),
        b"Adobe_Photoshop2.5:" + bytes(8) + resource(0x0404, IPTC),
    ],
)
def test_photoshop_of_every_age(data):
    (piece,) = pieces(jpeg(segment(0xED, data)), "photoshop")
    assert piece.data == resource(0x0404, IPTC)


def test_bare_iptc():
    (piece,) = pieces(jpeg(segment(0xED, IPTC)), "iptc")
    assert piece.data == IPTC


def test_exif_of_kodak_in_app3():
    (piece,) = pieces(jpeg(segment(0xE3, b"Meta\0\0" + tiff())), "exif")
    assert (piece.data, piece.carrier) == (tiff(), "APP3 Meta")


def test_a_wide_comment_in_app10():
    (piece,) = pieces(jpeg(segment(0xEA, b"UNICODE\0" + "fyrtårn".encode("utf-16-be"))), "comment")
    assert (piece.data.decode(), piece.carrier) == ("fyrtårn", "APP10")
    assert read_jpeg(Bytes(jpeg(segment(0xEA, b"AROT")))).unread


def test_an_identical_chunk_of_extended_xmp_is_taken_once():
    half = len(XMP) // 2
    head = b"http://ns.adobe.com/xmp/extension/\0" + b"A" * 32
    first = segment(0xE1, head + struct.pack(">II", len(XMP), 0) + XMP[:half])
    second = segment(0xE1, head + struct.pack(">II", len(XMP), half) + XMP[half:])
    read = read_jpeg(Bytes(jpeg(first, first, second, second)))
    assert [piece.data for piece in read.pieces] == [XMP]
    assert read.damage == ()
    other = segment(0xE1, head + struct.pack(">II", len(XMP), 0) + bytes(half))
    assert read_jpeg(Bytes(jpeg(first, other, second))).damage


@pytest.mark.parametrize(
    ("code", "data", "kind"),
    [
        (0xE0, b"AVI1\0\0", "APP0 AVI1"),
        (0xE1, b"FLIR\0\1", "APP1 FLIR"),
        (0xE2, b"FPXR\0\0", "APP2 FPXR"),
        (0xE3, b"_JPSJPS_", "APP3 _JPSJPS_"),
        (0xE5, b"RMETA\0Location=lighthouse", "APP5 RMETA"),
        (0xE7, b"\x80\x81", "APP7"),
        (0xEB, b"HDR_RI ver=11", "APP11 HD"),
        (0xEB, b"JP\0\1\0\0\0\1" + bytes(20), "APP11 JUMBF"),
        (0xEC, b"no such text", "APP12 no such text"),
        (0xED, b"Adobe_CM\0\2", "APP13 Adobe_CM"),
        (0xF7, b"lossless", "JPG7"),
    ],
)
def test_what_is_not_read_is_named(code, data, kind):
    assert [part.kind for part in read_jpeg(Bytes(jpeg(segment(code, data)))).unread] == [kind]


def test_what_carries_no_metadata_is_not_named():
    silent = (segment(0xE0, b"JFIF\0\1\2\0\0\1\0\1\0\0"), segment(0xEE, b"Adobe" + bytes(7)), segment(0xDD, b"\0\4"))
    assert read_jpeg(Bytes(jpeg(*silent, segment(0xE8, b"SPIFF\0\1\2")))).unread == ()
