"""Formats of a short magic number are told by more of their header, and other bytes are not taken for them."""

import gzip
import io
import pickle
import random
import struct

import numpy as np
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from headwater.formats.signature import UNKNOWN, media_type
from headwater.formats.signature_weak import WEAK, WEAK_FAR

PICKLE = "application/x-python-pickle"
PROGRAM = "application/vnd.microsoft.portable-executable"
VALUES = {"lamp": [1, 2.5, None, True, "red", b"white", (1, 2), {3}], "n" * 300: 1 << 70, "sea": np.float64}


def kind(data):
    return media_type(data[: 64 << 10], len(data))


def picture(form, mode="RGB", **options):
    buffer = io.BytesIO()
    Image.new(mode, (9, 5), 1 if mode == "1" else None).save(buffer, form, **options)
    return buffer.getvalue()


def mp3(*headers):
    return b"".join(header + bytes(length - 4) for header, length in headers)


V1 = (b"\xff\xfb\x90\x00", 417)  # MPEG 1 layer III, 128 kbit/s, 44.1 kHz
V2 = (b"\xff\xf3\x40\x00", 104)  # MPEG 2 layer III, 32 kbit/s, 22.05 kHz
ADTS = b"\xff\xf1\x50\x80" + bytes((10 >> 3, (10 & 7) << 5, 0)) + bytes(3)  # ten bytes long


def program():
    return b"MZ" + bytes(58) + struct.pack("<I", 64) + b"PE\0\0" + bytes(100)


def dos_program():
    return b"MZ" + struct.pack("<13H", 10, 2, 0, 4, 0, 0xFFFF, 0, 0x100, 0, 0, 0, 30, 0) + bytes(500)


def disk(*entries):
    return bytes(446) + b"".join(entries).ljust(64, b"\0") + b"\x55\xaa"


def flic(width=320, depth=8):
    return struct.pack("<IHHHHHH", 128, 0xAF11, 1, width, 200, depth, 3) + bytes(112)


KNOWN = [
    (picture("BMP"), "image/bmp"),
    (picture("BMP")[:20], "image/bmp"),
    (picture("BMP")[:14] + b"\x99" * 40, "image/bmp"),
    (picture("BMP")[:6] + b"\x99" * 4 + picture("BMP")[10:], "image/bmp"),
    (gzip.compress(b"sea"), "application/gzip"),
    (gzip.compress(b"sea", mtime=0)[:5], "application/gzip"),
    (b"\x1f\x9d\x90" + (ord("s") | 257 << 9).to_bytes(4, "little"), "application/x-compress"),
    (b"\x1f\x9d\x90", "application/x-compress"),
    (b"\x1f\x1e" + struct.pack(">IB", 30, 4) + bytes(20), "application/x-pack"),
    (b"\x01\xda\x01\x02\x00\x03" + bytes(506), "image/x-sgi"),
    (b"\x01\xda\x00\x01\x00\x02" + bytes(506), "image/x-sgi"),
    (program(), PROGRAM),
    (dos_program(), "application/x-dosexec"),
    (b"#!/bin/sh\necho sea\n", "text/x-script"),
    (b"#! /usr/bin/env python3", "text/x-script"),
    (b"#!./miniperl -w\n", "text/x-script"),
    (mp3(V1, V1), "audio/mpeg"),
    (mp3(V1), "audio/mpeg"),
    (mp3(V2, V2, V2), "audio/mpeg"),
    (ADTS * 3, "audio/aac"),
    (ADTS, "audio/aac"),
    (b"\xff\x0a" + bytes(20), "image/jxl"),
    (b"\xff\x0a\xfa\x1f\x41\x91" + bytes(60), "image/jxl"),
    (picture("PPM"), "image/x-portable-anymap"),
    (picture("PPM", "L"), "image/x-portable-anymap"),
    (b"P1 # by hand\n# a lamp\n2 1\n0 1\n", "image/x-portable-anymap"),
    (b"P7\nWIDTH 2\nHEIGHT 1\nDEPTH 1\nMAXVAL 1\nENDHDR\n\0\1", "image/x-portable-anymap"),
    (disk(), "application/x-mbr-disk"),
    (disk(b"\x80\1\1\0\7\xfe\xff\xff" + struct.pack("<II", 2048, 4096)), "application/x-mbr-disk"),
    (bytes(1048) + b"\2" + bytes(31) + b"\x53\xef\1\0\1\0" + bytes(60), "application/x-ext"),
    (flic(), "video/x-flic"),
]
OTHERS = [
    b"BM" + b"\x99" * 30,
    b"BM\0\0\0\0\1",
    b"\x1f\x8b\x09\0",
    b"\x1f\x8b\x08\xe0",
    b"\x1f\x9d\x98\xff\xff\xff",
    b"\x1f\x9d\x3f\0\0\0",
    b"\x1f\x1e\xff\xff\xff\xff\4\0",
    b"\x01\xda\x05\x01\0\x03",
    b"MZ\x80\x81" * 40,
    b"#!\x80\x81 not a program",
    mp3(V1)[:-1],
    mp3(V1) + b"\x12\x34\x56\x78",
    mp3(V1, V2),
    b"\xff\xfb\xf0\x00" + bytes(900),
    ADTS + b"\0" * 10,
    b"\xff\xf1\xfc\x80\x01\x40\0",
    b"\x80\x02\x07\x81",
    b"\x80\x03X\xff\xff\xff\xff",
    b"\x80\x04.",
    b"P5\n\xff\xfe\x80",
    disk(b"\x99" * 16),
    bytes(1048) + b"\xff" + bytes(31) + b"\x53\xef\1\0\1\0" + bytes(60),
    flic(width=0),
    flic(depth=77),
]


@pytest.mark.parametrize(("data", "expected"), KNOWN, ids=lambda value: value if isinstance(value, str) else "")
def test_a_whole_header_is_known(data, expected):
    assert kind(data) == expected


@pytest.mark.parametrize("data", OTHERS, ids=lambda data: data[:6].hex())
def test_a_header_that_makes_no_sense_is_not(data):
    assert kind(data) == UNKNOWN


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize(
    "value", [VALUES, 1, "sea", None, [VALUES] * 300, VALUES["sea"]], ids=lambda value: str(value)[:9]
)
def test_pickles(value, protocol):
    assert kind(pickle.dumps(value, protocol)) == PICKLE


@pytest.mark.parametrize(
    "text",
    [
        b"The free lighthouse tour starts at nine.\n",
        b"and skip this lighthouse",
        b"all wide views\n",
        b"The moov is a word of no language.",
        b"xar! hello",
        b"DDS lamp text\n",
        b"RIFF is a word and so on\n",
        b"P5 \n note: lamps",
        b"BM is a company. It sells lamps\n",
        b"MZ is my name, and here is more of what I have to say about lighthouses.\n",
    ],
)
def test_a_text_is_a_text(text):
    assert kind(text) == "text/plain"


@pytest.mark.parametrize("name", [b"moov", b"mdat", b"free", b"skip", b"wide", b"uuid"])
def test_an_atom_without_a_brand_needs_a_length_that_can_be(name):
    for length in (0, 1, 8, 20):
        assert kind(struct.pack(">I", length) + name + bytes(12)) == "video/quicktime"
    for length in (2, 7, 21, 0x54686520):
        assert kind(struct.pack(">I", length) + name + bytes(12)) != "video/quicktime"
    assert kind(b"\xff\xff\xff\xffftypqt  ") == "video/quicktime"


def test_wide_text_is_decoded_before_it_is_called_one():
    assert kind("\ufefflighthouse".encode("utf-16-le")) == "text/plain"
    assert kind("\ufeff灯台 🗼".encode("utf-16-be")) == "text/plain"
    assert kind("\ufeff".encode("utf-16-le") + "sea 🗼".encode("utf-16-le") * 5000) == "text/plain"
    assert kind(b"\xff\xfe\x00\xd8\x41\x00\x42\x00") == UNKNOWN
    assert kind(b"\xff\xfe\x01\x00\x02\x00") == UNKNOWN


def test_random_bytes_have_seldom_a_type():
    """Of 200,000 random files of 256 to 2,048 bytes 50 had one before the checks of this page, 4 have one with them."""
    numbers = random.Random(20260101)
    files = (numbers.randbytes(numbers.randint(256, 2048)) for _ in range(40_000))
    assert sum(kind(data) != UNKNOWN for data in files) <= 2


def skippable(data, number=0):
    return struct.pack("<4sI", bytes([0x50 + number]) + b"\x2a\x4d\x18", len(data)) + data


@pytest.mark.parametrize("first", range(16))
def test_frames_to_be_skipped_are_what_the_first_other_frame_is(first):
    before = skippable(b"lamp" * 900, first) + skippable(b"")
    assert kind(before + zstandard.compress(b"light")) == "application/zstd"
    assert kind(before + b"\x04\x22\x4d\x18" + bytes(20)) == "application/x-lz4"
    for alone in (before, before + b"\x28\xb5", before[:-3], skippable(bytes(70_000)) + zstandard.compress(b"light")):
        assert kind(alone) == UNKNOWN


@given(st.sampled_from([*WEAK, *(bytes(offset) + magic for offset, magic, _ in WEAK_FAR)]), st.binary(max_size=600))
def test_any_bytes_after_a_weak_magic(magic, rest):
    for cut in (len(rest), len(rest) // 2):
        assert "/" in kind(magic + rest[:cut])
