"""TIFF files, and the raw formats that are TIFF: the directories are read by `exif`, here is what they carry."""

from headwater.formats.exif import Exif
from headwater.formats.structure import Piece, Range, Source

_PIECES = {0x02BC: "xmp", 0x83BB: "iptc", 0x8649: "photoshop", 0x8773: "icc"}
_C2PA = 0xCD41


def tiff_pieces(source: Source, exif: Exif) -> tuple[Piece, ...]:
    """Give XMP, IPTC, Photoshop resources, ICC and C2PA of a TIFF; `source` is what `exif` was read from."""
    pieces = []
    for tag in exif.tags:
        where = (Range(tag.value_offset_bytes, tag.value_length_bytes),)
        carrier = f"{tag.ifd} {tag.name}"
        if tag.tag == _C2PA and tag.value_length_bytes > 4:
            pieces.append(Piece("c2pa", b"", where, where, carrier))
        elif tag.tag in _PIECES and tag.ifd.startswith(("IFD", "SubIFD")) and tag.value_length_bytes > 4:
            raw = tag.raw
            if len(raw) < tag.value_length_bytes <= 16 << 20:
                raw = source.read_at(tag.value_offset_bytes, tag.value_length_bytes)
            if tag.tag == 0x83BB and tag.type == 4:
                raw, where = _swapped(raw, exif.byte_order), ((Range(tag.value_offset_bytes, len(raw)),))
            pieces.append(Piece(_PIECES[tag.tag], raw, where, where, carrier))
    return tuple(pieces)


def _swapped(raw: bytes, byte_order: str) -> bytes:
    """IPTC stored as LONGs by a writer that swapped them: put back in order where that shows the marker."""
    if raw[:1] != b"\x1c" and raw[3:4] == b"\x1c" and byte_order == "II":
        whole = raw[: len(raw) // 4 * 4]
        return b"".join(whole[at : at + 4][::-1] for at in range(0, len(whole), 4))
    return raw
