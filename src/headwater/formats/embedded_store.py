"""The pictures in a C2PA store: thumbnails of claims and of ingredients, and any other picture it holds.

Source: C2PA Technical Specification, "Thumbnail" assertion: labels `c2pa.thumbnail.claim` and
`c2pa.thumbnail.ingredient`, with a format behind them in older files.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from headwater.formats.embedded_jpeg import loose_jpegs
from headwater.formats.jumbf import JumbfBox, media_type_of, read_jumbf, read_store
from headwater.formats.structure import Piece, Range, Source

_CLAIM, _INGREDIENT = "c2pa.thumbnail.claim", "c2pa.thumbnail.ingredient"
_NAME_LETTERS_MAX = 80


class Shown(Enum):
    """What a picture of a store shows."""

    CLAIM = "the picture itself, as the active manifest has it"
    INGREDIENT = "an ingredient, or the picture as an earlier manifest has it"
    OTHER = "anything else"


@dataclass(frozen=True, slots=True)
class StorePicture:
    """One picture; the range counts from the start of the store."""

    name: str
    kind: Shown
    where: Range


def pictures_in_store(source: Source, piece: Piece) -> tuple[Piece, tuple[StorePicture, ...]]:
    """The store with its bytes, and its pictures."""
    store = read_store(source, piece)
    boxes = read_jumbf(store.data)
    found = tuple(_pictures(store.data, boxes))
    known = [each.where for each in found]
    loose = tuple(StorePicture("named by no box", Shown.OTHER, each) for each in loose_jpegs(store.data, known))
    return store, (*found, *loose)


def _pictures(data: bytes, boxes: Sequence[JumbfBox]) -> Iterator[StorePicture]:
    types = {box.place: media_type_of(data, box) for box in boxes if box.kind == "bfdb"}
    active = max((box.place[1] for box in boxes if len(box.place) > 1), default=0)  # the last one of the store
    for box in boxes:
        label = box.labels[-1] if box.labels else ""
        if box.kind == "bidb" and (types.get(box.place, "").startswith("image/") or label.startswith("c2pa.thumbnail")):
            manifest = box.place[1] if len(box.place) > 1 else 0
            name = f"manifest {manifest + 1} {_shown(label)}"
            yield StorePicture(name, _kind(label, is_active=manifest == active), _where(box))


def _kind(label: str, *, is_active: bool) -> Shown:
    if label.startswith(_INGREDIENT):
        return Shown.INGREDIENT
    if label.startswith(_CLAIM):
        return Shown.CLAIM if is_active else Shown.INGREDIENT
    return Shown.OTHER


def _shown(label: str) -> str:
    return label[:_NAME_LETTERS_MAX].replace("/", "_") or "without a label"


def _where(box: JumbfBox) -> Range:
    return Range(box.offset_bytes, box.length_bytes)
