"""One file compressed as a whole: gzip (RFC 1952), bzip2, xz, zstd. What lies inside may be a tar; opening.py looks."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from headwater.evidence.archive.content import MemberContent
from headwater.evidence.archive.decoders import NewDecoder, new_bzip2, new_gzip, new_xz, new_zstd
from headwater.evidence.archive.gzip_member import LONGEST_EXTRA_BYTES, is_gzip, stored_facts
from headwater.evidence.archive.inflow import Inflow
from headwater.evidence.archive.zstd_frame import is_zstd
from headwater.evidence.reader import ByteSource, Limits
from headwater.evidence.window import Window
from headwater.model.errors import Malformed
from headwater.model.item import Entry, Refusal, Times
from headwater.model.locator import Layer, Locator

_BZIP2_BLOCKS = (b"\x31\x41\x59\x26\x53\x59", b"\x17\x72\x45\x38\x50\x90")  # first block, or the end at once


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


def compression_of(source: ByteSource, head: bytes) -> Compression | None:
    """Which compression `source` begins with; `head` holds its first bytes."""
    if is_gzip(head):
        return _GZIP
    if head[:3] == b"BZh" and b"1" <= head[3:4] <= b"9" and head[4:10] in _BZIP2_BLOCKS:
        return _BZIP2
    if head[:6] == b"\xfd7zXZ\0":
        return _XZ
    return _ZSTANDARD if is_zstd(source, head) else None


class CompressedReader:
    """Lists the one file inside: its stored name, or the outer name without the extension of the compression."""

    def __init__(self, source: ByteSource, compression: Compression, *, outer_name: bytes, limits: Limits) -> None:
        self.kind = compression.kind
        self._source = source
        self._compression = compression
        self._limits = limits
        name, self._times = _gzip_facts(source, limits) if compression.kind == "gzip" else (b"", Times())
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


def _gzip_facts(source: ByteSource, limits: Limits) -> tuple[bytes, Times]:
    """Stored name and time, however much the header holds before the name."""
    return stored_facts(source.read_at(0, LONGEST_EXTRA_BYTES + limits.name_bytes + 1))
