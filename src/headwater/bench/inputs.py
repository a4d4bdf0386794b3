"""What the benches are run on: harmless, made by code from a seed."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SEED = 20261124
HEIGHT_PIXELS, WIDTH_PIXELS = 3000, 4000  # 12 Mpx
FILES_A_FOLDER = 100
Rgb = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One made picture. quality: the JPEG quality it is stored at."""

    label: str
    rgb: Rgb
    quality: int


def small_files(folder: Path, count: int, *, least_bytes: int = 1024, most_bytes: int = 8192) -> int:
    """Write `count` weather logs, 100 a folder, of random bytes and sizes. Returns the bytes written."""
    chance = random.Random(SEED)  # noqa: S311 - a seeded generator is the point
    written = 0
    for number in range(count):
        place = folder / f"station{number // FILES_A_FOLDER:04d}"
        if number % FILES_A_FOLDER == 0:
            place.mkdir(parents=True)
        data = chance.randbytes(chance.randint(least_bytes, most_bytes))
        (place / f"log{number % FILES_A_FOLDER:02d}.dat").write_bytes(data)
        written += len(data)
    return written


def scenes() -> Iterator[Scene]:
    """A landscape three times at 12 Mpx: smooth, with the grain of a daylight photograph, and white noise alone."""
    chance = np.random.default_rng(SEED)
    smooth = _landscape()
    yield Scene(label="smooth landscape, q85", rgb=_bytes(smooth), quality=85)
    grain = chance.normal(0, 6, smooth.shape).astype(np.float32)
    yield Scene(label="landscape with texture and grain, q92", rgb=_bytes(smooth + grain), quality=92)
    yield Scene(label="white noise, q95", rgb=chance.integers(0, 256, smooth.shape, np.uint8), quality=95)


def photograph(number: int) -> Scene:
    """One of a series of grainy landscapes at 12 Mpx, each different."""
    chance = np.random.default_rng(SEED + number)
    picture = _landscape(phase=number / 3)
    noise = chance.normal(0, 4, picture.shape[:2]).astype(np.float32)
    return Scene(label="landscape with grain", rgb=_bytes(picture + noise[:, :, np.newaxis]), quality=90)


def jpeg(scene: Scene, *, exif: bytes = b"", xmp: bytes = b"") -> bytes:
    """The scene as a baseline JPEG, colour at half resolution as cameras store it."""
    buffer = BytesIO()
    Image.fromarray(scene.rgb).save(buffer, "JPEG", quality=scene.quality, subsampling=2, exif=exif, xmp=xmp)
    return buffer.getvalue()


def disk(size_bytes: int) -> Iterator[bytes]:
    """A disk's worth of compressible bytes, 1 MiB at a time: a quarter empty, the rest log lines that repeat words."""
    chance = random.Random(SEED)  # noqa: S311
    words = [f"{word}-{number} " for number in range(64) for word in ("tide", "wind", "lamp", "fog", "gull", "swell")]
    for number in range(size_bytes >> 20):
        if number % 4 == 3:
            yield bytes(1 << 20)
            continue
        text = "".join(chance.choices(words, k=(1 << 20) // 6)).encode()
        yield text[: 1 << 20].ljust(1 << 20, b" ")


def _landscape(phase: float = 0.0) -> NDArray[np.float32]:
    y, x = np.mgrid[0:HEIGHT_PIXELS, 0:WIDTH_PIXELS].astype(np.float32)
    hills = np.zeros_like(x)
    for k in range(1, 13):
        swing = np.sin(y / HEIGHT_PIXELS * 5 * k) * 1.7
        hills += (40.0 / k) * np.sin(x / WIDTH_PIXELS * 6.3 * k + k * k + phase + swing)
    fields = 25.0 * np.sin(x / 9) * np.sin(y / 7) * (y > HEIGHT_PIXELS * 0.55)
    base = 128 + hills + fields + 50 * (0.5 - y / HEIGHT_PIXELS)
    return np.stack([base * 0.9, base, base * 1.1 + 8], axis=-1)


def _bytes(picture: NDArray[np.float32]) -> Rgb:
    return np.clip(picture, 0, 255).astype(np.uint8)
