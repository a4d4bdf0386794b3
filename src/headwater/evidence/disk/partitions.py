"""Volumes of a disk by its partition table, GPT or MBR, with the gaps between them and all that is odd about it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from headwater.evidence.disk import gpt, mbr
from headwater.evidence.disk.segments import RangeSet
from headwater.evidence.reader import ByteSource
from headwater.evidence.window import Window
from headwater.model.item import ByteRange
from headwater.model.locator import Layer
from headwater.model.visible import visible

_SECTOR_SIZES = (512, 4096)


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """One partition: its layer (kind ``gpt`` or ``mbr``, name ``p1`` ...), its bytes, and what its table calls it."""

    layer: Layer
    source: Window
    type_name: str
    start_bytes: int
    length_bytes: int
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartitionTable:
    """A partition table as read. `scheme` is ``gpt``, ``mbr``, or empty where the source has none.

    gaps: what no partition covers, from the first sector to the last (the table's own sectors lie in these).
    notes: all that is odd. doubts: what of that may hide a part of the disk: it is not all accounted for.
    """

    scheme: str = ""
    sector_bytes: int = 512
    volumes: tuple[Volume, ...] = ()
    gaps: tuple[ByteRange, ...] = ()
    notes: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()


@dataclass(slots=True)
class _Remarks:
    """Collects what is odd about a disk's tables. A doubt is a note as well."""

    notes: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)

    def note(self, *texts: str) -> None:
        self.notes.extend(texts)

    def doubt(self, *texts: str) -> None:
        self.notes.extend(texts)
        self.doubts.extend(texts)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    number: int
    type_name: str
    label: str
    start_bytes: int
    end_bytes: int


def read_partitions(source: ByteSource) -> PartitionTable:
    """Read GPT (512- or 4096-byte sectors), else MBR. A FAT, exFAT or NTFS boot sector is not taken for an MBR.

    A GPT that the first sector does not announce counts only where that sector is no table and no boot sector itself:
    otherwise it is what an earlier use of the disk left behind.
    """
    first = source.read_at(0, 512)
    entries = mbr.table_of(first)
    announced = any(entry.system == mbr.PROTECTIVE for entry in entries)
    taken = _is_boot_sector(first) or mbr.is_strict_table(entries, source.size_bytes // 512)
    remarks = _Remarks()
    for sector_bytes in _SECTOR_SIZES:
        found = gpt.read_gpt(source, sector_bytes)
        if found is None:
            continue
        if announced or (found.entries and not taken):
            if announced:
                remarks.doubt(*_only_in_mbr(entries, found.entries))
            else:
                remarks.note("a GPT without a protective MBR")
            return _gpt_table(source, sector_bytes, found, remarks)
        remarks.doubt(
            f"MBR and GPT disagree: the first sector names {mbr.spelled(mbr.used_entries(entries) if taken else ())}; "
            f"a GPT is there that the first sector does not announce, and names {gpt.spelled(found.entries)}; "
            "it was not read"
        )
        break
    return _mbr_table(source, first, remarks)


def _only_in_mbr(entries: Sequence[mbr.MbrEntry], known: Sequence[gpt.GptEntry]) -> Iterator[str]:
    """Name the partitions of an MBR, beside the one that announces the GPT, that no partition of the GPT equals."""
    spans = {(each.first_lba, each.last_lba + 1) for each in known}
    for each in mbr.used_entries(entries):
        if each.system != mbr.PROTECTIVE and (each.first_lba, each.end_lba) not in spans:
            yield (
                f"MBR and GPT disagree: the MBR names {mbr.spelled((each,))}, the GPT names "
                f"{gpt.spelled(known)}; the GPT was read"
            )


def _gpt_table(source: ByteSource, sector_bytes: int, table: gpt.Gpt, remarks: _Remarks) -> PartitionTable:
    remarks.note(*table.notes)
    remarks.doubt(*table.doubts)
    found = [
        _Found(
            number=entry.number,
            type_name=entry.type_name,
            label=visible(entry.name),
            start_bytes=entry.first_lba * sector_bytes,
            end_bytes=(entry.last_lba + 1) * sector_bytes,
        )
        for entry in table.entries
    ]
    return _table("gpt", source, sector_bytes, found, remarks)


def _mbr_table(source: ByteSource, first: bytes, remarks: _Remarks) -> PartitionTable:
    entries = mbr.table_of(first)
    trusted = mbr.is_strict_table if _is_boot_sector(first) else mbr.is_table
    if not trusted(entries, source.size_bytes // 512):
        return PartitionTable(notes=tuple(remarks.notes), doubts=tuple(remarks.doubts))
    sector_bytes = _mbr_sector_bytes(source, entries)
    found = []
    for each in mbr.partitions(source, entries, sector_bytes):
        if isinstance(each, str):
            remarks.doubt(each)
        elif each.system == mbr.PROTECTIVE:
            remarks.doubt("the MBR announces a GPT, but none can be read")
        else:
            found.append(_from_mbr(each, sector_bytes))
    if not found:
        return PartitionTable(notes=tuple(remarks.notes), doubts=tuple(remarks.doubts))
    if sector_bytes != 512:
        remarks.note(f"an MBR counted in sectors of {sector_bytes} bytes")
    return _table("mbr", source, sector_bytes, found, remarks)


def _from_mbr(entry: mbr.MbrEntry, sector_bytes: int) -> _Found:
    return _Found(
        number=entry.number,
        type_name=entry.type_name,
        label="",
        start_bytes=entry.first_lba * sector_bytes,
        end_bytes=entry.end_lba * sector_bytes,
    )


def _is_boot_sector(sector: bytes) -> bool:
    """Whether the sector could begin a FAT, exFAT or NTFS volume (its jump and its parameter block)."""
    if len(sector) < 512 or sector[510:] != b"\x55\xaa":
        return False
    if sector[3:11] in {b"NTFS    ", b"EXFAT   "}:
        return True
    jumps = sector[0] in {0xEB, 0xE9}
    sane_size = int.from_bytes(sector[11:13], "little") in {512, 1024, 2048, 4096}
    return jumps and sane_size and sector[13].bit_count() == 1 and sector[16] in {1, 2} and sector[21] >= 0xF0


def _mbr_sector_bytes(source: ByteSource, entries: Sequence[mbr.MbrEntry]) -> int:
    """512, unless volumes show only where the table is counted in 4096-byte sectors."""
    starts = [entry.first_lba for entry in mbr.used_entries(entries)]
    for sector_bytes in _SECTOR_SIZES:
        if any(_shows_volume(source, start * sector_bytes) for start in starts):
            return sector_bytes
    return 512


def _shows_volume(source: ByteSource, start_bytes: int) -> bool:
    """Whether a boot sector, a link of the logical chain or an ext superblock lies there."""
    head = source.read_at(start_bytes, 2048)
    return head[510:512] == b"\x55\xaa" or head[1080:1082] == b"\x53\xef"


def _table(
    scheme: str, source: ByteSource, sector_bytes: int, found: Sequence[_Found], remarks: _Remarks
) -> PartitionTable:
    remarks.doubt(*_left_out(found, source.size_bytes))
    remarks.note(*_oddities(found, source.size_bytes))
    kept = [each for each in found if each.start_bytes < min(each.end_bytes, source.size_bytes)]
    made = tuple(_volume(scheme, source, each) for each in kept)
    return PartitionTable(
        scheme=scheme,
        sector_bytes=sector_bytes,
        volumes=made,
        gaps=_gaps(made, source.size_bytes),
        notes=tuple(remarks.notes),
        doubts=tuple(remarks.doubts),
    )


def _volume(scheme: str, source: ByteSource, found: _Found) -> Volume:
    piece = Window(source, found.start_bytes, found.end_bytes - found.start_bytes)
    return Volume(
        layer=Layer(kind=scheme, name=b"p%d" % found.number),
        source=piece,
        type_name=found.type_name,
        start_bytes=found.start_bytes,
        length_bytes=piece.size_bytes,
        label=found.label,
    )


def _left_out(found: Sequence[_Found], size_bytes: int) -> Iterator[str]:
    """Partitions of which nothing is on the disk."""
    for each in found:
        if each.end_bytes <= each.start_bytes:
            yield f"p{each.number} ends before it begins; it was left out"
        elif each.start_bytes >= size_bytes:
            yield f"p{each.number} begins behind the end of the disk; it was left out"


def _oddities(found: Sequence[_Found], size_bytes: int) -> Iterator[str]:
    """Partitions that leave the disk or lie over one another."""
    for each in found:
        if each.start_bytes < min(each.end_bytes, size_bytes) and each.end_bytes > size_bytes:
            yield f"p{each.number} runs {each.end_bytes - size_bytes} bytes past the end of the disk; it was clipped"
    furthest: _Found | None = None
    for each in sorted(found, key=lambda one: (one.start_bytes, one.number)):
        if furthest is not None and each.start_bytes < furthest.end_bytes:
            yield f"p{each.number} overlaps p{furthest.number}"
        if furthest is None or each.end_bytes > furthest.end_bytes:
            furthest = each


def _gaps(made: Sequence[Volume], size_bytes: int) -> tuple[ByteRange, ...]:
    covered = RangeSet()
    for volume in made:
        covered.add(volume.start_bytes, volume.start_bytes + volume.length_bytes)
    gaps, at = RangeSet(), 0
    for span in covered.ranges():
        gaps.add(at, span.offset_bytes)
        at = span.end_bytes
    gaps.add(at, size_bytes)
    return gaps.ranges()
