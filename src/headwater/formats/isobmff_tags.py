"""What a video says of itself: user data of QuickTime and 3GPP, keys and lists of items, names of handlers.

Each becomes a `Field` of claim ``isobmff.tag`` whose range is the data relied on.
"""

from collections.abc import Iterator

from headwater.formats.isobmff_text import is_text, language, text, value
from headwater.formats.structure import Field, Notes, Part, Piece, Range, Said, Source

_CLAIM = "isobmff.tag"
_ITEMS_MAX = 4096
_HANDLER_NAME_AT = 24
_PICTURES = {13: "jpeg", 14: "png", 27: "bmp"}
_COMPRESSOR_AT, _COMPRESSOR_BYTES = 50, 32  # of the name in a visual sample entry (ISO/IEC 14496-12, 12.1.3)
# 3GPP: bytes between version and language; what follows the language is a text, and perhaps more.
_ASSET = {"titl": 0, "auth": 0, "dscp": 0, "cprt": 0, "gnre": 0, "perf": 0, "albm": 0, "rtng": 8, "clsf": 6, "loci": 0}

Inner = tuple[bytes, int, int]  # name, where its data starts, how long it is


def user_data(source: Source, notes: Notes, part: Part, place: str) -> None:
    """Read one box directly inside a udta box; `place` is the path of that box."""
    start, length = part.data_offset_bytes, part.data_length_bytes
    if not notes.room(length, start):
        return
    data = source.read_at(start, length)
    if data[4:8] == b"data":  # as in a list of items; some writers put that here
        _data_atoms(source, notes, place, part.kind, (start, length))
    elif part.kind.startswith("\xa9"):
        _international(notes, part, place, data)
    elif part.kind in _ASSET and len(data) >= 6 + _ASSET[part.kind] and not data[0]:
        _asset(notes, part, place, data)
    elif is_text(data.removeprefix(bytes(4))):
        skip = 4 if data.startswith(bytes(4)) else 0
        where = Range(start + skip, length - skip)
        _say(notes, place, part.kind, {"value": text(data[skip:])}, where)
    elif data.strip(b"\0"):
        notes.passed(f"udta {part.kind}", part.offset_bytes, part.length_bytes)


def _international(notes: Notes, part: Part, place: str, data: bytes) -> None:
    """International text: each a 16-bit length, a 16-bit language and the text."""
    at = 0
    while at + 4 <= len(data):
        length, code = int.from_bytes(data[at : at + 2], "big"), int.from_bytes(data[at + 2 : at + 4], "big")
        raw = data[at + 4 : at + 4 + length]
        where = Range(part.data_offset_bytes + at, 4 + len(raw))
        if len(raw) < length:
            notes.broken(f"{part.kind}: the text runs past the end of its box", where.offset_bytes, where.length_bytes)
        said: dict[str, Said] = {"value": text(raw, code), "language": language(code)}
        _say(notes, place, part.kind, said | ({"cut": True} if len(raw) < length else {}), where)
        at += 4 + length


def _asset(notes: Notes, part: Part, place: str, data: bytes) -> None:
    at = 4 + _ASSET[part.kind]
    code, raw = int.from_bytes(data[at : at + 2], "big"), data[at + 2 :]
    wide = raw[:2] in (b"\xfe\xff", b"\xff\xfe")
    end = raw.find(b"\0\0" if wide else b"\0")
    end = len(raw) if end < 0 else end + end % 2 if wide else end
    said: dict[str, Said] = {"value": text(raw[:end]), "language": language(code)}
    if part.kind == "loci" and len(raw) >= end + 14:
        role, *angles = (
            raw[end + 1],
            *(int.from_bytes(raw[end + 2 + n : end + 6 + n], "big", signed=True) for n in (0, 4, 8)),
        )
        said |= {"role": role, "longitude_latitude_altitude": [f"{angle}/65536" for angle in angles]}
    _say(notes, place, part.kind, said, Range(part.data_offset_bytes, part.data_length_bytes))


def item_list(source: Source, notes: Notes, part: Part, keys: list[str], place: str) -> None:
    """Read an ilst box: items by name, or by number where `keys` has their names."""
    if not notes.room(part.data_length_bytes, part.data_offset_bytes):
        return
    for name, start, length in _inside(source, notes, part.data_offset_bytes, part.data_length_bytes):
        number = int.from_bytes(name, "big")
        key = keys[number - 1] if 1 <= number <= len(keys) else name.decode("latin-1")
        if name == b"----":
            key = _free_form(source, notes, start, length) or key
        _data_atoms(source, notes, place, key, (start, length))


def _free_form(source: Source, notes: Notes, start: int, length: int) -> str:
    """The name of a free-form item: whose meaning it is, and what it is called."""
    parts = {
        name: source.read_at(at + 4, max(0, size - 4))
        for name, at, size in _inside(source, notes, start, length)
        if name in (b"mean", b"name")
    }
    return ":".join(text(parts[name]) for name in (b"mean", b"name") if name in parts)


def _data_atoms(source: Source, notes: Notes, place: str, key: str, where: tuple[int, int]) -> None:
    """The data atoms of one item: a type, a country and language, the value."""
    for name, start, length in _inside(source, notes, *where):
        if name != b"data" or length < 8:
            continue
        head = source.read_at(start, 8)
        kind = int.from_bytes(head[1:4], "big")
        span = Range(start + 8, length - 8)
        if kind in _PICTURES or (key == "covr" and kind == 0):
            notes.pieces.append(Piece("embedded", b"", (span,), (span,), f"{place} {key}"))
            continue
        said = value(key, kind, source.read_at(span.offset_bytes, span.length_bytes))
        _say(notes, place, key, said | {"language": language(int.from_bytes(head[6:8], "big")), "type": kind}, span)


def key_names(source: Source, notes: Notes, part: Part) -> list[str]:
    """The names of a keys box, in order: a length, a namespace and the name each."""
    if not notes.room(part.data_length_bytes, part.data_offset_bytes):
        return []
    at = part.data_offset_bytes + 8
    return [
        text(source.read_at(start, length))
        for _, start, length in _inside(source, notes, at, part.data_length_bytes - 8)
    ]


def handler_name(source: Source, notes: Notes, part: Part, place: str) -> None:
    """The name a writer gave a handler: a text that ends with a zero, or, in QuickTime, one with its length first."""
    start = part.data_offset_bytes + _HANDLER_NAME_AT
    raw = source.read_at(start, max(0, min(256, part.data_length_bytes - _HANDLER_NAME_AT)))
    skip = 1 if raw and raw[0] == len(raw) - 1 else 0
    name = raw[skip:].split(b"\0", 1)[0]
    if name and is_text(name):
        _say(notes, place, "handler name", {"value": text(name)}, Range(start + skip, len(name)))
    if "/mdia" in place and source.read_at(part.data_offset_bytes + 8, 4) == b"meta":
        notes.passed("timed metadata track", part.offset_bytes, part.length_bytes)


def compressor_names(source: Source, notes: Notes, part: Part, place: str) -> None:
    """The names that encoders leave in the sample entries of a picture track: a length, the text, zeros."""
    for _, start, length in _inside(source, notes, part.data_offset_bytes + 8, part.data_length_bytes - 8):
        if length < _COMPRESSOR_AT - 8 + _COMPRESSOR_BYTES:
            continue
        at = start + _COMPRESSOR_AT - 8
        raw = source.read_at(at, _COMPRESSOR_BYTES)
        name = raw[1 : 1 + raw[0]] if raw else b""
        if name and raw[0] < _COMPRESSOR_BYTES and is_text(name) and not raw[1 + raw[0] :].strip(b"\0"):
            _say(notes, place, "compressor name", {"value": text(name)}, Range(at, len(name) + 1))


def _say(notes: Notes, place: str, key: str, said: dict[str, Said], where: Range) -> None:
    """Keep one tag: ``carrier`` is the path of the box it stands in."""
    full = {"carrier": place, "key": key} | {name: one for name, one in said.items() if one != "" or name == "value"}
    notes.fields.append(Field(_CLAIM, full, (where,), "value"))


def _inside(source: Source, notes: Notes, start: int, length: int) -> Iterator[Inner]:
    """The boxes in a run of bytes, whatever their names; one that does not fit is noted and ends it."""
    at, end = start, start + length
    for _ in range(_ITEMS_MAX):
        head = source.read_at(at, 8)
        size = int.from_bytes(head[:4], "big")
        if at + 8 > end or len(head) < 8:
            return
        if size < 8 or at + size > end:
            if source.read_at(at, min(end - at, 64)).strip(b"\0"):
                notes.broken("an item does not fit into its list", at, end - at)
            return
        yield head[4:8], at + 8, size - 8
        at += size
    notes.broken(f"more than {_ITEMS_MAX} items of a list: the rest was not read", at, end - at)
