"""What a tar reader reads from: plain bytes, or the forward stream of a decompressor."""

from collections import deque
from collections.abc import Callable
from typing import Protocol

from headwater.evidence.archive.content import Flow
from headwater.evidence.archive.touch import Touch, untouched
from headwater.evidence.reader import ByteSource
from headwater.evidence.window import PromisedWindow, Window
from headwater.model.errors import EvidenceError

KEPT_BYTES = (1 << 20) + (1 << 18)  # of a stream, behind what was unpacked last
_CHUNK_BYTES = 1 << 18


class Tape(Protocol):
    """Bytes by offset, of unknown length. `fault` says why they ended, where that was no proper end."""

    fault: EvidenceError | None

    def read_at(self, offset_bytes: int, length_bytes: int) -> bytes: ...

    def window(self, offset_bytes: int, length_bytes: int) -> Window | None: ...


class PlainTape:
    """Random access. `touch` is called while reading goes on."""

    def __init__(self, source: ByteSource, touch: Touch = untouched) -> None:
        self._source = source
        self._touch = touch
        self.fault: EvidenceError | None = None

    def read_at(self, offset_bytes: int, length_bytes: int) -> bytes:
        """Shorter only at the end."""
        self._touch()
        return self._source.read_at(offset_bytes, length_bytes) if offset_bytes < self._source.size_bytes else b""

    def window(self, offset_bytes: int, length_bytes: int) -> Window:
        """Give the bytes in place."""
        return PromisedWindow(self._source, offset_bytes, length_bytes)


class StreamTape:
    """Sequential. Going forwards skips, which costs the unpacking; going backwards starts again from the first byte.

    What came last is kept, so that a search that looked ahead, or a header that does not hold, costs no new start.
    `touch` is called while unpacking goes on: a large member that is skipped takes its time.
    """

    def __init__(self, start: Callable[[], Flow], touch: Touch = untouched) -> None:
        self._start = start
        self._touch = touch
        self._rewind()

    def _rewind(self) -> None:
        self._flow = self._start()
        self._chunks: deque[bytes] = deque()
        self._first_at = 0  # where the first chunk begins that is kept
        self._reached = 0  # where the last one ends
        self.fault: EvidenceError | None = None

    def read_at(self, offset_bytes: int, length_bytes: int) -> bytes:
        """Shorter only at the end, or where `fault` is set."""
        if offset_bytes < self._first_at:
            self._rewind()
        blocks: list[bytes] = []
        while length_bytes > 0 and self._reach(offset_bytes):
            block = self._from(offset_bytes, length_bytes)
            blocks.append(block)
            offset_bytes += len(block)
            length_bytes -= len(block)
        return blocks[0] if len(blocks) == 1 else b"".join(blocks)

    def _from(self, offset_bytes: int, length_bytes: int) -> bytes:
        """What the one chunk that holds `offset_bytes` gives from there on."""
        end = self._reached
        for chunk in reversed(self._chunks):
            start = end - len(chunk)
            if start <= offset_bytes:
                return chunk[offset_bytes - start : offset_bytes - start + length_bytes]
            end = start
        return b""

    def _reach(self, offset_bytes: int) -> bool:
        """Unpack until the last chunk ends behind `offset_bytes`."""
        while offset_bytes >= self._reached:
            chunk = self._next()
            if not chunk:
                return False
            self._chunks.append(chunk)
            self._reached += len(chunk)
            while self._reached - self._first_at - len(self._chunks[0]) >= KEPT_BYTES:
                self._first_at += len(self._chunks.popleft())
        return True

    def _next(self) -> bytes:
        """A whole chunk, however small the pieces are it comes in; less at the end or where `fault` is set."""
        pieces: list[bytes] = []
        room = _CHUNK_BYTES
        while room and not self.fault:
            self._touch()
            try:
                piece = self._flow.read(room)
            except EvidenceError as error:
                self.fault = error
                break
            if not piece:
                break
            pieces.append(piece)
            room -= len(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def window(self, offset_bytes: int, length_bytes: int) -> None:  # noqa: ARG002 - as the protocol has it
        """Give nothing: a stream has no bytes in place."""
        return


class TapeFlow:
    """One member's bytes on a tape. Raises what the tape met, where it met it inside this member."""

    sound_bytes = unused_bytes = 0

    def __init__(self, tape: Tape, offset_bytes: int, length_bytes: int) -> None:
        self._tape = tape
        self._offset = offset_bytes
        self._left = length_bytes

    def read(self, length_bytes: int) -> bytes:
        """Up to `length_bytes`; empty at the end. Raises EvidenceError."""
        wanted = min(length_bytes, self._left)
        data = self._tape.read_at(self._offset, wanted) if wanted else b""
        if wanted and not data and self._tape.fault:
            raise self._tape.fault
        self._offset += len(data)
        self._left -= len(data)
        return data
