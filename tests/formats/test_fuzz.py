"""Random, cut and flipped bytes: every reader answers, whatever it is given."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.examine.metadata import examine_source
from headwater.examine.metadata_examples import EXAMPLES, XMP, box, gif, jpeg, png, riff, segment, tiff
from headwater.formats.bmp import read_bmp
from headwater.formats.exif import read_exif
from headwater.formats.gif import read_gif
from headwater.formats.heif_items import read_items
from headwater.formats.icc import read_icc
from headwater.formats.iptc import read_iptc, read_resources
from headwater.formats.isobmff import read_isobmff
from headwater.formats.jpeg import quantisation_tables, read_jpeg
from headwater.formats.mpf import multi_pictures
from headwater.formats.png import read_png
from headwater.formats.readers import reader_for
from headwater.formats.structure import Bytes, Part
from headwater.formats.webp import read_webp
from headwater.formats.xmp import read_xmp

SEEDS = [example.data for example in EXAMPLES]
READERS = [read_png, read_jpeg, read_webp, read_gif, read_isobmff, read_bmp]


@st.composite
def damaged(draw):
    """An example with a few bytes changed, and perhaps its end missing."""
    data = bytearray(draw(st.sampled_from(SEEDS)))
    for _ in range(draw(st.integers(1, 6))):
        data[draw(st.integers(0, len(data) - 1))] = draw(st.integers(0, 255))
    return bytes(data[: draw(st.integers(0, len(data)))]) if draw(st.booleans()) else bytes(data)


def whole(structure, size):
    for part in structure.parts:
        assert 0 <= part.offset_bytes <= size
        assert part.offset_bytes + part.length_bytes <= size
        assert part.length_bytes >= 0
        assert part.data_length_bytes >= 0
    for piece in structure.pieces:
        for where in piece.sources:
            assert where.offset_bytes >= 0
            assert where.offset_bytes + where.length_bytes <= size
    assert structure.end_bytes is None or 0 <= structure.end_bytes <= size


@settings(max_examples=300)
@given(st.one_of(damaged(), st.binary(max_size=400)))
def test_file_readers(data):
    for read in READERS:
        whole(read(Bytes(data)), len(data))


@settings(max_examples=200)
@given(damaged())
def test_the_whole_way(data):
    read = reader_for(data)
    if read is not None:
        seen = list(examine_source(Bytes(data), read))
        assert seen
        for record in seen:
            record.value.encode("utf-8")
            assert all(0 <= span.offset_bytes <= len(data) and span.length_bytes >= 0 for span in record.spans)


@settings(max_examples=300)
@given(st.binary(max_size=300))
def test_block_readers(data):
    read_exif(Bytes(b"II*\0\x08\0\0\0" + data))
    read_exif(Bytes(b"MM\0+\0\x08\0\0\0\0\0\0\0\0\0\x10" + data))
    read_iptc(data)
    read_resources(b"8BIM" + data)
    read_icc(data)
    read_icc(bytes(36) + b"acsp" + bytes(88) + data)
    assert read_xmp(data).properties == () or data
    multi_pictures(b"II*\0\x08\0\0\0" + data)
    quantisation_tables(data)
    part = Part("x", 0, len(data), 0, len(data))
    assert isinstance(read_items(Bytes(data), {"iinf": part, "iloc": part, "iref": part, "idat": part}), tuple)


@settings(max_examples=150)
@given(st.integers(0, len(XMP) - 1), st.integers(0, 255), st.integers(0, len(XMP)))
def test_packets(place, value, end):
    data = bytearray(XMP)
    data[place] = value
    read = read_xmp(bytes(data[:end]))
    assert read.properties or read.problem or not data[:end].strip()
    for entry in read.properties:
        assert entry.value.encode("utf-8").decode("utf-8") == entry.value


SPAM = {
    "jpeg of empty markers": b"\xff\xd8" + b"\xff\xe0" * 500_000,
    "jpeg of false segments": b"\xff\xd8" + b"\xff\xe1\xff\xf0" * 250_000,
    "jpeg of short segments": b"\xff\xd8" + segment(0xE1, b"Exif\0\0" + tiff()) * 20_000,
    "jpeg of endless scans": jpeg()[:-2] * 5_000,
    "png of tiny chunks": b"\x89PNG\r\n\x1a\n" + b"\0\0\0\0tEXt\0\0\0\0" * 80_000,
    "png of texts": png(*[b"\0\0\0\3tEXta\0b\0\0\0\0"] * 50_000),
    "webp of empty chunks": b"RIFF\xff\xff\xff\x7fWEBP" + b"EXIF\0\0\0\0" * 125_000,
    "gif of comments": gif(b"!\xfe\1a\0" * 200_000),
    "boxes": box(b"ftyp", b"heic") + box(b"moov", b"") * 125_000,
    "metas": box(b"ftyp", b"heic") + box(b"meta", bytes(4) + box(b"iinf", bytes(8)) + box(b"iloc", bytes(8))) * 20_000,
    "tiff of one endless chain": bytes.fromhex("49492a0008000000ffff8692070000001000") + bytes(4) * 300_000,
    "xmp of many names": b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>" + b"<a>b</a>" * 60_000,
    "xmp of open elements": b"<?xpacket" + b"<a>" * 200_000,
    "riff": riff(*[(b"XMP ", XMP)] * 2_000),
}


@pytest.mark.parametrize("name", SPAM)
def test_a_megabyte_of_nonsense_is_done_soon_and_capped(name):
    data = SPAM[name]
    read = reader_for(data[:65536])
    assert read is not None
    start = time.process_time()
    seen = list(examine_source(Bytes(data), read))
    assert time.process_time() - start < 5
    assert 1 <= len(seen) <= 2002
