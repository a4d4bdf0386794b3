"""The PDQ reference's own order of 32-bit operations, for the pictures where rounding decides a bit.

Same source as `headwater.kernels.pdq`. Nothing here may be reordered or fused: every running sum is rounded where the
reference rounds it. The four passes are streamed over strips of rows; only one window of rows is held.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from headwater.kernels.compiled import compiled
from headwater.kernels.pdq_operator import COSINES
from headwater.kernels.pdq_operator import SIDE as _SIDE

Luma = NDArray[np.uint8] | NDArray[np.float32]
Floats = NDArray[np.float32]


def decimated(strips: Iterable[Luma], height: int, width: int) -> Floats:
    """The blurred picture at 64 x 64 float32, from strips of luma rows that together hold `height` rows of `width`."""
    if (height, width) == (_SIDE, _SIDE):
        return np.concatenate([strip.astype(np.float32) for strip in strips])
    down, across = _window(height), _window(width)
    ring = np.zeros((down, width), dtype=np.float32)  # the last `down` rows after the first pass
    sums = np.zeros(width, dtype=np.float32)
    narrow = np.zeros((height, _SIDE), dtype=np.float32)  # after three passes, only the columns that are sampled
    first = 0
    for strip in strips:
        _three_passes(strip, first, across, ring, sums, narrow)
        first += strip.shape[0]
    _drain(height, across, ring, sums, narrow)
    return _last_pass(narrow, down)


def _window(length: int) -> int:
    return (length + 2 * _SIDE - 1) // (2 * _SIDE)


@compiled
def _box(values: Luma, out: Floats, window: int) -> None:
    """A running mean over one line, its window cut off at both ends."""
    size = values.shape[0]
    reach = (window + 2) // 2 - 1
    total = np.float32(0.0)
    count = 0
    for right in range(size + reach):
        if right < size:
            total += np.float32(values[right])
            count += 1
        if right >= window:
            total -= np.float32(values[right - window])
            count -= 1
        if right >= reach:
            out[right - reach] = total / np.float32(count)


@compiled
def _sample(row: Floats, window: int, out: Floats) -> None:
    """The running mean of one row, kept and divided only where it is sampled."""
    size = row.shape[0]
    reach = (window + 2) // 2 - 1
    total = np.float32(0.0)
    right = 0
    for k in range(_SIDE):
        wanted = int((k + 0.5) * size / _SIDE) + reach
        while right <= wanted:
            if right < size:
                total += row[right]
            if right >= window:
                total -= row[right - window]
            right += 1
        out[k] = total / np.float32(min(right, size) - max(right - window, 0))


@compiled
def _three_passes(strip: Luma, first: int, across: int, ring: Floats, sums: Floats, narrow: Floats) -> None:
    down, width = ring.shape
    reach = (down + 2) // 2 - 1
    filtered = np.empty(width, dtype=np.float32)
    mean = np.empty(width, dtype=np.float32)
    for i in range(strip.shape[0]):
        row = first + i
        _box(strip[i], filtered, across)
        slot = ring[row % down]
        count = np.float32(min(row + 1, down))
        if row < down:
            for j in range(width):
                sums[j] += filtered[j]
                slot[j] = filtered[j]
                mean[j] = sums[j] / count
        else:
            for j in range(width):
                sums[j] = (sums[j] + filtered[j]) - slot[j]
                slot[j] = filtered[j]
                mean[j] = sums[j] / count
        if row >= reach:
            _sample(mean, across, narrow[row - reach])


@compiled
def _drain(height: int, across: int, ring: Floats, sums: Floats, narrow: Floats) -> None:
    """The last rows of the second pass: the window only loses rows."""
    down, width = ring.shape
    reach = (down + 2) // 2 - 1
    mean = np.empty(width, dtype=np.float32)
    for row in range(height, height + reach):
        slot = ring[row % down]
        gone = min(down, row + 1 - height)
        count = np.float32(min(down, height) - gone)
        for j in range(width):
            sums[j] -= slot[j]
            mean[j] = sums[j] / count
        _sample(mean, across, narrow[row - reach])


@compiled
def _last_pass(narrow: Floats, window: int) -> Floats:
    height = narrow.shape[0]
    out = np.empty((_SIDE, _SIDE), dtype=np.float32)
    column = np.empty(height, dtype=np.float32)
    line = np.empty(height, dtype=np.float32)
    for k in range(_SIDE):
        for row in range(height):
            column[row] = narrow[row, k]
        _box(column, line, window)
        for i in range(_SIDE):
            out[i, k] = line[int((i + 0.5) * height / _SIDE)]
    return out


@compiled
def cosine_terms(small: Floats) -> Floats:
    """The 16 x 16 cosine terms, float32, summed one by one from the left."""
    terms, side = COSINES.shape
    half = np.zeros((terms, side), dtype=np.float32)
    for i in range(terms):
        for k in range(side):
            factor = COSINES[i, k]
            for j in range(side):
                half[i, j] += factor * small[k, j]
    out = np.empty((terms, terms), dtype=np.float32)
    for i in range(terms):
        for j in range(terms):
            total = np.float32(0.0)
            for k in range(side):
                total += half[i, k] * COSINES[j, k]
            out[i, j] = total
    return out


@compiled
def quality(small: Floats) -> int:
    """0 to 100: the sum of the whole-percent steps between neighbours, divided by 90."""
    hundred, full = np.float32(100.0), np.float32(255.0)
    total = 0
    side = small.shape[0]
    for i in range(side):
        for j in range(side):
            if i + 1 < side:
                total += int(abs((small[i, j] - small[i + 1, j]) * hundred / full))
            if j + 1 < side:
                total += int(abs((small[i, j] - small[i, j + 1]) * hundred / full))
    return min(100, total // 90)
