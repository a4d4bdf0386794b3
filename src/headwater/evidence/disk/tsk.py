"""The one place where The Sleuth Kit is touched: a ByteSource shown to it as an image, and its records made plain.

pytsk3 is only ever given a ByteSource of ours and an explicit file system type: no path, no detection, so it can
never fall back to the machine it runs on. Constants: tsk_fs.h of The Sleuth Kit 4.x.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytsk3

from headwater.evidence.reader import ByteSource
from headwater.model.errors import EvidenceError, Malformed
from headwater.model.item import ItemKind, Times, Zone

DATA = 128  # NTFS $DATA
FILE_NAME = 48  # NTFS $FILE_NAME
DEFAULT = 1  # the only attribute of FAT and ext files

_TYPES = {
    "ntfs": pytsk3.TSK_FS_TYPE_NTFS,
    "fat12": pytsk3.TSK_FS_TYPE_FAT12,
    "fat16": pytsk3.TSK_FS_TYPE_FAT16,
    "fat32": pytsk3.TSK_FS_TYPE_FAT32,
    "fat": pytsk3.TSK_FS_TYPE_FAT_DETECT,
    "ext": pytsk3.TSK_FS_TYPE_EXT_DETECT,
}
_UNALLOCATED = 2  # TSK_FS_NAME_FLAG_UNALLOC and TSK_FS_META_FLAG_UNALLOC alike
_VIRTUAL_DIRECTORY = 11  # TSK_FS_META_TYPE_VIRT_DIR
_VIRTUAL_FILE = 10  # TSK_FS_META_TYPE_VIRT: a view TSK makes up ($MBR, $FAT1), not a file
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MAX_NAMES_IN_A_DIRECTORY = 1 << 26
Record = Any  # an object of pytsk3, which ships no types
Runs = tuple[tuple[int, int, int | None], ...]  # offset in the file, length, offset in the volume or None for a hole


class Image(pytsk3.Img_Info):  # type: ignore[misc]  # pytsk3 ships no types
    """A ByteSource as The Sleuth Kit wants to see it. What a read raised is kept in `fault`."""

    def __init__(self, source: ByteSource) -> None:
        self._source = source
        self.fault: EvidenceError | None = None
        super().__init__(url="", type=pytsk3.TSK_IMG_TYPE_EXTERNAL)

    def read(self, offset_bytes: int, length_bytes: int) -> bytes:
        try:
            return self._source.read_at(offset_bytes, length_bytes)
        except EvidenceError as fault:
            self.fault = fault
            return b""

    def get_size(self) -> int:
        return self._source.size_bytes

    def close(self) -> None:
        """Nothing to close: the source belongs to whoever made it."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute of a file. Its runs are in bytes."""

    kind: int
    number: int
    name: bytes
    size_bytes: int
    resident: bool
    compressed: bool
    runs: Runs
    encrypted: bool = False


NO_CONTENT = Attribute(kind=DEFAULT, number=0, name=b"", size_bytes=0, resident=True, compressed=False, runs=())


def open_file_system(source: ByteSource, kind: str) -> tuple[Image, Record]:
    """Return the image and TSK's file system of a volume. Raises Malformed where TSK cannot make sense of it."""
    image = Image(source)
    try:
        return image, pytsk3.FS_Info(image, offset=0, type=_TYPES[kind])
    except OSError as error:
        raise image.fault or Malformed(f"damaged {kind} file system: {reason(error)}") from error


def fat_bits(file_system: Record) -> int:
    """How wide the entries of a FAT volume's table are: 12, 16 or 32."""
    return {int(pytsk3.TSK_FS_TYPE_FAT12): 12, int(pytsk3.TSK_FS_TYPE_FAT16): 16}.get(int(file_system.info.ftype), 32)


def reason(error: Exception) -> str:
    """TSK's own words, without the name of the C file and function they come from."""
    text = " ".join(str(error).split())
    _, _, said = text.partition(" error: ")
    return (said or text.rpartition("cpp:")[2].partition(") ")[2] or text)[:300]


def open_inode(file_system: Record, inode: int) -> Record | None:
    """TSK's file of an inode, or None where there is no such inode."""
    try:
        file = file_system.open_meta(inode)
    except (OSError, OverflowError, ValueError):
        return None
    return file if file.info.meta is not None else None


def is_deleted(flagged: Record) -> bool:
    """Whether a TSK name or inode record is unallocated."""
    return bool(int(flagged.flags) & _UNALLOCATED)


def is_virtual(meta: Record) -> bool:
    """Whether this is a file TSK makes up over the file system's own structures."""
    return int(meta.type) == _VIRTUAL_FILE


def is_virtual_directory(meta: Record) -> bool:
    """Whether this is TSK's made-up directory of orphans."""
    return int(meta.type) == _VIRTUAL_DIRECTORY


def item_kind(meta: Record) -> ItemKind:
    """TSK's type of an inode in our words: TSK_FS_META_TYPE_REG 1, LNK 6."""
    return {1: ItemKind.FILE, 6: ItemKind.SYMLINK, 0: ItemKind.FILE}.get(int(meta.type), ItemKind.OTHER)


def attributes(file: Record, block_bytes: int = 0) -> Iterator[Attribute]:
    """Every attribute of a file, with its runs where `block_bytes` is given. One that cannot be loaded is left out."""
    iterator = iter(file)
    while True:
        try:
            yield _attribute(next(iterator), block_bytes)
        except (StopIteration, OSError, RuntimeError):
            return


def _attribute(attribute: Record, block_bytes: int) -> Attribute:
    info = attribute.info
    flags = int(info.flags)
    resident = bool(flags & int(pytsk3.TSK_FS_ATTR_RES))
    return Attribute(
        kind=int(info.type),
        number=int(info.id),
        name=info.name or b"",
        size_bytes=int(info.size),  # less than nothing where 2^63 or more is stored
        resident=resident,
        compressed=bool(flags & int(pytsk3.TSK_FS_ATTR_COMP)),
        encrypted=bool(flags & int(pytsk3.TSK_FS_ATTR_ENC)),
        runs=() if resident or not block_bytes else tuple(_run(run, block_bytes) for run in attribute),
    )


def _run(run: Record, block_bytes: int) -> tuple[int, int, int | None]:
    hole = bool(int(run.flags) & 3)  # TSK_FS_ATTR_RUN_FLAG_FILLER | _SPARSE
    return run.offset * block_bytes, run.len * block_bytes, None if hole else run.addr * block_bytes


def read_attribute(file: Record, attribute: Attribute, most_bytes: int) -> bytes:
    """Return the first bytes of a small attribute; none where it cannot be read."""
    try:
        return bytes(file.read_random(0, min(attribute.size_bytes, most_bytes), attribute.kind, attribute.number))
    except OSError:
        return b""


def times(meta: Record, kind: str) -> Times:
    """Return the times of an inode. FAT keeps local time without a zone; its access time is a date only."""
    if meta is None:
        return Times()
    found = {
        "created": _time(meta.crtime, meta.crtime_nano),
        "modified": _time(meta.mtime, meta.mtime_nano),
        "accessed": _time(meta.atime, meta.atime_nano),
        "changed": None if kind == "fat" else _time(meta.ctime, meta.ctime_nano),
    }
    if not any(found.values()):
        return Times()
    return Times(zone=Zone.UNKNOWN if kind == "fat" else Zone.UTC, **found)


def _time(seconds: int, nanoseconds: int) -> datetime | None:
    """Zero is TSK's word for no time; nanoseconds beyond the microsecond are dropped."""
    if not seconds:
        return None
    try:
        return _EPOCH + timedelta(seconds=seconds, microseconds=(nanoseconds or 0) // 1000)
    except OverflowError:
        return None


def names(directory: Record) -> Iterator[Record | OSError]:
    """Every name of an open directory; an unreadable one comes as its error and the next follows."""
    iterator = iter(directory)
    for _ in range(min(directory.size, _MAX_NAMES_IN_A_DIRECTORY)):
        try:
            found = next(iterator)
        except StopIteration:
            return
        except OSError as error:
            yield error
            continue
        if found.info.name is not None and found.info.name.name not in (b".", b"..", None):
            yield found
