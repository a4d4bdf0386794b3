"""Smooth random fields, made from sums and products only, so that every processor gives the same bytes."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.float32]


def steps(count: int, into: int) -> tuple[NDArray[np.intp], NDArray[np.intp], Field]:
    """Give, for `into` samples over `count` grid points, the left and right point and the weight of the right one."""
    where = np.linspace(0, count - 1, into)
    left = np.minimum(where.astype(np.intp), count - 2)
    weight = (where - left).astype(np.float32)
    return left, left + 1, weight * weight * (3 - 2 * weight)


def stretch(grid: Field, height: int, width: int) -> Field:
    """Enlarge a 2-D grid (at least 2 x 2) to height x width."""
    top, bottom, down = steps(grid.shape[0], height)
    rows = grid[top] + (grid[bottom] - grid[top]) * down[:, None]
    left, right, across = steps(grid.shape[1], width)
    base = rows[:, left]
    base += (rows[:, right] - base) * across
    return base


def clouds(rng: np.random.Generator, height: int, width: int, coarsest: int = 3, octaves: int = 5) -> Field:
    """Noise of several sizes, each half as strong as the one before; about 0 to 1."""
    high, wide = coarsest, max(2, round(coarsest * width / max(height, 1)))
    field = rng.random((high, wide), dtype=np.float32)
    strength = np.float32(0.5)
    for _ in range(octaves - 1):
        high, wide = high * 2, wide * 2
        field = stretch(field, high, wide)
        field += (rng.random((high, wide), dtype=np.float32) - np.float32(0.5)) * strength
        strength *= np.float32(0.55)
    return stretch(field, height, width)


def ridge(rng: np.random.Generator, width: int, coarsest: int = 3, octaves: int = 6) -> Field:
    """Draw a line of hills or rocks over `width` columns, about 0 to 1."""
    line = np.zeros(width, np.float32)
    for octave in range(octaves):
        points = coarsest * 2**octave + 1
        left, right, weight = steps(points, width)
        grid = rng.random(points, dtype=np.float32)
        line += (grid[left] + (grid[right] - grid[left]) * weight) * np.float32(0.5**octave)
    return line / np.float32(2)


@lru_cache(maxsize=4)
def grain(seed: int) -> Field:
    """Make a tile of white noise, 2048 x 2048, mean 0 and deviation 1; any window of it serves as noise."""
    return np.random.default_rng([seed, 0x6E]).standard_normal((2048, 2048), dtype=np.float32)


def grain_at(rng: np.random.Generator, seed: int, height: int, width: int) -> Field:
    """Cut a height x width window of the tile, at a random corner."""
    tile = grain(seed)
    top = int(rng.integers(0, tile.shape[0] - height + 1))
    left = int(rng.integers(0, tile.shape[1] - width + 1))
    return tile[top : top + height, left : left + width]
