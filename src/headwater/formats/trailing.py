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
_SIGNATURE_BYTES = 16
_TAIL_BYTES = 4096


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


def last_signature(source: Source, offset_bytes: int) -> str:
    """Give what the end of the trailing data shows: Samsung's directory, a zip's or picture's end; empty where none."""
    start = max(offset_bytes, source.size_bytes - _TAIL_BYTES)
    tail = source.read_at(start, source.size_bytes - start).rstrip(b"\0")
    for mark, kind in _LAST:
        if tail.endswith(mark) or (kind == "zip" and mark in tail):
            return kind
    return ""
