"""JPEGs that stand in a block of other data without anything that names them."""

import re
from collections.abc import Iterator, Sequence

from headwater.formats.structure import Range

_START = b"\xff\xd8\xff"
_TRIES_MAX = 64
_SEGMENTS_MAX = 1000
_LEAST_BYTES = 100
_AFTER_SCAN = re.compile(
    rb"\xff[^\x00\xd0-\xd7\xff]", re.DOTALL
)  # a marker that ends entropy-coded data (T.81, B.1.1.2)
_FRAMES = frozenset({*range(0xC0, 0xC4), *range(0xC5, 0xC8), *range(0xC9, 0xCC), *range(0xCD, 0xD0)})
_TABLES, _SCAN, _END, _FILL = 0xDB, 0xDA, 0xD9, 0xFF
_NO_SEGMENT = frozenset({0x00, 0x01, *range(0xD0, 0xD9)})


def loose_jpegs(data: bytes, known: Sequence[Range]) -> Iterator[Range]:
    """Every whole JPEG (tables, a frame, a scan, an end) that begins in none of the `known` ranges, nor in another."""
    at, tries = 0, 0
    while (at := data.find(_START, at)) >= 0 and tries < _TRIES_MAX:
        around = next((each for each in known if each.offset_bytes <= at < each.offset_bytes + each.length_bytes), None)
        if around is not None:
            at = around.offset_bytes + around.length_bytes
            continue
        tries += 1
        length = _whole_bytes(data, at)
        if length >= _LEAST_BYTES:
            yield Range(at, length)
        at += max(length, len(_START))


def _whole_bytes(data: bytes, start: int) -> int:
    """How long the JPEG is that begins at `start`; 0 where it is none, or not whole."""
    at, kinds = start + 2, set[int]()
    for _ in range(_SEGMENTS_MAX):
        head = data[at : at + 4]
        if len(head) < 2 or head[0] != _FILL or head[1] in _NO_SEGMENT:
            return 0
        code = head[1]
        if code == _END:
            return at + 2 - start if {_TABLES, _SCAN} <= kinds and kinds & _FRAMES else 0
        if code == _FILL:
            at += 1
            continue
        kinds.add(code)
        at += 2 + int.from_bytes(head[2:], "big")
        if code == _SCAN:
            after = _AFTER_SCAN.search(data, at)
            if after is None:
                return 0
            at = after.start()
    return 0
