"""JPEGs that stand in a block of other data without anything that names them."""

from collections.abc import Iterator, Sequence

from headwater.formats.jpeg import read_jpeg
from headwater.formats.structure import Bytes, Range

_START = b"\xff\xd8\xff"
_NEEDED = ({"SOS"}, {"DQT"})
_TRIES_MAX = 64
_LEAST_BYTES = 100


def loose_jpegs(data: bytes, known: Sequence[Range]) -> Iterator[Range]:
    """Every whole JPEG (tables, a scan, an end marker) that begins in none of the `known` ranges, nor in another."""
    at, tries = 0, 0
    while (at := data.find(_START, at)) >= 0 and tries < _TRIES_MAX:
        around = next((each for each in known if each.offset_bytes <= at < each.offset_bytes + each.length_bytes), None)
        if around is not None:
            at = around.offset_bytes + around.length_bytes
            continue
        tries += 1
        length = whole_jpeg_bytes(data[at:])
        if length >= _LEAST_BYTES:
            yield Range(at, length)
        at += max(length, len(_START))


def whole_jpeg_bytes(data: bytes) -> int:
    """How long the JPEG is that `data` begins with; 0 where it is none, or not whole."""
    structure = read_jpeg(Bytes(data))
    kinds = {part.kind for part in structure.parts}
    framed = any(kind.startswith("SOF") for kind in kinds)
    sound = structure.end_bytes is not None and framed and all(needed <= kinds for needed in _NEEDED)
    return structure.end_bytes or 0 if sound else 0
