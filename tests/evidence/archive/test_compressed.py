import bz2
import gzip
import io
import lzma
import random
import struct
import tracemalloc
import zlib
from datetime import UTC, datetime

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.evidence.archive import open_archive
from headwater.evidence.archive.decoders import decode, new_zstd
from headwater.evidence.reader import Limits
from headwater.model.errors import UnknownFormat
from headwater.model.item import ByteRange

CONTENT = random.Random(4).randbytes(90_000) + b"lighthouse" * 20_000
PACKERS = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstd": zstandard.ZstdCompressor(write_checksum=True).compress,
}


@pytest.mark.parametrize(
    ("kind", "name"), [("gzip", b"a.JPG.gz"), ("bzip2", b"a.JPG.bz2"), ("xz", b"a.JPG.xz"), ("zstd", b"a.JPG.ZST")]
)
def test_the_inner_file_is_named_after_the_outer(expand, kind, name):
    got = expand(PACKERS[kind](CONTENT), name)
    assert got.kind == kind
    assert got.files == [(b"a.JPG", CONTENT)]
    assert got.complaints == 0


def test_gzip_name_and_time(expand):
    buffer = io.BytesIO()
    with gzip.GzipFile("../../lamp.jpg", "wb", fileobj=buffer, mtime=1_700_000_000) as file:
        file.write(b"light")
    data = bytearray(buffer.getvalue())
    data[3] |= 4
    data[10:10] = struct.pack("<H", 5) + b"extra"
    got = expand(bytes(data), b"outer.gz")
    assert got.files == [(b"lamp.jpg", b"light")]
    assert got.entries[0].times.modified == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)


@pytest.mark.parametrize("kind", PACKERS)
def test_joined_streams_and_zero_padding(expand, kind):
    pack = PACKERS[kind]
    got = expand(pack(b"one") + pack(b"") + bytes(8) + pack(CONTENT) + bytes(512))
    assert [content for _, content in got.files] == [b"one" + CONTENT]
    assert got.complaints == 0


@pytest.mark.parametrize("kind", PACKERS)
def test_what_follows_the_stream_is_reported(expand, kind):
    packed = PACKERS[kind](CONTENT)
    got = expand(packed + b"hidden behind")
    assert got.files == [(b"outer", CONTENT)]
    ((name, fault),) = got.faults
    assert name == b"outer"
    assert f"from packed byte {len(packed)} on" in fault
    assert got.damaged == []  # the content itself holds


@pytest.mark.parametrize(("place", "said"), [(-8, "CRC-32"), (-1, "unpacks to")])
def test_a_gzip_whose_trailer_does_not_hold_gives_its_content_as_damaged(expand, place, said):
    packed = bytearray(gzip.compress(CONTENT))
    packed[place] ^= 1
    got = expand(bytes(packed))
    assert got.files == [(b"outer", CONTENT)]
    ((name, fault),) = got.faults
    assert (name, got.damaged) == (b"outer", [b"outer"])
    assert said in fault
    assert got.ranges == [ByteRange(offset_bytes=0, length_bytes=len(CONTENT))]


def test_of_joined_gzip_members_those_before_the_wrong_one_stay_sound(expand):
    wrong = bytearray(gzip.compress(b"second" * 50))
    wrong[-8] ^= 1
    got = expand(gzip.compress(CONTENT) + bytes(wrong) + gzip.compress(b"third"))
    assert got.files == [(b"outer", CONTENT + b"second" * 50 + b"third")]
    assert "CRC-32" in got.faults[0][1]
    assert got.ranges == [ByteRange(offset_bytes=len(CONTENT), length_bytes=305)]


@pytest.mark.parametrize("kind", PACKERS)
def test_a_stream_that_breaks_is_damaged_from_its_last_sound_stream_on(expand, kind):
    pack = PACKERS[kind]
    broken = bytearray(pack(random.Random(6).randbytes(50_000)))
    broken[-400] ^= 0x40
    got = expand(pack(CONTENT) + bytes(broken))
    ((_, content),) = got.files
    assert content.startswith(CONTENT)
    assert len(got.faults) == 1
    assert got.ranges[0].offset_bytes >= len(CONTENT)


def test_a_zstd_file_may_begin_with_long_skippable_frames(expand, source_of):
    skippable = b"".join(
        b"%c\x2a\x4d\x18" % (0x50 + number) + struct.pack("<I", 90_000) + bytes(90_000) for number in range(16)
    )
    data = skippable + PACKERS["zstd"](CONTENT)
    got = expand(data)
    assert (got.kind, got.files) == ("zstd", [(b"outer", CONTENT)])
    assert got.complaints == 0
    short = open_archive(source_of(data), head=data[:64], outer_name=b"", limits=Limits())
    assert short.kind == "zstd"


def test_skippable_frames_before_lz4_are_no_zstd(expand):
    skippable = b"\x50\x2a\x4d\x18" + struct.pack("<I", 90_000) + bytes(90_000)
    with pytest.raises(UnknownFormat, match="LZ4"):
        expand(skippable + b"\x04\x22\x4d\x18" + bytes(20))


@pytest.mark.parametrize("kind", PACKERS)
def test_every_cut_is_reported_and_what_came_before_is_given(expand, kind):
    packed = PACKERS[kind](CONTENT)
    for cut in range(40, len(packed) - 1, 9973):
        got = expand(packed[:cut])
        assert got.complaints, cut
        assert all(CONTENT.startswith(content) for _, content in got.files)


@pytest.mark.parametrize("kind", PACKERS)
def test_every_flipped_byte_is_reported(expand, kind):
    content = CONTENT[:600] + b"lighthouse" * 40
    packed = PACKERS[kind](content)
    for place in range(16, len(packed), 5):
        got = expand(packed[:place] + bytes([packed[place] ^ 0x40]) + packed[place + 1 :])
        assert got is None or got.complaints or got.files[0][1] == content, place


@pytest.mark.parametrize("kind", PACKERS)
def test_a_bomb_is_a_limit(expand, kind):
    got = expand(PACKERS[kind](bytes(80 << 20)))
    assert got.kinds() == {"limit"}
    assert got.files == []


def test_unpacked_bytes_is_a_limit(expand):
    got = expand(gzip.compress(CONTENT), limits=Limits(unpacked_bytes=100_000))
    assert got.kinds() == {"limit"}
    assert "unpacked_bytes" in got.problems[0][1]


def test_decoders_with_a_huge_window_are_refused(expand):
    parameters = zstandard.ZstdCompressionParameters(window_log=30, enable_ldm=False, compression_level=1)
    frame = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    assert expand(frame.compress(CONTENT) + frame.flush()).kinds() == {"limit"}
    block = bytearray(lzma.compress(b"light"))
    stream = lzma.compress(b"light", format=lzma.FORMAT_XZ, filters=[{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 20}])
    assert expand(stream).files[0][1] == b"light"
    block[12 + 4] = 38  # LZMA2 dictionary of 2 GiB: the block header's CRC-32 then has to fit again
    block[12 + 8 : 12 + 12] = struct.pack("<I", zlib.crc32(bytes(block[12:20])))
    assert expand(bytes(block)).kinds() == {"limit"}


def test_zstd_skippable_and_rle_and_raw_blocks(expand):
    raw = b"\x28\xb5\x2f\xfd\x00\x58" + (5 << 3).to_bytes(3, "little") + b"light"
    run = (70_000 << 3 | 1 << 1 | 1).to_bytes(3, "little") + b"h"
    skippable = b"\x53\x2a\x4d\x18" + struct.pack("<I", 5) + b"12345"
    got = expand(skippable + raw + run + skippable)
    assert got.files == [(b"outer", b"light" + b"h" * 70_000)]
    assert got.complaints == 0


@pytest.mark.parametrize("kind", ["gzip", "zstd"])
@pytest.mark.parametrize("broken", [False, True])
def test_no_more_than_a_few_pieces_of_a_stream_are_held(source_of, kind, broken):
    content = random.Random(5).randbytes(12 << 20)
    packed = bytearray(PACKERS[kind](content))
    if broken:
        packed[-5000] ^= 0x40
    source = source_of(bytes(packed))
    tracemalloc.start()
    reader = open_archive(source, head=source.read_at(0, 4096), outer_name=b"", limits=Limits())
    (entry,) = reader.entries()
    file, size = reader.open(entry), 0
    while block := file.read(1 << 20):
        size += len(block)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (size > 11 << 20, file.fault is not None) == (True, broken)
    assert peak < 8 << 20


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=5000), st.integers(1, 400), st.integers(1, 300), st.booleans())
def test_zstd_in_pieces_equals_the_library(data, piece, room, checksum):
    packed = zstandard.ZstdCompressor(write_checksum=checksum).compress(data * 50)
    decoder, out, place = new_zstd(), [], 0
    while not decoder.eof:
        feed = b""
        if decoder.needs_input:
            feed = packed[place : place + piece]
            place += len(feed)
            assert feed
        out.append(decode(decoder, feed, room))
        assert len(out[-1]) <= room
    assert b"".join(out) == data * 50


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from([*PACKERS]),
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=6),
    st.integers(0, 500),
)
def test_broken_streams_raise_nothing_but_evidence_errors(check_steady, kind, changes, cut):
    data = bytearray(PACKERS[kind](CONTENT[:300] + b"light" * 100))
    for place, value in changes:
        data[place % len(data)] = value
    check_steady(bytes(data[:cut]))
