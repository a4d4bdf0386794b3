"""Which reader a file needs, by its first bytes: one for each format whose metadata is read."""

from collections.abc import Callable

from headwater.formats.bmp import read_bmp
from headwater.formats.gif import read_gif
from headwater.formats.isobmff import read_isobmff
from headwater.formats.jpeg import read_jpeg
from headwater.formats.png import SIGNATURE, read_png
from headwater.formats.signature_containers import BARE_ATOMS, is_atom_length
from headwater.formats.structure import Notes, Part, Source, Structure
from headwater.formats.tiff import read_tiff
from headwater.formats.webp import read_webp

_TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+", b"IIRO", b"IIRS", b"MMOR", b"IIU\0")
_BOXES = (b"ftyp", b"jP  ", b"JXL ")
_XMP_STARTS = ("<?xpacket", "<x:xmpmeta", "<rdf:RDF")
_SIDECAR_LETTERS = 4096  # of an XML file, in which XMP must begin for it to be a sidecar


def reader_for(head: bytes, size_bytes: int | None = None) -> Callable[[Source], Structure] | None:
    """Give the reader for a file that begins with `head`, and is no longer where no size is told; None for others."""
    if head[4:8] in BARE_ATOMS and is_atom_length(head, len(head) if size_bytes is None else size_bytes):
        return read_isobmff
    return next((read for fits, read in _READERS if fits(head)), None)


def _read_exv(source: Source) -> Structure:
    """Exiv2's own sidecar: a JPEG's metadata segments behind a signature of seven bytes."""
    return read_jpeg(source, 7)


def _read_packet(source: Source) -> Structure:
    notes = Notes("xmp")
    notes.parts.append(Part("packet", 0, source.size_bytes, 0, source.size_bytes))
    notes.piece("xmp", source, 0, source.size_bytes, "file")
    return notes.done(source.size_bytes)


def _is_packet(head: bytes) -> bool:
    """An XMP packet alone in its file, perhaps behind a mark of its encoding or an XML declaration."""
    start = head[: 2 * _SIDECAR_LETTERS]
    encoding = "utf-16" if start[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"
    text = start[: len(start) // 2 * 2].decode(encoding, "replace").lstrip("\ufeff \t\r\n")[:_SIDECAR_LETTERS]
    inside = text.startswith("<?xml") and "<svg" not in text and any(mark in text for mark in _XMP_STARTS)
    return inside or text.startswith(_XMP_STARTS)


def _is_bmp(head: bytes) -> bool:
    return head[:2] == b"BM" and head[6:10] == b"\0\0\0\0" and head[14:18] in _BMP_HEADERS


_BMP_HEADERS = {size.to_bytes(4, "little") for size in (12, 16, 40, 52, 56, 64, 108, 124)}
_READERS: tuple[tuple[Callable[[bytes], bool], Callable[[Source], Structure]], ...] = (
    (lambda head: head[:8] == SIGNATURE, read_png),
    (lambda head: head[:2] == b"\xff\xd8", read_jpeg),
    (lambda head: head[:7] == b"\xff\x01Exiv2", _read_exv),
    (lambda head: head[:4] == b"RIFF" and head[8:12] == b"WEBP", read_webp),
    (lambda head: head[:6] in (b"GIF87a", b"GIF89a"), read_gif),
    (lambda head: head[:4] in _TIFF, read_tiff),
    (lambda head: head[4:8] in _BOXES, read_isobmff),
    (_is_bmp, read_bmp),
    (_is_packet, _read_packet),
)
