"""DuckDB views over the committed parts, in a connection that can reach nothing else.

DuckDB takes its input for trustworthy, so it is only ever given parts that we wrote and that commits.jsonl lists. The
settings are those of the threat model, in the order in which they lock.
"""

import stat
from collections.abc import Collection, Iterator, Sequence
from functools import reduce
from pathlib import Path

import duckdb
import pyarrow as pa

from headwater.findings.parts import COMMITS, begun_at, committed_files
from headwater.findings.schema import SCHEMAS
from headwater.model.errors import DoesNotVerify, WrongUse
from headwater.model.visible import visible

VIEWS = (
    "exhibits",
    "sources",
    "items",
    "media",
    "findings",
    "failures",
    "matches",
    "groups",
    "origins",
    "models",
    "ties",
    "upstream",
    "hands",
    "contradictions",
    "queue",
    "relevance",
)
_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "python_enable_replacements": "false",
}
_MEMORY = "256MB"
_SOURCES = """
SELECT * EXCLUDE (set_number, exhibit_folder) FROM part_sources
QUALIFY row_number() OVER (PARTITION BY exhibit, source ORDER BY set_number DESC) = 1
"""
_ITEMS = """
SELECT i.item, i.exhibit, i.source, i.locator, i.path, i.size_bytes, c.md5, c.sha1, c.sha256, c.media_type,
  i.allocation, c.damaged, i.created, i.modified, i.accessed, i.changed, i.kind, i.parent_item, i.inode, i.times_zone,
  i.note, c.extension_disagrees, c.bytes_read, c.damaged_ranges, i.raw_path
FROM one_items i LEFT JOIN one_contents c ON c.item = i.item
"""
_FINDINGS = """
SELECT finding, sha256, examiner, version, claim, value, state, spans, reason,
  * EXCLUDE (finding, sha256, examiner, version, claim, value, state, spans, reason, set_number,
    exhibit_folder)
FROM part_findings
"""
_EARLIEST = """
QUALIFY row_number() OVER (PARTITION BY finding, sha256, examiner, claim, state ORDER BY examined_at) = 1
"""
_MEDIA = """
SELECT c.sha256, c.media_type, f.width_pixels, f.height_pixels, f.pdq, f.pdq_quality, c.occurrences
FROM (SELECT sha256, any_value(media_type) AS media_type, count(*) AS occurrences FROM one_contents GROUP BY sha256) c
LEFT JOIN (
  SELECT sha256,
    try_cast(arg_max(value, examined_at) FILTER (claim = 'picture.width_pixels') AS BIGINT) AS width_pixels,
    try_cast(arg_max(value, examined_at) FILTER (claim = 'picture.height_pixels') AS BIGINT) AS height_pixels,
    arg_max(value, examined_at) FILTER (claim = 'perceptual.pdq') AS pdq,
    try_cast(arg_max(value, examined_at) FILTER (claim = 'perceptual.pdq_quality') AS BIGINT) AS pdq_quality
  FROM part_findings
  WHERE state = 'found' AND claim IN
    ('picture.width_pixels', 'picture.height_pixels', 'perceptual.pdq', 'perceptual.pdq_quality')
  GROUP BY sha256
) f ON f.sha256 = c.sha256
"""
_EXHIBITS = """
SELECT s.exhibit, s.sources, coalesce(i.items, 0) AS items, s.size_bytes
FROM (SELECT exhibit, count(*) AS sources, sum(size_bytes)::BIGINT AS size_bytes FROM sources GROUP BY exhibit) s
LEFT JOIN (SELECT exhibit, count(*) AS items FROM one_items GROUP BY exhibit) i ON i.exhibit = s.exhibit
"""
_FAILURES = "SELECT DISTINCT item, path, examiner, kind, message, sha256, exhibit FROM part_failures"
_OF_LAST_TRACE = "WHERE set_number = (SELECT max(set_number) FROM part_traces)"  # the last that came to its end
_ORIGINS = f"""
SELECT sha256, grade, strength, rule, g, e, c, k, f, reasons, signals,
  * EXCLUDE (sha256, grade, strength, rule, g, e, c, k, f, reasons, signals, set_number, exhibit_folder)
FROM part_origins {_OF_LAST_TRACE}
"""  # noqa: S608 - no value of anybody's is in it
_OF_LAST_ATTRIBUTION = "WHERE set_number = (SELECT max(set_number) FROM part_attributions)"
_TIES = """
SELECT * EXCLUDE (set_number, exhibit_folder) FROM part_ties
WHERE set_number IN (
  SELECT max(set_number) FROM part_traces UNION ALL SELECT max(set_number) FROM part_attributions
)
"""
_LAST_ATTRIBUTED = f"SELECT * EXCLUDE (set_number, exhibit_folder) FROM part_{{table}} {_OF_LAST_ATTRIBUTION}"  # noqa: S608 - likewise
# A pickle of no known use is no model: programs keep pickles of all kinds.
_MODELS = """
WITH headers AS (
  SELECT sha256, arg_max(value, examined_at) AS header FROM part_findings
  WHERE claim = 'model.header' AND state = 'found' GROUP BY sha256
), hashes AS (
  SELECT sha256, arg_max(value, examined_at) AS hashes FROM part_findings
  WHERE claim = 'model.hashes' AND state = 'found' GROUP BY sha256
), code AS (
  SELECT sha256, CAST(sum(CAST(json_extract(value, '$.calls') AS BIGINT)) AS BIGINT) AS calls FROM part_findings
  WHERE claim = 'model.code' AND state = 'found' GROUP BY sha256
), placed AS (
  SELECT sha256, list(exhibit || ' ' || path ORDER BY exhibit, path) AS places,
    arg_min(path, exhibit || path) AS path, any_value(media_type) AS media_type,
    any_value(size_bytes) AS size_bytes, list(DISTINCT exhibit ORDER BY exhibit) AS exhibits
  FROM items WHERE sha256 IN (SELECT sha256 FROM hashes) GROUP BY sha256
)
SELECT p.sha256, p.path, coalesce(json_extract_string(h.header, '$.kind'), 'unread') AS kind,
  list_filter([
    'autov2 ' || json_extract_string(s.hashes, '$.autov2'), 'autov3 ' || json_extract_string(s.hashes, '$.autov3'),
    'legacy8 ' || json_extract_string(s.hashes, '$.legacy8'), 'blake3 ' || json_extract_string(s.hashes, '$.blake3'),
    'crc32 ' || json_extract_string(s.hashes, '$.crc32')
  ], lambda x: x IS NOT NULL) AS short_hashes,
  coalesce(json_extract_string(h.header, '$.base.name'), json_extract_string(h.header, '$.architecture'), '')
    AS base_model,
  coalesce(list_transform(
    CAST(json_extract(h.header, '$.training_folders') AS JSON[]), lambda x: json_extract_string(x, '$.name')
  ), []) AS training_folders,
  json_extract_string(h.header, '$.format') AS format, json_extract_string(h.header, '$.name') AS name,
  p.size_bytes, CAST(json_extract(h.header, '$.parameters') AS BIGINT) AS parameters,
  json_extract_string(h.header, '$.training.started') AS training_started,
  json_extract_string(h.header, '$.training.finished') AS training_finished,
  json_extract_string(h.header, '$.training.session_id') AS training_session,
  c.calls AS pickle_calls,
  replace(nullif(regexp_extract(array_to_string(p.places, chr(10)), 'models--([^/\n]+)/', 1), ''), '--', '/')
    AS repository,
  p.places, p.exhibits
FROM placed p JOIN hashes s ON s.sha256 = p.sha256 LEFT JOIN headers h ON h.sha256 = p.sha256
LEFT JOIN code c ON c.sha256 = p.sha256
WHERE p.media_type NOT IN ('application/x-python-pickle', 'application/x-npy', 'application/octet-stream')
  OR coalesce(json_extract_string(h.header, '$.kind'), 'other') <> 'other'
"""
_QUEUE = """
SELECT rank, sha256, reason, tier, place, relevance, control_at FROM part_queue
WHERE set_number = (SELECT max(set_number) FROM part_queues)
"""
_RELEVANCE = "SELECT name, kind, digest, score, line FROM part_relevance"
# Matching and grouping go on from where they were: all folders of the last lineage count, if they came to their end.
_OF_LAST_MATCHING = """
WHERE set_number IN (
  SELECT set_number FROM part_matchings
  WHERE lineage = (SELECT arg_max(lineage, set_number) FROM part_matchings)
)
"""
_MATCHES = f"""
SELECT sha256, "set", record, kind, distance_bits, variant, category, scheme,
  * EXCLUDE (sha256, "set", record, kind, distance_bits, variant, category, scheme, set_number, exhibit_folder)
FROM part_matches {_OF_LAST_MATCHING}
"""  # noqa: S608 - no value of anybody's is in it
_GROUPS = """
SELECT "group", kind, sha256, distance_bits, variant, is_medoid, rule FROM part_groups
WHERE set_number IN (
  SELECT set_number FROM part_groupings
  WHERE lineage = (SELECT arg_max(lineage, set_number) FROM part_groupings)
)
QUALIFY row_number() OVER (
  PARTITION BY kind, sha256, CASE WHEN kind = 'frame' THEN "group" END ORDER BY set_number DESC
) = 1
"""
_ONE_ITEMS = "SELECT * FROM part_items"
_ONE_CONTENTS = "SELECT * FROM part_contents"
_FILE_ITEMS = "SELECT * FROM one_items WHERE kind <> 'embedded'"  # files, without the pictures inside pictures
_FILE_CONTENTS = """
SELECT * FROM one_contents ANTI JOIN (SELECT item FROM one_items WHERE kind = 'embedded') USING (item)
"""
_NEWEST = " QUALIFY row_number() OVER (PARTITION BY item ORDER BY set_number DESC) = 1"


def connect(operation: Path, memory: str = "") -> duckdb.DuckDBPyConnection:
    """Open a connection with the VIEWS over what is committed now; no parts give empty views of the same columns.

    It reads the findings folder of this operation and nothing else: no other path, no network, no extension. memory:
    what it may hold, in DuckDB's spelling; what goes beyond is spilled to disk.
    Raises DoesNotVerify where a commits.jsonl is broken or a committed part is not there.
    """
    findings = (operation / "findings").absolute()
    sets = _examiner_sets(findings)
    connection = duckdb.connect(":memory:", config=_CONFIG)
    _lock_down(connection, findings, memory or _MEMORY)
    for table, schema in SCHEMAS.items():
        parts = [[path for path in files if path.stem.endswith(f"-{table}")] for files in sets]
        _part_view(connection, table, schema, parts)
    repeated = _repeated(sets, "items"), _repeated(sets, "contents")
    examined_twice = len({path.parent.name for files in sets for path in files if path.stem.endswith("-findings")}) > 1
    views = {
        "one_items": _ONE_ITEMS + _NEWEST * repeated[0],
        "one_contents": _ONE_CONTENTS + _NEWEST * repeated[1],
        "file_items": _FILE_ITEMS,
        "file_contents": _FILE_CONTENTS,
        "sources": _SOURCES,
        "exhibits": _EXHIBITS,
        "items": _ITEMS,
        "media": _MEDIA,
        "findings": _FINDINGS + _EARLIEST * examined_twice,
        "failures": _FAILURES,
        "matches": _MATCHES,
        "groups": _GROUPS,
        "origins": _ORIGINS,
        "models": _MODELS,
        "ties": _TIES,
        **{table: _LAST_ATTRIBUTED.format(table=table) for table in ("upstream", "hands", "contradictions")},
        "queue": _QUEUE,
        "relevance": _RELEVANCE,
    }
    for name, query in views.items():
        connection.sql(query).create_view(name)
    connection.execute("CREATE TABLE finding_parts (place BIGINT, path VARCHAR)")
    for place, path in enumerate(path for files in sets for path in files if path.stem.endswith("-findings")):
        connection.execute("INSERT INTO finding_parts VALUES (?, ?)", [place, _text(path)])
    connection.execute("SET lock_configuration=true")
    return connection


def findings_by_part(connection: duckdb.DuckDBPyConnection, claims: Collection[str]) -> Iterator[pa.Table]:
    """What was found under some claims, part by part as they were committed: sha256, claim, value, examined_at.

    In memory is one part at a time, whatever all of them hold: long values of many contents can be neither sorted nor
    grouped in the memory that a connection may have.
    """
    for path in finding_parts(connection):
        yield findings_of_part(connection, path, claims)


def finding_parts(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The paths of all sealed parts that hold findings, as they were committed."""
    return [path for (path,) in connection.execute("SELECT path FROM finding_parts ORDER BY place").fetchall()]


def findings_of_part(connection: duckdb.DuckDBPyConnection, path: str, claims: Collection[str]) -> pa.Table:
    """What was found under some claims in one part: sha256, claim, value, examined_at, finding."""
    named = ", ".join(map(_literal, claims))
    query = f"""
        SELECT sha256, claim, value, examined_at, finding
        FROM read_parquet({_literal(path)}) WHERE state = 'found' AND claim IN ({named})
    """  # noqa: S608 - our own paths and claims
    return connection.cursor().sql(query).to_arrow_table()


def _lock_down(connection: duckdb.DuckDBPyConnection, findings: Path, memory: str) -> None:
    derived = findings.with_name("index")
    spill = (derived if derived.is_dir() else derived.parent) / "spill"  # made and removed by DuckDB where it is needed
    for statement in (
        f"SET allowed_directories=[{_literal(findings)}]",
        "SET allow_persistent_secrets=false",
        f"SET temp_directory={_literal(spill)}",
        f"SET memory_limit='{memory}'",
        "SET threads=2",
        "SET TimeZone='UTC'",
        "SET enable_external_access=false",
    ):
        connection.execute(statement)


def _examiner_sets(findings: Path) -> list[list[Path]]:
    """The parts that count of each folder that has any, the folder begun last at the end, by custody's order."""
    sets: list[tuple[int, list[Path]]] = []
    for log in findings.glob(f"*/*/{COMMITS}"):
        files = [log.parent / file.name for file in committed_files(log.parent)]
        _check_present(files)
        if files:
            sets.append((begun_at(log.parent), files))
    return [files for _, files in sorted(sets)]


def _repeated(sets: list[list[Path]], table: str) -> bool:
    """Whether two folders of one exhibit hold this table: a unit names its items once, two examiner sets twice."""
    folders = {path.parent for files in sets for path in files if path.stem.endswith(f"-{table}")}
    return len({folder.parent for folder in folders}) < len(folders)


def _check_present(files: Sequence[Path]) -> None:
    absent = [str(path) for path in files if not _is_file(path)]
    if absent:
        raise DoesNotVerify(
            f"{len(absent)} committed parts are not there",
            names=tuple(absent),
            next_step="Run headwater verify for the full list.",
        )


def _is_file(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


def _part_view(connection: duckdb.DuckDBPyConnection, table: str, schema: pa.Schema, sets: list[list[Path]]) -> None:
    """All parts of one table as a view `part_<table>`, with each row's folder: its number, and its exhibit's name."""
    numbered = [
        connection.read_parquet(list(map(_text, files))).project(
            f"*, {number} AS set_number, {_literal(files[0].parents[1].name)} AS exhibit_folder"
        )
        for number, files in enumerate(sets)
        if files
    ]
    none = connection.from_arrow(schema.empty_table()).project("*, 0 AS set_number, '' AS exhibit_folder")
    reduce(lambda one, other: one.union(other), numbered or [none]).create_view(f"part_{table}")


def _text(path: Path | str) -> str:
    """A path as DuckDB is given it. Raises WrongUse for one that is not text."""
    text = str(path)
    if not text.isprintable():
        raise WrongUse(f"the folder's name is not printable: {visible(text)}", next_step="Rename the folder.")
    return text


def _literal(path: Path | str) -> str:
    """A path as an SQL string."""
    return "'" + _text(path).replace("'", "''") + "'"
