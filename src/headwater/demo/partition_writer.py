"""A GPT around given volumes (UEFI 2.10, chapter 5)."""

import struct
from binascii import crc32
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO
from uuid import UUID

SECTOR_BYTES = 512
ALIGN_SECTORS = 2048
BASIC_DATA = UUID("ebd0a0a2-b9e5-4433-87c0-68b6b72699c7")
_ENTRIES, _ENTRY_BYTES = 128, 128
_TABLE_SECTORS = _ENTRIES * _ENTRY_BYTES // SECTOR_BYTES


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One partition: where it begins, how long it is, what it is called."""

    first_sector: int
    sectors: int
    name: str
    identity: UUID


def lay_out(sizes_sectors: Sequence[int], names: Sequence[str], identities: Sequence[UUID]) -> tuple[Part, ...]:
    """Partitions one after another, each begun on a mebibyte."""
    parts, first = [], ALIGN_SECTORS
    for size, name, identity in zip(sizes_sectors, names, identities, strict=True):
        parts.append(Part(first_sector=first, sectors=size, name=name, identity=identity))
        first += -(-size // ALIGN_SECTORS) * ALIGN_SECTORS
    return tuple(parts)


def disk_sectors(parts: Sequence[Part]) -> int:
    """How long a disk with these partitions is, room for the second GPT included."""
    return max(part.first_sector + part.sectors for part in parts) + ALIGN_SECTORS


def write_gpt(out: BinaryIO, parts: Sequence[Part], disk: UUID) -> None:
    """Write protective MBR, primary and backup GPT, and set the length of the disk."""
    total = disk_sectors(parts)
    table = b"".join(_gpt_entry(part) for part in parts).ljust(_ENTRIES * _ENTRY_BYTES, b"\0")
    out.truncate(total * SECTOR_BYTES)
    _write(out, 0, _boot_sector([_mbr_entry(0xEE, 1, min(total - 1, 0xFFFFFFFF))]))
    _write(out, 1, _gpt_header(1, total - 1, 2, total, disk, table))
    _write(out, 2, table)
    _write(out, total - 1 - _TABLE_SECTORS, table)
    _write(out, total - 1, _gpt_header(total - 1, 1, total - 1 - _TABLE_SECTORS, total, disk, table))


def _write(out: BinaryIO, sector: int, data: bytes) -> None:
    out.seek(sector * SECTOR_BYTES)
    out.write(data)


def _boot_sector(entries: Sequence[bytes]) -> bytes:
    return bytes(446) + b"".join(entries).ljust(64, b"\0") + b"\x55\xaa"


def _mbr_entry(kind: int, first: int, count: int) -> bytes:
    return struct.pack("<B3sB3sII", 0, b"\x00\x02\x00", kind, b"\xff\xff\xff", first, count)


def _gpt_entry(part: Part) -> bytes:
    last = part.first_sector + part.sectors - 1
    name = part.name.encode("utf-16-le")[:72].ljust(72, b"\0")
    return struct.pack("<16s16sQQQ72s", BASIC_DATA.bytes_le, part.identity.bytes_le, part.first_sector, last, 0, name)


def _gpt_header(here: int, other: int, table_at: int, total: int, disk: UUID, table: bytes) -> bytes:
    usable = (2 + _TABLE_SECTORS, total - 2 - _TABLE_SECTORS)
    fields = (here, other, *usable, disk.bytes_le, table_at, _ENTRIES, _ENTRY_BYTES, crc32(table))
    tail = struct.pack("<QQQQ16sQIII", *fields)
    blank = struct.pack("<8sIIII", b"EFI PART", 0x10000, 92, 0, 0) + tail
    header = struct.pack("<8sIIII", b"EFI PART", 0x10000, 92, crc32(blank), 0) + tail
    return header.ljust(SECTOR_BYTES, b"\0")
