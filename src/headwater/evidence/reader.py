"""The protocols every container, volume and file system is read through."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from headwater.model.errors import EvidenceError
from headwater.model.item import ByteRange, Entry, Refusal


class ByteSource(Protocol):
    """Random access to bytes: a segment, a decoded image, a partition, a file inside any of them."""

    @property
    def size_bytes(self) -> int: ...

    def read_at(self, offset_bytes: int, length_bytes: int) -> bytes:
        """Up to `length_bytes` from `offset_bytes`; shorter only at the end.

        Unreadable bytes come as zeros and are listed by `bad_ranges`.
        """
        ...

    def bad_ranges(self) -> Sequence[ByteRange]:
        """Ranges of this source found unreadable so far, in this source's own offsets, sorted and merged."""
        ...


class Content(Protocol):
    """One file's bytes, read from the start to the end, possibly more than once (`rewind`)."""

    def read(self, length_bytes: int = -1) -> bytes: ...

    def rewind(self) -> None: ...

    def damaged(self) -> Sequence[ByteRange]:
        """Ranges of what was read so far that could not be read and were given as zeros, in offsets of this file."""
        ...

    @property
    def fault(self) -> EvidenceError | None:
        """Why reading ended early, or what checksum does not hold; None where nothing is wrong."""
        ...

    def source(self) -> ByteSource | None:
        """Random access to the same bytes where that costs no copy; None for a compressed stream."""
        ...

    def close(self) -> None: ...


class Reader(Protocol):
    """A container or file system: lists every file it holds, and opens each."""

    kind: str

    def entries(self) -> Iterator[Entry | Refusal]:
        """Every file once, in an order that is the same each time. Never raises for one bad entry: yields a Refusal."""
        ...

    def open(self, entry: Entry) -> Content:
        """Open one listed file. Raises EvidenceError."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Where reading stops on purpose. A limit reached is a Refusal that says so."""

    depth: int = 4  # archives inside archives
    ratio: int = 200  # unpacked over packed bytes, checked after the first 16 MiB
    unpacked_bytes: int = 64 << 30  # of one archive
    entries: int = 2_000_000  # of one archive; a file system is held against its own inode count
    nested_bytes: int = 512 << 20  # of an archive inside a compressed archive, held in unlinked scratch
    name_bytes: int = 65_536
