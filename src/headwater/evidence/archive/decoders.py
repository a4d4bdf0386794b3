"""One interface over the decompressors: bounded output per call, bounded memory, errors as EvidenceError.

Each Decoder reads one stream (gzip member, bzip2 stream, xz stream, zstd frame). Sources: RFC 1951 and 1952, the xz
file format 1.2, RFC 8878 (Zstandard), APPNOTE 6.3.10 section 5.8 (LZMA inside zip).
"""

import bz2
import lzma
import struct
from collections.abc import Callable
from functools import partial
from typing import Protocol

import zstandard

from headwater.evidence.archive.aside import Headed
from headwater.evidence.archive.gzip_member import GzipMember
from headwater.evidence.archive.inflate import Inflate, InflateError
from headwater.evidence.archive.rerun import Codec, Rerun
from headwater.evidence.archive.zstd_frame import ZstdFrame
from headwater.model.errors import LimitReached, Malformed

MEMORY_BYTES = 160 << 20  # what one xz or LZMA decoder may take: preset -9 takes 65 MiB


class Decoder(Codec, Headed, Protocol):
    """Feed, take at most so much, look whether it wants more or has ended.

    wrong: what of the stream's own checks does not hold, though all of it was given. It is said once it has ended.
    """

    @property
    def wrong(self) -> str: ...


NewDecoder = Callable[[], Decoder]


def decode(decoder: Decoder, data: bytes, room_bytes: int) -> bytes:
    """One step. Raises Malformed or LimitReached."""
    try:
        return decoder.decompress(data, room_bytes)
    except (InflateError, lzma.LZMAError, zstandard.ZstdError, OSError, EOFError, ValueError) as error:
        if "emory" in str(error):
            raise LimitReached(f"its decoder asks for too much memory: {error}") from error
        raise Malformed(f"compressed data broken: {error}") from error
    except MemoryError as error:
        raise LimitReached("its decoder asks for too much memory") from error


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


def new_deflate() -> Decoder:
    """Raw deflate."""
    return Inflate()


def new_gzip() -> Decoder:
    """One gzip member; its header skipped, its CRC-32 and length compared."""
    return GzipMember()


def new_bzip2() -> Decoder:
    """One bzip2 stream."""
    return Rerun(bz2.BZ2Decompressor, b"BZh")


def new_xz() -> Decoder:
    """One xz stream."""
    return Rerun(partial(lzma.LZMADecompressor, lzma.FORMAT_XZ, memlimit=MEMORY_BYTES), b"\xfd7zXZ\0")


def new_zip_lzma() -> Decoder:
    """LZMA as zip method 14."""
    return Rerun(_ZipLzma, b"")


def new_zstd() -> Decoder:
    """One zstd or skippable frame."""
    return ZstdFrame()
