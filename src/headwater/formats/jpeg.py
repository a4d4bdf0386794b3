"""JPEG (ITU-T T.81) and what its application segments carry: Exif, XMP, extended XMP, Photoshop, ICC, MPF, JUMBF.

A segment whose length is wrong is noted and the next marker that makes sense is looked for; a file without an end
marker is read as far as it goes.
"""

import re
import struct
from dataclasses import dataclass

import numpy as np

from headwater.formats.structure import PIECE_BYTES_MAX, SEARCH_BYTES, Notes, Part, Piece, Range, Source, Structure

_NAMES = (
    {0xC0 + n: f"SOF{n}" for n in range(16)}
    | {0xC4: "DHT", 0xC8: "JPG", 0xCC: "DAC", 0xD8: "SOI", 0xD9: "EOI", 0xDA: "SOS", 0xDB: "DQT", 0xDC: "DNL"}
    | {0xDD: "DRI", 0xDE: "DHP", 0xDF: "EXP", 0xFE: "COM", 0x01: "TEM"}
    | {0xD0 + n: f"RST{n}" for n in range(8)}
    | {0xE0 + n: f"APP{n}" for n in range(16)}
    | {0xF0 + n: f"JPG{n}" for n in range(14)}
)
_ALONE = frozenset({0x01, *range(0xD0, 0xD9)})
_MARKER = re.compile(rb"\xff[\xc0-\xc7\xc9-\xcf\xd9-\xdf\xe0-\xef\xfe]")
# What may follow entropy-coded data: tables, the next scan, the end, application data (T.81 figure B.2).
_AFTER_SCAN = np.zeros(256, dtype=bool)
_AFTER_SCAN[[0xC4, 0xCC, 0xD9, 0xDA, 0xDB, 0xDC, 0xDD, 0xFE, *range(0xE0, 0xF0)]] = True
_LOSSES_MAX = 64
_XMP = b"http://ns.adobe.com/xap/1.0/\0"
_XMP_EXTENSION = b"http://ns.adobe.com/xmp/extension/\0"
_PHOTOSHOP = b"Photoshop 3.0\0"
_ICC = b"ICC_PROFILE\0"


@dataclass(frozen=True, slots=True)
class QuantisationTable:
    """One table of a DQT segment: 64 values in zigzag order, 8 or 16 bits each."""

    identifier: int
    precision_bits: int
    values: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class MultiPicture:
    """One entry of a Multi-Picture index (CIPA DC-007, 5.2.3.3).

    `offset_bytes` counts from the MPF's byte order mark; 0 is the first picture.
    """

    attributes: int
    length_bytes: int
    offset_bytes: int


class _Gathered:
    """Segments that belong together, by what they carry; and how often the segments were lost."""

    __slots__ = ("exif", "extended", "icc", "jumbf", "losses", "mpf", "photoshop")

    def __init__(self) -> None:
        self.exif: list[Range] = []
        self.icc: list[tuple[int, Range]] = []
        self.photoshop: list[Range] = []
        self.extended: dict[bytes, list[tuple[int, int, Range]]] = {}
        self.jumbf: dict[bytes, list[Range]] = {}
        self.mpf: list[Range] = []
        self.losses = 0


def read_jpeg(source: Source, start_bytes: int = 0) -> Structure:
    """Read the segments of a JPEG up to its end marker. `end_bytes` is the byte after EOI."""
    notes = Notes("jpeg")
    gathered = _Gathered()
    end = _walk(source, notes, gathered, start_bytes)
    if end is None:
        notes.broken("no end marker: the file was cut off or is damaged", source.size_bytes)
    _join(source, notes, gathered)
    return notes.done(end)


def _walk(source: Source, notes: Notes, gathered: _Gathered, start: int) -> int | None:
    position, size = start, source.size_bytes
    while position < size and not notes.full(position):
        head = source.read_at(position, 4)
        if len(head) < 2 or head[0] != 0xFF or head[1] in (0x00, 0xFF):
            if len(head) >= 2 and head[:2] == b"\xff\xff":
                position += 1
                continue
            position = _lost(source, notes, gathered, position)
            continue
        code = head[1]
        if code in _ALONE:
            notes.parts.append(Part(_NAMES[code], position, 2, position + 2, 0))
            position += 2
            continue
        if code == 0xD9:
            notes.parts.append(Part("EOI", position, 2, position + 2, 0))
            return position + 2
        length = int.from_bytes(head[2:], "big")
        if length < 2 or len(head) < 4:
            notes.broken(f"{_NAMES.get(code, f'marker {code:02X}')}: impossible segment length", position, len(head))
            position = _lost(source, notes, gathered, position + 2)
            continue
        position = _segment(source, notes, gathered, position, code, length)
    return None


def _lost(source: Source, notes: Notes, gathered: _Gathered, position: int) -> int:
    """Look for the next marker that makes sense.

    First onwards, then back inside the last segment, whose length may be too large.
    """
    gathered.losses += 1
    if gathered.losses > _LOSSES_MAX:
        notes.broken(f"lost the segments {_LOSSES_MAX} times: the rest was not read", position)
        return source.size_bytes
    last = notes.parts[-1] if notes.parts else None
    tries = [position]
    if last is not None and last.data_length_bytes and last.kind != "SOS":
        tries.append(last.data_offset_bytes)
    for begin in tries:
        found = _find_marker(source, begin)
        if found is not None:
            length = max(0, found - position)
            notes.broken("no marker where the last segment ends: read on at the next one", position, length)
            return found
    notes.broken("no further marker", position, source.size_bytes - position)
    return source.size_bytes


def _find_marker(source: Source, begin: int) -> int | None:
    window = source.read_at(begin, SEARCH_BYTES)
    for match in _MARKER.finditer(window):
        at = match.start()
        code = window[at + 1]
        if code == 0xD9:
            return begin + at
        follows = at + 2 + int.from_bytes(window[at + 2 : at + 4], "big")
        if follows >= at + 4 and (window[follows : follows + 1] == b"\xff" or (code == 0xDA and follows < len(window))):
            return begin + at
    return None


def _segment(source: Source, notes: Notes, gathered: _Gathered, position: int, code: int, length: int) -> int:
    end = min(position + 2 + length, source.size_bytes)
    start = position + 4
    kind = _NAMES.get(code, f"marker {code:02X}")
    if end < position + 2 + length:
        notes.broken(f"{kind}: the segment runs past the end of the file", position, end - position)
    if 0xE0 <= code <= 0xEF:
        head = source.read_at(start, min(48, end - start))
        kind = _named(kind, head)
        _application(source, notes, gathered, code, head, Range(start, max(0, end - start)))
    elif code == 0xFE:
        notes.piece("comment", source, start, max(0, end - start), "COM")
    notes.parts.append(Part(kind, position, end - position, start, max(0, end - start)))
    if code == 0xDA:
        return _after_scan(source, end)
    if end < position + 2 + length and gathered.losses < _LOSSES_MAX:
        gathered.losses += 1
        return _find_marker(source, start) or end
    return end


def _named(kind: str, head: bytes) -> str:
    """APP1 -> "APP1 Exif": the identifier a segment begins with, where it is one."""
    identifier = head.split(b"\0", 1)[0][:32].rstrip(b" ")
    if kind == "APP11":
        identifier = head[:2]
    return (
        f"{kind} {identifier.decode('ascii')}" if identifier.isascii() and identifier.decode().isprintable() else kind
    )


def _after_scan(source: Source, position: int) -> int:
    """Give the next marker after entropy-coded data."""
    begin = position
    while begin < source.size_bytes:
        window = np.frombuffer(source.read_at(begin, SEARCH_BYTES), dtype=np.uint8)
        marks = np.flatnonzero(window[:-1] == 0xFF)
        found = marks[_AFTER_SCAN[window[marks + 1]]]
        if found.size:
            return begin + int(found[0])
        if len(window) < 2:
            break
        begin += len(window) - 1
    return source.size_bytes


def _application(source: Source, notes: Notes, gathered: _Gathered, code: int, head: bytes, where: Range) -> None:
    start, length = where.offset_bytes, where.length_bytes
    if code == 0xE1:
        _application_1(source, notes, gathered, head, where)
    elif code == 0xE2 and head.startswith(_ICC) and length > 14:
        gathered.icc.append((head[12], Range(start + 14, length - 14)))
    elif code == 0xE2 and head.startswith(b"MPF\0"):
        gathered.mpf.append(Range(start + 4, length - 4))
    elif code == 0xEB and head[:2] == b"JP" and length > 16:
        gathered.jumbf.setdefault(head[2:4] + head[12:16], []).append(where)
    elif code == 0xED and head.startswith(_PHOTOSHOP):
        gathered.photoshop.append(Range(start + 14, length - 14))


def _application_1(source: Source, notes: Notes, gathered: _Gathered, head: bytes, where: Range) -> None:
    start, length = where.offset_bytes, where.length_bytes
    if head[:5].lower() == b"exif\0" and length > 6:
        piece = Range(start + 6, length - 6)
        if gathered.exif and head[6:8] not in (b"II", b"MM"):
            gathered.exif.append(piece)
            return
        _join_exif(source, notes, gathered)
        gathered.exif = [piece]
    elif head.startswith(_XMP):
        notes.piece("xmp", source, start + len(_XMP), length - len(_XMP), "APP1")
    elif head.startswith(_XMP_EXTENSION) and length > 75:
        fixed = source.read_at(start + len(_XMP_EXTENSION), 40)
        total, offset = struct.unpack(">II", fixed[32:40])
        gathered.extended.setdefault(fixed[:32], []).append((offset, total, Range(start + 75, length - 75)))
    elif head.startswith((b"http://ns.adobe.com/xap/1.0/", b"<?xpacket", b"XMP\0")) and b"<" in head:
        skip = head.index(b"<")
        notes.piece("xmp", source, start + skip, length - skip, "APP1")


def _take(source: Source, notes: Notes, kind: str, ranges: list[Range], carrier: str) -> None:
    total = sum(part.length_bytes for part in ranges)
    if ranges and notes.room(total, ranges[0].offset_bytes):
        data = b"".join(source.read_at(part.offset_bytes, part.length_bytes) for part in ranges)
        notes.pieces.append(Piece(kind, data, tuple(ranges), tuple(ranges), carrier))


def _join_exif(source: Source, notes: Notes, gathered: _Gathered) -> None:
    _take(source, notes, "exif", gathered.exif, "APP1")


def _join(source: Source, notes: Notes, gathered: _Gathered) -> None:
    """Put together what was spread over several segments."""
    _join_exif(source, notes, gathered)
    _take(source, notes, "photoshop", gathered.photoshop, "APP13")
    _take(source, notes, "icc", [part for _, part in sorted(gathered.icc, key=lambda pair: pair[0])], "APP2")
    for pieces in gathered.extended.values():
        _join_extended(source, notes, pieces)
    for key, ranges in gathered.jumbf.items():
        if key[2:] == b"jumb" and b"c2pa" in source.read_at(ranges[0].offset_bytes, 64):
            notes.pieces.append(Piece("c2pa", b"", tuple(ranges), tuple(ranges), "APP11"))
    for where in gathered.mpf:
        _multi_pictures(source, notes, where)


def _join_extended(source: Source, notes: Notes, pieces: list[tuple[int, int, Range]]) -> None:
    """Give extended XMP (XMP specification part 3, 1.1.3.1): chunks with their offset in the whole."""
    ranges: list[Range] = []
    reached = 0
    for offset, _, where in sorted(pieces, key=lambda piece: piece[0]):
        if offset != reached:
            notes.broken("extended XMP: a part is missing or overlaps", where.offset_bytes, where.length_bytes)
            break
        ranges.append(where)
        reached += where.length_bytes
    if reached < min(pieces[0][1], PIECE_BYTES_MAX):
        notes.broken(f"extended XMP: {reached} of {pieces[0][1]} bytes are here", pieces[0][2].offset_bytes)
    _take(source, notes, "xmp", ranges, "APP1 extended")


def _multi_pictures(source: Source, notes: Notes, where: Range) -> None:
    base = where.offset_bytes
    notes.piece("mpf", source, base, where.length_bytes, "APP2")
    for picture in multi_pictures(source.read_at(base, where.length_bytes)):
        if picture.offset_bytes == 0:
            continue
        start = base + picture.offset_bytes
        length = min(picture.length_bytes, source.size_bytes - start)
        if length <= 0 or length < picture.length_bytes:
            notes.broken("MPF: a picture of the index lies past the end of the file", start, picture.length_bytes)
        if length > 0:
            notes.named("embedded", start, length, f"MPF attributes {picture.attributes:08X}")


def multi_pictures(data: bytes) -> tuple[MultiPicture, ...]:
    """Give the entries of an MPF index IFD; none where it cannot be read."""
    order = {b"II": "<", b"MM": ">"}.get(data[:2])
    if order is None or len(data) < 10:
        return ()
    (first,) = struct.unpack_from(f"{order}I", data, 4)
    if first + 2 > len(data):
        return ()
    (count,) = struct.unpack_from(f"{order}H", data, first)
    for at in range(first + 2, min(first + 2 + 12 * count, len(data) - 11), 12):
        tag, _, size, offset = struct.unpack_from(f"{order}HHII", data, at)
        if tag == 0xB002:
            entries = struct.iter_unpack(
                f"{order}III4x", data[offset : offset + size // 16 * 16][: len(data[offset:]) // 16 * 16]
            )
            return tuple(MultiPicture(attributes, length, start) for attributes, length, start in entries)
    return ()


def quantisation_tables(data: bytes) -> tuple[QuantisationTable, ...]:
    """Give the tables of one DQT segment's data; as many as are whole."""
    tables = []
    at = 0
    while at < len(data):
        precision, identifier = data[at] >> 4, data[at] & 15
        form: str = ">64H" if precision else ">64B"
        if at + 1 + struct.calcsize(form) > len(data):
            break
        tables.append(QuantisationTable(identifier, 16 if precision else 8, struct.unpack_from(form, data, at + 1)))
        at += 1 + struct.calcsize(form)
    return tuple(tables)
