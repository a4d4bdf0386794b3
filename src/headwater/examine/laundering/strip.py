"""Metadata taken out of a JPEG, PNG or WebP without another encoding: the coded pixels stay byte for byte.

Sources: ITU-T T.81 annex B (JPEG), the PNG specification section 5, RFC 9649 (WebP).
"""

from collections.abc import Iterator

from headwater.model.errors import Malformed

_JFIF = b"JFIF\0"
_JFIF_BYTES = 14  # up to and with the two sides of its thumbnail
_ADOBE = b"Adobe"
_ALONE = frozenset({0x01, *range(0xD0, 0xD9)})  # markers without a length
_PNG_KEPT = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"})
_WEBP_KEPT = frozenset({b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF"})
_VP8X_METADATA = 0x20 | 0x08 | 0x04  # ICC profile, EXIF, XMP


def strip(data: bytes, media_type: str) -> bytes | None:
    """The file without its metadata; None for a format that this module does not take apart. Raises Malformed."""
    match media_type:
        case "image/jpeg":
            return b"\xff\xd8" + b"".join(_jpeg(data))
        case "image/png":
            return data[:8] + b"".join(_png(data))
        case "image/webp":
            body = b"WEBP" + b"".join(_webp(data))
            return b"RIFF" + len(body).to_bytes(4, "little") + body
        case _:
            return None


def _jpeg(data: bytes) -> Iterator[bytes]:
    position = 2
    while position + 2 <= len(data):
        if data[position] != 0xFF:
            raise Malformed(f"no JPEG marker at {position}")
        marker = data[position + 1]
        if marker == 0xFF:  # a fill byte
            position += 1
            continue
        if marker in _ALONE:
            yield data[position : position + 2]
            position += 2
            continue
        if marker == 0xD9:
            yield b"\xff\xd9"
            return
        end = position + 2 + _two_bytes(data, position + 2)
        if end > len(data) or end < position + 4:
            raise Malformed(f"JPEG segment at {position} reaches past the end")
        yield _jpeg_segment(marker, data[position:end])
        position = end
        if marker == 0xDA:
            end = _end_of_scan(data, position)
            yield data[position:end]
            position = end


def _jpeg_segment(marker: int, segment: bytes) -> bytes:
    """The segment as it is kept; nothing for metadata."""
    if marker == 0xE0 and segment[4:].startswith(_JFIF) and len(segment) >= 4 + _JFIF_BYTES:
        return b"\xff\xe0\x00\x10" + segment[4:16] + b"\0\0"  # a thumbnail of no size
    if marker == 0xEE and segment[4:].startswith(_ADOBE):
        return segment
    return b"" if 0xE0 <= marker <= 0xEF or marker == 0xFE else segment


def _end_of_scan(data: bytes, position: int) -> int:
    """Where the next marker begins that is neither a stuffed byte nor a restart; the end where there is none."""
    while (position := data.find(b"\xff", position)) >= 0 and position + 1 < len(data):
        if data[position + 1] and not 0xD0 <= data[position + 1] <= 0xD7:
            return position
        position += 2
    return len(data)


def _png(data: bytes) -> Iterator[bytes]:
    position = 8
    while position + 12 <= len(data):
        end = position + 12 + int.from_bytes(data[position : position + 4], "big")
        if end > len(data):
            raise Malformed(f"PNG chunk at {position} reaches past the end")
        kind = data[position + 4 : position + 8]
        if kind in _PNG_KEPT:
            yield data[position:end]
        if kind == b"IEND":
            return
        position = end


def _webp(data: bytes) -> Iterator[bytes]:
    position = 12
    while position + 8 <= len(data):
        length = int.from_bytes(data[position + 4 : position + 8], "little")
        end = position + 8 + length + length % 2
        if position + 8 + length > len(data):
            raise Malformed(f"WebP chunk at {position} reaches past the end")
        kind, chunk = data[position : position + 4], data[position:end]
        if kind == b"VP8X" and length:
            chunk = chunk[:8] + bytes([chunk[8] & ~_VP8X_METADATA]) + chunk[9:]
        if kind in _WEBP_KEPT:
            yield chunk + bytes(len(chunk) % 2)
        position = end


def _two_bytes(data: bytes, position: int) -> int:
    return int.from_bytes(data[position : position + 2], "big")
