"""What a deleted name still stands for: its own content, or nothing any more.

A deleted name keeps the number of its inode. Once that inode is given to another file the content behind it is the
other file's, and must not be shown under the deleted name. NTFS counts every reuse of an MFT entry in a sequence
number, and counts it up by one when the file is deleted (The Sleuth Kit, tsk_fs_dir_get).
"""

from dataclasses import dataclass
from typing import Any

from headwater.evidence.disk.tsk import DATA, FILE_NAME, attributes, is_deleted, open_inode

REALLOCATED = "deleted name; its inode now belongs to another file, so it has no content of its own"
NAME_ONLY = "only the name is left, no inode"
OVERWRITTEN = "deleted; its first cluster is in use by another file, so no content is left"
CONTIGUOUS = "deleted; content taken as one run from its first cluster, as FAT keeps no chain for it"
DIFFERENT_SEQUENCE = "the name's sequence number is not its MFT entry's: no content taken"
WITHOUT_CONTENT = (REALLOCATED, NAME_ONLY, OVERWRITTEN, DIFFERENT_SEQUENCE)


@dataclass(frozen=True, slots=True)
class Named:
    """A name and the inode it may still stand for. `file` is None where `note` says why there is none."""

    name: bytes
    inode: int
    deleted: bool
    directory: bool
    file: Any | None
    note: str


def resolve(file_system: Any, kind: str, found: Any) -> Named:
    """Decide what TSK's directory entry stands for."""
    name = found.info.name
    deleted = is_deleted(name)
    file, note = _file(file_system, kind, found) if deleted else _allocated(found)
    directory = int((file.info.meta if file else name).type) in ((2, 11) if file else (3,))
    return Named(name=name.name, inode=int(name.meta_addr), deleted=deleted, directory=directory, file=file, note=note)


def _allocated(found: Any) -> tuple[Any | None, str]:
    return (found, "") if found.info.meta is not None else (None, DIFFERENT_SEQUENCE)


def _file(file_system: Any, kind: str, found: Any) -> tuple[Any | None, str]:
    name = found.info.name
    file = found if found.info.meta is not None else open_inode(file_system, int(name.meta_addr) or -1)
    if file is None:
        return None, NAME_ONLY
    meta = file.info.meta
    if not is_deleted(meta):
        return None, REALLOCATED
    if kind == "ntfs" and not same_use(int(name.meta_seq), int(meta.seq)):
        return None, REALLOCATED
    return file, ""


def same_use(name_sequence: int, entry_sequence: int) -> bool:
    """Whether an unallocated MFT entry's sequence number is that of the deleted name's own file (16 bits, zero skipped)."""
    following = name_sequence + 1 if name_sequence < 0xFFFF else 1
    return entry_sequence in (name_sequence, following)


def is_overwritten(file: Any) -> bool:
    """Whether a deleted FAT file of some size has no cluster left to recover from."""
    return int(file.info.meta.size) > 0 and not any(
        place is not None for attribute in attributes(file, 1) for _, _, place in attribute.runs
    )


def is_empty_record(file: Any) -> bool:
    """Whether an orphan is an inode that was never used or was wiped: no size, no data, no name of its own."""
    return int(file.info.meta.size) <= 0 and not any(
        attribute.kind == FILE_NAME or (attribute.kind == DATA and attribute.size_bytes) for attribute in attributes(file)
    )
