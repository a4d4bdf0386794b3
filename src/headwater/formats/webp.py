"""WebP (RFC 9649) and the RIFF chunks around it.

The length in the RIFF header is not trusted: chunks of a known name are followed past it. Where none follows, because a
length is wrong, padding is missing or garbage lies between, the next chunk of a known name that fits is looked for.
"""

import re

from headwater.formats.structure import SEARCH_BYTES, Notes, Part, Source, Structure

_PIECES = {b"EXIF": "exif", b"XMP ": "xmp", b"XMP\0": "xmp", b"ICCP": "icc"}
_SILENT = frozenset({b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF"})
_KNOWN = _SILENT | _PIECES.keys() | {b"C2PA"}
_NAMES = re.compile(b"|".join(re.escape(name) for name in sorted(_KNOWN)))
_FIRST_CHUNK = 12
_LOSSES_MAX = 64


def read_webp(source: Source) -> Structure:
    """Read the chunks of a RIFF file. `end_bytes` is where it ends by its header or, where that is wrong, by them."""
    notes = Notes("webp")
    stated = int.from_bytes(source.read_at(4, 4), "little") + 8
    inside = min(stated, source.size_bytes)
    if stated > source.size_bytes:
        notes.broken("the RIFF header states more bytes than are here", 4, 4)
    position, losses, whole = _FIRST_CHUNK, 0, True
    while not notes.full(position):
        head = source.read_at(position, 8)
        if len(head) == 8 and (head[:4] in _KNOWN or (position + 8 <= inside and _plausible(source, position))):
            position, whole = _chunk(source, notes, position)
            continue
        found = _find(source, position) if position < inside and losses < _LOSSES_MAX else None
        if found is None:
            break
        losses += 1
        notes.broken("no chunk here: read on at the next one", position, found - position)
        position = found
    return notes.done(_end(source, notes, stated, position, whole=whole))


def _end(source: Source, notes: Notes, stated: int, position: int, *, whole: bool) -> int | None:
    """Where the file ends; None where it was cut."""
    size = source.size_bytes
    if not whole or stated > size:
        return None
    end = min(stated + stated % 2, size)
    if min(position, size) > end:
        notes.broken("chunks go on past the length in the RIFF header", 4, 4, lost=False)
        return min(position, size)
    if end - position > 1:
        notes.broken("no chunk here and none after", position, end - position)
    return end


def _plausible(source: Source, position: int) -> bool:
    """Whether four letters and a length that fits stand here."""
    head = source.read_at(position, 8)
    printable = all(0x20 <= code < 0x7F for code in head[:4])
    return printable and position + 8 + int.from_bytes(head[4:8], "little") <= source.size_bytes


def _find(source: Source, begin: int) -> int | None:
    """Where the next chunk of a known name begins that fits into the file."""
    at = begin
    while at < source.size_bytes:
        window = source.read_at(at, SEARCH_BYTES)
        for match in _NAMES.finditer(window):
            if _plausible(source, at + match.start()):
                return at + match.start()
        at += max(1, len(window) - 3)
    return None


def _chunk(source: Source, notes: Notes, position: int) -> tuple[int, bool]:
    """Read one chunk; give where the next one begins, and whether this one is all here."""
    head = source.read_at(position, 8)
    name = head[:4]
    stated = int.from_bytes(head[4:8], "little")
    start = position + 8
    length = min(stated, source.size_bytes - start)
    kind = name.decode("latin-1")
    found = None
    if length < stated:
        found = _find(source, start)
        what = "the length is wrong" if found else "the chunk runs past the end of the file"
        notes.broken(f"{kind}: {what}", position, source.size_bytes - position)
        length = found - start if found else length
    notes.parts.append(Part(kind, position, 8 + length, start, length))
    _read(source, notes, name, start, length)
    end = start + length
    if found is None and length % 2 and source.read_at(end, 4) in _KNOWN and source.read_at(end + 1, 4) not in _KNOWN:
        notes.broken(f"{kind}: no padding after an odd length", end, 0, lost=False)
        return end, True
    return end + (length % 2 if found is None else 0), length == stated or found is not None


def _read(source: Source, notes: Notes, name: bytes, start: int, length: int) -> None:
    kind = name.decode("latin-1")
    if name == b"C2PA":
        notes.named("c2pa", start, length, "RIFF C2PA")
    elif name in _PIECES:
        skip = 6 if source.read_at(start, 6) == b"Exif\0\0" else 0
        notes.piece(_PIECES[name], source, start + skip, max(0, length - skip), f"RIFF {kind.strip()}")
    elif name not in _SILENT:
        notes.passed(kind, start - 8, 8 + length)
