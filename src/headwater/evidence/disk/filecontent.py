"""The bytes of one file of a file system, and which of them the seized source could not give."""

from collections.abc import Iterable, Sequence

from headwater.evidence.disk.segments import RangeSet
from headwater.evidence.disk.tsk import Attribute, Image, Record, Runs
from headwater.evidence.reader import ByteSource, Content
from headwater.model.errors import EvidenceError, Truncated
from headwater.model.item import ByteRange

_CHUNK_BYTES = 1 << 20
_MAX_UNREADABLE_BYTES = 64 << 20  # in a row: after that the rest is not tried


class DoubtfulContent:
    """A file's content as it is read now, with the reason why it may be another file's, or not all of it."""

    def __init__(self, content: Content, fault: EvidenceError) -> None:
        self._content = content
        self.fault: EvidenceError | None = fault

    def read(self, length_bytes: int = -1) -> bytes:
        """Up to `length_bytes` more; everything left where negative."""
        return self._content.read(length_bytes)

    def rewind(self) -> None:
        """Back to the first byte."""
        self._content.rewind()

    def damaged(self) -> Sequence[ByteRange]:
        """What of it could not be read."""
        return self._content.damaged()

    def source(self) -> ByteSource | None:
        """Random access to the same bytes."""
        return self._content.source()

    def close(self) -> None:
        """Give back what the content holds."""
        self._content.close()


class FileSource:
    """Random access to one attribute of one file; a ByteSource. Unreadable blocks come as zeros and are listed."""

    def __init__(self, *, image: Image, file: Record, attribute: Attribute, volume: ByteSource, block_bytes: int,
                 places: Runs) -> None:  # fmt: skip
        self._image = image
        self._file = file
        self._attribute = attribute
        self._volume = volume
        self._block_bytes = max(block_bytes, 512)
        self._places = places
        self._unreadable = RangeSet()
        self._unreadable_in_a_row = 0

    @property
    def size_bytes(self) -> int:
        return self._attribute.size_bytes

    def read_at(self, offset_bytes: int, length_bytes: int) -> bytes:
        end = min(offset_bytes + length_bytes, self.size_bytes)
        parts: list[bytes] = []
        while offset_bytes < end:
            part = self._chunk(offset_bytes, min(end - offset_bytes, _CHUNK_BYTES))
            parts.append(part)
            offset_bytes += len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def bad_ranges(self) -> Sequence[ByteRange]:
        found = RangeSet()
        for one in (*self._unreadable.ranges(), *self._overlapping(self._volume.bad_ranges())):
            found.add(one.offset_bytes, one.end_bytes)
        return found.ranges()

    def _chunk(self, offset: int, length: int) -> bytes:
        data = self._read(offset, length)
        if data is not None:
            self._unreadable_in_a_row = 0
            return data
        parts = [self._block(at, min(self._block_bytes, offset + length - at))
                 for at in range(offset, offset + length, self._block_bytes)]  # fmt: skip
        return b"".join(parts)

    def _block(self, offset: int, length: int) -> bytes:
        data = self._read(offset, length)
        if data is not None:
            return data
        self._unreadable_in_a_row += length
        if self._unreadable_in_a_row > _MAX_UNREADABLE_BYTES:
            raise self._image.fault or Truncated(f"nothing readable from byte {offset} of {self.size_bytes} on")
        self._unreadable.add(offset, offset + length)
        return bytes(length)

    def _read(self, offset: int, length: int) -> bytes | None:
        try:
            data: bytes = self._file.read_random(offset, length, self._attribute.kind, self._attribute.number)
        except OSError:
            return None
        return data if len(data) == length else None

    def _overlapping(self, bad: Sequence[ByteRange]) -> Iterable[ByteRange]:
        """Bad ranges of the volume, in offsets of this file."""
        for start, length, place in self._places if bad else ():
            if place is None:
                continue
            for hole in bad:
                first = max(hole.offset_bytes, place)
                last = min(hole.end_bytes, place + length)
                if first < last:
                    yield from self._clipped(start + first - place, start + last - place)

    def _clipped(self, first: int, last: int) -> Iterable[ByteRange]:
        """Widen a range to all of a resident attribute, or to whole units of 16 clusters of a compressed one."""
        if self._attribute.resident:
            first, last = 0, self.size_bytes
        elif self._attribute.compressed:
            unit = 16 * self._block_bytes
            first, last = first // unit * unit, -(-last // unit) * unit
        last = min(last, self.size_bytes)
        if first < last:
            yield ByteRange(offset_bytes=first, length_bytes=last - first)


def overlap_bytes(places: Runs, bad: Sequence[ByteRange]) -> int:
    """How many bytes of what lies in these places are in bad ranges of the volume."""
    return sum(
        max(min(hole.end_bytes, place + length) - max(hole.offset_bytes, place), 0)
        for _, length, place in places
        if place is not None
        for hole in bad
    )
