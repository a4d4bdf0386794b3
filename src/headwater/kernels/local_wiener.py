"""How much of each coefficient is noise, by the energy around it.

Source: M. K. Mihcak, I. Kozintsev, K. Ramchandran, "Spatially adaptive statistical modeling of wavelet image
coefficients and its application to denoising", ICASSP 1999: the variance of the signal is the least over square windows
of 3, 5, 7 and 9 coefficients a side of (mean of the squares - variance of the noise), and never below nought.
"""

import numpy as np
from numpy.typing import NDArray

from headwater.kernels.compiled import compiled

_REACH = 4  # of the largest window, to each side


def noise_share(squares: NDArray[np.float32], variance: float) -> NDArray[np.float32]:
    """Give, for each coefficient, the part of it that is noise of `variance`: above 0, at most 1.

    squares: the coefficients' squares, (height, width), any size. Outside the plane they count as nought.
    """
    flat = np.ascontiguousarray(squares, dtype=np.float32)  # one layout: nothing is compiled for another later
    share = np.empty_like(flat)
    _share(flat, variance, share)
    return share


@compiled
def _share(squares: NDArray[np.float32], variance: float, share: NDArray[np.float32]) -> None:
    height, width = squares.shape
    share[:, :] = np.float32(np.inf)
    for reach in range(1, _REACH + 1):
        column = np.zeros(width, dtype=np.float64)  # sums over the window's rows
        for y in range(-reach, height):
            if y + reach < height:
                column += squares[y + reach]
            if y > reach:
                column -= squares[y - reach - 1]
            if y >= 0:
                _least_means(column, reach, share[y])
    for y in range(height):
        for x in range(width):
            share[y, x] = variance / max(variance, float(share[y, x]))


@compiled
def _least_means(column: NDArray[np.float64], reach: int, least: NDArray[np.float32]) -> None:
    """Lower `least` to the means over windows of 2 reach + 1 columns, where these are lower."""
    width = column.shape[0]
    area = float((2 * reach + 1) ** 2)
    total = column[: min(reach, width)].sum()
    for x in range(width):
        if x + reach < width:
            total += column[x + reach]
        if x > reach:
            total -= column[x - reach - 1]
        least[x] = min(least[x], np.float32(total / area))
