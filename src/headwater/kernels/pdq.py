"""PDQ, the 256-bit perceptual hash of a picture, in a form about a hundred times faster than its reference.

Source: Facebook (2019), "The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing Algorithm", and the reference
implementation in ThreatExchange (`pdq/cpp`). Steps there: luma, two box filters along each axis, every (n/64)-th sample
of the result, the 16 x 16 lowest discrete cosine terms without the constant ones, one bit a term: above the median or not.

The two box filters and the sampling are linear and separable, so per axis they are ONE banded operator with 64 bands.
This module applies that operator directly (`_fold_rows`, `_fold_columns`) and never builds the filtered picture.

The reference rounds each running sum to 32 bits. Where a term lies closer to the median than that rounding can move it
(flat and symmetric pictures above all), the reference's own order of operations decides the bit; then, and only then,
`headwater.kernels.pdq_rounding` repeats that order exactly. The bits therefore equal the reference's, not nearly.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from math import cos, pi, sqrt
from typing import Protocol, TypeVar

import numpy as np
from numba import njit
from numpy.typing import NDArray

from headwater.kernels import pdq_rounding

Luma = NDArray[np.uint8] | NDArray[np.float32]
Kind = TypeVar("Kind", np.uint8, np.float32)

SIDE = 64  # samples of the blurred picture per axis
TERMS = 16  # cosine terms kept per axis
BITS = TERMS * TERMS
MIN_SIDE_PIXELS = 5  # below this the reference gives an all-zero hash of quality 0
VARIANTS = ("original", "rotate90", "rotate180", "rotate270", "flip_x", "flip_y", "flip_plus1", "flip_minus1")
_STRIP_ROWS = 256

# How far the reference's rounding may move a sample of the 64 x 64 picture. Seen on 464 pictures: at most 0.0031.
_SAMPLE_SLACK = 0.005


def _term_slack(scale: float) -> NDArray[np.float64]:
    """How far that rounding may move each cosine term: drifting sums move the low terms most.

    Seen on 464 pictures: at most 0.0105 for the lowest term and 0.0005 for the higher ones of float32 luma, a fifth of
    that for uint8 luma, whose first sums are exact. Allowed: at least one and a half times what was seen.
    """
    order = np.arange(1, TERMS + 1, dtype=np.float64)
    return scale * (5.0 / np.outer(order, order) ** 0.75 + 0.1)


_TERM_SLACK = {True: _term_slack(0.003), False: _term_slack(0.01)}  # by: luma is uint8


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
    """Luma of an RGB picture, (height, width, 3) uint8, as the reference weighs it (ITU-R BT.601): (height, width) float32."""
    return _luma(_sealed(rgb))


def warm() -> None:
    """Compile or load every kernel, so that nothing is compiled or opened inside the jail."""
    for dtype in (np.uint8, np.float32):
        flat = np.zeros((MIN_SIDE_PIXELS, MIN_SIDE_PIXELS), dtype=dtype)  # flat: takes the exact order too
        dihedral(flat)
    luma_from_rgb(np.zeros((1, 1, 3), dtype=np.uint8))


def _hashes(luma: Luma | Rows, *, variants: int) -> tuple[Pdq, ...]:
    source = _Plane(luma) if isinstance(luma, np.ndarray) else luma
    height, width = source.height_pixels, source.width_pixels
    if height < MIN_SIDE_PIXELS or width < MIN_SIDE_PIXELS:
        return (Pdq(bits=bytes(BITS // 8), quality=0),) * variants
    small, whole_numbers = _decimated(source)
    terms = _cosine_terms(small, _COSINES)
    low, high = _quality_range(small, _SAMPLE_SLACK)
    if low != high or _undecided(terms, _TERM_SLACK[whole_numbers], variants > 1):
        exact = pdq_rounding.decimated(_strips(source), height, width)
        terms = pdq_rounding.cosine_terms(exact, _COSINES).astype(np.float64)
        low = pdq_rounding.quality(exact)
    return tuple(Pdq(bits=bits.tobytes(), quality=int(low)) for bits in _bits(terms, variants))


@dataclass(frozen=True, slots=True)
class _Plane:
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


def _sealed(array: NDArray[Kind]) -> NDArray[Kind]:
    """The same array as the one type the kernels are compiled for: C order, read-only."""
    view = np.ascontiguousarray(array).view()
    view.flags.writeable = False
    return view


def _decimated(source: Rows) -> tuple[NDArray[np.float64], bool]:
    """The blurred picture at 64 x 64, and whether its luma came as whole numbers."""
    folded = np.zeros((SIDE, source.width_pixels), dtype=np.float32)
    down = _axis(source.height_pixels)
    first, whole_numbers = 0, True
    for strip in _strips(source):
        _fold_rows(strip, first, down.first, down.weights, folded)
        first += strip.shape[0]
        whole_numbers = whole_numbers and strip.dtype == np.uint8
    across = _axis(source.width_pixels)
    scale = 1.0 / (float(down.scale) * float(across.scale))
    return _fold_columns(folded, across.first, across.weights, scale), whole_numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class _Axis:
    """The operator of one axis: band k is `weights[k]` laid over the samples from `first[k]` on, divided by `scale`.

    Away from the edges the weights are whole numbers, so that sums over uint8 luma are exact in 32-bit floats.
    """

    first: NDArray[np.int64]
    weights: NDArray[np.float32]
    scale: int


@lru_cache(maxsize=512)
def _axis(length: int) -> _Axis:
    window = (length + 2 * SIDE - 1) // (2 * SIDE)
    right = (window + 2) // 2 - 1  # a window of even length reaches one sample further to the right
    left = window - 1 - right
    first = np.zeros(SIDE, dtype=np.int64)
    weights = np.zeros((SIDE, 2 * window - 1), dtype=np.float64)
    for band in range(SIDE):
        centre = int((band + 0.5) * length / SIDE)
        low, high = max(0, centre - left), min(length - 1, centre + right)
        first[band] = max(0, low - left)
        for sample in range(low, high + 1):
            start, stop = max(0, sample - left), min(length - 1, sample + right) + 1
            share = 1.0 / ((high - low + 1) * (stop - start))
            weights[band, start - first[band] : stop - first[band]] += share
    scale = window * window
    whole = np.rint(weights * scale)
    weights = np.where(np.abs(whole - weights * scale) < 1e-6, whole, weights * scale)  # noqa: PLR2004
    return _Axis(first=first, weights=weights.astype(np.float32), scale=scale)


def _cosines() -> NDArray[np.float32]:
    factor = np.float32(sqrt(2.0 / SIDE))
    rows = [[float(factor) * cos(pi / 2 / SIDE * (i + 1) * (2 * j + 1)) for j in range(SIDE)] for i in range(TERMS)]
    return np.array(rows, dtype=np.float64).astype(np.float32)


_COSINES = _cosines()


@njit(cache=True, nogil=True)
def _fold_rows(strip, first_row, first, weights, folded):  # type: ignore[no-untyped-def]
    rows, width = strip.shape
    for band in range(first.shape[0]):
        start = max(first[band], first_row)
        stop = min(first[band] + weights.shape[1], first_row + rows)
        out = folded[band]
        row = start
        while row + 4 <= stop:
            k = row - first[band]
            w0, w1, w2, w3 = weights[band, k], weights[band, k + 1], weights[band, k + 2], weights[band, k + 3]
            r0, r1 = strip[row - first_row], strip[row - first_row + 1]
            r2, r3 = strip[row - first_row + 2], strip[row - first_row + 3]
            for j in range(width):
                out[j] += (w0 * np.float32(r0[j]) + w1 * np.float32(r1[j])) + (
                    w2 * np.float32(r2[j]) + w3 * np.float32(r3[j])
                )
            row += 4
        while row < stop:
            w0 = weights[band, row - first[band]]
            r0 = strip[row - first_row]
            for j in range(width):
                out[j] += w0 * np.float32(r0[j])
            row += 1


@njit(cache=True, nogil=True)
def _fold_columns(folded, first, weights, scale):  # type: ignore[no-untyped-def]
    bands, width = folded.shape
    small = np.empty((bands, bands), dtype=np.float64)
    for i in range(bands):
        for band in range(bands):
            total = 0.0
            for k in range(min(weights.shape[1], width - first[band])):
                total += np.float64(weights[band, k]) * folded[i, first[band] + k]
            small[i, band] = total * scale
    return small


@njit(cache=True, nogil=True)
def _cosine_terms(small, cosines):  # type: ignore[no-untyped-def]
    terms, side = cosines.shape
    half = np.zeros((terms, side), dtype=np.float64)
    for i in range(terms):
        for k in range(side):
            factor = np.float64(cosines[i, k])
            for j in range(side):
                half[i, j] += factor * small[k, j]
    out = np.zeros((terms, terms), dtype=np.float64)
    for i in range(terms):
        for j in range(terms):
            total = 0.0
            for k in range(side):
                total += half[i, k] * cosines[j, k]
            out[i, j] = total
    return out


@njit(cache=True, nogil=True)
def _quality_range(small, slack):  # type: ignore[no-untyped-def]
    """The least and greatest quality that rounding by `slack` could give."""
    side = small.shape[0]
    low = 0
    high = 0
    wide = 2.0 * slack * 100.0 / 255.0
    for i in range(side):
        for j in range(side):
            if i + 1 < side:
                step = abs(small[i, j] - small[i + 1, j]) * 100.0 / 255.0
                low += int(max(0.0, step - wide))
                high += int(step + wide)
            if j + 1 < side:
                step = abs(small[i, j] - small[i, j + 1]) * 100.0 / 255.0
                low += int(max(0.0, step - wide))
                high += int(step + wide)
    return min(100, low // 90), min(100, high // 90)


@njit(cache=True, nogil=True)
def _signed(terms, variant):  # type: ignore[no-untyped-def]
    """The cosine terms of a turned or mirrored picture, in the order of VARIANTS."""
    size = terms.shape[0]
    out = np.empty_like(terms)
    for i in range(size):
        for j in range(size):
            value = terms[i, j]
            odd_row, odd_column = i & 1, j & 1
            if variant == 0:
                out[i, j] = value
            elif variant == 1:
                out[j, i] = value if odd_column else -value
            elif variant == 2:  # noqa: PLR2004
                out[i, j] = -value if odd_row ^ odd_column else value
            elif variant == 3:  # noqa: PLR2004
                out[j, i] = value if odd_row else -value
            elif variant == 4:  # noqa: PLR2004
                out[i, j] = value if odd_row else -value
            elif variant == 5:  # noqa: PLR2004
                out[i, j] = value if odd_column else -value
            elif variant == 6:  # noqa: PLR2004
                out[j, i] = value
            else:
                out[j, i] = -value if odd_row ^ odd_column else value
    return out


@njit(cache=True, nogil=True)
def _undecided(terms, slack, turned):  # type: ignore[no-untyped-def]
    """Whether moving each term by its slack could carry one across the median, in any sign pattern asked for."""
    middle = terms.size // 2
    for variant in (0, 2, 4, 5) if turned else (0, 0, 0, 0):  # the four sign patterns; turning keeps the set of terms
        values = _signed(terms, variant)
        median = np.sort(values.ravel())[middle - 1]
        least_above, most_below, above = np.inf, -np.inf, 0
        for i in range(terms.shape[0]):
            for j in range(terms.shape[1]):
                if values[i, j] > median:
                    above += 1
                    least_above = min(least_above, values[i, j] - slack[i, j])
                else:
                    most_below = max(most_below, values[i, j] + slack[i, j])
        if above < middle or least_above <= most_below:  # fewer than half above: equal terms at the median
            return True
    return False


@njit(cache=True, nogil=True)
def _bits(terms, variants):  # type: ignore[no-untyped-def]
    """One row of 32 bytes a variant. Term (i, j) is bit 16 i + j, counted from the end."""
    out = np.zeros((variants, terms.size // 8), dtype=np.uint8)
    for variant in range(variants):
        flat = _signed(terms, variant).ravel()
        median = np.sort(flat)[terms.size // 2 - 1]  # the lower of the two middle terms, as Torben's method gives
        for k in range(flat.size):
            if flat[k] > median:
                out[variant, out.shape[1] - 1 - (k >> 3)] |= np.uint8(1 << (k & 7))
    return out


@njit(cache=True, nogil=True)
def _luma(rgb):  # type: ignore[no-untyped-def]
    height, width, _ = rgb.shape
    out = np.empty((height, width), dtype=np.float32)
    for i in range(height):
        for j in range(width):
            out[i, j] = np.float32((rgb[i, j, 0] * 0.299 + rgb[i, j, 1] * 0.587) + rgb[i, j, 2] * 0.114)
    return out
