"""One interface over the decompressors: bounded output per call, bounded memory, errors as EvidenceError.

Each Decoder reads one stream (gzip member, bzip2 stream, xz stream, zstd frame). Sources: RFC 1951 and 1952, the xz
file format 1.2, RFC 8878 (Zstandard), APPNOTE 6.3.10 section 5.8 (LZMA inside zip).
"""

import bz2
import lzma
import struct
from collections.abc import Callable
from typing import Protocol

import zstandard
from zlib_ng import zlib_ng

from headwater.model.errors import LimitReached, Malformed, UnknownFormat

MEMORY_BYTES = 160 << 20  # what one xz or LZMA decoder may take: preset -9 takes 65 MiB
WINDOW_BYTES = 1 << 27  # the largest zstd window; the format's own recommendation for decoders is 8 MiB at least
_InflateError: type[Exception] = zlib_ng.error  # type: ignore[assignment] # the stub calls the class an instance
_ZSTD_BLOCK_BYTES = 1 << 17
_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
_RAW, _RLE, _COMPRESSED = 0, 1, 2


class Decoder(Protocol):
    """As `bz2.BZ2Decompressor`: feed, take at most so much, look whether it wants more or has ended."""

    @property
    def eof(self) -> bool: ...

    @property
    def needs_input(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, max_length: int) -> bytes: ...


NewDecoder = Callable[[], Decoder]


def decode(decoder: Decoder, data: bytes, room_bytes: int) -> bytes:
    """One step. Raises Malformed or LimitReached."""
    try:
        return decoder.decompress(data, room_bytes)
    except (_InflateError, lzma.LZMAError, zstandard.ZstdError, OSError, EOFError, ValueError) as error:
        if "emory" in str(error):
            raise LimitReached(f"its decoder asks for too much memory: {error}") from error
        raise Malformed(f"compressed data broken: {error}") from error
    except MemoryError as error:
        raise LimitReached("its decoder asks for too much memory") from error


class _Inflate:
    """Deflate: raw, or with the gzip header and trailer checked."""

    def __init__(self, window_bits: int) -> None:
        self._inflater = zlib_ng.decompressobj(window_bits)
        self._more = False

    @property
    def eof(self) -> bool:
        return bool(self._inflater.eof)

    @property
    def needs_input(self) -> bool:
        return not self._more

    @property
    def unused_data(self) -> bytes:
        return bytes(self._inflater.unused_data)

    def decompress(self, data: bytes, max_length: int) -> bytes:
        tail = self._inflater.unconsumed_tail
        out: bytes = self._inflater.decompress(tail + data if tail else data, max_length)
        self._more = bool(self._inflater.unconsumed_tail) or len(out) >= max_length
        return out


class _ZipLzma:
    """LZMA as zip stores it: two bytes version, two bytes length, the properties, then the raw stream."""

    def __init__(self) -> None:
        self._head = b""
        self._decoder: lzma.LZMADecompressor | None = None

    @property
    def eof(self) -> bool:
        return self._decoder is not None and self._decoder.eof

    @property
    def needs_input(self) -> bool:
        return self._decoder is None or self._decoder.needs_input

    @property
    def unused_data(self) -> bytes:
        return self._decoder.unused_data if self._decoder else b""

    def decompress(self, data: bytes, max_length: int) -> bytes:
        if self._decoder is None:
            self._head += data
            if len(self._head) < 9:
                return b""
            if struct.unpack_from("<H", self._head, 2)[0] != 5:
                raise Malformed("LZMA properties are not five bytes long")
            self._decoder = _raw_lzma(self._head[4:9])
            data, self._head = self._head[9:], b""
        return self._decoder.decompress(data, max_length)


def _raw_lzma(properties: bytes) -> lzma.LZMADecompressor:
    code, dictionary_bytes = struct.unpack("<BI", properties)
    if code >= 225:
        raise Malformed("LZMA properties out of range")
    if dictionary_bytes > MEMORY_BYTES:
        raise LimitReached(f"its decoder asks for too much memory: a dictionary of {dictionary_bytes} bytes")
    rest, literal_context = divmod(code, 9)
    position, literal_position = divmod(rest, 5)
    options = {"dict_size": max(dictionary_bytes, 4096), "lc": literal_context, "lp": literal_position, "pb": position}
    return lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[{"id": lzma.FILTER_LZMA1, **options}])


class _Zstd:
    """One zstd frame, fed block by block: no call can give more than one block of 128 KiB."""

    def __init__(self) -> None:
        self._inflater = zstandard.ZstdDecompressor(max_window_size=WINDOW_BYTES).decompressobj()
        self._buffer = bytearray()
        self._ready = b""
        self._left = 0  # bytes of the present unit not yet fed
        self._skip = False
        self._last = False
        self._step: Callable[[], bool] = self._frame
        self._checksum_bytes = 0
        self._starved = True
        self._ended = False

    @property
    def eof(self) -> bool:
        return self._ended and not self._ready

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
        if not self._skip:
            self._ready = self._inflater.decompress(unit)

    def _frame(self) -> bool:
        if len(self._buffer) < 8:
            return False
        if self._buffer[:4] != _ZSTD_MAGIC:
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

    def _skippable(self) -> bool:
        if self._buffer[1:4] != b"\x2a\x4d\x18" or self._buffer[0] & 0xF0 != 0x50:
            raise Malformed("no zstd frame where one should begin")
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
        if size > _ZSTD_BLOCK_BYTES:
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


def new_deflate() -> Decoder:
    """Raw deflate."""
    return _Inflate(-15)


def new_gzip() -> Decoder:
    """One gzip member; header, CRC-32 and length checked."""
    return _Inflate(31)


def new_bzip2() -> Decoder:
    """One bzip2 stream."""
    return bz2.BZ2Decompressor()


def new_xz() -> Decoder:
    """One xz stream."""
    return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=MEMORY_BYTES)


def new_zip_lzma() -> Decoder:
    """LZMA as zip method 14."""
    return _ZipLzma()


def new_zstd() -> Decoder:
    """One zstd or skippable frame."""
    return _Zstd()
