"""Whether the coefficients of a JPEG were quantised once before, on the same grid of blocks.

A second quantisation leaves holes and peaks at regular places in the histograms of coefficients (J. Lukas, J. Fridrich,
"Estimation of primary quantization matrix in double compressed JPEG images", DFRWS 2003). What the histogram would be
without an earlier quantisation is taken, as there, from the same picture moved by half a block, whose transform no
longer falls on the old steps. For each earlier step the measured histogram is held against the one it would leave; the
figure is a logarithm of a likelihood ratio, in nats for each coefficient counted.

An earlier compression on another grid (the picture was cropped or scaled between) leaves none of this. Neither does one
with the same steps, nor one with steps that divide those of now.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from headwater.formats.jpeg_standard import ZIGZAG, Table, luma_table

Plane = NDArray[np.uint8]
Floats = NDArray[np.float64]
Steps = NDArray[np.int64]

EARLIER = range(30, 100)  # qualities whose tables are tried as earlier ones
BLOCKS_MAX = 1200  # sampled evenly over the picture
BLOCKS_MIN = 400
MODES = range(1, 10)  # places of the zigzag that are looked at: the lowest frequencies but the mean
REACH = 24  # coefficients from -24 to 24 are counted
SPREAD_MIN = 0.8  # steps: with less, a histogram has hardly any place but 0
PLACES = 2 * REACH + 1
_EVEN = 0.02  # share of an even distribution mixed into every expected one: noise of rounding and clipping
_ALIKE = 0.98  # of the best score: qualities as good as the best
_UNITS = 8192  # of one, in the whole numbers of the transform
_DARK, _LIGHT = 2, 253  # blocks that touch these are clipped


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What the histograms say.

    blocks, modes: how many could be used. score: nats a coefficient by which an earlier quantisation explains them
    better. qualities: lowest and highest of the Annex K tables that explain them best; None where none does better.
    """

    blocks: int
    modes: int
    score: float
    qualities: tuple[int, int] | None


@cache
def _basis() -> Floats:
    """The type-II cosine transform of 8 x 8 samples (T.81, A.3.3): 64 samples x 64 coefficients in zigzag order.

    In whole units of 1/8192: sums of such figures are exact in any order, so every processor gives the same.
    """
    rows, columns = np.mgrid[0:8, 0:8]
    one = np.cos((2 * columns + 1) * rows * np.pi / 16) / 2
    one[0] /= np.sqrt(2)
    each = [np.outer(one[down], one[across]).ravel() for down, across in ZIGZAG]
    basis: Floats = np.rint(np.array(each).T * _UNITS)
    return basis


@cache
def _tables() -> Steps:
    """The luma tables of EARLIER: one a row, zigzag order."""
    return np.array([luma_table(quality) for quality in EARLIER], dtype=np.int64)


def block_coefficients(luma: Plane, modes: Sequence[int], *, shift: int = 0, most: int = BLOCKS_MAX) -> Floats:
    """Cosine transforms of blocks of 8 x 8 samples, evenly chosen: (blocks, modes), modes by place in the zigzag.

    shift: how many samples right and down the grid begins. Blocks that reach black or white are left out.
    """
    high, wide = (luma.shape[0] - shift) // 8, (luma.shape[1] - shift) // 8
    if high <= 0 or wide <= 0:
        return np.empty((0, len(modes)))
    count = min(most, high * wide)
    chosen = np.arange(count) * (high * wide) // count
    windows = np.lib.stride_tricks.sliding_window_view(luma, (8, 8))
    flat = windows[shift + 8 * (chosen // wide), shift + 8 * (chosen % wide)].reshape(count, 64)
    flat = flat[(flat.min(axis=1) >= _DARK) & (flat.max(axis=1) <= _LIGHT)]
    found: Floats = (flat.astype(np.float64) - 128) @ _basis()[:, list(modes)] / _UNITS
    return found


def look_back(luma: Plane, table: Table) -> History:
    """Compare the histograms of a decoded luma plane with what an earlier quantisation would leave.

    table: the steps the file itself was quantised with, in zigzag order.
    """
    now, before = block_coefficients(luma, MODES), block_coefficients(luma, MODES, shift=4)
    blocks = min(len(now), len(before))
    here = np.array(table)[list(MODES)]
    usable = np.flatnonzero(before.std(axis=0) >= SPREAD_MIN * here) if blocks >= BLOCKS_MIN else np.empty(0, np.int64)
    if not usable.size:
        return History(blocks=blocks, modes=0, score=0.0, qualities=None)
    steps = _tables()[:, list(MODES)]
    scores = np.zeros(len(EARLIER))
    for mode in usable:
        scores += _gains(now[:, mode], before[:, mode], int(here[mode]), steps[:, mode]) / len(usable)
    scores[(steps[:, usable] == here[usable]).all(axis=1)] = 0.0  # the steps of now are no earlier ones
    best = float(scores.max())
    alike = np.flatnonzero(scores >= _ALIKE * best)
    qualities = (EARLIER[alike[0]], EARLIER[alike[-1]]) if best > 0 else None
    return History(blocks=blocks, modes=len(usable), score=max(0.0, best), qualities=qualities)


def _gains(now: Floats, before: Floats, step: int, earlier: Steps) -> Floats:
    """For each earlier step, how many nats a coefficient it explains better than no earlier one."""
    reach = (REACH + 1) * step
    halves = np.clip(np.floor(2 * before), -2 * reach, 2 * reach - 1).astype(np.int64) + 2 * reach
    fine = np.bincount(halves, minlength=4 * reach)  # bins of half a unit: every boundary of rounding is one of theirs
    centres = (np.arange(4 * reach) - 2 * reach + 0.5) / 2
    counts = np.bincount(_places(now / step), minlength=PLACES)
    different, back = np.unique(earlier, return_inverse=True)
    once = np.log(_expected(_places(centres / step)[None], fine))[0]
    again = np.rint(centres / different[:, None]) * different[:, None] / step
    twice = np.log(_expected(_places(again), fine))
    gains: Floats = ((twice - once) @ counts / counts.sum())[back]
    return gains


def _places(coefficients: Floats) -> Steps:
    """The place in a histogram of each coefficient in steps; those beyond REACH count at its ends."""
    return np.clip(np.rint(coefficients), -REACH, REACH).astype(np.int64) + REACH


def _expected(places: Steps, weights: Steps) -> Floats:
    """Histograms, one a row, as shares, each with a little of an even one mixed in."""
    rows = len(places)
    index = places + PLACES * np.arange(rows)[:, None]
    shares = np.bincount(index.ravel(), weights=np.tile(weights, rows), minlength=rows * PLACES)
    expected: Floats = (1 - _EVEN) * shares.reshape(rows, PLACES) / weights.sum() + _EVEN / PLACES
    return expected
