"""What a file system keeps from being read, or has where no list of names leads: each as a refusal."""

from collections.abc import Iterator

from headwater.evidence.disk import ext_lies, ntfs_records, tsk
from headwater.evidence.disk.clusters import bad_clusters, differing_sectors, fat_layout
from headwater.evidence.disk.ext_behind import bytes_behind
from headwater.evidence.disk.filecontent import overlap_bytes
from headwater.evidence.disk.tsk import Record
from headwater.evidence.disk.volume_files import VolumeFiles
from headwater.model.errors import EvidenceError, Malformed, Truncated
from headwater.model.item import Refusal
from headwater.model.locator import Layer, Locator

_BAD_BLOCKS_INODE = 1  # of ext
_NTFS_INDEX = (144, 160)  # $INDEX_ROOT and $INDEX_ALLOCATION: the list of a directory


class VolumeDoubts(VolumeFiles):
    """An opened file system that tells what of it is hidden, bad or could not be read."""

    def _unreadable_names(self, inode: int, path: bytes) -> Iterator[Refusal]:
        """Say of a directory that was just read where names may be missing from it."""
        bad = self._source.bad_ranges()
        file = tsk.open_inode(self._tsk, inode) if bad else None
        lost = 0
        for attribute in tsk.attributes(file, self._block_bytes) if file is not None else ():
            if self.kind != "ntfs" or attribute.kind in _NTFS_INDEX:
                lost += overlap_bytes(self._places(inode, attribute), bad)
        if lost:
            message = f"directory: {lost} bytes of its list could not be read: names may be missing"
            yield self._refusal(path, str(inode), message, Truncated.kind)

    def _bad_clusters(self) -> Iterator[Refusal]:
        """Say what the file system marks as bad; of FAT also what else its allocation table keeps from being read."""
        bad, differing = 0, 0
        if self.kind == "fat":
            bad, differing = bad_clusters(self._source, self._fat_bits), differing_sectors(self._source)
        elif self.kind == "ntfs":
            bad = ntfs_records.bad_clusters(self._tsk)
        else:
            bad = self._bad_blocks()
        if bad:
            unit = "blocks" if self.kind == "ext" else "clusters"
            yield self._refusal(b"", "", f"{bad} {unit} are marked as bad: what they hold was not read")
        if differing:
            message = f"the two copies of the allocation table differ in {differing} sectors: the first was read"
            yield self._refusal(b"", "", message)

    def _bad_blocks(self) -> int:
        """How many blocks of ext its list of bad ones has, unless that is listed as a file in use."""
        file = tsk.open_inode(self._tsk, _BAD_BLOCKS_INODE)
        found = tsk.attributes(file, self._block_bytes) if file is not None and not int(file.info.meta.nlink) else ()
        return sum(length for one in found for _, length, place in one.runs if place is not None) // self._block_bytes

    def _unreadable_structures(self) -> Iterator[Refusal]:
        """Say how much of what every file hangs on could not be read, once all of it was."""
        bad = self._source.bad_ranges()
        if not bad:
            return
        if self._inodes is not None:
            name, places = "inode tables", self._inodes.places()
        elif self.kind == "fat":
            layout = fat_layout(self._source)
            name, places = "allocation table", ((0, layout.table_length_bytes, layout.table_bytes),)
        else:
            mft = tsk.open_inode(self._tsk, 0)
            name, places = "master file table", () if mft is None else self._attribute_runs(mft)
        lost = overlap_bytes(places, bad)
        if lost:
            message = f"{lost} bytes of its {name} could not be read: files may be missing, or their content wrong"
            yield self._refusal(b"", "", message, Truncated.kind)

    def _behind(self, path: bytes, file: Record) -> Iterator[Refusal]:
        """Say where an ext file has blocks behind its size."""
        if self._inodes is not None:
            meta = file.info.meta
            behind = bytes_behind(self._source, self._block_bytes, self._inodes, meta)
            if behind:
                message = f"its size is {int(meta.size)} bytes, {behind} bytes or more behind its end were not read"
                yield self._refusal(path[:256], str(int(meta.addr)), message)

    def _why_no_directory(self, file: Record) -> str:
        inode = int(file.info.meta.addr)
        if self._inodes is None or tsk.is_virtual_directory(file.info.meta):
            return ""
        if self._inodes.flags(inode) & ext_lies.INLINE_DATA or int(file.info.meta.size) <= 0 or self._is_held(inode):
            return ""
        try:
            attribute = self._attribute(file, tsk.DATA, None)
            data = self._allocated(inode, file, attribute)
            return ext_lies.no_directory(data, attribute.runs, self._block_bytes, inode)
        except EvidenceError:
            return ext_lies.NO_DIRECTORY

    def _refusal(self, path: bytes, address: str, message: str, kind: str = Malformed.kind) -> Refusal:
        layer = Layer(kind=self.kind, name=path, address=address)
        return Refusal(locator=Locator(layers=(layer,)), kind=kind, message=message)
