"""From PDQ's cosine terms to its bits, for a picture and its seven turns and mirrors; and when rounding may decide one.

Source: see `headwater.kernels.pdq`.
"""

import numpy as np
from numpy.typing import NDArray

from headwater.kernels.compiled import compiled
from headwater.kernels.pdq_operator import TERMS

BITS = TERMS * TERMS
VARIANTS = ("original", "rotate90", "rotate180", "rotate270", "flip_x", "flip_y", "flip_plus1", "flip_minus1")

# Turning or mirroring a picture transposes its cosine terms or not, and changes the sign of every second row or column.
_TRANSPOSED = np.array([False, True, False, True, False, False, True, True])
_PLAIN = ((1, 1), (1, 1))
_EVEN_COLUMNS = ((-1, 1), (-1, 1))
_EVEN_ROWS = ((-1, -1), (1, 1))
_CHESSBOARD = ((1, -1), (-1, 1))
_SIGNS = np.array(  # [variant, row is odd, column is odd], before transposing
    [_PLAIN, _EVEN_COLUMNS, _CHESSBOARD, _EVEN_ROWS, _EVEN_ROWS, _EVEN_COLUMNS, _PLAIN, _CHESSBOARD], dtype=np.float64
)
_SIGN_PATTERNS = np.array([0, 2, 4, 5])  # one variant of each pattern: transposing keeps the set of terms

# How far the reference's rounding may move a sample of the 64 x 64 picture. Seen on 464 pictures: at most 0.0031.
SAMPLE_SLACK = 0.005


def _term_slack(scale: float) -> NDArray[np.float64]:
    """How far that rounding may move each cosine term: drifting sums move the low terms most.

    Seen on 464 pictures: at most 0.0105 for the lowest term and 0.0005 for the higher ones of float32 luma, a fifth of
    that for uint8 luma, whose first sums are exact. Allowed: at least one and a half times what was seen.
    """
    order = np.arange(1, TERMS + 1, dtype=np.float64)
    return scale * (5.0 / np.outer(order, order) ** 0.75 + 0.1)


TERM_SLACK = {True: _term_slack(0.003), False: _term_slack(0.01)}  # by: luma is uint8


@compiled
def _turned(terms: NDArray[np.float64], variant: int) -> NDArray[np.float64]:
    """The cosine terms of a turned or mirrored picture."""
    out = np.empty_like(terms)
    for i in range(terms.shape[0]):
        for j in range(terms.shape[1]):
            value = terms[i, j] * _SIGNS[variant, i & 1, j & 1]
            if _TRANSPOSED[variant]:
                out[j, i] = value
            else:
                out[i, j] = value
    return out


@compiled
def quality_range(small: NDArray[np.float64], slack: float) -> tuple[int, int]:
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


@compiled
def undecided(terms: NDArray[np.float64], slack: NDArray[np.float64], turned: bool) -> bool:
    """Whether moving each term by its slack could carry one across the median, in any sign pattern asked for."""
    middle = terms.size // 2
    for variant in _SIGN_PATTERNS[: 4 if turned else 1]:
        values = _turned(terms, variant)
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


@compiled
def bits_of(terms: NDArray[np.float64], variants: int) -> NDArray[np.uint8]:
    """One row of 32 bytes a variant. Term (i, j) is bit 16 i + j, counted from the end."""
    out = np.zeros((variants, terms.size // 8), dtype=np.uint8)
    for variant in range(variants):
        flat = _turned(terms, variant).ravel()
        median = np.sort(flat)[terms.size // 2 - 1]  # the lower of the two middle terms, as Torben's method gives
        for k in range(flat.size):
            if flat[k] > median:
                out[variant, out.shape[1] - 1 - (k >> 3)] |= np.uint8(1 << (k & 7))
    return out
