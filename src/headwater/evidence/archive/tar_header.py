"""One 512-byte tar header and the records that extend it: bytes in, plain records out.

Sources: POSIX.1-2017 pax, "ustar Interchange Format" and "pax Header Block"; GNU tar manual, "Basic Tar Format".
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from headwater.model.errors import Malformed
from headwater.model.item import Times, Zone

BLOCK_BYTES = 512
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_GNU_MAGIC = b"ustar  \0"
_PAX_TIME = re.compile(rb"-?\d{1,18}(\.\d{0,18})?")  # no exponent: 20 bytes of one name a number of any length
_NUMBERS = ((100, 108), (108, 116), (116, 124), (124, 136), (136, 148))  # mode, uid, gid, size, mtime
_ASCII = bytes(range(128))
_SPACES = sum(b" " * 8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The fields of one header block. Names are the raw bytes."""

    name: bytes
    size_bytes: int
    modified_seconds: int | None  # None where the field holds no number
    type_flag: bytes
    link: bytes
    ustar: bool
    extended: bool  # an old GNU sparse member with further blocks of its map


def is_zero(block: bytes) -> bool:
    """Whether it is a block of the end-of-archive mark."""
    return not block.strip(b"\0")


def parse_header(block: bytes) -> Header:
    """Read one header. Raises Malformed where its checksum or a number in it does not hold."""
    if len(block) < BLOCK_BYTES or not _checksum_holds(block):
        raise Malformed("tar header checksum does not hold")
    magic = block[257:265]
    name, prefix = _text(block[:100]), _text(block[345:500])
    if magic[:6] == b"ustar\0" and prefix:
        name = prefix + b"/" + name
    return Header(
        name=name,
        size_bytes=_size(block[124:136]),
        modified_seconds=_number_or_none(block[136:148]),
        type_flag=block[156:157],
        link=_text(block[157:257]),
        ustar=magic[:5] == b"ustar",
        extended=magic == _GNU_MAGIC and bool(block[482]),
    )


def holds(block: bytes) -> bool:
    """Whether a header lies here whose checksum holds, with ustar's magic or without, whatever else it says."""
    return len(block) >= BLOCK_BYTES and _checksum_holds(block[:BLOCK_BYTES])


def looks_like_tar(block: bytes) -> bool:
    """Whether an archive begins here: a header that holds, or a damaged one that still has the magic."""
    magic = block[257:265]
    if holds(block):
        return magic[:5] == b"ustar" or None not in [_number_or_none(block[slice(*field)]) for field in _NUMBERS]
    return block[:1] != b"\0" and (magic[:6] == b"ustar\0" or magic == _GNU_MAGIC)


def pax_size(records: Mapping[bytes, bytes], otherwise: int) -> int:
    """Give the size a pax header names. Raises Malformed."""
    text = records.get(b"size")
    if text is None:
        return otherwise
    if not text.isdigit() or len(text) > 19:
        raise Malformed("pax size is no number")
    return _possible(int(text))


def times_of(header: Header, records: Mapping[bytes, bytes]) -> Times:
    """Give the times in UTC: those of the pax header, else the header's own."""
    return Times(
        zone=Zone.UTC,
        modified=_pax_time(records, b"mtime") or _header_time(header),
        accessed=_pax_time(records, b"atime"),
        changed=_pax_time(records, b"ctime"),
        created=_pax_time(records, b"LIBARCHIVE.creationtime"),
    )


def _pax_time(records: Mapping[bytes, bytes], keyword: bytes) -> datetime | None:
    text = records.get(keyword, b"")
    return _time(Decimal(text.decode("ascii"))) if _PAX_TIME.fullmatch(text) else None


def _header_time(header: Header) -> datetime | None:
    return None if header.modified_seconds is None else _time(Decimal(header.modified_seconds))


def _time(seconds: Decimal) -> datetime | None:
    try:
        return _EPOCH + timedelta(microseconds=int(seconds * 1_000_000))
    except (ArithmeticError, ValueError):
        return None


def _checksum_holds(block: bytes) -> bool:
    """Whether the sum stands there in digits: bytes without a number sum up to zero too easily."""
    stored = _number_or_none(block[148:156])
    if not stored or stored <= 0:
        return False
    unsigned = sum(block) - sum(block[148:156]) + _SPACES
    if stored == unsigned:
        return stored != _SPACES
    high = len(block[:148].translate(None, _ASCII)) + len(block[156:].translate(None, _ASCII))
    return stored == unsigned - 256 * high  # old tars summed signed characters


def _text(field: bytes) -> bytes:
    return field.partition(b"\0")[0]


def _size(field: bytes) -> int:
    return _possible(_number(field))


def _possible(size_bytes: int) -> int:
    if not 0 <= size_bytes < 1 << 63:
        raise Malformed("tar header with an impossible size")
    return size_bytes


def _number_or_none(field: bytes) -> int | None:
    try:
        return _number(field)
    except Malformed:
        return None


def _number(field: bytes) -> int:
    """Octal digits, or GNU's base 256 where the first bit is set. Raises Malformed."""
    if field[0] & 0x80:
        value = int.from_bytes(field, "big")
        return value - (1 << 8 * len(field)) if field[0] & 0x40 else value - (0x80 << 8 * (len(field) - 1))
    digits = field.partition(b"\0")[0].strip(b" ")
    if digits.strip(b"01234567"):
        raise Malformed("tar header with a number that is not octal")
    return int(digits, 8) if digits else 0
