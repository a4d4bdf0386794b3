"""Segments in memory, and made E01 images, for the tests of this room."""

import io
import os
import random
import tempfile
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

from headwater.demo.ewf_writer import Metadata, write_ewf
from headwater.evidence.disk.segments import Segment

CHUNK = 32768


def memory(name, data):
    fd = os.memfd_create(name)
    os.pwrite(fd, data, 0)
    return Segment(name, fd, len(data))


def media(chunks=24, tail_sectors=3, seed=1):
    """Chunks by turns random (stored as they are) and repetitive (compressed), and a short last one."""
    chance = random.Random(seed)
    whole = [chance.randbytes(CHUNK) if index % 3 == 0 else bytes([index]) * CHUNK for index in range(chunks)]
    return b"".join(whole) + chance.randbytes(512 * tail_sectors)


def e01(data, segment_bytes=None, **options):
    """The segment files of an image of `data`, as (name, bytes)."""
    options.setdefault("metadata", Metadata(case_number="C-7", set_guid=b"tide" * 4))
    with tempfile.TemporaryDirectory() as folder:
        paths = write_ewf(io.BytesIO(data), Path(folder), "lamp", segment_bytes=segment_bytes, **options)
        return [(path.name, path.read_bytes()) for path in paths]


def flip(data, at, change=0xFF):
    return data[:at] + bytes([data[at] ^ change]) + data[at + 1 :]


def place(data, kind, nth=0):
    """The offset of the nth descriptor of a type."""
    at = -1
    for _ in range(nth + 1):
        at = data.index(kind.encode().ljust(16, b"\0"), at + 1)
    return at


@contextmanager
def held(files):
    """Segments in memory for as long as a block runs."""
    segments = [memory(name, data) for name, data in files]
    try:
        yield segments
    finally:
        for segment in segments:
            os.close(segment.fd)


@pytest.fixture(scope="session")
def kit():
    """The helpers above under one name."""
    return SimpleNamespace(memory=memory, held=held, media=media, e01=e01, flip=flip, place=place, chunk=CHUNK)


@pytest.fixture
def opened():
    """Makes segments in memory out of (name, bytes) pairs, and closes them after the test."""
    made = []

    def open_all(files):
        segments = [memory(name, data) for name, data in files]
        made.extend(segments)
        return segments

    yield open_all
    for segment in made:
        os.close(segment.fd)
