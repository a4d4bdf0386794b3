"""ISO base media files (ISO/IEC 14496-12): HEIF, AVIF, MP4, MOV, JPEG 2000 and JPEG XL boxes and their metadata."""

from collections.abc import Callable
from dataclasses import dataclass

from headwater.formats.isobmff_items import read_meta_items
from headwater.formats.isobmff_kinds import CONTAINERS, KNOWN, SILENT
from headwater.formats.isobmff_pieces import read_piece
from headwater.formats.isobmff_tags import compressor_names, handler_name, item_list, key_names, user_data
from headwater.formats.isobmff_times import header_times
from headwater.formats.structure import Notes, Part, Source, Structure

_DEPTH_MAX = 16
_METAS_MAX = 64
_UUIDS = {
    bytes.fromhex("be7acfcb97a942e89c71999491e3afac"): "XMP",
    bytes.fromhex("d8fec3d61b0e483c92975828877ec481"): "C2PA",
    bytes.fromhex("85c0b687820f11e08111f4ce462b6a48"): "Canon",
    bytes.fromhex("33c7a4d2b81d4723a0baf1a3e097ad38"): "IPTC",
    b"JpgTiffExif->JP2": "Exif",
}
_SLACK_BYTES = 64  # of zeros that may end a box; QuickTime ends its user data so


@dataclass(frozen=True, slots=True)
class _Region:
    """A run of boxes side by side: how deep, and the path of the box that holds them."""

    start: int
    end: int
    depth: int = 0
    path: str = ""


class _Walk:
    """The state of one reading."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.notes = Notes("isobmff")
        self.pending: list[_Region] = []
        self.metas: list[Part] = []
        self.lists: list[tuple[Part, str]] = []
        self.keys: dict[str, list[str]] = {}  # of each meta box, by its path


def read_isobmff(source: Source) -> Structure:
    """Read the boxes of a file. `end_bytes` is where the last box that makes sense ends."""
    walk = _Walk(source)
    end = _boxes(walk, _Region(0, source.size_bytes))
    while walk.pending:
        _boxes(walk, walk.pending.pop())
    for part, path in walk.lists:  # the keys of a list may stand behind it
        item_list(source, walk.notes, part, walk.keys.get(path, []), f"{path}/ilst")
    for meta in walk.metas[:_METAS_MAX]:
        read_meta_items(source, walk.notes, meta)
    for meta in walk.metas[_METAS_MAX:]:
        walk.notes.passed("meta", meta.offset_bytes, meta.length_bytes)
    return walk.notes.done(end or None)


def _boxes(walk: _Walk, region: _Region) -> int:
    """Read boxes side by side in a region, queue those that hold boxes; give where the last one ends."""
    position, tracks = region.start, 0
    while position + 8 <= region.end and not walk.notes.full(position):
        part = _header(walk, region, position)
        if part is None:
            break
        walk.notes.parts.append(part)
        tracks += part.kind == "trak"
        path = f"{region.path}/{part.kind}".lstrip("/") + (f"[{tracks}]" if part.kind == "trak" else "")
        _read_box(walk, part, region.path, path)
        position = part.offset_bytes + part.length_bytes
        if part.kind in CONTAINERS and region.depth < _DEPTH_MAX:
            walk.pending.append(_Region(_first_inside(walk.source, part), position, region.depth + 1, path))
        elif part.kind in CONTAINERS:
            what = f"{part.kind}: more than {_DEPTH_MAX} boxes deep: not read further"
            walk.notes.broken(what, part.offset_bytes)
    _note_rest(walk, region, position)
    return position


def _note_rest(walk: _Walk, region: _Region, position: int) -> None:
    """Say where a run of boxes stops before its end; after the last box of a file other data may stand."""
    left = region.end - position
    if left <= 0 or (region.depth == 0 and position):
        return
    if left > _SLACK_BYTES or walk.source.read_at(position, left).strip(b"\0"):
        walk.notes.broken("no box here", position, left)


def _first_inside(source: Source, part: Part) -> int:
    """Where the boxes inside a box start: a meta box has version and flags first, except in QuickTime."""
    inside = part.data_offset_bytes
    return inside + 4 if part.kind == "meta" and source.read_at(inside + 4, 4) != b"hdlr" else inside


def _header(walk: _Walk, region: _Region, position: int) -> Part | None:
    head = walk.source.read_at(position, 32)
    name = head[4:8]
    left = region.end - position
    length, skip = _length(head, left)
    if not _plausible(name) or (length > left and region.depth == 0 and position and not _known(name)):
        if region.depth == 0 and position:  # what stands after the last box, and is none
            walk.notes.broken("no box here", position, left, lost=False)
        return None
    kind = name.decode("latin-1")
    if length < skip:
        walk.notes.broken(f"{kind}: impossible box length", position, len(head))
        return None
    if length > left:
        walk.notes.broken(f"{kind}: the box runs past the end of what holds it", position, left)
        length = left
    if name == b"uuid" and length >= skip + 16:
        identifier = head[skip : skip + 16]
        kind, skip = f"uuid {_UUIDS.get(identifier, identifier.hex())}", skip + 16
    return Part(kind, position, length, position + skip, max(0, length - skip), None, region.depth)


def _length(head: bytes, left: int) -> tuple[int, int]:
    """How long a box is, its header included, and how long the header is."""
    length = int.from_bytes(head[:4], "big")
    if length == 1 and len(head) >= 16:
        return int.from_bytes(head[8:16], "big"), 16
    return length or left, 8


def _known(name: bytes) -> bool:
    return name.decode("latin-1") in KNOWN


def _plausible(name: bytes) -> bool:
    return len(name) == 4 and all(0x20 <= code < 0x7F or code in (0xA9, 0xAE) for code in name)


def _read_box(walk: _Walk, part: Part, place: str, path: str) -> None:
    """Read one box; `place` is the path of the box that holds it, `path` its own."""
    if part.kind in _READERS:
        _READERS[part.kind](walk, part, place, path)
    elif read_piece(walk.source, walk.notes, part):
        return
    elif place.endswith("udta") and part.kind not in SILENT:
        user_data(walk.source, walk.notes, part, place)
    elif part.kind not in SILENT:
        walk.notes.passed(part.kind, part.offset_bytes, part.length_bytes)


def _times(walk: _Walk, part: Part, _place: str, path: str) -> None:
    header_times(walk.source, walk.notes, part, path)


def _handler(walk: _Walk, part: Part, place: str, _path: str) -> None:
    handler_name(walk.source, walk.notes, part, place)


def _samples(walk: _Walk, part: Part, _place: str, path: str) -> None:
    compressor_names(walk.source, walk.notes, part, path)


def _keys(walk: _Walk, part: Part, place: str, _path: str) -> None:
    walk.keys[place] = key_names(walk.source, walk.notes, part)


def _list(walk: _Walk, part: Part, place: str, _path: str) -> None:
    walk.lists.append((part, place))


def _meta(walk: _Walk, part: Part, _place: str, _path: str) -> None:
    walk.metas.append(part)


_READERS: dict[str, Callable[[_Walk, Part, str, str], None]] = {
    **dict.fromkeys(("mvhd", "tkhd", "mdhd"), _times),
    "hdlr": _handler,
    "stsd": _samples,
    "keys": _keys,
    "ilst": _list,
    "meta": _meta,
}
