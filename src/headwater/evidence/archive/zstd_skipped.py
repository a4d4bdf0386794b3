"""What a skippable frame of zstd holds: nothing, a seek table, or bytes that no reader of zstd gives anyone.

Source: RFC 8878, section 3.1.2; zstd's own "Zstandard Seekable Format", version 0.1.0.
"""

import struct

_HEAD_BYTES = 8  # magic and length
_TABLE_MAGIC = 0x5E  # of a frame that may be a seek table, its first byte
_TABLE_END = struct.Struct("<IBI")  # how many frames, a flag for checksums, the magic
_TABLE_END_MAGIC = 0x8F92EAB1
_LONGEST_TABLE_BYTES = 1 << 20
_LONGEST_FRAME_BYTES = 1 << 30  # of one in a seek table


class Skipped:
    """Is fed a skippable frame in pieces, its magic and length first. Holds no more of it than a seek table takes."""

    def __init__(self) -> None:
        self._length = 0
        self._filled_bytes = 0  # those that are not zero
        self._start = bytearray()

    def take(self, piece: bytes) -> None:
        """Take the next piece."""
        self._length += len(piece)
        self._filled_bytes += len(piece) - piece.count(0)
        if len(self._start) <= _HEAD_BYTES + _LONGEST_TABLE_BYTES and self._may_be_table(piece):
            self._start += piece

    def _may_be_table(self, piece: bytes) -> bool:
        return (self._start or piece)[0] == _TABLE_MAGIC

    @property
    def unread_bytes(self) -> int:
        """How long it is, its head aside; 0 where it holds zeros alone or a seek table."""
        if self._filled_bytes <= _HEAD_BYTES or self._is_table():
            return 0
        return self._length - _HEAD_BYTES

    def _is_table(self) -> bool:
        body = bytes(self._start[_HEAD_BYTES:])
        if len(body) < _TABLE_END.size or len(self._start) != self._length:
            return False
        count, flags, magic = _TABLE_END.unpack(body[-_TABLE_END.size :])
        entry = struct.Struct("<3I" if flags & 0x80 else "<2I")
        if magic != _TABLE_END_MAGIC or len(body) != count * entry.size + _TABLE_END.size:
            return False
        sizes = entry.iter_unpack(body[: -_TABLE_END.size])
        return all(max(packed, unpacked) <= _LONGEST_FRAME_BYTES for packed, unpacked, *_ in sizes)
