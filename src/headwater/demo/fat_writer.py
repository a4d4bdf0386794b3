"""FAT16 and FAT32 volumes written from scratch: no outside program, the same bytes for the same files.

Every file lies in one run of clusters. A deleted file keeps its content; its entries are marked, its clusters freed.
Layout: Microsoft FAT32 File System Specification 1.03.
"""

import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import BinaryIO, Literal

from headwater.demo.fat_names import ATTRIBUTE_ARCHIVE, ATTRIBUTE_DIRECTORY, DirectoryEntry, short_name

SECTOR_BYTES = 512
_END_16, _END_32 = 0xFFFF, 0x0FFFFFFF
_FEWEST_CLUSTERS = {"fat16": 4_200, "fat32": 65_600}  # beyond 4,085 and 65,525, where readers change the kind
_MOST_CLUSTERS_16 = 65_500
_ROOT_ENTRIES_16 = 512

FatKind = Literal["fat16", "fat32"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FatFile:
    """One file to store. `path` uses ``/``; times are written as local time, as FAT keeps them."""

    path: str
    data: bytes
    modified: datetime
    created: datetime | None = None
    deleted: bool = False


@dataclass(slots=True, kw_only=True)
class _Node:
    """A file or directory that is being placed."""

    name: str
    modified: datetime
    created: datetime
    data: bytes = b""
    directory: bool = False
    deleted: bool = False
    children: dict[str, "_Node"] = field(default_factory=dict)
    short: bytes = b""
    cluster: int = 0
    clusters: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Geometry:
    """Where the parts of a volume lie, in sectors and clusters."""

    kind: FatKind
    sectors_per_cluster: int
    clusters: int
    reserved_sectors: int
    fat_sectors: int
    root_sectors: int

    @property
    def data_sector(self) -> int:
        return self.reserved_sectors + 2 * self.fat_sectors + self.root_sectors

    @property
    def total_sectors(self) -> int:
        return self.data_sector + self.clusters * self.sectors_per_cluster

    @property
    def cluster_bytes(self) -> int:
        return self.sectors_per_cluster * SECTOR_BYTES

    def offset_bytes(self, cluster: int) -> int:
        """Where a cluster begins, from the start of the volume."""
        return (self.data_sector + (cluster - 2) * self.sectors_per_cluster) * SECTOR_BYTES


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """A planned volume: its geometry, and where each file's content begins (bytes from the volume's start)."""

    geometry: Geometry
    offsets_bytes: Mapping[str, int]
    _root: _Node
    _volume_id: int

    def write(self, out: BinaryIO, offset_bytes: int) -> None:
        """Write the volume at `offset_bytes` of a seekable file that reads as zeros elsewhere."""
        for sector, data in _system_areas(self.geometry, self._volume_id, offset_bytes // SECTOR_BYTES):
            out.seek(offset_bytes + sector * SECTOR_BYTES)
            out.write(data)
        for copy in range(2):
            out.seek(offset_bytes + (self.geometry.reserved_sectors + copy * self.geometry.fat_sectors) * SECTOR_BYTES)
            out.write(_table(self.geometry, self._root))
        for node, parent in _walk(self._root):
            _write_node(out, self.geometry, offset_bytes, node, parent)


def plan_fat(
    files: Sequence[FatFile], *, kind: FatKind = "fat32", sectors_per_cluster: int = 1, volume_id: int = 0x48454144
) -> Volume:
    """Place `files` and size the volume around them. Raises ValueError where the kind cannot hold them."""
    root = _tree(files)
    cluster_bytes = sectors_per_cluster * SECTOR_BYTES
    used = _place(root, kind, cluster_bytes)
    clusters = max(used + used // 20, _FEWEST_CLUSTERS[kind])
    if kind == "fat16" and clusters > _MOST_CLUSTERS_16:
        raise ValueError(f"{clusters} clusters of {cluster_bytes} bytes are too many for FAT16")
    entry_bytes = 4 if kind == "fat32" else 2
    geometry = Geometry(
        kind=kind,
        sectors_per_cluster=sectors_per_cluster,
        clusters=clusters,
        reserved_sectors=32 if kind == "fat32" else 4,
        fat_sectors=-(-(clusters + 2) * entry_bytes // SECTOR_BYTES),
        root_sectors=0 if kind == "fat32" else _ROOT_ENTRIES_16 * 32 // SECTOR_BYTES,
    )
    offsets = {path: geometry.offset_bytes(node.cluster) for path, node in _paths(root, "") if node.cluster}
    return Volume(geometry=geometry, offsets_bytes=offsets, _root=root, _volume_id=volume_id)


def _tree(files: Sequence[FatFile]) -> _Node:
    earliest = min(one.modified for one in files)
    root = _Node(name="", modified=earliest, created=earliest, directory=True)
    for one in files:
        *folders, name = one.path.split("/")
        node = root
        for folder in folders:
            fresh = _Node(name=folder, modified=one.modified, created=one.modified, directory=True)
            node = node.children.setdefault(folder, fresh)
        if name in node.children:
            raise ValueError(f"twice the same path: {one.path}")
        node.children[name] = _Node(
            name=name, modified=one.modified, created=one.created or one.modified, data=one.data, deleted=one.deleted
        )
    _give_short_names(root)
    return root


def _give_short_names(node: _Node) -> None:
    taken: set[bytes] = set()
    for child in node.children.values():
        child.short = short_name(child.name, taken)
        taken.add(child.short)
        _give_short_names(child)


def _place(root: _Node, kind: FatKind, cluster_bytes: int) -> int:
    """Give every node its run of clusters, deleted files last; returns how many clusters are used."""
    following = 2
    nodes = sorted((node for node, _ in _walk(root)), key=lambda node: node.deleted)
    for node in nodes:
        if node is root and kind == "fat16":
            continue
        size = _directory_bytes(node, root) if node.directory else len(node.data)
        node.clusters = -(-size // cluster_bytes)
        node.cluster = following if node.clusters else 0
        following += node.clusters
    return following - 2


def _directory_bytes(node: _Node, root: _Node) -> int:
    return max(len(_listing(node, root)), 1) + 32  # at least one free entry ends the listing


def _walk(node: _Node, parent: _Node | None = None) -> Iterator[tuple[_Node, _Node | None]]:
    yield node, parent
    for child in node.children.values():
        yield from _walk(child, node)


def _paths(node: _Node, below: str) -> Iterator[tuple[str, _Node]]:
    for child in node.children.values():
        path = f"{below}{child.name}"
        yield path, child
        yield from _paths(child, f"{path}/")


def _listing(node: _Node, parent: _Node | None) -> bytes:
    """Pack a directory's content; `parent` is None for the root, which has no dot entries."""
    packed = [_entry(child) for child in node.children.values()]
    if parent is None:
        return b"".join(packed)
    above = 0 if not parent.name else parent.cluster
    dots = [_dot(node, b".", node.cluster), _dot(node, b"..", above)]
    return b"".join(dots + packed)


def _dot(node: _Node, short: bytes, cluster: int) -> bytes:
    return DirectoryEntry(
        name=short.decode(), short=short.ljust(11), attributes=ATTRIBUTE_DIRECTORY, cluster=cluster, size_bytes=0,
        created=node.created, modified=node.modified,
    ).pack()  # fmt: skip


def _entry(node: _Node) -> bytes:
    return DirectoryEntry(
        name=node.name,
        short=node.short,
        attributes=ATTRIBUTE_DIRECTORY if node.directory else ATTRIBUTE_ARCHIVE,
        cluster=node.cluster,
        size_bytes=len(node.data),
        created=node.created,
        modified=node.modified,
        deleted=node.deleted,
    ).pack()


def _table(geometry: Geometry, root: _Node) -> bytes:
    """Write the allocation table: each run chained, deleted files' clusters free."""
    wide = geometry.kind == "fat32"
    end = _END_32 if wide else _END_16
    chain = [0] * (geometry.clusters + 2)
    chain[0], chain[1] = end & ~0x07, end
    for node, _ in _walk(root):
        if node.clusters and not node.deleted:
            last = node.cluster + node.clusters - 1
            chain[node.cluster : last] = range(node.cluster + 1, last + 1)
            chain[last] = end
    return struct.pack(f"<{len(chain)}{'I' if wide else 'H'}", *chain)


def _write_node(out: BinaryIO, geometry: Geometry, offset_bytes: int, node: _Node, parent: _Node | None) -> None:
    data = _listing(node, parent) if node.directory else node.data
    place = geometry.offset_bytes(node.cluster)
    if parent is None and geometry.kind == "fat16":
        if len(data) >= geometry.root_sectors * SECTOR_BYTES:
            raise ValueError("too many entries in the root of a FAT16 volume")
        place = (geometry.data_sector - geometry.root_sectors) * SECTOR_BYTES
    if data:
        out.seek(offset_bytes + place)
        out.write(data)


def _system_areas(geometry: Geometry, volume_id: int, hidden: int) -> Iterator[tuple[int, bytes]]:
    boot = _boot_sector(geometry, volume_id, hidden)
    yield 0, boot
    if geometry.kind == "fat32":
        information = b"RRaA".ljust(484, b"\0") + b"rrAa" + struct.pack("<II", 0xFFFFFFFF, 0xFFFFFFFF)
        information = information.ljust(508, b"\0") + b"\0\0\x55\xaa"
        yield 1, information
        yield 6, boot
        yield 7, information


def _boot_sector(geometry: Geometry, volume_id: int, hidden: int) -> bytes:
    wide = geometry.kind == "fat32"
    total = geometry.total_sectors
    small = total if total <= 0xFFFF and not wide else 0
    common = struct.pack(
        "<3s8sHBHBHHBHHHII", b"\xeb\x58\x90" if wide else b"\xeb\x3c\x90", b"MSWIN4.1", SECTOR_BYTES,
        geometry.sectors_per_cluster, geometry.reserved_sectors, 2, 0 if wide else _ROOT_ENTRIES_16, small, 0xF8,
        0 if wide else geometry.fat_sectors, 63, 255, hidden, 0 if small else total,
    )  # fmt: skip
    extended = struct.pack("<IHHIHH12x", geometry.fat_sectors, 0, 0, 2, 1, 6) if wide else b""
    name = b"FAT32   " if wide else b"FAT16   "
    tail = struct.pack("<BBBI11s8s", 0x80, 0, 0x29, volume_id, b"NO NAME    ", name)
    return (common + extended + tail).ljust(510, b"\0") + b"\x55\xaa"
