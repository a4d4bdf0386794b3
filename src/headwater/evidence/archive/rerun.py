"""Gives what bzip2 and LZMA unpack before an error: their decoders drop what the failing call had unpacked."""

import lzma
from collections.abc import Callable, Iterator
from typing import Protocol

from headwater.evidence.archive.faults import NoStream

_HISTORY_BYTES = 4 << 20  # of input kept to unpack it again; of a longer stream the failing call stays lost
_AGAIN_BYTES = 256 << 20  # of output unpacked again
_BLOCK_BYTES = 1 << 20
_ERRORS = (lzma.LZMAError, OSError, EOFError, ValueError)


class Codec(Protocol):
    """As `bz2.BZ2Decompressor`."""

    @property
    def eof(self) -> bool: ...

    @property
    def needs_input(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, max_length: int) -> bytes: ...


class Rerun:
    """A Decoder around a codec. After an error it unpacks the stream again, the last piece byte by byte."""

    wrong, name, unread_bytes = "", b"", 0

    def __init__(self, new_codec: Callable[[], Codec], magic: bytes) -> None:
        """`magic`: what each stream begins with. Held against it at once, as some codecs wait for a whole header."""
        self._new_codec = new_codec
        self._magic = magic
        self._codec = new_codec()
        self._history = bytearray()  # what was fed and used up
        self._piece = b""  # what was fed last
        self._given_bytes = 0  # out of that piece
        self._all_given_bytes = 0
        self._forgot = False
        self._error: Exception | None = None

    @property
    def eof(self) -> bool:
        return self._codec.eof

    @property
    def needs_input(self) -> bool:
        return self._codec.needs_input and not self._error

    @property
    def unused_data(self) -> bytes:
        return self._codec.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        """At most `max_length` bytes. Raises the codec's error once all before it was given."""
        if self._error:
            raise self._error
        if data:
            self._remember(data)
            self._begins(data)
        try:
            out = self._codec.decompress(data, max_length)
        except _ERRORS as error:
            self._error = error
            out = b"" if self._forgot else self._again(max_length)
            if not out:
                raise
        self._given_bytes += len(out)
        self._all_given_bytes += len(out)
        return out

    def _begins(self, data: bytes) -> None:
        there = data[: len(self._magic)]
        if not self._magic.startswith(there):
            raise NoStream("it does not begin as one")
        self._magic = self._magic[len(there) :]

    def _remember(self, data: bytes) -> None:
        if len(self._history) + len(self._piece) > _HISTORY_BYTES or self._all_given_bytes > _AGAIN_BYTES:
            self._forgot = True
            self._history.clear()
        if not self._forgot:
            self._history += self._piece
        self._piece = data
        self._given_bytes = 0

    def _again(self, room_bytes: int) -> bytes:
        """Unpack what the failing call would have given."""
        codec = self._new_codec()
        out = bytearray()
        skip_bytes = self._given_bytes
        try:
            for _ in _blocks(codec, bytes(self._history)):
                pass
            for place in range(len(self._piece)):
                for block in _blocks(codec, self._piece[place : place + 1]):
                    out += block[skip_bytes:]
                    skip_bytes = max(0, skip_bytes - len(block))
                if len(out) >= room_bytes:
                    break
        except _ERRORS:
            pass
        return bytes(out[:room_bytes])


def _blocks(codec: Codec, data: bytes) -> Iterator[bytes]:
    """Feed `data` and give all that comes out of it."""
    while True:
        block = codec.decompress(data, _BLOCK_BYTES)
        data = b""
        if block:
            yield block
        if codec.eof or codec.needs_input:
            return
