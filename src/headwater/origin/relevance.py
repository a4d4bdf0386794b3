"""Relevance scores that another tool gave, by digest: they order within a tier, they never grade or hide."""

import csv
import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_KINDS = {32: "md5", 40: "sha1", 64: "sha256"}
_DIGEST = re.compile(r"[0-9a-f]+")
_EMPTY = frozenset(
    {
        "d41d8cd98f00b204e9800998ecf8427e",
        "da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    }
)
DIGEST_NAMES = ("digest", "sha256", "sha1", "md5")


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One row that counts. kind: md5, sha1 or sha256. digest: lower case."""

    line: int
    kind: str
    digest: str
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """One row that does not, and why."""

    line: int
    reason: str


def read_scores(lines: Iterable[str]) -> Iterator[Score | Refused]:
    """Every row of a CSV file with a header: a column ``digest``, ``sha256``, ``sha1`` or ``md5``, and ``score``.

    The first row that cannot be a header is refused as line 1 and nothing else is read. Of a digest named twice both
    rows are given: whoever stores them takes the higher.
    """
    rows = csv.reader(lines)
    try:
        header = [name.strip().lower() for name in next(rows, [])]
        column = next((header.index(name) for name in DIGEST_NAMES if name in header), None)
        if column is None or "score" not in header:
            yield Refused(line=1, reason="the first line must name the columns digest (or sha256, sha1, md5) and score")
            return
        value = header.index("score")
        for row in rows:
            if row:
                yield _row(rows.line_num, row, column, value)
    except csv.Error as error:
        yield Refused(line=rows.line_num, reason=f"not CSV: {error}")


def _row(line: int, row: list[str], column: int, value: int) -> Score | Refused:
    if len(row) <= max(column, value):
        return Refused(line=line, reason=f"{len(row)} columns, fewer than the first line names")
    digest = row[column].strip().lower()
    kind = _KINDS.get(len(digest))
    if kind is None or not _DIGEST.fullmatch(digest):
        return Refused(line=line, reason="not an MD5, SHA-1 or SHA-256 in hexadecimal digits")
    if digest in _EMPTY:
        return Refused(line=line, reason="the digest of an empty file")
    try:
        score = float(row[value])
    except ValueError:
        return Refused(line=line, reason="the score is not a number")
    if not math.isfinite(score):
        return Refused(line=line, reason="the score is not a finite number")
    return Score(line=line, kind=kind, digest=digest, score=score)
