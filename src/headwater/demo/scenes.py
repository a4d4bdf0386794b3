"""Lighthouses on coasts, and other landscapes, drawn as arrays: the harmless stand-in of the benign operation."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from headwater.demo.fields import Field, clouds, ridge

Pixels = NDArray[np.uint8]  # height x width x 3, red green blue
Colour = tuple[float, float, float]  # 0 to 255

_STRIP_ROWS = 24
_PHOTO_SKIES: tuple[tuple[Colour, Colour], ...] = (
    ((86, 132, 186), (198, 214, 226)),
    ((120, 134, 150), (206, 208, 206)),
    ((44, 62, 104), (236, 170, 120)),
    ((70, 108, 160), (240, 214, 180)),
    ((150, 158, 166), (178, 182, 186)),
)
_DREAM_SKIES: tuple[tuple[Colour, Colour], ...] = (
    ((58, 24, 110), (255, 150, 170)),
    ((8, 60, 96), (90, 230, 210)),
    ((120, 40, 120), (255, 205, 120)),
    ((20, 16, 60), (120, 110, 255)),
    ((250, 180, 200), (190, 230, 255)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tower:
    """One lighthouse: what stays the same whichever way it is looked at."""

    height: float  # share of the picture's height at scale 1
    width_ratio: float  # foot over height
    taper: float  # top over foot
    stripes: int
    colours: tuple[Colour, Colour]
    dome: Colour
    cottage: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One picture to draw. `key` seeds everything in it; without a tower it is a landscape."""

    key: tuple[int, ...]
    width: int
    height: int
    dream: bool = False
    tower: Tower | None = None


def some_tower(rng: np.random.Generator) -> Tower:
    """Invent a lighthouse of no particular place."""
    paints: tuple[Colour, ...] = ((196, 44, 40), (30, 60, 130), (40, 44, 48), (226, 120, 40), (24, 110, 96))
    light: tuple[Colour, ...] = ((244, 240, 230), (236, 226, 190), (250, 250, 250))
    return Tower(
        height=float(rng.uniform(0.45, 0.7)),
        width_ratio=float(rng.uniform(0.16, 0.3)),
        taper=float(rng.uniform(0.5, 0.8)),
        stripes=int(rng.integers(1, 8)),
        colours=(light[int(rng.integers(3))], paints[int(rng.integers(5))]),
        dome=paints[int(rng.integers(5))],
        cottage=bool(rng.random() < 0.5),
    )


def draw(scene: Scene) -> Pixels:
    """Draw one scene: sky, clouds, sun, hills, sea, rocks and the tower."""
    rng = np.random.default_rng(scene.key)
    canvas = np.empty((scene.height, scene.width, 3), np.float32)
    horizon = int(scene.height * rng.uniform(0.45, 0.72))
    top, low = (_DREAM_SKIES if scene.dream else _PHOTO_SKIES)[int(rng.integers(5))]
    _sky(canvas[: horizon + 1], rng, top, low, dream=scene.dream)
    _far_hills(canvas, rng, horizon, low)
    _sea(canvas[horizon:], rng, top, low, dream=scene.dream)
    ground = _rocks(canvas, rng, horizon, dream=scene.dream)
    if scene.tower is not None:
        _place(canvas, rng, scene.tower, ground, dream=scene.dream)
    return np.clip(canvas, 0, 255).astype(np.uint8)


def _vertical(top: Colour, low: Colour, rows: int) -> Field:
    share = np.linspace(0, 1, max(rows, 1), dtype=np.float32)[:, None, None]
    return np.asarray(top, np.float32) * (1 - share) + np.asarray(low, np.float32) * share


def _lay(canvas: Field, cover: Field, colour: Field) -> None:
    """Lay a colour over the canvas, `cover` 0 to 1 for each pixel; strip by strip, which a cache holds."""
    for first in range(0, canvas.shape[0], _STRIP_ROWS):
        strip = canvas[first : first + _STRIP_ROWS]
        paint = colour[first : first + _STRIP_ROWS] if colour.ndim == canvas.ndim and colour.shape[0] > 1 else colour
        strip += cover[first : first + _STRIP_ROWS, ..., None] * (paint - strip)


def _sky(canvas: Field, rng: np.random.Generator, top: Colour, low: Colour, *, dream: bool) -> None:
    high, wide = canvas.shape[:2]
    canvas[:] = _vertical(top, low, high)
    cover = clouds(rng, high, wide, coarsest=int(rng.integers(2, 5)))
    cover -= np.float32(rng.uniform(0.25, 0.55))
    cover *= np.float32(rng.uniform(1.2, 3.0))
    bright = rng.uniform(0.35, 1.1)
    tint = (255.0, 214.0, 226.0) if dream else (236.0, 236.0, 234.0)
    _lay(canvas, np.clip(cover, 0, 0.9), np.asarray(tint, np.float32) * np.float32(bright))
    for _ in range(2 if dream and rng.random() < 0.3 else 1):
        _sun(canvas, rng, float(rng.uniform(20, 60)))


def _sun(canvas: Field, rng: np.random.Generator, radius: float) -> None:
    high, wide = canvas.shape[:2]
    centre_y, centre_x = rng.uniform(0.1, 1.0) * high, rng.uniform(0, 1) * wide
    down = (np.arange(high, dtype=np.float32)[:, None] - np.float32(centre_y)) ** 2
    across = (np.arange(wide, dtype=np.float32)[None, :] - np.float32(centre_x)) ** 2
    glow = np.float32(radius * radius) / (down + across + np.float32(radius * radius))
    _lay(canvas, np.minimum(glow * np.float32(1.3), 1), np.asarray((255, 240, 205), np.float32))


def _far_hills(canvas: Field, rng: np.random.Generator, horizon: int, low: Colour) -> None:
    line = horizon - ridge(rng, canvas.shape[1], 4) * np.float32(rng.uniform(0, 0.16) * canvas.shape[0])
    colour = np.asarray(low, np.float32) * np.float32(rng.uniform(0.45, 0.8))
    _below(canvas, line, horizon + 1, colour)


def _below(canvas: Field, line: Field, end: int, colour: Field, *, first: int | None = None) -> None:
    """Colour all pixels under `line` (a row for each column) down to row `end`, with a soft edge of one pixel.

    colour: one for all, or one for each pixel of the rows from `first` on.
    """
    first = max(int(line.min()), 0) if first is None else first
    if first >= end:
        return
    rows = np.arange(first, end, dtype=np.float32)[:, None]
    _lay(canvas[first:end], np.clip(rows - line[None, :], 0, 1), colour)


def _sea(canvas: Field, rng: np.random.Generator, top: Colour, low: Colour, *, dream: bool) -> None:
    """Draw waves: streaks of noise, fine at the horizon and long in front."""
    high, wide = canvas.shape[:2]
    deep: Colour = (20, 40, 90) if dream else (34, 62, 78)
    near = tuple((0.5 * a + 0.5 * b) for a, b in zip(top, deep, strict=True))
    canvas[:] = _vertical((low[0] * 0.8, low[1] * 0.8, low[2] * 0.85), (near[0], near[1], near[2]), high)
    depth = np.linspace(0.15, 1, high, dtype=np.float32)[:, None]
    waves: Field = clouds(rng, high, max(wide // 10, 4), coarsest=max(high // 24, 3), octaves=3) - np.float32(0.45)
    left = np.linspace(0, waves.shape[1] - 1, wide).astype(np.intp)
    canvas += (waves[:, left] * depth * np.float32(30 if dream else 58))[..., None]


def _rocks(canvas: Field, rng: np.random.Generator, horizon: int, *, dream: bool) -> Field:
    """Draw a coast that rises to one side; returns its upper edge, a row for each column."""
    high, wide = canvas.shape[:2]
    slope = np.linspace(0, 1, wide, dtype=np.float32)
    slope = slope if rng.random() < 0.5 else slope[::-1]
    rise = np.clip(slope * np.float32(rng.uniform(0.9, 1.6)) - np.float32(rng.uniform(0, 0.45)), 0, 1)
    foot = np.float32(horizon + rng.uniform(0.14, 0.36) * high)
    line: Field = foot - (rise * np.float32(0.3) + ridge(rng, wide, 3) * np.float32(0.12)) * high
    first = max(int(line.min()), 0)
    base: Colour = (74, 46, 96) if dream else (84, 78, 66)
    shade = np.asarray(base, np.float32) * np.float32(rng.uniform(0.6, 1.25))
    texture = clouds(rng, high - first, wide, coarsest=13, octaves=3 if dream else 5)
    texture *= np.float32(1.2)
    texture += np.float32(0.35)
    for top in range(first, high, _STRIP_ROWS):
        low = min(top + _STRIP_ROWS, high)
        _below(canvas, line, low, shade * texture[top - first : low - first, :, None], first=top)
    return line


def _place(canvas: Field, rng: np.random.Generator, tower: Tower, ground: Field, *, dream: bool) -> None:
    high, wide = canvas.shape[:2]
    order = np.argsort(ground[wide // 8 : -wide // 8], kind="stable") + wide // 8
    centre = int(order[int(rng.integers(0, max(len(order) // 2, 1)))])
    tall = tower.height * high * rng.uniform(0.6, 1.25)
    foot = min(float(ground[centre]) + 0.02 * high, 0.97 * high)
    lamp_share = 1.25 * tower.width_ratio * tower.taper  # lantern and dome, over the height of the shaft
    tall = min(tall, (foot - 0.03 * high) / (1 + lamp_share))
    if tower.cottage:
        _cottage(canvas, centre - 0.28 * tall, foot, 0.16 * tall)
    _tower(canvas, tower, centre, foot, tall)
    _lamp(canvas, tower, centre, foot - tall, tower.width_ratio * tall * tower.taper, glow=dream or rng.random() < 0.5)


def _box(canvas: Field, left: float, top: float, right: float, low: float, colour: Colour) -> None:
    high, wide = canvas.shape[:2]
    rows = slice(max(round(top), 0), max(min(round(low), high), 0))
    columns = slice(max(round(left), 0), max(min(round(right), wide), 0))
    canvas[rows, columns] = colour


def _cottage(canvas: Field, left: float, foot: float, size: float) -> None:
    _box(canvas, left, foot - size * 0.7, left + size * 1.5, foot, (226, 220, 206))
    for step in range(max(round(size * 0.5), 1)):
        inset = step * 0.9
        row = foot - size * 0.7 - step
        _box(canvas, left - size * 0.1 + inset, row - 1, left + size * 1.6 - inset, row, (70, 44, 40))
    _box(canvas, left + size * 0.6, foot - size * 0.4, left + size * 0.85, foot, (60, 50, 44))


def _tower(canvas: Field, tower: Tower, centre: int, foot: float, tall: float) -> None:
    """Draw the shaft: a trapezium with stripes, lit from the left."""
    first, last = max(round(foot - tall), 0), min(round(foot), canvas.shape[0])
    rows = np.arange(first, last, dtype=np.float32)
    share = (rows - np.float32(foot - tall)) / np.float32(tall)  # 0 at the top, 1 at the foot
    half = tower.width_ratio * tall / 2 * (tower.taper + (1 - tower.taper) * share)
    reach = int(tower.width_ratio * tall / 2) + 2
    left, right = max(centre - reach, 0), min(centre + reach, canvas.shape[1])
    across = (np.arange(left, right, dtype=np.float32)[None, :] - centre) / half[:, None].astype(np.float32)
    cover = np.clip((1 - np.abs(across)) * half[:, None], 0, 1).astype(np.float32)
    band = (np.minimum(share, np.float32(0.999)) * (tower.stripes * 2 + 1)).astype(np.intp) % 2
    colour = np.asarray(tower.colours, np.float32)[band][:, None, :]
    light = np.float32(0.82) - across[..., None] * np.float32(0.28)
    _lay(canvas[first:last, left:right], cover, colour * light)


def _lamp(canvas: Field, tower: Tower, centre: int, top: float, wide: float, *, glow: bool) -> None:
    """Draw gallery, lantern and dome on top of the shaft."""
    tall = wide * 0.75
    if glow:
        rows, columns = canvas.shape[:2]
        down = (np.arange(rows, dtype=np.float32)[:, None] - np.float32(top - tall / 2)) ** 2
        across = (np.arange(columns, dtype=np.float32)[None, :] - np.float32(centre)) ** 2
        size = np.float32((wide * 1.1) ** 2)
        cover: Field = (size / (down * 6 + across / 4 + size)).astype(np.float32) * np.float32(0.7)
        _lay(canvas, cover, np.asarray((255, 236, 170), np.float32))
    _box(canvas, centre - wide * 0.7, top - wide * 0.08, centre + wide * 0.7, top + wide * 0.08, (50, 50, 54))
    _box(canvas, centre - wide * 0.34, top - tall, centre + wide * 0.34, top - wide * 0.08, (255, 240, 180))
    _box(canvas, centre - wide * 0.03, top - tall, centre + wide * 0.03, top - wide * 0.08, (60, 60, 60))
    for step in range(max(round(wide * 0.4), 1)):
        inset = wide * 0.42 * (step / (wide * 0.4)) ** 2
        row = top - tall - step
        _box(canvas, centre - wide * 0.42 + inset, row - 1, centre + wide * 0.42 - inset, row, tower.dome)
