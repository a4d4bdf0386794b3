"""What evidence holds: Exhibit > Source > Item > Media."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from headwater.model.locator import Locator


class Allocation(StrEnum):
    """Whether the file system still counts the file as there."""

    ALLOCATED = "allocated"
    DELETED = "deleted"
    ORPHAN = "orphan"


class ItemKind(StrEnum):
    """What an entry is. Links and the like have no content to examine."""

    FILE = "file"
    STREAM = "stream"  # an NTFS alternate data stream
    SYMLINK = "symlink"
    OTHER = "other"  # device node, socket, named pipe
    EMBEDDED = "embedded"  # a picture inside a picture: a thumbnail, a frame, one behind the end


WITH_CONTENT = frozenset({ItemKind.FILE, ItemKind.STREAM, ItemKind.EMBEDDED})


class Zone(StrEnum):
    """Whether the zone of an Item's times is known. FAT and zip keep local time without a zone."""

    UTC = "utc"
    UNKNOWN = "unknown"
    NONE = "none"  # the entry carries no times


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """Times as recorded; aware UTC. Where `zone` is unknown the wall clock reading is kept as if it were UTC."""

    zone: Zone = Zone.NONE
    created: datetime | None = None
    modified: datetime | None = None
    accessed: datetime | None = None
    changed: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ByteRange:
    """A span of bytes, half open."""

    offset_bytes: int
    length_bytes: int

    @property
    def end_bytes(self) -> int:
        return self.offset_bytes + self.length_bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One file as a Reader lists it: the locator below the Reader, and what the container says of it."""

    locator: Locator
    kind: ItemKind = ItemKind.FILE
    size_bytes: int | None = None
    allocation: Allocation = Allocation.ALLOCATED
    inode: str = ""
    times: Times = Times()
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Something a Reader found but could not list or read. It becomes a Failure row, so that nothing is lost."""

    locator: Locator
    kind: str
    message: str
