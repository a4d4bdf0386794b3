"""GIF89a: blocks, comments, plain text, and the application extensions: XMP, ICC, and others where they hold text."""

from dataclasses import replace

from headwater.formats.charset import utf8_or_latin
from headwater.formats.structure import Notes, Part, Piece, Range, Source, Structure

_READ_AT_ONCE = 64 << 10
_SILENT = frozenset({b"NETSCAPE2.0", b"ANIMEXTS1.0"})  # how often an animation repeats


class _Cursor:
    """Reads forwards through a Source a window at a time."""

    __slots__ = ("base", "position", "source", "window")

    def __init__(self, source: Source, position: int) -> None:
        self.source = source
        self.position = position
        self.base = position
        self.window = b""

    def take(self, length: int) -> bytes:
        """Give the next bytes; fewer at the end of the file."""
        at = self.position - self.base
        if at < 0 or at + length > len(self.window):
            self.base, at = self.position, 0
            self.window = self.source.read_at(self.position, max(length, _READ_AT_ONCE))
        data = self.window[at : at + length]
        self.position += len(data)
        return data


def read_gif(source: Source) -> Structure:
    """Read the blocks of a GIF. `end_bytes` is the byte after the trailer."""
    notes = Notes("gif")
    cursor = _Cursor(source, 6)
    screen = cursor.take(7)
    if len(screen) < 7:
        notes.broken("the file ends inside the screen descriptor", 6, len(screen))
        return notes.done(None)
    _colours(cursor, screen[4])
    while not notes.full(cursor.position):
        at = cursor.position
        introducer = cursor.take(1)
        if introducer == b";":
            notes.parts.append(Part("trailer", at, 1, at + 1, 0))
            return notes.done(at + 1)
        if introducer == b",":
            _picture(cursor, notes, at)
        elif introducer == b"!":
            _extension(cursor, notes, at)
        else:
            what = "no block introducer here" if introducer else "no trailer: the file was cut off"
            notes.broken(what, at, source.size_bytes - at)
            break
    return notes.done(None)


def _colours(cursor: _Cursor, flags: int) -> None:
    if flags & 0x80:
        cursor.take(3 << ((flags & 7) + 1))


def _picture(cursor: _Cursor, notes: Notes, at: int) -> None:
    descriptor = cursor.take(9)
    if len(descriptor) == 9:
        _colours(cursor, descriptor[8])
    cursor.take(1)
    start = cursor.position
    _blocks(cursor, notes, keep=False)
    notes.parts.append(Part("image", at, cursor.position - at, start, cursor.position - start))


def _extension(cursor: _Cursor, notes: Notes, at: int) -> None:
    label = cursor.take(1)
    if label == b"\xff":
        _application(cursor, notes, at)
        return
    kind = {b"\xfe": "comment", b"\xf9": "graphic control", b"\x01": "plain text"}.get(
        label, f"extension {label.hex()}"
    )
    if kind == "plain text":
        header = cursor.take(1)  # place, sizes, colours
        cursor.take(header[0] if header else 0)
    start = cursor.position
    data, ranges = _blocks(cursor, notes, keep=kind in ("comment", "plain text"))
    notes.parts.append(Part(kind, at, cursor.position - at, start, cursor.position - start))
    if kind.startswith("extension"):
        notes.passed(kind, at, cursor.position - at)
    elif ranges and kind != "graphic control":
        notes.pieces.append(Piece("comment", data, ranges, ranges, f"{kind} extension"))


def _application(cursor: _Cursor, notes: Notes, at: int) -> None:
    size = cursor.take(1)
    name = cursor.take(size[0] if size else 0)
    start = cursor.position
    kind = f"application {name.decode('latin-1')}"
    if name == b"XMP DataXMP":
        _xmp(cursor, notes)
    else:
        data, ranges = _blocks(cursor, notes, keep=name not in _SILENT)
        where = Range(at, cursor.position - at)
        _application_data(notes, name, Piece("", data, ranges, ranges, kind), where)
    notes.parts.append(Part(kind, at, cursor.position - at, start, cursor.position - start))


def _application_data(notes: Notes, name: bytes, piece: Piece, whole: Range) -> None:
    if name == b"ICCRGBG1012":
        notes.pieces.append(replace(piece, kind="icc", carrier="ICCRGBG1012"))
    elif name.startswith(b"C2PA"):
        notes.pieces.append(replace(piece, kind="c2pa", data=b"", carrier="GIF application extension"))
    elif name not in _SILENT and _is_text(piece.data):
        notes.pieces.append(replace(piece, kind="comment"))
    elif name not in _SILENT:
        notes.passed(piece.carrier, whole.offset_bytes, whole.length_bytes)


def _is_text(data: bytes) -> bool:
    text, whole = utf8_or_latin(data.rstrip(b"\0"))
    return bool(text) and whole and all(character.isprintable() or character in "\r\n\t" for character in text)


def _xmp(cursor: _Cursor, notes: Notes) -> None:
    """XMP lies unblocked, then 258 bytes bring a reader of blocks back in step (XMP specification part 3, 1.1.2)."""
    start = cursor.position
    _blocks(cursor, notes, keep=False)
    whole = cursor.position - start
    if notes.room(whole, start):
        data = cursor.source.read_at(start, whole)
        tail = data.rfind(b"\x01\xff\xfe")
        length = tail if tail >= 0 else whole
        where = (Range(start, length),)
        notes.pieces.append(Piece("xmp", data[:length], where, where, "XMP DataXMP"))


def _blocks(cursor: _Cursor, notes: Notes, *, keep: bool) -> tuple[bytes, tuple[Range, ...]]:
    """Sub-blocks up to the empty one that ends them."""
    pieces: list[bytes] = []
    ranges: list[Range] = []
    while True:
        size = cursor.take(1)
        if not size:
            notes.broken("the file ends inside data blocks", cursor.position)
            break
        if size == b"\0":
            break
        at = cursor.position
        data = cursor.take(size[0])
        if keep and notes.room(len(data), at):
            pieces.append(data)
            ranges.append(Range(at, len(data)))
        elif keep:
            keep = False
    return b"".join(pieces), tuple(ranges)
