"""Formats whose magic number is short: more of their header must make sense before a content is called one.

Two bytes stand at the start of every 65,536th file of random bytes. Each function takes the head and the whole size,
gives a media type or an empty string, and never raises; what lies past the head or the end is not held against it.
Sources: the specification of each format, named where it is read.
"""

import re
import struct
from collections.abc import Callable

from headwater.formats.signature_audio import adts, mpeg_audio
from headwater.formats.signature_jxl import jxl_codestream
from headwater.formats.signature_pickle import pickle
from headwater.formats.signature_text import text_type

_BMP_HEADERS = frozenset({12, 16, 40, 52, 56, 64, 108, 124})
_PNM = re.compile(rb"P[1-6]\s+(?:#[^\n]*\n\s*)*\d+\s+(?:#[^\n]*\n\s*)*\d+\s|P7\n(?:#[^\n]*\n)*[A-Z]+ \w")
_SCRIPT = re.compile(rb"#! ?[./\w][\x20-\x7e]*(?:\r?\n|$)|#! ?[./\w][\x20-\x7e]{0,4000}$")
_PE_AT = 0x3C
_PE_MARKS = (b"PE\0\0", b"NE", b"LE", b"LX")
_FLIC_DEPTHS_BITS = frozenset({0, 1, 8, 15, 16, 24, 32})
_MOST_PIXELS = 16384
_SKIPPABLE = b"\x2a\x4d\x18"  # after a first byte of 0x50 to 0x5f
_FRAMES = {b"\x28\xb5\x2f\xfd": "application/zstd", b"\x04\x22\x4d\x18": "application/x-lz4"}
_TABLE_AT, _ENTRY_BYTES = 446, 16


def _bmp(head: bytes, size: int) -> str:  # noqa: ARG001 - one shape for every check
    """Microsoft, BITMAPFILEHEADER: its reserved zeros, or behind it a header of a known length; one may be damaged."""
    reserved = len(head) >= 10 and not head[6:10].strip(b"\0")
    return "image/bmp" if reserved or int.from_bytes(head[14:18], "little") in _BMP_HEADERS else ""


def _gzip(head: bytes, size: int) -> str:  # noqa: ARG001 - likewise
    """RFC 1952: method 8, no reserved flag."""
    return "application/gzip" if head[2:3] == b"\x08" and (len(head) < 4 or head[3] < 0x20) else ""


def _compress(head: bytes, size: int) -> str:  # noqa: ARG001 - likewise
    """compress(1): 9 to 16 bits a code, no unknown flag; the first code is a letter, the second none of the future."""
    flags = head[2] if len(head) > 2 else 0
    codes = int.from_bytes(head[3:6], "little")
    sound = 9 <= flags & 0x1F <= 16 and not flags & 0x60 and codes & 0x1FF < 256 and codes >> 9 & 0x1FF <= 257
    return "application/x-compress" if sound else ""


def _pack(head: bytes, size: int) -> str:
    """pack(1): the length unpacked, of which each letter takes a bit at least, then 1 to 24 levels of a tree."""
    length = int.from_bytes(head[2:6], "big")
    return "application/x-pack" if len(head) > 6 and 0 < length <= 8 * size and 1 <= head[6] <= 24 else ""


def _sgi(head: bytes, size: int) -> str:  # noqa: ARG001 - likewise
    """The SGI image file format: verbatim or run-length, 1 or 2 bytes a channel, 1 to 3 dimensions."""
    sound = head[2:3] in (b"\0", b"\1") and head[3:4] in (b"\1", b"\2") and head[4:6] in (b"\0\1", b"\0\2", b"\0\3")
    return "image/x-sgi" if sound else ""


def _executable(head: bytes, size: int) -> str:
    """MZ: a newer header where the old one points (PE and its elders), or a page count that fits the file."""
    new = int.from_bytes(head[_PE_AT : _PE_AT + 4], "little")
    if new >= _PE_AT and head.startswith(_PE_MARKS, new):
        return "application/vnd.microsoft.portable-executable"
    if len(head) < 28:
        return ""
    last, pages, _, paragraphs = struct.unpack_from("<4H", head, 2)
    fits = pages > 0 and last < 512 and 512 * (pages - 1) <= size <= 512 * (pages + 65536)
    return "application/x-dosexec" if fits and 2 <= paragraphs <= 32 * pages and not text_type(head) else ""


def _script(head: bytes, size: int) -> str:  # noqa: ARG001 - likewise
    """A first line of letters that names a program."""
    return "text/x-script" if _SCRIPT.match(head[:4096]) else ""


def _pnm(head: bytes, size: int) -> str:  # noqa: ARG001 - likewise
    """Netpbm: a width and a height in digits, comments between them."""
    return "image/x-portable-anymap" if _PNM.match(head[:4096]) else ""


def _flic(head: bytes, size: int) -> str:  # noqa: ARG001 - likewise
    """Autodesk FLI and FLC: sides, depth and flags that make sense."""
    if len(head) < 16:
        return ""
    width, height, depth, flags = struct.unpack_from("<4H", head, 8)
    sound = 0 < width <= _MOST_PIXELS and 0 < height <= _MOST_PIXELS and depth in _FLIC_DEPTHS_BITS and flags <= 3
    return "video/x-flic" if sound else ""


def _skippable(head: bytes, size: int) -> str:  # noqa: ARG001 - likewise
    """RFC 8878, section 3.1.2: frames to be skipped, which zstd and LZ4 share, before the first that is none."""
    place = 0
    while head[place + 1 : place + 4] == _SKIPPABLE and head[place] & 0xF0 == 0x50 and place + 8 <= len(head):
        place += 8 + int.from_bytes(head[place + 4 : place + 8], "little")
    return _FRAMES.get(head[place : place + 4], "")


def _master_boot_record(head: bytes, size: int) -> str:  # noqa: ARG001 - likewise
    """Four entries, each active or not, and of no type or with a start and a length."""
    entries = [head[at : at + _ENTRY_BYTES] for at in range(_TABLE_AT, 510, _ENTRY_BYTES)]
    return "application/x-mbr-disk" if all(map(_is_partition, entries)) else ""


def _is_partition(entry: bytes) -> bool:
    return entry[0] in (0, 0x80) and (entry[4] == 0 or any(entry[12:16]))


def _ext(head: bytes, size: int) -> str:  # noqa: ARG001 - likewise
    """The superblock of ext2, 3 and 4: a block size, a state and a creator that are defined."""
    block, creator = (int.from_bytes(head[at : at + 4], "little") for at in (1048, 1096))
    state, errors = (int.from_bytes(head[at : at + 2], "little") for at in (1082, 1084))
    return "application/x-ext" if block <= 6 and state <= 7 and errors <= 3 and creator <= 4 else ""


def weak_type(head: bytes, size: int) -> str:
    """The media type that two bytes at the start and what stands behind them agree on; else empty."""
    check = WEAK.get(head[:2])
    return check(head, size) if check else ""


Check = Callable[[bytes, int], str]
WEAK: dict[bytes, Check] = {
    b"BM": _bmp,
    b"\x1f\x8b": _gzip,
    b"\x1f\x9d": _compress,
    b"\x1f\x1e": _pack,
    b"\x01\xda": _sgi,
    b"MZ": _executable,
    b"#!": _script,
    b"\xff\x0a": jxl_codestream,
    **dict.fromkeys((bytes((first, 0x2A)) for first in range(0x50, 0x60)), _skippable),
    **dict.fromkeys((b"\xff\xfb", b"\xff\xfa", b"\xff\xf3", b"\xff\xf2"), mpeg_audio),
    **dict.fromkeys((b"\xff\xf1", b"\xff\xf9"), adts),
    **dict.fromkeys((b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05"), pickle),
    **dict.fromkeys((b"P1", b"P2", b"P3", b"P4", b"P5", b"P6", b"P7"), _pnm),
}
# Further in: where, the magic number, the check.
WEAK_FAR: tuple[tuple[int, bytes, Check], ...] = (
    (1080, b"\x53\xef", _ext),
    (4, b"\x11\xaf", _flic),
    (4, b"\x12\xaf", _flic),
    (510, b"\x55\xaa", _master_boot_record),
)
