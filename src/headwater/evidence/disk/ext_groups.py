"""Where the inode tables of an ext volume lie, by its group descriptors, scattered ones (meta_bg) too.

Source: ext4 Data Structures and Algorithms, "The Super Block", "Block Group Descriptors" and "Meta Block Groups".
"""

import struct
from dataclasses import dataclass

from headwater.evidence.reader import ByteSource

_MOST_GROUPS = 1 << 20
_META_BG, _64BIT = 0x10, 0x80  # of the incompatible features
_SPARSE_SUPER, _SPARSE_SUPER2 = 0x1, 0x200  # of the read-only compatible, of the compatible features
_UNWRITTEN = 1  # EXT4_BG_INODE_UNINIT
_WIDE_DESCRIPTOR_BYTES, _LEAST_DESCRIPTOR_BYTES = 64, 32


@dataclass(frozen=True, slots=True)
class InodeTable:
    """The inode table of one block group. `written`: whether the file system says that it was ever used."""

    group: int
    start_bytes: int
    written: bool


def inode_tables(volume: ByteSource, groups: int) -> tuple[InodeTable, ...]:
    """Read the descriptors of as many groups; those that place no table are left out."""
    block = volume.read_at(1024, 1024).ljust(1024, b"\0")
    block_bytes = 1024 << min(int.from_bytes(block[24:28], "little"), 6)
    wide = int.from_bytes(block[96:100], "little") & _64BIT
    size = (int.from_bytes(block[254:256], "little") or _WIDE_DESCRIPTOR_BYTES) if wide else _LEAST_DESCRIPTOR_BYTES
    size = max(size, _LEAST_DESCRIPTOR_BYTES)
    found = []
    table = _descriptors(volume, block, block_bytes, size, min(groups, _MOST_GROUPS))
    for group in range(len(table) // size):
        descriptor = table[group * size : (group + 1) * size]
        start = int.from_bytes(descriptor[8:12], "little")
        if size >= _WIDE_DESCRIPTOR_BYTES:
            start |= int.from_bytes(descriptor[40:44], "little") << 32
        if start:
            found.append(InodeTable(group, start * block_bytes, not descriptor[18] & _UNWRITTEN))
    return tuple(found)


def _descriptors(volume: ByteSource, block: bytes, block_bytes: int, size: int, groups: int) -> bytes:
    """Join the descriptors of all groups, in order."""
    first_block = int.from_bytes(block[20:24], "little")
    if not int.from_bytes(block[96:100], "little") & _META_BG:
        return volume.read_at((first_block + 1) * block_bytes, groups * size)
    in_a_block = max(block_bytes // size, 1)
    first_meta, blocks_per_group = int.from_bytes(block[260:264], "little"), int.from_bytes(block[32:36], "little")
    parts = []
    for number in range(-(-groups // in_a_block)):
        group = number * in_a_block
        place = first_block + 1 + number
        if number >= first_meta:
            place = first_block + group * blocks_per_group + _has_superblock(block, group)
        parts.append(volume.read_at(place * block_bytes, in_a_block * size).ljust(in_a_block * size, b"\0"))
    return b"".join(parts)[: groups * size]


def _has_superblock(block: bytes, group: int) -> bool:
    """Whether a group begins with a copy of the superblock."""
    compatible, read_only = int.from_bytes(block[92:96], "little"), int.from_bytes(block[100:104], "little")
    if compatible & _SPARSE_SUPER2:
        return group in (0, *struct.unpack_from("<II", block, 588))
    return group < 2 or not read_only & _SPARSE_SUPER or any(_is_power(group, base) for base in (3, 5, 7))


def _is_power(number: int, base: int) -> bool:
    while number % base == 0:
        number //= base
    return number == 1
