"""One chunk of an E01: stored bytes to media bytes, with its checksum compared each time."""

from collections.abc import Iterator
from dataclasses import dataclass

from zlib_ng import zlib_ng

from headwater.evidence.reader import ByteSource

_CHECKSUM_BYTES = 4
_WINDOW_BYTES = 4 << 20


@dataclass(frozen=True, slots=True)
class Found:
    """A chunk found by walking the stored data, without a table."""

    offset_bytes: int
    length_bytes: int
    compressed: bool
    media_bytes: int


def max_stored_bytes(chunk_bytes: int) -> int:
    """Return the most bytes a chunk can be stored in: deflate's worst growth at its quickest level."""
    return chunk_bytes + chunk_bytes // 8 + 64


def decode(stored: memoryview, *, compressed: bool, wanted_bytes: int, chunk_bytes: int) -> bytes | None:
    """Return the chunk's `wanted_bytes`, or None where its checksum or its length does not hold.

    A compressed chunk is a zlib stream, whose own Adler-32 the inflate compares; any other ends with one. The last
    chunk of the media may be stored short or filled up.
    """
    if compressed:
        data = inflate(stored, chunk_bytes)[0]
        return data[:wanted_bytes] if len(data) >= wanted_bytes else None
    if _sum_holds(stored, wanted_bytes):
        return bytes(stored[:wanted_bytes])
    if wanted_bytes < chunk_bytes and _sum_holds(stored, chunk_bytes):
        return bytes(stored[:wanted_bytes])
    return None


def inflate(stored: memoryview, chunk_bytes: int) -> tuple[bytes, int]:
    """Inflate one zlib stream of at most `chunk_bytes`; with the bytes it took. Nothing where it does not hold."""
    inflater = zlib_ng.decompressobj()
    try:
        data: bytes = inflater.decompress(stored, chunk_bytes + 1)
    except zlib_ng.error:  # type: ignore[misc]  # the stub calls the class an instance
        return b"", 0
    if not inflater.eof or len(data) > chunk_bytes:
        return b"", 0
    return data, len(stored) - len(inflater.unused_data)


def _sum_holds(stored: memoryview, length_bytes: int) -> bool:
    end = length_bytes + _CHECKSUM_BYTES
    if len(stored) < end:
        return False
    return bool(zlib_ng.adler32(stored[:length_bytes]) == int.from_bytes(stored[length_bytes:end], "little"))


def walk_chunks(source: ByteSource, start_bytes: int, end_bytes: int, chunk_bytes: int) -> Iterator[Found]:
    """Chunk after chunk from `start_bytes`, each proven by its checksum; stops at the first that is not."""
    most = max_stored_bytes(chunk_bytes)
    window, window_at = memoryview(b""), start_bytes
    at = start_bytes
    while at < end_bytes:
        if at - window_at + most > len(window) and window_at + len(window) < end_bytes:
            length = min(max(_WINDOW_BYTES, most), end_bytes - at)
            window, window_at = memoryview(source.read_at(at, length)), at
        found = _recognised(window[at - window_at : at - window_at + most], at, end_bytes, chunk_bytes)
        if found is None:
            return
        yield found
        at += found.length_bytes


def _recognised(stored: memoryview, at: int, end_bytes: int, chunk_bytes: int) -> Found | None:
    """Return the chunk that begins here: a zlib stream, or bytes with their checksum behind them."""
    data, taken = inflate(stored, chunk_bytes)
    if data:
        return Found(at, taken, compressed=True, media_bytes=len(data))
    length = min(chunk_bytes, end_bytes - at - _CHECKSUM_BYTES)
    if length > 0 and _sum_holds(stored, length):
        return Found(at, length + _CHECKSUM_BYTES, compressed=False, media_bytes=length)
    return None
