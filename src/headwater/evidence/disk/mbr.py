"""MBR partition tables with their chain of logical partitions.

Source: the layout common to PC systems since DOS 3.30, as described in UEFI Specification 2.10, section 5.2.
"""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from headwater.evidence.reader import ByteSource

PROTECTIVE = 0xEE
_EXTENDED = frozenset({0x05, 0x0F, 0x85})
_TABLE_OFFSET = 446
_ENTRY = struct.Struct("<B3xB3xII")
_MAX_LOGICAL = 256

# System identifiers as fdisk (util-linux) names them.
_TYPE_NAMES = {
    0x01: "FAT12", 0x04: "FAT16 <32M", 0x05: "Extended", 0x06: "FAT16", 0x07: "NTFS/exFAT", 0x0B: "FAT32",
    0x0C: "FAT32 (LBA)", 0x0E: "FAT16 (LBA)", 0x0F: "Extended (LBA)", 0x11: "Hidden FAT12", 0x14: "Hidden FAT16 <32M",
    0x16: "Hidden FAT16", 0x17: "Hidden NTFS", 0x1B: "Hidden FAT32", 0x1C: "Hidden FAT32 (LBA)", 0x27: "Windows RE",
    0x42: "Windows LDM", 0x82: "Linux swap", 0x83: "Linux", 0x85: "Linux extended", 0x8E: "Linux LVM",
    0xA5: "FreeBSD", 0xA6: "OpenBSD", 0xA8: "Apple UFS", 0xAF: "Apple HFS+", 0xEF: "EFI system partition",
    0xFD: "Linux RAID",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class MbrEntry:
    """One partition: `number` as Linux counts, logical ones from 5; `first_lba` from the start of the disk."""

    number: int
    system: int
    first_lba: int
    sector_count: int
    status: int = 0

    @property
    def type_name(self) -> str:
        return _TYPE_NAMES.get(self.system, f"type 0x{self.system:02x}")

    @property
    def is_extended(self) -> bool:
        return self.system in _EXTENDED

    @property
    def end_lba(self) -> int:
        return self.first_lba + self.sector_count


def table_of(sector: bytes, base_lba: int = 0) -> tuple[MbrEntry, ...]:
    """Return the four entries of a sector, unused ones too; nothing where it does not end in 55 AA."""
    if len(sector) < 512 or sector[510:512] != b"\x55\xaa":
        return ()
    return tuple(
        MbrEntry(number=number, status=status, system=system, first_lba=base_lba + first, sector_count=count)
        for number, (status, system, first, count) in enumerate(_ENTRY.iter_unpack(sector[_TABLE_OFFSET:510]), start=1)
    )


def is_table(entries: Sequence[MbrEntry], disk_sectors: int) -> bool:
    """Whether the entries make sense as a table: known states, and at least one partition that begins on the disk."""
    used = used_entries(entries)
    return all(entry.status in {0, 0x80} for entry in entries) and any(
        0 < entry.first_lba < disk_sectors for entry in used
    )


def is_strict_table(entries: Sequence[MbrEntry], disk_sectors: int) -> bool:
    """Whether they also keep to the disk and apart: asked where the sector could be a volume's boot sector as well."""
    spans = sorted((entry.first_lba, entry.end_lba) for entry in used_entries(entries))
    apart = all(before[1] <= after[0] for before, after in pairwise(spans))
    return is_table(entries, disk_sectors) and apart and spans[0][0] > 0 and spans[-1][1] <= disk_sectors


def used_entries(entries: Sequence[MbrEntry]) -> tuple[MbrEntry, ...]:
    """Return the entries that name a partition."""
    return tuple(entry for entry in entries if entry.system and entry.sector_count)


def spelled(entries: Sequence[MbrEntry]) -> str:
    """Name partitions and their sectors, for a person."""
    return ", ".join(f"p{each.number} (sectors {each.first_lba} to {each.end_lba - 1})" for each in entries) or "none"


def partitions(source: ByteSource, primary: Sequence[MbrEntry], sector_bytes: int) -> Iterator[MbrEntry | str]:
    """Yield the primary partitions in table order, then the logical ones; text for what is wrong with the chain."""
    used = used_entries(primary)
    yield from (entry for entry in used if not entry.is_extended)
    number = 5
    for extended in (entry for entry in used if entry.is_extended):
        for found in _logical(source, extended, sector_bytes):
            if isinstance(found, MbrEntry):
                yield replace(found, number=number)
                number += 1
            else:
                yield found


def _logical(source: ByteSource, extended: MbrEntry, sector_bytes: int) -> Iterator[MbrEntry | str]:
    """Follow the chain: each link names one partition (from itself) and the next link (from the extended start)."""
    at, seen = extended.first_lba, set[int]()
    while len(seen) < _MAX_LOGICAL:
        if at in seen:
            yield f"the chain of logical partitions loops back to sector {at}"
            return
        seen.add(at)
        entries = table_of(source.read_at(at * sector_bytes, 512), at)
        if not entries:
            yield f"the chain of logical partitions breaks off at sector {at}"
            return
        used = used_entries(entries)
        yield from (each for each in used if not each.is_extended)
        links = [each for each in used if each.is_extended]
        if not links:
            return
        if len(links) > 1:
            yield f"the chain of logical partitions parts at sector {at}: only the first of {len(links)} was followed"
        at = extended.first_lba + links[0].first_lba - at
    yield f"the chain of logical partitions is longer than {_MAX_LOGICAL}; the rest was left out"
