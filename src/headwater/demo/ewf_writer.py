"""A small writer of EWF-v1 images (.E01), for made-up exhibits and tests. The same input gives the same bytes.

Format: libewf, "Expert Witness Compression Format (EWF)"; laid out as EnCase 6 does. `ewfverify` reads the result.
"""

import hashlib
import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from string import ascii_uppercase
from typing import BinaryIO

from headwater.formats.ewf import DESCRIPTOR_BYTES, SIGNATURE

SECTOR_BYTES = 512
SECTORS_PER_CHUNK = 64
CHUNK_BYTES = SECTOR_BYTES * SECTORS_PER_CHUNK
TABLE_ENTRIES = 16_375
_LEVEL = 6
_ROOM_BEHIND_BYTES = 8 << 10  # table heads, data, hash, digest, next or done


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """What the header says of the acquisition. `acquired` is aware; `errors` are (first sector, count) pairs."""

    case_number: str = ""
    evidence_number: str = ""
    description: str = ""
    examiner: str = ""
    notes: str = ""
    tool: str = "headwater"
    operating_system: str = "Linux"
    acquired: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    set_guid: bytes = bytes(16)
    errors: tuple[tuple[int, int], ...] = ()


def write_ewf(
    source: BinaryIO,
    out_folder: Path,
    name: str,
    *,
    segment_bytes: int | None = None,
    metadata: Metadata | None = None,
    compress: bool = True,
    damage: Sequence[int] = (),
) -> tuple[Path, ...]:
    """Write what is left of `source` as ``name.E01`` and so on into `out_folder`; return the paths.

    segment_bytes: start a new segment before one grows larger (at least one chunk each); None: one segment.
    damage: numbers of chunks whose stored bytes are changed after their checksum was taken.
    """
    start = source.tell()
    media_bytes = source.seek(0, 2) - start
    source.seek(start)
    if media_bytes % SECTOR_BYTES:
        raise ValueError(f"{media_bytes} bytes are no whole number of sectors")
    image = _Image(metadata or Metadata(), media_bytes // SECTOR_BYTES, out_folder, name)
    digests = hashlib.md5(usedforsecurity=False), hashlib.sha1(usedforsecurity=False)
    spoiled = frozenset(damage)
    for number, data in enumerate(iter(lambda: source.read(CHUNK_BYTES), b"")):
        for digest in digests:
            digest.update(data)
        stored, packed = _stored(data, compress)
        image.add(_flipped(stored) if number in spoiled else stored, packed, segment_bytes)
    return image.close(digests[0].digest(), digests[1].digest())


def _stored(data: bytes, compress: bool) -> tuple[bytes, bool]:
    """Return the chunk as stored, and whether that is compressed: only where it saves room."""
    packed = zlib.compress(data, _LEVEL) if compress else b""
    if packed and len(packed) < len(data):
        return packed, True
    return data + _u32(zlib.adler32(data)), False


def _flipped(stored: bytes) -> bytes:
    at = len(stored) // 2
    return stored[:at] + bytes([stored[at] ^ 0xFF]) + stored[at + 1 :]


@dataclass(slots=True)
class _Image:
    """The set of segments as it grows."""

    metadata: Metadata
    sector_count: int
    folder: Path
    name: str
    paths: list[Path] = field(default_factory=list)
    segment: "_Segment | None" = None

    def add(self, stored: bytes, packed: bool, segment_bytes: int | None) -> None:
        segment = self.segment or self._begin()
        if segment_bytes is not None and segment.has_chunks and segment.size_with(len(stored)) > segment_bytes:
            segment.close("next")
            segment = self._begin()
        segment.add(stored, packed)

    def close(self, md5: bytes, sha1: bytes) -> tuple[Path, ...]:
        segment = self.segment or self._begin()
        segment.end_table()
        segment.section("data", _volume(self.metadata, self.sector_count))
        if self.metadata.errors:
            segment.section("error2", _errors(self.metadata.errors))
        segment.section("digest", _summed(md5 + sha1 + bytes(40)))
        segment.section("hash", _summed(md5 + bytes(16)))
        segment.close("done")
        return tuple(self.paths)

    def _begin(self) -> "_Segment":
        number = len(self.paths) + 1
        self.paths.append(self.folder / f"{self.name}.{suffix(number)}")
        self.segment = _Segment(self.paths[-1].open("wb"), number)
        if number == 1:
            for kind, data in _headers(self.metadata):
                self.segment.section(kind, data)
        self.segment.section("volume" if number == 1 else "data", _volume(self.metadata, self.sector_count))
        return self.segment


class _Segment:
    """One file. Chunks go into a `sectors` section that is closed by its tables when full or at the end."""

    def __init__(self, out: BinaryIO, number: int) -> None:
        self._out = out
        self._entries: list[int] = []
        self._sectors_at = 0
        self._tables = 0
        out.write(SIGNATURE + b"\x01" + number.to_bytes(2, "little") + bytes(2))

    @property
    def has_chunks(self) -> bool:
        return bool(self._entries or self._tables)

    def size_with(self, more_bytes: int) -> int:
        """How large the file will be once these bytes and all that must follow are written."""
        return self._out.tell() + more_bytes + 8 * (len(self._entries) + 1) + _ROOM_BEHIND_BYTES

    def add(self, stored: bytes, packed: bool) -> None:
        if len(self._entries) == TABLE_ENTRIES:
            self.end_table()
        if not self._entries:
            self._sectors_at = self._out.tell()
            self._out.write(bytes(DESCRIPTOR_BYTES))
        offset = self._out.tell() - self._sectors_at
        self._entries.append(offset | (1 << 31 if packed else 0))
        self._out.write(stored)

    def end_table(self) -> None:
        """Close the sectors section and write its two tables; offsets count from the section's descriptor."""
        if not self._entries:
            return
        end = self._out.tell()
        self._out.seek(self._sectors_at)
        self._out.write(_descriptor("sectors", end, end - self._sectors_at))
        self._out.seek(end)
        head = _summed(struct.pack("<I4xQ4x", len(self._entries), self._sectors_at))
        table = head + _summed(struct.pack(f"<{len(self._entries)}I", *self._entries))
        self.section("table", table)
        self.section("table2", table)
        self._entries.clear()
        self._tables += 1

    def section(self, kind: str, data: bytes) -> None:
        size = DESCRIPTOR_BYTES + len(data)
        self._out.write(_descriptor(kind, self._out.tell() + size, size) + data)

    def close(self, kind: str) -> None:
        """End the file with `next` or `done`, which point at themselves."""
        self.end_table()
        self._out.write(_descriptor(kind, self._out.tell(), 0))
        self._out.close()


def suffix(number: int) -> str:
    """Return the name ending of a segment: E01 to E99, then EAA, EAB and so on."""
    if number < 100:
        return f"E{number:02}"
    high, low = divmod(number - 100, 676)
    return ascii_uppercase[4 + high] + ascii_uppercase[low // 26] + ascii_uppercase[low % 26]


def _descriptor(kind: str, following: int, size: int) -> bytes:
    return _summed(struct.pack("<16sQQ40x", kind.encode(), following, size))


def _volume(metadata: Metadata, sector_count: int) -> bytes:
    chunks = -(-sector_count // SECTORS_PER_CHUNK)
    head = struct.pack("<B3xIIIQ", 1, chunks, SECTORS_PER_CHUNK, SECTOR_BYTES, sector_count)
    media = struct.pack("<12xB3x12xB3xI4x16s", 3, 1, SECTORS_PER_CHUNK, metadata.set_guid)
    return _summed((head + media).ljust(1048, b"\0"))


def _errors(ranges: Sequence[tuple[int, int]]) -> bytes:
    entries = b"".join(struct.pack("<II", first, count) for first, count in ranges)
    return _summed(_u32(len(ranges)) + bytes(512)) + _summed(entries)


def _headers(metadata: Metadata) -> Iterator[tuple[str, bytes]]:
    """Yield header2 twice (UTF-16) and header once (8-bit text), as EnCase 6 writes them."""
    when = metadata.acquired.astimezone(UTC)
    stamp = str(int(when.timestamp()))
    wide = _spelled(metadata, {"m": stamp, "u": stamp}, "3", "\n")
    wide += "\nsrce\n0\t1\np\tn\tid\tev\ttb\tlo\tpo\tah\tgu\taq\n0\t0\n\t\t\t\t\t-1\t-1\t\t\t\n"
    wide += "\nsub\n0\t1\np\tn\tid\tnu\tco\tgu\n0\t0\n\t\t\t\t1\t\n\n"
    packed = zlib.compress(b"\xff\xfe" + wide.encode("utf-16-le"), _LEVEL)
    spelled = f"{when.year} {when.month} {when.day} {when.hour} {when.minute} {when.second}"
    narrow = _spelled(metadata, {"m": spelled, "u": spelled}, "1", "\r\n") + "\r\n"
    yield from (("header2", packed), ("header2", packed))
    yield "header", zlib.compress(narrow.encode("ascii", "replace"), _LEVEL)


def _spelled(metadata: Metadata, dates: Mapping[str, str], version: str, end: str) -> str:
    values = {
        "a": metadata.description,
        "c": metadata.case_number,
        "n": metadata.evidence_number,
        "e": metadata.examiner,
        "t": metadata.notes,
        "av": metadata.tool[:11],
        "ov": metadata.operating_system[:23],
        **dates,
        "p": "0",
    }
    cells = (" ".join(value.split()) for value in values.values())
    return end.join((version, "main", "\t".join(values), "\t".join(cells), ""))


def _summed(data: bytes) -> bytes:
    return data + _u32(zlib.adler32(data))


def _u32(number: int) -> bytes:
    return number.to_bytes(4, "little")
