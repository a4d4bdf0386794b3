"""The files of one NTFS, FAT or ext volume, each opened by the address its entry was listed with."""

from dataclasses import replace

from headwater.evidence.content import BytesSource, SourceContent
from headwater.evidence.disk import deleted, tsk
from headwater.evidence.disk.clusters import ClusterMap, ext_map, fat_map, ntfs_map
from headwater.evidence.disk.ext_inodes import HELD, InodeFilter, OwnBytes
from headwater.evidence.disk.fat_chain import ChainFile, chain_runs
from headwater.evidence.disk.fat_entries import FatEntries
from headwater.evidence.disk.fat_unlisted import FROM_ITS_CHAIN
from headwater.evidence.disk.filecontent import DoubtfulContent, FileSource
from headwater.evidence.disk.ntfs_elsewhere import check_readable
from headwater.evidence.disk.ntfs_label import record_bytes
from headwater.evidence.disk.tsk import Record, Runs
from headwater.evidence.disk.volume_facts import check_ext
from headwater.evidence.reader import ByteSource, Content, Limits
from headwater.model.errors import EvidenceError, LimitReached, Malformed, Overwritten, Truncated
from headwater.model.item import Allocation, Entry, ItemKind

IMPOSSIBLE = "its size is given as 2^63 bytes or more, which no file has"
_BITMAP_MFT_ENTRY = 6
_HOLE_BYTES = 256 << 20  # of zeros that are stored nowhere; above that a file is held to the ratio of archives
_SHORT_LINK = 60  # bytes; ext keeps a shorter target in the inode


class VolumeFiles:
    """An opened file system. `kind`: ntfs, fat or ext."""

    def __init__(self, source: ByteSource, kind: str, limits: Limits) -> None:
        """Open the file system of a volume. Raises EvidenceError."""
        self.kind = kind
        self._source = source
        self._limits = limits
        if kind == "ext":
            check_ext(source)
        self._inodes = InodeFilter(source) if kind == "ext" else None
        self._image, self._tsk = tsk.open_file_system(self._inodes or source, kind)
        self._block_bytes = int(self._tsk.info.block_size)
        self._clusters = self._cluster_map()
        self._fat = FatEntries(source, self._fat_bits) if kind == "fat" else None

    def open(self, entry: Entry) -> Content:
        """Open one listed file. Raises EvidenceError."""
        layer = entry.locator.layers[-1]
        if entry.note in deleted.WITHOUT_CONTENT:
            raise Overwritten(entry.note) if entry.note == deleted.OVERWRITTEN else EvidenceError(entry.note)
        inode, attribute_kind, number = _address(layer.address)
        if self._fat is not None and entry.note in FROM_ITS_CHAIN:
            return self._chained(inode, self._fat.size_bytes(inode))
        file = self._open_inode(inode, entry.allocation)
        if entry.kind is ItemKind.SYMLINK:
            return SourceContent(BytesSource(data=self._link(file)))
        if self.kind == "fat" and entry.allocation is Allocation.ALLOCATED and not self._is_loaded(file):
            return self._chained(inode, int(file.info.meta.size))
        attribute = self._attribute(file, attribute_kind, number)
        if self.kind == "ntfs":
            check_readable(file, attribute)
        self._check_size(attribute)
        if entry.allocation is Allocation.ALLOCATED:
            return SourceContent(self._allocated(inode, file, attribute))
        content = SourceContent(self._file_source(file, attribute, self._places(inode, attribute)))
        fault = deleted.overwritten(deleted.fate(attribute, self._clusters, first_decides=self.kind == "fat"))
        return DoubtfulContent(content, fault) if fault else content

    @property
    def _fat_bits(self) -> int:
        return tsk.fat_bits(self._tsk)

    def _cluster_map(self) -> ClusterMap | None:
        if self.kind == "ext":
            return ext_map(self._source)
        if self.kind == "fat":
            return fat_map(self._source, self._fat_bits)
        bitmap = tsk.open_inode(self._tsk, _BITMAP_MFT_ENTRY)
        if bitmap is None:
            return None
        try:
            return ntfs_map(self._file_source(bitmap, self._attribute(bitmap, tsk.DATA, None), ()), self._block_bytes)
        except EvidenceError:
            return None

    def _open_inode(self, inode: int, allocation: Allocation) -> Record:
        file = tsk.open_inode(self._tsk, inode)
        if file is None:
            raise Malformed(f"inode {inode} cannot be read")
        if self._is_held(inode):
            raise LimitReached(HELD)
        if allocation is not Allocation.ALLOCATED and not tsk.is_deleted(file.info.meta):
            raise EvidenceError(deleted.REALLOCATED)
        return file

    def _allocated(self, inode: int, file: Record, attribute: tsk.Attribute) -> FileSource:
        """Read a file through The Sleuth Kit, or by its own cluster chain where that reaches further on FAT."""
        places = self._places(inode, attribute)
        reached = sum(length for _, length, _ in places)
        if self.kind == "fat" and reached < attribute.size_bytes:
            chain = chain_runs(self._source, self._fat_bits, inode, attribute.size_bytes)
            if sum(length for _, length, _ in chain) > reached:
                return self._file_source(ChainFile(self._source, chain), attribute, chain)
        return self._file_source(file, attribute, places)

    def _is_loaded(self, file: Record) -> bool:
        """Whether The Sleuth Kit could follow the clusters of a file: it gives one up whose chain holds a bad mark."""
        return not int(file.info.meta.size) or any(True for _ in tsk.attributes(file))

    def _chained(self, inode: int, size_bytes: int) -> Content:
        """Read a FAT file by its own cluster chain, as far as that goes. Raises Malformed where it has none."""
        chain = chain_runs(self._source, self._fat_bits, inode, size_bytes)
        reached = sum(length for _, length, _ in chain)
        if size_bytes and not reached:
            raise Malformed("its entry names no cluster of this volume to begin with")
        attribute = replace(tsk.NO_CONTENT, size_bytes=min(size_bytes, reached), resident=False, runs=chain)
        content = SourceContent(self._file_source(ChainFile(self._source, chain), attribute, chain))
        if reached >= size_bytes:
            return content
        return DoubtfulContent(content, Truncated(f"its clusters hold {reached} of its {size_bytes} bytes"))

    def _link(self, file: Record) -> bytes:
        """Read the target of a symbolic link: out of its inode where it is short; none where it cannot be one.

        The Sleuth Kit's own reading shows other characters for some, and takes an extent for a block number.
        """
        inode, size = int(file.info.meta.addr), int(file.info.meta.size)
        if self._inodes is None or not 0 < size <= self._block_bytes or self._is_held(inode):
            return b""
        if size < _SHORT_LINK:
            return self._inodes.blocks(inode)[:size] or bytes(file.info.meta.link or b"")
        try:
            return self._allocated(inode, file, self._attribute(file, tsk.DATA, None)).read_at(0, size)
        except EvidenceError:
            return b""

    def _is_held(self, inode: int) -> bool:
        return self._inodes is not None and inode in self._inodes.held

    def _file_source(self, file: Record, attribute: tsk.Attribute, places: Runs) -> FileSource:
        over_tables = () if self._inodes is None else self._inodes.over_tables(places)
        return FileSource(
            image=self._image,
            file=file if not over_tables else OwnBytes(file, self._source, over_tables),
            attribute=attribute,
            volume=self._source,
            block_bytes=self._block_bytes,
            places=places,
        )

    def _attribute(self, file: Record, kind: int, number: int | None) -> tsk.Attribute:
        found = list(tsk.attributes(file, self._block_bytes))
        for attribute in found:
            if (attribute.kind, attribute.number) == (kind, number):
                return attribute
        main = [one for one in found if one.kind in (tsk.DEFAULT, tsk.DATA) and not (self.kind == "ntfs" and one.name)]
        if number is None and main:
            return main[0]
        if number is None and int(file.info.meta.size) < 0:
            raise Malformed(IMPOSSIBLE)
        if number is None and not int(file.info.meta.size):
            return tsk.NO_CONTENT
        raise Malformed(f"the data of inode {int(file.info.meta.addr)} cannot be loaded")

    def _check_size(self, attribute: tsk.Attribute) -> None:
        """Hold a size against what is really stored: a hole can claim any size, and many holes cost many times that."""
        stored = sum(length for _, length, place in attribute.runs if place is not None)
        size = attribute.size_bytes
        if size < 0:
            raise Malformed(IMPOSSIBLE)
        if not attribute.resident and size - stored > _HOLE_BYTES and size > self._limits.ratio * stored:
            raise LimitReached(f"a file of {size} bytes, of which {stored} are stored: not read")

    def _places(self, inode: int, attribute: tsk.Attribute) -> Runs:
        """Where in the volume a file lies. A resident attribute lies in its MFT entry."""
        if not attribute.resident or self.kind != "ntfs":
            return attribute.runs
        boot = self._source.read_at(0, 512)
        entry_bytes = record_bytes(boot, self._block_bytes)
        mft = tsk.open_inode(self._tsk, 0)
        runs = () if mft is None else self._attribute_runs(mft)
        at = inode * entry_bytes
        return tuple(
            (0, entry_bytes, place + at - start)
            for start, length, place in runs
            if place is not None and start <= at < start + length
        )

    def _attribute_runs(self, file: Record) -> Runs:
        return next((one.runs for one in tsk.attributes(file, self._block_bytes) if one.kind == tsk.DATA), ())


def _address(text: str) -> tuple[int, int, int | None]:
    """Inode, attribute type and attribute id of an address as fls spells it. Raises Malformed."""
    parts = text.split("-")
    if len(parts) not in (1, 3) or not all(part.isdecimal() for part in parts):
        raise Malformed(f"not an inode address: {text[:64]!r}")
    numbers = [int(part) for part in parts]
    return (numbers[0], numbers[1], numbers[2]) if len(numbers) == 3 else (numbers[0], tsk.DATA, None)
