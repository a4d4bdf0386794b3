"""PNG (W3C PNG Specification, third edition): chunks, texts and metadata, at byte level.

A wrong CRC is noted and the chunk is read all the same. Where no chunk follows, the next one is looked for whose name
is known and whose CRC holds: garbage between chunks or a wrong length costs what it covers, and no more.
"""

from zlib_ng.zlib_ng import crc32

from headwater.formats.png_chunks import CRITICAL, KNOWN, READ, SILENT
from headwater.formats.png_text import read_text_chunk
from headwater.formats.structure import (
    SCAN_BYTES,
    SEARCH_BYTES,
    SEARCHED_BYTES_MAX,
    Field,
    Notes,
    Part,
    Range,
    Source,
    Structure,
)

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_NAMES = tuple(sorted(name.encode() for name in KNOWN))
_AROUND_BYTES = 12  # length, name and CRC
_TIME_BYTES = 7


def read_png(source: Source) -> Structure:
    """Read the chunks of a PNG. `end_bytes` is the byte after IEND."""
    notes = Notes("png")
    position, end = 8, None
    while position < source.size_bytes and not notes.full(position) and end is None:
        part = _next(source, notes, position)
        if part is None:
            found = _find(source, notes, position)
            if found is None:
                notes.broken("no chunk here and none after", position, source.size_bytes - position)
                break
            notes.broken("no chunk here: read on at the next one", position, found - position)
            position = found
            continue
        notes.parts.append(part)
        _read(source, notes, part)
        position = part.offset_bytes + part.length_bytes
        end = position if part.kind == "IEND" else None
    if end is None:
        notes.broken("no IEND chunk: the file was cut off or is damaged", source.size_bytes)
    _note_order(notes)
    return notes.done(end)


def _next(source: Source, notes: Notes, position: int) -> Part | None:
    """The chunk that begins here; None where none does, or where one of no known name neither holds nor is followed."""
    head = source.read_at(position, 8)
    name = head[4:8]
    if len(head) < 8 or not (name.isalpha() and name.isascii()):
        return None
    part = _measured(source, position, int.from_bytes(head[:4], "big"), name)
    if not part.crc_ok and not _followed(source, part):
        found = _find(source, notes, part.data_offset_bytes)
        if part.kind not in KNOWN and found is not None:
            return None
        part = _to(source, notes, part, found)
    if part.crc_ok is False:
        at = part.offset_bytes + part.length_bytes - 4
        notes.broken(f"{part.kind}: the CRC does not match", at, 4, lost=False)
    elif part.crc_ok is None:
        left = source.size_bytes - position
        notes.broken(f"{part.kind}: the chunk runs past the end of the file", position, left)
    return part


def _measured(source: Source, position: int, stated: int, name: bytes) -> Part:
    start = position + 8
    length = min(stated, source.size_bytes - start)
    stored = source.read_at(start + length, 4) if length == stated else b""
    crc_ok = None
    if len(stored) == 4:
        crc_ok = _crc(source, name, start, length) == int.from_bytes(stored, "big")
    return Part(name.decode("ascii"), position, 8 + length + len(stored), start, length, crc_ok)


def _crc(source: Source, name: bytes, start: int, length: int) -> int:
    crc = crc32(name)
    for offset in range(start, start + length, SCAN_BYTES):
        crc = crc32(source.read_at(offset, min(SCAN_BYTES, start + length - offset)), crc)
    return crc


def _followed(source: Source, part: Part) -> bool:
    """Whether the file ends after a whole chunk, or what can be another one begins there."""
    end = part.offset_bytes + part.length_bytes
    if part.crc_ok is None:
        return False
    head = source.read_at(end, 8)
    name = head[4:8]
    fits = end + _AROUND_BYTES + int.from_bytes(head[:4], "big") <= source.size_bytes
    return not head or (name.isalpha() and name.isascii() and (fits or name.decode() in KNOWN))


def _to(source: Source, notes: Notes, part: Part, found: int | None) -> Part:
    """The chunk up to the next one found, where its CRC holds there or the next one lies inside it."""
    if found is None:
        return part
    mended = _measured(source, part.offset_bytes, max(0, found - part.data_offset_bytes - 4), part.kind.encode())
    if found >= part.offset_bytes + part.length_bytes and not mended.crc_ok:
        return part
    notes.broken(f"{part.kind}: the length is wrong", part.offset_bytes, 4, lost=not mended.crc_ok)
    return mended


def _find(source: Source, notes: Notes, begin: int) -> int | None:
    """Where the next chunk of a known name begins whose CRC holds."""
    at = begin
    while at < source.size_bytes:
        if notes.searched_bytes > SEARCHED_BYTES_MAX:
            notes.broken(f"more than {SEARCHED_BYTES_MAX} bytes searched for chunks: no further search", at)
            return None
        window = source.read_at(at, SEARCH_BYTES)
        notes.searched_bytes += len(window)
        for start in sorted(at + place - 4 for name in _NAMES for place in _places(window, name)):
            if start >= begin and _holds(source, notes, start):
                return start
        at += max(1, len(window) - 3)
    return None


def _places(window: bytes, name: bytes) -> list[int]:
    found = []
    at = window.find(name)
    while at >= 0:
        found.append(at)
        at = window.find(name, at + 1)
    return found


def _holds(source: Source, notes: Notes, position: int) -> bool:
    head = source.read_at(position, 8)
    length = int.from_bytes(head[:4], "big")
    if position + _AROUND_BYTES + length > source.size_bytes or notes.searched_bytes > SEARCHED_BYTES_MAX:
        return False
    notes.searched_bytes += length
    return _measured(source, position, length, head[4:8]).crc_ok is True


def _read(source: Source, notes: Notes, part: Part) -> None:
    kind, start, length = part.kind, part.data_offset_bytes, part.data_length_bytes
    if kind in SILENT:
        return
    if kind == "caBX":
        notes.named("c2pa", start, length, "caBX")
    elif kind == "eXIf":
        skip = 6 if source.read_at(start, 6) == b"Exif\0\0" else 0
        notes.piece("exif", source, start + skip, max(0, length - skip), "eXIf")
    elif kind == "tIME":
        _time(source, notes, part)
    elif kind in READ and notes.room(length, start):
        read_text_chunk(notes, part, source.read_at(start, length))
    elif kind not in READ:
        notes.passed(kind, part.offset_bytes, part.length_bytes)


def _time(source: Source, notes: Notes, part: Part) -> None:
    """The tIME chunk (11.3.5.2): when the picture was last changed, in universal time."""
    data = source.read_at(part.data_offset_bytes, part.data_length_bytes)[:_TIME_BYTES]
    where = (Range(part.offset_bytes, part.length_bytes),)
    if len(data) < _TIME_BYTES:
        notes.broken("tIME: cut off", part.offset_bytes, part.length_bytes)
        notes.fields.append(Field("png.time", {}, where, "chunk", "truncated: the time is cut off"))
        return
    year, (month, day, hour, minute, second) = int.from_bytes(data[:2], "big"), data[2:]
    time = f"{year:04d}-{month:02d}-{day:02d}T{hour:02d}:{minute:02d}:{second:02d}Z"
    notes.fields.append(Field("png.time", {"time": time}, where, "chunk"))


def _note_order(notes: Notes) -> None:
    if not notes.parts or notes.parts[0].kind not in {"IHDR", "CgBI"}:
        first = notes.parts[0].offset_bytes if notes.parts else 8
        notes.broken("the first chunk is not IHDR", first, lost=False)
    for part in notes.parts:
        if part.kind[0].isupper() and part.kind not in CRITICAL and part.kind != "CgBI":
            what = f"{part.kind}: a critical chunk the standard does not know"
            notes.broken(what, part.offset_bytes, part.length_bytes, lost=False)
