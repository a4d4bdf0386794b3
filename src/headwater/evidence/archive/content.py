"""One member's bytes: what can be read of it is given, what is wrong with it is said in `fault` and `damaged`."""

from collections.abc import Callable, Sequence
from typing import Protocol

from zlib_ng import zlib_ng

from headwater.evidence.reader import ByteSource
from headwater.evidence.window import Window
from headwater.model.errors import EvidenceError, Malformed, Truncated
from headwater.model.item import ByteRange

_BLOCK_BYTES = 1 << 20


class Flow(Protocol):
    """Bytes forwards: at most `length_bytes`, empty at the end. Raises EvidenceError."""

    def read(self, length_bytes: int) -> bytes: ...


class WindowFlow:
    """Bytes that lie open."""

    def __init__(self, window: ByteSource) -> None:
        self._window = window
        self._position = 0

    def read(self, length_bytes: int) -> bytes:
        data = self._window.read_at(self._position, length_bytes)
        self._position += len(data)
        return data


class MemberContent:
    """Content of one member.

    A member that breaks part way gives what came before; `fault` then says why it ended, and `damaged` the range: from
    the break on where bytes are missing (one byte at least, where the true length is unknown), the whole member where
    its checksum or its compressed data does not hold. Where nothing can be read, and at every limit, `read` raises.
    """

    def __init__(
        self,
        start: Callable[[], Flow],
        *,
        packed: Window | None = None,
        size_bytes: int | None = None,
        crc32: int | None = None,
        direct: Window | None = None,
    ) -> None:
        """`packed`: where the compressed bytes lie. `direct`: where the bytes themselves lie open."""
        self._start = start
        self._packed = packed
        self._size = size_bytes
        self._crc32 = crc32
        self._direct = direct
        self.fault: EvidenceError | None = None
        self.rewind()

    def rewind(self) -> None:
        """Back to the first byte."""
        self._flow = self._start()
        self._position = 0
        self._crc = 0
        self._ended = False
        self.fault = None

    def read(self, length_bytes: int = -1) -> bytes:
        """Up to `length_bytes` more; everything left where negative. Raises EvidenceError."""
        if length_bytes >= 0:
            return self._block(length_bytes)
        blocks = []
        while block := self._block(_BLOCK_BYTES):
            blocks.append(block)
        return b"".join(blocks)

    def _block(self, length_bytes: int) -> bytes:
        if self._ended or not length_bytes:
            return b""
        room = length_bytes if self._size is None else min(length_bytes, self._size - self._position + 1)
        try:
            data = self._flow.read(room)
        except (Malformed, Truncated) as error:
            return self._end(error)
        if self._size is not None and self._position + len(data) > self._size:
            data = data[:-1]  # the one byte more that was asked for
            self._end(Malformed(f"unpacks to more than the {self._size} bytes its record says"), kept=len(data))
        if not data and not self._ended:
            return self._end(self._verdict())
        self._position += len(data)
        if self._crc32 is not None:
            self._crc = zlib_ng.crc32(data, self._crc)
        return data

    def _verdict(self) -> EvidenceError | None:
        if self._size is not None and self._position < self._size:
            return Truncated(f"ends after {self._position} of {self._size} bytes")
        if self._crc32 is not None and self._crc != self._crc32:
            return Malformed(f"CRC-32 is {self._crc:08x}, the record says {self._crc32:08x}")
        return None

    def _end(self, fault: EvidenceError | None, kept: int = 0) -> bytes:
        if fault and not self._position and not kept:
            raise fault
        self._ended = True
        self.fault = fault
        return b""

    def damaged(self) -> Sequence[ByteRange]:
        """Say what of the bytes read so far is missing or cannot be relied on."""
        whole = (ByteRange(offset_bytes=0, length_bytes=max(self._position, self._size or 0, 1)),)
        if isinstance(self.fault, Malformed) or (self._packed and self._packed.bad_ranges()):
            return whole
        if self._direct:
            return tuple(bad for bad in self._direct.bad_ranges() if bad.offset_bytes <= self._position)
        if self.fault:
            missing = max(1, (self._size or 0) - self._position)
            return (ByteRange(offset_bytes=self._position, length_bytes=missing),)
        return ()

    def source(self) -> ByteSource | None:
        """Give the bytes in place where they are not compressed. Their CRC-32 is then not checked."""
        return self._direct

    def close(self) -> None:
        """Nothing is held."""
