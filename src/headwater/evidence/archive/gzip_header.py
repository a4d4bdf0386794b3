"""The header of a gzip member (RFC 1952, section 2.3), read in pieces of any size."""

import struct
from collections.abc import Generator

from headwater.evidence.archive.faults import NoStream
from headwater.model.errors import Malformed

MAGIC = b"\x1f\x8b\x08"
HEADER_CRC, EXTRA, NAME, COMMENT, RESERVED = 2, 4, 8, 16, 0xE0  # bits of FLG
FIXED_BYTES = 10
_LONGEST_NAME_BYTES = 4096  # what is longer names no file
_TABLE = struct.Struct("<2s4H")  # dictzip's: RA, length, version, bytes of a chunk, chunks; the packed size of each
_TABLE_SLACK_BYTES = 64  # what may lie behind the last chunk


class Header:
    """Send `past` bytes until it returns those behind the header. However long that is, little of it is held."""

    def __init__(self) -> None:
        self.name = b""
        self._chunks_bytes = 0  # what the sizes in a table of chunks come to
        self._table_bytes = 0
        self._unread_bytes = 0

    def unread_bytes(self, packed_bytes: int) -> int:
        """How much of it is not read. A table of chunks that fits the packed bytes is no more than it should be."""
        fits = 0 <= packed_bytes - self._chunks_bytes <= _TABLE_SLACK_BYTES
        return self._unread_bytes + (0 if fits else self._table_bytes)

    def past(self) -> Generator[None, bytes, bytes]:
        """Begin with `next`. Raises Malformed."""
        data = yield from _at_least(b"", 1)
        while len(data) < len(MAGIC) and MAGIC.startswith(data):
            data += yield
        if not data.startswith(MAGIC):
            raise NoStream("it does not begin as one")
        data = yield from _at_least(data, FIXED_BYTES)
        flags, data = data[3], data[FIXED_BYTES:]
        if flags & RESERVED:
            raise Malformed("gzip header with flags that have no meaning")
        if flags & EXTRA:
            data = yield from _at_least(data, 2)
            length = 2 + int.from_bytes(data[:2], "little")
            data = yield from _at_least(data, length)
            self._extra(data[2:length])
            data = data[length:]
        if flags & NAME:
            data, self.name, surplus = yield from _past_nul(data, _LONGEST_NAME_BYTES)
            self._unread_bytes += surplus
        if flags & COMMENT:
            data, _, length = yield from _past_nul(data, 0)
            self._unread_bytes += length
        if flags & HEADER_CRC:
            data = (yield from _at_least(data, 2))[2:]
        return data

    def _extra(self, extra: bytes) -> None:
        if len(extra) >= _TABLE.size:
            name, length, version, _, count = _TABLE.unpack_from(extra)
            if (name, length, version) == (b"RA", 6 + 2 * count, 1) and len(extra) == 4 + length:
                self._table_bytes = len(extra)
                self._chunks_bytes = sum(struct.unpack_from(f"<{count}H", extra, _TABLE.size))
                return
        self._unread_bytes += len(extra)


def _at_least(data: bytes, length_bytes: int) -> Generator[None, bytes, bytes]:
    while len(data) < length_bytes:
        data += yield
    return data


def _past_nul(data: bytes, kept_bytes: int) -> Generator[None, bytes, tuple[bytes, bytes, int]]:
    """Give what lies behind the next NUL, the first bytes before it, and how many more there are."""
    kept, length = b"", 0
    while b"\0" not in data:
        kept, length = (kept + data)[:kept_bytes], length + len(data)
        data = yield
    text, _, data = data.partition(b"\0")
    return data, (kept + text)[:kept_bytes], max(0, length + len(text) - kept_bytes)
