"""The metadata and the thumbnails among the items of a HEIF meta box."""

from headwater.formats.heif_items import HeifItem, read_items
from headwater.formats.isobmff_kinds import PICTURE_ITEMS
from headwater.formats.isobmff_pieces import offset_exif
from headwater.formats.structure import Notes, Part, Piece, Range, Source

_META_BYTES_MAX = 16 << 20
_XMP_SIGNS = (b"<x:xmpmeta", b"<?xpacket", b"<rdf:RDF")
_SIGN_BYTES = 256


def read_meta_items(source: Source, notes: Notes, meta: Part) -> None:
    """Read the items of one meta box into `notes`. Never raises."""
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
        _item(source, notes, meta, item)


def _item(source: Source, notes: Notes, meta: Part, item: HeifItem) -> None:
    if item.kind in PICTURE_ITEMS and not item.thumbnail:
        return
    shown = " ".join(filter(None, (f"item {item.identifier} {item.kind}", item.content_type)))
    where = item.ranges or (Range(meta.offset_bytes, meta.length_bytes),)
    if item.cut:
        lost = "lies past the end of what holds it" if item.ranges else "has no bytes in the file"
        notes.broken(f"{shown}: {lost}", where[0].offset_bytes)
    if not item.ranges:
        notes.passed(f"{item.kind} item {item.content_type}".rstrip(), where[0].offset_bytes, where[0].length_bytes)
    elif item.thumbnail:
        notes.pieces.append(Piece("embedded", b"", item.ranges, item.ranges, f"thumbnail item {item.kind}"))
    elif item.kind == "Exif":
        offset_exif(source, notes, item.ranges, "Exif item", cut=item.cut)
    elif _is_xmp(source, item):
        _piece(source, notes, item)
    else:
        notes.passed(f"{item.kind} item {item.content_type}".rstrip(), where[0].offset_bytes, where[0].length_bytes)


def _is_xmp(source: Source, item: HeifItem) -> bool:
    if item.kind != "mime":
        return False
    if item.content_type.lower() == "application/rdf+xml":
        return True
    first = item.ranges[0]
    head = source.read_at(first.offset_bytes, min(first.length_bytes, _SIGN_BYTES))
    return any(sign in head for sign in _XMP_SIGNS)


def _piece(source: Source, notes: Notes, item: HeifItem) -> None:
    if notes.room(sum(part.length_bytes for part in item.ranges), item.ranges[0].offset_bytes):
        data = b"".join(source.read_at(part.offset_bytes, part.length_bytes) for part in item.ranges)
        notes.pieces.append(Piece("xmp", data, item.ranges, item.ranges, "mime item", cut=item.cut))
