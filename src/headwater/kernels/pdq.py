"""PDQ, the 256-bit perceptual hash of a picture, as fast as memory is read, bit for bit as its reference gives it.

Source: Facebook (2019), "The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing Algorithm", and the reference
implementation in ThreatExchange (`pdq/cpp`). Steps there: luma, two box filters along each axis, every (n/64)-th sample
of the result, the 16 x 16 lowest discrete cosine terms without the constant ones, one bit a term: is it above the
median.

The two box filters and the sampling are linear and separable, so per axis they are ONE banded operator with 64 bands.
`headwater.kernels.pdq_operator` applies that operator directly; the filtered picture is never built.

The reference rounds each running sum to 32 bits. Where a term lies closer to the median than that rounding can move it
(flat and symmetric pictures above all), the reference's own order of operations decides the bit; then, and only then,
`headwater.kernels.pdq_rounding` repeats that order exactly. The bits therefore equal the reference's, not nearly.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from headwater.kernels import pdq_rounding
from headwater.kernels.pdq_bits import BITS, SAMPLE_SLACK, TERM_SLACK, VARIANTS, bits_of, quality_range, undecided
from headwater.kernels.pdq_operator import SIDE, axis, cosine_terms, fold_columns, fold_rows, luma_of

__all__ = ["SIDE", "VARIANTS", "Pdq", "Plane", "Rows", "dihedral", "luma_from_rgb", "pdq", "warm"]

Luma = NDArray[np.uint8] | NDArray[np.float32]

MIN_SIDE_PIXELS = 5  # below this the reference gives an all-zero hash of quality 0
_STRIP_ROWS = 256


class Rows(Protocol):
    """Luma that is made row by row, so that a large picture need not stand in memory twice."""

    @property
    def height_pixels(self) -> int: ...

    @property
    def width_pixels(self) -> int: ...

    def rows(self, first: int, stop: int) -> Luma:
        """Rows `first` to `stop` (not included), shape (stop - first, width_pixels), C order."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Pdq:
    """A PDQ hash and its quality.

    bits: 32 bytes, most significant first: `bits.hex()` is the 64-digit text the reference prints.
    quality: 0 to 100, from the gradients of the 64 x 64 picture; the reference advises 50 for matching.
    """

    bits: bytes
    quality: int

    def __str__(self) -> str:
        return self.bits.hex()


def pdq(luma: Luma | Rows) -> Pdq:
    """PDQ of one picture. `luma` is (height, width), 0 to 255, uint8 or float32, or `Rows`."""
    return _hashes(luma, variants=1)[0]


def dihedral(luma: Luma | Rows) -> tuple[Pdq, ...]:
    """PDQ of the picture and of its seven turns and mirrors, in the order of `VARIANTS`.

    All eight come from one set of cosine terms by transposition and changes of sign; the picture is read once.
    """
    return _hashes(luma, variants=len(VARIANTS))


def luma_from_rgb(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Luma of an RGB picture as the reference weighs it (ITU-R BT.601).

    `rgb` is (height, width, 3) uint8; the result is (height, width) float32.
    """
    return luma_of(_sealed(rgb))


def warm() -> None:
    """Compile or load every kernel, so that nothing is compiled or opened inside the jail."""
    flat = np.zeros((MIN_SIDE_PIXELS, MIN_SIDE_PIXELS), dtype=np.uint8)  # flat: takes the exact order too
    dihedral(flat)
    dihedral(flat.astype(np.float32))
    luma_from_rgb(np.zeros((1, 1, 3), dtype=np.uint8))


def _hashes(luma: Luma | Rows, *, variants: int) -> tuple[Pdq, ...]:
    source = Plane(luma) if isinstance(luma, np.ndarray) else luma
    height, width = source.height_pixels, source.width_pixels
    if height < MIN_SIDE_PIXELS or width < MIN_SIDE_PIXELS:
        return (Pdq(bits=bytes(BITS // 8), quality=0),) * variants
    small, whole_numbers = _decimated(source)
    terms = cosine_terms(small)
    low, high = quality_range(small, SAMPLE_SLACK)
    if low != high or undecided(terms, TERM_SLACK[whole_numbers], variants > 1):
        exact = pdq_rounding.decimated(_strips(source), height, width)
        terms = pdq_rounding.cosine_terms(exact).astype(np.float64)
        low = pdq_rounding.quality(exact)
    quality = max(0, min(100, int(low)))  # whatever luma that is no luma adds up to
    return tuple(Pdq(bits=bits.tobytes(), quality=quality) for bits in bits_of(terms, variants))


def _decimated(source: Rows) -> tuple[NDArray[np.float64], bool]:
    """The blurred picture at 64 x 64, and whether its luma came as whole numbers."""
    folded = np.zeros((SIDE, source.width_pixels), dtype=np.float32)
    down, across = axis(source.height_pixels), axis(source.width_pixels)
    first, whole_numbers = 0, True
    for strip in _strips(source):
        fold_rows(strip, first, down.first, down.weights, folded)
        first += strip.shape[0]
        whole_numbers = whole_numbers and strip.dtype == np.uint8
    scale = 1.0 / (float(down.scale) * float(across.scale))
    return fold_columns(folded, across.first, across.weights, scale), whole_numbers


@dataclass(frozen=True, slots=True)
class Plane:
    """Luma that is in memory as a whole."""

    luma: Luma

    @property
    def height_pixels(self) -> int:
        return int(self.luma.shape[0])

    @property
    def width_pixels(self) -> int:
        return int(self.luma.shape[1])

    def rows(self, first: int, stop: int) -> Luma:
        return self.luma[first:stop]


def _strips(source: Rows) -> Iterator[Luma]:
    for first in range(0, source.height_pixels, _STRIP_ROWS):
        yield _sealed(source.rows(first, min(first + _STRIP_ROWS, source.height_pixels)))


def _sealed(array: NDArray[Any]) -> NDArray[Any]:
    """The same array as the one type the kernels are compiled for: C order, read-only."""
    view = np.ascontiguousarray(array).view()
    view.flags.writeable = False
    return view
