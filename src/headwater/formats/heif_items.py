"""The items of a HEIF meta box: infe, iloc and iref (ISO/IEC 14496-12, 8.11)."""

import struct
from collections.abc import Mapping
from dataclasses import dataclass

from headwater.formats.structure import Part, Range, Source

_ITEMS_MAX = 4096
_EXTENTS_MAX = 4096  # of all items together


@dataclass(frozen=True, slots=True)
class HeifItem:
    """One item and where its bytes lie in the file. Items built from other items have no ranges."""

    identifier: int
    kind: str
    content_type: str
    ranges: tuple[Range, ...]
    thumbnail: bool


class _Bytes:
    """Reads fields forwards; past the end it gives zeros and `ended` turns true."""

    __slots__ = ("at", "data", "ended")

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0
        self.ended = False

    def number(self, width: int) -> int:
        piece = self.data[self.at : self.at + width]
        self.ended |= len(piece) < width
        self.at += width
        return int.from_bytes(piece, "big")

    def text(self) -> str:
        end = self.data.find(b"\0", self.at)
        end = len(self.data) if end < 0 else end
        piece = self.data[self.at : min(end, self.at + 256)]
        self.at = end + 1
        return piece.decode("latin-1")


def read_items(source: Source, boxes: Mapping[str, Part]) -> tuple[HeifItem, ...]:
    """Give the items of a meta box, given the boxes directly inside it by name. Never raises."""
    if "iinf" not in boxes or "iloc" not in boxes:
        return ()
    kinds = _kinds(_data(source, boxes["iinf"]))
    idat = boxes["idat"].data_offset_bytes if "idat" in boxes else None
    places = _places(_data(source, boxes["iloc"]), idat)
    thumbnails = _thumbnails(_data(source, boxes["iref"])) if "iref" in boxes else set()
    return tuple(
        HeifItem(identifier, kind, content, places[identifier], identifier in thumbnails)
        for identifier, (kind, content) in kinds.items()
        if identifier in places
    )


def _data(source: Source, part: Part) -> _Bytes:
    return _Bytes(source.read_at(part.data_offset_bytes, part.data_length_bytes))


def _kinds(data: _Bytes) -> dict[int, tuple[str, str]]:
    version = data.number(1)
    data.at += 3
    count = data.number(2 if version == 0 else 4)
    found: dict[int, tuple[str, str]] = {}
    for _ in range(min(count, _ITEMS_MAX)):
        start = data.at
        length = data.number(4)
        data.at += 4
        version = data.number(1)
        data.at += 3
        if data.ended or length < 12:
            break
        if version >= 2:
            identifier = data.number(2 if version == 2 else 4)
            data.at += 2
            kind = data.data[data.at : data.at + 4].decode("latin-1")
            data.at += 4
            data.text()
            found[identifier] = (kind, data.text() if kind == "mime" else "")
        data.at = start + length
    return found


def _places(data: _Bytes, idat: int | None) -> dict[int, tuple[Range, ...]]:
    version = data.number(1)
    data.at += 3
    sizes = data.number(2)
    offset_width, length_width, base_width = sizes >> 12, sizes >> 8 & 15, sizes >> 4 & 15
    index_width = sizes & 15 if version in (1, 2) else 0
    wide = 4 if version == 2 else 2
    found: dict[int, tuple[Range, ...]] = {}
    left = _EXTENTS_MAX
    for _ in range(min(data.number(wide), _ITEMS_MAX)):
        identifier = data.number(wide)
        method = data.number(2) & 15 if version in (1, 2) else 0
        data.at += 2
        base = data.number(base_width)
        ranges = []
        extents = min(data.number(2), left)
        left -= extents
        for _ in range(extents):
            data.at += index_width
            offset, length = base + data.number(offset_width), data.number(length_width)
            if method == 1 and idat is not None:
                offset += idat
            if method < 2 and length:
                ranges.append(Range(offset, length))
        if data.ended:
            break
        if ranges:
            found[identifier] = tuple(ranges)
    return found


def _thumbnails(data: _Bytes) -> set[int]:
    """Items that are the thumbnail of another (reference type thmb)."""
    wide = 4 if data.number(1) else 2
    data.at += 3
    found: set[int] = set()
    while data.at + 8 <= len(data.data) and len(found) < _ITEMS_MAX:
        length, kind = struct.unpack_from(">I4s", data.data, data.at)
        if length < 8:
            break
        if kind == b"thmb":
            found.add(int.from_bytes(data.data[data.at + 8 : data.at + 8 + wide], "big"))
        data.at += length
    return found
