"""The cluster chain of one FAT file, followed as far as it goes, where The Sleuth Kit gives a broken one up as a whole.

Source: Microsoft FAT specification 1.03, sections 4 (allocation table) and 6 (directory entries). The number of an
inode is The Sleuth Kit's: 3 for the first directory entry behind the tables, and counted on from there.
"""

from collections.abc import Iterator
from functools import lru_cache
from itertools import islice

from headwater.evidence.disk.clusters import FatLayout, fat_layout
from headwater.evidence.disk.tsk import Runs
from headwater.evidence.numbers import NumberSet
from headwater.evidence.reader import ByteSource

ENTRY_BYTES = 32
FIRST_INODE = 3
_DIRECTORY = 0x10
_PAGE_BYTES = 4096


class ChainFile:
    """The bytes of a chain. Reads as a file of The Sleuth Kit does: OSError where the chain does not reach."""

    def __init__(self, volume: ByteSource, runs: Runs) -> None:
        self._volume = volume
        self._runs = runs

    def read_random(self, offset_bytes: int, length_bytes: int, kind: int, number: int) -> bytes:  # noqa: ARG002
        """`length_bytes` from `offset_bytes`; `kind` and `number` are for the one attribute a FAT file has."""
        parts = []
        for start, length, place in self._runs:
            first, last = max(offset_bytes, start), min(offset_bytes + length_bytes, start + length)
            if place is not None and first < last:
                parts.append(self._volume.read_at(place + first - start, last - first))
        data = b"".join(parts)
        if len(data) < length_bytes:
            raise OSError(f"the cluster chain ends before byte {offset_bytes + length_bytes}")
        return data


def chain_runs(volume: ByteSource, width_bits: int, inode: int, size_bytes: int) -> Runs:
    """Return where a file lies, up to its size, the end of its chain, or the cluster that leads back into it."""
    layout = fat_layout(volume)
    runs: list[tuple[int, int, int | None]] = []
    offset = 0
    wanted = -(-size_bytes // layout.cluster_bytes)
    first = _first_cluster(volume, layout, inode, size_bytes)
    for cluster in islice(chain(volume, layout, width_bits, first), wanted):
        place = layout.data_bytes + (cluster - 2) * layout.cluster_bytes
        if runs and runs[-1][2] == place - runs[-1][1]:
            start, length, at = runs.pop()
            runs.append((start, length + layout.cluster_bytes, at))
        else:
            runs.append((offset, layout.cluster_bytes, place))
        offset += layout.cluster_bytes
    return tuple(runs)


def _first_cluster(volume: ByteSource, layout: FatLayout, inode: int, size_bytes: int) -> int:
    """Read it from the directory entry; 0 where that is of no file of this size and of no directory."""
    at = layout.root_bytes + (inode - FIRST_INODE) * ENTRY_BYTES
    entry = volume.read_at(at, ENTRY_BYTES) if inode >= FIRST_INODE else b""
    if len(entry) < ENTRY_BYTES:
        return 0
    if int.from_bytes(entry[28:32], "little") != size_bytes and not entry[11] & _DIRECTORY:
        return 0
    return int.from_bytes(entry[26:28] + entry[20:22], "little")


def chain(volume: ByteSource, layout: FatLayout, width_bits: int, first: int) -> Iterator[int]:
    """Yield the clusters of a chain from its first on, each once. Ends at any number that is no cluster."""
    count = max(volume.size_bytes - layout.data_bytes, 0) // layout.cluster_bytes
    seen = NumberSet()
    mask = 0x0FFFFFFF if width_bits == 32 else (1 << width_bits) - 1
    page = lru_cache(maxsize=16)(
        lambda number: volume.read_at(layout.table_bytes + number * _PAGE_BYTES, _PAGE_BYTES + 4)
    )
    cluster = first & mask
    while 2 <= cluster < count + 2 and cluster not in seen:
        seen.add(cluster)
        yield cluster
        at = cluster * width_bits
        inside = at // 8 % _PAGE_BYTES
        entry = page(at // 8 // _PAGE_BYTES)[inside : inside + 4]
        cluster = int.from_bytes(entry, "little") >> at % 8 & mask
