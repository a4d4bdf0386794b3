"""Deflate (RFC 1951) that gives every byte before an error: zlib drops what the failing call had unpacked."""

from typing import Protocol, Self, cast

from zlib_ng import zlib_ng

InflateError: type[Exception] = zlib_ng.error  # type: ignore[assignment] # the stub calls the class an instance
_PIECES = (512, 1)


class _Inflater(Protocol):
    """What the stub of zlib_ng does not say."""

    eof: bool
    unused_data: bytes
    unconsumed_tail: bytes

    def copy(self) -> Self: ...

    def decompress(self, data: bytes, max_length: int) -> bytes: ...


class Inflate:
    """One raw deflate stream. A Decoder."""

    wrong, name, unread_bytes = "", b"", 0

    def __init__(self) -> None:
        self._inflater = cast("_Inflater", zlib_ng.decompressobj(-15))
        self._more = False
        self._error: Exception | None = None

    @property
    def eof(self) -> bool:
        return self._inflater.eof

    @property
    def needs_input(self) -> bool:
        return not self._more

    @property
    def unused_data(self) -> bytes:
        return self._inflater.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        """At most `max_length` bytes. Raises InflateError once all before it was given."""
        if self._error:
            raise self._error
        tail = self._inflater.unconsumed_tail
        data = tail + data if tail else data
        before = self._inflater.copy()
        try:
            out = self._inflater.decompress(data, max_length)
        except InflateError as error:
            self._error, self._more = error, True
            out = _salvaged(before, data, max_length)
            if not out:
                raise
            return out
        self._more = bool(self._inflater.unconsumed_tail) or len(out) >= max_length
        return out


def _salvaged(inflater: _Inflater, data: bytes, room_bytes: int) -> bytes:
    """Feed less and less at a time, as far as it goes."""
    blocks: list[bytes] = []
    for piece in _PIECES:
        while data:
            probe = inflater.copy()
            try:
                block = probe.decompress(data[:piece], room_bytes)
            except InflateError:
                break
            blocks.append(block)
            room_bytes -= len(block)
            inflater, data = probe, probe.unconsumed_tail + data[piece:]
            if room_bytes <= 0:
                return b"".join(blocks)
    return b"".join(blocks)
