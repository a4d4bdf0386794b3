"""When two readers' values are the same thing spelled differently, and the name of the difference."""

import re
from collections.abc import Callable
from math import isclose

_DATE = re.compile(r"^(\d{4})-(\d\d)-(\d\d)(?:T(.*))?$")
_RATIO = re.compile(r"^(-?\d+)/(-?\d+)$")
_SIGNIFICANT = 2e-6
_UNKNOWN_LENGTH = re.compile(r"^\(Binary data (\d+) bytes")
_OUR_LENGTH = re.compile(r"'length_bytes': (\d+)")
_HEXADECIMAL = re.compile(r"^(?:[0-9a-f]{2})+$")
Cause = str
EQUAL = "equal"


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
    for cause, holds in _CONVENTIONS:
        if holds(left, right):
            return cause
    if left != left.strip():
        return compare(left.strip(), right.strip(), extra) and "spaces at the end kept by us"
    return extra(left, right) if extra else None


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
    return left.rstrip(" \t\r\n\0") == right.rstrip(" \t\r\n\0") or left.strip() == right.strip()


def _after_nul(left: str, right: str) -> bool:
    return "\0" in left and left.split("\0", 1)[0].rstrip() == right.rstrip()


def _date(left: str, right: str) -> bool:
    match = _DATE.match(left)
    if not match:
        return False
    day = f"{match[1]}:{match[2]}:{match[3]}"
    return right == (f"{day} {match[4]}" if match[4] else day)


def _charset(left: str, right: str) -> bool:
    """Exiftool writes ``?`` for bytes that are not UTF-8; this reader gives them as Latin-1."""
    if left.isascii():
        return False
    if len(left) == len(right):
        return all(
            one == two or (not one.isascii() and not two.isalnum()) for one, two in zip(left, right, strict=True)
        )
    try:
        return left.encode("latin-1").decode("utf-8", "replace").replace("\ufffd", "?") == right
    except UnicodeEncodeError:
        return False


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


def _binary(left: str, right: str) -> bool:
    match = _UNKNOWN_LENGTH.match(right)
    if not match:
        return False
    stated = _OUR_LENGTH.search(left)
    words = numbers(left)
    if not stated and words and len(words) > 1:
        return int(match[1]) in {len(left), *(len(words) * width for width in (1, 2, 4, 8))}
    length = int(stated[1]) if stated else len(left) // 2 if _HEXADECIMAL.match(left) else len(left)
    return length == int(match[1])


def _truth(left: str, right: str) -> bool:
    return left.lower() == right.lower() and left.lower() in ("true", "false")


_CONVENTIONS: tuple[tuple[Cause, Callable[[str, str], bool]], ...] = (
    ("a figure spelled otherwise (06 and 6, 1.50 and 1.5)", _same_number),
    ("rational kept as n/d by us, rounded by exiftool", _rational),
    ("n/0 kept by us, 'inf' or 'undef' by exiftool", _undefined),
    ("true and false capitalised otherwise", _truth),
    ("spaces at the end kept by us", _spaces),
    ("text after a NUL kept by us", _after_nul),
    ("ISO 8601 date as stored by us, respelled by exiftool", _date),
    ("binary or a long list: value or digest by us, only its length by exiftool", _binary),
    ("text not in UTF-8: Latin-1 by us, '?' by exiftool", _charset),
    ("UTF-8 not declared: read as UTF-8 by us, as Latin by exiftool", _mojibake),
)
