"""ThreatExchange: descriptors as its programming interface gives them, and the cache CSV of its Python code."""

import re
from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import BinaryIO

from headwater.match.readers.csv_rows import csv_rows
from headwater.match.readers.json_objects import Cut, Scanner, parsed
from headwater.match.readers.lines import read_lines
from headwater.match.readers.sift import Row, sift
from headwater.model.errors import Malformed
from headwater.model.known import Record, Refused

_KINDS = {"HASH_MD5": "md5", "HASH_SHA1": "sha1", "HASH_SHA256": "sha256", "HASH_PDQ": "pdq"}
_BY_DIGITS = {32: "md5", 40: "sha1", 64: "pdq"}  # the cache does not say; 64 digits are PDQ there
_BEGINS = re.compile(rb'\{\s*"(id|raw_indicator)"\s*:')
_FALSE = "false_positive"


def read_threatexchange(stream: BinaryIO) -> Iterator[Record | Refused]:
    """Descriptors in an array, under `data`, or one a line; or the cache's rows. The key is the descriptor's id."""
    first = stream.read(1 << 16)
    rest = _Again(first, stream)
    lead = first.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    if lead == b"[" or (lead == b"{" and re.match(rb'\s*\{\s*"data"\s*:', first.removeprefix(b"\xef\xbb\xbf"))):
        yield from _array(rest)
    elif lead == b"{":
        yield from _lines(rest)
    elif b"indicator" in first.partition(b"\n")[0]:
        yield from _cache(rest)
    else:
        raise Malformed("neither ThreatExchange descriptors (JSON) nor its cache (CSV with a column indicator)")


class _Again(BytesIO):
    """A stream with its beginning put back."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        super().__init__(head)
        self._rest = rest

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(size) or self._rest.read(-1 if size is None else size)


def _array(stream: BinaryIO) -> Iterator[Record | Refused]:
    scanner = Scanner(stream, head=lambda *_: None, is_records=lambda path: path[-1] in {"", "data"}, begins=_BEGINS)
    number = 0
    for cut in scanner.objects():
        number = cut.number
        yield from _descriptor(cut)
    if not scanner.is_whole:
        yield Refused(line=number + 1, key="", field="", reason="the file breaks off here")


def _lines(stream: BinaryIO) -> Iterator[Record | Refused]:
    for line in read_lines(stream):
        if line.fault:
            yield Refused(line=line.number, key=str(line.number), field="", reason=line.fault)
        elif line.text.strip():
            fields, fault = parsed(line.text.encode())
            yield from _descriptor(Cut(number=line.number, fields=fields, fault=fault))


def _descriptor(cut: Cut) -> Iterator[Record | Refused]:
    told = cut.fields
    key = str(told.get("id") or cut.number)
    kind = _KINDS.get(str(told.get("type", "")))
    if cut.fault or kind is None:
        reason = cut.fault or f"type {str(told.get('type', 'none'))[:40]} is not matched"
        yield Refused(line=cut.number, key=key, field="", reason=reason)
        return
    tags = [*_tags(told.get("tags"))]
    if _FALSE in tags:
        yield Refused(line=cut.number, key=key, field="tags", reason="its source calls it a false positive")
        return
    text = str(told.get("raw_indicator") or told.get("indicator") or "")
    yield from sift(
        Row(key=key, line=cut.number, hashes={kind: text}, category=str(told.get("status") or ""), source=told)
    )


def _tags(tags: object) -> Iterator[str]:
    """Tags are null, a list of texts, or `{data: [{text}]}`."""
    listed = tags.get("data") if isinstance(tags, Mapping) else tags
    for each in listed if isinstance(listed, list) else ():
        yield str(each.get("text", "")) if isinstance(each, Mapping) else str(each)


def _cache(stream: BinaryIO) -> Iterator[Record | Refused]:
    for number, fields, fault in csv_rows(stream, ()):
        labels = fields.get("labels", "").split()
        why = fault or (f"its source calls it a {_FALSE.replace('_', ' ')}" if _FALSE in labels else "")
        text = fields.get("indicator", "").strip()
        if not why and len(text) not in _BY_DIGITS:
            why = f"an indicator of {len(text)} characters is not matched"
        key = fields.get("first_descriptor_id", "") or str(number)
        if why:
            yield Refused(line=number, key=key, field="", reason=why)
        else:
            hashes = {_BY_DIGITS[len(text)]: text}
            yield from sift(Row(key=key, line=number, hashes=hashes, category=" ".join(labels), source=fields))
