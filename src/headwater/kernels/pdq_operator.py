"""PDQ's two box filters and its sampling as one banded operator per axis, and the cosine terms of what it gives.

Source: see `headwater.kernels.pdq`.
"""

from dataclasses import dataclass
from functools import lru_cache
from math import cos, pi, sqrt

import numpy as np
from numpy.typing import NDArray

from headwater.kernels.compiled import compiled

SIDE = 64  # samples of the blurred picture per axis
TERMS = 16  # cosine terms kept per axis


def _cosines() -> NDArray[np.float32]:
    """Rows 1 to 16 of the discrete cosine transform of 64 samples, rounded as in the reference."""
    factor = np.float32(sqrt(2.0 / SIDE))
    rows = [[float(factor) * cos(pi / 2 / SIDE * (i + 1) * (2 * j + 1)) for j in range(SIDE)] for i in range(TERMS)]
    return np.array(rows, dtype=np.float64).astype(np.float32)


COSINES = _cosines()


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """The operator of one axis: band k is `weights[k]` laid over the samples from `first[k]` on, divided by `scale`.

    Away from the edges the weights are whole numbers, so that sums over uint8 luma are exact in 32-bit floats.
    """

    first: NDArray[np.int64]
    weights: NDArray[np.float32]
    scale: int


@lru_cache(maxsize=512)
def axis(length: int) -> Axis:
    """The operator of an axis of `length` samples."""
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
    weights = np.where(np.abs(whole - weights * scale) < 1e-6, whole, weights * scale)
    return Axis(first=first, weights=weights.astype(np.float32), scale=scale)


@compiled
def fold_rows(
    strip: NDArray[np.uint8] | NDArray[np.float32],
    first_row: int,
    first: NDArray[np.int64],
    weights: NDArray[np.float32],
    folded: NDArray[np.float32],
) -> None:
    """Add a strip of rows, the first of which is row `first_row` of the picture, to the bands they belong to."""
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


@compiled
def fold_columns(
    folded: NDArray[np.float32], first: NDArray[np.int64], weights: NDArray[np.float32], scale: float
) -> NDArray[np.float64]:
    """The 64 x 64 picture, from its 64 folded rows."""
    bands, width = folded.shape
    small = np.empty((bands, bands), dtype=np.float64)
    for i in range(bands):
        for band in range(bands):
            total = 0.0
            for k in range(min(weights.shape[1], width - first[band])):
                total += np.float64(weights[band, k]) * folded[i, first[band] + k]
            small[i, band] = total * scale
    return small


@compiled
def cosine_terms(small: NDArray[np.float64]) -> NDArray[np.float64]:
    """The 16 x 16 lowest cosine terms of the 64 x 64 picture."""
    terms, side = COSINES.shape
    half = np.zeros((terms, side), dtype=np.float64)
    for i in range(terms):
        for k in range(side):
            factor = np.float64(COSINES[i, k])
            for j in range(side):
                half[i, j] += factor * small[k, j]
    out = np.zeros((terms, terms), dtype=np.float64)
    for i in range(terms):
        for j in range(terms):
            total = 0.0
            for k in range(side):
                total += half[i, k] * COSINES[j, k]
            out[i, j] = total
    return out


@compiled
def luma_of(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Weighed in 64-bit floats and rounded once, as the reference's Python binding does."""
    height, width, _ = rgb.shape
    out = np.empty((height, width), dtype=np.float32)
    for i in range(height):
        for j in range(width):
            out[i, j] = np.float32((rgb[i, j, 0] * 0.299 + rgb[i, j, 1] * 0.587) + rgb[i, j, 2] * 0.114)
    return out
