"""PNG (W3C PNG Specification, third edition): chunks, texts and metadata, at byte level.

A wrong CRC is noted and the chunk is read all the same; one that runs past the end is read as far as it goes.
"""

import zlib
from binascii import unhexlify

from headwater.formats.structure import (
    INFLATED_BYTES_MAX,
    SEARCH_BYTES,
    Notes,
    Part,
    Piece,
    Range,
    Source,
    Structure,
    Text,
)

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_TEXT_BYTES_MAX = INFLATED_BYTES_MAX
_CRITICAL = {b"IHDR", b"PLTE", b"IDAT", b"IEND"}
_NOT_READ = {b"IDAT", b"fdAT", b"PLTE", b"tRNS", b"IEND"}


def read_png(source: Source) -> Structure:
    """Read the chunks of a PNG. `end_bytes` is the byte after IEND."""
    notes = Notes("png")
    position = 8
    size = source.size_bytes
    end = None
    while position < size and not notes.full(position):
        head = source.read_at(position, 8)
        if len(head) < 8:
            notes.broken("the file ends inside a chunk header", position, len(head))
            break
        name = head[4:8]
        if not name.isalpha() or not name.isascii():
            notes.broken("no chunk type here: the chunks cannot be followed further", position, size - position)
            break
        part = _chunk(source, notes, position, int.from_bytes(head[:4], "big"), name)
        position = part.offset_bytes + part.length_bytes
        if name == b"IEND":
            end = position
            break
    if end is None:
        notes.broken("no IEND chunk: the file was cut off or is damaged", size)
    _note_order(notes)
    return notes.done(end)


def _chunk(source: Source, notes: Notes, position: int, stated: int, name: bytes) -> Part:
    start = position + 8
    length = min(stated, source.size_bytes - start)
    kind = name.decode("ascii")
    held = source.read_at(start, length) if length <= SEARCH_BYTES else b""
    stored = source.read_at(start + length, 4) if length == stated else b""
    crc_ok = None
    if len(stored) == 4:
        crc_ok = _crc(source, name, start, length, held) == int.from_bytes(stored, "big")
        if not crc_ok:
            notes.broken(f"{kind}: the CRC does not match", start + length, 4)
    else:
        notes.broken(f"{kind}: the chunk runs past the end of the file", position, source.size_bytes - position)
    part = Part(kind, position, 8 + length + len(stored), start, length, crc_ok)
    notes.parts.append(part)
    if name not in _NOT_READ:
        _read_chunk(source, notes, part, held)
    return part


def _crc(source: Source, name: bytes, start: int, length: int, held: bytes) -> int:
    crc = zlib.crc32(name)
    if len(held) == length:
        return zlib.crc32(held, crc)
    for offset in range(start, start + length, SEARCH_BYTES):
        crc = zlib.crc32(source.read_at(offset, min(SEARCH_BYTES, start + length - offset)), crc)
    return crc


def _read_chunk(source: Source, notes: Notes, part: Part, held: bytes) -> None:
    kind, start, length = part.kind, part.data_offset_bytes, part.data_length_bytes
    if kind == "caBX":
        notes.named("c2pa", start, length, "caBX")
    elif kind == "eXIf":
        skip = 6 if held[:6] == b"Exif\0\0" else 0
        notes.piece("exif", source, start + skip, length - skip, "eXIf")
    elif kind in _READERS and notes.room(length, start):
        data = held if len(held) == length else source.read_at(start, length)
        _READERS[kind](notes, part, data)


def _latin_text(notes: Notes, part: Part, data: bytes) -> None:
    keyword, separator, text = data.partition(b"\0")
    if not separator:
        notes.broken("tEXt: no keyword", part.offset_bytes, part.length_bytes)
    _keep_text(notes, part, _latin(part, keyword, text), text)


def _compressed_text(notes: Notes, part: Part, data: bytes) -> None:
    keyword, separator, rest = data.partition(b"\0")
    if not separator or not rest:
        notes.broken("zTXt: no text", part.offset_bytes, part.length_bytes)
        return
    text = _inflate(notes, part, rest[1:])
    _keep_text(notes, part, _latin(part, keyword, text), text)


def _international_text(notes: Notes, part: Part, data: bytes) -> None:
    fields = data.split(b"\0", 1)
    rest = fields[-1]
    parts = rest[2:].split(b"\0", 2)
    if len(fields) < 2 or len(parts) < 3:
        notes.broken("iTXt: fields are missing", part.offset_bytes, part.length_bytes)
        return
    language, translated, text = parts
    where: tuple[Range, ...] = (Range(part.data_offset_bytes + len(data) - len(text), len(text)),)
    if rest[0]:
        text, where = _inflate(notes, part, text), ()
    if fields[0] == b"XML:com.adobe.xmp":
        notes.pieces.append(Piece("xmp", text, where, (_range(part),), "iTXt"))
        return
    record = Text(
        fields[0].decode("latin-1"),
        _utf8(notes, part, text),
        _range(part),
        "iTXt",
        "utf-8",
        language.decode("ascii", "replace"),
        _utf8(notes, part, translated),
    )
    _keep_text(notes, part, record, text)


def _latin(part: Part, keyword: bytes, text: bytes) -> Text:
    """TEXt and zTXt are Latin-1 (11.3.3); writers put UTF-8 in them all the same, and that is told by its form."""
    charset = "latin-1"
    decoded = text.decode("latin-1")
    if not text.isascii():
        try:
            decoded, charset = text.decode("utf-8"), "utf-8 (not declared)"
        except UnicodeDecodeError:
            charset = "latin-1"
    return Text(keyword.decode("latin-1"), decoded, _range(part), part.kind, charset)


def _keep_text(notes: Notes, part: Part, record: Text, raw: bytes) -> None:
    notes.texts.append(record)
    if record.keyword.startswith("Raw profile type "):
        _raw_profile(notes, part, record.keyword[17:].lower(), raw)


def _raw_profile(notes: Notes, part: Part, kind: str, text: bytes) -> None:
    """ImageMagick's way of carrying profiles: a name, a decimal length and the bytes in hexadecimal."""
    words = text.split(maxsplit=2)
    try:
        data = unhexlify(b"".join(words[2].split()))
    except (IndexError, ValueError):
        notes.broken(f"raw profile {kind}: not hexadecimal", part.offset_bytes, part.length_bytes)
        return
    for found, body in _profile_pieces(kind, data):
        notes.pieces.append(Piece(found, body, (), (_range(part),), f"{part.kind} raw profile {kind}"))


def _profile_pieces(kind: str, data: bytes) -> list[tuple[str, bytes]]:
    if data[:6] == b"Exif\0\0":
        return [("exif", data[6:])]
    if data[:29] == b"http://ns.adobe.com/xap/1.0/\0":
        return [("xmp", data[29:])]
    if kind in {"iptc", "8bim"}:
        return [("photoshop" if data[:4] == b"8BIM" else "iptc", data)]
    return [(kind, data)] if kind in {"xmp", "icc", "exif"} else []


def _profile(notes: Notes, part: Part, data: bytes) -> None:
    _, separator, rest = data.partition(b"\0")
    if not separator or not rest:
        notes.broken("iCCP: no profile", part.offset_bytes, part.length_bytes)
        return
    notes.pieces.append(Piece("icc", _inflate(notes, part, rest[1:]), (), (_range(part),), "iCCP"))


def _inflate(notes: Notes, part: Part, data: bytes) -> bytes:
    """Inflate as much as there is, at most `INFLATED_BYTES_MAX` bytes."""
    limit = min(INFLATED_BYTES_MAX, max(0, 2 * INFLATED_BYTES_MAX - notes.held_bytes)) or 1
    stream = zlib.decompressobj()
    out = []
    total = 0
    for start in range(0, len(data), 4096):
        try:
            piece = stream.decompress(data[start : start + 4096], limit + 1 - total)
        except zlib.error:
            notes.broken(f"{part.kind}: the compressed data is damaged", part.offset_bytes, part.length_bytes)
            break
        out.append(piece)
        total += len(piece)
        if total > limit:
            notes.broken(
                f"{part.kind}: more than {limit} bytes when inflated: the rest was not read", part.offset_bytes
            )
            break
        if stream.eof:
            break
    else:
        notes.broken(f"{part.kind}: the compressed data is cut off", part.offset_bytes, part.length_bytes)
    notes.held_bytes += total
    return b"".join(out)[:limit]


def _utf8(notes: Notes, part: Part, text: bytes) -> str:
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError:
        notes.broken(f"{part.kind}: the text is not UTF-8", part.offset_bytes, part.length_bytes)
        return text.decode("utf-8", "replace")


def _range(part: Part) -> Range:
    return Range(part.offset_bytes, part.length_bytes)


def _note_order(notes: Notes) -> None:
    if not notes.parts or notes.parts[0].kind not in {"IHDR", "CgBI"}:
        first = notes.parts[0].offset_bytes if notes.parts else 8
        notes.broken("the first chunk is not IHDR", first)
    known = {name.decode() for name in _CRITICAL}
    for part in notes.parts:
        if part.kind[0].isupper() and part.kind not in known and part.kind != "CgBI":
            notes.broken(
                f"{part.kind}: a critical chunk the standard does not know", part.offset_bytes, part.length_bytes
            )


_READERS = {
    "tEXt": _latin_text,
    "zTXt": _compressed_text,
    "iTXt": _international_text,
    "iCCP": _profile,
}
