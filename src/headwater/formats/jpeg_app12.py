"""APP12 of a JPEG: the text that cameras of the nineties wrote (Agfa, Olympus, Polaroid), and Photoshop's "Ducky".

Neither has a public standard. The text holds sections in brackets and ``key=value``; Ducky holds blocks of a number, a
length and a value: 1 the quality, 2 a comment, 3 a copyright notice, the last two in UTF-16 behind a count of letters.
"""

import re

from headwater.formats.structure import Field, Notes, Piece, Range

_TOKEN = re.compile(r"\[([^\]]{1,64})\]|(?:(?<=\s)|(?<=\])|^)([\w#-]{1,64})=")
_LINE = re.compile(r"[^\r\n\0]+")
_DUCKY = b"Ducky"
_TEXTS = {2: "comment", 3: "copyright"}


def read_app12(notes: Notes, data: bytes, where: Range) -> bool:
    """Read one segment's data, which lies at `where`; False where it is neither of the two. Never raises."""
    if data.startswith(_DUCKY):
        return _ducky(notes, data, where)
    found = _picture_info(data.decode("latin-1"), where)
    notes.fields += found
    return bool(found)


def _picture_info(text: str, where: Range) -> list[Field]:
    found = []
    section = ""
    for line in _LINE.finditer(text):
        tokens = list(_TOKEN.finditer(line[0]))
        for number, token in enumerate(tokens):
            if token[1] is not None:
                section = token[1]
                continue
            end = tokens[number + 1].start() if number + 1 < len(tokens) else len(line[0])
            value = {"key": token[2], "section": section, "value": line[0][token.end() : end].strip()}
            start = where.offset_bytes + line.start() + token.start()
            found.append(Field("jpeg.picture_info", value, (Range(start, end - token.start()),), "line"))
    return found


def _ducky(notes: Notes, data: bytes, where: Range) -> bool:
    at = len(_DUCKY)
    while at + 4 <= len(data):
        number, length = int.from_bytes(data[at : at + 2], "big"), int.from_bytes(data[at + 2 : at + 4], "big")
        if number == 0:
            break
        body = data[at + 4 : at + 4 + length]
        span = Range(where.offset_bytes + at, 4 + len(body))
        if len(body) < length:
            notes.broken("APP12 Ducky: a block runs past the end", span.offset_bytes, span.length_bytes)
        if number in _TEXTS:
            text = body[4 : 4 + (len(body) - 4) // 2 * 2].decode("utf-16-be", "replace").rstrip("\0")
            carrier = f"APP12 Ducky {_TEXTS[number]}"
            notes.pieces.append(Piece("comment", text.encode(), (), (span,), carrier))
        elif number != 1:
            notes.passed(f"APP12 Ducky block {number}", span.offset_bytes, span.length_bytes)
        at += 4 + length
    return True
