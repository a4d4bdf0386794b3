"""GUID partition tables. Source: UEFI Specification 2.10, chapter 5.3; all numbers little-endian, checksums CRC-32."""

import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from headwater.evidence.reader import ByteSource

SIGNATURE = b"EFI PART"
_HEADER = struct.Struct("<8sIIII4Q16sQIII")
_ENTRY = struct.Struct("<16s16sQQQ72s")
_MAX_TABLE_BYTES = 4 << 20
_MAX_HEADER_BYTES = 4096

# Partition type GUIDs as registered by UEFI, Microsoft, Apple and the Discoverable Partitions Specification.
_TYPE_NAMES = {
    UUID("c12a7328-f81f-11d2-ba4b-00a0c93ec93b"): "EFI system partition",
    UUID("e3c9e316-0b5c-4db8-817d-f92df00215ae"): "Microsoft reserved",
    UUID("ebd0a0a2-b9e5-4433-87c0-68b6b72699c7"): "Microsoft basic data",
    UUID("de94bba4-06d1-4d40-a16a-bfd50179d6ac"): "Windows recovery",
    UUID("5808c8aa-7e8f-42e0-85d2-e1e90434cfb3"): "Windows LDM metadata",
    UUID("af9b60a0-1431-4f62-bc68-3311714a69ad"): "Windows LDM data",
    UUID("e75caf8f-f680-4cee-afa3-b001e56efc2d"): "Windows storage space",
    UUID("0fc63daf-8483-4772-8e79-3d69d8477de4"): "Linux file system",
    UUID("0657fd6d-a4ab-43c4-84e5-0933c84b4f4f"): "Linux swap",
    UUID("e6d6d379-f507-44c2-a23c-238f2a3df928"): "Linux LVM",
    UUID("a19d880f-05fc-4d3b-a006-743f0f84911e"): "Linux RAID",
    UUID("933ac7e1-2eb4-4f13-b844-0e14e2aef915"): "Linux home",
    UUID("4f68bce3-e8cd-4db1-96e7-fbcaf984b709"): "Linux root (x86-64)",
    UUID("ca7d7ccb-63ed-4c53-861c-1742536059cc"): "LUKS",
    UUID("21686148-6449-6e6f-744e-656564454649"): "BIOS boot",
    UUID("48465300-0000-11aa-aa11-00306543ecac"): "Apple HFS+",
    UUID("7c3457ef-0000-11aa-aa11-00306543ecac"): "Apple APFS",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """A GPT header and where it was found. `holds`: signature, size and its own CRC-32 are right."""

    lba: int
    alternate_lba: int
    entries_lba: int
    entry_count: int
    entry_bytes: int
    entries_crc: int
    holds: bool

    @property
    def table_bytes(self) -> int:
        return self.entry_count * self.entry_bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class GptEntry:
    """One used entry: `number` counts from 1; sectors are inclusive at both ends."""

    number: int
    type_name: str
    name: str
    first_lba: int
    last_lba: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Gpt:
    """A table as read. `notes`: what is wrong with it; `doubts`: what of that may hide a part of the disk."""

    entries: tuple[GptEntry, ...]
    notes: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()


def is_seen(source: ByteSource) -> bool:
    """Whether a header of either copy begins where it should, for sectors of 512 or 4096 bytes. It may not hold."""
    size = source.size_bytes
    places = (512, 4096, size - 512, size - 4096)
    return any(source.read_at(place, len(SIGNATURE)) == SIGNATURE for place in places if 0 < place < size)


def read_gpt(source: ByteSource, sector_bytes: int) -> Gpt | None:
    """Read the table, from the backup where the primary is damaged. None where there is no GPT at all."""
    primary = _read_header(source, 1, sector_bytes)
    last = source.size_bytes // sector_bytes - 1
    places = dict.fromkeys((primary.alternate_lba if primary and primary.holds else last, last))
    backups = [header for place in places if place > 1 and (header := _read_header(source, place, sector_bytes))]
    headers = [(primary, "primary")] if primary else []
    headers += [(backup, "backup") for backup in backups]
    if not headers:
        return None
    sound = [
        (tuple(_entries(table, header.entry_bytes)), which)
        for header, which in headers
        if header.holds and (table := _table(source, header, sector_bytes)) is not None
    ]
    if not sound:
        return _unproven(source, headers, sector_bytes)
    entries, used = max(sound, key=lambda each: bool(each[0]))  # the first that names anything
    differing = [f"the {which} names {spelled(other)}" for other, which in sound if other != entries]
    doubt = (
        f"the primary and the backup GPT differ: {'; '.join(differing)}; "
        f"the {used} names {spelled(entries)}, and was read"
    )
    notes = _notes(sound[0][1], backups)
    return Gpt(entries=entries, notes=notes, doubts=(doubt,) if differing else ())


def spelled(entries: Sequence[GptEntry]) -> str:
    """Name partitions and their sectors, for a person."""
    return ", ".join(f"p{each.number} (sectors {each.first_lba} to {each.last_lba})" for each in entries) or "none"


def _notes(used: str, backups: Sequence[Header]) -> tuple[str, ...]:
    if used == "backup":
        return ("the primary GPT is damaged or gone; its backup was read",)
    if not any(backup.holds for backup in backups):
        return ("the backup GPT is damaged or not where it should be",)
    return ()


def _unproven(source: ByteSource, headers: list[tuple[Header, str]], sector_bytes: int) -> Gpt:
    """No copy holds: take the first whose entries can be read at all, and say so."""
    for header, which in headers:
        data = _raw_table(source, header, sector_bytes)
        entries = tuple(_entries(data, header.entry_bytes)) if data else ()
        if entries:
            doubt = f"no copy of the GPT holds its checksums; the {which} was read as it stands"
            return Gpt(entries=entries, doubts=(doubt,))
    return Gpt(entries=(), doubts=("a GPT is there, but no copy of it can be read",))


def _read_header(source: ByteSource, lba: int, sector_bytes: int) -> Header | None:
    data = source.read_at(lba * sector_bytes, min(sector_bytes, _MAX_HEADER_BYTES))
    if len(data) < _HEADER.size or not data.startswith(SIGNATURE):
        return None
    _, _, size, crc, _, here, other, _, _, _, entries, count, entry, entries_crc = _HEADER.unpack_from(data)
    sized = _HEADER.size <= size <= len(data)
    holds = sized and here == lba and zlib.crc32(data[:16] + bytes(4) + data[20:size]) == crc
    return Header(
        lba=lba,
        alternate_lba=other,
        entries_lba=entries,
        entry_count=count,
        entry_bytes=entry,
        entries_crc=entries_crc,
        holds=holds,
    )


def _raw_table(source: ByteSource, header: Header, sector_bytes: int) -> bytes:
    if header.entry_bytes < _ENTRY.size or header.table_bytes > _MAX_TABLE_BYTES:
        return b""
    return source.read_at(header.entries_lba * sector_bytes, header.table_bytes)


def _table(source: ByteSource, header: Header, sector_bytes: int) -> bytes | None:
    """Return the entries' bytes where their CRC-32 holds."""
    data = _raw_table(source, header, sector_bytes)
    return data if data and zlib.crc32(data) == header.entries_crc else None


def _entries(data: bytes, entry_bytes: int) -> Iterator[GptEntry]:
    for index in range(len(data) // entry_bytes):
        kind, _, first, last, _, name = _ENTRY.unpack_from(data, index * entry_bytes)
        if any(kind):
            uuid = UUID(bytes_le=kind)
            yield GptEntry(
                number=index + 1,
                type_name=_TYPE_NAMES.get(uuid, str(uuid)),
                name=name.decode("utf-16-le", "replace").partition("\0")[0],
                first_lba=first,
                last_lba=last,
            )
