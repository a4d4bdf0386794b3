"""The first column of a PNG's pixels, without decoding the picture: whether its least bits begin a text is seen there.

Filters work along a row and between rows (W3C PNG, third edition, 9.2): the pixel at the left depends on those above
it alone, so the column is had from the rows' beginnings, as far down as one looks.
"""

import zlib
from collections.abc import Iterator

from headwater.formats.structure import Part, Source, Structure

_HEADER_BYTES = 13
_BYTES_A_PIXEL = {2: 3, 6: 4}  # of 8 bits a sample: true colour, and with alpha
_READ_BYTES, _INFLATED_BYTES = 2 << 10, 8 << 10  # at a time: the first rows settle it nearly always
_SUB_OR_NONE, _UP, _AVERAGE, _PAETH = (0, 1), 2, 3, 4


def bytes_a_pixel(source: Source, structure: Structure) -> int:
    """3 or 4 for a PNG of 8-bit colours without and with alpha that is not interlaced; 0 for any other."""
    header = next((part for part in structure.parts if part.kind == "IHDR"), None)
    data = source.read_at(header.data_offset_bytes, _HEADER_BYTES) if header else b""
    plain = len(data) == _HEADER_BYTES and data[8] == 8 and not data[12]
    return _BYTES_A_PIXEL.get(data[9], 0) if plain else 0


def first_column(source: Source, structure: Structure) -> Iterator[bytes]:
    """The pixels at the left from the top on, 3 or 4 bytes each; ends where the data does, or breaks. Never raises."""
    size = bytes_a_pixel(source, structure)
    header = next((part for part in structure.parts if part.kind == "IHDR"), None)
    if not size or header is None:
        return
    width = int.from_bytes(source.read_at(header.data_offset_bytes, 4), "big")
    above = bytes(size)
    for row in _row_starts(source, structure, 1 + width * size, 1 + size):
        above = _unfiltered(row, above)
        if not above:
            return
        yield above


def _unfiltered(row: bytes, above: bytes) -> bytes:
    """The pixel at the left of a row; empty where the row names no filter."""
    kind, pixel = row[0], row[1:]
    if kind in _SUB_OR_NONE:
        return pixel
    if kind == _AVERAGE:
        return bytes((one + up // 2) & 255 for one, up in zip(pixel, above, strict=True))
    if kind in (_UP, _PAETH):  # Paeth's predictor is what is above, where nothing is at the left
        return bytes((one + up) & 255 for one, up in zip(pixel, above, strict=True))
    return b""


def _row_starts(source: Source, structure: Structure, row_bytes: int, wanted_bytes: int) -> Iterator[bytes]:
    """The first bytes of every row, inflated a few rows at a time."""
    held = bytearray()
    skip = 0
    for block in _inflated(source, structure):
        held += block
        at = skip
        while at + wanted_bytes <= len(held):
            yield bytes(held[at : at + wanted_bytes])
            at += row_bytes
        drop = min(at, len(held))
        skip = at - drop
        del held[:drop]


def _inflated(source: Source, structure: Structure) -> Iterator[bytes]:
    stream = zlib.decompressobj()
    for part in structure.parts:
        if part.kind == "IDAT":
            for piece in _pieces(source, part):
                rest = piece
                while rest and not stream.eof:
                    try:
                        out = stream.decompress(rest, _INFLATED_BYTES)
                    except zlib.error:
                        return
                    yield out
                    rest = stream.unconsumed_tail


def _pieces(source: Source, part: Part) -> Iterator[bytes]:
    end = part.data_offset_bytes + part.data_length_bytes
    for at in range(part.data_offset_bytes, end, _READ_BYTES):
        yield source.read_at(at, min(_READ_BYTES, end - at))
