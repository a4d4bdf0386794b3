"""What a file system says of itself in its first sectors: exact type, label, and what it cannot give."""

import encodings.utf_16_le  # noqa: F401 - a codec is loaded on first use, and the jail lets nothing be loaded
from dataclasses import dataclass

import pytsk3

from headwater.evidence.reader import ByteSource
from headwater.model.errors import UnknownFormat
from headwater.model.visible import visible

_EXT_SUPERBLOCK = 1024  # ext4 Data Structures and Algorithms, "The Super Block"
_EXT_ENCRYPT = 0x10000  # INCOMPAT_ENCRYPT
_EXT_BIGALLOC = 0x200  # RO_COMPAT_BIGALLOC
_EXT_JOURNAL_DEVICE = 0x8  # INCOMPAT_JOURNAL_DEV
_EXT_RECOVER = 0x4  # INCOMPAT_RECOVER
_TYPES = {
    int(pytsk3.TSK_FS_TYPE_NTFS): "ntfs",
    int(pytsk3.TSK_FS_TYPE_FAT12): "fat12",
    int(pytsk3.TSK_FS_TYPE_FAT16): "fat16",
    int(pytsk3.TSK_FS_TYPE_FAT32): "fat32",
    int(pytsk3.TSK_FS_TYPE_EXT2): "ext2",
    int(pytsk3.TSK_FS_TYPE_EXT3): "ext3",
    int(pytsk3.TSK_FS_TYPE_EXT4): "ext4",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeFacts:
    """Exact type (ntfs, fat12, fat16, fat32, ext2, ext3, ext4), label as shown to a person, and notes."""

    file_system: str
    label: str = ""
    notes: tuple[str, ...] = ()


def type_name(tsk_type: int, kind: str) -> str:
    """Give the exact name of a TSK file system type; `kind` where it is none of ours."""
    return _TYPES.get(tsk_type, kind)


def fat_facts(source: ByteSource, name: str) -> VolumeFacts:
    """FAT: the label stands in the boot sector (Microsoft FAT specification 1.03, section 3)."""
    boot = source.read_at(0, 512)
    at = 71 if name == "fat32" else 43
    label = boot[at : at + 11].rstrip(b" \0") if boot[at - 5] in (0x28, 0x29) else b""
    notes = ("times are local, of an unknown zone; access times are dates only",)
    return VolumeFacts(file_system=name, label="" if label == b"NO NAME" else visible(label), notes=notes)


def ext_facts(source: ByteSource, name: str) -> VolumeFacts:
    """ext2/3/4: label and feature flags of the superblock."""
    block = source.read_at(_EXT_SUPERBLOCK, 1024)
    incompatible = int.from_bytes(block[96:100], "little")
    notes = []
    if incompatible & _EXT_ENCRYPT:
        notes.append("has encrypted directories: their names and contents are cipher text")
    if incompatible & _EXT_RECOVER:
        notes.append("was not unmounted cleanly: the journal is not replayed")
    return VolumeFacts(file_system=name, label=visible(block[120:136].split(b"\0", 1)[0]), notes=tuple(notes))


def check_ext(source: ByteSource) -> None:
    """Raise UnknownFormat, by name, for the layouts of ext that The Sleuth Kit does not read."""
    block = source.read_at(_EXT_SUPERBLOCK, 1024).ljust(1024, b"\0")
    name, step = "", "Image its files from a running Linux system, or convert the volume."
    if int.from_bytes(block[100:104], "little") & _EXT_BIGALLOC:
        name = "an ext4 file system that counts its space in clusters (bigalloc)"
    elif int.from_bytes(block[96:100], "little") & _EXT_JOURNAL_DEVICE:
        name, step = "the journal of an ext file system on a device of its own", "Image the device it belongs to."
    if name:
        raise UnknownFormat(f"{name}: Headwater does not read it", next_step=step)


def ntfs_facts(volume_name: bytes) -> VolumeFacts:
    """NTFS: the label is the $VOLUME_NAME attribute of MFT entry 3, UTF-16LE."""
    return VolumeFacts(file_system="ntfs", label=visible(volume_name.decode("utf-16-le", "replace")))
