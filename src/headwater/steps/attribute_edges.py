"""The edges that hold between contents, made by joins over the sealed tables: few rows are in Python at a time."""

from collections.abc import Iterator
from itertools import islice
from os.path import commonpath

import duckdb
import pyarrow as pa

from headwater.attribute.edges import STRENGTHS, Edge
from headwater.findings.schema import UPSTREAM

_BATCH = 20_000
_SERVED_MIN = 3  # files that another device fetched, before a folder is said to have served them
# DCIM at the root of a volume, or of a phone's shared storage: elsewhere it may be the copy of another device's.
_ROLL = (
    r"^([^/]+/)?((storage/emulated/0|data/media/0|sdcard|media/0|[Ii]nternal storage|[Pp]hone"
    r"|(private/)?var/mobile/Media)/)?DCIM/"
)
_ROLL_MIN = 8  # pictures of one camera in a device's DCIM before it is said to be that device's
_TABLES = """
CREATE OR REPLACE TABLE pictures AS
SELECT o.sha256, o.grade, coalesce(g."group", o.sha256) AS look,
  k.sha256 IS NOT NULL AS made
FROM origins o LEFT JOIN (SELECT sha256, "group" FROM groups WHERE kind = 'visual') g ON g.sha256 = o.sha256
LEFT JOIN (SELECT DISTINCT sha256 FROM keys_now WHERE claim IN ('generator.record', 'camera.coherence')) k
  ON k.sha256 = o.sha256;
CREATE OR REPLACE TABLE places AS
SELECT i.sha256, i.exhibit, i.item, i.path, i.allocation, i.modified,
  regexp_extract(i.path, '[^/]*$') AS name,
  regexp_replace(i.path, '/?[^/]*$', '') AS dir,
  regexp_extract(i.path, '([^/]*)/[^/]*$', 1) AS last,
  w.is_picture
FROM items i JOIN (
  SELECT sha256, bool_or(is_picture) AS is_picture FROM (
    SELECT sha256, true AS is_picture FROM pictures
    UNION ALL SELECT DISTINCT sha256, false FROM keys_now WHERE claim NOT IN ('generator.record', 'generator.prompt')
    UNION ALL SELECT sha256, false FROM models
  ) GROUP BY sha256
) w ON w.sha256 = i.sha256 WHERE i.kind IN ('file', 'stream');
CREATE OR REPLACE TABLE held AS
SELECT sha256, exhibit, arg_min(item, path) AS item, min(path) AS path, min(modified) AS first_seen, count(*) AS copies
FROM places GROUP BY sha256, exhibit;
CREATE OR REPLACE TABLE edges (
  source VARCHAR, target VARCHAR, edge VARCHAR, strength VARCHAR, reason VARCHAR, source_kind VARCHAR,
  target_kind VARCHAR, directed BOOLEAN, findings VARCHAR[]
);
"""
_MADE_BY = """
INSERT INTO edges
WITH named AS (
  SELECT sha256, value, list(DISTINCT finding ORDER BY finding) AS findings FROM keys_now
  WHERE kind IN ('model', 'lora') GROUP BY sha256, value
), anywhere AS (
  SELECT n.sha256, r.model, r.strength, r.reason, n.findings FROM named n JOIN resolved r USING (value)
  WHERE r.exhibit = ''
), here AS (
  SELECT n.sha256, r.model, r.strength, r.reason, n.findings, n.value FROM named n JOIN resolved r USING (value)
  JOIN held h ON h.sha256 = n.sha256 AND h.exhibit = r.exhibit
), elsewhere AS (
  SELECT n.sha256, r.model, r.strength, r.reason, n.findings FROM named n JOIN resolved r USING (value)
  ANTI JOIN here h ON h.sha256 = n.sha256 AND h.value = n.value
  WHERE r.exhibit = '*'
)
SELECT sha256, model, 'made_by', min_by(strength, rank), min_by(reason, rank), 'picture', 'model', true,
  list_sort(list_distinct(flatten(list(findings))))
FROM (SELECT * FROM anywhere UNION ALL SELECT * EXCLUDE (value) FROM here UNION ALL SELECT * FROM elsewhere)
JOIN strengths USING (strength) SEMI JOIN pictures USING (sha256) GROUP BY sha256, model
"""
_RAN = """
INSERT INTO edges
SELECT k.sha256, 'workflow:' || k.value, 'ran', 'declared',
  'the record in the file: ' || coalesce(json_extract_string(any_value(k.detail), '$.what'), ''), 'picture', 'workflow',
  true, list(DISTINCT k.finding ORDER BY k.finding)
FROM keys_now k SEMI JOIN pictures p USING (sha256) WHERE k.kind = 'workflow' GROUP BY k.sha256, k.value
"""
# A picture without a record of its own, which a program's log on the same exhibit lists under a name that no other has.
_LISTED = """
CREATE OR REPLACE TABLE listed AS
WITH unread AS (
  SELECT p.exhibit, p.name, min(p.sha256) AS sha256 FROM places p
  JOIN pictures q USING (sha256) WHERE p.is_picture GROUP BY p.exhibit, p.name HAVING count(DISTINCT p.sha256) = 1
)
SELECT DISTINCT u.sha256, u.name, l.exhibit, l.sha256 AS log, l.path AS log_path
FROM keys_now k JOIN held l USING (sha256) JOIN unread u ON u.exhibit = l.exhibit AND u.name = k.value
WHERE k.kind = 'logged'
  AND u.sha256 NOT IN (SELECT sha256 FROM keys_now WHERE claim = 'generator.record')
"""
_MADE_BY_LOG = """
INSERT INTO edges
SELECT l.sha256, r.model, 'made_by',
  min_by(CASE WHEN r.strength = 'corroborated' THEN 'declared' ELSE r.strength END, s.rank),
  'the log ' || min(l.log_path) || ' on the same exhibit lists ' || min(l.name) || '; ' || min_by(r.reason, s.rank),
  'picture', 'model', true, list(DISTINCT k.finding ORDER BY k.finding)
FROM listed l JOIN keys_now k ON k.sha256 = l.log AND k.kind = 'logged_model'
  AND json_extract_string(k.detail, '$.output') = l.name
JOIN resolved r ON r.value = k.value AND r.exhibit IN ('', l.exhibit) JOIN strengths s ON s.strength = r.strength
GROUP BY l.sha256, r.model
"""
_RAN_BY_LOG = """
INSERT INTO edges
SELECT l.sha256, 'workflow:' || k.value, 'ran', 'declared', 'the log ' || min(l.log_path) || ' lists it: ' ||
  coalesce(json_extract_string(any_value(k.detail), '$.what'), ''), 'picture', 'workflow', true,
  list(DISTINCT k.finding ORDER BY k.finding)
FROM listed l JOIN keys_now k ON k.sha256 = l.log AND k.kind = 'logged_workflow'
  AND json_extract_string(k.detail, '$.output') = l.name
GROUP BY l.sha256, k.value
"""
_RECORDED_BY_LOG = """
INSERT INTO edges
SELECT l.sha256, 'exhibit:' || l.exhibit, 'recorded_on', 'consistent',
  'the log ' || min(l.log_path) || ' lists a picture of its name (' || min(l.name) || ')', 'picture', 'device', true, []
FROM listed l GROUP BY l.sha256, l.exhibit
"""
_SAVED = """
INSERT INTO edges
SELECT 'workflow:' || k.value, 'exhibit:' || h.exhibit, 'found_on', 'verified',
  'saved by ' || json_extract_string(any_value(k.detail), '$.program') || ': ' || min(h.path),
  'workflow', 'device', true, list(DISTINCT k.finding ORDER BY k.finding)
FROM keys_now k JOIN held h USING (sha256) WHERE k.kind = 'saved_workflow' GROUP BY k.value, h.exhibit
"""
# What the trace found of input pictures, by digest, name or look; then parts that weigh nothing there: masks and faces.
_DERIVED = """
INSERT INTO edges
WITH told AS (
  SELECT t.a, t.b, max(coalesce(json_extract_string(k.detail, '$.sha256'), '') = t.b) AS by_digest,
    max(h.name = k.value) AS by_name,
    coalesce(min(json_extract_string(k.detail, '$.role')) FILTER (h.name = k.value
      AND json_extract_string(k.detail, '$.role') <> 'image'), 'input picture') AS role,
    list(DISTINCT k.finding ORDER BY k.finding) AS findings
  FROM (SELECT DISTINCT a, b FROM part_ties
    WHERE set_number = (SELECT max(set_number) FROM part_traces) AND reason = 'input_picture') t
  LEFT JOIN keys_now k ON k.sha256 = t.a AND k.kind = 'input'
  LEFT JOIN places h ON h.sha256 = t.b AND h.name = k.value GROUP BY t.a, t.b
)
SELECT a, b, 'derived_from',
  CASE WHEN by_digest THEN 'corroborated' WHEN by_name AND alike = 1 THEN 'declared' ELSE 'consistent' END,
  CASE WHEN by_digest THEN 'its record gives the digest of its ' || role
    WHEN by_name THEN 'its record names it as its ' || role ||
      CASE WHEN alike > 1 THEN '; one of ' || alike || ' of that name' ELSE '' END
    ELSE 'its record tells of an input picture without a name; this one looks like it' ||
      CASE WHEN alike > 1 THEN '; one of ' || alike || ' that do' ELSE '' END END,
  'picture', 'picture', true, findings
FROM (SELECT *, count(*) OVER (PARTITION BY a) AS alike FROM told)
"""
_OTHER_INPUTS = """
INSERT INTO edges
WITH named AS (
  SELECT k.sha256, k.value, json_extract_string(k.detail, '$.role') AS role, h.exhibit, k.finding FROM keys_now k
  JOIN held h USING (sha256)
  WHERE k.kind = 'input' AND json_extract_string(k.detail, '$.role') IN ('mask', 'control', 'face')
), found AS (
  SELECT DISTINCT n.sha256, p.sha256 AS target, n.role, n.value, n.finding FROM named n
  JOIN places p ON p.exhibit = n.exhibit AND p.name = n.value
  SEMI JOIN (SELECT exhibit, name FROM places WHERE is_picture GROUP BY exhibit, name
    HAVING count(DISTINCT sha256) <= 20) few ON few.exhibit = p.exhibit AND few.name = p.name
  WHERE p.is_picture AND p.sha256 <> n.sha256
)
SELECT f.sha256, f.target, 'derived_from', CASE WHEN count(*) OVER (PARTITION BY f.sha256, f.value) = 1 THEN 'declared'
    ELSE 'consistent' END,
  'its record names it as its ' || f.role || ' (' || f.value || ')', 'picture', 'picture', true, [f.finding]
FROM found f ANTI JOIN edges e ON e.source = f.sha256 AND e.target = f.target AND e.edge = 'derived_from'
"""
_RECORDED = """
INSERT INTO edges
SELECT t.a, 'exhibit:' || h.exhibit, 'recorded_on',
  CASE WHEN max(t.reason = 'same_record') THEN 'corroborated' ELSE 'declared' END,
  'name, seed and prompt stand in ' || min(h.path) || ' (' || any_value(t.value) || ')', 'picture', 'device', true, []
FROM part_ties t JOIN held h ON h.sha256 = t.b
WHERE t.set_number = (SELECT max(set_number) FROM part_traces) AND t.reason IN ('same_record', 'same_writer')
GROUP BY t.a, h.exhibit
"""
# A browser's download whose address ends in the name that the same content has on another exhibit. Where the address is
# not kept, only a name that no person gives, of 16 hexadecimal digits or more, says as much.
_FETCHED = """
CREATE OR REPLACE TABLE fetched AS
WITH told AS (
  SELECT sha256, value, finding, coalesce(json_extract_string(detail, '$.at'), '') AS moment,
    coalesce(json_extract_string(detail, '$.url_host'), '') AS host,
    coalesce(regexp_extract(json_extract_string(detail, '$.url'), '([^/?#]+)(?:[?#].*)?$', 1), '') AS address
  FROM keys_now WHERE kind = 'download'
)
SELECT DISTINCT here.item AS item, there.item AS served_item, here.sha256, here.exhibit, there.exhibit AS server,
  there.dir AS dir, t.moment, t.host, t.finding
FROM told t JOIN held h ON h.sha256 = t.sha256
JOIN places here ON here.exhibit = h.exhibit AND here.name = t.value AND here.is_picture
JOIN places there ON there.sha256 = here.sha256 AND there.exhibit <> here.exhibit
WHERE there.name = t.address
  OR (t.address = '' AND there.name = t.value AND regexp_matches(t.value, '[0-9a-f]{16}'))
"""
_SERVED = """
SELECT server, list(DISTINCT dir ORDER BY dir), list(DISTINCT exhibit ORDER BY exhibit), count(DISTINCT sha256)
FROM fetched GROUP BY server HAVING count(DISTINCT sha256) >= ? ORDER BY server
"""
_COPIES = """
INSERT INTO edges
SELECT 'item:' || item, 'item:' || served_item, 'exact_copy', 'corroborated',
  'the same content; the browser on exhibit ' || exhibit || ' records that it was fetched from ' || min(host)
  || ' ' || min(moment) || ', under the name that it has on exhibit ' || server,
  'item', 'item', true, list(DISTINCT finding ORDER BY finding)
FROM fetched GROUP BY item, served_item, exhibit, server;
INSERT INTO edges
WITH pictured AS (SELECT h.* FROM held h SEMI JOIN pictures USING (sha256)), firsts AS (
  SELECT sha256, min(exhibit) AS first, arg_min(item, exhibit) AS item FROM pictured
  GROUP BY sha256 HAVING count(*) > 1
)
SELECT 'item:' || h.item, 'item:' || f.item, 'exact_copy', 'verified',
  'the same content on exhibits ' || h.exhibit || ' and ' || f.first || '; which came first is open', 'item', 'item',
  false, []
FROM firsts f JOIN pictured h ON h.sha256 = f.sha256 AND h.exhibit <> f.first
ANTI JOIN fetched d ON d.sha256 = f.sha256 AND d.exhibit IN (h.exhibit, f.first) AND d.server IN (h.exhibit, f.first)
"""
_UPLOADS = """
CREATE OR REPLACE TABLE uploads AS
SELECT DISTINCT p.sha256, p.exhibit FROM places p JOIN served s ON s.exhibit = p.exhibit
  AND (p.dir = s.root OR starts_with(p.dir, s.root || '/')) WHERE p.is_picture
"""
# A serial number in the Exif of a device's own roll, and the same in another picture: anyone can write it there.
_TAKEN = """
INSERT INTO edges
WITH bodies AS (
  SELECT DISTINCT k.value, p.exhibit, p.sha256 FROM keys_now k JOIN places p USING (sha256)
  WHERE k.kind = 'body' AND p.allocation = 'allocated' AND regexp_matches(p.path, $roll)
), owned AS (
  SELECT value, min(exhibit) AS exhibit, sum(n) AS n FROM (
    SELECT value, exhibit, count(*) AS n FROM bodies GROUP BY ALL HAVING count(*) >= $least
  ) GROUP BY value HAVING count(*) = 1
)
SELECT k.sha256, 'exhibit:' || o.exhibit, 'taken_by', 'declared',
  'its Exif names ' || k.value || ', as ' || o.n || ' pictures in the camera folder of that device do', 'picture',
  'device', true, list(DISTINCT k.finding ORDER BY k.finding)
FROM keys_now k JOIN owned o USING (value) SEMI JOIN pictures USING (sha256) WHERE k.kind = 'body'
GROUP BY k.sha256, k.value, o.exhibit, o.n
"""
_SENSED = """
INSERT INTO edges
SELECT k.sha256, 'camera:' || k.value, 'taken_by', ?,
  'the pattern of that sensor is in its pixels (PCE ' ||
    coalesce(json_extract_string(any_value(k.detail), '$.pce'), '?') || ')',
  'picture', 'camera', true, list(DISTINCT k.finding ORDER BY k.finding)
FROM keys_now k SEMI JOIN pictures USING (sha256)
WHERE k.kind = 'sensor' AND json_extract_string(k.detail, '$.pattern_sha256') IN (SELECT pattern FROM patterns_now)
GROUP BY k.sha256, k.value
"""
_FOUND_ON = """
INSERT INTO edges
SELECT h.sha256, 'exhibit:' || h.exhibit, 'found_on', 'verified',
  h.path || CASE WHEN h.copies > 1 THEN ' and ' || (h.copies - 1) || ' more' ELSE '' END,
  CASE WHEN h.sha256 IN (SELECT sha256 FROM models) THEN 'model' ELSE 'picture' END, 'device', true, []
FROM held h WHERE h.sha256 IN (
  SELECT sha256 FROM models UNION SELECT sha256 FROM uploads
  UNION SELECT sha256 FROM held SEMI JOIN pictures USING (sha256) GROUP BY sha256 HAVING count(*) > 1
) OR h.sha256 IN (
  SELECT source FROM edges WHERE source_kind = 'picture' UNION SELECT target FROM edges WHERE target_kind = 'picture'
)
"""
_MARK_UPLOADS = """
UPDATE edges SET source_kind = 'upload' WHERE source_kind = 'picture' AND source IN (SELECT sha256 FROM uploads);
UPDATE edges SET target_kind = 'upload' WHERE target_kind = 'picture' AND target IN (SELECT sha256 FROM uploads)
"""


_JOINS = (
    _MADE_BY, _RAN, _LISTED, _MADE_BY_LOG, _RAN_BY_LOG, _RECORDED_BY_LOG, _SAVED, _DERIVED, _OTHER_INPUTS, _RECORDED,
    _FETCHED, _COPIES,
)  # fmt: skip


def prepare_edges(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the tables that edges are made of: `pictures`, `places`, `held`, and the empty `edges`."""
    connection.execute(_TABLES)
    connection.execute("CREATE OR REPLACE TABLE strengths (strength VARCHAR, rank INTEGER)")
    connection.executemany("INSERT INTO strengths VALUES (?, ?)", [(one, rank) for rank, one in enumerate(STRENGTHS)])


def join_edges(connection: duckdb.DuckDBPyConnection, patterns: list[str], *, sensor_validated: bool) -> None:
    """Add the edges that joins give. `resolved` is there, and so are the tables of `prepare_edges`."""
    connection.execute("CREATE OR REPLACE TABLE patterns_now (pattern VARCHAR)")
    for pattern in patterns:
        connection.execute("INSERT INTO patterns_now VALUES (?)", [pattern])
    for statement in _JOINS:
        connection.execute(statement)
    connection.execute(_TAKEN, {"least": _ROLL_MIN, "roll": _ROLL})
    connection.execute(_SENSED, ["corroborated" if sensor_validated else "consistent"])
    connection.execute("CREATE OR REPLACE TABLE served (exhibit VARCHAR, root VARCHAR)")
    for server, folders, *_ in connection.execute(_SERVED, [_SERVED_MIN]).fetchall():
        for root in _roots(folders):
            connection.execute("INSERT INTO served VALUES (?, ?)", [server, root])
    connection.execute(_UPLOADS)


def _roots(folders: list[str]) -> list[str]:
    """The folder that holds all of them; each of them where that would be a whole exhibit, or nearly."""
    common = commonpath([f"/{each}" for each in folders]).removeprefix("/")
    return [common] if common.count("/") else folders


def close_edges(connection: duckdb.DuckDBPyConnection) -> None:
    """Add where everything was found, and tell uploads from other pictures."""
    connection.execute(_FOUND_ON)
    connection.execute(_MARK_UPLOADS)


def add_edges(connection: duckdb.DuckDBPyConnection, edges: Iterator[Edge]) -> None:
    """Add edges that were made one by one."""
    while batch := [*islice(edges, _BATCH)]:
        rows = {name: [getattr(one, name) for one in batch] for name in UPSTREAM.names}
        rows["findings"] = [list(each) for each in rows["findings"]]
        connection.from_arrow(pa.table(rows, schema=UPSTREAM)).insert_into("edges")
