import lzma
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.evidence.archive import open_archive
from headwater.evidence.reader import Limits
from headwater.model.errors import UnknownFormat

REFUSED = {
    "7-Zip": b"7z\xbc\xaf\x27\x1c" + bytes(26),
    "RAR archive": b"Rar!\x1a\x07\x00" + bytes(30),
    "RAR 5": b"Rar!\x1a\x07\x01\x00" + bytes(30),
    "cabinet": b"MSCF\0\0\0\0" + bytes(30),
    "ar archive": b"!<arch>\nfile",
    "cpio": b"070701" + b"0" * 104,
    "compress": b"\x1f\x9d\x90abc",
    "LZ4": b"\x04\x22\x4d\x18" + bytes(8),
    "lzip": b"LZIP\x01\x0c",
    "LHA/LZH": b"\x1f\x55-lh5-" + bytes(13) + b"\x00\x00",
    "ISO 9660": bytes(0x8001) + b"CD001\x01" + bytes(2000),
    "LZMA": lzma.compress(b"light", format=lzma.FORMAT_ALONE),
}


@pytest.mark.parametrize("name", REFUSED)
def test_archives_that_are_not_opened_are_refused_by_name(expand, name):
    with pytest.raises(UnknownFormat, match=name):
        expand(REFUSED[name])


@pytest.mark.parametrize("size", [b"\xff" * 8, struct.pack("<Q", 5)])
@pytest.mark.parametrize("preset", [0, 6, 9])
def test_lzma_is_told_whether_it_states_its_size_or_not(expand, size, preset):
    data = bytearray(lzma.compress(b"light", format=lzma.FORMAT_ALONE, preset=preset))
    data[5:13] = size
    with pytest.raises(UnknownFormat, match="LZMA"):
        expand(bytes(data))


@pytest.mark.parametrize(
    "head",
    [
        bytes(64),
        b"\0\0\1\0\1\0\x10\x10\0\0\1\0\x20\0\x68\4\0\0\x16\0\0\0",  # an icon
        b"\0\1\0\0\0\x0c\0\x80\0\3\0\x40GSUB",  # a font
        b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom",
        b"\0\0\1\xba\x44\0\4\0\4\1\1\x89\xc3\xf8",
        b"\xeb\x3c\x90MSDOS5.0\0\2\1\1\0",
        struct.pack("<8I", 1, 2, 3, 4, 5, 6, 7, 8),
        struct.pack("<8Q", 1, 4096, 1 << 20, 4, 5, 6, 7, 8),
    ],
)
def test_what_only_resembles_lzma_is_not_refused(expand, head):
    assert expand(head.ljust(3000, b"\0")) is None


def test_iso_is_told_from_a_short_head_too(source_of):
    data = REFUSED["ISO 9660"]
    with pytest.raises(UnknownFormat, match="ISO 9660"):
        open_archive(source_of(data), head=data[:4096], outer_name=b"", limits=Limits())


@pytest.mark.parametrize(
    "data", [b"", b"\0", b"P", b"PK", bytes(5000), b"lighthouse" * 500, b"\xff\xd8\xff\xe0" * 200, b"\x1f\x8b"]
)
def test_what_is_no_archive_gives_none(expand, data):
    assert expand(data) is None


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=1200))
def test_any_bytes(check_steady, data):
    check_steady(data)
