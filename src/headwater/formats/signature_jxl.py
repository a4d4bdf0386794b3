"""The start of a bare JPEG XL codestream (ISO/IEC 18181-1, 9): a size and a bit depth that level 10 allows."""

_DISTRIBUTION_BITS = (9, 13, 18, 30)
_MOST_PIXELS = 1 << 40
_MOST_PIXELS_A_BYTE = 1 << 22  # an even sky of 4 million pixels for each byte is more than any encoder reaches
_RATIOS = {1: (1, 1), 2: (12, 10), 3: (4, 3), 4: (3, 2), 5: (16, 9), 6: (5, 4), 7: (2, 1)}
_FLOAT_BITS, _WHOLE_BITS, _MOST_BITS = (32, 16, 24, 0), (8, 10, 12, 0), 31  # 0: as many as the next six bits say
_HEAD_BYTES = 32


class _Bits:
    """Reads bits, the least significant first."""

    __slots__ = ("_at", "_number")

    def __init__(self, data: bytes) -> None:
        self._number = int.from_bytes(data, "little")
        self._at = 0

    def take(self, count: int) -> int:
        value = self._number >> self._at & ((1 << count) - 1)
        self._at += count
        return value


def jxl_codestream(head: bytes, size: int) -> str:
    """image/jxl where size and bit depth make sense; empty where not."""
    bits = _Bits(head[2 : 2 + _HEAD_BYTES])
    width, height = _size(bits)
    if width * height > min(_MOST_PIXELS, _MOST_PIXELS_A_BYTE * size) or not _metadata_makes_sense(bits):
        return ""
    return "image/jxl"


def _size(bits: _Bits) -> tuple[int, int]:
    small = bits.take(1)
    height = _side(bits, small=small)
    ratio = bits.take(3)
    if not ratio:
        return _side(bits, small=small), height
    across, up = _RATIOS[ratio]
    return height * across // up, height


def _side(bits: _Bits, *, small: int) -> int:
    if small:
        return 8 * (bits.take(5) + 1)
    return bits.take(_DISTRIBUTION_BITS[bits.take(2)]) + 1


def _metadata_makes_sense(bits: _Bits) -> bool:
    if bits.take(1):  # all of it as by default
        return True
    if bits.take(1):  # further fields: their first is the orientation, less one
        return True
    floating, selector = bits.take(1), bits.take(2)
    depth = (_FLOAT_BITS if floating else _WHOLE_BITS)[selector] or bits.take(6) + 1
    if not floating:
        return depth <= _MOST_BITS
    exponent = bits.take(4) + 1
    return 2 <= exponent <= 8 and 2 <= depth - exponent - 1 <= 23
