"""gzip (RFC 1952): its header, and one member whose trailer is compared by us, so that a wrong one costs no content."""

import struct
from collections.abc import Generator
from datetime import UTC, datetime

from zlib_ng import zlib_ng

from headwater.evidence.archive.faults import NoStream
from headwater.evidence.archive.inflate import Inflate
from headwater.model.errors import Malformed
from headwater.model.item import Times, Zone

_MAGIC = b"\x1f\x8b\x08"
_HEADER_CRC, _EXTRA, _NAME, _COMMENT, _RESERVED = 2, 4, 8, 16, 0xE0  # bits of FLG
_FIXED_BYTES, _TRAILER_BYTES = 10, 8
LONGEST_EXTRA_BYTES = _FIXED_BYTES + 2 + 0xFFFF


def is_gzip(head: bytes) -> bool:
    """Whether a gzip member begins here."""
    return head.startswith(_MAGIC) and len(head) > 3 and not head[3] & _RESERVED


def stored_facts(head: bytes) -> tuple[bytes, Times]:
    """Read stored name and time of the first member, section 2.3. The time is UTC."""
    flags, seconds = struct.unpack_from("<BI", head.ljust(_FIXED_BYTES, b"\0"), 3)
    start = _FIXED_BYTES
    if flags & _EXTRA:
        start += 2 + int.from_bytes(head[10:12], "little")
    end = head.find(b"\0", start) if flags & _NAME else -1
    times = Times(zone=Zone.UTC, modified=datetime.fromtimestamp(seconds, UTC)) if seconds else Times()
    return (head[start:end] if end > start else b""), times


class GzipMember:
    """One member. A Decoder; `wrong` says what of its trailer does not hold, once it was read."""

    def __init__(self) -> None:
        self.wrong = ""
        self._header = _past_header()
        next(self._header)
        self._inflate: Inflate | None = None  # once the header was read
        self._trailer = b""
        self._crc32 = 0
        self._size = 0

    @property
    def eof(self) -> bool:
        return len(self._trailer) >= _TRAILER_BYTES

    @property
    def needs_input(self) -> bool:
        return self._inflate is None or self._inflate.eof or self._inflate.needs_input

    @property
    def unused_data(self) -> bytes:
        return self._trailer[_TRAILER_BYTES:]

    def decompress(self, data: bytes, max_length: int) -> bytes:
        """At most `max_length` bytes. Raises InflateError, or Malformed where no member begins."""
        if self._inflate is None:
            try:
                self._header.send(data)
            except StopIteration as stop:
                self._inflate, data = Inflate(), stop.value
            else:
                return b""
        out, behind = b"", data
        if not self._inflate.eof:
            out = self._inflate.decompress(data, max_length)
            behind = self._inflate.unused_data  # nothing before the end
            self._crc32 = zlib_ng.crc32(out, self._crc32)
            self._size += len(out)
        self._end(behind)
        return out

    def _end(self, data: bytes) -> None:
        self._trailer += data
        if not self.eof:
            return
        crc32, size = struct.unpack_from("<II", self._trailer)
        if crc32 != self._crc32:
            self.wrong = f"CRC-32 is {self._crc32:08x}, the gzip trailer says {crc32:08x}"
        elif size != self._size & 0xFFFFFFFF:
            self.wrong = f"unpacks to {self._size} bytes, the gzip trailer says {size}"


def _past_header() -> Generator[None, bytes, bytes]:
    """Send it bytes until it returns those behind the header. However long the header is, nothing of it is held."""
    data = yield from _at_least(b"", 1)
    while len(data) < len(_MAGIC) and _MAGIC.startswith(data):
        data += yield
    if not data.startswith(_MAGIC):
        raise NoStream("it does not begin as one")
    data = yield from _at_least(data, _FIXED_BYTES)
    flags, data = data[3], data[_FIXED_BYTES:]
    if flags & _RESERVED:
        raise Malformed("gzip header with flags that have no meaning")
    if flags & _EXTRA:
        data = yield from _at_least(data, 2)
        length = 2 + int.from_bytes(data[:2], "little")
        data = (yield from _at_least(data, length))[length:]
    for flag in (_NAME, _COMMENT):
        if flags & flag:
            data = yield from _past_nul(data)
    if flags & _HEADER_CRC:
        data = (yield from _at_least(data, 2))[2:]
    return data


def _at_least(data: bytes, length_bytes: int) -> Generator[None, bytes, bytes]:
    while len(data) < length_bytes:
        data += yield
    return data


def _past_nul(data: bytes) -> Generator[None, bytes, bytes]:
    while b"\0" not in data:
        data = yield
    return data.partition(b"\0")[2]
