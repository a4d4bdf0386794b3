"""Texts and values of QuickTime and MP4: international text, 3GPP strings, and the data atoms of iTunes.

Sources: Apple, QuickTime File Format ("User data atoms", "Metadata"); 3GPP TS 26.244, 8.
"""

import struct
from hashlib import sha256
from math import isfinite

from headwater.formats.charset import utf8_or_latin
from headwater.formats.structure import Said

_PACKED_LANGUAGE = 0x400  # below it a language is a number of the old Macintosh
_UNSPECIFIED = 0x7FFF
_HEX_BYTES_MAX = 64
_INTEGERS = {21: True, 22: False, 65: True, 66: True, 67: True, 74: True, 75: False, 76: False, 77: False, 78: False}
_REALS = {23: ">f", 24: ">d"}
_PAIRS = frozenset({"trkn", "disk"})


def language(code: int) -> str:
    """Three letters of ISO 639-2/T packed into 15 bits; ``mac N`` for a number of the Macintosh; empty for none."""
    if code in (0, _UNSPECIFIED):
        return ""
    if code < _PACKED_LANGUAGE:
        return f"mac {code}"
    letters = "".join(chr(0x60 + (code >> shift & 31)) for shift in (10, 5, 0))
    return "" if letters == "und" else letters


def text(raw: bytes, code: int = _UNSPECIFIED) -> str:
    """A text in UTF-16 with a mark or in UTF-8; where neither, under an old Macintosh number, in Mac Roman."""
    if raw[:2] in (b"\xfe\xff", b"\xff\xfe"):
        return raw[: len(raw) // 2 * 2].decode("utf-16", "replace").rstrip("\0")
    decoded, whole = utf8_or_latin(raw.rstrip(b"\0"))
    return raw.rstrip(b"\0").decode("mac_roman") if not whole and code < _PACKED_LANGUAGE else decoded


def is_text(raw: bytes) -> bool:
    """Whether bytes of no stated form are a text in UTF-8."""
    decoded, whole = utf8_or_latin(raw.rstrip(b"\0"))
    return bool(decoded) and whole and all(one.isprintable() or one in "\r\n\t" for one in decoded)


def opaque(raw: bytes) -> dict[str, Said]:
    """Bytes whose meaning is not read: in hexadecimal up to 64, by length and SHA-256 beyond."""
    if len(raw) <= _HEX_BYTES_MAX:
        return {"hex": raw.hex()}
    return {"length_bytes": len(raw), "sha256": sha256(raw).hexdigest()}


def value(key: str, kind: int, raw: bytes) -> dict[str, Said]:
    """The value of a data atom of a well-known type, as ``{"value": ...}``, or `opaque`."""
    if kind == 1 or (kind == 0 and key not in _PAIRS and is_text(raw)):
        return {"value": text(raw)}
    if kind == 2:
        return {"value": raw[: len(raw) // 2 * 2].decode("utf-16-be", "replace").rstrip("\0")}
    figure = _figure(key, kind, raw)
    return opaque(raw) if figure is None else {"value": figure}


def _figure(key: str, kind: int, raw: bytes) -> Said | None:
    if kind in _INTEGERS and 1 <= len(raw) <= 8:
        return int.from_bytes(raw, "big", signed=_INTEGERS[kind])
    if kind in _REALS and len(raw) == struct.calcsize(_REALS[kind]):
        number: float = struct.unpack(_REALS[kind], raw)[0]
        return number if isfinite(number) else str(number)
    if kind == 0 and key in _PAIRS and len(raw) >= 6:
        return list(struct.unpack(">HH", raw[2:6]))
    return int.from_bytes(raw, "big") if kind == 0 and key == "gnre" and len(raw) == 2 else None
