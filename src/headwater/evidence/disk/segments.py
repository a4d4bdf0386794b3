"""Sources over descriptors: one segment, several joined. What cannot be read is zeros, and listed."""

import os
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate

from headwater.evidence.reader import ByteSource
from headwater.model.item import ByteRange

_BLOCK_BYTES = 4096  # an unreadable span is narrowed down to blocks of this size


@dataclass(frozen=True, slots=True)
class Segment:
    """One file of an acquired image: its name for people, an open read-only descriptor, its size."""

    name: str
    fd: int
    size_bytes: int


class RangeSet:
    """Byte ranges, kept sorted and merged."""

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []

    def add(self, start_bytes: int, end_bytes: int) -> None:
        """Add the half-open range; an empty one adds nothing."""
        if end_bytes <= start_bytes:
            return
        first = bisect_right(self._starts, start_bytes)
        if first and self._ends[first - 1] >= start_bytes:
            first -= 1
            start_bytes = self._starts[first]
        last = bisect_right(self._starts, end_bytes)
        if last > first:
            end_bytes = max(end_bytes, self._ends[last - 1])
        self._starts[first:last] = [start_bytes]
        self._ends[first:last] = [end_bytes]

    def ranges(self) -> tuple[ByteRange, ...]:
        """All ranges, in order."""
        pairs = zip(self._starts, self._ends, strict=True)
        return tuple(ByteRange(offset_bytes=start, length_bytes=end - start) for start, end in pairs)


class SegmentSource:
    """A ByteSource over one descriptor, read by pread. A failing or short read gives zeros and a bad range."""

    def __init__(self, segment: Segment) -> None:
        self.segment = segment
        self._bad = RangeSet()

    @property
    def size_bytes(self) -> int:
        return self.segment.size_bytes

    def read_at(self, offset_bytes: int, length_bytes: int) -> bytes:
        """Up to `length_bytes` from `offset_bytes`; shorter only at the end."""
        length_bytes = min(length_bytes, self.size_bytes - offset_bytes)
        if offset_bytes < 0 or length_bytes <= 0:
            return b""
        try:
            data = os.pread(self.segment.fd, length_bytes, offset_bytes)
        except OSError:
            data = b""
        if len(data) == length_bytes:
            return data
        return self._by_blocks(data, offset_bytes, length_bytes)

    def _by_blocks(self, data: bytes, offset_bytes: int, length_bytes: int) -> bytes:
        """Go on behind `data`, block by block: one bad sector must not cost its neighbours."""
        whole = bytearray(data)
        while len(whole) < length_bytes:
            at = offset_bytes + len(whole)
            wanted = min(_BLOCK_BYTES - at % _BLOCK_BYTES, length_bytes - len(whole))
            try:
                block = os.pread(self.segment.fd, wanted, at)
            except OSError:
                block = b""
            if not block:
                self._bad.add(at, at + wanted)
                block = bytes(wanted)
            whole += block
        return bytes(whole)

    def bad_ranges(self) -> tuple[ByteRange, ...]:
        return self._bad.ranges()


class JoinedSource:
    """Several sources end to end: a split raw image."""

    def __init__(self, sources: Iterable[ByteSource]) -> None:
        self._sources = tuple(sources)
        self._starts = (0, *accumulate(source.size_bytes for source in self._sources))

    @property
    def size_bytes(self) -> int:
        return self._starts[-1]

    def read_at(self, offset_bytes: int, length_bytes: int) -> bytes:
        """Up to `length_bytes` from `offset_bytes`; shorter only at the end."""
        if offset_bytes < 0:
            return b""
        return b"".join(self._pieces(offset_bytes, min(offset_bytes + length_bytes, self.size_bytes)))

    def _pieces(self, at: int, end: int) -> Iterator[bytes]:
        while at < end:
            index = bisect_right(self._starts, at) - 1
            piece = self._sources[index].read_at(at - self._starts[index], end - at)
            if not piece:
                return
            yield piece
            at += len(piece)

    def bad_ranges(self) -> tuple[ByteRange, ...]:
        merged = RangeSet()
        for start, source in zip(self._starts, self._sources, strict=False):
            for bad in source.bad_ranges():
                merged.add(start + bad.offset_bytes, start + bad.end_bytes)
        return merged.ranges()
