"""zstd (RFC 8878): where its frames begin, and one frame unpacked block by block."""

import struct

import zstandard

from headwater.evidence.archive.faults import NoStream
from headwater.evidence.archive.zstd_skipped import Skipped
from headwater.evidence.reader import ByteSource
from headwater.model.errors import Malformed, UnknownFormat

WINDOW_BYTES = 1 << 27  # the largest window; the format's own recommendation for decoders is 8 MiB at least
_MAGIC = b"\x28\xb5\x2f\xfd"
_SKIPPABLE = b"\x2a\x4d\x18"  # after a first byte of 0x50 to 0x5f
_BLOCK_BYTES = 1 << 17
_RLE = 1
_MOST_SKIPPED = 100_000  # frames before the first that holds data


def first_frame(source: ByteSource, head: bytes) -> bytes:
    """Give the magic of the first frame that is not skippable; lz4 shares those. Reads on in the source past `head`."""
    offset, magic = 0, head[:8]
    for _ in range(_MOST_SKIPPED):
        if not _is_skippable(magic) or offset >= source.size_bytes:
            break
        offset += 8 + struct.unpack_from("<I", magic, 4)[0]
        magic = head[offset : offset + 8] if offset + 8 <= len(head) else source.read_at(offset, 8)
    return magic[:4]


def _is_skippable(magic: bytes) -> bool:
    return len(magic) == 8 and magic[1:4] == _SKIPPABLE and magic[0] & 0xF0 == 0x50


def is_zstd(source: ByteSource, head: bytes) -> bool:
    """Whether a zstd frame begins here, or skippable frames before one."""
    return first_frame(source, head) == _MAGIC


class ZstdFrame:
    """One zstd or skippable frame, fed block by block: no call can give more than one block. A Decoder."""

    wrong, name = "", b""

    def __init__(self) -> None:
        self._skipped = Skipped()
        self._inflater = zstandard.ZstdDecompressor(max_window_size=WINDOW_BYTES).decompressobj()
        self._buffer = bytearray()
        self._ready = b""
        self._left = 0  # bytes of the present unit not yet fed
        self._skip = False
        self._last = False
        self._step = self._frame
        self._checksum_bytes = 0
        self._starved = True
        self._ended = False

    @property
    def eof(self) -> bool:
        return self._ended and not self._ready

    @property
    def unread_bytes(self) -> int:
        """Of a skippable frame."""
        return self._skipped.unread_bytes

    @property
    def needs_input(self) -> bool:
        return self._starved and not self._ready

    @property
    def unused_data(self) -> bytes:
        return bytes(self._buffer) if self.eof else b""

    def decompress(self, data: bytes, max_length: int) -> bytes:
        self._buffer += data
        self._starved = False
        while not self._ready and not self._ended and not self._starved:
            self._starved = not self._step()
        out, self._ready = self._ready[:max_length], self._ready[max_length:]
        return out

    def _feed(self, length: int) -> None:
        unit = bytes(self._buffer[:length])
        del self._buffer[:length]
        if self._skip:
            self._skipped.take(unit)
        else:
            self._ready = self._inflater.decompress(unit)

    def _frame(self) -> bool:
        skippable = self._is_skippable()
        if not skippable and not _MAGIC.startswith(bytes(self._buffer[:4])):
            raise NoStream("it does not begin as one")
        if len(self._buffer) < 8:
            return False
        if skippable:
            return self._skippable()
        descriptor = self._buffer[4]
        single = descriptor >> 5 & 1
        size = 5 + (not single) + (0, 1, 2, 4)[descriptor & 3] + (single, 2, 4, 8)[descriptor >> 6]
        if descriptor & 3:
            raise UnknownFormat("zstd frame that needs a dictionary: this version has none")
        if len(self._buffer) < size:
            return False
        self._checksum_bytes = 4 * (descriptor >> 2 & 1)
        self._feed(size)
        self._step = self._block
        return True

    def _is_skippable(self) -> bool:
        """Whether what is there of the magic begins one."""
        there = bytes(self._buffer[:4])
        return bool(there) and there[0] & 0xF0 == 0x50 and _SKIPPABLE.startswith(there[1:])

    def _skippable(self) -> bool:
        self._left = struct.unpack_from("<I", self._buffer, 4)[0]
        self._skip = self._last = True
        self._feed(8)
        self._step = self._body
        return True

    def _block(self) -> bool:
        if len(self._buffer) < 3:
            return False
        header = int.from_bytes(self._buffer[:3], "little")
        kind, size = header >> 1 & 3, header >> 3
        if size > _BLOCK_BYTES:
            raise Malformed(f"zstd block of {size} bytes; 131072 is the most")
        self._last = bool(header & 1)
        self._left = 1 if kind == _RLE else size
        self._feed(3)
        self._step = self._body
        return True

    def _body(self) -> bool:
        if self._left and not self._buffer:
            return False
        take = min(self._left, len(self._buffer))
        self._left -= take
        if take:
            self._feed(take)
        if not self._left:
            self._end_unit()
        return True

    def _end_unit(self) -> None:
        if not self._last:
            self._step = self._block
        elif self._checksum_bytes:
            self._left, self._checksum_bytes = self._checksum_bytes, 0
        else:
            self._ended = True
