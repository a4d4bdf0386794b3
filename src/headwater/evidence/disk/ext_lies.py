"""What an ext inode hides behind its type.

A file whose type is set to named pipe, device, socket, symbolic link or directory keeps its size and its blocks, and
no lister reads them. A symbolic link's target is at most one block of text; a pipe, a device and a socket have no size;
a directory begins with an entry for itself (ext4 Data Structures and Algorithms, "Directory Entries").
"""

from headwater.evidence.disk.tsk import Record, item_kind
from headwater.model.item import ItemKind

NO_DIRECTORY = "marked as a directory, yet no directory begins there: its bytes are given as a file"
INLINE_DATA = 0x10000000  # EXT4_INLINE_DATA_FL
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


def begins_a_directory(block: bytes, inode: int) -> bool:
    """Whether a directory's first bytes are an entry named "." for itself."""
    return block[:4] == inode.to_bytes(4, "little") and block[6:7] == b"\x01" and block[8:9] == b"."
