"""The pieces of metadata of one file, parsed once for everybody who asks: Exif, XMP, IPTC, Photoshop resources."""

from collections.abc import Iterator
from dataclasses import dataclass

from headwater.formats.exif import Exif, read_exif
from headwater.formats.iptc import Dataset, Resource, read_iptc, read_resources
from headwater.formats.structure import Bytes, Damage, Piece, Source, Structure
from headwater.formats.xmp import Xmp, read_xmp

READ_RESOURCES = {0x0404: "iptc", 0x0422: "exif", 0x0424: "xmp", 0x040F: "icc"}  # of Photoshop, by identifier
_FIRST_DIRECTORY = {"CMT2": "ExifIFD", "CMT4": "GPS", "APP3 Meta": "MetaIFD"}  # where the first is not IFD0


@dataclass(frozen=True, slots=True)
class Datasets:
    """One IPTC-IIM block, read."""

    datasets: tuple[Dataset, ...]
    damage: tuple[Damage, ...]


@dataclass(frozen=True, slots=True)
class Resources:
    """One run of Photoshop image resources, read; those of READ_RESOURCES follow as pieces of their own."""

    resources: tuple[Resource, ...]
    damage: tuple[Damage, ...]


Content = Exif | Xmp | Datasets | Resources | None


@dataclass(frozen=True, slots=True)
class Read:
    """One piece and what it says. content: None for the kinds that are not parsed here (icc, comment, mpf, c2pa)."""

    piece: Piece
    content: Content


def read_pieces(source: Source, structure: Structure) -> Iterator[Read]:
    """Every piece in the order of the file; what Photoshop resources carry comes after them. Never raises."""
    for piece in structure.pieces:
        read = Read(piece, _content(source, piece))
        yield read
        if isinstance(read.content, Resources):
            yield from (Read(each, _content(source, each)) for each in _carried(piece, read.content))


def _content(source: Source, piece: Piece) -> Content:
    match piece.kind:
        case "exif":
            if isinstance(piece.parsed, Exif):
                return piece.parsed
            whole = source if piece.carrier == "TIFF" else Bytes(piece.data)
            return read_exif(whole, _FIRST_DIRECTORY.get(piece.carrier, "IFD0"))
        case "xmp":
            return read_xmp(piece.data)
        case "iptc":
            return Datasets(*read_iptc(piece.data))
        case "photoshop":
            return Resources(*read_resources(piece.data))
        case _:
            return None


def _carried(piece: Piece, content: Resources) -> Iterator[Piece]:
    for resource in content.resources:
        start, length = resource.offset_bytes, resource.length_bytes
        kind = READ_RESOURCES.get(resource.identifier)
        if kind is not None and length:
            where = piece.spans(start, length)
            carrier = f"{piece.carrier} 8BIM {resource.identifier:04X}"
            yield Piece(kind, piece.data[start : start + length], where if piece.ranges else (), where, carrier)
