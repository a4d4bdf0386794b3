"""Fills the report from what is sealed, and writes it into the workspace."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb

from headwater import __version__
from headwater.examine import registry
from headwater.export.plots import Bar
from headwater.export.report import (
    Accounting,
    CameraLine,
    CopyLine,
    ExaminerLine,
    FailureLine,
    Report,
    SeizedSource,
    write_html,
)
from headwater.findings.views import connect
from headwater.model.visible import shown, visible
from headwater.seal.files import replace_file
from headwater.seal.keys import load_signer
from headwater.steps.exhibits import (
    SOURCE_CLOSED,
    SOURCE_LISTED,
    SOURCE_VERIFIED,
    KnownSource,
    bad_sectors,
    known_sources,
    state,
)
from headwater.steps.seals import WORK_BEGUN
from headwater.steps.summary import digest_words
from headwater.steps.workspace import Workspace

REPORT_WRITTEN = "report_written"
_SHOWN = 500
_BARS = 24
_MONTHS_SHOWN = 36
_YEARS_SHOWN = 60
_SIZES = (
    ("0", 0, 1),
    ("< 1 KiB", 1, 1 << 10),
    ("< 10 KiB", 1 << 10, 10 << 10),
    ("< 100 KiB", 10 << 10, 100 << 10),
    ("< 1 MiB", 100 << 10, 1 << 20),
    ("< 10 MiB", 1 << 20, 10 << 20),
    ("< 100 MiB", 10 << 20, 100 << 20),
    ("< 1 GiB", 100 << 20, 1 << 30),
    ("larger", 1 << 30, 1 << 62),
)
_CAMERAS = """
WITH tags AS (
  SELECT sha256, json_extract_string(value, '$.name') AS name, json_extract_string(value, '$.value') AS said
  FROM findings WHERE claim = 'exif.tag' AND state = 'found'
), named AS (
  SELECT sha256, max(said) FILTER (name = 'Make') AS make, max(said) FILTER (name = 'Model') AS model,
    max(said) FILTER (name = 'DateTimeOriginal') AS taken
  FROM tags WHERE name IN ('Make', 'Model', 'DateTimeOriginal') GROUP BY sha256
)
SELECT make, model, count(*), min(taken), max(taken) FROM named
WHERE make IS NOT NULL OR model IS NOT NULL GROUP BY make, model ORDER BY count(*) DESC, make, model LIMIT 100
"""
_EXAMINERS = """
SELECT examiner, count(*) FILTER (worst = 3), count(*) FILTER (worst = 2), count(*) FILTER (worst = 1),
  count(*) FILTER (worst = 0)
FROM (
  SELECT examiner, sha256, CASE WHEN bool_or(state = 'failed') THEN 0 WHEN bool_or(state = 'found') THEN 3
    WHEN bool_or(state = 'not_run') THEN 1 ELSE 2 END AS worst
  FROM findings GROUP BY examiner, sha256
) GROUP BY examiner
"""
# Counted apart, not joined: a join of every item with its content is held in memory.
_ACCOUNTING = """
SELECT i.items, c.read, c.damaged, i.no_content, i.items - i.no_content - c.read, c.contents, c.bytes_read,
  i.not_allocated, c.lying, i.zone_unknown
FROM (
  SELECT count(*) AS items, count(*) FILTER (kind NOT IN ('file', 'stream')) AS no_content,
    count(*) FILTER (allocation <> 'allocated') AS not_allocated,
    count(*) FILTER (times_zone = 'unknown' AND modified IS NOT NULL) AS zone_unknown
  FROM one_items
) i, (
  SELECT count(*) AS read, count(*) FILTER (damaged) AS damaged, count(DISTINCT sha256) AS contents,
    coalesce(sum(bytes_read), 0) AS bytes_read, count(*) FILTER (extension_disagrees) AS lying
  FROM one_contents
) c
"""
_TYPES = """
SELECT * FROM (
  SELECT media_type, count(*) AS files FROM one_contents GROUP BY media_type
  UNION ALL
  SELECT 'not read', (SELECT count(*) FROM one_items) - (SELECT count(*) FROM one_contents)
) WHERE files > 0 ORDER BY files DESC, media_type
"""
_FAILURES = """
SELECT exhibit, path, examiner, kind, message FROM failures ORDER BY ALL LIMIT ?
"""
_REPEATED = """
SELECT sha256, count(*) AS copies FROM one_contents WHERE bytes_read > 0 GROUP BY sha256 HAVING count(*) > 1
"""
_COPIES = f"""
WITH most AS ({_REPEATED} ORDER BY copies DESC, sha256 LIMIT ?),
occurrences AS (SELECT item, sha256, media_type, copies FROM one_contents JOIN most USING (sha256))
SELECT sha256, any_value(media_type), any_value(copies), string_agg(DISTINCT exhibit, ', ' ORDER BY exhibit), min(path)
FROM occurrences JOIN one_items USING (item) GROUP BY sha256 ORDER BY any_value(copies) DESC, sha256
"""  # noqa: S608 - our own words
_COPIES_TOTAL = f"SELECT count(*) FROM ({_REPEATED})"  # noqa: S608 - likewise


def write_report(workspace: Workspace) -> Path:
    """Write out/report.html from what is sealed now; its digest goes into custody. Returns its path."""
    connection = connect(workspace.folder)
    try:
        page = write_html(_report(workspace, connection)).encode()
    finally:
        connection.close()
    path = workspace.out_folder / "report.html"
    replace_file(path, page)
    workspace.record(REPORT_WRITTEN, {"name": path.name, "sha256": sha256(page).hexdigest()})
    workspace.checkpoint()
    return path


def _report(workspace: Workspace, connection: duckdb.DuckDBPyConnection) -> Report:
    sources = known_sources(workspace)
    counts = connection.execute(_ACCOUNTING).fetchall()[0]
    sandbox = [dict(body) for body in workspace.recorded(WORK_BEGUN)]
    chain = workspace.custody.verify()
    times_by, times = _times(connection)
    return Report(
        operation=visible(workspace.settings.operation.name),
        made_at=datetime.now(UTC),
        tool_version=__version__,
        sandbox=sorted({str(body["sandbox"]) for body in sandbox}),
        unsafe=any(bool(body["unsafe"]) for body in sandbox),
        provisional=[visible(known.exhibit) for known in sources if not _is_verified(workspace, known)],
        sources=[_seized(workspace, known) for known in sources],
        accounting=Accounting(
            items=counts[0], read=counts[1], damaged=counts[2], no_content=counts[3], unread=counts[4]
        ),
        contents=counts[5],
        bytes_read=int(counts[6]),
        deleted=counts[7],
        lying_extensions=counts[8],
        zone_unknown=counts[9],
        examiners=list(_examiners(workspace, connection)),
        failure_kinds=_bars(
            connection, "SELECT kind, count(*) FROM failures GROUP BY kind ORDER BY count(*) DESC, kind"
        ),
        failures=[
            FailureLine(exhibit=visible(exhibit), path=path, examiner=examiner, kind=kind, message=message)
            for exhibit, path, examiner, kind, message in connection.execute(_FAILURES, [_SHOWN]).fetchall()
        ],
        failures_total=connection.execute("SELECT count(*) FROM failures").fetchall()[0][0],
        types=_bars(connection, _TYPES),
        times_by=times_by,
        times=times,
        sizes=_sizes(connection),
        copies=[
            CopyLine(sha256=sha256, media_type=kind, occurrences=count, exhibits=visible(exhibits), path=path)
            for sha256, kind, count, exhibits, path in connection.execute(_COPIES, [_BARS]).fetchall()
        ],
        copies_total=connection.execute(_COPIES_TOTAL).fetchall()[0][0],
        cameras=[
            CameraLine(
                make=visible(make or "not stated"),
                model=visible(model or "not stated"),
                contents=count,
                first=visible(first or ""),
                last=visible(last or ""),
            )
            for make, model, count, first, last in connection.execute(_CAMERAS).fetchall()
        ],
        custody_entries=chain.entries,
        custody_head=chain.head,
        key_id=load_signer().key_id,
    )


def _is_verified(workspace: Workspace, known: KnownSource) -> bool:
    return known.files.is_folder or state(workspace, known, SOURCE_VERIFIED) is not None


def _seized(workspace: Workspace, known: KnownSource) -> SeizedSource:
    listed: Mapping[str, Any] = state(workspace, known, SOURCE_LISTED) or {}
    verified: Mapping[str, Any] = (state(workspace, known, SOURCE_VERIFIED) or {}).get("report") or {}  # type: ignore[assignment]
    closed: Mapping[str, Any] = state(workspace, known, SOURCE_CLOSED) or {}
    shape: Mapping[str, Any] = listed.get("shape") or {}
    segments: Sequence[Mapping[str, Any]] = verified.get("segments", [])
    return SeizedSource(
        exhibit=visible(known.exhibit),
        country=visible(known.country),
        source=known.files.source,
        form="folder" if known.files.is_folder else str(shape.get("container") or verified.get("kind", "unknown")),
        size_bytes=sum(each["size_bytes"] for each in segments) if segments else None,
        segments=len(segments),
        digest=digest_words(known, verified),
        sha256=str(verified.get("sha256", "")),
        md5=str(verified.get("md5", "")),
        sha1=str(verified.get("sha1", "")),
        bad_sectors="a folder has none of its own" if known.files.is_folder else _sectors(verified),
        closed=_closed(closed),
        volumes=[_volume(volume) for volume in shape.get("volumes", []) if volume.get("name")],
        notes=[shown(note) for note in (*shape.get("notes", []), *verified.get("notes", []), *_refused(listed))],
        items=int(listed.get("items", 0)),
    )


def _refused(listed: Mapping[str, Any]) -> Iterator[str]:
    if listed.get("refused"):
        yield f"refused: {listed['refused']}"
    if listed.get("incomplete"):
        yield f"NOT ALL LISTED: {listed['incomplete']}"


def _sectors(verified: Mapping[str, Any]) -> str:
    count, of_ranges, ranges = bad_sectors(verified)
    if not ranges:
        return "none found" if verified else "not looked for yet"
    where = ", ".join(f"{each['first_sector']:,} (+{each['sector_count']:,})" for each in ranges[:12])
    return f"{count:,} in {of_ranges:,} ranges: {where}{' …' if of_ranges > 12 else ''}"


def _closed(closed: Mapping[str, Any]) -> str:
    if not closed:
        return "not yet"
    changed = closed.get("changed", [])
    if changed:
        count = closed.get("changed_count", len(changed))
        return f"CHANGED, {count:,} of them: {'; '.join(shown(each) for each in changed[:8])}"
    return f"unchanged, {closed.get('compared', 0):,} digests compared"


def _volume(volume: Mapping[str, Any]) -> str:
    name = shown(volume["name"])
    said = volume.get("file_system") or f"refused: {shown(volume.get('refused') or 'unknown')}"
    label = f" “{visible(volume['label'])}”" if volume.get("label") else ""
    where = f"{volume.get('length_bytes', 0):,} bytes from {volume.get('start_bytes', 0):,}"
    return f"{name}: {said}{label}, {visible(volume.get('type_name', ''))}, {where}"


def _examiners(workspace: Workspace, connection: duckdb.DuckDBPyConnection) -> Iterator[ExaminerLine]:
    counted = {row[0]: row[1:] for row in connection.execute(_EXAMINERS).fetchall()}
    for name, method in registry.methods(workspace.settings.examiners, workspace.settings.digest).items():
        found, nothing, not_run, failed = counted.get(name, (0, 0, 0, 0))
        yield ExaminerLine(
            examiner=name,
            version=method.version,
            code_digest=method.code_digest,
            found=found,
            nothing=nothing,
            not_run=not_run,
            failed=failed,
        )


def _bars(connection: duckdb.DuckDBPyConnection, query: str) -> list[Bar]:
    rows = connection.execute(query).fetchall()
    bars = [Bar(label=str(label), count=count) for label, count in rows[:_BARS]]
    if len(rows) > _BARS:
        bars.append(Bar(label=f"{len(rows) - _BARS} others", count=sum(count for _, count in rows[_BARS:])))
    return bars


def _times(connection: duckdb.DuckDBPyConnection) -> tuple[str, list[Bar]]:
    """Files by year last modified, or by month where they lie within three years of one another."""
    query = "SELECT year(modified), month(modified), count(*) FROM items WHERE modified IS NOT NULL GROUP BY 1, 2"
    months = {year * 12 + month - 1: count for year, month, count in connection.execute(query).fetchall()}
    if not months:
        return "year", []
    first, last = min(months), max(months)
    if last - first < _MONTHS_SHOWN:
        each = range(first, last + 1)
        return "month", [Bar(label=f"{at // 12}-{at % 12 + 1:02}", count=months.get(at, 0)) for at in each]
    years: dict[int, int] = {}
    for at, count in months.items():
        years[at // 12] = years.get(at // 12, 0) + count
    shown = range(min(years), max(years) + 1) if max(years) - min(years) <= _YEARS_SHOWN else sorted(years)
    return "year", [Bar(label=str(year), count=years.get(year, 0)) for year in shown]


def _sizes(connection: duckdb.DuckDBPyConnection) -> list[Bar]:
    counts = ", ".join(f"count(*) FILTER (size_bytes >= {low} AND size_bytes < {high})" for _, low, high in _SIZES)
    row = connection.execute(f"SELECT {counts} FROM items").fetchall()[0]  # noqa: S608 - our own figures
    return [Bar(label=label, count=count) for (label, _, _), count in zip(_SIZES, row, strict=True)]
