"""The index of a Multi-Picture file (CIPA DC-007)."""

import struct
from dataclasses import dataclass

_INDEX_TAG = 0xB002


@dataclass(frozen=True, slots=True)
class MultiPicture:
    """One entry of a Multi-Picture index (CIPA DC-007, 5.2.3.3).

    `offset_bytes` counts from the MPF's byte order mark; 0 is the first picture.
    """

    attributes: int
    length_bytes: int
    offset_bytes: int


def multi_pictures(data: bytes) -> tuple[MultiPicture, ...]:
    """Give the entries of an MPF index IFD; none where it cannot be read."""
    order = {b"II": "<", b"MM": ">"}.get(data[:2])
    if order is None or len(data) < 10:
        return ()
    (first,) = struct.unpack_from(f"{order}I", data, 4)
    if first + 2 > len(data):
        return ()
    (count,) = struct.unpack_from(f"{order}H", data, first)
    for at in range(first + 2, min(first + 2 + 12 * count, len(data) - 11), 12):
        tag, _, size, offset = struct.unpack_from(f"{order}HHII", data, at)
        if tag == _INDEX_TAG:
            entries = struct.iter_unpack(
                f"{order}III4x", data[offset : offset + size // 16 * 16][: len(data[offset:]) // 16 * 16]
            )
            return tuple(MultiPicture(attributes, length, start) for attributes, length, start in entries)
    return ()
