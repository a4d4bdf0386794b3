"""The chunks of a PNG that hold text or compressed metadata: tEXt, zTXt, iTXt, iCCP and zxIf; profiles as text."""

import re
from binascii import unhexlify

from headwater.formats.charset import utf8_or_latin
from headwater.formats.inflate import Inflated, inflate
from headwater.formats.structure import INFLATED_BYTES_MAX, Notes, Part, Piece, Range, Text

_XMP_KEYWORD = b"XML:com.adobe.xmp"
_XMP_NAMESPACE = b"http://ns.adobe.com/xap/1.0/\0"
_RAW_PROFILE = "Raw profile type "
_KIND_LENGTH_MAX = 32
_HEXADECIMAL = re.compile(rb"(?:[0-9A-Fa-f]{2})*")
_UNREADABLE = "malformed: the compressed data is damaged, and nothing of the text could be read"
_ABSENT = "malformed: the chunk ends before its text"


def read_text_chunk(notes: Notes, part: Part, data: bytes) -> None:
    """Read one chunk of those named above into `notes`. Never raises."""
    _READERS[part.kind](notes, part, data)


def _latin_text(notes: Notes, part: Part, data: bytes) -> None:
    keyword, separator, text = data.partition(b"\0")
    if not separator:
        notes.broken("tEXt: no keyword", part.offset_bytes, part.length_bytes, lost=False)
        keyword, text = b"", data
    _keep(notes, part, keyword, Inflated(text))


def _compressed_text(notes: Notes, part: Part, data: bytes) -> None:
    keyword, _, rest = data.partition(b"\0")
    if not rest:
        notes.broken("zTXt: no text", part.offset_bytes, part.length_bytes)
        notes.texts.append(_text(part, keyword, b"", unreadable=_ABSENT))
        return
    _keep(notes, part, keyword, _inflated(notes, part, rest[1:]))


def _keep(notes: Notes, part: Part, keyword: bytes, came: Inflated) -> None:
    """Keep a Latin-1 text and what it carries of other kinds."""
    if came.problem and not came.data:
        notes.texts.append(_text(part, keyword, b"", unreadable=_UNREADABLE))
        return
    notes.texts.append(_text(part, keyword, came.data, came=came))
    if keyword == _XMP_KEYWORD:
        notes.pieces.append(Piece("xmp", came.data, (), (_range(part),), part.kind, cut=came.cut))
    _raw_profile(notes, part, notes.texts[-1].keyword, came.data)


def _text(part: Part, keyword: bytes, text: bytes, *, came: Inflated | None = None, unreadable: str = "") -> Text:
    """TEXt and zTXt are Latin-1 (11.3.3); writers put UTF-8 in them all the same, and that is told by its form."""
    charset = "latin-1"
    decoded = text.decode("latin-1")
    if not text.isascii():
        as_utf8, whole = utf8_or_latin(text)
        decoded, charset = (as_utf8, "utf-8 (not declared)") if whole else (decoded, charset)
    return Text(
        keyword.decode("latin-1"),
        decoded,
        _range(part),
        part.kind,
        charset,
        cut=came.cut if came else False,
        checksum_ok=came.checksum_ok if came else True,
        unreadable=unreadable,
    )


def _international_text(notes: Notes, part: Part, data: bytes) -> None:
    keyword, separator, rest = data.partition(b"\0")
    fields = rest[2:].split(b"\0", 2)
    if not separator or len(fields) < 3:
        notes.broken("iTXt: fields are missing", part.offset_bytes, part.length_bytes, lost=False)
        keyword, fields = (keyword, [b"", b"", fields[-1]]) if separator else (b"", [b"", b"", data])
    language, translated, text = fields
    where: tuple[Range, ...] = (Range(part.data_offset_bytes + len(data) - len(text), len(text)),)
    came = Inflated(text)
    if separator and rest[:1] not in (b"", b"\0"):
        came, where = _inflated(notes, part, text), ()
    problem = _UNREADABLE if came.problem and not came.data else "" if text or len(rest) >= 2 else _ABSENT
    if keyword == _XMP_KEYWORD and not problem:
        notes.pieces.append(Piece("xmp", came.data, where, (_range(part),), "iTXt", cut=came.cut))
        return
    decoded, whole = utf8_or_latin(came.data)
    if not whole:
        notes.broken("iTXt: the text is not UTF-8", part.offset_bytes, part.length_bytes, lost=False)
    notes.texts.append(
        Text(
            keyword.decode("latin-1"),
            decoded,
            _range(part),
            "iTXt",
            "utf-8" if whole else "utf-8 (damaged)",
            language.decode("ascii", "replace"),
            utf8_or_latin(translated)[0],
            came.cut,
            came.checksum_ok,
            problem,
        )
    )
    _raw_profile(notes, part, notes.texts[-1].keyword, came.data)


def _raw_profile(notes: Notes, part: Part, keyword: str, text: bytes) -> None:
    """ImageMagick's way of carrying profiles: a name, a decimal length and the bytes in hexadecimal."""
    if not keyword.startswith(_RAW_PROFILE):
        return
    kind = keyword[len(_RAW_PROFILE) :].lower()[:_KIND_LENGTH_MAX]
    digits = b"".join(text.split(maxsplit=2)[2:3][:1] or [b""])
    digits = b"".join(digits.split())
    match = _HEXADECIMAL.match(digits)
    data = unhexlify(match[0]) if match else b""
    cut = 2 * len(data) != len(digits)
    if cut or not data:
        what = f"raw profile {kind}: not hexadecimal to its end, {len(data)} bytes read"
        notes.broken(what, part.offset_bytes, part.length_bytes)
    pieces = _profile_pieces(kind, data) if data else []
    if data and not pieces:
        notes.passed(f"raw profile {kind}", part.offset_bytes, part.length_bytes)
    for found, body in pieces:
        carrier = f"{part.kind} raw profile {kind}"
        notes.pieces.append(Piece(found, body, (), (_range(part),), carrier, cut=cut))


def _profile_pieces(kind: str, data: bytes) -> list[tuple[str, bytes]]:
    if data[:6] == b"Exif\0\0":
        return [("exif", data[6:])]
    if data.startswith(_XMP_NAMESPACE):
        return [("xmp", data[len(_XMP_NAMESPACE) :])]
    if kind in {"iptc", "8bim"}:
        return [("photoshop" if data[:4] == b"8BIM" else "iptc", data)]
    known = {"xmp": "xmp", "icc": "icc", "icm": "icc", "exif": "exif"}
    return [(known[kind], data)] if kind in known else []


def _profile(notes: Notes, part: Part, data: bytes) -> None:
    _, _, rest = data.partition(b"\0")
    if not rest:
        notes.broken("iCCP: no profile", part.offset_bytes, part.length_bytes)
        return
    _piece(notes, part, "icc", _inflated(notes, part, rest[1:]))


def _compressed_exif(notes: Notes, part: Part, data: bytes) -> None:
    """zxIf, of a draft of the PNG extensions: a zero, the length inflated in 32 bits, a zlib stream."""
    _piece(notes, part, "exif", _inflated(notes, part, data[5:]))


def _piece(notes: Notes, part: Part, kind: str, came: Inflated) -> None:
    if came.data:
        notes.pieces.append(Piece(kind, came.data, (), (_range(part),), part.kind, cut=came.cut))


def _inflated(notes: Notes, part: Part, data: bytes) -> Inflated:
    """Inflate as much as there is, at most `INFLATED_BYTES_MAX` bytes."""
    limit = min(INFLATED_BYTES_MAX, max(0, 2 * INFLATED_BYTES_MAX - notes.held_bytes)) or 1
    came = inflate(data, limit)
    notes.held_bytes += len(came.data)
    if came.problem:
        notes.broken(f"{part.kind}: {came.problem}", part.offset_bytes, part.length_bytes, lost=came.cut)
    return came


def _range(part: Part) -> Range:
    return Range(part.offset_bytes, part.length_bytes)


_READERS = {
    "tEXt": _latin_text,
    "zTXt": _compressed_text,
    "iTXt": _international_text,
    "iCCP": _profile,
    "zxIf": _compressed_exif,
}
