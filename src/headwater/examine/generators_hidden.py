"""Looks for texts in the least bits of pixels, in pictures whose format keeps them: PNG, lossless WebP, BMP.

A PNG is decoded only where its first column begins as such a text does.
"""

from collections.abc import Iterator

from headwater.examine.view import View
from headwater.formats.generators.carried import Carried
from headwater.formats.generators.stealth import ALPHA, COLOURS, hidden_texts, read_hidden
from headwater.formats.png_first_column import bytes_a_pixel, first_column
from headwater.formats.structure import Part, Range, Structure

_PREFIX_BYTES = 11  # what the signatures of one channel have in common
_PIXELS = {"png": ("IDAT",), "webp": ("VP8L",)}
_INTERLACED = 28  # where the method of interlacing stands in a PNG


def hidden(view: View, structure: Structure) -> Iterator[Carried]:
    """Give the texts found. Raises EvidenceError where one is there and cannot be read."""
    if not _may_hide(view, structure):
        return
    where = [Range(part.data_offset_bytes, part.data_length_bytes) for part in _pixel_parts(structure)]
    for found in read_hidden(view.picture().colours()):
        yield from hidden_texts(found, where or [Range(0, view.size_bytes)])


def _pixel_parts(structure: Structure) -> list[Part]:
    kinds = _PIXELS.get(structure.format, ())
    return [part for part in structure.parts if part.kind in kinds]


def _may_hide(view: View, structure: Structure) -> bool:
    if structure.format == "png":
        return _begins(view, structure)
    return structure.format == "bmp" or bool(_pixel_parts(structure))


def _begins(view: View, structure: Structure) -> bool:
    """Whether the least bits of the first column begin a signature, as far down as the picture goes."""
    size = bytes_a_pixel(view.bytes, structure)
    if not size:
        return view.read_at(_INTERLACED, 1) == b"\1"
    hopes = [_Hope(COLOURS[0], (0, 1, 2))] + ([_Hope(ALPHA[0], (3,))] if size == len("RGBA") else [])
    for pixel in first_column(view.bytes, structure):
        hopes = [hope for hope in hopes if hope.goes_on(pixel)]
        if not hopes or any(hope.done for hope in hopes):
            break
    return bool(hopes)


class _Hope:
    """One signature, compared bit by bit with some samples of each pixel."""

    __slots__ = ("at", "bits", "samples")

    def __init__(self, signature: bytes, samples: tuple[int, ...]) -> None:
        self.bits = [byte >> shift & 1 for byte in signature[:_PREFIX_BYTES] for shift in range(7, -1, -1)]
        self.samples = samples
        self.at = 0

    def goes_on(self, pixel: bytes) -> bool:
        there = [pixel[sample] & 1 for sample in self.samples]
        wanted = self.bits[self.at : self.at + len(there)]
        self.at += len(there)
        return there[: len(wanted)] == wanted

    @property
    def done(self) -> bool:
        return self.at >= len(self.bits)
