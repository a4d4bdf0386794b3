"""ISO base media files (ISO/IEC 14496-12): HEIF, AVIF, MP4, MOV, JPEG 2000 and JPEG XL boxes, and the metadata they carry."""

from headwater.formats.heif_items import read_items
from headwater.formats.structure import Notes, Part, Piece, Range, Source, Structure

_CONTAINERS = frozenset(
    "moov trak mdia minf stbl dinf edts udta meta iprp ipco moof traf mvex mfra sinf schi jp2h meco strk".split()
)
_DEPTH_MAX = 16
_XMP = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
_C2PA = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
_CANON = bytes.fromhex("85c0b687820f11e08111f4ce462b6a48")
_JP2_EXIF = b"JpgTiffExif->JP2"
_META_BYTES_MAX = 16 << 20


def read_isobmff(source: Source) -> Structure:
    """Read the boxes of a file. `end_bytes` is where the last box that makes sense ends."""
    notes = Notes("isobmff")
    end = 0
    pending = [(0, source.size_bytes, 0)]
    metas: list[Part] = []
    while pending:
        start, limit, depth = pending.pop()
        reached = _boxes(source, notes, pending, metas, start, limit, depth)
        if depth == 0:
            end = reached
    for meta in metas[:64]:
        _meta(source, notes, meta)
    return notes.done(end or None)


def _boxes(
    source: Source, notes: Notes, pending: list[tuple[int, int, int]], metas: list[Part], start: int, limit: int, depth: int
) -> int:
    """Boxes side by side from `start` to `limit`; gives where the last whole one ends."""
    position = start
    while position + 8 <= limit and not notes.full(position):
        part = _header(source, notes, position, limit, depth)
        if part is None:
            break
        notes.parts.append(part)
        inner = part.data_offset_bytes
        end = part.offset_bytes + part.length_bytes
        _read_box(source, notes, part)
        if part.kind == "meta":
            metas.append(part)
            inner += 0 if source.read_at(inner + 4, 4) == b"hdlr" else 4
        if part.kind in _CONTAINERS or part.kind == "uuid Canon":
            if depth < _DEPTH_MAX:
                pending.append((inner, end, depth + 1))
            else:
                notes.broken(f"{part.kind}: more than {_DEPTH_MAX} boxes deep: not read further", part.offset_bytes)
        position = end
    return position


def _header(source: Source, notes: Notes, position: int, limit: int, depth: int) -> Part | None:
    head = source.read_at(position, 32)
    length, skip = int.from_bytes(head[:4], "big"), 8
    name = head[4:8]
    if not _plausible(name):
        if depth == 0:
            notes.broken("no box here", position, limit - position)
        return None
    if length == 1 and len(head) >= 16:
        length, skip = int.from_bytes(head[8:16], "big"), 16
    elif length == 0:
        length = limit - position
    if length < skip:
        notes.broken(f"{name.decode('latin-1')}: impossible box length", position, len(head))
        return None
    if position + length > limit:
        notes.broken(f"{name.decode('latin-1')}: the box runs past the end of what holds it", position, limit - position)
        length = limit - position
    kind = name.decode("latin-1")
    if name == b"uuid" and length >= skip + 16:
        identifier = head[skip : skip + 16]
        known = {_XMP: "XMP", _C2PA: "C2PA", _CANON: "Canon", _JP2_EXIF: "Exif"}
        kind, skip = f"uuid {known.get(identifier, identifier.hex())}", skip + 16
    return Part(kind, position, length, position + skip, max(0, length - skip), None, depth)


def _plausible(name: bytes) -> bool:
    return len(name) == 4 and all(0x20 <= code < 0x7F or code in (0xA9, 0xAE) for code in name)


def _read_box(source: Source, notes: Notes, part: Part) -> None:
    kind, start, length = part.kind, part.data_offset_bytes, part.data_length_bytes
    if kind in ("uuid XMP", "xml ", "XMP_"):
        if kind != "xml " or b"<" in source.read_at(start, 64):
            notes.piece("xmp", source, start, length, kind)
    elif kind == "uuid C2PA" or (kind == "jumb" and b"c2pa" in source.read_at(start, 64)):
        notes.named("c2pa", start, length, kind)
    elif kind == "Exif" and part.depth == 0:
        _offset_exif(source, notes, (Range(start, length),), "Exif box")
    elif kind == "uuid Exif" or kind in ("CMT1", "CMT2", "CMT4"):
        notes.piece("exif", source, start, length, kind)
    elif kind == "colr" and source.read_at(start, 4) in (b"prof", b"rICC"):
        notes.piece("icc", source, start + 4, max(0, length - 4), "colr")
    elif kind == "colr" and source.read_at(start, 1) == b"\x02":
        notes.piece("icc", source, start + 3, max(0, length - 3), "colr")
    elif kind == "brob":
        notes.broken(f"brob: {source.read_at(start, 4).decode('latin-1')} is Brotli-compressed and was not read", start, length)


def _offset_exif(source: Source, notes: Notes, ranges: tuple[Range, ...], carrier: str) -> None:
    """Exif with a leading offset to the TIFF header (ISO/IEC 23008-12, A.2.1)."""
    total = sum(part.length_bytes for part in ranges)
    if total < 12 or not notes.room(total, ranges[0].offset_bytes):
        return
    data = b"".join(source.read_at(part.offset_bytes, part.length_bytes) for part in ranges)
    whole = Piece("exif", data, ranges, ranges, carrier)
    skip = 4 + int.from_bytes(data[:4], "big")
    if skip >= len(data):
        notes.broken(f"{carrier}: the TIFF header lies past the end", ranges[0].offset_bytes, 4)
        skip = 4
    if data[skip : skip + 6] == b"Exif\0\0":
        skip += 6
    notes.pieces.append(Piece("exif", data[skip:], whole.spans(skip, len(data) - skip), ranges, carrier))


def _meta(source: Source, notes: Notes, meta: Part) -> None:
    """The metadata and the thumbnails among the items of a HEIF meta box."""
    if meta.data_length_bytes > _META_BYTES_MAX:
        notes.broken("meta: too large to look for items in", meta.offset_bytes, meta.length_bytes)
        return
    end = meta.offset_bytes + meta.length_bytes
    inside = {
        part.kind: part
        for part in notes.parts
        if meta.offset_bytes < part.offset_bytes < end and part.depth == meta.depth + 1
    }
    for item in read_items(source, inside):
        ranges = tuple(Range(part.offset_bytes, part.length_bytes) for part in item.ranges)
        there = tuple(part for part in ranges if part.offset_bytes + part.length_bytes <= source.size_bytes)
        if len(there) < len(ranges):
            notes.broken(f"item {item.identifier} {item.kind}: lies past the end of the file", ranges[0].offset_bytes)
        if not there:
            continue
        if item.kind == "Exif":
            _offset_exif(source, notes, there, "Exif item")
        elif item.content_type == "application/rdf+xml":
            _item_piece(source, notes, there, "xmp")
        elif item.thumbnail:
            notes.pieces.append(Piece("embedded", b"", there, there, f"thumbnail item {item.kind}"))


def _item_piece(source: Source, notes: Notes, ranges: tuple[Range, ...], kind: str) -> None:
    if notes.room(sum(part.length_bytes for part in ranges), ranges[0].offset_bytes):
        data = b"".join(source.read_at(part.offset_bytes, part.length_bytes) for part in ranges)
        notes.pieces.append(Piece(kind, data, ranges, ranges, "mime item"))
