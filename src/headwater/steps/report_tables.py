"""The tables of a report that come from what is sealed.

A join of every item with its content would be held in memory: they are counted apart, and joined where few are left.
"""

import shlex
from collections.abc import Iterator, Mapping, Sequence

import duckdb

from headwater.examine import registry
from headwater.export.records import (
    Accounting,
    CopyLine,
    ExaminerLine,
    FailureCounts,
    FailureLine,
    FileLine,
)
from headwater.export.report import size_words
from headwater.model.visible import visible
from headwater.steps.workspace import Workspace

_FAILURES_SHOWN = 500
_FEWEST_SHOWN = 3  # of each kind in each exhibit
_FILES_SHOWN = 50
_COPIES_SHOWN = 30
NOT_CHOSEN = "not run (headwater.toml)"
_ACCOUNTING = """
SELECT i.items, i.inside, c.read, c.damaged, i.no_content, c.contents, c.bytes_read, i.zone_unknown
FROM (
  SELECT count(*) AS items, count(parent_item) AS inside,
    count(*) FILTER (kind NOT IN ('file', 'stream')) AS no_content,
    count(*) FILTER (times_zone = 'unknown' AND modified IS NOT NULL) AS zone_unknown
  FROM file_items
) i, (
  SELECT count(*) AS read, count(*) FILTER (damaged) AS damaged, count(DISTINCT sha256) AS contents,
    coalesce(sum(bytes_read), 0) AS bytes_read
  FROM file_contents
) c
"""
_EMBEDDED = "SELECT count(*) FROM one_items WHERE kind = 'embedded'"
# Not read, and a failure says why. Both lists in brackets are as short as the list of failures.
_NOT_READ = """
SELECT count(*) FROM file_items
WHERE kind IN ('file', 'stream') AND item IN (SELECT item FROM part_failures)
  AND item NOT IN (SELECT item FROM file_contents WHERE item IN (SELECT item FROM part_failures))
"""
_ITEMS_OF = """
SELECT exhibit, count(*) - count(parent_item), count(parent_item), count(*) FILTER (allocation <> 'allocated')
FROM file_items GROUP BY exhibit
"""
_CONTENTS_OF = """
SELECT exhibit_folder, count(*) FILTER (media_type LIKE 'image/%'), count(*) FILTER (damaged)
FROM file_contents GROUP BY exhibit_folder
"""
_FAILED_OF = "SELECT exhibit, count(DISTINCT item) FROM part_failures GROUP BY exhibit"
# What a file is made of says little: those that have nothing beyond it are counted apart.
_EXAMINERS = r"""
SELECT examiner, version, code_digest, count(*) FILTER (worst = 4), count(*) FILTER (worst = 3),
  count(*) FILTER (worst = 2), count(*) FILTER (worst = 1), count(*) FILTER (worst = 0)
FROM (
  SELECT examiner, version, code_digest, sha256, CASE
    WHEN bool_or(state = 'failed') THEN 0
    WHEN bool_or(state = 'found' AND NOT regexp_matches(
      claim, '\.(chunks|segments|blocks|headers|ifds|boxes|quantisation)$')) THEN 4
    WHEN bool_or(state = 'found') THEN 3
    WHEN bool_or(state = 'not_run') THEN 1
    ELSE 2 END AS worst
  FROM part_findings GROUP BY examiner, version, code_digest, sha256
) GROUP BY ALL ORDER BY ALL
"""
_KINDS = "SELECT exhibit, kind, count(*) FROM failures GROUP BY exhibit, kind"
_FAILURES = """
SELECT path, examiner, kind, message FROM failures WHERE exhibit = ? AND kind = ? ORDER BY ALL LIMIT ?
"""
_DELETED = """
SELECT exhibit, path, size_bytes, substr(modified::VARCHAR, 1, 16), allocation FROM file_items
WHERE allocation <> 'allocated'
ORDER BY exhibit, path, item LIMIT ?
"""
_DELETED_TOTAL = "SELECT count(*) FROM file_items WHERE allocation <> 'allocated'"
_ENDINGS = """
WITH few AS (SELECT item, media_type FROM file_contents WHERE extension_disagrees ORDER BY exhibit_folder, item LIMIT ?)
SELECT exhibit, path, size_bytes, substr(modified::VARCHAR, 1, 16), media_type FROM file_items JOIN few USING (item)
ORDER BY exhibit, path, item
"""
_ENDINGS_TOTAL = "SELECT count(*) FROM file_contents WHERE extension_disagrees"
_REPEATED = """
SELECT sha256, count(*) AS copies, bool_or(media_type LIKE 'image/%') AS is_picture,
  min(exhibit_folder) <> max(exhibit_folder) AS across
FROM file_contents WHERE bytes_read > 0 GROUP BY sha256 HAVING count(*) > 1
"""
_COPIES = f"""
WITH most AS (
  SELECT sha256, copies, 2 * (is_picture::INTEGER + across::INTEGER) + is_picture::INTEGER AS weight
  FROM ({_REPEATED}) ORDER BY weight DESC, copies DESC, sha256 LIMIT ?
), occurrences AS (SELECT item, sha256, media_type, copies, weight FROM file_contents JOIN most USING (sha256))
SELECT sha256, any_value(media_type), any_value(copies), list(DISTINCT exhibit ORDER BY exhibit), min(path)
FROM occurrences JOIN file_items USING (item) GROUP BY sha256
ORDER BY any_value(weight) DESC, any_value(copies) DESC, sha256
"""  # noqa: S608 - our own words
_COPIES_TOTAL = f"SELECT count(*) FROM ({_REPEATED})"  # noqa: S608 - likewise


def accounting(connection: duckdb.DuckDBPyConnection) -> tuple[Accounting, int, int, int]:
    """Every item in one of its states; the different contents, the bytes read, the items whose zone is not known."""
    items, inside, read, damaged, no_content, contents, size, zone_unknown = connection.execute(_ACCOUNTING).fetchall()[
        0
    ]
    failed = connection.execute(_NOT_READ).fetchall()[0][0]
    counts = Accounting(
        items=items,
        listed=items - inside,
        inside=inside,
        read=read,
        damaged=damaged,
        no_content=no_content,
        failed=failed,
        waiting=items - no_content - read - failed,
        embedded=connection.execute(_EMBEDDED).fetchall()[0][0],
    )
    return counts, contents, int(size), zone_unknown


def counts_of_exhibits(
    workspace: Workspace, connection: duckdb.DuckDBPyConnection, exhibits: Sequence[str]
) -> Mapping[str, tuple[int, int, int, int, int, int]]:
    """Of each exhibit: listed, inside, pictures, deleted, damaged, files with failures."""
    items = {exhibit: rest for exhibit, *rest in connection.execute(_ITEMS_OF).fetchall()}
    contents = {folder: rest for folder, *rest in connection.execute(_CONTENTS_OF).fetchall()}
    failed: dict[str, int] = dict(connection.execute(_FAILED_OF).fetchall())
    counts = {}
    for exhibit in exhibits:
        listed, inside, deleted = items.get(exhibit, (0, 0, 0))
        pictures, damaged = contents.get(workspace.slug(exhibit), (0, 0))
        counts[exhibit] = (listed, inside, pictures, deleted, damaged, failed.get(exhibit, 0))
    return counts


def examiners(workspace: Workspace, connection: duckdb.DuckDBPyConnection) -> Iterator[ExaminerLine]:
    """Every examiner that left findings, by version and code, and every built-in that should have run and did not."""
    left: dict[str, list[tuple[str, str, int, int, int, int, int]]] = {}
    for examiner, *row in connection.execute(_EXAMINERS).fetchall():
        left.setdefault(examiner, []).append(tuple(row))
    asked = {each.name for each in registry.BUILT_IN if each.on_demand}
    built_in = [each.name for each in registry.BUILT_IN if each.name in left or not each.on_demand]
    for name in (*built_in, *sorted(left.keys() - set(built_in))):
        ran = "" if name in asked or name in workspace.settings.examiners else NOT_CHOSEN
        for version, code, *counts in left.get(name, ()):
            yield _line(name, version, code, counts, ran)
        if name not in left:
            method = registry.methods((name,), workspace.settings.digest)[name]
            yield _line(name, method.version, method.code_digest, (0, 0, 0, 0, 0), ran)


def _line(name: str, version: str, code: str, counts: Sequence[int], ran: str) -> ExaminerLine:
    found, structure, nothing, not_run, failed = counts
    return ExaminerLine(
        examiner=name,
        version=version,
        code_digest=code,
        found=found,
        structure=structure,
        nothing=nothing,
        not_run=not_run,
        failed=failed,
        ran=ran,
    )


def failures(
    connection: duckdb.DuckDBPyConnection,
) -> tuple[list[str], list[FailureCounts], list[FailureLine], int]:
    """The kinds there are, the counts of each exhibit by kind, some failures of every kind, and how many there are."""
    counted: dict[str, dict[str, int]] = {}
    for exhibit, kind, count in connection.execute(_KINDS).fetchall():
        counted.setdefault(exhibit, {})[kind] = count
    by_kind: dict[str, int] = {}
    for each in counted.values():
        for kind, count in each.items():
            by_kind[kind] = by_kind.get(kind, 0) + count
    kinds = sorted(by_kind, key=lambda kind: (-by_kind[kind], kind))
    share = max(_FEWEST_SHOWN, _FAILURES_SHOWN // max(1, sum(map(len, counted.values()))))
    lines: list[FailureLine] = []
    totals: list[FailureCounts] = []
    for exhibit in sorted(counted):
        before = len(lines)
        for kind in sorted(counted[exhibit]):
            lines += _some_failures(connection, exhibit, kind, share)
        of_kind = [counted[exhibit].get(kind, 0) for kind in kinds]
        totals.append(
            FailureCounts(
                exhibit=visible(exhibit),
                counts=of_kind,
                total=sum(of_kind),
                shown=len(lines) - before,
                command=_command(exhibit),
            )
        )
    return kinds, totals, lines, sum(by_kind.values())


def _some_failures(connection: duckdb.DuckDBPyConnection, exhibit: str, kind: str, limit: int) -> Iterator[FailureLine]:
    for path, examiner, of_kind, message in connection.execute(_FAILURES, [exhibit, kind, limit]).fetchall():
        yield FailureLine(exhibit=visible(exhibit), path=path, examiner=examiner, kind=of_kind, message=message)


def _command(exhibit: str) -> str:
    """What shows all failures of one exhibit, as a shell takes it."""
    condition = "exhibit = '{}'".format(exhibit.replace("'", "''"))
    plain = exhibit.isascii() and not set(exhibit) & set("'\"`$\\!") and exhibit.isprintable()
    word = f'"{condition}"' if plain else shlex.quote(condition)
    return visible(f"headwater show failures --where {word} --json")


def deleted(connection: duckdb.DuckDBPyConnection) -> tuple[list[FileLine], int]:
    """The first deleted and orphaned files, and how many there are."""
    rows = connection.execute(_DELETED, [_FILES_SHOWN]).fetchall()
    return [_file(*row) for row in rows], connection.execute(_DELETED_TOTAL).fetchall()[0][0]


def endings(connection: duckdb.DuckDBPyConnection) -> tuple[list[FileLine], int]:
    """The first files whose name ends in what their content is not, and how many there are."""
    rows = connection.execute(_ENDINGS, [_FILES_SHOWN]).fetchall()
    return [_file(*row) for row in rows], connection.execute(_ENDINGS_TOTAL).fetchall()[0][0]


def _file(exhibit: str, path: str, size: int | None, modified: str | None, says: str) -> FileLine:
    return FileLine(
        exhibit=visible(exhibit),
        path=path,
        size=size_words(size),
        modified=modified or "not stated",
        says=says,
    )


def copies(connection: duckdb.DuckDBPyConnection) -> tuple[list[CopyLine], int]:
    """Contents that occur more than once: pictures and those on several exhibits first; and how many there are."""
    lines = [
        CopyLine(
            sha256=sha256,
            media_type=kind,
            occurrences=count,
            exhibits=", ".join(map(visible, exhibits)),
            path=path,
        )
        for sha256, kind, count, exhibits, path in connection.execute(_COPIES, [_COPIES_SHOWN]).fetchall()
    ]
    return lines, connection.execute(_COPIES_TOTAL).fetchall()[0][0]
