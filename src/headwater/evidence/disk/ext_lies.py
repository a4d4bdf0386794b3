"""What an ext inode hides behind its type.

A file whose type is set to named pipe, device, socket, symbolic link or directory keeps its size and its blocks, and
no lister reads them. A symbolic link's target is at most one block of text; a pipe, a device and a socket have no size;
a directory begins with an entry for itself, and each of its blocks is entries end to end, the nodes of its hash tree
too (ext4 Data Structures and Algorithms, "Directory Entries").
"""

from headwater.evidence.disk.tsk import Record, Runs, item_kind
from headwater.evidence.reader import ByteSource
from headwater.model.item import ItemKind

NO_LIST = "marked as a directory, yet not all of it is a list of names: its bytes are given as a file too"
NO_DIRECTORY = "marked as a directory, yet no directory begins there: its bytes are given as a file"
INLINE_DATA = 0x10000000  # EXT4_INLINE_DATA_FL
_HEAD_BYTES, _LEAST_ENTRY_BYTES = 8, 12  # of a directory's entry: inode, length, length of the name, type
_LARGEST_BLOCK_BYTES = 1 << 16
_DIRECTORY = 2  # TSK_FS_META_TYPE_DIR


def hidden(meta: Record, link: bytes) -> str:
    """Tell how the type of an inode hides a file's bytes; nothing where it is a file, or holds what its type may.

    link: what is stored as the target, where it is a symbolic link.
    """
    kind, size = item_kind(meta), int(meta.size)
    if size <= 0 or int(meta.type) == _DIRECTORY:
        return ""
    if kind is ItemKind.OTHER:
        return f"marked as a device, pipe or socket, yet {size} bytes are in it: read as a file"
    if kind is ItemKind.SYMLINK and (len(link) != size or b"\0" in link):
        return f"marked as a symbolic link, yet its {size} bytes are no target: read as a file"
    return ""


def no_directory(data: ByteSource, runs: Runs, block_bytes: int, inode: int) -> str:
    """Tell why the bytes of a directory are not the list of one all through; nothing where they are.

    Blocks of zeros hold nothing, holes are not gone through, and a block that could not be read tells nothing.
    """
    if not _begins(data.read_at(0, _LEAST_ENTRY_BYTES), inode):
        return NO_DIRECTORY
    for start, length, place in runs:
        for at in range(start, min(start + length, data.size_bytes), block_bytes) if place is not None else ():
            block = data.read_at(at, block_bytes)
            if any(block) and not _is_chain(block, block_bytes) and not _is_bad(data, at, block_bytes):
                return NO_LIST
    return ""


def _is_bad(data: ByteSource, at: int, length: int) -> bool:
    return any(bad.offset_bytes < at + length and bad.end_bytes > at for bad in data.bad_ranges())


def _begins(block: bytes, inode: int) -> bool:
    """Whether a directory's first bytes are an entry named "." for itself."""
    return block[:4] == inode.to_bytes(4, "little") and block[6:7] == b"\x01" and block[8:9] == b"."


def _is_chain(block: bytes, block_bytes: int) -> bool:
    """Whether entries fill a block up to its end, each holding its own name. 64 KiB does not fit its field."""
    at = 0
    while at + _HEAD_BYTES <= len(block):
        length, name_length = int.from_bytes(block[at + 4 : at + 6], "little"), block[at + 6]
        if length in (0, 0xFFFF) and block_bytes == _LARGEST_BLOCK_BYTES:
            length = block_bytes
        if length % 4 or length < _HEAD_BYTES + name_length or length < _LEAST_ENTRY_BYTES:
            return False
        at += length
    return at == len(block)
