"""What an invented camera writes beside the pixels: EXIF that agrees with itself, the picture, the clock."""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from headwater.demo.body import Body
from headwater.demo.exif_writer import Value, build_exif
from headwater.demo.timeline import local


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """One press of the button: when, the body's count, and what was set."""

    taken: datetime
    number: int

    @property
    def iso(self) -> int:
        return 50 << (self.number % 4)

    @property
    def stops(self) -> int:
        """How many times shorter than 1/125 s, in doublings."""
        return self.number % 6


def exif_of(
    body: Body,
    shot: Shot,
    thumbnail: bytes,
    *,
    size: tuple[int, int] | None = None,
    more: Mapping[int, Value] | None = None,
) -> bytes:
    """Write the block. size: the picture's, where an editor changed it. more: further tags of the Exif directory."""
    model = body.model
    clock = local(shot.taken)
    stamp, zone = f"{clock:%Y:%m:%d %H:%M:%S}", f"{clock:%z}"
    zone = f"{zone[:3]}:{zone[3:]}"
    width, height = size or (model.width, model.height)
    main: dict[int, Value] = {
        0x010F: model.make, 0x0110: model.model, 0x0112: 1, 0x011A: (72, 1), 0x011B: (72, 1), 0x0128: 2,
        0x0131: model.software, 0x0132: stamp, 0x0213: 1,
    }  # fmt: skip
    subseconds = f"{shot.number * 37 % 1000:03d}"
    inside: dict[int, Value] = {
        0x829A: (1, 125 << shot.stops), 0x829D: model.f_number, 0x8822: 2, 0x8827: shot.iso, 0x9000: b"0232",
        0x9003: stamp, 0x9004: stamp, 0x9010: zone, 0x9011: zone, 0x9012: zone, 0x9101: b"\x01\x02\x03\x00",
        0x9201: (6966 + 1000 * shot.stops, 1000), 0x9202: (_apex(model.f_number), 1000), 0x9204: (0, 6), 0x9207: 5,
        0x9209: 16, 0x920A: model.focal_length, 0x927C: maker_note(body, shot), 0x9290: subseconds,
        0x9291: subseconds, 0x9292: subseconds, 0xA000: b"0100", 0xA001: 1, 0xA002: width, 0xA003: height,
        0xA402: 0, 0xA403: 0, 0xA406: 0, 0xA431: body.serial, 0xA433: model.make, 0xA434: f"{model.model} lens",
        **(more or {}),
    }  # fmt: skip
    kept = {tag: value for tag, value in inside.items() if value != b""}
    return build_exif(main, kept, _gps(body, shot), thumbnail)


def _apex(number: tuple[int, int]) -> int:
    """Give the aperture in thousandths of the APEX scale: twice the logarithm to base 2 of the f-number."""
    return {(18, 10): 1696, (56, 10): 4971}[number]


def maker_note(body: Body, shot: Shot) -> bytes:
    """Write a note in a format of the make's own: its name, a version, the serial's digest, the count of shots."""
    name = body.model.make.upper().encode()
    return name + struct.pack("<BHI8s", 0, 0x0102, shot.number, sha256(body.serial.encode()).digest()[:8])


def _gps(body: Body, shot: Shot) -> Mapping[int, Value] | None:
    if body.place is None:
        return None
    at = shot.taken.astimezone(UTC)
    latitude, longitude = body.place
    return {
        0: b"\x02\x03\0\0", 1: "N", 2: _degrees(latitude + shot.number % 7 * 1e-4), 3: "E",
        4: _degrees(longitude + shot.number % 5 * 1e-4), 7: ((at.hour, 1), (at.minute, 1), (at.second, 1)),
        0x1D: at.strftime("%Y:%m:%d"),
    }  # fmt: skip


def _degrees(value: float) -> tuple[tuple[int, int], ...]:
    hundredths = round(value * 360_000)
    return (hundredths // 360_000, 1), (hundredths // 6_000 % 60, 1), (hundredths % 6_000, 100)
