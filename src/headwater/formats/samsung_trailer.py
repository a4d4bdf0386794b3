"""What Samsung's programs append to a picture: records, and a directory of them at the very end.

Layout, seen in files and named after them: each record is two zero bytes, a type, the length of its name (32 bits),
the name, its data. The directory: ``SEFH``, a version, a count, then for each record two zeros, its type, how far it
begins before ``SEFH`` and its length; last the directory's length and ``SEFT``. All numbers little-endian.
Names and types of records: https://exiftool.org/TagNames/Samsung.html#Trailer
"""

import json
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from headwater.formats.structure import Range, Source

SCREEN = "Samsung_Capture_Info"
_TAIL_BYTES = 4096
_RECORDS_MAX = 256
_NAME_BYTES_MAX = 128
_DATA_BYTES_MAX = 1 << 20
_ENTRY = struct.Struct("<HHII")
_HEAD = struct.Struct("<HHI")
_END = b"SEFT"


@dataclass(frozen=True, slots=True)
class Record:
    """One record: its name, its data (at most 1 MiB of it) and where it lies in the file."""

    name: str
    data: bytes
    where: Range

    def generator_type(self) -> int | None:
        """The number that Samsung's editor writes as genAIType; None where there is none."""
        start, end = self.data.find(b"{"), self.data.rfind(b"}")
        if start < 0 or b"genAIType" not in self.data:
            return None
        try:
            found = json.loads(self.data[start : end + 1])
        except (ValueError, RecursionError):
            return None
        number = found.get("genAIType") if isinstance(found, dict) else None
        return number if isinstance(number, int) and not isinstance(number, bool) else None


def read_samsung_trailer(source: Source) -> tuple[Record, ...]:
    """Give every record; none where the file does not end so. Never raises."""
    start = max(0, source.size_bytes - _TAIL_BYTES)
    tail = source.read_at(start, _TAIL_BYTES)
    mark = tail.rfind(_END)
    if mark < 4:
        return ()
    (length,) = struct.unpack_from("<I", tail, mark - 4)
    directory = start + mark - 4 - length
    table = source.read_at(directory, min(length, 12 + _RECORDS_MAX * _ENTRY.size)) if directory >= 0 else b""
    if table[:4] != b"SEFH" or len(table) < 12:
        return ()
    return tuple(_records(source, directory, table))


def _records(source: Source, directory: int, table: bytes) -> Iterator[Record]:
    (count,) = struct.unpack_from("<I", table, 8)
    for index in range(min(count, (len(table) - 12) // _ENTRY.size)):
        _, _, back, length = _ENTRY.unpack_from(table, 12 + index * _ENTRY.size)
        at = directory - back
        if at < 0 or not _HEAD.size <= length <= back:
            continue
        raw = source.read_at(at, min(length, _DATA_BYTES_MAX))
        if len(raw) < _HEAD.size:
            continue
        named = min(_HEAD.unpack_from(raw)[2], _NAME_BYTES_MAX)
        name = raw[_HEAD.size : _HEAD.size + named].decode("latin-1")
        yield Record(name, raw[_HEAD.size + named :], Range(at, length))
