"""The items of a HEIF meta box: infe, iloc and iref (ISO/IEC 14496-12, 8.11)."""

import struct
from collections.abc import Mapping
from dataclasses import dataclass

from headwater.formats.structure import Part, Range, Source

_ITEMS_MAX = 4096
_EXTENTS_MAX = 4096  # of all items together
_INSIDE_ITEMS_MAX = 4  # how deep items are taken out of items
_IN_FILE, _IN_IDAT, _IN_ITEM = 0, 1, 2  # construction methods


@dataclass(frozen=True, slots=True)
class HeifItem:
    """One item and where its bytes lie in the file. Items built from other items, and those without a place, have none.

    cut: some of it lies past the end of the file.
    """

    identifier: int
    kind: str
    content_type: str
    ranges: tuple[Range, ...]
    thumbnail: bool
    cut: bool = False


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the iloc box says an item lies: extents as (number of the referenced item, offset, length)."""

    method: int
    extents: tuple[tuple[int, int, int], ...]


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
    references = _references(_data(source, boxes["iref"])) if "iref" in boxes else {}
    places = _places(_data(source, boxes["iloc"]))
    resolver = _Resolver(source, boxes.get("idat"), places, references.get(b"iloc", {}))
    thumbnails = references.get(b"thmb", {})
    found = []
    for identifier, (kind, content) in kinds.items():
        ranges, cut = resolver.ranges(identifier)
        found.append(HeifItem(identifier, kind, content, ranges, identifier in thumbnails, cut))
    return tuple(found)


class _Resolver:
    """Turns places into ranges of the file, each item once."""

    def __init__(
        self, source: Source, idat: Part | None, places: Mapping[int, _Place], inside: Mapping[int, list[int]]
    ) -> None:
        self._file = (Range(0, source.size_bytes),)
        self._idat = (Range(idat.data_offset_bytes, idat.data_length_bytes),) if idat else ()
        self._places = places
        self._inside = inside
        self._left = _EXTENTS_MAX
        self._known: dict[int, tuple[tuple[Range, ...], bool]] = {}

    def ranges(self, identifier: int, depth: int = 0) -> tuple[tuple[Range, ...], bool]:
        """Where an item lies, and whether some of it does not."""
        place = self._places.get(identifier)
        if identifier in self._known or place is None or depth > _INSIDE_ITEMS_MAX:
            return self._known.get(identifier, ((), False))
        found: list[Range] = []
        cut = False
        for index, offset, length in place.extents:
            part, lost = _slice(self._whole(place.method, identifier, index, depth), offset, length)
            found += part[: self._left]
            self._left -= len(part[: self._left])
            cut |= lost
        self._known[identifier] = (tuple(found), cut)
        return self._known[identifier]

    def _whole(self, method: int, identifier: int, index: int, depth: int) -> tuple[Range, ...]:
        """What the offsets of an extent count in: the file, the idat box, or another item."""
        if method == _IN_FILE:
            return self._file
        if method == _IN_IDAT:
            return self._idat
        others = self._inside.get(identifier, [])
        number = max(index, 1) - 1
        return self.ranges(others[number], depth + 1)[0] if method == _IN_ITEM and number < len(others) else ()


def _slice(whole: tuple[Range, ...], offset: int, length: int) -> tuple[list[Range], bool]:
    """A run of bytes out of ranges put end to end, to their end where its length is 0; and whether some is missing."""
    found: list[Range] = []
    start, end = 0, offset + length if length else None
    for part in whole:
        low, high = max(offset, start), start + part.length_bytes
        high = high if end is None else min(high, end)
        if low < high:
            found.append(Range(part.offset_bytes + low - start, high - low))
        start += part.length_bytes
    return found, not found or sum(part.length_bytes for part in found) < length


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


def _places(data: _Bytes) -> dict[int, _Place]:
    version = data.number(1)
    data.at += 3
    sizes = data.number(2)
    offset_width, length_width, base_width = sizes >> 12, sizes >> 8 & 15, sizes >> 4 & 15
    index_width = sizes & 15 if version in (1, 2) else 0
    wide = 4 if version == 2 else 2
    found: dict[int, _Place] = {}
    left = _EXTENTS_MAX
    for _ in range(min(data.number(wide), _ITEMS_MAX)):
        identifier = data.number(wide)
        method = data.number(2) & 15 if version in (1, 2) else 0
        data.at += 2
        base = data.number(base_width)
        extents = min(data.number(2), left)
        left -= extents
        numbers = [
            (data.number(index_width), base + data.number(offset_width), data.number(length_width))
            for _ in range(extents)
        ]
        if data.ended:
            break
        if numbers:
            found[identifier] = _Place(method, tuple(numbers))
    return found


def _references(data: _Bytes) -> dict[bytes, dict[int, list[int]]]:
    """References by type: from which item to which."""
    wide = 4 if data.number(1) else 2
    data.at += 3
    found: dict[bytes, dict[int, list[int]]] = {}
    left = _ITEMS_MAX
    while data.at + 8 <= len(data.data) and left > 0:
        start = data.at
        length, kind = struct.unpack_from(">I4s", data.data, start)
        if length < 8:
            break
        data.at += 8
        origin = data.number(wide)
        count = min(data.number(2), left, max(0, length - 8) // wide)
        left -= 1 + count
        found.setdefault(kind, {}).setdefault(origin, []).extend(data.number(wide) for _ in range(count))
        data.at = start + length
    return found
