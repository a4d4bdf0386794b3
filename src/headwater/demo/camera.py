"""Takes photographs: a scene through one body's sensor, written as that body writes its files."""

from datetime import datetime
from math import sqrt

import numpy as np

from headwater.demo import pictures
from headwater.demo.body import Body
from headwater.demo.camera_exif import Shot, exif_of
from headwater.demo.fields import Field, grain_at
from headwater.demo.scenes import Pixels, Scene, draw

_GREY = np.float32(138)  # where the stated noise holds
_STRIP_ROWS = 24


def photograph(body: Body, pattern: Field, scene: Scene, taken: datetime, number: int) -> bytes:
    """Take a picture of `scene`: a JPEG with its EXIF, as `body` writes it. `number` is the shot's count."""
    shot = Shot(taken=taken, number=number)
    return as_written(body, sensor_pixels(body, pattern, scene, shot), shot)


def as_written(body: Body, pixels: Pixels, shot: Shot) -> bytes:
    """Write pixels of this body's size as it does: EXIF first, its own tables, a preview of the same picture."""
    exif = exif_of(body, shot, preview(body, pixels))
    return pictures.encode_jpeg(pixels, tables=body.model.tables, exif=exif, jfif=False)


def preview(body: Body, pixels: Pixels) -> bytes:
    """Make the small picture that goes into the file."""
    return pictures.encode_jpeg(pictures.resize(pixels, *body.model.thumbnail), quality=70, jfif=False)


def sensor_pixels(body: Body, pattern: Field, scene: Scene, shot: Shot) -> Pixels:
    """Show the scene as the sensor saw it, before any file is written."""
    return expose(draw(scene), pattern, scene.key, noise=body.noise * sqrt(shot.iso / 100))


def expose(pixels: Pixels, pattern: Field, key: tuple[int, ...], *, noise: float) -> Pixels:
    """Pass light through a sensor: its pattern (multiplied), shot noise (stronger in the light), a mild blur.

    pattern: height x width, mean 0, the relative sensitivity of each pixel of this body. noise: its deviation in grey
    levels at mid grey. The blur is what a colour filter and its interpolation leave.
    """
    rng = np.random.default_rng((*key, 1))
    high, wide = pattern.shape
    grain = grain_at(rng, key[0], high, wide)
    exposed = np.empty_like(pixels)
    above: Field | None = None
    for first in range(0, high, _STRIP_ROWS):
        rows = slice(first, first + _STRIP_ROWS)
        light = pixels[rows].astype(np.float32)
        shot = grain[rows] * (np.sqrt((light[..., 1] + 10) / _GREY) * np.float32(noise))
        light *= np.float32(1) + pattern[rows, :, None]
        light += shot[..., None]
        light[:, 1:] = (light[:, 1:] + light[:, :-1]) * np.float32(0.5)
        before = np.concatenate([light[:1] if above is None else above, light[:-1]])
        above = light[-1:].copy()
        light += before
        light *= np.float32(0.5)
        light += np.float32(0.5)
        exposed[rows] = np.clip(light, 0, 255)
    return exposed
