"""What a file system says of itself in its first sectors: exact type, label, and what it cannot give."""

from dataclasses import dataclass

from headwater.evidence.disk.ntfs_label import ntfs_label
from headwater.evidence.reader import ByteSource
from headwater.model.errors import Malformed, UnknownFormat
from headwater.model.visible import visible

_EXT_SUPERBLOCK = 1024  # ext4 Data Structures and Algorithms, "The Super Block"
_EXT_ENCRYPT = 0x10000  # INCOMPAT_ENCRYPT
_EXT_BIGALLOC = 0x200  # RO_COMPAT_BIGALLOC
_EXT_JOURNAL_DEVICE = 0x8  # INCOMPAT_JOURNAL_DEV
_EXT_RECOVER = 0x4  # INCOMPAT_RECOVER
_EXT_HAS_JOURNAL = 0x4  # COMPAT_HAS_JOURNAL
_EXT_64BIT = 0x80  # INCOMPAT_64BIT
_EXT4_ONLY = 0x40 | 0x80 | 0x100 | 0x200  # INCOMPAT_EXTENTS, _64BIT, _MMP, _FLEX_BG


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeFacts:
    """Exact type (ntfs, fat12, fat16, fat32, ext2, ext3, ext4), label as shown to a person, and notes.

    length_bytes: how long the file system says it is.
    """

    file_system: str
    length_bytes: int = 0
    label: str = ""
    notes: tuple[str, ...] = ()


def volume_facts(source: ByteSource, kind: str) -> VolumeFacts:
    """Read them from a volume's first structures, without opening it. `kind`: ntfs, fat or ext."""
    if kind == "ntfs":
        return VolumeFacts(file_system="ntfs", length_bytes=_ntfs_bytes(source), label=visible(ntfs_label(source)))
    return _fat_facts(source) if kind == "fat" else _ext_facts(source)


def _ntfs_bytes(source: ByteSource) -> int:
    """Read the number of sectors, of which the copy of the first one is none."""
    boot = source.read_at(0, 512).ljust(512, b"\0")
    return int.from_bytes(boot[40:48], "little") * int.from_bytes(boot[11:13], "little")


def _fat_facts(source: ByteSource) -> VolumeFacts:
    """FAT: the label stands in the boot sector (Microsoft FAT specification 1.03, section 3)."""
    boot = source.read_at(0, 512).ljust(512, b"\0")
    name = _fat_type(boot)
    at = 71 if name == "fat32" else 43
    label = boot[at : at + 11].rstrip(b" \0") if boot[at - 5] in (0x28, 0x29) else b""
    notes = ("times are local, of an unknown zone; access times are dates only",)
    length = _fat_sectors(boot) * (int.from_bytes(boot[11:13], "little") or 512)
    told = "" if label == b"NO NAME" else visible(label)
    return VolumeFacts(file_system=name, length_bytes=length, label=told, notes=notes)


def _fat_sectors(boot: bytes) -> int:
    return int.from_bytes(boot[19:21], "little") or int.from_bytes(boot[32:36], "little")


def _fat_type(boot: bytes) -> str:
    """Tell by the number of clusters, as the specification has it (section 3.5)."""
    sector_bytes, cluster_sectors = int.from_bytes(boot[11:13], "little") or 512, boot[13] or 1
    root_sectors = -(-int.from_bytes(boot[17:19], "little") * 32 // sector_bytes)
    table_sectors = int.from_bytes(boot[22:24], "little") or int.from_bytes(boot[36:40], "little")
    data = _fat_sectors(boot) - int.from_bytes(boot[14:16], "little") - boot[16] * table_sectors - root_sectors
    clusters = data // cluster_sectors
    return "fat12" if clusters < 4085 else "fat16" if clusters < 65525 else "fat32"


def _ext_facts(source: ByteSource) -> VolumeFacts:
    """ext2/3/4: label and feature flags of the superblock."""
    block = source.read_at(_EXT_SUPERBLOCK, 1024).ljust(1024, b"\0")
    incompatible = int.from_bytes(block[96:100], "little")
    name = "ext4" if incompatible & _EXT4_ONLY else "ext3" if block[92] & _EXT_HAS_JOURNAL else "ext2"
    notes = []
    if incompatible & _EXT_ENCRYPT:
        notes.append("has encrypted directories: their names and contents are cipher text")
    if incompatible & _EXT_RECOVER:
        notes.append("was not unmounted cleanly: the journal is not replayed")
    blocks = int.from_bytes(block[4:8], "little")
    if incompatible & _EXT_64BIT:
        blocks |= int.from_bytes(block[336:340], "little") << 32
    length = blocks * (1024 << min(int.from_bytes(block[24:28], "little"), 6))
    label = visible(block[120:136].split(b"\0", 1)[0])
    return VolumeFacts(file_system=name, length_bytes=length, label=label, notes=tuple(notes))


def check_ext(source: ByteSource) -> None:
    """Raise UnknownFormat, by name, for the layouts of ext that The Sleuth Kit does not read.

    Malformed where a group is said to have more inodes than its bitmap, of one block, has bits: where its table ends is
    not known, and what lies behind would be taken for inodes.
    """
    block = source.read_at(_EXT_SUPERBLOCK, 1024).ljust(1024, b"\0")
    inodes = int.from_bytes(block[40:44], "little")
    most = 8 * (1024 << min(int.from_bytes(block[24:28], "little"), 6))
    if inodes > most:
        raise Malformed(f"a damaged ext file system: {inodes} inodes in a group, of which there are {most} at most")
    name, step = "", "Image its files from a running Linux system, or convert the volume."
    if int.from_bytes(block[100:104], "little") & _EXT_BIGALLOC:
        name = "an ext4 file system that counts its space in clusters (bigalloc)"
    elif int.from_bytes(block[96:100], "little") & _EXT_JOURNAL_DEVICE:
        name, step = "the journal of an ext file system on a device of its own", "Image the device it belongs to."
    if name:
        raise UnknownFormat(f"{name}: Headwater does not read it", next_step=step)
