"""The orthogonal wavelet transform of a plane, four levels deep, with Daubechies' filter of eight taps.

Source: I. Daubechies, Ten Lectures on Wavelets (1992), table 6.1, N = 4: the filter that Mihcak et al. (1999) and
Lukas, Fridrich and Goljan (2006) name. The plane is taken as periodic, so both ways are exact and nothing grows.
"""

import numpy as np
from numpy.typing import NDArray

from headwater.kernels.compiled import compiled

LEVELS = 4
BLOCK = 1 << LEVELS  # both sides of a plane are multiples of it
Plane = NDArray[np.float32]

_LOW = np.array(
    [
        0.2303778133088964, 0.7148465705529154, 0.6308807679298587, -0.0279837694168599, -0.1870348117190931,
        0.0308413818355607, 0.0328830116668852, -0.0105974017850690,
    ],
    dtype=np.float32,
)  # fmt: skip
_HIGH = (_LOW[::-1] * np.array([1, -1] * 4)).astype(np.float32)


def forward(plane: Plane, spare: Plane) -> None:
    """Transform in place: of each level the coarse part lies top left, the three bands of detail around it.

    plane, spare: (height, width), both multiples of BLOCK, in C order; spare is overwritten.
    """
    for level in range(LEVELS):
        height, width = plane.shape[0] >> level, plane.shape[1] >> level
        _split_rows(plane, spare, height, width, _LOW, _HIGH)
        _split_columns(spare, plane, height, width, _LOW, _HIGH)


def backward(plane: Plane, spare: Plane) -> None:
    """Undo `forward`, in place."""
    for level in reversed(range(LEVELS)):
        height, width = plane.shape[0] >> level, plane.shape[1] >> level
        _join_columns(plane, spare, height, width, _LOW, _HIGH)
        _join_rows(spare, plane, height, width, _LOW, _HIGH)


@compiled
def _split_rows(source: Plane, target: Plane, height: int, width: int, low: Plane, high: Plane) -> None:
    half = width // 2
    for y in range(height):
        for k in range(half):
            smooth, rough = np.float32(0), np.float32(0)
            for tap in range(8):
                value = source[y, (2 * k + tap) % width]
                smooth += low[tap] * value
                rough += high[tap] * value
            target[y, k], target[y, half + k] = smooth, rough


@compiled
def _split_columns(source: Plane, target: Plane, height: int, width: int, low: Plane, high: Plane) -> None:
    half = height // 2
    for k in range(half):
        smooth, rough = target[k], target[half + k]
        smooth[:width] = np.float32(0)
        rough[:width] = np.float32(0)
        for tap in range(8):
            row = source[(2 * k + tap) % height]
            for x in range(width):
                smooth[x] += low[tap] * row[x]
                rough[x] += high[tap] * row[x]


@compiled
def _join_columns(source: Plane, target: Plane, height: int, width: int, low: Plane, high: Plane) -> None:
    half = height // 2
    target[:height, :width] = np.float32(0)
    for k in range(half):
        smooth, rough = source[k], source[half + k]
        for tap in range(8):
            row = target[(2 * k + tap) % height]
            for x in range(width):
                row[x] += low[tap] * smooth[x] + high[tap] * rough[x]


@compiled
def _join_rows(source: Plane, target: Plane, height: int, width: int, low: Plane, high: Plane) -> None:
    half = width // 2
    target[:height, :width] = np.float32(0)
    for y in range(height):
        for k in range(half):
            smooth, rough = source[y, k], source[y, half + k]
            for tap in range(8):
                target[y, (2 * k + tap) % width] += low[tap] * smooth + high[tap] * rough
