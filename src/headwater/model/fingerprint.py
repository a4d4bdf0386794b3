"""What a picture is found by: the hashes of it, of its turns, of what is inside its borders, and of its parts."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """What a picture is found by. Hashes of 64 hexadecimal digits, variants in the order of `pdq_bits.VARIANTS`.

    quality: of the whole. whole: eight, derived from one transform. turned: eight, each of a turned copy. insides: of
    each border eight. parts: in the order of PARTS, empty text for a part that is too flat. The last three are empty
    where they were not made. frame_seconds: where in a video the picture stands, if it is a frame of one; of such a one
    `whole` may be the first of the eight alone.
    """

    sha256: str
    quality: int
    whole: tuple[str, ...]
    turned: tuple[str, ...] = ()
    insides: tuple[tuple[str, ...], ...] = ()
    parts: tuple[str, ...] = ()
    frame_seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoPrint:
    """What a video is found by: its hashed frames of quality 50 or more, in the order of their times.

    flat: how many of its hashed frames are below that, and are compared with nothing.
    """

    sha256: str
    frames: tuple[Fingerprint, ...]
    flat: int
