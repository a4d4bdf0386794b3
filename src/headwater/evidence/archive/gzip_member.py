"""gzip (RFC 1952): its first facts, and one member whose trailer is compared by us: a wrong one costs no content."""

import struct
from datetime import UTC, datetime

from zlib_ng import zlib_ng

from headwater.evidence.archive.gzip_header import EXTRA, FIXED_BYTES, MAGIC, NAME, RESERVED, Header
from headwater.evidence.archive.inflate import Inflate
from headwater.model.item import Times, Zone

_TRAILER_BYTES = 8
LONGEST_EXTRA_BYTES = FIXED_BYTES + 2 + 0xFFFF


def is_gzip(head: bytes) -> bool:
    """Whether a gzip member begins here."""
    return head.startswith(MAGIC) and len(head) > 3 and not head[3] & RESERVED


def stored_facts(head: bytes) -> tuple[bytes, Times]:
    """Read stored name and time of the first member, section 2.3. The time is UTC."""
    flags, seconds = struct.unpack_from("<BI", head.ljust(FIXED_BYTES, b"\0"), 3)
    start = FIXED_BYTES
    if flags & EXTRA:
        start += 2 + int.from_bytes(head[10:12], "little")
    end = head.find(b"\0", start) if flags & NAME else -1
    times = Times(zone=Zone.UTC, modified=datetime.fromtimestamp(seconds, UTC)) if seconds else Times()
    return (head[start:end] if end > start else b""), times


class GzipMember:
    """One member. A Decoder; `wrong` says what of its trailer does not hold, once it was read."""

    def __init__(self) -> None:
        self.wrong = ""
        self._header = Header()
        self._past_header = self._header.past()
        next(self._past_header)
        self._inflate: Inflate | None = None  # once the header was read
        self._trailer = b""
        self._crc32 = 0
        self._size = 0
        self._packed_bytes = 0

    @property
    def name(self) -> bytes:
        """As its header stores it, cut where no file's is that long."""
        return self._header.name

    @property
    def unread_bytes(self) -> int:
        """Of its header."""
        return self._header.unread_bytes(self._packed_bytes)

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
                self._past_header.send(data)
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
            self._packed_bytes += len(data) - len(behind)
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
