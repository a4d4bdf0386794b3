"""What compressed streams keep beside their data is said once all content was given, and damages nothing."""

import gzip
import io
import random
import struct
import tarfile
import zlib

import pytest
import zstandard

SCENE = random.Random(14).randbytes(3000)
TEXT = b"lighthouse " * 900


def gzipped(data, *, extra=b"", name=b"", comment=b""):
    flags = 4 * bool(extra) | 8 * bool(name) | 16 * bool(comment)
    head = b"\x1f\x8b\x08" + bytes([flags]) + bytes(6)
    head += struct.pack("<H", len(extra)) + extra if extra else b""
    head += name + b"\0" if name else b""
    head += comment + b"\0" if comment else b""
    return head + zlib.compress(data, wbits=-15) + struct.pack("<II", zlib.crc32(data), len(data))


def skippable(data, number=0):
    return struct.pack("<4sI", bytes([0x50 + number]) + b"\x2a\x4d\x18", len(data)) + data


def unread(count):
    return f"{count} bytes kept beside its compressed data are not read"


def seek_table(count, *, checksums=False, size=900):
    entry = struct.pack("<II", 40, size) + b"\1\2\3\4" * checksums
    return skippable(entry * count + struct.pack("<IBI", count, 0x80 * checksums, 0x8F92EAB1), 0xE)


FRAME = zstandard.compress(TEXT)
FULL = SCENE.replace(b"\0", b"\1")
HIDING = {
    "a gzip extra field": gzipped(TEXT, extra=FULL),
    "a gzip comment": gzipped(TEXT, comment=FULL),
    "a gzip name no file has": gzipped(TEXT, name=b"x" * 4096 + FULL),
    "one gzip member of many": gzipped(b"") * 50 + gzipped(TEXT, comment=FULL),
    "a zstd frame before": skippable(FULL) + FRAME,
    "a zstd frame behind": FRAME + skippable(FULL, 0xF),
    "what is no seek table": FRAME + skippable(FULL, 0xE),
}
SURPLUS = {"what is half a seek table": FRAME + skippable(FULL + struct.pack("<IBI", 375, 0, 0x8F92EAB1), 0xE)}


@pytest.mark.parametrize("place", HIDING)
def test_bytes_beside_the_compressed_data_are_said_and_damage_nothing(expand, place):
    got = expand(HIDING[place])
    assert [content for _, content in got.files] == [TEXT]
    assert [fault for _, fault in got.faults] == [unread(len(FULL))]
    assert (got.problems, got.damaged) == ([], [])


@pytest.mark.parametrize("packed", [HIDING["a gzip comment"], HIDING["a zstd frame before"]])
def test_they_are_said_where_nothing_else_holds_too(expand, packed):
    ((_, fault),) = expand(packed + b"\x01 no stream").faults
    assert fault.endswith(unread(len(FULL)))
    assert "is no further stream" in fault


def test_they_are_said_of_a_stream_that_breaks_and_of_one_whose_check_does_not_hold(expand):
    packed = HIDING["a gzip comment"]
    for broken in (packed[:-9], packed[:-8] + bytes(8)):
        got = expand(broken)
        ((_, fault),) = got.faults
        assert fault.endswith(unread(len(FULL)))
        assert got.damaged


def test_they_are_said_of_a_packed_tar(expand):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tape:
        info = tarfile.TarInfo("lamp")
        info.size = len(TEXT)
        tape.addfile(info, io.BytesIO(TEXT))
    for packed in (gzipped(buffer.getvalue(), comment=FULL), skippable(FULL) + zstandard.compress(buffer.getvalue())):
        got = expand(packed)
        assert (got.files, got.problems) == ([(b"lamp", TEXT)], [("malformed", unread(len(FULL)))])


def test_content_of_nothing_with_bytes_beside_it_is_content(expand):
    got = expand(gzipped(b"", comment=FULL))
    assert ([content for _, content in got.files], got.faults) == ([b""], [(b"outer", unread(len(FULL)))])


def dictzip(data, chunk_bytes=1000):
    packer = zlib.compressobj(wbits=-15)
    chunks = [data[at : at + chunk_bytes] for at in range(0, len(data), chunk_bytes)]
    packed = [packer.compress(chunk) + packer.flush(zlib.Z_FULL_FLUSH) for chunk in chunks]
    sizes = struct.pack(f"<{len(packed)}H", *map(len, packed))
    extra = struct.pack("<2s4H", b"RA", 6 + len(sizes), 1, chunk_bytes, len(packed)) + sizes
    head = b"\x1f\x8b\x08\4" + bytes(6) + struct.pack("<H", len(extra)) + extra
    return head + b"".join(packed) + packer.flush() + struct.pack("<II", zlib.crc32(data), len(data))


ORDINARY = {
    "bgzip": gzipped(TEXT, extra=b"BC\2\0\x40\1") * 300,
    "dictzip": dictzip(TEXT * 20),
    "pzstd": (skippable(b"\x20\1\0\0") + FRAME) * 300,
    "a seekable zstd": FRAME * 90 + seek_table(90),
    "one with checksums": FRAME * 90 + seek_table(90, checksums=True),
    "zeros": skippable(bytes(5000)) + FRAME,
    "a short comment": gzipped(TEXT, comment=b"of the lamp room, in winter"),
}


@pytest.mark.parametrize("writer", ORDINARY)
def test_what_programs_keep_there_is_no_word_worth(expand, writer):
    got = expand(ORDINARY[writer])
    assert set(got.files[0][1].split()) == {b"lighthouse"}
    assert got.complaints == 0


@pytest.mark.parametrize("packed", [FRAME + seek_table(90, size=1 << 31), *SURPLUS.values()])
def test_what_only_looks_like_a_seek_table_is_said(expand, packed):
    assert len(expand(packed).faults) == 1


def test_a_table_of_chunks_that_do_not_come_to_the_packed_bytes_is_said(expand):
    extra = struct.pack("<2s4H", b"RA", 6 + len(FULL), 1, 1000, len(FULL) // 2) + FULL
    assert [fault for _, fault in expand(gzipped(TEXT, extra=extra)).faults] == [unread(len(extra))]


def named(*names):
    return b"".join(gzipped(TEXT, name=name) for name in names)


def test_the_names_of_further_members_are_said(expand):
    got = expand(named(b"lamp.txt", b"lamp.txt", b"scene.jpg", b"", b"scene.jpg"))
    assert got.files == [(b"lamp.txt", TEXT * 5)]
    assert got.faults == [(b"lamp.txt", "joined from 5 streams, whose further names are scene.jpg")]
    assert got.damaged == []


def test_of_many_names_a_few_are_said(expand):
    ((_, fault),) = expand(named(b"", *[b"%d" % number for number in range(40)])).faults
    assert fault == "joined from 41 streams, whose further names are 0, 1, 2 and 37 more"


@pytest.mark.parametrize("names", [[b"lamp", b"lamp"], [b"lamp", b"", b""], [b"", b""]])
def test_members_of_one_name_are_no_word_worth(expand, names):
    assert expand(named(*names)).complaints == 0


def test_the_standard_library_reads_these_alike():
    assert gzip.decompress(HIDING["one gzip member of many"]) == TEXT
    assert gzip.decompress(ORDINARY["dictzip"]) == TEXT * 20
