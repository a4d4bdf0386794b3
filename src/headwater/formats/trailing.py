"""What lies after a picture's end marker, told by its first and last bytes."""

from headwater.formats.structure import Source

_FIRST = (
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"Rar!\x1a\x07", "rar"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"\x1f\x8b", "gzip"),
    (b"GIF8", "gif"),
    (b"RIFF", "riff"),
    (b"%PDF", "pdf"),
    (b"II*\0", "tiff"),
    (b"MM\0*", "tiff"),
    (b"BM", "bmp"),
    (b"<?xpacket", "xmp"),
    (b"<", "markup"),
)
_LAST = ((b"SEFT", "samsung seft"), (b"PK\x05\x06", "zip"), (b"\xff\xd9", "jpeg"), (b"IEND\xaeB`\x82", "png"))
_TAIL_BYTES = 4096
_HEAD_BYTES = 16
_LENGTH_BYTES = 4
_BLOCK_BYTES = 1 << 20
_ZEROS_BYTES_MAX = 64 << 20  # looked past


def first_signature(head: bytes) -> str:
    """Give the kind of data that begins so; ``zeros``, ``text`` or ``unknown`` where no signature is known."""
    if head[4:8] == b"ftyp":
        return "isobmff"
    for mark, kind in _FIRST:
        if head.startswith(mark):
            return kind
    if not head.strip(b"\0"):
        return "zeros"
    return "text" if head.isascii() and head.decode().replace("\n", "").replace("\r", "").isprintable() else "unknown"


def signature_behind_zeros(source: Source, offset_bytes: int) -> tuple[int, str]:
    """The kind of data from `offset_bytes` on, and behind how many zeros: cameras pad before they append a video."""
    found = first_signature(source.read_at(offset_bytes, _HEAD_BYTES))
    zeros = _zeros(source, offset_bytes)
    if found not in ("unknown", "zeros") or not zeros:
        return 0, found
    if offset_bytes + zeros >= source.size_bytes:
        return 0, "zeros"
    for skipped in range(zeros, max(zeros - _LENGTH_BYTES, 0), -1):  # the length of a box begins with zeros of its own
        kind = first_signature(source.read_at(offset_bytes + skipped, _HEAD_BYTES))
        if kind != "unknown":
            return skipped, kind
    return 0, "unknown"


def _zeros(source: Source, offset_bytes: int) -> int:
    at = offset_bytes
    while at < min(source.size_bytes, offset_bytes + _ZEROS_BYTES_MAX):
        block = source.read_at(at, _BLOCK_BYTES)
        zeros = len(block) - len(block.lstrip(b"\0"))
        at += zeros
        if zeros < len(block) or not block:
            break
    return at - offset_bytes


def last_signature(source: Source, offset_bytes: int) -> str:
    """Give what the end of the trailing data shows: Samsung's directory, a zip's or picture's end; empty where none."""
    start = max(offset_bytes, source.size_bytes - _TAIL_BYTES)
    tail = source.read_at(start, source.size_bytes - start).rstrip(b"\0")
    for mark, kind in _LAST:
        if tail.endswith(mark) or (kind == "zip" and mark in tail):
            return kind
    return ""
