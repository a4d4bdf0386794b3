"""Members that no central directory names, found by their local headers: of a damaged, cut or doctored zip."""

import re
import struct
from collections.abc import Iterator
from dataclasses import replace

from headwater.evidence.archive.touch import Touch, untouched
from headwater.evidence.archive.zip_records import (
    DESCRIPTOR_FOLLOWS,
    DESCRIPTOR_SIGNATURE,
    LOCAL_BYTES,
    LOCAL_SIGNATURE,
    Record,
    parse_local,
    possible,
)
from headwater.evidence.reader import ByteSource
from headwater.model.errors import Malformed

_WINDOW_BYTES = 1 << 20
_SIGNATURES = re.compile(rb"PK(?:\x03\x04|\x07\x08)")
_HEADER_BYTES = LOCAL_BYTES + 2 * 0xFFFF
_KNOWN_METHODS = frozenset(range(21)) | frozenset(range(93, 100))


def orphans(source: ByteSource, start: int, end: int, touch: Touch = untouched) -> Iterator[Record]:
    """Members whose local header lies in [start, end). One pass; sizes may come from a data descriptor."""
    search = _Search(source, start, end)
    for place, signature in _signatures(source, start, end, touch):
        if place < search.skip_to:
            continue
        if signature == DESCRIPTOR_SIGNATURE:
            yield from search.descriptor(place)
        elif signature == LOCAL_SIGNATURE:
            yield from search.header(place)
    yield from search.close(end)


class _Search:
    """Remembers a member whose sizes are not known yet."""

    def __init__(self, source: ByteSource, start: int, end: int) -> None:
        self._source = source
        self._end = end
        self._waiting: Record | None = None
        self.skip_to = start

    def header(self, place: int) -> Iterator[Record]:
        record = _plausible(self._source, place, self._end)
        if record is None:
            return
        yield from self.close(place)
        self.skip_to = place + record.length_bytes
        if record.flags & DESCRIPTOR_FOLLOWS and not record.packed_bytes:
            self._waiting = record
            return
        if self.skip_to + record.packed_bytes <= self._end:
            self.skip_to += record.packed_bytes
        yield record

    def descriptor(self, place: int) -> Iterator[Record]:
        if self._waiting and (record := _closed(self._source, self._waiting, place)):
            self._waiting = None
            yield record

    def close(self, place: int) -> Iterator[Record]:
        if self._waiting:
            yield _open_ended(self._waiting, place)
            self._waiting = None


def _signatures(source: ByteSource, start: int, end: int, touch: Touch) -> Iterator[tuple[int, bytes]]:
    offset = start
    while offset < end:
        touch()
        window = source.read_at(offset, min(_WINDOW_BYTES, end - offset))
        for match in _SIGNATURES.finditer(window):
            yield offset + match.start(), match.group()
        if len(window) < 4:
            return
        offset += len(window) - 3 if offset + len(window) < end else len(window)


def _plausible(source: ByteSource, place: int, end: int) -> Record | None:
    try:
        record = parse_local(source.read_at(place, min(_HEADER_BYTES, source.size_bytes - place)), place)
    except Malformed:
        return None
    fits = record.name and record.method in _KNOWN_METHODS and place + record.length_bytes <= end
    return record if fits else None


def _closed(source: ByteSource, record: Record, place: int) -> Record | None:
    """Give the record with the sizes of the data descriptor at `place`, where its packed size fits."""
    packed = place - record.header_offset - record.length_bytes
    data = source.read_at(place, 24)
    for layout in ("<4x3I", "<4xI2Q"):
        if len(data) >= struct.calcsize(layout):
            crc32, packed_bytes, size = struct.unpack_from(layout, data)
            if packed_bytes == packed:
                return possible(replace(record, crc32=crc32, packed_bytes=packed, size_bytes=size))
    return None


def _open_ended(record: Record, end: int) -> Record:
    """Give a record of unknown sizes: its data may go on to `end`."""
    packed = end - record.header_offset - record.length_bytes
    return replace(record, packed_bytes=packed, size_bytes=-1)
