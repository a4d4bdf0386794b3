"""What a tar reader reads from: plain bytes, or the forward stream of a decompressor."""

from collections.abc import Callable
from typing import Protocol

from headwater.evidence.archive.content import Flow
from headwater.evidence.archive.touch import Touch, untouched
from headwater.evidence.reader import ByteSource
from headwater.evidence.window import PromisedWindow, Window
from headwater.model.errors import EvidenceError

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

    `touch` is called while unpacking goes on: a large member that is skipped takes its time.
    """

    def __init__(self, start: Callable[[], Flow], touch: Touch = untouched) -> None:
        self._start = start
        self._touch = touch
        self._rewind()

    def _rewind(self) -> None:
        self._flow = self._start()
        self._chunk = b""
        self._chunk_at = 0
        self.fault: EvidenceError | None = None

    def read_at(self, offset_bytes: int, length_bytes: int) -> bytes:
        """Shorter only at the end, or where `fault` is set."""
        if offset_bytes < self._chunk_at:
            self._rewind()
        blocks: list[bytes] = []
        while length_bytes > 0 and self._reach(offset_bytes):
            inside = offset_bytes - self._chunk_at
            block = self._chunk[inside : inside + length_bytes]
            blocks.append(block)
            offset_bytes += len(block)
            length_bytes -= len(block)
        return blocks[0] if len(blocks) == 1 else b"".join(blocks)

    def _reach(self, offset_bytes: int) -> bool:
        """Unpack until the present chunk holds `offset_bytes`."""
        while offset_bytes >= self._chunk_at + len(self._chunk):
            self._touch()
            try:
                chunk = b"" if self.fault else self._flow.read(_CHUNK_BYTES)
            except EvidenceError as error:
                self.fault = error
                return False
            if not chunk:
                return False
            self._chunk_at += len(self._chunk)
            self._chunk = chunk
        return True

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
