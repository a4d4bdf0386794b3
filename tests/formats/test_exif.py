import struct

import pytest

from headwater.examine.metadata_examples import tiff
from headwater.formats.exif import read_exif
from headwater.formats.exif_names import tag_name
from headwater.formats.exif_values import decode
from headwater.formats.structure import Bytes, Range


def build(entries, order="<", extra=b"", following=0):
    """A header and one directory; `extra` starts right after it."""
    body = b"".join(struct.pack(f"{order}HHI", *entry[:3]) + entry[3] for entry in entries)
    head = (b"II" if order == "<" else b"MM") + struct.pack(f"{order}HI", 42, 8)
    return head + struct.pack(f"{order}H", len(entries)) + body + struct.pack(f"{order}I", following) + extra


@pytest.mark.parametrize("order", ["<", ">"])
def test_text_out_of_line(order):
    read = read_exif(Bytes(tiff(order=order)))
    (tag,) = read.tags
    assert (tag.ifd, tag.name, tag.value) == ("IFD0", "Make", "Beacon")
    assert tiff(order=order)[tag.value_offset_bytes :][: tag.value_length_bytes] == b"Beacon\0"
    assert read.byte_order == ("II" if order == "<" else "MM")
    assert read.damage == ()


def test_pointers_lead_to_their_directories():
    exif = struct.pack("<HHHII", 1, 0x9003, 2, 20, 0) + struct.pack("<I", 0)
    base = 8 + 2 + 24 + 4
    exif = struct.pack("<HHHII", 1, 0x9003, 2, 20, base + 18 + 18) + struct.pack("<I", 0)
    gps = struct.pack("<HHHI4s", 1, 1, 2, 2, b"N\0\0\0") + struct.pack("<I", 0)
    data = build(
        [(0x8769, 4, 1, struct.pack("<I", base)), (0x8825, 4, 1, struct.pack("<I", base + 18))],
        extra=exif + gps + b"2026:01:02 03:04:05\0",
    )
    found = {(tag.ifd, tag.name): tag.value for tag in read_exif(Bytes(data)).tags}
    assert found["ExifIFD", "DateTimeOriginal"] == "2026:01:02 03:04:05"
    assert found["GPS", "GPSLatitudeRef"] == "N"


def test_a_circle_of_directories_is_followed_once():
    read = read_exif(Bytes(build([(0x8769, 4, 1, struct.pack("<I", 8))], following=8)))
    assert len(read.tags) == 1
    assert sum("circle" in damage.what for damage in read.damage) == 2


def test_a_value_past_the_end_is_noted_and_kept_as_far_as_it_is_there():
    read = read_exif(Bytes(tiff(make=b"Beacon\0")[:-3]))
    assert read.tags[0].value == "Beac"
    assert "runs past the end" in read.damage[0].what


def test_a_directory_cut_off_gives_the_whole_entries():
    whole = build([(0x0112, 3, 1, struct.pack("<HH", 6, 0)), (0x0128, 3, 1, struct.pack("<HH", 2, 0))])
    read = read_exif(Bytes(whole[:30]))
    assert [(tag.name, tag.value) for tag in read.tags] == [("Orientation", 6)]
    assert read.damage


def test_the_thumbnail_is_named_as_a_range():
    thumbnail = b"\xff\xd8\xff\xd9"
    first = build([(0x0112, 3, 1, struct.pack("<HH", 1, 0))], following=26)
    second = struct.pack("<H", 2) + struct.pack("<HHII", 0x0201, 4, 1, 56) + struct.pack("<HHII", 0x0202, 4, 1, 4)
    data = first + second + struct.pack("<I", 0) + thumbnail
    assert read_exif(Bytes(data)).pictures == (("IFD1", Range(56, 4)),)
    assert data[56:60] == thumbnail


def test_big_tiff_is_read():
    data = b"II+\0" + struct.pack("<HHQ", 8, 0, 16) + struct.pack("<QHHQ8s", 1, 0x010F, 2, 7, b"Beacon\0\0") + bytes(8)
    (tag,) = read_exif(Bytes(data)).tags
    assert (tag.name, tag.value, tag.value_offset_bytes) == ("Make", "Beacon", 16 + 8 + 12)


def test_no_header_is_damage_and_nothing_else():
    read = read_exif(Bytes(b"not a tiff header"))
    assert read.tags == ()
    assert read.damage[0].what == "no TIFF header"


def test_overlapping_huge_values_stay_within_the_budget():
    entries = [(0x9286, 7, 15 << 20, struct.pack("<I", 8))] * 500
    read = read_exif(Bytes(build(entries, extra=bytes(16 << 20))))
    assert sum(len(tag.raw) for tag in read.tags) <= 64 << 20
    assert any("bytes of values" in damage.what for damage in read.damage)


@pytest.mark.parametrize(
    ("tag", "kind", "raw", "value"),
    [
        (0x829A, 5, struct.pack("<II", 1, 200), "1/200"),
        (0x9204, 10, struct.pack("<ii", -1, 3), "-1/3"),
        (0x0112, 3, struct.pack("<H", 6), 6),
        (0x0102, 3, struct.pack("<HHH", 8, 8, 8), [8, 8, 8]),
        (0x9000, 7, b"0232", "0232"),
        (0x9101, 7, b"\1\2\3\0", [1, 2, 3, 0]),
        (0xA300, 7, b"\3", 3),
        (0x9286, 7, b"ASCII\0\0\0by the sea", "by the sea"),
        (0x9286, 7, b"UNICODE\0" + "fyrtårn".encode("utf-16-le"), "fyrtårn"),
        (0x9286, 7, b"UNICODE\0" + "fyrtårn".encode("utf-16-be"), "fyrtårn"),
        (0x9C9B, 1, "Tårn\0".encode("utf-16-le"), "Tårn"),
        (0x8298, 2, b"(C) W\xf6rden\0", "(C) Wörden"),
        (0x0110, 2, b"One\0Two\0", "One\0Two"),
        (0xA500, 11, struct.pack("<f", float("nan")), "nan"),
        (0x1234, 7, b"\1\2", "0102"),
    ],
)
def test_values(tag, kind, raw, value):
    assert decode(tag, kind, 1, raw, "<") == value


def test_names_depend_on_the_directory():
    assert tag_name("GPS", 1) == "GPSLatitudeRef"
    assert tag_name("InteropIFD", 1) == "InteroperabilityIndex"
    assert tag_name("ExifIFD", 0xA431) == "BodySerialNumber"
    assert tag_name("IFD0", 0xFFFF) == "0xFFFF"


def test_a_value_outside_the_data_could_not_be_read_and_is_not_empty():
    (tag,) = read_exif(Bytes(build([(0x0110, 2, 20, struct.pack("<I", 9000))]))).tags
    assert (tag.value, tag.cut, tag.value_length_bytes) == (None, False, 0)
    assert tag.unreadable.startswith("malformed: ")


def test_a_value_that_is_partly_here_is_cut():
    (tag,) = read_exif(Bytes(tiff(make=b"Beacon\0")[:-3])).tags
    assert (tag.value, tag.cut, tag.unreadable, tag.value_length_bytes) == ("Beac", True, "", 4)


@pytest.mark.parametrize("kind", [2, 5])
@pytest.mark.parametrize("offset", [0, 8])
def test_a_huge_count_does_not_make_the_directory_a_value(kind, offset):
    entries = [(0x0110, kind, 0xFFFFFFFF, struct.pack("<I", offset)), (0x0131, 2, 4, b"Kit\0")]
    model, software = read_exif(Bytes(build(entries, extra=bytes(40)))).tags
    assert (model.value, bool(model.unreadable)) == (None, True)
    assert (software.value, software.unreadable) == ("Kit", "")


def test_less_than_one_item_is_no_value():
    (tag,) = read_exif(Bytes(build([(0x011A, 5, 2, struct.pack("<I", 26))], extra=b"abc"))).tags
    assert (tag.value, bool(tag.unreadable)) == (None, True)


def test_values_beyond_the_budget_are_not_run():
    entries = [(0x9286, 7, 15 << 20, struct.pack("<I", 8 + 2 + 12 * 9 + 4))] * 9
    read = read_exif(Bytes(build(entries, extra=bytes(16 << 20))))
    assert read.tags[-1].unreadable.startswith("limit: ")


@pytest.mark.parametrize("head", [b"II\0\0", b"MM*\0", b"XX*\0", b"II\0*", b"\0\0\0\0"])
def test_a_damaged_header_does_not_hide_a_directory_that_makes_sense(head):
    read = read_exif(Bytes(head + tiff()[4:]))
    assert [tag.value for tag in read.tags] == ["Beacon"]
    assert "header is damaged" in read.damage[0].what


def test_a_damaged_header_before_nonsense_stays_one():
    for tail in (b"\x08\0\0\0\1\0" + b"\xff" * 40, b"\x08\0\0\0" + bytes(40), b"\xff" * 20, b""):
        read = read_exif(Bytes(b"II\0\0" + tail))
        assert read.tags == ()
        assert read.damage[0].what == "no TIFF header"


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b"\x45\x74\x42\x66", "灯台"),
        ("灯台".encode("iso2022_jp"), "灯台"),
        ("灯台".encode("euc_jp"), "灯台"),
        ("灯台".encode("shift_jis"), "灯台"),
        (b"by the sea\0", "by the sea"),
    ],
)
def test_japanese_comments(body, value):
    assert decode(0x9286, 7, 8 + len(body), b"JIS\0\0\0\0\0" + body, "<") == value
