"""Lists of PDQ hashes as they are seen: bare, `hash,name`, `hash,quality,name`, and CSV with titles."""

import re
from collections.abc import Iterator
from typing import BinaryIO

from headwater.match.readers.lines import Line, read_lines
from headwater.match.readers.sift import Row, sift
from headwater.model.errors import Malformed
from headwater.model.known import Record, Refused

_HASH = re.compile(r"[0-9A-Fa-f]{64}")
_TITLES = re.compile(r"\b(hash|pdq)\b", re.IGNORECASE)


def read_pdq(stream: BinaryIO) -> Iterator[Record | Refused]:
    """Each line's hash, its line as the key. Raises Malformed for a file of JSON."""
    for line in read_lines(stream):
        if line.number == 1 and line.text.lstrip()[:1] in {"{", "["}:
            raise Malformed("a JSON file, not a list of PDQ hashes")
        if line.fault:
            yield Refused(line=line.number, key=str(line.number), field="", reason=line.fault)
        elif line.text.strip() and not _is_titles(line):
            yield from sift(_row(line))


def _is_titles(line: Line) -> bool:
    return line.number == 1 and bool(_TITLES.search(line.text)) and not _HASH.search(line.text)


def _row(line: Line) -> Row:
    fields = [field.strip().strip('"') for field in re.split(r"[,;\t]", line.text)]
    place = next((place for place, field in enumerate(fields) if _HASH.fullmatch(field)), 0)
    after = fields[place + 1] if place + 1 < len(fields) else ""
    quality = after if after.isdecimal() and int(after[:4]) <= 100 else ""  # a name may be a number as well
    return Row(
        key=str(line.number),
        line=line.number,
        hashes={"pdq": fields[place]},
        quality=quality,
        source={"line": line.text},
    )
