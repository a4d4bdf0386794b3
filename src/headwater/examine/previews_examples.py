"""Made pictures that carry a thumbnail of themselves, of another picture, and none that can be decoded."""

import struct
import zlib
from collections.abc import Callable

from headwater.examine.examiner import Example
from headwater.examine.metadata_examples import chunk

_Pattern = Callable[[int, int], int]
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_WIDTH, _HEIGHT = 128, 96


def _hills(x: int, y: int) -> int:
    return (x * x // 40 + y * y // 60 + (90 if y > 40 + x // 5 else 0)) % 256


def _waves(x: int, y: int) -> int:
    return (3 * ((x - 80) ** 2 // 90 + (y - 30) ** 2 // 30) + (120 if x > 60 else 0)) % 256


def _picture(pattern: _Pattern, step: int, *chunks: bytes) -> bytes:
    """A grey PNG of every `step`-th pixel of a pattern (PNG specification, section 11)."""
    width, height = _WIDTH // step, _HEIGHT // step
    rows = b"".join(b"\0" + bytes(pattern(step * x, step * y) for x in range(width)) for y in range(height))
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return _SIGNATURE + header + b"".join(chunks) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")


def _thumbnail(data: bytes) -> bytes:
    """Exif whose second directory names `data` as the thumbnail (Exif 3.0, 4.5.1)."""
    first = struct.pack("<2sHIHI", b"II", 42, 8, 0, 14)
    second = struct.pack("<HHHIIHHIII", 2, 0x0201, 4, 1, 44, 0x0202, 4, 1, len(data), 0)
    return chunk(b"eXIf", first + second + data)


_CLAIM = (("embedded.compared", None),)
_NO_PICTURE = (
    '{"carrier":"EXIF IFD1","length_bytes":12,"role":"thumbnail","same":"cannot say",'
    '"sha256":"f2e40ed4875e649d794563627aba52f316f5dc191ad30dfda48f643c242d1e48",'
    '"why":"no picture that is decoded begins there (text/plain)"}'
)
EXAMPLES = (
    Example(name="own_thumbnail.png", data=_picture(_hills, 1, _thumbnail(_picture(_hills, 2))), expected=_CLAIM),
    Example(name="other_thumbnail.png", data=_picture(_hills, 1, _thumbnail(_picture(_waves, 2))), expected=_CLAIM),
    Example(
        name="no_picture.png",
        data=_picture(_hills, 1, _thumbnail(b"a lighthouse")),
        expected=(("embedded.compared", _NO_PICTURE),),
    ),
)
