"""ISO base media files (ISO/IEC 14496-12): HEIF, AVIF, MP4, MOV, JPEG 2000 and JPEG XL boxes and their metadata."""

from headwater.formats.heif_items import read_items
from headwater.formats.structure import Notes, Part, Piece, Range, Source, Structure

# fmt: off
_CONTAINERS = frozenset({
    "moov", "trak", "mdia", "minf", "stbl", "dinf", "edts", "udta", "meta", "iprp", "ipco", "moof", "traf", "mvex",
    "mfra", "sinf", "schi", "jp2h", "meco", "strk", "uuid Canon",
})
# fmt: on
_Region = tuple[int, int, int]  # start, end, depth
_DEPTH_MAX = 16
_XMP = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
_C2PA = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
_CANON = bytes.fromhex("85c0b687820f11e08111f4ce462b6a48")
_JP2_EXIF = b"JpgTiffExif->JP2"
_META_BYTES_MAX = 16 << 20
_METAS_MAX = 64


def read_isobmff(source: Source) -> Structure:
    """Read the boxes of a file. `end_bytes` is where the last box that makes sense ends."""
    notes = Notes("isobmff")
    pending: list[_Region] = []
    end = _boxes(source, notes, pending, (0, source.size_bytes, 0))
    while pending:
        _boxes(source, notes, pending, pending.pop())
    for meta in [part for part in notes.parts if part.kind == "meta"][:_METAS_MAX]:
        _meta(source, notes, meta)
    return notes.done(end or None)


def _boxes(source: Source, notes: Notes, pending: list[_Region], region: _Region) -> int:
    """Read boxes side by side in a region, queue those that hold boxes; give where the last one ends."""
    position, limit, depth = region
    while position + 8 <= limit and not notes.full(position):
        part = _header(source, notes, region, position)
        if part is None:
            break
        notes.parts.append(part)
        _read_box(source, notes, part)
        position = part.offset_bytes + part.length_bytes
        if part.kind in _CONTAINERS and depth < _DEPTH_MAX:
            pending.append((_first_inside(source, part), position, depth + 1))
        elif part.kind in _CONTAINERS:
            notes.broken(f"{part.kind}: more than {_DEPTH_MAX} boxes deep: not read further", part.offset_bytes)
    return position


def _first_inside(source: Source, part: Part) -> int:
    """Where the boxes inside a box start: a meta box has version and flags first, except in QuickTime."""
    inside = part.data_offset_bytes
    return inside + 4 if part.kind == "meta" and source.read_at(inside + 4, 4) != b"hdlr" else inside


def _header(source: Source, notes: Notes, region: _Region, position: int) -> Part | None:
    _, limit, depth = region
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
        notes.broken(
            f"{name.decode('latin-1')}: the box runs past the end of what holds it", position, limit - position
        )
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
    elif kind == "colr":
        _colour(source, notes, part)
    elif kind == "brob":
        notes.broken(
            f"brob: {source.read_at(start, 4).decode('latin-1')} is Brotli-compressed and was not read", start, length
        )


def _colour(source: Source, notes: Notes, part: Part) -> None:
    """ICC profiles in a colour box: of HEIF and MP4 by name, of JPEG 2000 by method 2."""
    start, length = part.data_offset_bytes, part.data_length_bytes
    head = source.read_at(start, 4)
    skip = 4 if head in (b"prof", b"rICC") else 3 if head[:1] == b"\x02" else 0
    if skip and length > skip:
        notes.piece("icc", source, start + skip, length - skip, "colr")


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
    """Give the metadata and the thumbnails among the items of a HEIF meta box."""
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
