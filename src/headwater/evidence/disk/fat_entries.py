"""The directory entries of FAT as they stand, for those The Sleuth Kit does not take for entries.

The kit leaves out, without a word, every entry that looks odd to it: a name with bytes it does not know, a size or a
first cluster the volume has no room for, the attributes of a long name over a file. Each directory is therefore read
a second time here, entry by entry, and what the kit did not list is listed or counted.

Source: Microsoft FAT specification 1.03, sections 6 (directory entries) and 7 (long names). An inode is The Sleuth
Kit's number: 3 for the first entry behind the tables, counted on from there; 2 for the root.
"""

from collections.abc import Container, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice

from headwater.evidence.disk.clusters import FatLayout, fat_layout
from headwater.evidence.disk.fat_chain import ENTRY_BYTES, FIRST_INODE, chain
from headwater.evidence.reader import ByteSource
from headwater.model.item import Times, Zone
from headwater.model.visible import visible

ROOT_INODE = 2
_SPARE_STEPS = 65_536
MOST_ENTRIES = 1 << 20  # of one directory; FAT allows 65,536
_DELETED, _END = 0xE5, 0
_LONG_NAME, _LABEL, _DIRECTORY = 0x0F, 0x08, 0x10
_ATTRIBUTES = 0x3F
_DOTS = (b".          ", b"..         ")


@dataclass(frozen=True, slots=True, kw_only=True)
class FatEntry:
    """One entry of 32 bytes. `fits`: its attributes and its first cluster are such as this volume can have."""

    inode: int
    name: bytes
    attributes: int
    first_cluster: int
    size_bytes: int
    times: Times
    fits: bool

    @property
    def is_directory(self) -> bool:
        return self.attributes & _LONG_NAME != _LONG_NAME and bool(self.attributes & _DIRECTORY)


class FatEntries:
    """Reads the directories of one FAT volume. `width_bits`: 12, 16 or 32."""

    def __init__(self, volume: ByteSource, width_bits: int) -> None:
        self._volume = volume
        self._width_bits = width_bits
        self._layout: FatLayout = fat_layout(volume)
        self._clusters = max(volume.size_bytes - self._layout.data_bytes, 0) // self._layout.cluster_bytes
        self.restart()

    def restart(self) -> None:
        """Begin a list of the volume: no more steps along chains than twice its clusters are taken to find hidden ones.

        Sound files share none. Were each of many entries followed along one long chain, a list would not end.
        """
        self._steps = 2 * self._clusters + _SPARE_STEPS

    def entry(self, inode: int) -> FatEntry | None:
        """Return the entry of this inode; None where there is none that stands for a file or directory."""
        at = self._layout.root_bytes + (inode - FIRST_INODE) * ENTRY_BYTES
        raw = self._volume.read_at(at, ENTRY_BYTES) if inode >= FIRST_INODE else b""
        return self._entry(inode, raw) if len(raw) == ENTRY_BYTES else None

    def begins_a_directory(self, inode: int) -> bool:
        """Whether the clusters of a directory below the root begin as each does: with an entry for itself."""
        cluster = self.first_cluster(inode)
        return self.has(cluster) and self._volume.read_at(self._place(cluster), len(_DOTS[0])) == _DOTS[0]

    def first_cluster(self, inode: int) -> int:
        """Return the first cluster an entry names; 0 where it names none."""
        entry = self.entry(inode)
        return entry.first_cluster if entry is not None else 0

    def has(self, cluster: int) -> bool:
        """Whether a cluster of this number is on the volume."""
        return 2 <= cluster < self._clusters + 2

    def size_bytes(self, inode: int) -> int:
        """Return the size an entry gives; of a directory, for which FAT keeps none, the length of its chain."""
        entry = self.entry(inode)
        if entry is None:
            return 0
        return self.chain_bytes(entry.first_cluster) if entry.is_directory else entry.size_bytes

    def chain_bytes(self, cluster: int) -> int:
        """How long the chain from a cluster on is."""
        return self._layout.cluster_bytes * sum(1 for _ in self._chain(cluster))

    def unlisted(self, inode: int, listed: Container[int]) -> Iterator[FatEntry | str]:
        """Yield each entry of a directory that is not `listed`, and in words those that hold something and cannot be.

        Long names and labels, the entries of a directory for itself and above, and blank entries are no files.
        """
        unused = odd = 0
        for count, (number, raw) in enumerate(self._entries(inode)):
            if count >= MOST_ENTRIES:
                yield f"more than {MOST_ENTRIES} entries: those behind were not held against The Sleuth Kit's list"
                break
            entry = self._entry(number, raw)
            if entry is None:
                continue
            if raw[0] in (_DELETED, _END):
                unused += number not in listed and entry.fits and entry.first_cluster > 0 and entry.size_bytes > 0
            elif number in listed:
                yield from self._hidden(entry)
            elif entry.fits:
                yield from self._hidden(entry)
                yield entry
            else:
                odd += 1
        yield from _counted(unused, odd)

    def _hidden(self, entry: FatEntry) -> Iterator[str]:
        """Say where a file has whole clusters behind its size."""
        if entry.is_directory or not self.has(entry.first_cluster) or not self._steps:
            return
        count = sum(1 for _ in islice(self._chain(entry.first_cluster), self._steps))
        self._steps -= count
        length, size = count * self._layout.cluster_bytes, entry.size_bytes
        if length - size >= self._layout.cluster_bytes:
            behind = "not read" if not size else f"{length - size} bytes behind its end were not read"
            yield f"{visible(entry.name)}: its entry gives {size} bytes, yet has a chain of {length} bytes: {behind}"
        if not self._steps:
            yield "files share clusters: no chain behind this one was held against the size of its file"

    def _entries(self, inode: int) -> Iterator[tuple[int, bytes]]:
        """Each entry of a directory, behind its inode."""
        for place, length in self._pieces(inode):
            data = self._volume.read_at(place, length)
            for at in range(0, len(data) - ENTRY_BYTES + 1, ENTRY_BYTES):
                number = FIRST_INODE + (place + at - self._layout.root_bytes) // ENTRY_BYTES
                yield number, data[at : at + ENTRY_BYTES]

    def _pieces(self, inode: int) -> Iterator[tuple[int, int]]:
        layout = self._layout
        if inode == ROOT_INODE and self._width_bits != 32:
            yield layout.root_bytes, layout.data_bytes - layout.root_bytes
            return
        root = int.from_bytes(self._volume.read_at(44, 4), "little")
        for cluster in self._chain(root if inode == ROOT_INODE else self.first_cluster(inode)):
            yield self._place(cluster), layout.cluster_bytes

    def _chain(self, cluster: int) -> Iterator[int]:
        return chain(self._volume, self._layout, self._width_bits, cluster)

    def _place(self, cluster: int) -> int:
        return self._layout.data_bytes + max(cluster - 2, 0) * self._layout.cluster_bytes

    def _first(self, raw: bytes) -> int:
        return int.from_bytes(raw[26:28] + (raw[20:22] if self._width_bits == 32 else b""), "little") & 0x0FFFFFFF

    def _entry(self, inode: int, raw: bytes) -> FatEntry | None:
        """Read an entry; None where it stands for no file or directory."""
        attributes, cluster = raw[11], self._first(raw)
        size = int.from_bytes(raw[28:32], "little")
        if raw[:11] in _DOTS or not any(raw):
            return None
        is_long = attributes & _ATTRIBUTES == _LONG_NAME and not any(raw[26:28])
        is_label = attributes & (_LABEL | _DIRECTORY) == _LABEL and not (cluster or size)
        if is_long or is_label:
            return None
        return FatEntry(
            inode=inode,
            name=_short_name(raw),
            attributes=attributes,
            first_cluster=cluster,
            size_bytes=size,
            times=_times(raw),
            fits=not attributes & ~_ATTRIBUTES and (self.has(cluster) or not cluster),
        )


def _counted(unused: int, odd: int) -> Iterator[str]:
    if unused:
        yield f"{unused} unused entries were not read: they name a cluster and a size, and The Sleuth Kit left them out"
    if odd:
        yield f"{odd} entries were not read: their attributes or first clusters are none this volume can have"


def _short_name(raw: bytes) -> bytes:
    """Join name and extension: eight bytes and three, filled up with spaces. 05 stands for E5."""
    first = b"\xe5" if raw[0] == 5 else raw[:1]
    stem, extension = (first + raw[1:8]).rstrip(b" "), raw[8:11].rstrip(b" ")
    return (stem + b"." + extension if extension else stem).replace(b"/", b"_").replace(b"\0", b"_") or b"_"


def _times(raw: bytes) -> Times:
    created, modified = _time(raw[16:18], raw[14:16]), _time(raw[24:26], raw[22:24])
    accessed = _time(raw[18:20], bytes(2))
    if created is None and modified is None and accessed is None:
        return Times()
    return Times(zone=Zone.UNKNOWN, created=created, modified=modified, accessed=accessed)


def _time(date: bytes, time: bytes) -> datetime | None:
    """Read a date and a time of day in steps of two seconds; None where there is no such date."""
    day, clock = int.from_bytes(date, "little"), int.from_bytes(time, "little")
    try:
        midnight = datetime(1980 + (day >> 9), day >> 5 & 15, day & 31, tzinfo=UTC)
    except ValueError:
        return None
    return midnight + timedelta(hours=clock >> 11, minutes=clock >> 5 & 63, seconds=(clock & 31) * 2)
