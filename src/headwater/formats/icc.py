"""ICC profiles (ICC.1:2022): the header, the description and the copyright."""

import struct
from dataclasses import dataclass

_TAGS_MAX = 256
_TEXT_BYTES_MAX = 65_536


@dataclass(frozen=True, slots=True)
class Profile:
    """What a profile says of itself. `problem` says what is broken; empty where nothing is."""

    size_bytes: int
    version: str
    device_class: str
    colour_space: str
    connection_space: str
    created: str
    platform: str
    manufacturer: str
    model: str
    creator: str
    description: str
    copyright: str
    problem: str = ""


def read_icc(data: bytes) -> Profile | None:
    """Read a profile; None where the data is no profile at all (no ``acsp`` signature). Never raises."""
    if len(data) < 128 or data[36:40] != b"acsp":
        return None
    stated = int.from_bytes(data[:4], "big")
    year, month, day, hour, minute, second = struct.unpack_from(">6H", data, 24)
    return Profile(
        size_bytes=stated,
        version=f"{data[8]}.{data[9] >> 4}.{data[9] & 15}",
        device_class=_four(data[12:16]),
        colour_space=_four(data[16:20]),
        connection_space=_four(data[20:24]),
        created=f"{year:04d}:{month:02d}:{day:02d} {hour:02d}:{minute:02d}:{second:02d}",
        platform=_four(data[40:44]),
        manufacturer=_four(data[48:52]),
        model=_four(data[52:56]),
        creator=_four(data[80:84]),
        description=_tag(data, b"desc"),
        copyright=_tag(data, b"cprt"),
        problem="" if stated <= len(data) else f"{stated} bytes stated, {len(data)} are here",
    )


def _four(raw: bytes) -> str:
    """Give a four-character signature, as text where it is some."""
    trimmed = raw.rstrip(b"\0 ")
    return trimmed.decode("ascii") if trimmed.isascii() and trimmed.decode().isprintable() else raw.hex()


def _tag(data: bytes, signature: bytes) -> str:
    count = min(int.from_bytes(data[128:132], "big"), _TAGS_MAX)
    for at in range(132, min(132 + 12 * count, len(data) - 11), 12):
        if data[at : at + 4] == signature:
            offset, length = struct.unpack_from(">II", data, at + 4)
            return _text(data[offset : offset + min(length, _TEXT_BYTES_MAX)])
    return ""


def _text(body: bytes) -> str:
    """Give the text of a desc, text or mluc tag; of several languages the first."""
    kind = body[:4]
    if kind == b"desc" and len(body) >= 12:
        length = int.from_bytes(body[8:12], "big")
        return body[12 : 12 + length].split(b"\0", 1)[0].decode("latin-1")
    if kind == b"text":
        return body[8:].rstrip(b"\0").decode("latin-1")
    if kind == b"mluc" and len(body) >= 28:
        length, offset = struct.unpack_from(">II", body, 20)
        raw = body[offset : offset + min(length, _TEXT_BYTES_MAX)]
        return raw[: len(raw) // 2 * 2].decode("utf-16-be", "replace").rstrip("\0")
    return ""
