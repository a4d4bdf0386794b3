"""TIFF files, and the raw formats that are TIFF: the directories are read by `exif`, here is what they carry."""

from headwater.formats.exif import Exif, Tag, read_exif
from headwater.formats.exif_values import SIZES
from headwater.formats.structure import Notes, Part, Piece, Range, Source, Structure

_PIECES = {0x02BC: "xmp", 0x83BB: "iptc", 0x8649: "photoshop", 0x8773: "icc"}
_C2PA = 0xCD41
_IPTC = 0x83BB
_LONG = 4


def read_tiff(source: Source) -> Structure:
    """Read the directories of a TIFF. It has no end of its own: `end_bytes` is None."""
    exif = read_exif(source)
    notes = Notes("tiff")
    for ifd in exif.directories:
        end = ifd.offset_bytes + ifd.length_bytes
        notes.parts.append(Part(f"{ifd.name} ({ifd.entries})", ifd.offset_bytes, ifd.length_bytes, end, 0))
    notes.named("exif", 0, source.size_bytes, "TIFF", parsed=exif)
    tiff_pieces(source, exif, notes)
    return notes.done(None)


def tiff_pieces(source: Source, exif: Exif, notes: Notes) -> tuple[Piece, ...]:
    """Give XMP, IPTC, Photoshop resources, ICC and C2PA of a TIFF; `source` is what `exif` was read from."""
    first = len(notes.pieces)
    for tag in exif.tags:
        if tag.tag == _C2PA or (tag.tag in _PIECES and tag.ifd.startswith(("IFD", "SubIFD"))):
            _take(source, notes, tag)
    return tuple(notes.pieces[first:])


def _take(source: Source, notes: Notes, tag: Tag) -> None:
    stated, offset = SIZES[tag.type] * tag.count, tag.value_offset_bytes
    length = max(0, min(stated, source.size_bytes - offset))
    carrier = f"{tag.ifd} {tag.name}"
    if length <= _LONG or (tag.unreadable and length < stated):
        return
    if tag.tag == _C2PA:
        notes.named("c2pa", offset, length, carrier)
    elif notes.room(length, offset):
        raw = tag.raw if len(tag.raw) == length else source.read_at(offset, length)
        sources = (Range(offset, length),)
        ranges: tuple[Range, ...] = sources
        if tag.tag == _IPTC and tag.type == _LONG and _is_swapped(raw):
            raw, ranges = _swapped(raw), ()  # no byte of it lies in the file where it stands here
        notes.pieces.append(Piece(_PIECES[tag.tag], raw, ranges, sources, carrier, cut=length < stated))


def _is_swapped(raw: bytes) -> bool:
    return raw[:1] != b"\x1c" and raw[3:4] == b"\x1c"


def _swapped(raw: bytes) -> bytes:
    """IPTC stored as LONGs by a writer that swapped them, put back in order."""
    whole = raw[: len(raw) // _LONG * _LONG]
    return b"".join(whole[at : at + _LONG][::-1] for at in range(0, len(whole), _LONG))
