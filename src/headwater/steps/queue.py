"""The queue: every picture's tier and rank, from its origin, its ties, the places where it lies, imported scores."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain, groupby, pairwise
from typing import Any

import duckdb
import pyarrow as pa

from headwater.examine.method import code_digest
from headwater.findings.parts import PartStore, custody_name, operation_folder
from headwater.findings.schema import QUEUE
from headwater.findings.views import connect
from headwater.model.canonical import Json, digest_of
from headwater.model.locator import Layer, parse_locator
from headwater.model.visible import visible
from headwater.origin.queue import CONTROL_EVERY, RULE, Standing, control_place, tier_of
from headwater.origin.roll import Body, Occurrence, Rolls
from headwater.origin.rules import STRENGTHS
from headwater.steps.attribute import ATTRIBUTED
from headwater.steps.match import MATCHED
from headwater.steps.queue_inside import inner_rows
from headwater.steps.queue_unread import unread_rows
from headwater.steps.rows import Rows
from headwater.steps.seals import QUEUE_BEGUN, RELEVANCE_ADDED, Listener
from headwater.steps.trace import TRACED
from headwater.steps.workspace import Workspace

QUEUED = "queued"
_SOURCE_TIES, _STANDING_TIES = ("trained-on", "made-from"), ("sensor", "upload")
_WHOLE, _WEAKEST = "whole", STRENGTHS[1]
_PACKED, _HOLDING = frozenset({"gzip", "bzip2", "xz", "zstd"}), frozenset({"zip", "tar", "raw", "e01"})
_BATCH_ROWS = 65_536  # of one part, and in memory at a time
_BODIES = """
CREATE OR REPLACE TABLE bodies AS
SELECT sha256, any_value(json_extract_string(value, '$.make')) AS make,
  any_value(json_extract_string(value, '$.model')) AS model,
  any_value(json_extract_string(value, '$.serial')) AS serial
FROM findings WHERE claim = 'camera.coherence' AND state = 'found'
GROUP BY sha256 HAVING NOT bool_or(contains(value, '"outcome":"fails"'))
"""
_DAYS = """
CREATE OR REPLACE TABLE days AS
SELECT sha256, min(substr(json_extract_string(value, '$.value'), 1, 10)) AS day
FROM findings WHERE claim = 'exif.tag' AND state = 'found' AND contains(value, '"name":"DateTimeOriginal"')
GROUP BY sha256
"""
_SCORES = """
CREATE OR REPLACE TABLE scores AS
SELECT i.sha256, max(r.score) AS relevance FROM relevance r JOIN items i
  ON (r.kind = 'sha256' AND r.digest = i.sha256) OR (r.kind = 'sha1' AND r.digest = i.sha1)
  OR (r.kind = 'md5' AND r.digest = i.md5)
GROUP BY i.sha256
"""
# What a set knows: by digest it is known or harmless; what only looks like it goes to the open series, or nowhere.
_KNOWN = """
CREATE OR REPLACE TABLE known AS
WITH counting AS (
  SELECT *, "set" || ', record ' || record AS source, kind IN ('sha256', 'sha1', 'md5') AS by_digest
  FROM matches WHERE set_aside = ''
)
SELECT sha256,
  min(source || ', category ' || category || ' (' || scheme || ')')
    FILTER (role = 'known' AND verdict AND by_digest) AS known,
  min(source) FILTER (role = 'harmless' AND by_digest) AS harmless,
  min(source || CASE WHEN series = '' THEN '' ELSE ', series ' || series END || ', ' || coalesce(distance_bits ||
    ' of 256 bits', 'by ' || kind))
    FILTER (role = 'known' AND verdict AND victim_identified = false AND NOT by_digest) AS open_series
FROM counting GROUP BY sha256
"""
_PLACED = """
SELECT k.known, k.harmless, k.open_series, o.sha256, o.grade, o.strength,
  i.exhibit, i.locator, i.path, i.allocation, b.make, b.model, b.serial, d.day,
  t.sha256 IS NOT NULL AS is_trained_on
FROM origins o JOIN items i ON i.sha256 = o.sha256
LEFT JOIN trained t ON t.sha256 = o.sha256 LEFT JOIN known k ON k.sha256 = o.sha256
LEFT JOIN bodies b ON b.sha256 = o.sha256 LEFT JOIN days d ON d.sha256 = o.sha256
WHERE i.kind IN ('file', 'stream')
ORDER BY o.sha256, i.exhibit, i.path
"""
# A name of the form that trainers ask for, repeats and subject, is told apart on any exhibit; "images" is not.
_TRAINED = """
CREATE OR REPLACE TABLE trained AS
WITH named AS (
  SELECT DISTINCT i.exhibit, i.path AS model, json_extract_string(u.folder, '$.name') AS name
  FROM findings f JOIN items i ON i.sha256 = f.sha256,
    unnest(CAST(json_extract(f.value, '$.training_folders') AS JSON[])) AS u(folder)
  WHERE f.claim = 'model.header' AND f.state = 'found' AND json_array_length(f.value, '$.training_folders') > 0
), folders AS (
  SELECT *, lower(regexp_extract(replace(name, '\\', '/'), '([^/]*)/*$', 1)) AS last FROM named
), places AS (
  SELECT DISTINCT p.sha256, p.exhibit, unnest(string_split(lower(p.path), '/')[:-2]) AS last
  FROM items p SEMI JOIN origins o ON o.sha256 = p.sha256
)
SELECT p.sha256, min(
  'in the training folder ' || d.name || ' that ' || d.model ||
  CASE WHEN d.exhibit = p.exhibit THEN '' ELSE ' on exhibit ' || d.exhibit END || ' names'
) AS words
FROM places p JOIN folders d USING (last)
WHERE last <> '' AND (d.exhibit = p.exhibit OR regexp_matches(last, '^[0-9]+_.'))
GROUP BY p.sha256
"""
_TIED = """
SELECT sha256, reason, min(words) AS words FROM (
  SELECT sha256, 'trained-on' AS reason, words FROM trained
  UNION ALL
  SELECT t.b, 'made-from', 'input of ' || t.a FROM ties t JOIN origins o ON o.sha256 = t.a
  JOIN origins b ON b.sha256 = t.b
  WHERE t.reason = 'input_picture' AND (o.grade <> 'generated' OR b.grade = 'camera')
    AND NOT EXISTS (SELECT 1 FROM upstream e WHERE e.source = t.a AND e.target = t.b AND e.edge = 'derived_from')
  UNION ALL
  SELECT e.target, 'made-from', 'input of ' || e.source || ': ' || e.reason FROM upstream e
  JOIN origins o ON o.sha256 = e.source
  JOIN origins b ON b.sha256 = e.target
  WHERE e.edge = 'derived_from' AND (o.grade <> 'generated' OR b.grade = 'camera')
  UNION ALL SELECT a, 'sensor', b || ', ' || value FROM ties WHERE reason = 'sensor'
  UNION ALL SELECT source, 'upload', 'it lies in a folder from which another device fetched pictures' FROM upstream
    WHERE source_kind = 'upload' AND edge = 'found_on'
  UNION ALL SELECT e.target, 'upload', 'near the upload ' || e.source FROM upstream e
    WHERE e.source_kind = 'upload' AND e.target_kind <> 'upload' AND e.edge = 'near_duplicate'
  UNION ALL SELECT e.source, 'upload', 'near the upload ' || e.target FROM upstream e
    WHERE e.target_kind = 'upload' AND e.source_kind <> 'upload' AND e.edge = 'near_duplicate'
) GROUP BY sha256, reason ORDER BY sha256, reason
"""
_RANKED = """
SELECT row_number() OVER (
    ORDER BY p.tier, s.relevance DESC NULLS LAST, p.copies DESC, p.sha256
  ) AS rank, p.sha256, p.tier, p.reason, p.place, s.relevance
FROM placed p LEFT JOIN scores s ON s.sha256 = p.sha256
ORDER BY rank
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Queued:
    """What ordering the queue came to. is_new: whether anything had to be ordered again."""

    pictures: int
    is_new: bool


def order_queue(workspace: Workspace, listener: Listener) -> Queued:
    """Order all pictures of the last trace, as far as origins, scores or the rule changed since; sealed."""
    digest = digest_of([_inputs(workspace), RULE, code_digest("headwater.steps.queue")])
    done = [*workspace.recorded(QUEUED)]
    if done and done[-1]["inputs_digest"] == digest:
        return Queued(pictures=int(done[-1]["pictures"]), is_new=False)
    folder = operation_folder(workspace.findings_folder, digest_of([len(done), digest])[:16])
    workspace.record(QUEUE_BEGUN, {"folder": custody_name(folder), "inputs_digest": digest})
    listener.begin("queue")
    with PartStore(folder, workspace.custody) as store:
        pictures = _commit_all(workspace, store, listener)
        if _WHOLE not in store.committed():
            rows = Rows()
            rows.add("queues", {"inputs_digest": digest, "pictures": pictures, "queued_at": datetime.now(UTC)})
            store.commit(_WHOLE, rows.tables())
        sealed = store.seal()
    workspace.record(
        QUEUED, {"folder": custody_name(folder), "digest": sealed, "pictures": pictures, "inputs_digest": digest}
    )
    workspace.checkpoint()
    listener.end()
    return Queued(pictures=pictures, is_new=True)


def _inputs(workspace: Workspace) -> Json:
    """What the order depends on: the trace and the matching that count, and the scores that were taken in."""
    last = [body["digest"] for kind in (TRACED, MATCHED, ATTRIBUTED) for body in [*workspace.recorded(kind)][-1:]]
    return [*last, *sorted(body["sha256"] for body in workspace.recorded(RELEVANCE_ADDED))]


def _commit_all(workspace: Workspace, store: PartStore, listener: Listener) -> int:
    count = 0
    committed = store.committed()
    with closing(connect(workspace.folder)) as connection:
        for number, table in enumerate(queue_rows(connection)):
            unit = f"queue-{number:06d}"
            count += table.num_rows
            if unit not in committed:
                store.commit(unit, {"queue": table})
            listener.more(table.num_rows)
            listener.tick()
    return count


def queue_rows(connection: duckdb.DuckDBPyConnection) -> Iterator[pa.Table]:
    """Tables of the schema QUEUE, in the order of their ranks; a few thousand rows are in memory at a time.

    `connection` has the views of findings.views over origins and ties that are whole.
    """
    for statement in (_BODIES, _DAYS, _SCORES, _TRAINED, _KNOWN):
        connection.execute(statement)
    rolls = _rolls(connection)
    _place_all(connection, rolls)
    (total,) = connection.execute("SELECT count(*) FROM placed").fetchall()[0]
    for batch in connection.sql(_RANKED).to_arrow_reader(_BATCH_ROWS):
        rows = batch.to_pylist()
        for row in rows:
            row["control_at"] = control_place(row["rank"], total, CONTROL_EVERY)
        yield pa.Table.from_pylist(rows, QUEUE)


def _rolls(connection: duckdb.DuckDBPyConnection) -> Rolls:
    rolls = Rolls()
    for row in _stream(connection, _PLACED):
        rolls.add(_occurrence(row))
    return rolls


def _place_all(connection: duckdb.DuckDBPyConnection, rolls: Rolls) -> None:
    connection.execute(
        "CREATE OR REPLACE TABLE placed (sha256 VARCHAR, tier INTEGER, reason VARCHAR, place VARCHAR, copies BIGINT)"
    )
    waiting: list[dict[str, Any]] = []
    for row in chain(_placed(connection, rolls), inner_rows(connection), unread_rows(connection)):
        waiting.append(row)
        if len(waiting) >= _BATCH_ROWS:
            _insert(connection, waiting)
            waiting = []
    _insert(connection, waiting)


def _insert(connection: duckdb.DuckDBPyConnection, rows: list[dict[str, Any]]) -> None:
    if rows:
        connection.from_arrow(pa.Table.from_pylist(rows)).insert_into("placed")


def _placed(connection: duckdb.DuckDBPyConnection, rolls: Rolls) -> Iterator[dict[str, Any]]:
    ties = groupby(_stream(connection, _TIED), key=lambda row: str(row["sha256"]))
    at = next(ties, None)
    for sha256, group in groupby(_stream(connection, _PLACED), key=lambda row: str(row["sha256"])):
        rows = list(group)
        while at is not None and at[0] < sha256:
            at = next(ties, None)
        tied = {row["reason"]: row["words"] for row in at[1]} if at is not None and at[0] == sha256 else {}
        in_roll = all(rolls.holds(_occurrence(row)) for row in rows)
        standing = Standing(
            grade=rows[0]["grade"],
            is_weak=rows[0]["strength"] == _WEAKEST,
            place=_place(rows, in_roll=in_roll),
            in_roll=in_roll,
            source=_first(tied, _SOURCE_TIES),
            tie="" if in_roll else _first(tied, _STANDING_TIES),
            known=visible(rows[0]["known"] or ""),
            harmless=visible(rows[0]["harmless"] or ""),
            open_series=visible(rows[0]["open_series"] or ""),
        )
        tier, reason = tier_of(standing)
        yield {"sha256": sha256, "tier": tier, "reason": reason, "place": standing.place, "copies": len(rows)}


def _first(tied: dict[str, str], reasons: tuple[str, ...]) -> str:
    return next((f"{reason}: {tied[reason]}" for reason in reasons if reason in tied), "")


def _place(rows: list[dict[str, Any]], *, in_roll: bool) -> str:
    """Where it lies, for people."""
    first = rows[0]
    more = f" and {len(rows) - 1} more" if len(rows) > 1 else ""
    gone = "" if first["allocation"] == "allocated" else f", {first['allocation']}"
    return f"{visible(first['exhibit'])} {first['path']}{gone}{more}{', in the camera roll' * in_roll}"


def _occurrence(row: dict[str, Any]) -> Occurrence:
    layers = parse_locator(row["locator"]).layers
    body = Body(make=row["make"], model=row["model"] or "", serial=row["serial"] or "") if row["make"] else None
    return Occurrence(
        exhibit=row["exhibit"],
        path=layers[-1].name,
        allocated=row["allocation"] == "allocated",
        inside=_is_inside(layers),
        body=body,
        day=row["day"] or "",
        of_a_generator=row["grade"] == "generated" or row["is_trained_on"],
    )


def _is_inside(layers: Sequence[Layer]) -> bool:
    """Whether it lies in an archive or image that is a file of the exhibit; a packed tar is one archive."""
    return any(
        layer.kind in _PACKED or (layer.kind in _HOLDING and before.kind not in _PACKED)
        for before, layer in pairwise(layers)
    )


def _stream(connection: duckdb.DuckDBPyConnection, query: str) -> Iterator[dict[str, Any]]:
    for batch in connection.cursor().sql(query).to_arrow_reader(_BATCH_ROWS):
        yield from batch.to_pylist()
