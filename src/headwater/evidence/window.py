"""A part of a ByteSource as a ByteSource of its own."""

from collections.abc import Sequence

from headwater.evidence.reader import ByteSource
from headwater.model.item import ByteRange


class Window:
    """`length_bytes` from `offset_bytes` on, clipped to what the source holds."""

    def __init__(self, source: ByteSource, offset_bytes: int, length_bytes: int) -> None:
        self._source = source
        self._offset_bytes = min(max(offset_bytes, 0), source.size_bytes)
        self._size_bytes = max(min(length_bytes, source.size_bytes - self._offset_bytes), 0)

    @property
    def size_bytes(self) -> int:
        """What is there of it."""
        return self._size_bytes

    def read_at(self, offset_bytes: int, length_bytes: int) -> bytes:
        """Up to `length_bytes` from `offset_bytes`; shorter only at the end."""
        length_bytes = min(length_bytes, self._size_bytes - offset_bytes)
        if offset_bytes < 0 or length_bytes <= 0:
            return b""
        return self._source.read_at(self._offset_bytes + offset_bytes, length_bytes)

    def bad_ranges(self) -> tuple[ByteRange, ...]:
        """Give the source's bad ranges inside the window, counted from its start."""
        return clipped(self._source.bad_ranges(), self._offset_bytes, self._offset_bytes + self._size_bytes)


class PromisedWindow(Window):
    """A part whose length its container states: what lies past the end of the source counts as a bad range."""

    def __init__(self, source: ByteSource, offset_bytes: int, length_bytes: int) -> None:
        super().__init__(source, offset_bytes, length_bytes)
        self._promised_bytes = length_bytes

    def bad_ranges(self) -> tuple[ByteRange, ...]:
        """Give the source's bad ranges inside the window, and the missing end."""
        found = super().bad_ranges()
        missing_bytes = self._promised_bytes - self.size_bytes
        if missing_bytes <= 0:
            return found
        return (*found, ByteRange(offset_bytes=self.size_bytes, length_bytes=missing_bytes))


def clipped(ranges: Sequence[ByteRange], start_bytes: int, end_bytes: int) -> tuple[ByteRange, ...]:
    """Return the ranges that overlap ``[start_bytes, end_bytes)``, cut to it, counted from its start."""
    spans = ((max(bad.offset_bytes, start_bytes), min(bad.end_bytes, end_bytes)) for bad in ranges)
    return tuple(
        ByteRange(offset_bytes=start - start_bytes, length_bytes=end - start) for start, end in spans if start < end
    )
