"""WebP (RFC 9649) and the RIFF chunks around it."""

from headwater.formats.structure import Notes, Part, Source, Structure

_PIECES = {b"EXIF": "exif", b"XMP ": "xmp", b"XMP\0": "xmp", b"ICCP": "icc"}


def read_webp(source: Source) -> Structure:
    """Read the chunks of a RIFF file. `end_bytes` is where the RIFF header says the file ends."""
    notes = Notes("webp")
    stated = int.from_bytes(source.read_at(4, 4), "little") + 8
    end = stated + stated % 2
    size = source.size_bytes
    if stated > size:
        notes.broken("the RIFF header states more bytes than are here", 4, 4)
    position = 12
    while position + 8 <= min(stated, size) and not notes.full(position):
        position = _chunk(source, notes, position)
    return notes.done(min(end, size) if stated <= size else None)


def _chunk(source: Source, notes: Notes, position: int) -> int:
    head = source.read_at(position, 8)
    name = head[:4]
    stated = int.from_bytes(head[4:8], "little")
    start = position + 8
    length = min(stated, source.size_bytes - start)
    kind = name.decode("latin-1")
    if length < stated:
        notes.broken(f"{kind}: the chunk runs past the end of the file", position, source.size_bytes - position)
    notes.parts.append(Part(kind, position, 8 + length, start, length))
    if name == b"C2PA":
        notes.named("c2pa", start, length, "RIFF C2PA")
    elif name in _PIECES:
        skip = 6 if source.read_at(start, 6) == b"Exif\0\0" else 0
        notes.piece(_PIECES[name], source, start + skip, max(0, length - skip), f"RIFF {kind.strip()}")
    return start + stated + stated % 2
