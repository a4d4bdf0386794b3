"""Metadata at byte level: what a picture file says of itself, and exactly where.

Claims (values are JSON with sorted keys and no spaces unless said otherwise):

- ``png.chunks``, ``jpeg.segments``, ``webp.chunks``, ``gif.blocks``, ``bmp.headers``, ``tiff.ifds``,
  ``isobmff.boxes``:
  {"parts": [[kind, how many in a row], ...], "count", "end_bytes", "after_idat"?}
- ``png.text`` {"charset", "chunk", "keyword", "language", "text", "translated_keyword"}; ``comment``
  {"carrier", "text"}
- ``jpeg.quantisation`` {"tables": [{"id", "precision_bits", "values" in zigzag order}], "sha256"}
- ``exif.tag`` {"ifd", "tag", "name", "type", "value"}; ``exif.maker_note`` {"length_bytes", "maker",
  "parsed", "sha256"}
- ``xmp.property`` {"path", "value"}; ``iptc.dataset`` {"charset", "dataset", "name", "record", "value"};
  ``icc.profile``
- ``trailing`` {"offset_bytes", "length_bytes", "first_bytes", "signature", "ends_with"}
- ``embedded.picture`` {"carrier", "length_bytes", "offset_bytes", "signature"}; ``c2pa.present`` {"carrier",
  "length_bytes"}
- ``damage.structure`` {"length_bytes", "offset_bytes", "what"}
- ``metadata`` only as NOTHING (looked, and the file says nothing of itself) or FAILED (it does, and none of it can be
  read); ``limit`` as NOT_RUN (more than was recorded).

A text over 64 KiB is cut; its full length and SHA-256 are then beside it and the span covers all of it.
"""

from collections.abc import Callable, Iterator
from itertools import chain

from headwater.examine.examiner import Example
from headwater.examine.metadata_claims import FileClaims
from headwater.examine.metadata_examples import EXAMPLES
from headwater.examine.view import View
from headwater.formats.bmp import read_bmp
from headwater.formats.exif import read_exif
from headwater.formats.gif import read_gif
from headwater.formats.isobmff import read_isobmff
from headwater.formats.jpeg import read_jpeg
from headwater.formats.png import SIGNATURE, read_png
from headwater.formats.structure import Bytes, Notes, Part, Source, Structure
from headwater.formats.tiff import tiff_pieces
from headwater.formats.webp import read_webp
from headwater.model.errors import Truncated
from headwater.model.finding import Seen, State

FINDINGS_MAX = 2_000
_IN_MEMORY_BYTES = 16 << 20
_TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+", b"IIRO", b"IIRS", b"MMOR", b"IIU\0")
_BOXES = (b"ftyp", b"jP  ", b"JXL ", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot", b"styp", b"uuid")
_DAMAGE_FIRST = 200


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
        "jpeg.quantisation",
        "jpeg.segments",
        "limit",
        "metadata",
        "png.chunks",
        "png.text",
        "tiff.ifds",
        "trailing",
        "webp.chunks",
        "xmp.property",
    )

    def accepts(self, view: View) -> bool:
        return reader_for(view.head) is not None

    def examine(self, view: View) -> Iterator[Seen]:
        read = reader_for(view.head)
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
    said = chain(claims.around(structure), claims.texts(structure), claims.pieces(structure))
    count = 0
    more = 0
    for seen in chain(summary, said, _damage(claims, structure), _nothing(claims)):
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
        yield Seen(
            claim="limit", value=str(more), state=State.NOT_RUN, reason=f"{more} further places of damage not listed"
        )


def _nothing(claims: FileClaims) -> Iterator[Seen]:
    """Give the silence, said aloud. Asked last, when everything was looked at."""
    if claims.said_something:
        return
    if claims.damage:
        reason = "malformed: the file carries metadata that cannot be read; damage.structure says where and why"
        yield Seen(claim="metadata", state=State.FAILED, reason=reason)
    else:
        yield Seen(claim="metadata", state=State.NOTHING, reason="looked: the file carries no metadata")


def reader_for(head: bytes) -> Callable[[Source], Structure] | None:
    """Give the reader for a file that begins with `head`; None where none of the formats here does."""
    for fits, read in _READERS:
        if fits(head):
            return read
    return None


def _read_tiff(source: Source) -> Structure:
    exif = read_exif(source)
    notes = Notes("tiff")
    for ifd in exif.directories:
        end = ifd.offset_bytes + ifd.length_bytes
        notes.parts.append(Part(f"{ifd.name} ({ifd.entries})", ifd.offset_bytes, ifd.length_bytes, end, 0))
    notes.named("exif", 0, source.size_bytes, "TIFF")
    notes.pieces += tiff_pieces(source, exif)
    return notes.done(None)


def _read_exv(source: Source) -> Structure:
    """Exiv2's own sidecar: a JPEG's metadata segments behind a signature of seven bytes."""
    return read_jpeg(source, 7)


def _read_packet(source: Source) -> Structure:
    notes = Notes("xmp")
    notes.parts.append(Part("packet", 0, source.size_bytes, 0, source.size_bytes))
    notes.piece("xmp", source, 0, source.size_bytes, "file")
    return notes.done(source.size_bytes)


def _is_bmp(head: bytes) -> bool:
    return head[:2] == b"BM" and head[6:10] == b"\0\0\0\0" and head[14:18] in _BMP_HEADERS


_BMP_HEADERS = {size.to_bytes(4, "little") for size in (12, 16, 40, 52, 56, 64, 108, 124)}
_READERS: tuple[tuple[Callable[[bytes], bool], Callable[[Source], Structure]], ...] = (
    (lambda head: head[:8] == SIGNATURE, read_png),
    (lambda head: head[:2] == b"\xff\xd8", read_jpeg),
    (lambda head: head[:7] == b"\xff\x01Exiv2", _read_exv),
    (lambda head: head[:4] == b"RIFF" and head[8:12] == b"WEBP", read_webp),
    (lambda head: head[:6] in (b"GIF87a", b"GIF89a"), read_gif),
    (lambda head: head[:4] in _TIFF, _read_tiff),
    (lambda head: head[4:8] in _BOXES, read_isobmff),
    (_is_bmp, read_bmp),
    (lambda head: head[:9] == b"<?xpacket" or head[:10] == b"<x:xmpmeta", _read_packet),
)
