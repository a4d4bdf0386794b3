"""Whether a small picture shows what a larger one shows, by PDQ, its black bars left out.

A thumbnail of EXIF is 160 x 120 whatever the picture's proportions, so cameras put black bars at two of its edges. They
are left out where the proportions call for them and they are dark.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from headwater.examine.decode import Picture
from headwater.kernels.pdq import VARIANTS, Pdq, pdq

QUALITY_MIN = 50  # of either: what the reference of PDQ advises for matching
SAME_BITS, OTHER_BITS = 60, 90  # at most, at least: measured, docs/explanation/previews.md
_ASPECT_SLACK = 0.03  # of one proportion to another
_LEAST_BAR = 2  # pixels; less is rounding
_DARK, _LIGHT_SHARE = 24, 0.1  # so many pixels of a bar may be lighter than 24 of 255: a JPEG's blocks are not clean

Luma = NDArray[np.uint8] | NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """pdq: of the smaller picture without its bars. bars_pixels: left out at left and right, at top and bottom.

    distance_bits: the least from it to the eight variants of the larger one. same: yes, no or cannot say, then `why`.
    """

    pdq: Pdq
    distance_bits: int
    variant: str
    bars_pixels: tuple[int, int]
    same: str
    why: str = ""


def compare(inner: Picture, outer: Sequence[Pdq], outer_size: tuple[int, int]) -> Comparison:
    """Compare with the eight hashes of the larger picture; its size is (width, height) in pixels."""
    luma = inner.luma()
    tries = [(0, 0), *_bars(luma, outer_size)]
    hashed = [(pdq(_without(luma, bars)), bars) for bars in dict.fromkeys(tries)]
    found = [(*_nearest(one, outer), one, bars) for one, bars in hashed]
    distance, variant, one, bars = min(found, key=lambda each: each[0])
    same, why = _verdict(distance, one, outer[0], _fits(luma, bars, outer_size))
    return Comparison(pdq=one, distance_bits=distance, variant=VARIANTS[variant], bars_pixels=bars, same=same, why=why)


def _verdict(distance: int, inner: Pdq, outer: Pdq, fits: str) -> tuple[str, str]:
    if min(inner.quality, outer.quality) < QUALITY_MIN:
        return "cannot say", f"PDQ quality {inner.quality} inside, {outer.quality} outside: below {QUALITY_MIN}"
    if distance <= SAME_BITS:
        return "yes", ""
    if fits:
        return "cannot say", fits
    if distance < OTHER_BITS:
        return "cannot say", f"between {SAME_BITS} bits, up to which it is the same, and {OTHER_BITS}"
    return "no", ""


def _nearest(one: Pdq, variants: Sequence[Pdq]) -> tuple[int, int]:
    """The least distance, and which variant has it."""
    bits = int.from_bytes(one.bits, "big")
    return min(((bits ^ int.from_bytes(each.bits, "big")).bit_count(), at) for at, each in enumerate(variants))


def _bars(luma: Luma, size: tuple[int, int]) -> Iterator[tuple[int, int]]:
    """The bars that would give the proportions of the larger picture, upright or turned, where they are dark."""
    height, width = luma.shape
    for long, high in (size, size[::-1]):
        across = max(0, round((width - height * long / high) / 2))
        down = max(0, round((height - width * high / long) / 2))
        if (
            max(across, down) >= _LEAST_BAR
            and 2 * across < width
            and 2 * down < height
            and _are_dark(luma, across, down)
        ):
            yield across, down


def _are_dark(luma: Luma, across: int, down: int) -> bool:
    """Whether the bars are dark, but for the row beside the picture, which its block of pixels spills into."""
    bars = [luma[: max(down - 1, 0)], luma[luma.shape[0] - max(down - 1, 0) :]]
    bars += [luma[:, : max(across - 1, 0)], luma[:, luma.shape[1] - max(across - 1, 0) :]]
    return all(np.count_nonzero(bar > _DARK) <= bar.size * _LIGHT_SHARE for bar in bars)


def _without(luma: Luma, bars: tuple[int, int]) -> Luma:
    across, down = bars
    return luma[down : luma.shape[0] - down, across : luma.shape[1] - across]


def _fits(luma: Luma, bars: tuple[int, int], size: tuple[int, int]) -> str:
    """Why the proportions are not those of the larger picture; empty where they are."""
    height, width = luma.shape[0] - 2 * bars[1], luma.shape[1] - 2 * bars[0]
    slack = _ASPECT_SLACK + 1 / min(height, width)
    shape, wanted = width / height, size[0] / size[1]
    if any(abs(shape / each - 1) <= slack for each in (wanted, 1 / wanted)):
        return ""
    return f"its proportions are not those of the picture: {width} x {height}, {size[0]} x {size[1]}"
