"""Lines of a text file of any size and of doubtful make: numbered, decoded, cut where they are too long."""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

MAX_LINE_BYTES = 1 << 20
_BLOCK_BYTES = 1 << 20
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line without its end. fault: why it cannot be used; empty where it can."""

    number: int
    text: str
    fault: str = ""


def read_lines(stream: BinaryIO) -> Iterator[Line]:
    """Every line, in memory one at a time. UTF-8, or UTF-16 where a byte order mark says so."""
    head = stream.read(_BLOCK_BYTES)
    mark, encoding = next(((mark, name) for mark, name in _MARKS if head.startswith(mark)), (b"", "utf-8"))
    end = "\n".encode(encoding)
    for number, (raw, cut) in enumerate(_raw_lines(head[len(mark) :], stream, end), 1):
        yield _line(number, raw, encoding, cut=cut)


def _line(number: int, raw: bytes, encoding: str, *, cut: bool) -> Line:
    if cut:
        return Line(number=number, text="", fault=f"longer than {MAX_LINE_BYTES:,} bytes")
    try:
        text = raw.decode(encoding).removesuffix("\r")
    except UnicodeDecodeError:
        return Line(number=number, text=raw.decode(encoding, "replace"), fault=f"not {encoding.upper()}")
    return Line(number=number, text=text, fault="a NUL byte in it" if "\0" in text else "")


def _raw_lines(head: bytes, stream: BinaryIO, end: bytes) -> Iterator[tuple[bytes, bool]]:
    """Each line, and whether it was cut off for its length: its rest is then passed over."""
    rest, cut = head, False
    while True:
        start = 0
        while (stop := _find(rest, end, start)) >= 0:
            yield (b"" if cut else rest[start:stop]), cut or stop - start > MAX_LINE_BYTES
            start, cut = stop + len(end), False
        rest = rest[start:]
        if len(rest) > MAX_LINE_BYTES:
            cut, rest = True, rest[len(rest) - len(rest) % len(end) - len(end) :]
        block = stream.read(_BLOCK_BYTES)
        if not block:
            if rest or cut:
                yield rest, cut
            return
        rest += block


def _find(data: bytes, end: bytes, start: int) -> int:
    """The next line end that stands on a whole character."""
    stop = data.find(end, start)
    while stop >= 0 and (stop - start) % len(end):
        stop = data.find(end, stop + 1)
    return stop
