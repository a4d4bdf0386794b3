"""One member's bytes: what can be read of it is given, what is wrong with it is said in `fault` and `damaged`."""

from collections.abc import Callable, Sequence
from typing import Protocol

from zlib_ng import zlib_ng

from headwater.evidence.archive.faults import Surplus
from headwater.evidence.reader import ByteSource
from headwater.evidence.window import Window
from headwater.model.errors import EvidenceError, Malformed, Truncated
from headwater.model.item import ByteRange

_BLOCK_BYTES = 1 << 20


class Flow(Protocol):
    """Bytes forwards: at most `length_bytes`, empty at the end. Raises EvidenceError.

    sound_bytes: how many of the first bytes given hold by the compression's own checks.
    unused_bytes: packed bytes that nothing came out of, once it has ended.
    """

    @property
    def sound_bytes(self) -> int: ...

    @property
    def unused_bytes(self) -> int: ...

    def read(self, length_bytes: int) -> bytes: ...


class WindowFlow:
    """Bytes that lie open."""

    sound_bytes = unused_bytes = 0

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
    its checksum or its compressed data does not hold, less what the checks of the compression itself vouch for. Bytes
    behind a sound member are a fault without damage. Where nothing can be read, and at every limit, `read` raises.
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
        self._vouched = 0  # bytes from the start that hold, whatever the fault
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
            return self._end(error, vouched=self._flow.sound_bytes)
        if self._size is not None and self._position + len(data) > self._size:
            data = data[:-1]  # the one byte more that was asked for
            self._end(Malformed(f"unpacks to more than the {self._size} bytes its record says"), kept=len(data))
        if not data and not self._ended:
            return self._finish()
        self._position += len(data)
        if self._crc32 is not None:
            self._crc = zlib_ng.crc32(data, self._crc)
        return data

    def _finish(self) -> bytes:
        """All of it was given: compare it with its record."""
        if fault := self._verdict():
            return self._end(fault)
        unused = self._flow.unused_bytes
        self._ended = True
        if unused:
            self.fault = Surplus(f"{unused} packed bytes behind the end of its compressed data belong to nothing")
        return b""

    def _verdict(self) -> EvidenceError | None:
        if self._size is not None and self._position < self._size:
            return Truncated(f"ends after {self._position} of {self._size} bytes")
        if self._crc32 is not None and self._crc != self._crc32:
            return Malformed(f"CRC-32 is {self._crc:08x}, the record says {self._crc32:08x}")
        return None

    def _end(self, fault: EvidenceError, *, kept: int = 0, vouched: int = 0) -> bytes:
        if not self._position and not kept and not isinstance(fault, Surplus):
            raise fault
        self._ended = True
        self._vouched = vouched
        self.fault = fault
        return b""

    def damaged(self) -> Sequence[ByteRange]:
        """Say what of the bytes read so far is missing or cannot be relied on."""
        if self._packed and self._packed.bad_ranges():
            return self._from(0)
        if isinstance(self.fault, Malformed):
            return () if isinstance(self.fault, Surplus) else self._from(self._vouched)
        if self._direct:
            return tuple(bad for bad in self._direct.bad_ranges() if bad.offset_bytes <= self._position)
        return self._from(self._position) if self.fault else ()

    def _from(self, offset_bytes: int) -> tuple[ByteRange, ...]:
        """From there to the end; one byte at least, as where it is not known how many are missing."""
        length = max(1, max(self._position, self._size or 0) - offset_bytes)
        return (ByteRange(offset_bytes=offset_bytes, length_bytes=length),)

    def source(self) -> ByteSource | None:
        """Give the bytes in place where they are not compressed. Their CRC-32 is then not checked."""
        return self._direct

    def close(self) -> None:
        """Nothing is held."""
