"""Boxes that carry metadata of other kinds: XMP, Exif, IPTC, ICC, C2PA."""

from headwater.formats.structure import Notes, Part, Piece, Range, Source

_PIECES = {
    "uuid XMP": "xmp",
    "XMP_": "xmp",
    "uuid Exif": "exif",
    "uuid IPTC": "iptc",
    **dict.fromkeys(("CMT1", "CMT2", "CMT4"), "exif"),  # Canon keeps each directory in a box of its own
}


def read_piece(source: Source, notes: Notes, part: Part) -> bool:
    """Read a box that carries metadata of another kind, or name what of it is not read; False where it is none."""
    kind, start, length = part.kind, part.data_offset_bytes, part.data_length_bytes
    if kind in _PIECES:
        notes.piece(_PIECES[kind], source, start, length, kind)
    elif kind == "colr":
        _colour(source, notes, part)
    elif kind in ("uuid C2PA", "jumb", "xml ", "Exif", "brob"):
        _by_content(source, notes, part)
    else:
        return False
    return True


def _by_content(source: Source, notes: Notes, part: Part) -> None:
    kind, start, length = part.kind, part.data_offset_bytes, part.data_length_bytes
    head = source.read_at(start, min(64, length))
    if kind == "uuid C2PA" or (kind == "jumb" and b"c2pa" in head):
        notes.named("c2pa", start, length, kind)
    elif kind == "xml " and b"<" in head:
        notes.piece("xmp", source, start, length, kind)
    elif kind == "Exif" and part.depth == 0:
        offset_exif(source, notes, (Range(start, length),), "Exif box")
    else:
        inside = f" {_printable(head[:4])}" if kind == "brob" else ""  # what Brotli holds there
        notes.passed(f"{kind}{inside}", part.offset_bytes, part.length_bytes)


def offset_exif(source: Source, notes: Notes, ranges: tuple[Range, ...], carrier: str, *, cut: bool = False) -> None:
    """Exif with a leading offset to the TIFF header (ISO/IEC 23008-12, A.2.1)."""
    total = sum(part.length_bytes for part in ranges)
    if total < 12:
        notes.broken(f"{carrier}: too short for a TIFF header", ranges[0].offset_bytes, total)
        return
    if not notes.room(total, ranges[0].offset_bytes):
        return
    data = b"".join(source.read_at(part.offset_bytes, part.length_bytes) for part in ranges)
    whole = Piece("exif", data, ranges, ranges, carrier)
    skip = _tiff_header(notes, whole)
    spans = whole.spans(skip, len(data) - skip)
    notes.pieces.append(Piece("exif", data[skip:], spans, ranges, carrier, cut=cut))


def _tiff_header(notes: Notes, piece: Piece) -> int:
    """Where the TIFF header begins: where the offset says, or right here in a file that has none."""
    data = piece.data
    skip = 4 + int.from_bytes(data[:4], "big")
    if skip >= len(data):
        skip = 0 if data[:4] in (b"II*\0", b"MM\0*") else 4
        notes.broken(
            f"{piece.carrier}: the TIFF header lies past the end", piece.sources[0].offset_bytes, 4, lost=False
        )
    return skip + 6 if data[skip : skip + 6] == b"Exif\0\0" else skip


def _colour(source: Source, notes: Notes, part: Part) -> None:
    """ICC profiles in a colour box: of HEIF and MP4 by name, of JPEG 2000 by method 2."""
    start, length = part.data_offset_bytes, part.data_length_bytes
    head = source.read_at(start, 4)
    skip = 4 if head in (b"prof", b"rICC") else 3 if head[:1] == b"\x02" else 0
    if skip and length > skip:
        notes.piece("icc", source, start + skip, length - skip, "colr")


def _printable(name: bytes) -> str:
    return "".join(chr(code) if 0x20 <= code < 0x7F else "?" for code in name)
