"""Every picture inside a file is listed once, with its carrier, its role and its very bytes."""

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.formats import embedded_files as make
from tests.formats.test_fuzz import SPAM

from headwater.formats.embedded import PICTURES_MAX, embedded_pictures
from headwater.formats.pieces import read_pieces
from headwater.formats.readers import reader_for
from headwater.formats.structure import Bytes

LARGE, SMALL, OTHER = make.scene(200), make.scene(48), make.scene(48, seed=3)


def found_in(data):
    source = Bytes(data)
    read = reader_for(data[:65536], len(data))
    structure = read(source) if read else None
    return embedded_pictures(source, structure, tuple(read_pieces(source, structure))) if structure else None


def listed(data):
    """(carrier, role, bytes) of each."""
    return [(each.carrier, each.role, each.read(Bytes(data))) for each in found_in(data).pictures]


CASES = {
    "exif": (make.with_segments(LARGE, make.exif(SMALL)), [("EXIF IFD1", "thumbnail", SMALL)]),
    "no entry": (
        make.with_segments(LARGE, make.exif(SMALL, b"--" + OTHER + b"--")),
        [("EXIF IFD1", "thumbnail", SMALL), ("EXIF, named by no entry", "picture", OTHER)],
    ),
    "photoshop": (make.with_segments(LARGE, make.photoshop(SMALL)), [("8BIM 040C", "thumbnail", SMALL)]),
    "jfxx": (make.with_segments(LARGE, make.jfxx(SMALL)), [("APP0 JFXX", "thumbnail", SMALL)]),
    "large thumbnail": (make.with_frame(LARGE, SMALL), [("MPF attributes 00010002", "thumbnail", SMALL)]),
    "another frame": (make.with_frame(LARGE, SMALL, 0x020002), [("MPF attributes 00020002", "picture", SMALL)]),
    "xmp": (
        make.with_segments(LARGE, make.xmp(SMALL)),
        [("XMP xmp:Thumbnails[1] xmpGImg:image", "thumbnail", SMALL)],
    ),
    "behind the end": (
        LARGE + bytes(5) + SMALL + OTHER,
        [("behind the end", "picture", SMALL), ("behind the end", "picture", OTHER)],
    ),
    "behind a png": (make.png() + SMALL, [("behind the end", "picture", SMALL)]),
    "samsung": (
        LARGE + make.seft(Image_UTC_Data=b"1714564800000", Extra_Picture=SMALL, MotionPhoto_Data=b"\0\0\0\x18ftypmp42"),
        [("Samsung trailer Extra_Picture", "picture", SMALL)],
    ),
    "a part that is not read": (
        make.with_segments(LARGE, make.segment(0xE2, b"FPXR\0\0\2" + bytes(9) + SMALL + bytes(4))),
        [("APP2 FPXR, not read", "picture", SMALL)],
    ),
    "c2pa in a jpeg": (
        make.with_segments(
            LARGE,
            *make.in_app11(
                make.store(
                    [make.thumbnail_box("c2pa.thumbnail.claim.jpeg", OTHER)],
                    [
                        make.thumbnail_box("c2pa.thumbnail.claim.jpeg", SMALL),
                        make.thumbnail_box("c2pa.thumbnail.ingredient__1", OTHER + b"\0"),
                        make.thumbnail_box("c2pa.icon", b"<svg/>", b"image/svg+xml"),
                        make.superbox("stds.exif", make.box(b"json", b"{}")),
                    ],
                )
            ),
        ),
        [
            ("C2PA manifest 1 c2pa.thumbnail.claim.jpeg", "ingredient", OTHER),
            ("C2PA manifest 2 c2pa.thumbnail.claim.jpeg", "thumbnail", SMALL),
            ("C2PA manifest 2 c2pa.thumbnail.ingredient__1", "ingredient", OTHER + b"\0"),
            ("C2PA manifest 2 c2pa.icon", "picture", b"<svg/>"),
        ],
    ),
    "c2pa in a png": (
        make.png((b"caBX", make.store([make.thumbnail_box("c2pa.thumbnail.claim", SMALL)]))),
        [("C2PA manifest 1 c2pa.thumbnail.claim", "thumbnail", SMALL)],
    ),
    "c2pa in boxes": (
        make.box(b"ftyp", b"mp42", bytes(4))
        + make.box(
            b"uuid",
            bytes.fromhex("d8fec3d61b0e483c92975828877ec481"),
            bytes(4) + b"manifest\0" + bytes(8),
            make.store([make.thumbnail_box("c2pa.thumbnail.claim", SMALL)]),
        ),
        [("C2PA manifest 1 c2pa.thumbnail.claim", "thumbnail", SMALL)],
    ),
    "none": (LARGE, []),
    "a video behind the end": (LARGE + make.box(b"ftyp", b"mp42", bytes(4)), []),
}


@pytest.mark.parametrize("name", CASES)
def test_each_carrier_gives_its_picture_whole(name):
    data, expected = CASES[name]
    assert listed(data) == expected


def test_one_place_named_twice_is_listed_once():
    frame = make.with_frame(LARGE, SMALL)
    assert [carrier for carrier, _, _ in listed(frame)] == ["MPF attributes 00010002"]  # it is behind the end as well


def test_a_picture_in_a_picture_in_a_picture_is_its_holders():
    inner = make.with_segments(make.scene(96), make.exif(SMALL))
    outer = make.with_segments(LARGE, make.exif(inner))
    assert listed(outer) == [("EXIF IFD1", "thumbnail", inner)]
    assert listed(inner) == [("EXIF IFD1", "thumbnail", SMALL)]


def test_a_file_that_names_itself_as_its_preview_holds_none():
    head = struct.pack("<2sHIH", b"II", 42, 8, 2)
    for start, length in ((0, 4096), (0, 38)):
        entries = struct.pack("<HHIIHHIII", 0x0201, 4, 1, start, 0x0202, 4, 1, length, 0)
        assert listed(head + entries) == []


def test_more_than_the_limit_is_said_and_not_listed():
    found = found_in(LARGE + SMALL * (PICTURES_MAX + 8))
    assert len(found.pictures) == PICTURES_MAX
    assert found_in(LARGE + SMALL * 3).omitted == ""
    many = found_in(make.with_segments(LARGE, *[make.photoshop(SMALL)] * 3, *[make.jfxx(SMALL)] * PICTURES_MAX))
    assert len(many.pictures) == PICTURES_MAX
    assert "3 more were not" in many.omitted


def test_previews_that_overlap_are_no_larger_than_the_file_together():
    """Directories that name the same megabyte again and again would let a small file cost much."""
    count = 40
    body = SMALL * 60
    directories = b""
    for n in range(count):
        at = 8 + n * 30
        following = at + 30 if n < count - 1 else 0
        entries = struct.pack("<HHHIIHHII", 2, 0x0201, 4, 1, 8 + count * 30 + n, 0x0202, 4, 1, len(body) - n)
        directories += entries + struct.pack("<I", following)
    data = struct.pack("<2sHI", b"II", 42, 8) + directories + body
    found = found_in(data)
    assert sum(each.length_bytes for each in found.pictures) <= len(data)
    assert "more were not" in found.omitted


SEEDS = [data for data, _ in CASES.values()]


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(SEEDS), st.data())
def test_changed_and_cut_files_raise_nothing_and_stay_in_bounds(seed, draw):
    data = bytearray(seed)
    for _ in range(draw.draw(st.integers(1, 5))):
        data[draw.draw(st.integers(0, len(data) - 1))] = draw.draw(st.integers(0, 255))
    changed = bytes(data[: draw.draw(st.integers(2, len(data)))])
    found = found_in(changed)
    for each in found.pictures if found else ():
        assert each.length_bytes > 0
        assert all(0 <= part.offset_bytes <= len(changed) - part.length_bytes for part in each.ranges)
        assert len(each.read(Bytes(changed))) == each.length_bytes


@pytest.mark.parametrize("name", [*SPAM, "false starts", "boxes in boxes"])
def test_nonsense_ends_and_holds_nothing(name):
    starts = make.segment(0xE1, b"Exif\0\0" + b"\xff\xd8\xff\xdb" * 16_000)
    spam = SPAM | {
        "false starts": make.with_segments(LARGE, *[starts] * 16),
        "boxes in boxes": make.png((b"caBX", make.box(b"jumb", b"\0\0\0\x08jumb" * 120_000 + b"c2pa"))),
    }
    assert found_in(spam[name]).pictures == ()
