"""One file compressed as a whole: gzip (RFC 1952), bzip2, xz, zstd. What lies inside may be a tar; opening.py looks."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from headwater.evidence.archive.content import MemberContent
from headwater.evidence.archive.decoders import NewDecoder, new_bzip2, new_gzip, new_xz, new_zstd
from headwater.evidence.archive.inflow import Inflow
from headwater.evidence.reader import ByteSource, Limits
from headwater.evidence.window import Window
from headwater.model.errors import Malformed
from headwater.model.item import Entry, Refusal, Times, Zone
from headwater.model.locator import Layer, Locator

_EXTRA, _NAME = 4, 8  # bits of the gzip header's FLG
_BZIP2_BLOCKS = (b"\x31\x41\x59\x26\x53\x59", b"\x17\x72\x45\x38\x50\x90")  # first block, or the end at once
_ZSTD = b"\x28\xb5\x2f\xfd"


@dataclass(frozen=True, slots=True, kw_only=True)
class Compression:
    """One format. `kind` is the Layer's; `short` stands in a reader's kind such as tar.gz."""

    kind: str
    short: str
    extensions: tuple[bytes, ...]
    new_decoder: NewDecoder

    def inflow(self, source: ByteSource, limits: Limits) -> Inflow:
        """Everything in `source`, unpacked."""
        return Inflow(source, 0, source.size_bytes, self.new_decoder, limits, joined=True)


_GZIP = Compression(kind="gzip", short="gz", extensions=(b".gz", b".gzip"), new_decoder=new_gzip)
_BZIP2 = Compression(kind="bzip2", short="bz2", extensions=(b".bz2", b".bz"), new_decoder=new_bzip2)
_XZ = Compression(kind="xz", short="xz", extensions=(b".xz",), new_decoder=new_xz)
_ZSTANDARD = Compression(kind="zstd", short="zst", extensions=(b".zst", b".zstd"), new_decoder=new_zstd)


def compression_of(head: bytes) -> Compression | None:
    """Which compression `head` begins with."""
    if head[:3] == b"\x1f\x8b\x08" and len(head) > 3 and not head[3] & 0xE0:
        return _GZIP
    if head[:3] == b"BZh" and b"1" <= head[3:4] <= b"9" and head[4:10] in _BZIP2_BLOCKS:
        return _BZIP2
    if head[:6] == b"\xfd7zXZ\0":
        return _XZ
    return _ZSTANDARD if _zstd_begins(head) else None


def _zstd_begins(head: bytes) -> bool:
    """Tell a zstd frame, or skippable frames before one (lz4 has the same ones)."""
    offset = 0
    while head[offset + 1 : offset + 4] == b"\x2a\x4d\x18" and head[offset] & 0xF0 == 0x50 and len(head) >= offset + 8:
        offset += 8 + struct.unpack_from("<I", head, offset + 4)[0]
    return head[offset : offset + 4] == _ZSTD


class CompressedReader:
    """Lists the one file inside: its stored name, or the outer name without the extension of the compression."""

    def __init__(
        self, source: ByteSource, compression: Compression, *, head: bytes, outer_name: bytes, limits: Limits
    ) -> None:
        self.kind = compression.kind
        self._source = source
        self._compression = compression
        self._limits = limits
        name, self._times = _gzip_header(head) if compression.kind == "gzip" else (b"", Times())
        self._name = name[: limits.name_bytes] or _shortened(outer_name, compression)

    def entries(self) -> Iterator[Entry | Refusal]:
        """One Entry, of unknown size."""
        yield Entry(locator=Locator(layers=(Layer(kind=self.kind, name=self._name),)), times=self._times)

    def open(self, entry: Entry) -> MemberContent:
        """Open it. Raises Malformed for another entry."""
        if entry.locator.layers[-1] != Layer(kind=self.kind, name=self._name):
            raise Malformed("no such file in this compressed file")
        return MemberContent(
            partial(self._compression.inflow, self._source, self._limits),
            packed=Window(self._source, 0, self._source.size_bytes),
        )


def _shortened(outer_name: bytes, compression: Compression) -> bytes:
    name = outer_name.rsplit(b"/", 1)[-1]
    for extension in compression.extensions:
        if name.lower().endswith(extension) and len(name) > len(extension):
            return name[: -len(extension)]
    return name


def _gzip_header(head: bytes) -> tuple[bytes, Times]:
    """Read stored name and time of the first gzip member, RFC 1952 section 2.3. The time is UTC."""
    flags, seconds = struct.unpack_from("<BI", head.ljust(10, b"\0"), 3)
    start = 10
    if flags & _EXTRA:
        start += 2 + int.from_bytes(head[10:12], "little")
    end = head.find(b"\0", start) if flags & _NAME else -1
    times = Times(zone=Zone.UTC, modified=datetime.fromtimestamp(seconds, UTC)) if seconds else Times()
    return (head[start:end] if end > start else b""), times
