"""JPEG (ITU-T T.81): the markers and segments of a file; `jpeg_application` reads what they carry.

A segment whose length is wrong is noted and the next marker that makes sense is looked for; a file without an end
marker is read as far as it goes.
"""

import re
import struct
from dataclasses import dataclass

import numpy as np

from headwater.formats.jpeg_application import Segments
from headwater.formats.structure import SCAN_BYTES, SEARCH_BYTES, Notes, Part, Range, Source, Structure

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
_SILENT = frozenset({*range(0xC0, 0xD0), *range(0xDA, 0xE0)})  # frames, tables and scans
_LOSSES_MAX = 64


@dataclass(frozen=True, slots=True)
class QuantisationTable:
    """One table of a DQT segment: 64 values in zigzag order, 8 or 16 bits each."""

    identifier: int
    precision_bits: int
    values: tuple[int, ...]


def read_jpeg(source: Source, start_bytes: int = 0) -> Structure:
    """Read the segments of a JPEG up to its end marker. `end_bytes` is the byte after EOI."""
    notes = Notes("jpeg")
    segments = Segments(source, notes)
    end = _walk(source, notes, segments, start_bytes)
    if end is None:
        notes.broken("no end marker: the file was cut off or is damaged", source.size_bytes)
    segments.join()
    return notes.done(end)


def _walk(source: Source, notes: Notes, segments: Segments, start: int) -> int | None:
    position, size = start, source.size_bytes
    while position < size and not notes.full(position):
        head = source.read_at(position, 4)
        if len(head) < 2 or head[0] != 0xFF or head[1] in (0x00, 0xFF):
            if len(head) >= 2 and head[:2] == b"\xff\xff":
                position += 1
                continue
            position = _lost(source, notes, segments, position)
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
            position = _lost(source, notes, segments, position + 2)
            continue
        position = _segment(source, notes, segments, position, code, length)
    return None


def _lost(source: Source, notes: Notes, segments: Segments, position: int) -> int:
    """Look for the next marker that makes sense.

    First onwards, then back inside the last segment, whose length may be too large.
    """
    segments.losses += 1
    if segments.losses > _LOSSES_MAX:
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


def _segment(source: Source, notes: Notes, segments: Segments, position: int, code: int, length: int) -> int:
    end = min(position + 2 + length, source.size_bytes)
    start = position + 4
    kind = _NAMES.get(code, f"marker {code:02X}")
    if end < position + 2 + length:
        notes.broken(f"{kind}: the segment runs past the end of the file", position, end - position)
    if 0xE0 <= code <= 0xEF:
        head = source.read_at(start, min(48, end - start))
        kind = _named(kind, head)
        if not segments.take(code, head, Range(start, max(0, end - start))):
            notes.passed(kind, position, end - position)
    elif code == 0xFE:
        notes.piece("comment", source, start, max(0, end - start), "COM")
    elif code not in _SILENT:
        notes.passed(kind, position, end - position)
    notes.parts.append(Part(kind, position, end - position, start, max(0, end - start)))
    if code == 0xDA:
        return _after_scan(source, end)
    if end < position + 2 + length and segments.losses < _LOSSES_MAX:
        segments.losses += 1
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
        window = np.frombuffer(source.read_at(begin, SCAN_BYTES), dtype=np.uint8)
        marks = np.flatnonzero(window[:-1] == 0xFF)
        found = marks[_AFTER_SCAN[window[marks + 1]]]
        if found.size:
            return begin + int(found[0])
        if len(window) < 2:
            break
        begin += len(window) - 1
    return source.size_bytes


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
