"""TIFF 6.0, BigTIFF and Exif 3.0 directories, at byte level.

Directories that refer to each other in a circle are followed once; values that lie past the end are noted and what
is there of them is kept, unless it is the directory itself. A header that breaks the rules is passed over where the
first directory makes sense all the same.
"""

import struct
from collections import deque
from dataclasses import dataclass

import msgspec

from headwater.formats.exif_names import tag_name
from headwater.formats.exif_values import SIZES, Value, decode
from headwater.formats.structure import Damage, Range, Source

_IFDS_MAX = 256
_ENTRIES_MAX = 20_000
_VALUE_BYTES_MAX = 16 << 20  # of one value
_VALUES_BYTES_MAX = 64 << 20  # of all values of one file
_HEADER_BYTES = 8
_OUTSIDE = "malformed: the value lies outside the data"
_TOO_MUCH = "limit: the values before this one are all that is read of one file"
_POINTERS = {
    0x8769: "ExifIFD",
    0x8825: "GPS",
    0xA005: "InteropIFD",
    0x0190: "GlobParamIFD",
    0xFE00: "KodakIFD",
    0x014A: "SubIFD",
}
_TIFF = 42
_LIKELY_ENTRIES = 512
_MAGIC = {_TIFF: False, 43: True, 0x4F52: False, 0x5352: False, 0x55: False}  # BigTIFF, Olympus ORF, Panasonic RW2


class Tag(msgspec.Struct, frozen=True):
    """One entry of a directory. Offsets count from the start of the TIFF header.

    value: None where it could not be read; `unreadable` says why. cut: the end of it is missing. raw: the bytes as
    stored, at most 16 MiB of them.
    """

    ifd: str
    tag: int
    name: str
    type: int
    count: int
    value: Value
    raw: bytes
    entry_offset_bytes: int
    entry_length_bytes: int
    value_offset_bytes: int
    value_length_bytes: int
    cut: bool = False
    unreadable: str = ""


@dataclass(frozen=True, slots=True)
class Directory:
    """One IFD: its name, where it lies, how many bytes of it are there and how many entries it states."""

    name: str
    offset_bytes: int
    length_bytes: int
    entries: int


@dataclass(frozen=True, slots=True)
class Exif:
    """A TIFF structure, read.

    `pictures` are embedded previews as (directory, range); ranges count from the TIFF header.
    """

    byte_order: str
    directories: tuple[Directory, ...]
    tags: tuple[Tag, ...]
    pictures: tuple[tuple[str, Range], ...]
    damage: tuple[Damage, ...]


class _Walk:
    """The state of one reading."""

    __slots__ = (
        "budget",
        "count_form",
        "damage",
        "directories",
        "entry",
        "order",
        "pictures",
        "queue",
        "source",
        "tags",
        "visited",
    )

    def __init__(self, source: Source, order: str, *, big: bool) -> None:
        self.source = source
        self.order = order
        self.entry = struct.Struct(f"{order}HHQ8s" if big else f"{order}HHI4s")
        self.count_form = struct.Struct(f"{order}Q" if big else f"{order}H")
        self.queue: deque[tuple[str, int]] = deque()
        self.visited: set[int] = set()
        self.tags: list[Tag] = []
        self.directories: list[Directory] = []
        self.pictures: list[tuple[str, Range]] = []
        self.damage: list[Damage] = []
        self.budget = _VALUES_BYTES_MAX

    def broken(self, what: str, offset_bytes: int, length_bytes: int = 0, *, lost: bool = True) -> None:
        if len(self.damage) < 1000:
            self.damage.append(Damage(what, offset_bytes, length_bytes, lost))

    @property
    def offset(self) -> str:
        return f"{self.order}Q" if self.entry.size == 20 else f"{self.order}I"


def read_exif(source: Source, first_name: str = "IFD0") -> Exif:
    """Read all directories from a TIFF header on. Never raises; without a header the result is empty with a Damage."""
    head = source.read_at(0, 16)
    order = {b"II": "<", b"MM": ">"}.get(head[:2])
    magic = struct.unpack_from(f"{order}H", head, 2)[0] if order and len(head) >= 8 else 0
    damaged = order is None or magic not in _MAGIC
    if damaged:
        order, magic = _likely_order(source, head), _TIFF
    if order is None:
        return Exif("", (), (), (), (Damage("no TIFF header", 0, min(8, len(head))),))
    big = _MAGIC[magic]
    walk = _Walk(source, order, big=big)
    if damaged:
        walk.broken("the TIFF header is damaged; the first directory makes sense", 0, 8, lost=False)
    if big and len(head) < 16:
        walk.broken("the BigTIFF header is cut off", 0, len(head))
    else:
        (first,) = struct.unpack_from(walk.offset, head, 8 if big else 4)
        walk.queue.append((first_name, first))
    while walk.queue:
        _directory(walk, *walk.queue.popleft())
    return Exif(
        "II" if order == "<" else "MM",
        tuple(walk.directories),
        tuple(walk.tags),
        tuple(walk.pictures),
        tuple(walk.damage),
    )


def _likely_order(source: Source, head: bytes) -> str | None:
    """The byte order in which a header that breaks the rules leads to a first directory that makes sense."""
    stated = ">" if head[:2] == b"MM" else "<"
    return next((order for order in (stated, "<" if stated == ">" else ">") if _makes_sense(source, head, order)), None)


def _makes_sense(source: Source, head: bytes, order: str) -> bool:
    if len(head) < 8:
        return False
    (offset,) = struct.unpack_from(f"{order}I", head, 4)
    count = source.read_at(offset, 2)
    entries = struct.unpack(f"{order}H", count)[0] if len(count) == 2 else 0
    table = source.read_at(offset + 2, 12 * entries) if offset >= 8 and 0 < entries <= _LIKELY_ENTRIES else b""
    kinds = [kind for _, kind, _ in struct.iter_unpack(f"{order}HH8s", table[: len(table) // 12 * 12])]
    return len(kinds) == entries > 0 and all(kind in SIZES for kind in kinds)


def _directory(walk: _Walk, name: str, offset: int) -> None:
    if offset in walk.visited:
        walk.broken(f"{name}: this directory was read already: a circle", offset, lost=False)
        return
    if len(walk.visited) >= _IFDS_MAX or len(walk.tags) >= _ENTRIES_MAX:
        walk.broken(f"{name}: more than {_IFDS_MAX} directories or {_ENTRIES_MAX} entries: not read", offset)
        return
    walk.visited.add(offset)
    head = walk.source.read_at(offset, walk.count_form.size)
    if offset < 8 or len(head) < walk.count_form.size:
        walk.broken(f"{name}: the directory lies outside the data", offset)
        return
    (count,) = walk.count_form.unpack(head)
    size = walk.entry.size
    start = offset + walk.count_form.size
    wanted = min(count, _ENTRIES_MAX - len(walk.tags)) * size
    table = walk.source.read_at(start, wanted)
    if len(table) < wanted or wanted < count * size:
        walk.broken(f"{name}: {count} entries stated, {len(table) // size} read", offset, len(table) + len(head))
    walk.directories.append(Directory(name, offset, len(head) + len(table), count))
    found: dict[int, Tag] = {}
    for index in range(len(table) // size):
        tag = _entry(walk, name, start + index * size, walk.entry.unpack_from(table, index * size))
        if tag is not None:
            found.setdefault(tag.tag, tag)
            walk.tags.append(tag)
            _follow(walk, tag)
    _preview(walk, name, found)
    if name.startswith("IFD") and count * size == len(table):
        _next(walk, name, start + len(table))


def _next(walk: _Walk, name: str, at: int) -> None:
    form = walk.offset
    data = walk.source.read_at(at, struct.calcsize(form))
    if len(data) == struct.calcsize(form):
        (offset,) = struct.unpack(form, data)
        if offset:
            walk.queue.append((f"IFD{int(name[3:]) + 1}", offset))


def _entry(walk: _Walk, ifd: str, at: int, fields: tuple[int, int, int, bytes]) -> Tag | None:
    number, kind, count, inline = fields
    unit = SIZES.get(kind, 0)
    if not unit:
        if number or kind or count:
            walk.broken(f"{ifd} {tag_name(ifd, number)}: unknown type {kind}", at, walk.entry.size)
        return None
    length = unit * count
    inside = at + walk.entry.size - len(inline)
    if length <= len(inline):
        value = decode(number, kind, count, inline[:length], walk.order)
        name = tag_name(ifd, number)
        return Tag(ifd, number, name, kind, count, value, inline[:length], at, walk.entry.size, inside, length)
    return _far_value(walk, ifd, at, (number, kind, count), struct.unpack(walk.offset, inline)[0])


def _far_value(walk: _Walk, ifd: str, at: int, fields: tuple[int, int, int], offset: int) -> Tag:
    """A value that lies outside its entry; `fields` are tag, type and count."""
    number, kind, count = fields
    unit, name, size = SIZES[kind], tag_name(ifd, number), walk.entry.size
    length = unit * count
    there = max(0, min(length, walk.source.size_bytes - offset))
    wanted = min(there, _VALUE_BYTES_MAX, walk.budget)
    problem = ""
    if there < length:
        walk.broken(f"{ifd} {name}: the value runs past the end", at, size)
        over = offset < _HEADER_BYTES or offset < at + size <= offset + there
        problem = _OUTSIDE if over or there < unit else ""
    elif wanted < unit:
        problem = _TOO_MUCH
    if wanted < min(there, _VALUE_BYTES_MAX):
        walk.broken(f"{ifd} {name}: more than {_VALUES_BYTES_MAX} bytes of values: not read", at, size)
    raw = b"" if problem else walk.source.read_at(offset, wanted // unit * unit)
    walk.budget -= len(raw)
    value = None if problem else decode(number, kind, count, raw, walk.order)
    cut = not problem and len(raw) < length
    return Tag(ifd, number, name, kind, count, value, raw, at, size, offset, len(raw), cut, problem)


def _follow(walk: _Walk, tag: Tag) -> None:
    """Queue the directories a tag points to."""
    name = _POINTERS.get(tag.tag)
    if name is None or tag.type not in (3, 4, 8, 9, 13, 16, 18):
        return
    offsets = tag.value if isinstance(tag.value, list) else [tag.value]
    for index, offset in enumerate(offsets[:_IFDS_MAX]):
        if isinstance(offset, int) and offset > 0:
            walk.queue.append((f"{name}{index}" if index else name, offset))


def _preview(walk: _Walk, name: str, tags: dict[int, Tag]) -> None:
    """Name the JPEG a directory points to, or the strip of one marked as a reduced picture."""
    for start_tag, length_tag, needs in ((0x0201, 0x0202, None), (0x0111, 0x0117, 0x00FE)):
        start, length = tags.get(start_tag), tags.get(length_tag)
        if start is None or length is None or not isinstance(start.value, int) or not isinstance(length.value, int):
            continue
        marked = tags.get(needs) if needs else None
        if needs and (marked is None or not isinstance(marked.value, int) or not marked.value & 1):
            continue
        there = max(0, min(length.value, walk.source.size_bytes - start.value))
        if there < length.value:
            walk.broken(f"{name}: the embedded picture runs past the end", start.value, length.value)
        if there:
            walk.pictures.append((name, Range(start.value, there)))
