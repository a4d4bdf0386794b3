"""The pictures inside a picture: where each lies, and what its carrier says it is.

EXIF, JFIF, MPF, Photoshop and HEIF thumbnails, the thumbnails of a C2PA store, pictures in XMP, pictures behind the end
of the picture, and JPEGs that stand in a block without an entry that names them, or in a part that is not read.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from headwater.formats.embedded_jpeg import loose_jpegs
from headwater.formats.embedded_store import Shown, pictures_in_store
from headwater.formats.embedded_trailer import pictures_behind
from headwater.formats.embedded_xmp import pictures_in_xmp
from headwater.formats.exif import Exif
from headwater.formats.iptc import Resource
from headwater.formats.pieces import READ_RESOURCES, Read, Resources
from headwater.formats.structure import Bytes, Piece, Range, Source, Structure
from headwater.formats.xmp import Xmp

PICTURES_MAX = 64  # of one file
_SPELLED_BYTES_MAX = 32 << 20  # of all pictures of one file that lie nowhere in it as such, or in pieces
_UNREAD_BYTES_MAX = 32 << 20
_THUMBNAILS = (0x0409, 0x040C)  # Photoshop 4 and 5
_THUMBNAIL_HEADER_BYTES = 28
_MPF_THUMBNAILS = range(0x010000, 0x020000)  # large thumbnails (CIPA DC-007, 5.2.3.3.1)
_MPF = "MPF attributes "


@dataclass(frozen=True, slots=True)
class Embedded:
    """One picture inside a file.

    role: `thumbnail` where its carrier means it to show the same picture; `ingredient` where it shows what the picture
    was made from; `picture` for any other. ranges: where its bytes lie in the file, in order; empty where they were
    compressed or spelled otherwise, then `data` has them. sources: the bytes it came from. form: what rows of pixels
    without a file format are; empty for a file of its own.
    """

    carrier: str
    role: str
    ranges: tuple[Range, ...]
    sources: tuple[Range, ...]
    data: bytes = b""
    form: str = ""

    @property
    def length_bytes(self) -> int:
        return sum(each.length_bytes for each in self.ranges) if self.ranges else len(self.data)

    def read(self, source: Source) -> bytes:
        """Its bytes."""
        if not self.ranges:
            return self.data
        return b"".join(source.read_at(each.offset_bytes, each.length_bytes) for each in self.ranges)


@dataclass(frozen=True, slots=True)
class EmbeddedPictures:
    """Those of one file, in the order of their carriers. omitted: why some are not among them; empty where none."""

    pictures: tuple[Embedded, ...]
    omitted: str = ""


def embedded_pictures(source: Source, structure: Structure, read: Sequence[Read]) -> EmbeddedPictures:
    """Every picture that a file carries, each place once; `read` is its pieces, parsed. Never raises.

    A file's own pictures do not overlap: together they are no larger than the file, or the rest is omitted.
    """
    kept: list[Embedded] = []
    places: set[tuple[int, int] | bytes] = set()
    left, spelled = source.size_bytes, _SPELLED_BYTES_MAX
    omitted = 0
    for each in _every(source, structure, read):
        size = each.length_bytes
        place = (each.ranges[0].offset_bytes, size) if each.ranges else each.data
        if not size or place in places or (each.ranges and size >= source.size_bytes):
            continue
        places.add(place)
        whole = len(each.ranges) == 1
        if len(kept) >= PICTURES_MAX or size > (left if whole else min(left, spelled)):
            omitted += 1
            continue
        left -= size
        spelled -= 0 if whole else size
        kept.append(each)
    why = f"{PICTURES_MAX} pictures, no larger than the file together, are taken; {omitted} more were not"
    return EmbeddedPictures(tuple(kept), why if omitted else "")


def _every(source: Source, structure: Structure, read: Sequence[Read]) -> Iterator[Embedded]:
    known: list[Range] = []
    for one in read:
        for each in _in_piece(source, one):
            known += each.ranges
            yield each
    yield from _unread(source, structure)
    if structure.end_bytes is not None:
        for carrier, where in pictures_behind(source, structure.end_bytes, known):
            yield Embedded(carrier, "picture", (where,), (where,))


def _unread(source: Source, structure: Structure) -> Iterator[Embedded]:
    """Give the whole JPEGs in parts that no reader knows: FlashPix segments, preview boxes of raw files."""
    left = _UNREAD_BYTES_MAX
    for part in structure.unread:
        left -= part.length_bytes
        if left < 0:
            return
        data = source.read_at(part.offset_bytes, part.length_bytes)
        for each in loose_jpegs(data, ()):
            where = (Range(part.offset_bytes + each.offset_bytes, each.length_bytes),)
            yield Embedded(f"{part.kind}, not read".replace("/", "_"), "picture", where, where)


def _in_piece(source: Source, read: Read) -> Iterator[Embedded]:
    piece = read.piece
    match read.content:
        case Exif():
            yield from _exif(source, piece, read.content)
        case Resources():
            yield from _photoshop(piece, read.content)
        case Xmp():
            yield from _xmp(piece, read.content)
        case _ if piece.kind == "embedded":
            yield _named(piece)
        case _ if piece.kind == "c2pa":
            yield from _store(source, piece)


def _named(piece: Piece) -> Embedded:
    """Give a picture that the container names itself; the cover of a video may show anything."""
    role = "picture" if piece.carrier.endswith("covr") else "thumbnail"
    if piece.carrier.startswith(_MPF):
        role = "thumbnail" if int(piece.carrier[len(_MPF) :], 16) & 0xFFFFFF in _MPF_THUMBNAILS else "picture"
    return Embedded(piece.carrier, role, piece.ranges, piece.sources, form=piece.form)


def _exif(source: Source, piece: Piece, exif: Exif) -> Iterator[Embedded]:
    """Give what the directories name, and JPEGs that stand in no entry of theirs."""
    whole = source if piece.carrier == "TIFF" else Bytes(piece.data)
    carrier = "EXIF" if piece.carrier != "TIFF" else "TIFF"
    for directory, where in exif.pictures:
        yield _inside(whole, piece, f"{carrier} {directory}", where)
    if piece.carrier != "TIFF":
        known = [where for _, where in exif.pictures]
        notes = [Range(tag.value_offset_bytes, tag.value_length_bytes) for tag in exif.tags if tag.name == "MakerNote"]
        for where in loose_jpegs(piece.data, known):
            if any(_holds(note, where) for note in notes):
                yield _inside(whole, piece, "EXIF maker note", where)
            else:
                yield _inside(whole, piece, "EXIF, named by no entry", where, role="picture")


def _photoshop(piece: Piece, content: Resources) -> Iterator[Embedded]:
    """Give the thumbnail resources, and JPEGs that stand in others; those that are metadata are pieces of their own."""
    whole = Bytes(piece.data)
    known = []
    for resource in content.resources:
        if resource.identifier in READ_RESOURCES:
            known.append(Range(resource.offset_bytes, resource.length_bytes))
        elif resource.identifier in _THUMBNAILS and resource.length_bytes > _THUMBNAIL_HEADER_BYTES:
            where = _thumbnail(resource)
            known.append(where)
            form = "" if piece.data[resource.offset_bytes : resource.offset_bytes + 4] == b"\0\0\0\1" else "raw rows"
            yield _inside(whole, piece, f"8BIM {resource.identifier:04X}", where, form=form)
    for where in loose_jpegs(piece.data, known):
        yield _inside(whole, piece, "8BIM, in another resource", where, role="picture")


def _thumbnail(resource: Resource) -> Range:
    skip = _THUMBNAIL_HEADER_BYTES
    return Range(resource.offset_bytes + skip, resource.length_bytes - skip)


def _xmp(piece: Piece, packet: Xmp) -> Iterator[Embedded]:
    for path, data, is_thumbnail in pictures_in_xmp(packet):
        yield Embedded(f"XMP {path}", "thumbnail" if is_thumbnail else "picture", (), piece.sources, data)


def _store(source: Source, piece: Piece) -> Iterator[Embedded]:
    store, shown = pictures_in_store(source, piece)
    for each in shown:
        where = store.spans(each.where.offset_bytes, each.where.length_bytes)
        yield Embedded(f"C2PA {each.name}", _ROLES[each.kind], where, where)


def _inside(
    whole: Source, piece: Piece, carrier: str, where: Range, *, role: str = "thumbnail", form: str = ""
) -> Embedded:
    """Give a picture that lies in a piece of metadata."""
    spans = piece.spans(where.offset_bytes, where.length_bytes) if piece.ranges else ()
    data = b"" if spans else whole.read_at(where.offset_bytes, where.length_bytes)
    return Embedded(carrier, role, spans, spans or piece.sources, data, form)


def _holds(outer: Range, inner: Range) -> bool:
    end = outer.offset_bytes + outer.length_bytes
    return outer.offset_bytes <= inner.offset_bytes and inner.offset_bytes + inner.length_bytes <= end


_ROLES = {Shown.CLAIM: "thumbnail", Shown.INGREDIENT: "ingredient", Shown.OTHER: "picture"}
