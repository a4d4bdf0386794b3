"""Archives and compressed files this version does not open: known by their signature, refused by name.

Sources: the formats' own specifications; libmagic's and the PRONOM register's signatures agree with these.
"""

import struct

from headwater.formats.signature_weak import weak_type

_STARTS = (
    (b"7z\xbc\xaf\x27\x1c", "7-Zip archive"),
    (b"Rar!\x1a\x07\x00", "RAR archive"),
    (b"Rar!\x1a\x07\x01\x00", "RAR 5 archive"),
    (b"RE\x7e\x5e", "RAR archive of the first version"),
    (b"MSCF\0\0\0\0", "Microsoft cabinet"),
    (b"ISc(", "InstallShield cabinet"),
    (b"!<arch>\n", "ar archive"),
    (b"070701", "cpio archive"),
    (b"070702", "cpio archive"),
    (b"070707", "cpio archive"),
    (b"\x04\x22\x4d\x18", "LZ4 file"),
    (b"\x02\x21\x4c\x18", "LZ4 file of the legacy format"),
    (b"LZIP\x01", "lzip file"),
    (b"LZIP\x00", "lzip file"),
    (b"\x89LZO\0\r\n\x1a\n", "lzop file"),
    (b"LRZI", "lrzip file"),
    (b"xar!", "xar archive"),
    (b"MSWIM\0\0\0", "Windows imaging (WIM) archive"),
    (b"\xed\xab\xee\xdb", "RPM package"),
    (b"SIT!", "StuffIt archive"),
    (b"StuffIt (c)1997-", "StuffIt 5 archive"),
    (b"hsqs", "SquashFS image"),
    (b"sqsh", "SquashFS image"),
)
_FIRST_BYTES = tuple(start for start, _ in _STARTS)
_INSIDE = (
    (7, b"**ACE**", "ACE archive"),
    (20, b"\xdc\xa7\xc4\xfd", "ZOO archive"),
)
_WEAK = {"application/x-compress": "compress (.Z) file", "application/x-pack": "pack (.z) file"}  # two bytes of magic
_LZH = frozenset(b"-l%c%c-" % (family, method) for family in b"hz" for method in b"0123456789dsx")
_UNKNOWN_SIZE = (1 << 64) - 1
ISO_OFFSET, ISO_MAGIC = 0x8001, b"CD001"
ISO_END = ISO_OFFSET + len(ISO_MAGIC)


def refused_format(head: bytes, size_bytes: int) -> str:
    """Name an archive format that is known and not opened, by the head of a content; empty for anything else."""
    if head.startswith(_FIRST_BYTES):  # all at once: nearly every file is none of these
        return next(name for start, name in _STARTS if head.startswith(start))
    for offset, magic, name in _INSIDE:
        if head.startswith(magic, offset):
            return name
    return _WEAK.get(weak_type(head, size_bytes), "") or _by_structure(head)


def _by_structure(head: bytes) -> str:
    if head[2:7] in _LZH and len(head) > 21 and head[20] <= 3:
        return "LHA/LZH archive"
    if head[:2] == b"\x60\xea" and 30 <= int.from_bytes(head[2:4], "little") <= 2600 and head[10:11] == b"\x02":
        return "ARJ archive"
    if _is_binary_cpio(head):
        return "cpio archive"
    if _is_lzma_alone(head):
        return "LZMA (.lzma) file"
    return "ISO 9660 image" if head[ISO_OFFSET:ISO_END] == ISO_MAGIC else ""


def _is_lzma_alone(head: bytes) -> bool:
    """LZMA_Alone has no magic: properties, dictionary size, size, and a range coder that begins with zero.

    As liblzma tells it: a dictionary of 2^n or 2^n + 2^(n-1) bytes, a size unknown or below 256 GiB.
    """
    if len(head) < 14 or head[13]:
        return False
    properties, dictionary_bytes, size_bytes = struct.unpack_from("<BIQ", head)
    rest, literal_context = divmod(properties, 9)
    if properties >= 225 or literal_context + rest % 5 > 4 or dictionary_bytes < 4096:
        return False
    odd = dictionary_bytes // (dictionary_bytes & -dictionary_bytes)
    return odd in {1, 3} and (size_bytes == _UNKNOWN_SIZE or 0 < size_bytes < 1 << 38)


def _is_binary_cpio(head: bytes) -> bool:
    """Old binary cpio: magic 070707 as a 16-bit word, then a name that ends with NUL where its length says."""
    order = {b"\xc7\x71": "<", b"\x71\xc7": ">"}.get(head[:2])
    if order is None or len(head) < 26:
        return False
    mode, name_bytes = struct.unpack_from(order + "6xH12xH", head)
    ends = head[25 + name_bytes : 26 + name_bytes] == b"\0"
    return mode >> 12 in {1, 2, 4, 6, 8, 10, 12} and 1 < name_bytes <= 4096 and ends
