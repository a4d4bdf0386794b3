"""Periodic traces of how a picture came to be, as figures to be drawn and looked at. They decide nothing.

Sources: residual spectra, A. Popescu and H. Farid, "Exposing digital forgeries by detecting traces of resampling" (IEEE
TSP 2005); colour filter arrays, the same, "Exposing digital forgeries in color filter array interpolated images" (IEEE
TSP 2005); the grid of blocks, Z. Fan and R. de Queiroz, "Identification of bitmap compression history" (IEEE TIP 2003).
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from headwater.examine.jpeg_history import PLACES, REACH, block_coefficients

Floats = NDArray[np.float64]

TILE = 64
SIDE_MAX = 1024  # pixels of the middle that are looked at
_LEAST = 1e-6


def middle(plane: NDArray[np.uint8] | NDArray[np.float32]) -> Floats:
    """At most SIDE_MAX x SIDE_MAX pixels about the middle, from a place divisible by 8: grids stay as they are."""
    top, left = (max(0, (side - SIDE_MAX) // 2) // 8 * 8 for side in plane.shape[:2])
    return plane[top : top + SIDE_MAX, left : left + SIDE_MAX].astype(np.float64)


def spectrum(luma: Floats) -> list[list[int]]:
    """The mean spectrum of what a pixel's four neighbours do not foretell, over tiles of 64 x 64: levels 0 to 255.

    Logarithmic; the lowest frequency lies in the middle. Empty for a picture smaller than a tile.
    """
    left_over = _unforetold(luma)
    high, wide = (side // TILE for side in left_over.shape)
    if not high or not wide:
        return []
    tiles = left_over[: high * TILE, : wide * TILE].reshape(high, TILE, wide, TILE).swapaxes(1, 2)
    window = np.outer(np.hanning(TILE), np.hanning(TILE))
    power = (np.abs(np.fft.fft2(tiles * window)) ** 2).mean(axis=(0, 1))
    levels = np.log(np.fft.fftshift(power) + _LEAST)
    low, high_level = np.percentile(levels, (2, 99.8))
    shades = np.clip((levels - low) / max(high_level - low, _LEAST), 0, 1) * 255
    found: list[list[int]] = np.rint(shades).astype(int).tolist()
    return found


def colour_phases(colours: Floats) -> list[list[float]]:
    """For red, green and blue: variance of what neighbours do not foretell at each place of 2 x 2 pixels, mean 1.

    Rows (top, bottom) of (left, right). An interpolated place is foretold better than one that was measured.
    """
    found = []
    for channel in range(3):
        left_over = _unforetold(colours[:, :, channel])
        each = [left_over[row::2, column::2].var() for row in (1, 0) for column in (1, 0)]  # its first pixel is at 1, 1
        mean = sum(each) / 4
        found.append([round(float(value / mean), 3) if mean > _LEAST else 1.0 for value in each])
    return found


def block_grid(luma: Floats) -> list[list[float]]:
    """The mean size of what neighbours do not foretell, at each place of 8 x 8 pixels from the corner; mean 1."""
    left_over = np.abs(_unforetold(luma))
    each = [[left_over[(row - 1) % 8 :: 8, (column - 1) % 8 :: 8].mean() for column in range(8)] for row in range(8)]
    mean = float(np.mean(each))
    return [[round(float(value / mean), 3) if mean > _LEAST else 1.0 for value in row] for row in each]


def coefficient_counts(luma: NDArray[np.uint8], steps: Sequence[int], mode: int) -> list[int]:
    """How often each coefficient from -24 to 24 steps occurs at a place of the zigzag; those beyond at the ends."""
    found = block_coefficients(luma, [mode], most=1 << 14)[:, 0]
    places = np.clip(np.rint(found / steps[mode]), -REACH, REACH).astype(np.int64) + REACH
    counts: list[int] = np.bincount(places, minlength=PLACES).tolist()
    return counts


def _unforetold(plane: Floats) -> Floats:
    """Each pixel less the mean of its four neighbours; the outermost row and column are left out."""
    around = plane[:-2, 1:-1] + plane[2:, 1:-1] + plane[1:-1, :-2] + plane[1:-1, 2:]
    left_over: Floats = plane[1:-1, 1:-1] - around / 4
    return left_over
