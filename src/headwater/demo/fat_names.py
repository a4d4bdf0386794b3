"""FAT directory entries: 8.3 names, VFAT long names, times (Microsoft FAT32 File System Specification 1.03)."""

import struct
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

ATTRIBUTE_DIRECTORY, ATTRIBUTE_ARCHIVE, _ATTRIBUTE_LONG = 0x10, 0x20, 0x0F
DELETED_MARK = 0xE5
_PLAIN = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789$%'-_@~`!(){}^#&")
_UNITS_PER_ENTRY = 13


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectoryEntry:
    """What one file's or directory's set of entries says. `short` is 11 bytes, padded."""

    name: str
    short: bytes
    attributes: int
    cluster: int
    size_bytes: int
    created: datetime
    modified: datetime
    deleted: bool = False

    def pack(self) -> bytes:
        """Pack the long-name entries (none where the short name says it all), then the short one."""
        long = b"" if spelled(self.short) == self.name or self.name in {".", ".."} else _long(self.name, self.short)
        created_date, created_time, tenths = _stamp(self.created)
        date, time, _ = _stamp(self.modified)
        fields = (self.attributes, 0, tenths, created_time, created_date, date, self.cluster >> 16)
        entry = struct.pack("<11sBBBHHHH", self.short, *fields)
        entry += struct.pack("<HHHI", time, date, self.cluster & 0xFFFF, self.size_bytes)
        return _mark_deleted(long + entry) if self.deleted else long + entry


def short_name(name: str, taken: Collection[bytes]) -> bytes:
    """Find an 11-byte name that no other in `taken` bears: the name itself where it fits, else a numbered tail."""
    stem, dot, extension = name.rpartition(".")
    if not dot or not stem:
        stem, extension = name, ""
    exact = _padded(_plain(stem), _plain(extension))
    if spelled(exact) == name and exact not in taken:
        return exact
    for number in range(1, 1_000_000):
        tail = f"~{number}".encode()
        candidate = _padded(_plain(stem)[: 8 - len(tail)] + tail, _plain(extension))
        if candidate not in taken:
            return candidate
    raise ValueError(f"no short name left for {name!r}")


def spelled(short: bytes) -> str:
    """Spell an 11-byte name as it is read: ``NAME.EXT``."""
    stem, extension = short[:8].rstrip(b" "), short[8:].rstrip(b" ")
    return (stem + (b"." + extension if extension else b"")).decode("ascii")


def _plain(text: str) -> bytes:
    upper = text.upper().encode("ascii", "replace").replace(b"?", b"_").replace(b" ", b"").replace(b".", b"")
    return bytes(byte if byte in _PLAIN else 0x5F for byte in upper)


def _padded(stem: bytes, extension: bytes) -> bytes:
    return (stem[:8] or b"_").ljust(8) + extension[:3].ljust(3)


def checksum(short: bytes) -> int:
    """Compute the sum that ties long-name entries to their short name."""
    total = 0
    for byte in short:
        total = (((total & 1) << 7) + (total >> 1) + byte) & 0xFF
    return total


def _long(name: str, short: bytes) -> bytes:
    """Pack the long-name entries, last part first."""
    units = name.encode("utf-16-le")
    count = -(-len(units) // (2 * _UNITS_PER_ENTRY))
    padded = units if len(units) == count * 2 * _UNITS_PER_ENTRY else units + b"\0\0"
    padded = padded.ljust(count * 2 * _UNITS_PER_ENTRY, b"\xff")
    total = checksum(short)
    entries = []
    for number in range(count, 0, -1):
        part = padded[(number - 1) * 26 : number * 26]
        order = number | (0x40 if number == count else 0)
        first, second, third = part[:10], part[10:22], part[22:]
        entries.append(struct.pack("<B10sBBB12sH4s", order, first, _ATTRIBUTE_LONG, 0, total, second, 0, third))
    return b"".join(entries)


def _mark_deleted(entries: bytes) -> bytes:
    marked = bytearray(entries)
    marked[::32] = bytes([DELETED_MARK]) * (len(marked) // 32)
    return bytes(marked)


def _stamp(moment: datetime) -> tuple[int, int, int]:
    """Date, time in two seconds, and the tenths field (in 10 ms) of a local time."""
    date = (moment.year - 1980) << 9 | moment.month << 5 | moment.day
    time = moment.hour << 11 | moment.minute << 5 | moment.second // 2
    return date, time, moment.second % 2 * 100 + moment.microsecond // 10_000
