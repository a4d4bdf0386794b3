"""BMP: the headers, the ICC profile of a version 5 header, and where the file ends by its own word."""

import struct

from headwater.formats.structure import Notes, Part, Source, Structure

_HEADER_BYTES = {12, 16, 40, 52, 56, 64, 108, 124}
_PROFILE_EMBEDDED = b"DEBM"  # 'MBED', little-endian


def read_bmp(source: Source) -> Structure:
    """Read the headers of a BMP. `end_bytes` is the size the file header states; None where it cannot be right."""
    notes = Notes("bmp")
    head = source.read_at(0, 14 + 124)
    if len(head) < 18:
        notes.broken("the file ends inside its headers", 0, len(head))
        return notes.done(None)
    stated, pixels, header = struct.unpack_from("<I4xII", head, 2)
    notes.parts.append(Part("file header", 0, 14, 2, 12))
    notes.parts.append(
        Part(
            f"information header {header}", 14, min(header, len(head) - 14), 18, max(0, min(header, len(head) - 14) - 4)
        )
    )
    if header not in _HEADER_BYTES:
        notes.broken(f"an information header of {header} bytes is not known", 14, 4)
    if pixels >= source.size_bytes:
        notes.broken("the pixels start past the end of the file", 10, 4)
    if header == 124 and head[14 + 56 : 14 + 60] == _PROFILE_EMBEDDED:
        offset, length = struct.unpack_from("<II", head, 14 + 112)
        notes.piece("icc", source, 14 + offset, max(0, min(length, source.size_bytes - 14 - offset)), "BMP v5 header")
    if stated > source.size_bytes:
        notes.broken(f"{stated} bytes stated, {source.size_bytes} are here", 2, 4)
    return notes.done(stated if max(pixels, 18) <= stated <= source.size_bytes else None)
