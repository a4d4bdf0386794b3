"""Where exiftool's EXIF values are worked out rather than read, even with ``-n``."""

from math import isclose
from typing import Literal

from headwater.bench.corpus_metadata_values import number, numbers, raw_of

# Pointers to directories, GeoTIFF keys (a family of their own in exiftool), blocks that are families here too, a
# maker's own data, and padding, which exiftool does not print with -b.
EXIF_NOT_COMPARED = frozenset(
    {
        0x8769,
        0x8825,
        0xA005,
        0x014A,
        0x02BC,
        0x83BB,
        0x8649,
        0x8773,
        0x927C,
        0xC634,
        0xC4A5,
        0xFE00,
        0xCD41,
        0x87AF,
        0x87B0,
        0x87B1,
        0xEA1C,
    }
)
_ORDERS: tuple[Literal["little", "big"], ...] = ("little", "big")
_OFFSETS = {"0201", "0111", "0144", "0120"}
_APERTURES = {"9202", "9205"}
_POSITIONS = {"GPS 0002", "GPS 0004", "GPS 0014", "GPS 0016"}


def exif_cause(key: str, left: str, right: str) -> str | None:
    """Give the cause of a difference in one tag; `key` is ``IFD0 010F``."""
    tag = key.split(" ")[1]
    if key.startswith("GPS"):
        return _gps(key, left, right)
    if tag in _OFFSETS and (number(right) or 0) > (number(left) or 0) > 0:
        return "offset: from the TIFF header by us, from the start of the file by exiftool"
    if tag == "9201" and _power(left, right, -1.0):
        return "APEX value as stored by us, as seconds by exiftool"
    if tag in _APERTURES and _power(left, right, 0.5):
        return "APEX value as stored by us, as f-number by exiftool"
    return _comment(left, right) if tag == "9286" else None


def _comment(left: str, right: str) -> str | None:
    """A UserComment of a type that holds figures; exiftool takes its bytes for a text all the same."""
    if left.isdigit() and _stored_as(int(left), right):
        return "UserComment of a wrong type: a figure by us, its bytes by exiftool"
    if "/" in left and number(left) is not None and not right:
        return "UserComment of a wrong type: a fraction by us, its eight bytes taken for a character code by exiftool"
    return None


def _stored_as(figure: int, right: str) -> bool:
    """Whether a figure's bytes, in either order, are those exiftool gives."""
    given = raw_of(right).strip(b"\0")
    return any(figure.to_bytes(8, order).strip(b"\0") == given for order in _ORDERS) if figure < 1 << 64 else False


def _power(left: str, right: str, exponent: float) -> bool:
    stored, given = number(left), number(right)
    if stored is None or given is None:
        return False
    try:
        worked_out = 2 ** (stored * exponent)
    except OverflowError:
        return given == 0  # as exiftool has it for what it cannot work out
    return isclose(worked_out, given, rel_tol=1e-5) or (abs(stored) > 100 and given == 0)


def _gps(key: str, left: str, right: str) -> str | None:
    if key in _POSITIONS:
        parts, given = _filled(left), number(right)
        if right == "" and "0/0" in left.split(" "):
            return "n/0 kept by us, nothing by exiftool"
        if (
            parts
            and given is not None
            and isclose(sum(part / 60**at for at, part in enumerate(parts)), given, rel_tol=1e-7)
        ):
            return "degrees, minutes, seconds as stored by us, as degrees by exiftool"
    if key == "GPS 0007":
        parts = _filled(left)
        clock = [float(word) for word in right.split(":")] if right.replace(":", "").replace(".", "").isdigit() else []
        if parts and len(parts) == len(clock) == 3 and isclose(_seconds(parts), _seconds(clock), abs_tol=1e-3):
            return "time of day as three rationals by us, as HH:MM:SS by exiftool"
    return None


def _seconds(clock: list[float]) -> float:
    return clock[0] * 3600 + clock[1] * 60 + clock[2]


def _filled(left: str) -> list[float] | None:
    """Give the rationals of a position; n/0 counts as nothing."""
    return numbers(" ".join("0" if word.endswith("/0") else word for word in left.split(" ")))
