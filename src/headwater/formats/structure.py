"""What every picture format's reader gives: its parts, the pieces of metadata they carry, and what is broken where.

All offsets and lengths are in bytes of the file that was read. A reader here never raises: bytes that break the
format's rules become a `Damage`, and reading goes on where the format lets it. A part that may carry metadata and is
not read is named in `Structure.unread`: only where there is none, and nothing was `lost`, has a file no metadata.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import msgspec

PARTS_MAX = 65_536  # of one file; a limit reached is a Damage that says so
PIECE_BYTES_MAX = 32 << 20  # of metadata held at once
INFLATED_BYTES_MAX = 16 << 20  # of one compressed text
SEARCH_BYTES = 1 << 20  # read at a time where a marker is looked for
SCAN_BYTES = 256 << 10  # read at a time where all of a part is gone through: what the processor's cache holds
SEARCHED_BYTES_MAX = 256 << 20  # of one file, over all its losses
UNREAD_MAX = 1000


class Source(Protocol):
    """Random access to a file's bytes; a View and a ByteSource both fit."""

    @property
    def size_bytes(self) -> int: ...

    def read_at(self, offset_bytes: int, length_bytes: int, /) -> bytes: ...


class Bytes:
    """A Source over bytes already in memory."""

    __slots__ = ("data", "size_bytes")

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.size_bytes = len(data)

    def read_at(self, offset_bytes: int, length_bytes: int) -> bytes:
        return self.data[offset_bytes : offset_bytes + length_bytes]


class Range(msgspec.Struct, frozen=True):
    """A run of bytes in the file. A Struct, for there are dozens in every file: made four times as fast."""

    offset_bytes: int
    length_bytes: int


class Part(msgspec.Struct, frozen=True):
    """One segment, chunk, box or block: its kind, the whole of it, and where its own data lies."""

    kind: str
    offset_bytes: int
    length_bytes: int
    data_offset_bytes: int
    data_length_bytes: int
    crc_ok: bool | None = None
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of metadata taken out of one or more parts.

    kind: exif, xmp, iptc, photoshop, icc, comment, mpf, c2pa or embedded. `data` is empty for the last two, which are
    named and not read.
    ranges: where `data` lies in the file, in order; empty where it was compressed or spelled in hexadecimal, then
    `sources` alone tells which bytes it came from.
    form: what an embedded picture is, where its first bytes do not tell: rows of pixels have no signature.
    cut: not all of it is here. parsed: what it says, where the format's reader had to read it already.
    """

    kind: str
    data: bytes
    ranges: tuple[Range, ...]
    sources: tuple[Range, ...]
    carrier: str = ""
    form: str = ""
    cut: bool = False
    parsed: object = None

    def spans(self, offset_bytes: int, length_bytes: int) -> tuple[Range, ...]:
        """Where `length_bytes` of `data` from `offset_bytes` lie in the file; `sources` where they do not."""
        if not self.ranges:
            return self.sources
        if len(self.ranges) == 1:
            return (Range(self.ranges[0].offset_bytes + offset_bytes, length_bytes),)
        found = []
        start = 0
        for part in self.ranges:
            low = max(offset_bytes, start)
            high = min(offset_bytes + length_bytes, start + part.length_bytes)
            if low < high:
                found.append(Range(part.offset_bytes + low - start, high - low))
            start += part.length_bytes
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Text:
    """A text stored with a keyword: PNG tEXt, zTXt and iTXt.

    charset: latin-1 and utf-8 as the standard has it; ``utf-8 (not declared)`` where a tEXt or zTXt holds valid UTF-8
    all the same. cut: the end is missing. checksum_ok: false where its compressed form is whole and its checksum wrong.
    unreadable: why nothing of the text could be had; empty where it could.
    """

    keyword: str
    text: str
    source: Range
    carrier: str
    charset: str
    language: str = ""
    translated_keyword: str = ""
    cut: bool = False
    checksum_ok: bool = True
    unreadable: str = ""


Said = str | int | float | bool | list[int] | list[str]


@dataclass(frozen=True, slots=True)
class Field:
    """A statement of the container itself: a time, a tag of a video, a line of APP12.

    claim: the claim it makes. unreadable: why its value could not be had; empty where it could.
    """

    claim: str
    value: Mapping[str, Said]
    ranges: tuple[Range, ...]
    role: str
    unreadable: str = ""


@dataclass(frozen=True, slots=True)
class Damage:
    """What is broken, and where. lost: metadata may have been there that was not read."""

    what: str
    offset_bytes: int
    length_bytes: int = 0
    lost: bool = True


@dataclass(frozen=True, slots=True)
class Structure:
    """One file, read. `end_bytes` is where the format says the picture ends; None where no end was found."""

    format: str
    parts: tuple[Part, ...] = ()
    pieces: tuple[Piece, ...] = ()
    texts: tuple[Text, ...] = ()
    damage: tuple[Damage, ...] = ()
    end_bytes: int | None = None
    fields: tuple[Field, ...] = ()
    unread: tuple[Part, ...] = ()


class Notes:
    """Collects a Structure while a file is read."""

    __slots__ = ("damage", "fields", "format", "held_bytes", "parts", "pieces", "searched_bytes", "texts", "unread")

    def __init__(self, format_name: str) -> None:
        self.format = format_name
        self.parts: list[Part] = []
        self.pieces: list[Piece] = []
        self.texts: list[Text] = []
        self.damage: list[Damage] = []
        self.fields: list[Field] = []
        self.unread: list[Part] = []
        self.held_bytes = 0
        self.searched_bytes = 0

    def broken(self, what: str, offset_bytes: int, length_bytes: int = 0, *, lost: bool = True) -> None:
        """Record damage; beyond `PARTS_MAX` it is dropped, the parts limit having been recorded by then."""
        if len(self.damage) < PARTS_MAX:
            self.damage.append(Damage(what, offset_bytes, length_bytes, lost))

    def passed(self, kind: str, offset_bytes: int, length_bytes: int) -> None:
        """Name a part that may carry metadata and is not read."""
        if len(self.unread) < UNREAD_MAX:
            self.unread.append(Part(kind, offset_bytes, length_bytes, offset_bytes, length_bytes))

    def full(self, offset_bytes: int) -> bool:
        """Whether the limit of parts is reached; says so once."""
        if len(self.parts) < PARTS_MAX:
            return False
        self.broken(f"more than {PARTS_MAX} parts: the rest was not read", offset_bytes)
        return True

    def room(self, length_bytes: int, offset_bytes: int) -> bool:
        """Whether `length_bytes` more of metadata may be held; says so where not."""
        if self.held_bytes + length_bytes > PIECE_BYTES_MAX:
            self.broken(
                f"more than {PIECE_BYTES_MAX} bytes of metadata: this part was not read", offset_bytes, length_bytes
            )
            return False
        self.held_bytes += length_bytes
        return True

    def piece(self, kind: str, source: Source, offset_bytes: int, length_bytes: int, carrier: str) -> None:
        """Take metadata that lies in the file as such."""
        if not self.room(length_bytes, offset_bytes):
            return
        where = (Range(offset_bytes, length_bytes),)
        self.pieces.append(Piece(kind, source.read_at(offset_bytes, length_bytes), where, where, carrier))

    def named(
        self, kind: str, offset_bytes: int, length_bytes: int, carrier: str, form: str = "", parsed: object = None
    ) -> None:
        """Name a range without reading it: an embedded picture, a C2PA store."""
        where = (Range(offset_bytes, length_bytes),)
        self.pieces.append(Piece(kind, b"", where, where, carrier, form, parsed=parsed))

    def done(self, end_bytes: int | None) -> Structure:
        return Structure(
            self.format,
            tuple(self.parts),
            tuple(self.pieces),
            tuple(self.texts),
            tuple(self.damage),
            end_bytes,
            tuple(self.fields),
            tuple(self.unread),
        )
