"""Every text that a file carries, with its carrier and its place: where a label may stand."""

from collections.abc import Iterator
from dataclasses import dataclass

from headwater.examine.view import View
from headwater.formats.charset import utf8_or_latin
from headwater.formats.exif import Exif
from headwater.formats.pieces import Datasets, Read
from headwater.formats.structure import Piece, Range, Structure
from headwater.formats.xmp import Xmp


@dataclass(frozen=True, slots=True)
class Told:
    """One text. carrier: the kind of place, for people. key: keyword, tag, path or dataset."""

    carrier: str
    key: str
    text: str
    where: tuple[Range, ...]

    @property
    def local(self) -> str:
        """The last name of an XMP path, without prefix, index or language."""
        return self.key.rpartition("/")[2].rpartition(":")[2].partition("[")[0]

    @property
    def is_top(self) -> bool:
        """Whether it speaks of the whole picture: not inside a structure, such as a region."""
        return "/" not in self.key


def texts(view: View) -> Iterator[Told]:
    """All of them, in the order in which the readers give them."""
    structure = view.structure()
    if structure is not None:
        yield from _own(structure)
        for each in view.read():
            yield from _of_piece(each)


def _own(structure: Structure) -> Iterator[Told]:
    for text in structure.texts:
        if not text.unreadable:
            yield Told(f"{structure.format.upper()} {text.carrier}", text.keyword, text.text, (text.source,))
    for field in structure.fields:
        key, value = field.value.get("key"), field.value.get("value", field.value.get("text"))
        if isinstance(value, str) and not field.unreadable:
            carrier = str(field.value.get("carrier", field.claim))
            yield Told(f"{structure.format} {carrier}", str(key or ""), value, field.ranges)


def _of_piece(read: Read) -> Iterator[Told]:
    piece, content = read.piece, read.content
    match content:
        case Xmp():
            where = piece.ranges or piece.sources
            yield from (Told(f"XMP {piece.carrier}", one.path, one.value, where) for one in content.properties)
        case Exif():
            yield from _of_exif(piece, content)
        case Datasets():
            for dataset in content.datasets:
                if isinstance(dataset.value, str):
                    yield Told(f"IPTC {piece.carrier}", dataset.name, dataset.value, piece.sources)
        case _ if piece.kind == "comment":
            yield Told(f"comment {piece.carrier}", "", utf8_or_latin(piece.data)[0], piece.sources)


def _of_exif(piece: Piece, exif: Exif) -> Iterator[Told]:
    for tag in exif.tags:
        if isinstance(tag.value, str) and not tag.unreadable:
            offset = tag.value_offset_bytes
            where = piece.spans(offset, len(tag.raw)) if piece.ranges else piece.sources
            yield Told(f"EXIF {piece.carrier}", tag.name, tag.value, where)
