"""Invented camera bodies: a sensor pattern of their own, coherent EXIF, quantisation tables of the make."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from headwater.demo.exif_writer import Value, build_exif
from headwater.demo.fields import Field
from headwater.demo.pictures import encode_jpeg
from headwater.demo.scenes import Pixels, Scene, draw, expose

# ITU-T T.81 Annex K.1, scaled below as the makes do.
_LUMA = (
    16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29,
    51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103, 121, 120,
    101, 72, 92, 95, 98, 112, 100, 103, 99,
)  # fmt: skip
_CHROMA = (
    17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99, 99, 99, 47, 66, 99, 99,
    99, 99, 99, 99, *(99,) * 32,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """One camera body. `pattern_strength` is the deviation of its pixels' sensitivity; the place is where it was."""

    key: tuple[int, ...]
    make: str
    model: str
    serial: str
    software: str
    width: int = 1152
    height: int = 864
    pattern_strength: float = 0.02
    noise: float = 2.0
    table_scale: float = 0.17
    offset: str = "+02:00"
    latitude: float | None = None
    longitude: float | None = None

    def tables(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Give the make's own tables: scaled, and lifted a little in the low frequencies."""
        return _scaled(_LUMA, self.table_scale), _scaled(_CHROMA, self.table_scale * 1.1)

    def pattern(self) -> Field:
        """Give the sensor's pattern, height x width: the same for every picture this body takes."""
        noise = np.random.default_rng(self.key).standard_normal((self.height, self.width), dtype=np.float32)
        return noise * np.float32(self.pattern_strength)


def _scaled(table: tuple[int, ...], scale: float) -> tuple[int, ...]:
    return tuple(max(1, round(value * scale) + (1 if index % 9 == 0 else 0)) for index, value in enumerate(table))


def photograph(body: Body, pattern: Field, scene: Scene, taken: datetime, number: int) -> bytes:
    """Take a picture of `scene`: a JPEG with its EXIF, as `body` writes it. `number` is the shot's count."""
    return encode_jpeg(sensor_pixels(body, pattern, scene), tables=body.tables(), exif=exif(body, taken, number))


def sensor_pixels(body: Body, pattern: Field, scene: Scene) -> Pixels:
    """Show the scene as the sensor saw it, before any file is written."""
    return expose(draw(scene), pattern, (*scene.key, 1), noise=body.noise)


def exif(body: Body, taken: datetime, number: int) -> bytes:
    """Write EXIF that agrees with itself: exposure with its APEX values, sizes, lens lengths, times and zone."""
    stamp = taken.strftime("%Y:%m:%d %H:%M:%S")
    subseconds = f"{number * 37 % 1000:03d}"
    stops = number % 6  # 1/125 s and each step half as long
    main: dict[int, Value] = {
        0x010F: body.make, 0x0110: body.model, 0x0112: 1, 0x011A: (72, 1), 0x011B: (72, 1), 0x0128: 2,
        0x0131: body.software, 0x0132: stamp, 0x0213: 1,
    }  # fmt: skip
    shot: dict[int, Value] = {
        0x829A: (1, 125 << stops), 0x829D: (18, 10), 0x8822: 2, 0x8827: 50 << (number % 4), 0x9000: b"0232",
        0x9003: stamp, 0x9004: stamp, 0x9010: body.offset, 0x9011: body.offset, 0x9012: body.offset,
        0x9101: b"\x01\x02\x03\x00", 0x9201: (6966 + 1000 * stops, 1000), 0x9202: (1696, 1000), 0x9204: (0, 6),
        0x9207: 5, 0x9209: 16, 0x920A: (430, 100), 0x9290: subseconds, 0x9291: subseconds,
        0xA000: b"0100", 0xA001: 1, 0xA002: body.width, 0xA003: body.height, 0xA402: 0, 0xA403: 0, 0xA405: 26,
        0xA406: 0, 0xA431: body.serial, 0xA433: body.make, 0xA434: f"{body.model} main lens 4.3mm f/1.8",
    }  # fmt: skip
    return build_exif(main, shot, _gps(body, taken, number))


def _gps(body: Body, taken: datetime, number: int) -> Mapping[int, Value] | None:
    if body.latitude is None or body.longitude is None:
        return None
    return {
        0: b"\x02\x03\0\0", 1: "N", 2: _degrees(body.latitude + number % 7 * 1e-4), 3: "E",
        4: _degrees(body.longitude + number % 5 * 1e-4), 0x1D: taken.strftime("%Y:%m:%d"),
    }  # fmt: skip


def _degrees(value: float) -> tuple[tuple[int, int], ...]:
    whole = int(value)
    minutes = int((value - whole) * 60)
    seconds = round(((value - whole) * 60 - minutes) * 60 * 100)
    return (whole, 1), (minutes, 1), (seconds, 100)
