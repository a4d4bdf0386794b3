"""Where the central directory of a zip lies, and its records one after another.

Source: APPNOTE 6.3.10 sections 4.3.14 to 4.3.16 (zip64 end record and locator, end of central directory record).
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from headwater.evidence.archive.zip_records import (
    CENTRAL_BYTES,
    CENTRAL_SIGNATURE,
    Record,
    central_length,
    parse_central,
)
from headwater.evidence.reader import ByteSource
from headwater.model.errors import Malformed

END_SIGNATURE = b"PK\x05\x06"
_END = struct.Struct("<4s4H2IH")
_LOCATOR = struct.Struct("<4sIQI")
_END64 = struct.Struct("<4sQ2H2I4Q")
_TAIL_BYTES = (1 << 16) + (1 << 20)  # the longest comment, and what may have been appended after it
_RECORD_BYTES = CENTRAL_BYTES + 3 * 0xFFFF  # the longest record
_BUFFER_BYTES = 1 << 18
_GUESS_BYTES = 512  # holds most records


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """The central directory. `shift_bytes` is added to every stored offset: something was put before the zip."""

    start: int
    size_bytes: int
    count: int
    shift_bytes: int
    end: int  # after the end record and its comment
    split: bool  # the zip was written in several volumes


def ends_as_zip(source: ByteSource) -> bool:
    """Whether the last 22 bytes are an end record without a comment: a zip with something else before it."""
    tail = source.read_at(max(0, source.size_bytes - _END.size), _END.size)
    return tail[:4] == END_SIGNATURE and tail[-2:] == b"\0\0"


def find_directory(source: ByteSource) -> Directory | None:
    """Find the last central directory that is where an end record says; None where there is none."""
    base = max(0, source.size_bytes - _TAIL_BYTES)
    tail = source.read_at(base, _TAIL_BYTES)
    place = tail.rfind(END_SIGNATURE)
    for _ in range(64):  # end records that are none, in the comment or in members
        if place < 0:
            return None
        if directory := _directory_at(source, base + place, tail[place : place + _END.size]):
            return directory
        place = tail.rfind(END_SIGNATURE, 0, place)
    return None


def _directory_at(source: ByteSource, place: int, data: bytes) -> Directory | None:
    if len(data) < _END.size:
        return None
    _, disk, first_disk, _, count, size, offset, comment_bytes = _END.unpack(data)
    end = place + _END.size + comment_bytes
    split = 0 < disk < 0xFFFF or 0 < first_disk < 0xFFFF
    finish = place
    full = 0xFFFF in {disk, first_disk, count} or 0xFFFFFFFF in {size, offset}
    if full and (wide := _end64(source, place)):
        finish, count, size, offset, disk = wide
        split = disk > 0
    return _placed(source, offset, size, count, finish, end=end, split=split)


def _placed(
    source: ByteSource, offset: int, size: int, count: int, finish: int, *, end: int, split: bool
) -> Directory | None:
    """Place the directory right before its end record; else where the offset says."""
    for start in dict.fromkeys((finish - size, offset)):
        if start < 0 or start + size > source.size_bytes:
            continue
        if not size or source.read_at(start, 4) == CENTRAL_SIGNATURE:
            shift = start - offset
            return Directory(start=start, size_bytes=size, count=count, shift_bytes=shift, end=end, split=split)
    return None


def _end64(source: ByteSource, place: int) -> tuple[int, int, int, int, int] | None:
    """Where the zip64 end record begins, then its count, size, offset and disk."""
    data = source.read_at(max(0, place - _LOCATOR.size), _LOCATOR.size)
    if len(data) < _LOCATOR.size or data[:4] != b"PK\x06\x07":
        return None
    stored = _LOCATOR.unpack(data)[2]
    for start in (stored, place - _LOCATOR.size - _END64.size):
        record = source.read_at(start, _END64.size) if 0 <= start <= source.size_bytes else b""
        if len(record) == _END64.size and record[:4] == b"PK\x06\x06":
            _, _, _, _, disk, _, _, count, size, offset = _END64.unpack(record)
            return start, count, size, offset, disk
    return None


def central_record(source: ByteSource, offset: int) -> Record:
    """Read the one record at `offset`. Raises Malformed."""
    data = source.read_at(offset, _GUESS_BYTES)
    length = central_length(data)
    return parse_central(data if length <= len(data) else source.read_at(offset, length))


def central_records(source: ByteSource, start: int, end: int) -> Iterator[tuple[int, Record]]:
    """Every record from `start` on with its offset. Raises Malformed where the next one is none."""
    buffer, base, offset = b"", start, start
    while offset < end:
        inside = offset - base
        if len(buffer) - inside < min(_RECORD_BYTES, end - offset):
            buffer, base, inside = source.read_at(offset, min(_BUFFER_BYTES, end - offset)), offset, 0
        try:
            length = central_length(buffer[inside : inside + CENTRAL_BYTES])
            record = parse_central(buffer[inside : inside + length])
        except Malformed as error:
            raise Malformed(f"{error.message} at byte {offset}") from error
        yield offset, record
        offset += length
