"""Plain lists: a digest a line, alone or first of some words, as md5sum, hashdeep and many tools write them."""

import re
from collections.abc import Iterator
from typing import BinaryIO

from headwater.match.readers.lines import read_lines
from headwater.match.readers.sift import Row, sift
from headwater.model.errors import Malformed
from headwater.model.known import WIDTHS, Record, Refused

_BY_DIGITS = {2 * width: kind for kind, width in WIDTHS.items()}
_WORDS = re.compile(r"[\s,;|]+")
_COMMENTS = ("#", "%", "//", ";")
_TITLES = frozenset({"md5", "sha1", "sha-1", "sha256", "sha-256", "hash", "digest"})


def read_digests(stream: BinaryIO) -> Iterator[Record | Refused]:
    """Each line's digests, told apart by their length. Comments, empty lines and a line of titles are passed over."""
    for line in read_lines(stream):
        if line.number == 1 and line.text.lstrip()[:1] in {"{", "["}:
            raise Malformed("a JSON file, not a list of digests")
        text = line.text.strip()
        if line.fault:
            yield Refused(line=line.number, key=str(line.number), field="", reason=line.fault)
        elif text and not text.startswith(_COMMENTS) and not _is_titles(text):
            words = [word.strip('"*\\') for word in _WORDS.split(text)]
            hashes = {_BY_DIGITS[len(word)]: word for word in reversed(words) if _is_digest(word)}
            rest = words[0] if not hashes else ""
            yield from sift(_row(line.number, text, hashes or {"md5": rest}))


def _row(number: int, text: str, hashes: dict[str, str]) -> Row:
    return Row(key=str(number), line=number, hashes=hashes, source={"line": text})


def _is_digest(word: str) -> bool:
    return len(word) in _BY_DIGITS and all(each in "0123456789abcdefABCDEF" for each in word)


def _is_titles(text: str) -> bool:
    return bool(_TITLES.intersection(word.strip('"').lower() for word in _WORDS.split(text)))
