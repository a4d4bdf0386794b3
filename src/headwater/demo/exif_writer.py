"""A TIFF structure with EXIF fields, little endian (CIPA DC-008 / Exif 2.32, TIFF 6.0)."""

import struct
from collections.abc import Mapping, Sequence
from typing import cast

Rational = tuple[int, int]
Value = str | bytes | int | Rational | Sequence[Rational]

_ROOM_BYTES = 4  # values up to here stand in the entry itself
_BYTE, _ASCII, _SHORT, _LONG, _RATIONAL, _UNDEFINED, _SRATIONAL = 1, 2, 3, 4, 5, 7, 10
_SIGNED = frozenset({0x9201, 0x9203, 0x9204})  # ShutterSpeedValue, BrightnessValue, ExposureBiasValue
_LONGS = frozenset({0x0201, 0x0202, 0x8769, 0x8825, 0xA002, 0xA003, 0xA005})
EXIF_POINTER, GPS_POINTER = 0x8769, 0x8825


def build_exif(
    main: Mapping[int, Value],
    exif: Mapping[int, Value],
    gps: Mapping[int, Value] | None = None,
    thumbnail: bytes = b"",
) -> bytes:
    """Join the directories as one TIFF block; keys are tag numbers, the pointers between them are filled in.

    thumbnail: a small JPEG, which a directory of its own (IFD1) describes.
    """
    pointers: dict[int, Value] = {EXIF_POINTER: 0, **({GPS_POINTER: 0} if gps else {})}
    exif_start = 8 + len(_directory({**main, **pointers}, 8))
    pointers[EXIF_POINTER] = exif_start
    behind = _directory(exif, exif_start)
    if gps:
        pointers[GPS_POINTER] = exif_start + len(behind)
        behind += _directory(gps, exif_start + len(behind))
    following = exif_start + len(behind) if thumbnail else 0
    if thumbnail:
        preview: dict[int, Value] = {0x0103: 6, 0x011A: (72, 1), 0x011B: (72, 1), 0x0128: 2, 0x0201: 0}
        preview[0x0202] = len(thumbnail)
        preview[0x0201] = following + len(_directory(preview, following))
        behind += _directory(preview, following) + thumbnail
    return b"II*\0\x08\0\0\0" + _directory({**main, **pointers}, 8, following) + behind


def _directory(fields: Mapping[int, Value], start: int, following: int = 0) -> bytes:
    """One directory with its values behind it, `start` being its offset in the block, `following` that of the next."""
    entries, behind = bytearray(), bytearray()
    room = start + 2 + 12 * len(fields) + 4
    for tag in sorted(fields):
        kind, count, data = _value(tag, fields[tag])
        if len(data) > _ROOM_BYTES:
            entries += struct.pack("<HHII", tag, kind, count, room + len(behind))
            behind += data + b"\0" * (len(data) & 1)
        else:
            entries += struct.pack("<HHI", tag, kind, count) + data.ljust(4, b"\0")
    return struct.pack("<H", len(fields)) + bytes(entries) + struct.pack("<I", following) + bytes(behind)


def _value(tag: int, value: Value) -> tuple[int, int, bytes]:
    if isinstance(value, str):
        data = value.encode() + b"\0"
        return _ASCII, len(data), data
    if isinstance(value, bytes):
        return (_BYTE if tag in {0, 5} else _UNDEFINED), len(value), value
    if isinstance(value, int):
        return (_LONG, 1, struct.pack("<I", value)) if tag in _LONGS else (_SHORT, 1, struct.pack("<H", value))
    pairs = cast("list[Rational]", [value] if isinstance(value[0], int) else list(value))
    kind, code = (_SRATIONAL, "<ii") if tag in _SIGNED else (_RATIONAL, "<II")
    return kind, len(pairs), b"".join(struct.pack(code, *pair) for pair in pairs)
