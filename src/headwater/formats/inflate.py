"""zlib streams (RFC 1950), whole or damaged: what can be had of them, and what is wrong."""

import zlib
from dataclasses import dataclass

_BLOCK_BYTES = 4096
_HEADER_BYTES = 2
_CHECKSUM_BYTES = 4


@dataclass(frozen=True, slots=True)
class Inflated:
    """What came out. problem: what is wrong; empty where nothing is. cut: the end is missing."""

    data: bytes
    problem: str = ""
    cut: bool = False
    checksum_ok: bool = True


def inflate(data: bytes, limit_bytes: int) -> Inflated:
    """Inflate a zlib stream, at most `limit_bytes` of it. Never raises; a damaged one gives what came before."""
    stream = zlib.decompressobj()
    out: list[bytes] = []
    total = 0
    try:
        for start in range(0, len(data), _BLOCK_BYTES):
            out.append(stream.decompress(data[start : start + _BLOCK_BYTES], limit_bytes + 1 - total))
            total += len(out[-1])
            if total > limit_bytes or stream.eof:
                break
    except zlib.error:
        return _salvage(data, limit_bytes)
    if total > limit_bytes:
        return _limited(b"".join(out), limit_bytes)
    return Inflated(b"".join(out)) if stream.eof else _salvage(data, limit_bytes)


def _limited(data: bytes, limit_bytes: int) -> Inflated:
    return Inflated(data[:limit_bytes], f"more than {limit_bytes} bytes when inflated: the rest was not read", cut=True)


def _salvage(data: bytes, limit_bytes: int) -> Inflated:
    """Read the bare deflate stream inside, past a wrong header or checksum; the block that breaks byte by byte."""
    body = data[_HEADER_BYTES:]
    good = _whole_blocks(body, limit_bytes)
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    out = bytearray()
    fed = good * _BLOCK_BYTES
    for start in range(0, fed, _BLOCK_BYTES):
        out += stream.decompress(body[start : start + _BLOCK_BYTES], limit_bytes + 1 - len(out))
    broken = False
    while fed < len(body) and not stream.eof and len(out) <= limit_bytes:
        try:
            out += stream.decompress(body[fed : fed + 1], limit_bytes + 1 - len(out))
        except zlib.error:
            broken = True
            break
        fed += 1
    if len(out) > limit_bytes:
        return _limited(bytes(out), limit_bytes)
    if stream.eof:
        return _without_checksum(bytes(out), (stream.unused_data + body[fed:])[:_CHECKSUM_BYTES])
    return Inflated(bytes(out), f"the compressed data is {'damaged' if broken else 'cut off'}", cut=True)


def _whole_blocks(body: bytes, limit_bytes: int) -> int:
    """How many blocks pass before one that breaks, ends the stream, or reaches the limit."""
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    total = 0
    for number, start in enumerate(range(0, len(body), _BLOCK_BYTES)):
        try:
            total += len(stream.decompress(body[start : start + _BLOCK_BYTES], limit_bytes + 1 - total))
        except zlib.error:
            return number
        if total > limit_bytes or stream.eof:
            return number
    return (len(body) + _BLOCK_BYTES - 1) // _BLOCK_BYTES


def _without_checksum(data: bytes, stored: bytes) -> Inflated:
    if len(stored) < _CHECKSUM_BYTES:
        return Inflated(data, "the checksum of the compressed data is missing", checksum_ok=False)
    if int.from_bytes(stored, "big") != zlib.adler32(data):
        return Inflated(data, "the checksum of the compressed data does not match", checksum_ok=False)
    return Inflated(data, "the header of the compressed data is damaged")
