"""Blocks an ext file has behind its size, where no reader looks.

A sound file ends in its last block; blocks reserved for it beforehand are marked as never written, and are not counted.
The hash tree of a file under fs-verity does lie behind its end, and is given room.

Source: ext4 Data Structures and Algorithms, "The Contents of inode.i_block"; fs-verity of the Linux kernel.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from headwater.evidence.disk.ext_inodes import InodeFilter
from headwater.evidence.disk.ext_lies import INLINE_DATA
from headwater.evidence.disk.tsk import Record
from headwater.evidence.reader import ByteSource

_EXTENTS, _VERITY = 0x80000, 0x100000  # EXT4_EXTENTS_FL, EXT4_VERITY_FL
_WITHOUT_BLOCKS = (4, 5, 6)  # devices and links: TSK_FS_META_TYPE_CHR, BLK, LNK
_MAGIC = b"\x0a\xf3"
_HEADER_BYTES = _ENTRY_BYTES = 12
_WRITTEN_BLOCKS = 32_768  # of an extent; a longer length says that it was never written
_DIRECT = 12
_BEYOND = 1 << 62
_MOST_NODES = 1024  # of one file that reach behind its size; of a sound one there are four
_VERITY_BYTES = 192 << 10  # alignment and descriptor; the tree itself is an eighth at most


@dataclass(frozen=True, slots=True, kw_only=True)
class _Node:
    """A block of block numbers. `height`: how many levels of them lie below; `first`: its first block of the file."""

    place: int
    height: int
    first: int


def bytes_behind(volume: ByteSource, block_bytes: int, inodes: InodeFilter, meta: Record) -> int:
    """How many bytes of blocks a file has behind its size, or more: they are counted up to a limit."""
    inode, size = int(meta.addr), int(meta.size)
    flags = inodes.flags(inode)
    if inode in inodes.held or size < 0:
        return 0
    room = size + (size // 8 + _VERITY_BYTES if flags & _VERITY else 0)
    end = -(-room // block_bytes)
    if flags & _EXTENTS:
        return block_bytes * _extents_behind(volume, block_bytes, inodes.blocks(inode), end)
    if flags & INLINE_DATA or int(meta.type) in _WITHOUT_BLOCKS:
        return 0
    return block_bytes * _mapped_behind(volume, block_bytes, inodes.blocks(inode), end)


def _extents_behind(volume: ByteSource, block_bytes: int, root: bytes, end: int) -> int:
    behind, read = 0, 0
    waiting = [(root, 6)]
    while waiting and read < _MOST_NODES:
        node, below = waiting.pop()
        height = int.from_bytes(node[6:8], "little")
        if node[:2] != _MAGIC or height >= below:
            continue
        entries = list(_entries(node))
        if not height:
            behind += sum(_written_behind(entry, end) for entry in entries)
            continue
        firsts = [int.from_bytes(entry[:4], "little") for entry in entries]
        for entry, (_, following) in zip(entries, pairwise((*firsts, _BEYOND)), strict=True):
            if following > end and read < _MOST_NODES:
                read += 1
                place = int.from_bytes(entry[4:10], "little")
                waiting.append((volume.read_at(place * block_bytes, block_bytes), height))
    return behind + len(waiting)


def _entries(node: bytes) -> Iterator[bytes]:
    count = min(int.from_bytes(node[2:4], "little"), len(node) // _ENTRY_BYTES - 1)
    for at in range(_HEADER_BYTES, _HEADER_BYTES + count * _ENTRY_BYTES, _ENTRY_BYTES):
        yield node[at : at + _ENTRY_BYTES]


def _written_behind(extent: bytes, end: int) -> int:
    first, length = int.from_bytes(extent[:4], "little"), int.from_bytes(extent[4:6], "little")
    return 0 if length > _WRITTEN_BLOCKS else max(first + length - max(first, end), 0)


def _mapped_behind(volume: ByteSource, block_bytes: int, pointers: bytes, end: int) -> int:
    numbers = np.frombuffer(pointers[: len(pointers) // 4 * 4], dtype="<u4")
    behind = int(np.count_nonzero(numbers[:_DIRECT][end:]))
    fan, first = block_bytes // 4, _DIRECT
    waiting: list[_Node] = []
    for height, place in enumerate(numbers[_DIRECT:].tolist()):
        waiting += [_Node(place=place, height=height, first=first)] if place else []
        first += fan ** (height + 1)
    read = 0
    while waiting and read < _MOST_NODES:
        node = waiting.pop()
        if node.first + fan ** (node.height + 1) <= end:
            continue
        read += 1
        below = np.frombuffer(volume.read_at(node.place * block_bytes, block_bytes).ljust(block_bytes, b"\0"), "<u4")
        if not node.height:
            behind += int(np.count_nonzero(below[max(end - node.first, 0) :]))
            continue
        span = fan**node.height
        waiting += [
            _Node(place=int(below[index]), height=node.height - 1, first=node.first + index * span)
            for index in np.flatnonzero(below).tolist()[-_MOST_NODES:]
            if node.first + (index + 1) * span > end
        ]
    return behind + len(waiting)
