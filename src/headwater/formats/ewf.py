"""EWF-v1 (.E01): bytes to records. Every checksum is compared; a record whose sum does not hold says so.

Source: libewf, "Expert Witness Compression Format (EWF)", sections "Segment file" and "The sections". Numbers are
little-endian, checksums Adler-32. Parsers raise Truncated for too few bytes and Malformed for impossible values.
"""

import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from headwater.model.errors import Malformed, Truncated, UnknownFormat
from headwater.model.source_report import SectorRange

SIGNATURE = b"EVF\x09\x0d\x0a\xff\x00"
FILE_HEADER_BYTES = 13
DESCRIPTOR_BYTES = 76
TABLE_HEADER_BYTES = 24
VOLUME_BYTES = 1052
SMART_VOLUME_BYTES = 94
MAX_CHUNK_BYTES = 64 << 20  # EnCase allows 32,768 sectors of 512 bytes
MAX_ERRORS = 1 << 20
MAX_HEADER_TEXT_BYTES = 4 << 20

SECTION_TYPES = frozenset({
    "header", "header2", "volume", "disk", "data", "sectors", "table", "table2", "hash", "digest", "error2", "session",
    "next", "done", "ltypes", "ltree", "map", "incomplete", "xheader", "xhash",
})  # fmt: skip

_REFUSED = (
    (b"EVF2\x0d\x0a\x81\x00", "EWF version 2 (Ex01)"),
    (b"LEF2\x0d\x0a\x81\x00", "EWF version 2 logical evidence (Lx01)"),
    (b"LVF\x09\x0d\x0a\xff\x00", "EWF logical evidence (L01)"),
    (b"AFF10\x0d\x0a\x00", "Advanced Forensic Format (AFF)"),
)
_CONVERT = "Convert it to a raw image or E01."
_WHOLE_DESCRIPTOR = struct.Struct("<16sQQ40xI")
_VOLUME = struct.Struct("<B3xIIIQ3IB3xI4xIB3xI4x16s")
_TABLE_HEADER = struct.Struct("<I4xQ4xI")
_FIELD_NAMES: Mapping[str, str] = {
    "c": "case_number", "n": "evidence_number", "a": "description", "e": "examiner", "t": "notes", "md": "model",
    "sn": "serial_number", "l": "device_label", "av": "tool", "ov": "operating_system", "m": "acquired", "u": "system",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class FileHeader:
    """The first 13 bytes of a segment file. They carry no checksum; `as_expected` compares the constants."""

    segment_number: int
    as_expected: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A section descriptor (76 bytes). `data_bytes` is what follows it; 0 where only the descriptor is there."""

    type: str
    offset_bytes: int
    next_bytes: int
    size_bytes: int
    checksum_holds: bool

    @property
    def is_last(self) -> bool:
        """`next` and `done` point at themselves."""
        return self.type in {"next", "done"}

    @property
    def data_offset_bytes(self) -> int:
        return self.offset_bytes + DESCRIPTOR_BYTES

    @property
    def end_bytes(self) -> int:
        """Where the section ends; some writers leave the size out, so the next section's place stands in."""
        return self.offset_bytes + self.size_bytes if self.size_bytes else max(self.next_bytes, self.data_offset_bytes)

    @property
    def data_bytes(self) -> int:
        return max(self.end_bytes - self.data_offset_bytes, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """A volume, disk or data section: the geometry of the media and how it was acquired."""

    media_type: int
    chunk_count: int
    sectors_per_chunk: int
    sector_bytes: int
    sector_count: int
    media_flags: int
    compression_level: int
    error_granularity_sectors: int
    set_guid: bytes
    checksum_holds: bool

    @property
    def chunk_bytes(self) -> int:
        return self.sectors_per_chunk * self.sector_bytes

    @property
    def media_bytes(self) -> int:
        return self.sector_count * self.sector_bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class TableHeader:
    """The head of a table or table2 section."""

    entry_count: int
    base_offset_bytes: int
    checksum_holds: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """The digests the image says its media has; empty where it does not say."""

    md5: str = ""
    sha1: str = ""
    checksum_holds: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Errors:
    """An error2 section (sectors the acquiring tool could not read) or a session section (starts of tracks)."""

    ranges: tuple[SectorRange, ...]
    checksum_holds: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Acquisition:
    """What the header says of the acquisition, as written there. `other` keeps the fields without a name here."""

    case_number: str = ""
    evidence_number: str = ""
    description: str = ""
    examiner: str = ""
    notes: str = ""
    model: str = ""
    serial_number: str = ""
    device_label: str = ""
    tool: str = ""
    operating_system: str = ""
    acquired: str = ""
    system: str = ""
    other: tuple[tuple[str, str], ...] = field(default=())


def refuse_relatives(first: bytes) -> None:
    """Raise UnknownFormat where the first bytes are those of a sibling format that is not read."""
    for signature, name in _REFUSED:
        if first.startswith(signature):
            raise UnknownFormat(f"{name}: Headwater does not read it", next_step=_CONVERT)


def parse_file_header(data: bytes) -> FileHeader:
    """Read the 13 bytes a segment file begins with."""
    _need(data, FILE_HEADER_BYTES, "file header")
    number = int.from_bytes(data[9:11], "little")
    as_expected = data[:8] == SIGNATURE and data[8] == 1 and data[11:13] == b"\0\0"
    return FileHeader(segment_number=number, as_expected=as_expected)


def parse_section(data: bytes, offset_bytes: int) -> Section:
    """Read the descriptor that lies at `offset_bytes` of its segment file."""
    _need(data, DESCRIPTOR_BYTES, "section descriptor")
    name, following, size, checksum = _WHOLE_DESCRIPTOR.unpack_from(data)
    return Section(
        type=name.partition(b"\0")[0].decode("ascii", "replace"),
        offset_bytes=offset_bytes,
        next_bytes=following,
        size_bytes=size,
        checksum_holds=zlib.adler32(data[:72]) == checksum,
    )


def parse_volume(data: bytes) -> Volume:
    """Read a volume, disk or data section. Refuses the 94-byte form of SMART (EWF-S01) by name."""
    if len(data) == SMART_VOLUME_BYTES:
        raise UnknownFormat("SMART (EWF-S01): Headwater does not read it", next_step=_CONVERT)
    _need(data, VOLUME_BYTES, "volume section")
    media, chunks, per_chunk, sector, sectors, *_, flags, _, _, level, granularity, guid = _VOLUME.unpack_from(data)
    return Volume(
        media_type=media,
        chunk_count=chunks,
        sectors_per_chunk=per_chunk,
        sector_bytes=sector,
        sector_count=sectors,
        media_flags=flags,
        compression_level=level,
        error_granularity_sectors=granularity,
        set_guid=guid,
        checksum_holds=_sum_holds(data[:VOLUME_BYTES]),
    )


def refuse_impossible(volume: Volume) -> None:
    """Raise Malformed where the geometry cannot be that of an image."""
    if volume.sector_bytes not in {512, 1024, 2048, 4096} or not 0 < volume.chunk_bytes <= MAX_CHUNK_BYTES:
        size = f"{volume.sectors_per_chunk} sectors of {volume.sector_bytes} bytes"
        raise Malformed(f"the volume section gives an impossible chunk size: {size}")
    if volume.sector_count > volume.chunk_count * volume.sectors_per_chunk:
        counts = f"{volume.sector_count} sectors, but {volume.chunk_count} chunks of {volume.sectors_per_chunk}"
        raise Malformed(f"the volume section contradicts itself: {counts}")


def parse_table_header(data: bytes) -> TableHeader:
    """Read the 24 bytes a table begins with."""
    _need(data, TABLE_HEADER_BYTES, "table header")
    count, base, checksum = _TABLE_HEADER.unpack_from(data)
    return TableHeader(entry_count=count, base_offset_bytes=base, checksum_holds=zlib.adler32(data[:20]) == checksum)


def parse_table_entries(data: bytes, count: int) -> tuple[NDArray[np.uint32], bool]:
    """Return the `count` entries of a table, and whether the checksum behind them holds."""
    _need(data, count * 4 + 4, "table")
    stored = int.from_bytes(data[count * 4 : count * 4 + 4], "little")
    entries = np.frombuffer(data, "<u4", count)
    return entries, zlib.adler32(data[: count * 4]) == stored


def resolve_entries(entries: NDArray[np.uint32], base_offset_bytes: int) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """File offsets of chunks, and which are compressed (the entry's highest bit).

    EnCase 6.7 let a table run past 2 GiB: from the entry where the 31-bit offset would step back while the whole
    32 bits step forward, the whole is the offset and the chunks are stored uncompressed.
    """
    offsets = (entries & 0x7FFFFFFF).astype(np.int64)
    compressed = (entries >> 31).astype(np.bool_)
    for step_back in np.flatnonzero(np.diff(offsets) < 0):
        at = int(step_back) + 1
        if offsets[at - 1] > 0x7FFFFFFF - MAX_CHUNK_BYTES and int(entries[at]) >= 1 << 31:
            offsets[at:] = entries[at:]
            compressed[at:] = False
            break
    return offsets + base_offset_bytes, compressed


def parse_hash(data: bytes) -> Stored:
    """Read a hash section: MD5."""
    _need(data, 36, "hash section")
    return Stored(md5=_digest(data[:16]), checksum_holds=_sum_holds(data[:36]))


def parse_digest(data: bytes) -> Stored:
    """Read a digest section: MD5 and SHA-1."""
    _need(data, 80, "digest section")
    return Stored(md5=_digest(data[:16]), sha1=_digest(data[16:36]), checksum_holds=_sum_holds(data[:80]))


def parse_error2(data: bytes) -> Errors:
    """Read an error2 section: the sector ranges the acquiring tool could not read."""
    _need(data, 524, "error2 section")
    count = min(int.from_bytes(data[:4], "little"), (len(data) - 524) // 8, MAX_ERRORS)
    entries = data[520 : 520 + count * 8]
    ranges = tuple(_sectors(first, length) for first, length in struct.iter_unpack("<II", entries))
    whole = count == int.from_bytes(data[:4], "little")
    footer = int.from_bytes(data[520 + count * 8 : 524 + count * 8], "little")
    return Errors(ranges=ranges, checksum_holds=whole and _sum_holds(data[:520]) and zlib.adler32(entries) == footer)


def parse_session(data: bytes) -> Errors:
    """Read a session section of an optical disc: where each track begins (`sector_count` is 0)."""
    _need(data, 40, "session section")
    count = min(int.from_bytes(data[:4], "little"), (len(data) - 40) // 32)
    entries = data[36 : 36 + count * 32]
    starts = tuple(_sectors(first, 0) for _, first in struct.iter_unpack("<II24x", entries))
    whole = count == int.from_bytes(data[:4], "little")
    footer = int.from_bytes(data[36 + count * 32 : 40 + count * 32], "little")
    return Errors(ranges=starts, checksum_holds=whole and _sum_holds(data[:36]) and zlib.adler32(entries) == footer)


def parse_header(data: bytes) -> Acquisition:
    """Read a header (8-bit text) or header2 (UTF-16) section: zlib text of tab-separated names and values.

    Raises Malformed where the stream or its own checksum does not hold.
    """
    inflater = zlib.decompressobj()
    try:
        text = inflater.decompress(data, MAX_HEADER_TEXT_BYTES)
    except zlib.error as error:
        raise Malformed(f"a header section does not inflate: {error}") from error
    if not inflater.eof:
        raise Malformed("a header section ends early or is too long")
    return _acquisition(_header_text(text))


def _header_text(text: bytes) -> str:
    wide = text.startswith((b"\xff\xfe", b"\xfe\xff"))
    return text.decode("utf-16", "replace") if wide else text.decode("utf-8", "replace")


def _acquisition(text: str) -> Acquisition:
    """Read the main category: the line after `main` names the fields, the one after that gives them."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if "main" not in lines or len(lines) < lines.index("main") + 3:
        raise Malformed("a header section holds no main category")
    at = lines.index("main")
    pairs = tuple(zip(lines[at + 1].split("\t"), lines[at + 2].split("\t"), strict=False))
    known = {_FIELD_NAMES[key]: value for key, value in pairs if key in _FIELD_NAMES}
    other = tuple((key, value) for key, value in pairs if key not in _FIELD_NAMES and value)
    return Acquisition(other=other, **known)


def _sectors(first: int, count: int) -> SectorRange:
    return SectorRange(first_sector=first, sector_count=count)


def _digest(data: bytes) -> str:
    """Hexadecimal; a digest of zeros was never computed."""
    return data.hex() if any(data) else ""


def _sum_holds(data: bytes) -> bool:
    """Whether the last four bytes are the Adler-32 of those before."""
    return zlib.adler32(data[:-4]) == int.from_bytes(data[-4:], "little")


def _need(data: bytes, length_bytes: int, what: str) -> None:
    if len(data) < length_bytes:
        raise Truncated(f"the {what} ends after {len(data)} of {length_bytes} bytes")
