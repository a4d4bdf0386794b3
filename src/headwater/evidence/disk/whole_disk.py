"""A file system that begins in the first sector: what lies behind its end, and where a partition table is beside it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from headwater.evidence.disk import signatures
from headwater.evidence.disk.ext_groups import inode_tables
from headwater.evidence.disk.partitions import PartitionTable, Volume
from headwater.evidence.disk.volume_facts import volume_facts
from headwater.evidence.reader import ByteSource
from headwater.evidence.window import Window
from headwater.model.visible import visible

_PARAMETERS_BYTES = 84  # of the boot sector of NTFS, which has a copy behind its end
_MOST_ZEROS_BYTES = 64 << 20  # read to see whether there is anything behind the end
_EXT_DIRECTORY = 4  # S_IFDIR, the upper four bits of a mode
_LEAST_INODE_BYTES, _INODE_HEAD_BYTES = 128, 2  # its mode
_LEFT_BEHIND = "the superblock of an ext file system without a root directory lies before the partitions: not examined"


def bytes_behind(source: ByteSource, kind: str) -> int:
    """How many bytes lie behind the end that a file system states, other than zeros and a copy of its first sector.

    Of a long rest of zeros only a part is looked at: it counts as a whole.
    """
    length = volume_facts(source, kind).length_bytes
    if not 0 < length < source.size_bytes:
        return 0
    start, end = length, source.size_bytes
    if kind == "ntfs" and _is_copy(source, start):
        start += 512
    elif kind == "ntfs" and _is_copy(source, end - 512):
        end -= 512
    rest = Window(source, start, min(end - start, _MOST_ZEROS_BYTES))
    return 0 if end - start <= _MOST_ZEROS_BYTES and signatures.is_empty(rest) else end - start


def _is_copy(source: ByteSource, at: int) -> bool:
    return source.read_at(at, 512)[:_PARAMETERS_BYTES] == source.read_at(0, _PARAMETERS_BYTES)


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeDisk:
    """A disk with a partition table as its first sectors tell of it.

    kind: of the file system that begins in the first sector; empty where there is none. volumes: the partitions to
    read. doubts: what claims the same bytes twice.
    """

    kind: str = ""
    length_bytes: int = 0
    volumes: tuple[Volume, ...]
    notes: tuple[str, ...]
    doubts: tuple[str, ...] = ()


def whole_disk(source: ByteSource, table: PartitionTable) -> WholeDisk:
    """Look for a file system beside a table, and for partitions that lie within it.

    FAT and NTFS share their first sector with the table. So what that says of sectors within them, and where nothing
    is seen to begin, is not read as a partition: it may be text or code.
    """
    kind = signatures.file_system_kind(source)
    if not kind or not _has_root(source, kind) or any(not each.start_bytes for each in table.volumes):
        notes = (_LEFT_BEHIND,) if kind and not _has_root(source, kind) else ()
        return WholeDisk(volumes=table.volumes, notes=(*notes, *_outside(table, 0)))
    facts = volume_facts(source, kind)
    inside = [each for each in table.volumes if each.start_bytes < facts.length_bytes]
    idle = [each for each in inside if kind != "ext" and not _shows(each) and _end(each) <= facts.length_bytes]
    twice = [each for each in inside if each not in idle]
    return WholeDisk(
        kind=kind,
        length_bytes=facts.length_bytes,
        volumes=tuple(each for each in table.volumes if each not in idle),
        notes=(
            *(f"{_names(idle)} of the partition table: within the file system, not read apart" for _ in idle[:1]),
            *_outside(table, facts.length_bytes),
        ),
        doubts=tuple(
            f"the same bytes are claimed twice: by the {facts.file_system} file system of {facts.length_bytes:,} bytes "
            f"that begins in the first sector, and by {_names(twice)} of the partition table: both were read"
            for _ in twice[:1]
        ),
    )


def _names(volumes: Sequence[Volume]) -> str:
    return ", ".join(visible(each.layer.name) for each in volumes)


def _has_root(source: ByteSource, kind: str) -> bool:
    """Whether an ext superblock is more than one that outlived a new partitioning: its root directory does not."""
    if kind != "ext":
        return True
    block = source.read_at(1024, 1024).ljust(1024, b"\0")
    inode_bytes = max(int.from_bytes(block[88:90], "little"), _LEAST_INODE_BYTES)
    found = [source.read_at(table.start_bytes + inode_bytes, _INODE_HEAD_BYTES) for table in inode_tables(source, 1)]
    return any(len(root) == _INODE_HEAD_BYTES and root[1] >> 4 == _EXT_DIRECTORY for root in found)


def _shows(volume: Volume) -> bool:
    """Whether something known begins there."""
    return bool(
        signatures.file_system_kind(volume.source) or signatures.certain_name(volume.source, signatures.VOLUMES)
    )


def _end(volume: Volume) -> int:
    return volume.start_bytes + volume.length_bytes


def _outside(table: PartitionTable, length_bytes: int) -> Iterator[str]:
    """Say how many bytes lie in no volume, where the first `length_bytes` are one."""
    outside = sum(max(gap.end_bytes - max(gap.offset_bytes, length_bytes), 0) for gap in table.gaps)
    if outside:
        yield f"{outside:,} bytes lie outside every volume: not examined"
