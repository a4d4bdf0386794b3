"""Bytes in memory as a ByteSource, and a Content over anything with random access."""

from headwater.evidence.reader import ByteSource
from headwater.formats.structure import Bytes
from headwater.model.item import ByteRange


class BytesSource(Bytes):
    """A ByteSource over bytes in memory: all of them can be read."""

    __slots__ = ()

    def bad_ranges(self) -> tuple[ByteRange, ...]:
        return ()


class SourceContent:
    """Reads a ByteSource from start to end."""

    def __init__(self, source: ByteSource) -> None:
        self._source = source
        self._position = 0
        self._furthest = 0

    def read(self, length_bytes: int = -1) -> bytes:
        """Up to `length_bytes` more; everything left where negative."""
        left = self._source.size_bytes - self._position
        data = self._source.read_at(self._position, left if length_bytes < 0 else min(left, length_bytes))
        self._position += len(data)
        self._furthest = max(self._furthest, self._position)
        return data

    def rewind(self) -> None:
        """Back to the first byte."""
        self._position = 0

    def damaged(self) -> list[ByteRange]:
        """What of it could not be read, as far as it was read."""
        return [
            ByteRange(offset_bytes=bad.offset_bytes, length_bytes=min(bad.end_bytes, self._furthest) - bad.offset_bytes)
            for bad in self._source.bad_ranges()
            if bad.offset_bytes < self._furthest
        ]

    @property
    def fault(self) -> None:
        """Nothing: what could not be read is in `damaged`."""
        return

    def source(self) -> ByteSource:
        """The source itself."""
        return self._source

    def close(self) -> None:
        """Nothing is held."""
