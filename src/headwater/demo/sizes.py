"""How many of each thing an operation holds."""

from dataclasses import dataclass, fields

import numpy as np


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """Counts. The phone's photographs include the one that was also trained on."""

    comfy: int = 64
    comfy_from_picture: int = 14
    a1111: int = 40
    a1111_jpeg: int = 8
    a1111_from_picture: int = 12
    invoke: int = 20
    fooocus: int = 16
    training: int = 24
    phone: int = 40
    twin: int = 8
    chat: int = 22
    screenshots: int = 8
    video_frames: int = 20
    uploads: int = 104
    foreign_uploads: int = 16
    downloads: int = 36
    laptop_photographs: int = 24
    bomb_mebibytes: int = 84
    accounts: int = 5_000
    persons: int = 4_200


FULL = Size()
SMALL = Size(
    comfy=7, comfy_from_picture=5, a1111=8, a1111_jpeg=1, a1111_from_picture=6, invoke=2, fooocus=3, training=24,
    phone=4, twin=2, chat=3, screenshots=3, video_frames=2, uploads=14, foreign_uploads=2, downloads=4,
    laptop_photographs=3, accounts=260, persons=210,
)  # fmt: skip
_AS_STATED = frozenset({"training", "accounts", "persons"})  # the operation's own story names these


def varied(size: Size, rng: np.random.Generator) -> Size:
    """Give every count up to 30 per cent more or less, but those that the story names."""
    counts = {field.name: int(getattr(size, field.name)) for field in fields(size)}
    changed = {
        name: count if name in _AS_STATED else round(count * float(rng.uniform(0.7, 1.3)))
        for name, count in counts.items()
    }
    people = float(rng.uniform(0.97, 1.03))
    return Size(**{**changed, **{name: round(counts[name] * people) for name in ("accounts", "persons")}})
