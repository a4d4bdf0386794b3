"""Inodes of an ext volume that would hold The Sleuth Kit for hours, taken out of its sight as it reads them.

Where a file without extents has a size that only its triple indirect block could map, and has no such block, the kit
counts every block of the hole one by one, and does so while it merely lists the directory the file lies in. So each
such inode is shown to it with a size of nothing, and its true size is kept in `held`. A file laid over the inode tables
is read from the volume itself.

Source: ext4 Data Structures and Algorithms, "Index Nodes".
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

import numpy as np

from headwater.evidence.disk.ext_groups import inode_tables
from headwater.evidence.disk.ext_own import own_inodes
from headwater.evidence.disk.tsk import Record, Runs
from headwater.evidence.reader import ByteSource
from headwater.model.item import ByteRange

HELD = "its size is beyond every block it can have, a hole or a lie: not read"
_WITHOUT_BLOCK_MAP = 0x80000 | 0x10000000  # EXT4_EXTENTS_FL, EXT4_INLINE_DATA_FL
_DIRECT_BLOCKS = 12
_SIZE_LOW, _FLAGS, _TRIPLE, _SIZE_HIGH, _LEAST_INODE_BYTES = 4, 32, 96, 108, 128
_LINKS = 26
_BLOCKS, _GENERATION = 40, 100
_CHUNK_BYTES = 1 << 20


class InodeFilter:
    """An ext volume as a ByteSource. `held`: inode -> size of those taken out, as far as their tables were read."""

    def __init__(self, volume: ByteSource) -> None:
        self._volume = volume
        self.held: dict[int, int] = {}
        block = volume.read_at(1024, 1024).ljust(1024, b"\0")
        self._own = own_inodes(block)
        self._block_bytes = 1024 << min(int.from_bytes(block[24:28], "little"), 6)
        self._inodes_per_group = int.from_bytes(block[40:44], "little")
        self._inode_bytes = max(int.from_bytes(block[88:90], "little"), _LEAST_INODE_BYTES)
        self._count = int.from_bytes(block[:4], "little")
        groups = -(-self._count // max(self._inodes_per_group, 1))
        tables = inode_tables(volume, groups)
        self._written = [table for table in tables if table.written]
        self._by_group = {table.group: table.start_bytes for table in tables}
        self._tables = sorted((start, group) for group, start in self._by_group.items())
        self._starts = [start for start, _ in self._tables]

    @property
    def size_bytes(self) -> int:
        return self._volume.size_bytes

    def bad_ranges(self) -> Sequence[ByteRange]:
        return self._volume.bad_ranges()

    def read_at(self, offset_bytes: int, length_bytes: int) -> bytes:
        data = self._volume.read_at(offset_bytes, length_bytes)
        end = offset_bytes + len(data)
        first = max(bisect_right(self._starts, offset_bytes) - 1, 0)
        for start, group in self._tables[first : bisect_right(self._starts, end)]:
            stop = min(start + self._length_bytes(group), end)
            skipped = max(offset_bytes - start, 0) // self._inode_bytes
            for at in range(start + skipped * self._inode_bytes, stop, self._inode_bytes):
                number = group * self._inodes_per_group + (at - start) // self._inode_bytes + 1
                data = self._without(data, at - offset_bytes, number)
        return data

    def _length_bytes(self, group: int) -> int:
        """How long a table is at most: The Sleuth Kit asks for no inode beyond the last."""
        left = max(self._count - group * self._inodes_per_group, 0)
        return min(self._inodes_per_group, left) * self._inode_bytes

    def over_tables(self, runs: Runs) -> Runs:
        """Return the runs that lie, all or in part, where inode tables are said to."""
        length = self._inodes_per_group * self._inode_bytes
        return tuple(
            (start, size, place)
            for start, size, place in runs
            if place is not None
            and bisect_left(self._starts, place + size) > bisect_right(self._starts, place - length)
        )

    def places(self) -> Runs:
        """Where the inode tables lie that were ever written."""
        length = self._inodes_per_group * self._inode_bytes
        return tuple((0, length, table.start_bytes) for table in self._written)

    def flags(self, inode: int) -> int:
        """Return the flags of an inode; none where its table is not known."""
        return int.from_bytes(self._raw(inode)[_FLAGS : _FLAGS + 4], "little")

    def blocks(self, inode: int) -> bytes:
        """Return the 60 bytes that hold the block numbers of an inode, or the target of a short symbolic link."""
        return self._raw(inode)[_BLOCKS:_GENERATION]

    def _raw(self, inode: int) -> bytes:
        group, index = divmod(inode - 1, max(self._inodes_per_group, 1))
        start = self._by_group.get(group)
        return b"" if start is None else self._volume.read_at(start + index * self._inode_bytes, _LEAST_INODE_BYTES)

    def in_use(self) -> Iterator[tuple[int, int]]:
        """Yield each inode that has links and a size, with its mode, but those of the file system itself.

        Tables marked as never written are passed over.
        """
        count = _CHUNK_BYTES // self._inode_bytes
        for table in self._written:
            for first in range(0, self._inodes_per_group, count):
                number = min(count, self._inodes_per_group - first)
                at = table.start_bytes + first * self._inode_bytes
                for index, mode in _linked(self._volume.read_at(at, number * self._inode_bytes), self._inode_bytes):
                    inode = table.group * self._inodes_per_group + first + index + 1
                    if inode not in self._own:
                        yield inode, mode

    def _without(self, data: bytes, at: int, number: int) -> bytes:
        """Give the data with the size of the inode at `at` taken out, where it has to be."""
        inode = data[at : at + _LEAST_INODE_BYTES] if at >= 0 else b""
        if len(inode) < _LEAST_INODE_BYTES or not any(inode[_SIZE_LOW : _SIZE_LOW + 4] + inode[_SIZE_HIGH:112]):
            return data
        size = int.from_bytes(inode[_SIZE_LOW : _SIZE_LOW + 4] + inode[_SIZE_HIGH : _SIZE_HIGH + 4], "little")
        if not self._is_beyond(inode, size):
            return data
        self.held[number] = size
        patched = bytearray(data)
        for place in (at + _SIZE_LOW, at + _SIZE_HIGH):
            patched[place : place + 4] = bytes(4)
        return bytes(patched)

    def _is_beyond(self, inode: bytes, size_bytes: int) -> bool:
        if int.from_bytes(inode[_FLAGS : _FLAGS + 4], "little") & _WITHOUT_BLOCK_MAP:
            return False
        pointers = self._block_bytes // 4
        reach = _DIRECT_BLOCKS + pointers + pointers**2
        if any(inode[_TRIPLE : _TRIPLE + 4]):
            reach += pointers**3
        return bool(size_bytes > reach * self._block_bytes)


class OwnBytes:
    """A file of The Sleuth Kit; what of it lies over inode tables is read from the volume itself."""

    def __init__(self, file: Record, volume: ByteSource, over_tables: Runs) -> None:
        self._file = file
        self._volume = volume
        self._runs = over_tables

    def read_random(self, offset_bytes: int, length_bytes: int, kind: int, number: int) -> bytes:
        """Read as The Sleuth Kit does."""
        data = bytearray(self._file.read_random(offset_bytes, length_bytes, kind, number))
        for start, length, place in self._runs:
            first, last = max(offset_bytes, start), min(offset_bytes + len(data), start + length)
            if place is not None and first < last:
                own = self._volume.read_at(place + first - start, last - first)
                data[first - offset_bytes : first - offset_bytes + len(own)] = own
        return bytes(data)


def _linked(data: bytes, inode_bytes: int) -> Iterator[tuple[int, int]]:
    """Yield place and mode of the inodes of a table that have links and a size."""
    table = np.frombuffer(data[: len(data) // inode_bytes * inode_bytes], dtype=np.uint8).reshape(-1, inode_bytes)
    used = table[:, _LINKS : _LINKS + 2].any(axis=1) & (
        table[:, _SIZE_LOW : _SIZE_LOW + 4].any(axis=1) | table[:, _SIZE_HIGH : _SIZE_HIGH + 4].any(axis=1)
    )
    for index in np.flatnonzero(used).tolist():
        yield index, int.from_bytes(table[index, :2].tobytes(), "little")
