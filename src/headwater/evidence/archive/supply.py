"""The packed bytes of a span, piece by piece. Pieces start small, so that a million short streams cost no copies."""

import re

from headwater.evidence.reader import ByteSource

_CHUNK_BYTES = 1 << 16
_FIRST_PIECE_BYTES = 1 << 12
_NOT_ZERO = re.compile(rb"[^\0]")


class Supply:
    """Reads forwards. What was taken too much of the last piece can be given back."""

    def __init__(self, source: ByteSource, start_bytes: int, end_bytes: int) -> None:
        self._source = source
        self._end = end_bytes
        self._chunk = b""
        self._chunk_at = start_bytes
        self._place = 0
        self._piece_bytes = _FIRST_PIECE_BYTES

    @property
    def offset_bytes(self) -> int:
        """In the source: behind what was taken."""
        return self._chunk_at + self._place

    @property
    def left_bytes(self) -> int:
        """What was not taken yet."""
        return self._end - self.offset_bytes

    def take(self) -> bytes:
        """Give the next piece; nothing at the end."""
        if not self._filled():
            return b""
        piece = self._chunk[self._place : self._place + self._piece_bytes]
        self._place += len(piece)
        self._piece_bytes = min(2 * self._piece_bytes, _CHUNK_BYTES)
        return piece

    def give_back(self, length_bytes: int) -> None:
        """Take the last bytes of the last piece again; the next pieces start small."""
        self._place -= length_bytes
        self._piece_bytes = _FIRST_PIECE_BYTES

    def skip_zeros(self) -> bool:
        """To the next byte that is not zero; False where none follows."""
        while self._filled():
            if found := _NOT_ZERO.search(self._chunk, self._place):
                self._place = found.start()
                return True
            self._place = len(self._chunk)
        return False

    def _filled(self) -> bool:
        if self._place >= len(self._chunk):
            self._chunk_at += len(self._chunk)
            self._place = 0
            self._chunk = self._source.read_at(self._chunk_at, min(_CHUNK_BYTES, self._end - self._chunk_at))
        return bool(self._chunk)
