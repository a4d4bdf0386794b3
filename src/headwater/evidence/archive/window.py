"""A part of a ByteSource as a ByteSource of its own."""

from collections.abc import Sequence

from headwater.evidence.reader import ByteSource
from headwater.model.item import ByteRange


class Window:
    """`length_bytes` from `offset_bytes` on; what lies past the end of `source` counts as a bad range."""

    def __init__(self, source: ByteSource, offset_bytes: int, length_bytes: int) -> None:
        self._source = source
        self._offset_bytes = offset_bytes
        self._wanted_bytes = length_bytes
        self._size_bytes = max(0, min(length_bytes, source.size_bytes - offset_bytes))

    @property
    def size_bytes(self) -> int:
        """What is there of it."""
        return self._size_bytes

    def read_at(self, offset_bytes: int, length_bytes: int) -> bytes:
        """Up to `length_bytes`; shorter only at the end."""
        length = min(length_bytes, self._size_bytes - offset_bytes)
        return self._source.read_at(self._offset_bytes + offset_bytes, length) if length > 0 else b""

    def bad_ranges(self) -> Sequence[ByteRange]:
        """Give the source's bad ranges inside the window, and the missing end."""
        start, end = self._offset_bytes, self._offset_bytes + self._size_bytes
        cut = ((max(bad.offset_bytes, start), min(bad.end_bytes, end)) for bad in self._source.bad_ranges())
        found = [ByteRange(offset_bytes=low - start, length_bytes=high - low) for low, high in cut if low < high]
        if missing := self._wanted_bytes - self._size_bytes:
            found.append(ByteRange(offset_bytes=self._size_bytes, length_bytes=missing))
        return tuple(found)
