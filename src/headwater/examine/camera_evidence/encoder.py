"""Which family of encoders wrote a JPEG: by its tables, and by what was learned from files of known cameras."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from headwater.examine.camera_evidence.learned_encoders import LEARNED, LEARNED_FILES
from headwater.formats.jpeg_coding import Coding
from headwater.formats.jpeg_standard import standard_quality, tables_digest

DIGITS = 16  # of a digest of tables, in the list of what was learned
NOT_LEARNED = "-"
_ADOBE = ("APP13 Photoshop", "APP12 Ducky")
_MODELS_MAX = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """One row of what was learned. layout: Huffman and segments; `-` where the file was cropped by a program."""

    tables: str
    sampling: str
    layout: str
    make: str
    model: str
    files: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """The family, the quality where tables are scaled from the standard's, and what that rests on."""

    name: str
    quality: int | None
    source: str
    models: tuple[str, ...] = ()
    same_layout: bool | None = None


@cache
def learned() -> tuple[Learned, ...]:
    """Everything that was learned, in the order of the list."""
    return tuple(_rows())


def _rows() -> Iterator[Learned]:
    for line in LEARNED.strip().splitlines():
        tables, sampling, layout, make, model, files = line.split("|")
        yield Learned(tables=tables, sampling=sampling, layout=layout, make=make, model=model, files=int(files))


def layout_of(coding: Coding) -> str:
    """Huffman and the order of segments as one text; the application segments of a picture's profile are left out."""
    kept = [kind.partition(" ")[0] if kind.startswith("APP") else kind for kind in coding.order]
    return f"{coding.huffman} {','.join(kept)}"


def family_of(coding: Coding) -> Family:
    """Match an encoding with the families known here."""
    quality = quality_of(coding)
    digest = tables_digest(coding.tables)[:DIGITS]
    same = [row for row in learned() if row.tables == digest and row.sampling == coding.sampling]
    if same:
        layouts = {row.layout for row in same} - {NOT_LEARNED}
        return Family(
            name="camera",
            quality=quality,
            source=f"learned from {LEARNED_FILES} files of known cameras",
            models=tuple(sorted({f"{row.make} {row.model} ({row.files})" for row in same})[:_MODELS_MAX]),
            same_layout=layout_of(coding) in layouts if layouts else None,
        )
    if quality is not None:
        return Family(name="ijg", quality=quality, source="ITU-T T.81 Annex K, scaled as the IJG's library does")
    if any(kind.startswith(_ADOBE) for kind in coding.order) and "APP14 Adobe" in coding.order:
        return Family(name="adobe", quality=None, source="segments that Adobe's programs write; tables not compared")
    return Family(name="unknown", quality=None, source=f"not among the tables of {LEARNED_FILES} files learned from")


def quality_of(coding: Coding) -> int | None:
    """The quality whose scaled standard tables these are; one table for all colours is none of them."""
    if len(coding.tables) == 1 and len(coding.components) > 1:
        return None
    return standard_quality(coding.tables)


def cell(text: str) -> str:
    """A Make or Model as it stands in the list: no bar, one space between words."""
    return " ".join(text.replace("|", " ").split())


def tables_of_model(make: str, model: str) -> frozenset[str]:
    """Digests of the tables that files of this model were seen with; empty where none was learned from."""
    return frozenset(row.tables for row in learned() if (row.make, row.model) == (cell(make), cell(model)))
