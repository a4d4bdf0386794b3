"""NTFS, FAT12/16/32 and ext2/3/4 behind the Reader protocol: every name once, deleted and orphaned ones too.

Directories are counted, not listed. Layer.address and Entry.inode are the inode as The Sleuth Kit's `fls` spells it
(inode, or inode-type-id on NTFS).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from headwater.evidence.content import BytesSource, SourceContent
from headwater.evidence.disk import deleted, tsk
from headwater.evidence.disk.clusters import ClusterMap, bad_clusters, ext_map, fat_map, ntfs_map
from headwater.evidence.disk.ext_inodes import HELD, InodeFilter
from headwater.evidence.disk.fat_chain import ChainFile, chain_runs
from headwater.evidence.disk.fat_entries import FatEntries
from headwater.evidence.disk.fat_unlisted import FROM_ITS_CHAIN, left_out
from headwater.evidence.disk.filecontent import DoubtfulContent, FileSource
from headwater.evidence.disk.guard import Guard
from headwater.evidence.disk.orphans import MOST_SECTORS, directory_sectors
from headwater.evidence.disk.tsk import Record, Runs
from headwater.evidence.disk.volume_facts import VolumeFacts, ext_facts, fat_facts, ntfs_facts, type_name
from headwater.evidence.reader import ByteSource, Content, Limits
from headwater.model.errors import EvidenceError, LimitReached, Malformed, Overwritten, Truncated
from headwater.model.item import Allocation, Entry, ItemKind, Refusal
from headwater.model.locator import Layer, Locator

_METADATA_NOTE = "file system metadata"
_ORPHANS = b"$OrphanFiles"
_VOLUME_LABEL = b" (Volume Label Entry)"  # what TSK puts behind the name of a FAT volume label
_LAST_RESERVED_MFT_ENTRY = 23
_VOLUME_MFT_ENTRY = 3
_BITMAP_MFT_ENTRY = 6
_VOLUME_NAME = 96  # NTFS $VOLUME_NAME
_IMPOSSIBLE = "its size is given as 2^63 bytes or more, which no file has"
_DATE_ONLY_NOTE = "access time is a date only"


@dataclass(slots=True)
class _Level:
    """A directory being listed. `listed`: the inodes it has named so far, kept on FAT only."""

    inode: int
    path: bytes
    allocation: Allocation
    names: Iterator[Record]
    listed: set[int] = field(default_factory=set)


class FileSystemReader:
    """One file system. `directories` counts those listed so far; `empty_orphans` the blank inodes left out."""

    def __init__(self, source: ByteSource, kind: str, limits: Limits) -> None:
        """Open the file system of a volume. `kind`: ntfs, fat or ext. Raises EvidenceError."""
        self.kind = kind
        self.directories = 0
        self.empty_orphans = 0
        self._source = source
        self._limits = limits
        self._inodes = InodeFilter(source) if kind == "ext" else None
        self._image, self._tsk = tsk.open_file_system(self._inodes or source, kind)
        self._block_bytes = int(self._tsk.info.block_size)
        self._twice: set[int] = set()
        self._clusters = self._cluster_map()
        self._fat = FatEntries(source, self._fat_bits) if kind == "fat" else None

    def entries(self) -> Iterator[Entry | Refusal]:
        self.directories = self.empty_orphans = 0
        self._twice.clear()
        guard = self.guard()
        for found in self._walk(guard):
            stop = guard.count()
            if stop:
                yield self._refusal(b"", "", stop, LimitReached.kind)
                return
            yield found
        bad = bad_clusters(self._source, self._fat_bits) if self.kind == "fat" else 0
        if bad:
            yield self._refusal(b"", "", f"{bad} clusters are marked as bad: what they hold was not read")

    def facts(self) -> VolumeFacts:
        """Exact type, label and notes."""
        name = type_name(int(self._tsk.info.ftype), self.kind)
        if self.kind == "fat":
            return fat_facts(self._source, name)
        return ext_facts(self._source, name) if self.kind == "ext" else ntfs_facts(self._ntfs_volume_name())

    @property
    def _fat_bits(self) -> int:
        return int(type_name(int(self._tsk.info.ftype), "fat32").removeprefix("fat"))

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

    def _ntfs_volume_name(self) -> bytes:
        file = tsk.open_inode(self._tsk, _VOLUME_MFT_ENTRY)
        for attribute in tsk.attributes(file) if file is not None else ():
            if attribute.kind == _VOLUME_NAME and attribute.size_bytes > 0:
                return tsk.read_attribute(file, attribute, 256)
        return b""

    def guard(self) -> Guard:
        """How many names this volume has room for: MFT entries, inodes, or FAT clusters."""
        if self.kind != "fat":
            room_name = "MFT entries" if self.kind == "ntfs" else "inodes"
            return Guard(room=int(self._tsk.info.inum_count), room_name=room_name)
        sectors_per_cluster = int.from_bytes(self._source.read_at(13, 1)) or 1
        return Guard(room=int(self._tsk.info.block_count) // sectors_per_cluster, room_name="clusters")

    def open(self, entry: Entry) -> Content:
        layer = entry.locator.layers[-1]
        if entry.note in deleted.WITHOUT_CONTENT:
            raise Overwritten(entry.note) if entry.note == deleted.OVERWRITTEN else EvidenceError(entry.note)
        inode, attribute_kind, number = _address(layer.address)
        if self._fat is not None and entry.note in FROM_ITS_CHAIN:
            return self._chained(inode, self._fat.size_bytes(inode))
        file = self._open_inode(inode, entry.allocation)
        if self.kind == "ext" and tsk.item_kind(file.info.meta) is ItemKind.SYMLINK:
            return SourceContent(BytesSource(data=file.info.meta.link or b""))
        if self.kind == "fat" and entry.allocation is Allocation.ALLOCATED and not self._is_loaded(file):
            return self._chained(inode, int(file.info.meta.size))
        attribute = self._attribute(file, attribute_kind, number)
        self._check_size(attribute)
        if entry.allocation is Allocation.ALLOCATED:
            return SourceContent(self._allocated(inode, file, attribute))
        content = SourceContent(self._file_source(file, attribute, self._places(inode, attribute)))
        fault = deleted.overwritten(deleted.fate(attribute, self._clusters, first_decides=self.kind == "fat"))
        return DoubtfulContent(content, fault) if fault else content

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

    def _is_held(self, inode: int) -> bool:
        return self._inodes is not None and inode in self._inodes.held

    def _file_source(self, file: Record, attribute: tsk.Attribute, places: Runs) -> FileSource:
        return FileSource(
            image=self._image,
            file=file,
            attribute=attribute,
            volume=self._inodes or self._source,
            block_bytes=self._block_bytes,
            places=places,
        )

    def _walk(self, guard: Guard) -> Iterator[Entry | Refusal]:
        root = int(self._tsk.info.root_inum)
        yield from self._root_streams(root)
        levels: list[_Level] = []
        yield from self._enter(levels, guard, root, b"", Allocation.ALLOCATED)
        while levels:
            level = levels[-1]
            found = next(level.names, None)
            if found is None:
                levels.pop()
                yield from self._unlisted(level)
            elif isinstance(found, OSError):
                yield self._refusal(level.path, str(level.inode), f"a name cannot be read: {tsk.reason(found)}")
            else:
                named = deleted.resolve(self._tsk, self.kind, found)
                if self._fat is not None:
                    level.listed.add(named.inode)
                yield from self._named(levels, guard, level, named)

    def _named(
        self, levels: list[_Level], guard: Guard, level: _Level, named: deleted.Named
    ) -> Iterator[Entry | Refusal]:
        path = level.path + b"/" + named.name if level.path else named.name
        allocation = _allocation(level, named)
        if len(path) > self._limits.name_bytes:
            yield self._refusal(path[:256], str(named.inode), f"path of {len(path)} bytes", LimitReached.kind)
        elif named.directory and named.file is None:
            yield self._refusal(path, str(named.inode), f"directory: {named.note}", EvidenceError.kind)
        elif named.directory:
            yield from self._directory(levels, guard, path, allocation, named)
        else:
            yield from (entry for entry in self._files(path, allocation, named) if self._is_new(entry))

    def _directory(
        self, levels: list[_Level], guard: Guard, path: bytes, allocation: Allocation, named: deleted.Named
    ) -> Iterator[Entry | Refusal]:
        file = named.file
        yield from (entry for entry in self._streams(path, allocation, file) if self._is_new(entry))
        if path == _ORPHANS and file is not None and tsk.is_virtual_directory(file.info.meta):
            allocation = Allocation.ORPHAN
        stop = self._not_worth_entering(file, allocation, guard)
        if stop:
            yield self._refusal(path, str(named.inode), stop, LimitReached.kind)
            return
        yield from self._enter(levels, guard, named.inode, path, allocation)

    def _not_worth_entering(self, file: Record, allocation: Allocation, guard: Guard) -> str:
        """Why a directory that is no longer allocated is not listed, or nothing."""
        if allocation is Allocation.ALLOCATED or self.kind != "fat" or self._clusters is None:
            return ""
        if not tsk.is_virtual_directory(file.info.meta):
            return f"directory: {deleted.OVERWRITTEN}" if self._fate(file, None) == deleted.OVERWRITTEN else ""
        sectors = directory_sectors(self._source, self._clusters, guard.room)
        if sectors <= MOST_SECTORS:
            return ""
        return f"orphans not searched: more than {MOST_SECTORS} free sectors look like directory entries"

    def _enter(
        self, levels: list[_Level], guard: Guard, inode: int, path: bytes, allocation: Allocation
    ) -> Iterator[Refusal]:
        stop = guard.enter(inode, [level.inode for level in levels])
        if stop:
            yield self._refusal(path, str(inode), stop, LimitReached.kind)
            return
        if self._is_held(inode):
            yield self._refusal(path, str(inode), f"{allocation.value} directory cannot be listed: {HELD}")
            return
        try:
            directory = self._tsk.open_dir(inode=inode)
        except OSError as error:
            message = f"{allocation.value} directory cannot be listed: {tsk.reason(error)}"
            yield self._refusal(path, str(inode), message)
            return
        self.directories += 1
        levels.append(_Level(inode=inode, path=path, allocation=allocation, names=tsk.names(directory)))

    def _unlisted(self, level: _Level) -> Iterator[Entry | Refusal]:
        """List what stands in a FAT directory that is in use and The Sleuth Kit left out."""
        if self._fat is None or level.allocation is not Allocation.ALLOCATED:
            return
        for each in left_out(self._fat, level.inode, level.path, level.listed):
            if each.entry is None:
                yield self._refusal(each.path, str(each.inode), each.refusal)
            elif len(each.path) > self._limits.name_bytes:
                yield self._refusal(
                    each.path[:256], str(each.inode), f"path of {len(each.path)} bytes", LimitReached.kind
                )
            else:
                layer = Layer(kind=self.kind, name=each.path, address=str(each.inode))
                yield Entry(
                    locator=Locator(layers=(layer,)),
                    size_bytes=each.size_bytes,
                    inode=layer.address,
                    times=each.entry.times,
                    note=each.note,
                )

    def _root_streams(self, root: int) -> Iterator[Entry]:
        file = tsk.open_inode(self._tsk, root)
        if file is not None:
            yield from self._streams(b"", Allocation.ALLOCATED, file)

    def _streams(self, path: bytes, allocation: Allocation, file: Record) -> Iterator[Entry]:
        """List the alternate data streams of a directory."""
        if self.kind == "ntfs":
            for attribute in tsk.attributes(file):
                if attribute.kind == tsk.DATA:
                    yield self._entry(path, allocation, file, attribute)

    def _files(self, path: bytes, allocation: Allocation, named: deleted.Named) -> Iterator[Entry]:
        """One entry for a file; on NTFS one for each of its data streams."""
        file = named.file
        if file is None:
            layer = Layer(kind=self.kind, name=path, address=str(named.inode))
            yield Entry(locator=Locator(layers=(layer,)), allocation=allocation, inode=layer.address, note=named.note)
            return
        if tsk.is_virtual(file.info.meta):
            return
        if allocation is Allocation.ORPHAN and named.name.startswith(b"OrphanFile-") and deleted.is_empty_record(file):
            self.empty_orphans += 1
            return
        streams = [one for one in tsk.attributes(file) if one.kind == tsk.DATA] if self.kind == "ntfs" else []
        if not streams:
            yield self._entry(path, allocation, file, None)
        for stream in streams:
            yield self._entry(path, allocation, file, stream)

    def _entry(self, path: bytes, allocation: Allocation, file: Record, stream: tsk.Attribute | None) -> Entry:
        meta = file.info.meta
        name = path + b":" + stream.name if stream and stream.name else path
        address = str(int(meta.addr)) if stream is None else f"{int(meta.addr)}-{stream.kind}-{stream.number}"
        return Entry(
            locator=Locator(layers=(Layer(kind=self.kind, name=name, address=address),)),
            kind=self._kind(path, meta, stream),
            size_bytes=None if self._is_held(int(meta.addr)) else _size(meta, stream),
            allocation=allocation,
            inode=address,
            times=tsk.times(meta, self.kind),
            note=self._note(path, allocation, file, stream),
        )

    def _kind(self, path: bytes, meta: Record, stream: tsk.Attribute | None) -> ItemKind:
        if stream is not None and stream.name:
            return ItemKind.OTHER if path == b"$BadClus" and stream.name == b"$Bad" else ItemKind.STREAM
        return ItemKind.OTHER if self._is_label(path, meta) else tsk.item_kind(meta)

    def _note(self, path: bytes, allocation: Allocation, file: Record, stream: tsk.Attribute | None) -> str:
        if _size(file.info.meta, stream) is None:
            return _IMPOSSIBLE
        if self._is_held(int(file.info.meta.addr)):
            return HELD
        if allocation is not Allocation.ALLOCATED:
            return self._fate(file, stream)
        if self.kind == "ntfs" and _is_ntfs_metadata(path, int(file.info.meta.addr)):
            return _METADATA_NOTE
        if self.kind == "fat":
            return "volume label" if self._is_label(path, file.info.meta) else _DATE_ONLY_NOTE
        return ""

    def _fate(self, file: Record, stream: tsk.Attribute | None) -> str:
        """Tell what a deleted file's clusters are used for now."""
        fat = self.kind == "fat"
        for attribute in tsk.attributes(file, self._block_bytes):
            if stream is None or (stream.kind, stream.number) == (attribute.kind, attribute.number):
                note = deleted.fate(attribute, self._clusters, first_decides=fat)
                return note or (deleted.CONTIGUOUS if fat else "")
        return ""

    def _is_label(self, path: bytes, meta: Record) -> bool:
        return self.kind == "fat" and path.endswith(_VOLUME_LABEL) and b"/" not in path and int(meta.size) == 0

    def _is_new(self, entry: Entry) -> bool:
        """Tell doubles: a deleted name may be found twice under one path with one inode: it is listed once."""
        if entry.allocation is Allocation.ALLOCATED:
            return True
        key = hash(entry.locator.layers[-1])
        known = key in self._twice
        self._twice.add(key)
        return not known

    def _attribute(self, file: Record, kind: int, number: int | None) -> tsk.Attribute:
        found = list(tsk.attributes(file, self._block_bytes))
        for attribute in found:
            if (attribute.kind, attribute.number) == (kind, number):
                return attribute
        main = [one for one in found if one.kind in (tsk.DEFAULT, tsk.DATA) and not (self.kind == "ntfs" and one.name)]
        if number is None and main:
            return main[0]
        if number is None and int(file.info.meta.size) < 0:
            raise Malformed(_IMPOSSIBLE)
        if number is None and not int(file.info.meta.size):
            return tsk.NO_CONTENT
        raise Malformed(f"the data of inode {int(file.info.meta.addr)} cannot be loaded")

    def _check_size(self, attribute: tsk.Attribute) -> None:
        """Check the size: a hole can claim any size: beyond the limit, sizes are held against what is really stored."""
        stored = sum(length for _, length, place in attribute.runs if place is not None)
        size = attribute.size_bytes
        if size < 0:
            raise Malformed(_IMPOSSIBLE)
        if size > self._limits.unpacked_bytes and size > self._limits.ratio * stored:
            raise LimitReached(f"a file of {size} bytes, of which {stored} are stored")

    def _places(self, inode: int, attribute: tsk.Attribute) -> Runs:
        """Where in the volume a file lies. A resident attribute lies in its MFT entry."""
        if not attribute.resident or self.kind != "ntfs":
            return attribute.runs
        boot = self._source.read_at(0, 512)
        record_bytes = _mft_record_bytes(boot, self._block_bytes)
        mft = tsk.open_inode(self._tsk, 0)
        runs = () if mft is None else self._attribute_runs(mft)
        at = inode * record_bytes
        return tuple(
            (0, record_bytes, place + at - start)
            for start, length, place in runs
            if place is not None and start <= at < start + length
        )

    def _attribute_runs(self, file: Record) -> Runs:
        return next((one.runs for one in tsk.attributes(file, self._block_bytes) if one.kind == tsk.DATA), ())

    def _refusal(self, path: bytes, address: str, message: str, kind: str = Malformed.kind) -> Refusal:
        layer = Layer(kind=self.kind, name=path, address=address)
        return Refusal(locator=Locator(layers=(layer,)), kind=kind, message=message)


def _allocation(level: _Level, named: deleted.Named) -> Allocation:
    if level.allocation is Allocation.ORPHAN:
        return Allocation.ORPHAN
    return Allocation.DELETED if named.deleted or level.allocation is Allocation.DELETED else Allocation.ALLOCATED


def _size(meta: Record, stream: tsk.Attribute | None) -> int | None:
    """Return the size of a file or stream; none for 2^63 and more, which The Sleuth Kit gives as less than nothing."""
    size = int(meta.size) if stream is None else stream.size_bytes
    return size if size >= 0 else None


def _is_ntfs_metadata(path: bytes, inode: int) -> bool:
    return inode <= _LAST_RESERVED_MFT_ENTRY or path.startswith(b"$Extend/")


def _address(text: str) -> tuple[int, int, int | None]:
    """Inode, attribute type and attribute id of an address as fls spells it. Raises Malformed."""
    parts = text.split("-")
    if len(parts) not in (1, 3) or not all(part.isdecimal() for part in parts):
        raise Malformed(f"not an inode address: {text[:64]!r}")
    numbers = [int(part) for part in parts]
    return (numbers[0], numbers[1], numbers[2]) if len(numbers) == 3 else (numbers[0], tsk.DATA, None)


def _mft_record_bytes(boot: bytes, cluster_bytes: int) -> int:
    """NTFS boot sector, offset 64: clusters per MFT record, or minus the power of two in bytes."""
    clusters = int.from_bytes(boot[64:65], "little", signed=True)
    return clusters * cluster_bytes if clusters > 0 else 1 << min(-clusters, 16)
