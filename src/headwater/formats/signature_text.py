"""Text by content: encodings, and the few textual formats that matter in an examination."""

import codecs
import re

_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_WIDE_CONTROL = re.compile("[\0-\x08\x0e-\x1a\x1c-\x1f\x7f\ufffe\uffff]")
_SAMPLE_BYTES = 4096
_LEADING = (
    (b"<svg", "image/svg+xml"),
    (b"<!doctype html", "text/html"),
    (b"<html", "text/html"),
    (b"<x:xmpmeta", "application/rdf+xml"),
    (b"<?xpacket", "application/rdf+xml"),
    (b"<rdf:rdf", "application/rdf+xml"),
)


def text_type(head: bytes) -> str:
    """Media type of a text, or an empty string where the bytes are no text in UTF-8, UTF-16 with a mark, or Latin-1."""
    sample = head[:_SAMPLE_BYTES]
    if sample.startswith(_MARKS[1:]):
        return "text/plain" if _is_utf16(sample, whole=len(head) == len(sample)) else ""
    body = sample.removeprefix(_MARKS[0])
    if not body.strip() or _CONTROL.search(body) or not _decodes(body):
        return _safetensors(head)
    start = body.lstrip()[:256].lower()
    for mark, found in _LEADING:
        if start.startswith(mark):
            return found
    if start.startswith(b"<?xml"):
        return _xml(body.lower())
    return "application/json" if _looks_like_json(start) else "text/plain"


def _is_utf16(sample: bytes, *, whole: bool) -> bool:
    """Whether what follows the mark is UTF-16, without control characters; the sample may end inside a letter."""
    even = sample[: len(sample) // 2 * 2]
    try:
        text = codecs.getincrementaldecoder("utf-16")().decode(even, final=whole)
    except UnicodeDecodeError:
        return False
    return _WIDE_CONTROL.search(text) is None


def _xml(body: bytes) -> str:
    if b"<svg" in body:
        return "image/svg+xml"
    return "application/rdf+xml" if b"<x:xmpmeta" in body or b"<rdf:rdf" in body else "text/xml"


def _looks_like_json(start: bytes) -> bool:
    return re.match(rb'(\{\s*("|\})|\[\s*(\{|\[|"|\]|-?\d))', start) is not None


def _decodes(body: bytes) -> bool:
    """UTF-8, cut anywhere; or single-byte text with few bytes above ASCII."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(body)
    except UnicodeDecodeError:
        return sum(byte >= 0x80 for byte in body) * 10 < len(body) * 3 and not any(0x80 <= b < 0x8D for b in body)
    return True


def _safetensors(head: bytes) -> str:
    """safetensors: a 64-bit length, then a JSON object of that length."""
    length = int.from_bytes(head[:8], "little")
    return "application/x-safetensors" if head[8:10] == b'{"' and 2 <= length <= 100 << 20 else ""
