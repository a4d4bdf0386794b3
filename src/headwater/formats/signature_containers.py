"""Formats that share an outer shape, told apart by what stands first inside.

Every function takes the head and never raises.
"""

import struct

from headwater.formats.signature_text import text_type

_BRANDS = {
    b"avif": "image/avif",
    b"avis": "image/avif",
    b"heic": "image/heic",
    b"heix": "image/heic",
    b"heim": "image/heic",
    b"heis": "image/heic",
    b"hevc": "image/heic",
    b"hevx": "image/heic",
    b"mif1": "image/heif",
    b"msf1": "image/heif",
    b"crx ": "image/x-canon-cr3",
    b"jxl ": "image/jxl",
    b"jp2 ": "image/jp2",
    b"qt  ": "video/quicktime",
    b"M4A ": "audio/mp4",
    b"M4B ": "audio/mp4",
    b"M4V ": "video/x-m4v",
    b"3gp": "video/3gpp",
    b"3g2": "video/3gpp",
}
# Atoms that begin a QuickTime file without a brand; four letters that may stand in a text as well.
BARE_ATOMS = frozenset({b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot", b"styp", b"uuid"})
_ATOM_HEADER_BYTES = 8
_RIFF = {b"WEBP": "image/webp", b"AVI ": "video/x-msvideo", b"WAVE": "audio/wav", b"ACON": "image/x-cursor"}
_IFF = {b"AIFF": "audio/aiff", b"AIFC": "audio/aiff", b"ILBM": "image/x-ilbm", b"8SVX": "audio/x-8svx"}
_ICON_HEADER, _ICON_ENTRY = struct.Struct("<3H"), struct.Struct("<4B2H2I")
_MOST_IMAGES = 1024  # of one icon; those of Windows hold some dozens at the most
_SMALLEST_IMAGE_BYTES = 40  # a BITMAPINFOHEADER
_ICON_DEPTHS_BITS = frozenset({0, 1, 2, 4, 8, 16, 24, 32})
_MOST_PIXELS = 256  # a side of an icon's image, and so a cursor's hot spot
_OOXML = "application/vnd.openxmlformats-officedocument."
_ZIP_MEMBERS = (
    (b"word/", _OOXML + "wordprocessingml.document"),
    (b"xl/", _OOXML + "spreadsheetml.sheet"),
    (b"ppt/", _OOXML + "presentationml.presentation"),
)
_RAW_MAKERS = (
    (b"NIKON", "image/x-nikon-nef"),
    (b"SONY", "image/x-sony-arw"),
    (b"PENTAX", "image/x-pentax-pef"),
)
_MAKE, _SUB_IFDS, _DNG_VERSION = 0x010F, 0x014A, 0xC612
_MAX_TAGS = 512


def is_atom_length(head: bytes, size: int) -> bool:
    """Whether the four bytes before an atom's name can be its length: to the end, in 64 bits, or inside the file."""
    length = int.from_bytes(head[:4], "big")
    return length in (0, 1) or _ATOM_HEADER_BYTES <= length <= size


def isobmff(head: bytes) -> str:
    """ISO base media files (ISO/IEC 14496-12) by their brands: the major one, then for pictures the compatible ones."""
    if head[4:8] != b"ftyp":
        return "video/quicktime"
    major = head[8:12]
    found = _BRANDS.get(major) or _BRANDS.get(major[:3])
    if found and found != "image/heif":
        return found
    length = min(int.from_bytes(head[:4], "big"), len(head), 256)
    compatible = [head[at : at + 4] for at in range(16, length - 3, 4)]
    for brand in (b"avif", b"avis", b"heic", b"heix", b"crx "):
        if brand in compatible and (found or brand == b"crx "):
            return _BRANDS[brand]
    return found or "video/mp4"


def riff(head: bytes) -> str:
    """RIFF by its form type; empty for a text that begins with the word."""
    return _RIFF.get(head[8:12]) or ("" if text_type(head) else "application/x-riff")


def iff(head: bytes) -> str:
    """EA IFF 85 by its form type; empty for any other word behind FORM, which may begin a text."""
    return _IFF.get(head[8:12], "")


def icon(head: bytes, size: int) -> str:
    """An icon or cursor where the first entry of its directory holds together; empty where not.

    Its four magic bytes are as well the start of $UpCase on every NTFS volume and of many a TGA.
    Source: Microsoft, "Icons" (ICONDIR and ICONDIRENTRY, 6 and 16 bytes).
    """
    if len(head) < _ICON_HEADER.size + _ICON_ENTRY.size:
        return ""
    _, kind, count = _ICON_HEADER.unpack_from(head)
    *_, reserved, planes, depth_bits, length_bytes, offset_bytes = _ICON_ENTRY.unpack_from(head, _ICON_HEADER.size)
    is_icon = kind == 1
    fits = (planes <= 1 and depth_bits in _ICON_DEPTHS_BITS) if is_icon else max(planes, depth_bits) <= _MOST_PIXELS
    images_bytes = _ICON_HEADER.size + count * _ICON_ENTRY.size
    placed = images_bytes <= offset_bytes < size and length_bytes >= _SMALLEST_IMAGE_BYTES
    if not (1 <= count <= _MOST_IMAGES and reserved in (0, 255) and fits and placed):
        return ""
    return "image/vnd.microsoft.icon" if is_icon else "image/x-cursor"


def ogg(head: bytes) -> str:
    """Ogg by the first packet of its first stream (RFC 3533, 5334)."""
    packet = head[28:36]
    if packet.startswith(b"OpusHead"):
        return "audio/opus"
    return "video/ogg" if packet.startswith(b"\x80theora") else "audio/ogg"


def compound(head: bytes) -> str:
    """A compound file ([MS-CFB]); Thumbs.db by its catalogue's name, in UTF-16."""
    return "application/x-windows-thumbs" if "Catalog".encode("utf-16-le") in head else "application/x-ole-storage"


def zip_archive(head: bytes) -> str:
    """A zip by the names of its first members (they stand in the head, uncompressed)."""
    length = int.from_bytes(head[26:28], "little")
    name = head[30 : 30 + length]
    if name == b"mimetype":
        start = 30 + length + int.from_bytes(head[28:30], "little")
        stored = head[start : start + int.from_bytes(head[18:22], "little")][:100]
        return stored.decode("latin-1") if _is_type_name(stored) else "application/zip"
    if name == b"[Content_Types].xml" or name.startswith((b"_rels/", b"docProps/", b"word/", b"xl/", b"ppt/")):
        return next((found for member, found in _ZIP_MEMBERS if member in head), "application/zip")
    if name.endswith((b"/data.pkl", b"archive/version")) or name == b"data.pkl":
        return "application/x-pytorch"
    if name == b"AndroidManifest.xml":
        return "application/vnd.android.package-archive"
    return "application/java-archive" if name.startswith(b"META-INF/") else "application/zip"


def _is_type_name(stored: bytes) -> bool:
    return stored.startswith(b"application/") and all(33 <= byte < 127 for byte in stored)


def tiff(head: bytes) -> str:
    """TIFF and the raw formats built on it, by Canon's mark and by the tags of the first directory."""
    if head[8:10] == b"CR":
        return "image/x-canon-cr2"
    order = "little" if head[:2] == b"II" else "big"
    tags = _tags(head, order)
    if _DNG_VERSION in tags:
        return "image/x-adobe-dng"
    if _MAKE in tags and _SUB_IFDS in tags:
        make = head[tags[_MAKE] : tags[_MAKE] + 8].upper()
        return next((found for maker, found in _RAW_MAKERS if make.startswith(maker)), "image/tiff")
    return "image/tiff"


def _tags(head: bytes, order: str) -> dict[int, int]:
    """Tag -> value or offset of the first directory, as far as the head reaches."""

    def number(at: int, size: int) -> int:
        return int.from_bytes(head[at : at + size], "little" if order == "little" else "big")

    start = number(4, 4)
    count = min(number(start, 2), _MAX_TAGS)
    entries = range(start + 2, min(start + 2 + 12 * count, len(head) - 11), 12)
    return {number(at, 2): number(at + 8, 4) for at in entries}
