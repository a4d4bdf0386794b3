"""Where the central directory of a zip lies, and its records one after another.

Source: APPNOTE 6.3.10 sections 4.3.14 to 4.3.16 (zip64 end record and locator, end of central directory record).
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from headwater.evidence.archive.zip_records import (
    CENTRAL_BYTES,
    CENTRAL_SIGNATURE,
    LOCAL_SIGNATURE,
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
END_BYTES, LOCATOR_BYTES, END64_BYTES = _END.size, _LOCATOR.size, _END64.size
_TAIL_BYTES = (1 << 16) + (1 << 20)  # the longest comment, and what may have been appended after it
_SHORT_TAIL_BYTES = (1 << 16) + END_BYTES  # the same, of a file that does not begin as a zip
_RECORD_BYTES = CENTRAL_BYTES + 3 * 0xFFFF  # the longest record
_BUFFER_BYTES = 1 << 18
_GUESS_BYTES = 512  # holds most records
_TRIED_RECORDS = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """The central directory. `shift_bytes` is added to every stored offset: something was put before the zip."""

    start: int
    size_bytes: int
    count: int
    shift_bytes: int
    end64: int  # of the zip64 end record, else of the end record
    end_record: int
    end: int  # after the end record and its comment
    split: bool  # the zip was written in several volumes


def find_directory(source: ByteSource) -> Directory | None:
    """Find the last central directory that is where an end record says; an empty one only where there is no other."""
    empty = None
    for directory in _directories(source, _TAIL_BYTES):
        if directory.size_bytes:
            return directory
        empty = empty or directory
    return empty


def find_filled(source: ByteSource) -> Directory | None:
    """Find the last central directory that is where an end record says and names members."""
    return next((found for found in _directories(source, _TAIL_BYTES) if found.size_bytes), None)


def find_behind(source: ByteSource, *, at_end: bool) -> Directory | None:
    """Find the zip that lies behind something else: its end record near the end, its members where they should be.

    at_end: nothing may follow the end record and its comment.
    """
    for directory in _directories(source, _SHORT_TAIL_BYTES):
        fits = directory.end == source.size_bytes or not at_end
        if fits and directory.size_bytes and _leads_to_members(source, directory):
            return directory
    return None


def first_member(source: ByteSource, directory: Directory) -> int:
    """Where the first local header lies that the directory names."""
    first = directory.start
    try:
        for _, record in central_records(source, directory.start, directory.start + directory.size_bytes):
            first = min(first, record.header_offset + directory.shift_bytes)
    except Malformed:
        pass  # as far as it can be read
    return max(first, 0)


def _leads_to_members(source: ByteSource, directory: Directory) -> bool:
    """Whether a local header lies where one of the first records says."""
    records = central_records(source, directory.start, directory.start + directory.size_bytes)
    try:
        for _, record in islice(records, _TRIED_RECORDS):
            start = record.header_offset + directory.shift_bytes
            if 0 <= start < directory.start and source.read_at(start, 4) == LOCAL_SIGNATURE:
                return True
    except Malformed:
        return False
    return False


def _directories(source: ByteSource, tail_bytes: int) -> Iterator[Directory]:
    """Give what the end records near the end lead to, from the last to the first."""
    base = max(0, source.size_bytes - tail_bytes)
    tail = source.read_at(base, tail_bytes)
    place = tail.rfind(END_SIGNATURE)
    while place >= 0:
        if directory := _directory_at(source, base + place, tail[place : place + END_BYTES]):
            yield directory
        place = tail.rfind(END_SIGNATURE, 0, place)


def _directory_at(source: ByteSource, place: int, data: bytes) -> Directory | None:
    if len(data) < END_BYTES:
        return None
    _, disk, first_disk, _, count, size, offset, comment_bytes = _END.unpack(data)
    split = 0 < disk < 0xFFFF or 0 < first_disk < 0xFFFF
    finish = place
    full = 0xFFFF in {disk, first_disk, count} or 0xFFFFFFFF in {size, offset}
    if full and (wide := _end64(source, place)):
        finish, count, size, offset, disk = wide
        split = disk > 0
    start = _start(source, offset, size, finish)
    if start is None:
        return None
    return Directory(
        start=start,
        size_bytes=size,
        count=count,
        shift_bytes=start - offset,
        end64=finish,
        end_record=place,
        end=min(place + END_BYTES + comment_bytes, source.size_bytes),
        split=split,
    )


def _start(source: ByteSource, offset: int, size: int, finish: int) -> int | None:
    """Place the directory right before its end record; else where the offset says."""
    for start in dict.fromkeys((finish - size, offset)):
        if start < 0 or start + size > source.size_bytes:
            continue
        if not size or source.read_at(start, 4) == CENTRAL_SIGNATURE:
            return start
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
