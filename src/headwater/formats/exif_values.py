"""Values of TIFF and Exif entries as plain text and figures.

Rationals are kept exactly, as the text ``n/d``; dates stay the text that is stored; bytes that are no text are given
in hexadecimal up to 64 bytes, and by length and SHA-256 beyond.
"""

import struct
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from math import isfinite

Scalar = int | float | str
Value = Scalar | list[Scalar] | dict[str, Scalar] | None

SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8, 129: 1}
_FORMS = {1: "B", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i", 11: "f", 12: "d", 13: "I", 16: "Q", 17: "q", 18: "Q"}
TYPE_NAMES = {
    1: "BYTE",
    2: "ASCII",
    3: "SHORT",
    4: "LONG",
    5: "RATIONAL",
    6: "SBYTE",
    7: "UNDEFINED",
    8: "SSHORT",
    9: "SLONG",
    10: "SRATIONAL",
    11: "FLOAT",
    12: "DOUBLE",
    13: "IFD",
    16: "LONG8",
    17: "SLONG8",
    18: "IFD8",
    129: "UTF-8",
}
_ITEMS_MAX = 1024
_HEX_BYTES_MAX = 64
_KANJI_IN = b"\x1b$B"


def decode(tag: int, kind: int, count: int, raw: bytes, order: str) -> Value:
    """Give the value of an entry of type `kind` stored as `raw`, whole items only; `order` is ``<`` or ``>``."""
    special = _SPECIAL.get(tag)
    if special is not None and kind in (1, 2, 7):
        return special(raw, order)
    if kind in (2, 129):
        return text(raw.rstrip(b"\0"))
    if kind == 7:
        return opaque(raw)
    return _numeric(kind, count, raw, order)


def _numeric(kind: int, count: int, raw: bytes, order: str) -> Value:
    items = len(raw) // SIZES[kind]
    if items > _ITEMS_MAX or (kind == 1 and items < count):
        return {"count": count, "length_bytes": len(raw), "sha256": sha256(raw).hexdigest()}
    if kind in (5, 10):
        return _rationals(raw, items, order + ("i" if kind == 10 else "I"))
    numbers = struct.unpack(f"{order}{items}{_FORMS[kind]}", raw)
    if kind in (11, 12):
        return _plain([number if isfinite(number) else str(number) for number in numbers])
    return _plain(list(numbers))


def _plain(items: list[Scalar]) -> Value:
    return items[0] if len(items) == 1 else items


def _rationals(raw: bytes, items: int, form: str) -> Value:
    flat = struct.unpack(f"{form[0]}{2 * items}{form[1]}", raw)
    return _plain([f"{flat[index]}/{flat[index + 1]}" for index in range(0, len(flat), 2)])


def text(raw: bytes) -> str:
    """Bytes as text: UTF-8 where they are, Latin-1 where not. Never loses a byte."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def opaque(raw: bytes) -> Value:
    """Bytes whose meaning is not read."""
    if len(raw) <= _HEX_BYTES_MAX:
        return raw.hex()
    return {"length_bytes": len(raw), "sha256": sha256(raw).hexdigest()}


def _letters(raw: bytes, _order: str) -> Value:
    trimmed = raw.rstrip(b"\0")
    return trimmed.decode("ascii") if trimmed.isascii() and trimmed.decode("ascii").isprintable() else opaque(raw)


def _number(raw: bytes, _order: str) -> Value:
    return raw[0] if len(raw) == 1 else opaque(raw)


def _numbers(raw: bytes, _order: str) -> Value:
    return list(raw) if len(raw) <= _HEX_BYTES_MAX else opaque(raw)


def _windows_text(raw: bytes, _order: str) -> Value:
    """XP tags are UTF-16LE whatever the byte order (Windows Explorer)."""
    return raw[: len(raw) // 2 * 2].decode("utf-16-le", "replace").rstrip("\0")


def _coded_text(raw: bytes, order: str) -> Value:
    """UserComment and the GPS texts: eight bytes name the character code (Exif 3.0, 4.6.6.7)."""
    code, body = raw[:8].rstrip(b"\0 "), raw[8:]
    if code == b"UNICODE":
        return _utf16(body, order)
    if code == b"JIS":
        return _japanese(body)
    if code in (b"ASCII", b""):
        return text(body.rstrip(b"\0"))
    return text(raw.rstrip(b"\0"))


def _japanese(body: bytes) -> str:
    """JIS X 0208 in two bytes of seven bits each, as the standard has it; or what writers put there instead."""
    trimmed = body.rstrip(b"\0 ")
    if trimmed and len(trimmed) % 2 == 0 and all(0x21 <= code <= 0x7E for code in trimmed):
        with suppress(UnicodeDecodeError):
            return (_KANJI_IN + trimmed).decode("iso2022_jp")
    for encoding in ("iso2022_jp", "euc_jp", "shift_jis"):
        with suppress(UnicodeDecodeError):
            return body.rstrip(b"\0").decode(encoding)
    return text(body.rstrip(b"\0"))


def _utf16(body: bytes, order: str) -> str:
    """UTF-16 in the byte order of the file or the other: writers do both, so the plainer reading wins."""
    if body[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return body[: len(body) // 2 * 2].decode("utf-16", "replace").rstrip("\0")
    even = body[: len(body) // 2 * 2]
    low, high = even[0::2].count(0), even[1::2].count(0)
    little = high > low if high != low else order == "<"
    return even.decode("utf-16-le" if little else "utf-16-be", "replace").rstrip("\0")


def _pattern(raw: bytes, order: str) -> Value:
    """Exif CFAPattern: columns, rows, then one colour per cell."""
    if len(raw) >= 4:
        for form in (order, "<" if order == ">" else ">"):
            columns, rows = struct.unpack_from(f"{form}HH", raw)
            if columns * rows == len(raw) - 4 and len(raw) <= _HEX_BYTES_MAX:
                return [columns, rows, *raw[4:]]
    return opaque(raw)


_SPECIAL: dict[int, Callable[[bytes, str], Value]] = {
    0x9000: _letters,
    0xA000: _letters,
    0x0002: _letters,
    0x9101: _numbers,
    0x9216: _numbers,
    0xA300: _number,
    0xA301: _number,
    0xA302: _pattern,
    0x9286: _coded_text,
    0x001B: _coded_text,
    0x001C: _coded_text,
    **dict.fromkeys((0x9C9B, 0x9C9C, 0x9C9D, 0x9C9E, 0x9C9F), _windows_text),
}
