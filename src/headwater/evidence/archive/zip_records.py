"""The records of a zip: bytes in, plain records out. Names stay the stored bytes.

Source: PKWARE APPNOTE.TXT 6.3.10, sections 4.3.7 (local header), 4.3.12 (central directory), 4.5.3 (zip64 extra).
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace

from headwater.model.errors import Malformed

LOCAL_SIGNATURE = b"PK\x03\x04"
CENTRAL_SIGNATURE = b"PK\x01\x02"
DESCRIPTOR_SIGNATURE = b"PK\x07\x08"
_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
LOCAL_BYTES = _LOCAL.size
CENTRAL_BYTES = _CENTRAL.size
MOST_BYTES = (1 << 63) - 1
STORED = 0  # as a method
ENCRYPTED, DESCRIPTOR_FOLLOWS, UTF8, MASKED = 1 << 0, 1 << 3, 1 << 11, 1 << 13
_ZIP64 = 0x0001
_FULL = 0xFFFFFFFF


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One member, as the central directory or a local header tells of it."""

    name: bytes
    flags: int
    method: int
    dos_date: int
    dos_time: int
    crc32: int
    packed_bytes: int
    size_bytes: int
    header_offset: int  # of the local header, as stored
    extra: bytes
    length_bytes: int  # of this record itself
    comment: bytes = b""
    unix_mode: int = 0  # where the maker was Unix, else 0
    disk: int = 0
    problem: str = ""  # why its size is not the one that is stored

    @property
    def encrypted(self) -> bool:
        return bool(self.flags & ENCRYPTED)


def possible(record: Record) -> Record:
    """Give the record without a size that cannot be, and say so in `problem`.

    2^63 bytes and more, which no file has, become unknown, -1; none at all where some are stored, as many as those are.
    """
    if record.method == STORED and not record.size_bytes and record.packed_bytes and not record.encrypted:
        problem = f"its record gives 0 bytes, {record.packed_bytes} are stored"
        record = replace(record, size_bytes=record.packed_bytes, problem=problem)
    if max(record.size_bytes, record.packed_bytes) <= MOST_BYTES:
        return record
    problem = f"its record gives {record.size_bytes} bytes, packed {record.packed_bytes}: no file has 2^63 or more"
    return replace(record, size_bytes=-1, packed_bytes=min(record.packed_bytes, MOST_BYTES), problem=problem)


def parse_local(data: bytes, header_offset: int) -> Record:
    """Read a local header with its name and extra fields. Raises Malformed."""
    if len(data) < LOCAL_BYTES or data[:4] != LOCAL_SIGNATURE:
        raise Malformed(f"no local header at byte {header_offset}")
    _, _, flags, method, time, date, crc32, packed, size, name_bytes, extra_bytes = _LOCAL.unpack_from(data)
    length = LOCAL_BYTES + name_bytes + extra_bytes
    if len(data) < length:
        raise Malformed(f"local header at byte {header_offset} is cut off")
    extra = data[LOCAL_BYTES + name_bytes : length]
    size, packed = _widened(extra, (size, packed))
    record = Record(
        name=data[LOCAL_BYTES : LOCAL_BYTES + name_bytes],
        flags=flags,
        method=method,
        dos_date=date,
        dos_time=time,
        crc32=crc32,
        packed_bytes=packed,
        size_bytes=size,
        header_offset=header_offset,
        extra=extra,
        length_bytes=length,
    )
    return possible(record)


def central_length(data: bytes) -> int:
    """How long the central record at the start of `data` is. Raises Malformed."""
    if len(data) < CENTRAL_BYTES or data[:4] != CENTRAL_SIGNATURE:
        raise Malformed("no record of the central directory")
    name_bytes, extra_bytes, comment_bytes = struct.unpack_from("<3H", data, 28)
    return int(CENTRAL_BYTES + name_bytes + extra_bytes + comment_bytes)


def parse_central(data: bytes) -> Record:
    """Read a record of the central directory. Raises Malformed."""
    length = central_length(data)
    if len(data) < length:
        raise Malformed("record of the central directory is cut off")
    fields = _CENTRAL.unpack_from(data)
    _, made_by, _, flags, method, time, date, crc32, packed, size = fields[:10]
    name_bytes, extra_bytes, _, disk, _, mode, offset = fields[10:]
    comment_at = CENTRAL_BYTES + name_bytes + extra_bytes
    extra = data[CENTRAL_BYTES + name_bytes : comment_at]
    size, packed, offset = _widened(extra, (size, packed, offset))
    record = Record(
        name=data[CENTRAL_BYTES : CENTRAL_BYTES + name_bytes],
        flags=flags,
        method=method,
        dos_date=date,
        dos_time=time,
        crc32=crc32,
        packed_bytes=packed,
        size_bytes=size,
        header_offset=offset,
        extra=extra,
        length_bytes=length,
        comment=data[comment_at:length],
        unix_mode=mode >> 16 if made_by >> 8 in {3, 19} else 0,
        disk=disk,
    )
    return possible(record)


def extra_fields(extra: bytes) -> Iterator[tuple[int, bytes]]:
    """Read the extra fields as (tag, data); stops where one does not fit."""
    position = 0
    while position + 4 <= len(extra):
        tag, length = struct.unpack_from("<HH", extra, position)
        if position + 4 + length > len(extra):
            return
        yield tag, extra[position + 4 : position + 4 + length]
        position += 4 + length


def _widened(extra: bytes, values: tuple[int, ...]) -> tuple[int, ...]:
    """Give the values with those that are all ones taken from the zip64 extra field, in its order."""
    if _FULL not in values:
        return values
    data = next((data for tag, data in extra_fields(extra) if tag == _ZIP64), b"")
    wide = []
    position = 0
    for value in values:
        if value == _FULL and position + 8 <= len(data):
            wide.append(struct.unpack_from("<Q", data, position)[0])
            position += 8
        else:
            wide.append(value)
    return tuple(wide)
