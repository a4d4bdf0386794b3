"""PDQ of a picture's parts, of its turns, and of what is inside its border, from one small copy of its luma.

The copy is made of means over squares of whole pixels, so that its shorter side has 256 to 511; what is left at the
right and the bottom, less than one square, is left out. The turns are hashed from turned copies: those that
`headwater.kernels.pdq.dihedral` derives from one transform are some bits off, for PDQ samples its squares off-centre.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headwater.kernels.compiled import compiled
from headwater.kernels.pdq import Pdq, Rows, pdq
from headwater.model.parts import PARTS

Luma = NDArray[np.float32]
Shares = tuple[float, float, float, float]
_SIDE = 256
_STRIP_PIXELS = 1 << 22
_EVEN_STEP = 4.0  # of 255: how far a pixel may be from its line's mean, and that from the outermost line's
_EVEN_SHARE = 0.95  # of a line's pixels that are as near where the line is of one tone
_GROUND_STEP = 8.0  # how far a pixel may be from the ground's tone and still be ground
_GROUND_SHARE = 0.6  # of a line's pixels that are ground where the line is, words and marks on it left aside
_LEAST_BORDER = 0.01  # of the side
_LEAST_INSIDE = 0.2
_SAME_BOX = 0.005
_TURNS: tuple[Callable[[Luma], Luma], ...] = (  # in the order of pdq_bits.VARIANTS
    lambda luma: luma,
    np.rot90,
    lambda luma: np.rot90(luma, 2),
    lambda luma: np.rot90(luma, 3),
    np.flipud,
    np.fliplr,
    np.transpose,
    lambda luma: np.rot90(luma, 2).T,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inside:
    """What is inside a border: its box in shares of the picture (left, top, right, bottom), and its eight hashes."""

    box: Shares
    hashes: tuple[Pdq, ...]


def small_luma(picture: Rows) -> Luma:
    """The copy, (height, width) float32. Memory: a strip of the picture, and the copy."""
    height, width = picture.height_pixels, picture.width_pixels
    side = max(1, min(height, width) // _SIDE)
    wide = width // side
    strip = side * max(1, _STRIP_PIXELS // max(1, side * width))
    stop = height - height % side
    means = []
    for first in range(0, stop, strip):
        rows: NDArray[Any] = np.ascontiguousarray(picture.rows(first, min(first + strip, stop))).view()
        rows.flags.writeable = False
        means.append(_means(rows, side, wide))
    return np.concatenate(means) if means else np.zeros((0, 0), np.float32)


@compiled
def _means(rows: NDArray[np.uint8] | Luma, side: int, wide: int) -> Luma:
    """The mean of each square of `side` pixels, (rows / side, wide)."""
    out = np.empty((rows.shape[0] // side, wide), np.float32)
    for i in range(out.shape[0]):
        for j in range(wide):
            total = 0.0
            for row in range(i * side, (i + 1) * side):
                for column in range(j * side, (j + 1) * side):
                    total += rows[row, column]
            out[i, j] = total / (side * side)
    return out


def warm() -> None:
    """Compile or load what `small_luma` needs, for both kinds of luma."""
    for kind in (np.uint8, np.float32):
        rows = np.zeros((1, 1), kind)
        rows.flags.writeable = False
        _means(rows, 1, 1)


def turned_hashes(luma: Luma) -> tuple[Pdq, ...]:
    """The hashes of the copy and of its seven turns and mirrors, in the order of `VARIANTS`."""
    return tuple(pdq(np.ascontiguousarray(turn(luma))) for turn in _TURNS)


def part_hashes(luma: Luma) -> tuple[Pdq, ...]:
    """The hash of each of PARTS, in their order."""
    height, width = luma.shape
    boxes = (part.box(width, height) for part in PARTS)
    return tuple(pdq(np.ascontiguousarray(luma[top:bottom, left:right])) for left, top, right, bottom in boxes)


def insides(luma: Luma) -> Iterator[Inside]:
    """What is inside a border on any of the sides: of one tone; and of one tone but for words above and below.

    Up to two, or none, where there is no border or hardly anything inside.
    """
    seen: list[Shares] = []
    for lines in (_even_lines, _ground_lines):
        box = _box(luma, lines)
        if box is not None and not any(_is_same(box, other) for other in seen):
            seen.append(box)
            height, width = luma.shape
            left, top, right, bottom = (
                round(share * side) for share, side in zip(box, (width, height, width, height), strict=True)
            )
            yield Inside(box=box, hashes=turned_hashes(luma[top:bottom, left:right]))


def _box(luma: Luma, lines: Callable[[Luma], int]) -> Shares | None:
    height, width = luma.shape
    if not height or not width:
        return None
    top, bottom = lines(luma), lines(luma[::-1])
    rows = luma[top : height - bottom]
    if rows.shape[0] < _LEAST_INSIDE * height:
        return None
    left, right = _even_lines(rows.T), _even_lines(rows.T[::-1])
    if width - left - right < _LEAST_INSIDE * width:
        return None
    if max(top / height, bottom / height, left / width, right / width) < _LEAST_BORDER:
        return None
    return (left / width, top / height, (width - right) / width, (height - bottom) / height)


def _is_same(one: Shares, other: Shares) -> bool:
    return all(abs(share - beside) <= _SAME_BOX for share, beside in zip(one, other, strict=True))


def _even_lines(luma: Luma) -> int:
    """How many lines from the first on are of one tone, the same as the first's."""
    means = luma.mean(axis=1, keepdims=True)
    near = (np.abs(luma - means) <= _EVEN_STEP).mean(axis=1) >= _EVEN_SHARE
    return _leading(near & (np.abs(means[:, 0] - means[0, 0]) <= _EVEN_STEP))


def _ground_lines(luma: Luma) -> int:
    """How many lines from the first on are mostly of the tone that most of the first line has."""
    near = np.abs(luma - np.median(luma[0])) <= _GROUND_STEP
    return _leading(near.mean(axis=1) >= _GROUND_SHARE)


def _leading(lines: NDArray[np.bool_]) -> int:
    return len(lines) if lines.all() else int(np.argmin(lines))
