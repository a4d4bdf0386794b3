"""When two readers' values are the same thing spelled differently, and the name of the difference."""

import re
import struct
from base64 import b64decode
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from hashlib import sha256
from math import isclose
from typing import Any

_DATE = re.compile(r"^(\d{4})-(\d\d)-(\d\d)(?:T(.*))?$")
_RATIO = re.compile(r"^(-?\d+)/(-?\d+)$")
_SIGNIFICANT = 2e-6
_BASE64 = "base64:"
_FORMS = "BHIQbhiqfd"  # of struct: the types a list of figures can have been stored in
_HEXADECIMAL = re.compile(r"^(?:[0-9a-f]{2})+$")
_ENDS = " \t\r\n\0"
Cause = str
EQUAL = "equal"


def whole(value: Mapping[str, Any], key: str) -> object:
    """A value of ours; where it was cut for its length, the digest of the whole."""
    return {"sha256": value[f"{key}_sha256"]} if f"{key}_sha256" in value else value[key]


def text_of(value: object) -> str:
    """Give a value as exiftool spells it in JSON: lists joined by spaces, whole numbers without a point."""
    if isinstance(value, list):
        return " ".join(text_of(item) for item in value)
    if isinstance(value, bool):
        return str(value)
    return format(value, ".15g") if isinstance(value, float) else str(value)


def number(text: str) -> float | None:
    """Give a figure or a fraction; None where it is neither."""
    match = _RATIO.match(text)
    try:
        if match:
            return int(match[1]) / int(match[2]) if int(match[2]) else None
        return float(text)
    except ValueError:
        return None


def numbers(text: str) -> list[float] | None:
    """All words of a text as figures; None where one is not."""
    found = [number(word) for word in text.split(" ")]
    return [item for item in found if item is not None] if found and None not in found else None


def close(ours: str, theirs: str) -> bool:
    """Whether two texts are the same figures, within what ten significant digits and ratios lose."""
    left, right = numbers(ours), numbers(theirs)
    return (
        left is not None
        and right is not None
        and len(left) == len(right)
        and all(isclose(one, two, rel_tol=_SIGNIFICANT, abs_tol=1e-9) for one, two in zip(left, right, strict=True))
    )


def compare(ours: object, theirs: object, extra: Callable[[str, str], Cause | None] | None = None) -> Cause | None:
    """EQUAL, the name of the convention that makes them differ, or None where nothing explains it."""
    left, right = text_of(ours), text_of(theirs)
    if left == right:
        return EQUAL
    if cause := _as_bytes(ours, theirs):
        return cause
    for cause, holds in _CONVENTIONS:
        if holds(left, right):
            return cause
    if cause := extra(left, right) if extra else None:
        return cause
    if left != left.rstrip(_ENDS):
        return compare(left.rstrip(_ENDS), right, extra) and "spaces at the end kept by us"
    return None


def raw_of(theirs: object) -> bytes:
    """The bytes of a value of exiftool's: decoded where they are no UTF-8, else those of the text."""
    value = str(theirs)
    return b64decode(value[len(_BASE64) :]) if value.startswith(_BASE64) else value.encode()


def _as_bytes(ours: object, theirs: object) -> Cause | None:
    """Values that one of both gives as bytes, by digest or in hexadecimal: the same bytes, or nothing is explained."""
    raw = raw_of(theirs)
    if isinstance(ours, dict):
        same = any(sha256(one).hexdigest() == ours.get("sha256") for one in (raw, *_packed(numbers(str(theirs)))))
        return "binary or a long list: its digest by us, the same bytes by exiftool" if same else None
    if isinstance(ours, list):
        same = raw in _packed(ours)
        return "bytes as figures by us, as they are by exiftool" if same else None
    if not isinstance(ours, str):
        return None
    if _HEXADECIMAL.match(ours) and bytes.fromhex(ours).rstrip(b"\0") == raw.rstrip(b"\0"):
        return "bytes in hexadecimal by us, as they are by exiftool"
    if str(theirs).startswith(_BASE64) and ours.rstrip("\0").encode("latin-1", "replace") == raw.rstrip(b"\0"):
        return "text not in UTF-8: Latin-1 by us, its bytes by exiftool"
    return None


def _packed(figures: Sequence[object] | None) -> list[bytes]:
    """A list of figures as bytes, in every type and both orders that can hold it."""
    found = []
    whole = [int(one) if isinstance(one, float) and one.is_integer() else one for one in figures or ()]
    for form in _FORMS if len(whole) > 1 else "":
        for order in "<>":
            with suppress(struct.error):
                found.append(struct.pack(f"{order}{len(whole)}{form}", *whole))
    return found


def _same_number(left: str, right: str) -> bool:
    return not _RATIO.search(left) and "/" not in left and close(left, right)


def _rational(left: str, right: str) -> bool:
    return "/" in left and close(left, right)


def _undefined(left: str, right: str) -> bool:
    words, given = left.split(" "), right.split(" ")
    if len(words) != len(given) or not any(word.endswith("/0") for word in words):
        return False
    return all(
        (one.endswith("/0") and two in ("undef", "inf")) or close(one, two)
        for one, two in zip(words, given, strict=True)
    )


def _spaces(left: str, right: str) -> bool:
    return left.rstrip(_ENDS) == right.rstrip(_ENDS)


def _after_nul(left: str, right: str) -> bool:
    return "\0" in left and left.split("\0", 1)[0].rstrip() == right.rstrip()


def _without_nul(left: str, right: str) -> bool:
    return "\0" in left and left.replace("\0", "") == right


def _date(left: str, right: str) -> bool:
    match = _DATE.match(left)
    if not match:
        return False
    day = f"{match[1]}:{match[2]}:{match[3]}"
    return right == (f"{day} {match[4]}" if match[4] else day)


def _mojibake(left: str, right: str) -> bool:
    """UTF-8 read as Latin-1 or cp1252 by exiftool."""
    raw = left.encode("utf-8", "replace")
    return not left.isascii() and (raw.decode("latin-1") == right or "".join(map(_windows, raw)) == right)


def _windows(code: int) -> str:
    """One byte as cp1252; the five it leaves undefined as themselves."""
    try:
        return bytes([code]).decode("cp1252")
    except UnicodeDecodeError:
        return chr(code)


def _truth(left: str, right: str) -> bool:
    return left.lower() == right.lower() and left.lower() in ("true", "false")


_CONVENTIONS: tuple[tuple[Cause, Callable[[str, str], bool]], ...] = (
    ("a figure spelled otherwise (06 and 6, 1.50 and 1.5)", _same_number),
    ("rational kept as n/d by us, rounded by exiftool", _rational),
    ("n/0 kept by us, 'inf' or 'undef' by exiftool", _undefined),
    ("true and false capitalised otherwise", _truth),
    ("spaces at the end kept by us", _spaces),
    ("text after a NUL kept by us", _after_nul),
    ("NULs inside a text kept by us", _without_nul),
    ("ISO 8601 date as stored by us, respelled by exiftool", _date),
    ("UTF-8 not declared: read as UTF-8 by us, as Latin by exiftool", _mojibake),
)
