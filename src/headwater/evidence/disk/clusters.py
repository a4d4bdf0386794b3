"""Which clusters of a volume are in use now: asked before the content of a deleted file is believed.

FAT: the allocation table itself (Microsoft FAT specification 1.03, section 4). NTFS: the $Bitmap file. ext: the block
bitmap of each block group (ext4 Data Structures and Algorithms, "Block Group Descriptors"). All offsets are bytes from
the start of the volume.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from headwater.evidence.reader import ByteSource

_EXT_64BIT = 0x80
_EXT_META_BG = 0x10
_EXT_BLOCK_UNINIT = 2
_PAGE_BITS = 32_768
_PIECE_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class ClusterMap:
    """`page(n)` gives bit by bit (lowest first) whether clusters n * page_bits and following are in use."""

    origin_bytes: int
    cluster_bytes: int
    page_bits: int
    page: Callable[[int], bytes]

    def used(self, offset_bytes: int, length_bytes: int) -> tuple[int, int]:
        """How many clusters of a run are in use, and how many it has."""
        first = max(offset_bytes - self.origin_bytes, 0) // self.cluster_bytes
        last = max(offset_bytes + length_bytes - self.origin_bytes - 1, 0) // self.cluster_bytes
        used = 0
        for number in range(first // self.page_bits, last // self.page_bits + 1):
            bits = int.from_bytes(self.page(number), "little")
            low = max(first - number * self.page_bits, 0)
            high = min(last + 1 - number * self.page_bits, self.page_bits)
            used += ((bits >> low) & ((1 << (high - low)) - 1)).bit_count()
        return used, last - first + 1


def ntfs_map(bitmap: ByteSource, cluster_bytes: int) -> ClusterMap:
    """From the content of $Bitmap."""
    page_bytes = _PAGE_BITS // 8
    page = lru_cache(maxsize=64)(lambda number: bitmap.read_at(number * page_bytes, page_bytes))
    return ClusterMap(0, cluster_bytes, _PAGE_BITS, page)


@dataclass(frozen=True, slots=True, kw_only=True)
class FatLayout:
    """Where the parts of a FAT volume begin. `root_bytes`: behind the last table; `data_bytes`: of cluster 2.

    table_length_bytes: how long one table is.
    """

    sector_bytes: int
    cluster_bytes: int
    table_bytes: int
    table_length_bytes: int
    root_bytes: int
    data_bytes: int


def fat_layout(volume: ByteSource) -> FatLayout:
    """Read it from the boot sector."""
    boot = volume.read_at(0, 512).ljust(512, b"\0")
    sector = int.from_bytes(boot[11:13], "little") or 512
    table = int.from_bytes(boot[14:16], "little") * sector
    table_sectors = int.from_bytes(boot[22:24], "little") or int.from_bytes(boot[36:40], "little")
    root = table + boot[16] * table_sectors * sector
    root_entries_bytes = int.from_bytes(boot[17:19], "little") * 32
    return FatLayout(
        sector_bytes=sector,
        cluster_bytes=max(boot[13], 1) * sector,
        table_bytes=table,
        table_length_bytes=table_sectors * sector,
        root_bytes=root,
        data_bytes=root + -(-root_entries_bytes // sector) * sector,
    )


def fat_map(volume: ByteSource, width_bits: int) -> ClusterMap:
    """From the first FAT. `width_bits`: 12, 16 or 32. Cluster 0 of the map is the first data cluster, number 2."""
    layout = fat_layout(volume)
    page_bits = 4096

    def page(number: int) -> bytes:
        start_bits = (number * page_bits + 2) * width_bits
        raw = volume.read_at(layout.table_bytes + start_bits // 8, page_bits * width_bits // 8 + 8)
        return _fat_page(raw, width_bits, page_bits)

    return ClusterMap(layout.data_bytes, layout.cluster_bytes, page_bits, lru_cache(maxsize=64)(page))


def _fat_page(raw: bytes, width_bits: int, count: int) -> bytes:
    """Fold FAT entries into one bit each: any entry but zero is in use."""
    return np.packbits(_fat_entries(raw, width_bits, count) != 0, bitorder="little").tobytes()


def _fat_entries(raw: bytes, width_bits: int, count: int) -> npt.NDArray[np.uint32]:
    """Spread `count` entries of an allocation table out. FAT32 uses 28 bits of its 32, FAT12 three bytes for two."""
    whole = np.frombuffer(raw[: -(-count * width_bits // 8)].ljust(-(-count * width_bits // 8), b"\0"), dtype=np.uint8)
    if width_bits == 16:
        return whole.view("<u2").astype(np.uint32)
    if width_bits == 32:
        return whole.view("<u4") & np.uint32(0x0FFFFFFF)
    low, middle, high = whole.astype(np.uint32).reshape(-1, 3).T
    return np.stack((low | (middle & 15) << 8, middle >> 4 | high << 4), axis=1).reshape(-1)


def bad_clusters(volume: ByteSource, width_bits: int) -> int:
    """How many data clusters of a volume its first FAT marks as bad. `width_bits`: 12, 16 or 32."""
    layout = fat_layout(volume)
    count = min(
        max(volume.size_bytes - layout.data_bytes, 0) // layout.cluster_bytes,
        max(layout.table_length_bytes * 8 // width_bits - 2, 0),
    )
    mark, found = 0x0FFFFFF7 & ((1 << width_bits) - 1), 0
    for first in range(2, count + 2, _PAGE_BITS):
        number = min(_PAGE_BITS, count + 2 - first)
        raw = volume.read_at(layout.table_bytes + first * width_bits // 8, number * width_bits // 8 + 2)
        found += int(np.count_nonzero(_fat_entries(raw, width_bits, number + number % 2)[:number] == mark))
    return found


def differing_sectors(volume: ByteSource) -> int:
    """In how many sectors the two copies of a volume's allocation table differ; none where it has one.

    The first two entries are no clusters' and hold whether the volume was unmounted cleanly: they are left out.
    """
    layout = fat_layout(volume)
    length, found = layout.table_length_bytes, 0
    if layout.root_bytes - layout.table_bytes < 2 * length:
        return 0
    for at in range(0, length, _PIECE_BYTES):
        skipped = 8 if at == 0 else 0
        first, second = (
            bytes(skipped) + volume.read_at(layout.table_bytes + copy + at, min(_PIECE_BYTES, length - at))[skipped:]
            for copy in (0, length)
        )
        if first != second:
            found += sum(
                first[sector : sector + layout.sector_bytes] != second[sector : sector + layout.sector_bytes]
                for sector in range(0, len(first), layout.sector_bytes)
            )
    return found


def ext_map(volume: ByteSource) -> ClusterMap | None:
    """From the block bitmaps. None for the rare meta_bg layout, whose group descriptors lie scattered."""
    block = volume.read_at(1024, 1024)
    first_block, block_shift = struct.unpack_from("<II", block.ljust(1024, b"\0"), 20)
    page_bits, incompatible = int.from_bytes(block[32:36], "little"), int.from_bytes(block[96:100], "little")
    block_bytes = 1024 << min(block_shift, 6)
    wide = bool(incompatible & _EXT_64BIT)
    descriptor_bytes = (int.from_bytes(block[254:256], "little") or 64) if wide else 32
    if incompatible & _EXT_META_BG or not page_bits or page_bits % 8:
        return None

    def page(number: int) -> bytes:
        at = (first_block + 1) * block_bytes + number * descriptor_bytes
        descriptor = volume.read_at(at, descriptor_bytes)
        if int.from_bytes(descriptor[18:20], "little") & _EXT_BLOCK_UNINIT:
            return bytes(page_bits // 8)
        bitmap = int.from_bytes(descriptor[0:4], "little")
        if descriptor_bytes >= 64:
            bitmap |= int.from_bytes(descriptor[32:36], "little") << 32
        return volume.read_at(bitmap * block_bytes, page_bits // 8)

    return ClusterMap(first_block * block_bytes, block_bytes, page_bits, lru_cache(maxsize=64)(page))
