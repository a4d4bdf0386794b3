"""The bits that `invisible-watermark` hides by its method dwtDct: one in every block of eight by eight pixels.

Source: ShieldMnt/invisible-watermark, imwatermark/maxDct.py and watermark.py (read, not copied), and for the plane it
works on OpenCV's 8-bit COLOR_BGR2YUV: Y = (4899 R + 9617 G + 1868 B) / 2^14, U = (B - Y) 8061 / 2^14 + 128, rounded.

Of the U plane one step of the Haar transform is taken: each value is half the sum of two by two samples. Of four by
four such values the greatest but the first carries a bit: it lies in the upper half of its step of 36 for a one. Block
n, counted row by row, carries bit n modulo the length of the message; the votes of all blocks decide each bit. In
whole numbers: with the sum s of four samples the bit is s mod 72 > 36.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from headwater.kernels.compiled import compiled

BLOCK_PIXELS = 8
_VOTES_FOR_ONE = 127 / 255  # the share of votes above which the reference reads a one

Bits = NDArray[np.uint8]


def block_bits(rgb: NDArray[np.uint8]) -> Bits:
    """The bit of every whole block, row by row. `rgb` is (height, width, 3) uint8."""
    height, width = rgb.shape[0] // BLOCK_PIXELS, rgb.shape[1] // BLOCK_PIXELS
    bits = np.zeros(height * width, np.uint8)
    if bits.size:
        _read(np.ascontiguousarray(rgb), height, width, bits)
    return bits


def message(bits: Bits, length: int) -> Bits:
    """The message of `length` bits that the blocks vote for. There are at least `length` blocks."""
    places = np.arange(bits.size) % length
    votes = np.bincount(places, weights=bits, minlength=length)
    return (votes / np.bincount(places, minlength=length) > _VOTES_FOR_ONE).astype(np.uint8)


def warm() -> None:
    """Compile the kernel, or load it."""
    block_bits(np.zeros((BLOCK_PIXELS, BLOCK_PIXELS, 3), np.uint8))


@compiled
def _blueness(red: Any, green: Any, blue: Any) -> Any:  # noqa: ANN401
    luma = (4899 * red + 9617 * green + 1868 * blue + 8192) >> 14
    return min(255, max(0, ((blue - luma) * 8061 + (128 << 14) + 8192) >> 14))


@compiled
def _read(rgb: NDArray[np.uint8], height: int, width: int, bits: Bits) -> None:
    sums = np.zeros(16, np.int64)
    for row in range(height):
        for column in range(width):
            sums[:] = 0
            for y in range(8):
                for x in range(8):
                    pixel = rgb[8 * row + y, 8 * column + x]
                    u = _blueness(np.int64(pixel[0]), np.int64(pixel[1]), np.int64(pixel[2]))
                    sums[y // 2 * 4 + x // 2] += u
            greatest = sums[1]
            for place in range(2, 16):
                greatest = max(greatest, sums[place])
            bits[row * width + column] = greatest % 72 > 36
