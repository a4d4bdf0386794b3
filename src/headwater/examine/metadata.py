"""Metadata at byte level: what a picture file says of itself, and exactly where.

Claims (values are JSON with sorted keys and no spaces unless said otherwise):

- ``png.chunks``, ``jpeg.segments``, ``webp.chunks``, ``gif.blocks``, ``bmp.headers``, ``tiff.ifds``,
  ``isobmff.boxes``:
  {"parts": [[kind, how many in a row], ...], "count", "end_bytes", "after_idat"?}
- ``png.text`` {"charset", "chunk", "keyword", "language", "text", "translated_keyword", "checksum_ok"?: false};
  ``png.time`` {"time"}; ``comment`` {"carrier", "text"}
- ``jpeg.quantisation`` {"tables": [{"id", "precision_bits", "values" in zigzag order}], "sha256"};
  ``jpeg.picture_info`` {"key", "section", "value"}
- ``isobmff.tag`` {"carrier", "key", "value" or "hex" or "length_bytes" and "sha256", "language"?, "type"?};
  ``isobmff.time`` {"carrier", "created_seconds" and "modified_seconds" since 1904, "created"?, "modified"?}
- ``exif.tag`` {"ifd", "tag", "name", "type", "value"}; ``exif.maker_note`` {"length_bytes", "maker",
  "parsed", "sha256"}
- ``xmp.property`` {"path", "value"}; ``iptc.dataset`` {"charset", "dataset", "name", "record", "value"};
  ``icc.profile``
- ``trailing`` {"offset_bytes", "length_bytes", "first_bytes", "signature", "ends_with", "zeros_before_bytes"?}
- ``embedded.picture`` {"carrier", "length_bytes", "offset_bytes" where it lies in the file as such, "signature"};
  ``c2pa.present`` {"carrier", "length_bytes"}
- ``damage.structure`` {"length_bytes", "offset_bytes", "what"}
- ``metadata`` as NOTHING (the whole file was read, and it says nothing of itself), NOT_RUN (parts that may be metadata
  are not read; named) or FAILED (damage kept it from being read, and nothing was); ``limit`` as NOT_RUN (more than was
  recorded).

A value whose end is missing has ``"cut": true``; one that could not be read at all is FAILED and has no value. A text
over 64 KiB as JSON, or a word over 4 KiB, is cut; its full length and SHA-256 are then beside it and the span covers
all of it.
"""

from collections.abc import Callable, Iterator
from itertools import chain

from headwater.examine.examiner import Example
from headwater.examine.metadata_claims import FileClaims
from headwater.examine.metadata_examples import EXAMPLES
from headwater.examine.metadata_pieces import pieces
from headwater.examine.view import View
from headwater.formats.bmp import read_bmp
from headwater.formats.gif import read_gif
from headwater.formats.isobmff import read_isobmff
from headwater.formats.jpeg import read_jpeg
from headwater.formats.png import SIGNATURE, read_png
from headwater.formats.signature_containers import BARE_ATOMS, is_atom_length
from headwater.formats.structure import Bytes, Notes, Part, Source, Structure
from headwater.formats.tiff import read_tiff
from headwater.formats.webp import read_webp
from headwater.model.errors import Truncated
from headwater.model.finding import Seen, State

FINDINGS_MAX = 2_000
_IN_MEMORY_BYTES = 16 << 20
_TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+", b"IIRO", b"IIRS", b"MMOR", b"IIU\0")
_BOXES = (b"ftyp", b"jP  ", b"JXL ")
_DAMAGE_FIRST = 200
_XMP_STARTS = ("<?xpacket", "<x:xmpmeta", "<rdf:RDF")
_SIDECAR_LETTERS = 4096  # of an XML file, in which XMP must begin for it to be a sidecar


class Metadata:
    """The examiner. Reads one file's structure once and yields what it carries."""

    name = "metadata"
    version = "1"
    claims = (
        "bmp.headers",
        "c2pa.present",
        "comment",
        "damage.structure",
        "embedded.picture",
        "exif.maker_note",
        "exif.tag",
        "gif.blocks",
        "icc.profile",
        "iptc.dataset",
        "isobmff.boxes",
        "isobmff.tag",
        "isobmff.time",
        "jpeg.picture_info",
        "jpeg.quantisation",
        "jpeg.segments",
        "limit",
        "metadata",
        "png.chunks",
        "png.text",
        "png.time",
        "tiff.ifds",
        "trailing",
        "webp.chunks",
        "xmp.property",
    )

    def accepts(self, view: View) -> bool:
        return reader_for(view.head, view.size_bytes) is not None

    def examine(self, view: View) -> Iterator[Seen]:
        read = reader_for(view.head, view.size_bytes)
        if read is None:
            return
        yield from examine_source(_source(view), read)

    def examples(self) -> tuple[Example, ...]:
        return EXAMPLES


def _source(view: View) -> Source:
    """Give the content in memory where it is small; where it holds less than it said, what is there."""
    if view.size_bytes > _IN_MEMORY_BYTES:
        return view
    try:
        return Bytes(view.data())
    except Truncated:
        return Bytes(view.read_at(0, view.size_bytes))


def examine_source(source: Source, read: Callable[[Source], Structure]) -> Iterator[Seen]:
    """Everything one file says, at most `FINDINGS_MAX` of it, the general before the particular."""
    claims = FileClaims(source)
    structure = read(source)
    summary = claims.structure(structure)
    said = chain(claims.around(structure), claims.texts(structure), pieces(claims, structure))
    count = 0
    more = 0
    for seen in chain(summary, said, _damage(claims, structure), claims.silence(structure)):
        if count < FINDINGS_MAX:
            count += 1
            yield seen
        else:
            more += 1
    if more:
        yield Seen(
            claim="limit",
            value=str(more),
            state=State.NOT_RUN,
            reason=f"{FINDINGS_MAX} findings of one file are recorded; {more} more were not",
        )


def _damage(claims: FileClaims, structure: Structure) -> Iterator[Seen]:
    every = (*structure.damage, *claims.damage)
    yield from (claims.broken(damage) for damage in every[:_DAMAGE_FIRST])
    if len(every) > _DAMAGE_FIRST:
        more = len(every) - _DAMAGE_FIRST
        reason = f"{more} further places of damage not listed"
        yield Seen(claim="limit", value=f"{more} places of damage", state=State.NOT_RUN, reason=reason)


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
