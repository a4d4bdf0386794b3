"""NTFS, FAT12/16/32 and ext2/3/4 behind the Reader protocol: every name once, deleted and orphaned ones too.

Directories are counted, not listed. Layer.address and Entry.inode are the inode as The Sleuth Kit's `fls` spells it
(inode, or inode-type-id on NTFS).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from headwater.evidence.disk import deleted, ext_lies, ntfs_records, tsk
from headwater.evidence.disk.ext_inodes import HELD
from headwater.evidence.disk.fat_unlisted import left_out
from headwater.evidence.disk.guard import Guard
from headwater.evidence.disk.ntfs_label import record_bytes
from headwater.evidence.disk.orphans import MOST_SECTORS, directory_sectors
from headwater.evidence.disk.tsk import Record
from headwater.evidence.disk.volume_doubts import VolumeDoubts
from headwater.evidence.disk.volume_files import IMPOSSIBLE
from headwater.evidence.numbers import NumberSet
from headwater.evidence.reader import ByteSource, Limits
from headwater.model.errors import EvidenceError, LimitReached
from headwater.model.item import Allocation, Entry, ItemKind, Refusal
from headwater.model.locator import Layer, Locator
from headwater.model.visible import visible

_METADATA_NOTE = "file system metadata"
_ORPHANS = b"$OrphanFiles"
_VOLUME_LABEL = b" (Volume Label Entry)"  # what TSK puts behind the name of a FAT volume label
_LAST_RESERVED_MFT_ENTRY = 23
_EXT_DIRECTORY = 4  # S_IFDIR, the upper four bits of a mode
_DATE_ONLY_NOTE = "access time is a date only"


@dataclass(slots=True)
class _Level:
    """A directory being listed. `listed`: the inodes it has named so far, kept on FAT only."""

    inode: int
    path: bytes
    allocation: Allocation
    names: Iterator[Record]
    listed: set[int] = field(default_factory=set)


class FileSystemReader(VolumeDoubts):
    """One file system. Orphans whose record is blank, with no byte and no time, are left out of its list."""

    def __init__(self, source: ByteSource, kind: str, limits: Limits) -> None:
        """Open the file system of a volume. `kind`: ntfs, fat or ext. Raises EvidenceError."""
        super().__init__(source, kind, limits)
        self._twice: set[int] = set()
        self._seen = NumberSet()

    def entries(self) -> Iterator[Entry | Refusal]:
        self._twice.clear()
        self._seen = NumberSet()
        if self._fat is not None:
            self._fat.restart()
        guard = self.guard()
        for found in self._walk(guard):
            stop = guard.count()
            if stop:
                yield self._refusal(b"", "", stop, LimitReached.kind)
                return
            yield found
        yield from self._bad_clusters()
        yield from self._unreadable_structures()

    def guard(self) -> Guard:
        """How many names this volume has room for: MFT entries, inodes, or FAT clusters."""
        if self.kind != "fat":
            room_name = "MFT entries" if self.kind == "ntfs" else "inodes"
            return Guard(room=int(self._tsk.info.inum_count), room_name=room_name)
        sectors_per_cluster = int.from_bytes(self._source.read_at(13, 1)) or 1
        return Guard(room=int(self._tsk.info.block_count) // sectors_per_cluster, room_name="clusters")

    def _walk(self, guard: Guard) -> Iterator[Entry | Refusal]:
        root = int(self._tsk.info.root_inum)
        self._seen.add(root)
        yield from self._root_streams(root)
        yield from self._below(guard, root, b"")
        if self.kind != "fat":
            yield from self._unnamed(guard)

    def _below(self, guard: Guard, inode: int, path: bytes) -> Iterator[Entry | Refusal]:
        """List a directory in use and all below it."""
        levels: list[_Level] = []
        yield from self._enter(levels, guard, inode, path, Allocation.ALLOCATED)
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
        if named.file is not None and allocation is Allocation.ALLOCATED and named.inode not in self._seen:
            yield from self._behind(path, named.file)
        if allocation is Allocation.ALLOCATED or (named.file is None and named.note == deleted.NAME_ONLY):
            self._seen.add(named.inode)
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
        yield from self._no_directory(path, allocation, file)
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
        yield from self._unreadable_names(inode, path)
        levels.append(_Level(inode=inode, path=path, allocation=allocation, names=tsk.names(directory)))

    def _unnamed(self, guard: Guard) -> Iterator[Entry | Refusal]:
        """List what is in use and no directory names: directories first, as they may name others."""
        left: list[int] = []
        unreadable = 0
        for inode, is_directory in self._all_in_use():
            if inode in self._seen:
                continue
            if not is_directory:
                left.append(inode)
                continue
            file = self._in_use(inode)
            unreadable += file is None
            if file is not None:
                self._seen.add(inode)
                yield from self._unnamed_directory(guard, inode, file)
        for inode in left:
            file = self._in_use(inode) if inode not in self._seen else None
            unreadable += file is None and inode not in self._seen
            if file is not None:
                yield from self._unnamed_file(deleted.UNNAMED_FOLDER + b"/%d" % inode, file)
        if unreadable and self.kind == "ntfs":
            yield self._refusal(b"", "", f"{unreadable} records in use that no directory names cannot be read")

    def _unnamed_directory(self, guard: Guard, inode: int, file: Record) -> Iterator[Entry | Refusal]:
        path = deleted.UNNAMED_FOLDER + b"/%d" % inode
        yield from self._behind(path, file)
        yield from self._streams(path, Allocation.ALLOCATED, file)
        yield from self._no_directory(path, Allocation.ALLOCATED, file)
        yield from self._below(guard, inode, path)

    def _all_in_use(self) -> Iterator[tuple[int, bool]]:
        """Yield each ext inode or NTFS record in use, and whether it is a directory's."""
        if self._inodes is not None:
            for inode, mode in self._inodes.in_use():
                yield inode, mode >> 12 == _EXT_DIRECTORY
        else:
            length_bytes = record_bytes(self._source.read_at(0, 512).ljust(512, b"\0"), self._block_bytes)
            yield from ntfs_records.records_in_use(self._source, self._tsk, length_bytes)

    def _unnamed_file(self, path: bytes, file: Record) -> Iterator[Entry | Refusal]:
        """Give a file that no directory names; on NTFS each of its streams that holds anything."""
        if self.kind == "ext":
            yield from self._behind(path, file)
            yield self._entry(path, Allocation.ALLOCATED, file, None)
            return
        for stream in tsk.attributes(file, self._block_bytes):
            if ntfs_records.holds_data(stream):
                yield self._entry(path, Allocation.ALLOCATED, file, stream)

    def _in_use(self, inode: int) -> Record | None:
        """Open an inode; none where The Sleuth Kit takes it for deleted and has it among its orphans."""
        file = tsk.open_inode(self._tsk, inode)
        return file if file is not None and not tsk.is_deleted(file.info.meta) else None

    def _no_directory(self, path: bytes, allocation: Allocation, file: Record) -> Iterator[Entry]:
        """Give an ext directory that is none, or is not one all through, as the file it may be."""
        if allocation is Allocation.ALLOCATED:
            note = self._why_no_directory(file)
            if note:
                yield replace(self._entry(path, allocation, file, None), kind=ItemKind.FILE, note=note)

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

    def _root_streams(self, root: int) -> Iterator[Entry | Refusal]:
        file = tsk.open_inode(self._tsk, root)
        if file is not None:
            yield from self._behind(b"", file)
            if self._why_no_directory(file):
                yield self._refusal(b"", str(root), "directory: not all of it is a list of names: that was not read")
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
            kind=self._kind(path, file, stream),
            size_bytes=None if self._is_held(int(meta.addr)) else _size(meta, stream),
            allocation=allocation,
            inode=address,
            times=tsk.times(meta, self.kind),
            note=self._note(path, allocation, file, stream),
        )

    def _kind(self, path: bytes, file: Record, stream: tsk.Attribute | None) -> ItemKind:
        meta = file.info.meta
        if stream is not None and stream.name:
            return ItemKind.OTHER if ntfs_records.lists_bad_clusters(file, stream) else ItemKind.STREAM
        if stream is not None and self.kind == "ntfs":
            return ItemKind.FILE  # of a record marked as a directory too
        if self.kind == "ext" and ext_lies.hidden(meta, self._target(file)):
            return ItemKind.FILE
        return ItemKind.OTHER if self._is_label(path, meta) else tsk.item_kind(meta)

    def _target(self, file: Record) -> bytes:
        return self._link(file) if tsk.item_kind(file.info.meta) is ItemKind.SYMLINK else b""

    def _note(self, path: bytes, allocation: Allocation, file: Record, stream: tsk.Attribute | None) -> str:
        if _size(file.info.meta, stream) is None:
            return IMPOSSIBLE
        if self._is_held(int(file.info.meta.addr)):
            return HELD
        if allocation is not Allocation.ALLOCATED:
            return self._fate(file, stream)
        return self._own_note(path, file)

    def _own_note(self, path: bytes, file: Record) -> str:
        """Tell what there is to know of an entry in use."""
        meta = file.info.meta
        if self.kind == "ntfs":
            known = _METADATA_NOTE if _is_ntfs_metadata(path, int(meta.addr)) else ""
            return known if int(meta.addr) in self._seen else deleted.UNNAMED
        if self.kind == "fat":
            return "volume label" if self._is_label(path, meta) else _DATE_ONLY_NOTE
        target = self._target(file)
        link = f"symbolic link to {visible(target)}" if target else ""
        unnamed = "" if int(meta.addr) in self._seen else deleted.UNNAMED
        return "; ".join(note for note in (ext_lies.hidden(meta, target) or link, unnamed) if note)

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
