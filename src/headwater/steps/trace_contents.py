"""Reads contents with what was found of them, in the order of their digests: few are in memory at a time."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from headwater.findings.parts import OPERATION
from headwater.model.finding import Seen, State
from headwater.origin.claims import Claim, Content, Place
from headwater.origin.unseen import PRIMARY
from headwater.steps.stores import ITEMS

RECORD, CREDENTIAL = "generator.record", "c2pa.state"
_CLAIMS = (
    RECORD, "generator.graph", CREDENTIAL, "declared.source_type", "declared.tc260", "declared.vendor",
    "declared.screen", "camera.coherence", "camera.encoder", "exif.maker_note", "embedded.compared", "watermark.dwtdct",
    "sensor.match",
)  # fmt: skip
_SILENCES = ("picture.decodes", "metadata")
_ROWS = 4096
_WEIGHED = """
SELECT sha256, any_value(media_type) AS media_type FROM file_contents
WHERE media_type LIKE 'image/%' OR media_type LIKE 'video/%'
  OR sha256 IN (SELECT sha256 FROM part_findings WHERE state = 'found' AND claim IN ({claims}))
GROUP BY sha256
"""
# Of each examiner what its newest set found of a content: what an older version said, or one under a trust list that is
# replaced, is kept and weighs nothing. A set of one examiner alone, as for sensors, takes nothing from the others.
_LAST = """
(SELECT DISTINCT sha256, finding, examiner, claim, value, state, reason FROM part_findings
 QUALIFY set_number = max(set_number) OVER (PARTITION BY sha256, examiner))
"""
_TOLD = """
SELECT sha256, finding, examiner, claim, value, state, reason FROM {findings}
WHERE (state = 'found' AND claim IN ({claims}) AND (
    claim <> 'sensor.match' OR json_extract_string(value, '$.pattern_sha256') IN ({patterns})
  ))
  OR (state IN ('failed', 'not_run') AND (claim IN ({silences}) OR claim = examiner OR examiner IN ({primary})))
"""
# Of which examiners nothing at all is kept, not even that it found nothing: it never looked, or its findings were lost.
_NOT_TOLD = """
SELECT w.sha256, [name FOR name IN any_value([{primary}]) IF NOT list_contains(coalesce(list(f.examiner), []), name)]
  AS examiners
FROM weighed w {only} LEFT JOIN (SELECT DISTINCT sha256, examiner FROM part_findings WHERE examiner IN ({primary})) f
  ON f.sha256 = w.sha256
GROUP BY w.sha256 HAVING count(f.examiner) < {number} ORDER BY w.sha256
"""
_ORDERED = """
SELECT w.sha256, w.media_type, t.finding, t.examiner, t.claim, t.value, t.state, t.reason
FROM weighed w LEFT JOIN told t ON t.sha256 = w.sha256 {only}
ORDER BY w.sha256, t.claim, t.value, t.finding
"""
_PLACES = """
SELECT DISTINCT i.sha256, i.exhibit, i.path FROM items i SEMI JOIN weighed w ON w.sha256 = i.sha256 {only}
ORDER BY i.sha256, i.exhibit, i.path
"""
_ONLY = " SEMI JOIN {wanted} o ON o.sha256 = {of}.sha256 "


def is_told(examiner: str, seen: Seen) -> bool:
    """Whether a finding is among those that are weighed, as the view `told` has it."""
    if seen.state is State.FOUND:
        return seen.claim in _CLAIMS
    is_silence = seen.state in {State.FAILED, State.NOT_RUN}
    return is_silence and (seen.claim in {*_SILENCES, examiner} or examiner in PRIMARY)


def prepare(connection: duckdb.DuckDBPyConnection, findings: Path, patterns: Iterable[str]) -> None:
    """Add the views `weighed` (contents that are given an origin) and `told` (what is weighed of them).

    findings: the folder of all parts, which tells whether more than one set of examiners has been at work. patterns:
    digests of the cameras' patterns that count now; what was compared with another, of a camera that was enrolled
    anew, weighs nothing.
    """
    sets = {folder.name for folder in findings.glob("*/*") if folder.parent.name != OPERATION} - {ITEMS}
    claims = _words(_CLAIMS)
    source = _LAST if len(sets) > 1 else "findings"
    told = _TOLD.format(
        findings=source,
        claims=claims,
        silences=_words(_SILENCES),
        primary=_words(PRIMARY),
        patterns=_words(patterns) or "''",
    )
    for name, query in (("weighed", _WEIGHED.format(claims=claims)), ("told", told)):
        connection.sql(query).create_view(name)


def name_contents(connection: duckdb.DuckDBPyConnection, name: str, digests: Iterable[str]) -> None:
    """Make a view of that name over some digests, for `read_contents`."""
    table = pa.table({"sha256": pa.array(sorted(digests), pa.string())})
    connection.from_arrow(table).create_view(name, replace=True)


def read_contents(connection: duckdb.DuckDBPyConnection, wanted: str = "") -> Iterator[Content]:
    """Contents in the order of their digests; with `wanted`, those named in that view."""
    only = [_ONLY.format(wanted=wanted, of=of) if wanted else "" for of in ("w", "i")]
    not_told = _NOT_TOLD.format(only=only[0], primary=_words(PRIMARY), number=len(PRIMARY))
    claims = _groups(connection.cursor(), _ORDERED.format(only=only[0]))
    places = _Beside(_groups(connection.cursor(), _PLACES.format(only=only[1])))
    silent = _Beside(_groups(connection.cursor(), not_told))
    for sha256, rows in claims:
        yield Content(
            sha256=sha256,
            media_type=rows[0]["media_type"],
            claims=tuple(_claim(row) for row in rows if row["finding"] is not None),
            places=tuple(Place(exhibit=row["exhibit"], path=row["path"]) for row in places.of(sha256)),
            not_told=frozenset(name for row in silent.of(sha256) for name in row["examiners"]),
        )


class _Beside:
    """Groups of rows in the order of their digests, read beside another such order."""

    def __init__(self, groups: Iterator[tuple[str, list[dict[str, Any]]]]) -> None:
        self._groups = groups
        self._at = next(groups, None)

    def of(self, sha256: str) -> list[dict[str, Any]]:
        """The rows of a digest; none where it has none. What lies before it is passed over."""
        while self._at is not None and self._at[0] < sha256:
            self._at = next(self._groups, None)
        return self._at[1] if self._at is not None and self._at[0] == sha256 else []


def _claim(row: dict[str, Any]) -> Claim:
    return Claim(**{name: row[name] for name in ("finding", "examiner", "claim", "value", "state", "reason")})


def _groups(cursor: duckdb.DuckDBPyConnection, query: str) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    for sha256, rows in groupby(stream(cursor, query), key=lambda row: str(row["sha256"])):
        yield sha256, list(rows)


def stream(cursor: duckdb.DuckDBPyConnection, query: str) -> Iterator[dict[str, Any]]:
    """The rows of a query, some thousand in memory at a time."""
    for batch in cursor.sql(query).to_arrow_reader(_ROWS):
        yield from batch.to_pylist()


def _words(names: Iterable[str]) -> str:
    """Names and digests of our own as an SQL list."""
    return ", ".join(f"'{name}'" for name in names)
