"""A look at a FAT volume's free clusters before The Sleuth Kit searches them for orphans.

That search takes every free sector that looks like directory entries for some, keeps all in memory and compares each
with all: a volume full of phantom entries would hold it for hours. So they are counted first, in one pass.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from headwater.evidence.disk.clusters import ClusterMap
from headwater.evidence.reader import ByteSource

MOST_SECTORS = 16_384  # of 16 entries each
_SECTOR_BYTES = 512
_CHUNK_BYTES = 1 << 20
_CASE_FLAGS = 0x18  # the only bits FAT uses of an entry's byte 12


def directory_sectors(volume: ByteSource, clusters: ClusterMap, count: int, most: int = MOST_SECTORS) -> int:
    """How many free sectors look like directory entries; stops counting above `most`. `count`: data clusters."""
    found = 0
    for start, end in _free_spans(clusters, count):
        for offset in range(start, end, _CHUNK_BYTES):
            found += _looking_like_entries(volume.read_at(offset, min(_CHUNK_BYTES, end - offset)))
            if found > most:
                return found
    return found


def _free_spans(clusters: ClusterMap, count: int) -> Iterator[tuple[int, int]]:
    """Spans of clusters that are not in use, in bytes of the volume."""
    for number in range(-(-count // clusters.page_bits)):
        first = number * clusters.page_bits
        bits = np.unpackbits(np.frombuffer(clusters.page(number), dtype=np.uint8), bitorder="little")
        free = bits[: count - first] == 0
        edges = np.flatnonzero(np.diff(np.concatenate(([0], free.astype(np.int8), [0]))))
        for start, end in edges.reshape(-1, 2).tolist():
            yield (
                clusters.origin_bytes + (first + start) * clusters.cluster_bytes,
                clusters.origin_bytes + (first + end) * clusters.cluster_bytes,
            )


def _looking_like_entries(data: bytes) -> int:
    """Sectors whose first 32 bytes could be a FAT directory entry (Microsoft FAT specification 1.03, section 6)."""
    whole = len(data) // _SECTOR_BYTES * _SECTOR_BYTES
    entries: npt.NDArray[np.uint8] = np.frombuffer(data[:whole], dtype=np.uint8).reshape(-1, _SECTOR_BYTES)[:, :32]
    name, attributes, flags = entries[:, 0], entries[:, 11], entries[:, 12]
    likely = (name > 0x20) & (attributes < 0x40) & ((flags & ~np.uint8(_CASE_FLAGS)) == 0)
    return int(np.count_nonzero(likely))
