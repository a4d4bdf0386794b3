"""Which pictures of an exhibit a camera's pattern can be learned from: of one size, and by EXIF of one body."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from headwater.findings.query import column_kinds
from headwater.findings.views import connect
from headwater.findings.where import Condition, parse_where
from headwater.model.errors import WrongUse
from headwater.model.visible import visible
from headwater.steps.workspace import Workspace

LEAST_SIDE = 512  # pixels; smaller pictures bear too little of a pattern, and most are previews
_SHOWN = 12
_TAGS = """
SELECT sha256, min(said) FILTER (name = 'Make' AND ifd = 'IFD0') AS make,
  min(said) FILTER (name = 'Model' AND ifd = 'IFD0') AS model, min(said) FILTER (name = 'BodySerialNumber') AS serial
FROM (
  SELECT sha256, json_extract_string(value, '$.name') AS name, json_extract_string(value, '$.ifd') AS ifd,
    rtrim(split_part(json_extract_string(value, '$.value'), chr(0), 1)) AS said
  FROM part_findings WHERE claim = 'exif.tag' AND state = 'found'
) WHERE name IN ('Make', 'Model', 'BodySerialNumber') GROUP BY sha256
"""
_CANDIDATES = """
SELECT m.sha256, i.item, i.path, i.source, m.width_pixels AS width, m.height_pixels AS height,
  coalesce(t.make, '') AS make, coalesce(t.model, '') AS model, coalesce(t.serial, '') AS serial
FROM (
  SELECT sha256, min(item) AS item, arg_min(path, item) AS path, arg_min(source, item) AS source
  FROM items WHERE exhibit = ? AND coalesce(NOT damaged, false) AND allocation = 'allocated' AND ({where})
  GROUP BY sha256
) i JOIN media m USING (sha256) LEFT JOIN ({tags}) t USING (sha256)
WHERE least(m.width_pixels, m.height_pixels) >= ? ORDER BY i.path, m.sha256
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """A camera as EXIF names it; empty where it says nothing."""

    make: str = ""
    model: str = ""
    serial: str = ""

    def __str__(self) -> str:
        named = " ".join(visible(each)[:60] for each in (self.make, self.model) if each) or "no make and model"
        return f"{named}, {f'serial {visible(self.serial)[:60]}' if self.serial else 'no serial'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A picture to learn from. top: the listed item it lies in (itself, mostly). path, source: of it."""

    sha256: str
    item: str
    top: str
    path: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """The pictures of one body and size. left_out: how many of that body are of another size."""

    body: Body
    width: int
    height: int
    references: tuple[Reference, ...]
    left_out: int


def candidates(workspace: Workspace, exhibit: str, wanted: Body, where: str) -> Candidates:
    """Find the pictures of an exhibit that one camera took. Raises WrongUse where they are of several bodies, or none.

    wanted: only those that say so. where: a condition over items; without it pictures that name no camera are left out.
    """
    connection = connect(workspace.folder)
    try:
        rows = [row for row in _rows(connection, exhibit, where) if _fits(row, wanted) and (where or _is_named(row))]
        body = _only_body(exhibit, rows)
        (width, height), count = Counter((row["width"], row["height"]) for row in rows).most_common(1)[0]
        references = tuple(
            Reference(
                sha256=row["sha256"],
                item=row["item"],
                top=_top(connection, row["item"]),
                path=row["path"],
                source=row["source"],
            )
            for row in rows
            if (row["width"], row["height"]) == (width, height)
        )
    finally:
        connection.close()
    return Candidates(body=body, width=width, height=height, references=references, left_out=len(rows) - count)


def _rows(connection: duckdb.DuckDBPyConnection, exhibit: str, where: str) -> Sequence[dict[str, Any]]:
    kinds = column_kinds(connection, "items")
    condition = parse_where(where, kinds) if where.strip() else Condition(sql="true", values=())
    query = _CANDIDATES.format(where=condition.sql, tags=_TAGS)
    found = connection.sql(query, params=[exhibit, *condition.values, LEAST_SIDE])
    rows: list[dict[str, Any]] = found.to_arrow_table().to_pylist()
    return rows


def _fits(row: dict[str, Any], wanted: Body) -> bool:
    pairs = ((wanted.make, row["make"]), (wanted.model, row["model"]), (wanted.serial, row["serial"]))
    return all(asked in {"", said} for asked, said in pairs)


def _is_named(row: dict[str, Any]) -> bool:
    return bool(row["make"] or row["model"])


def _only_body(exhibit: str, rows: Sequence[dict[str, Any]]) -> Body:
    bodies = Counter(Body(make=row["make"], model=row["model"], serial=row["serial"]) for row in rows)
    if not bodies:
        raise WrongUse(
            f"no picture of exhibit {visible(exhibit)} can be a reference",
            next_step="References are whole pictures that were examined, "
            f"at least {LEAST_SIDE} pixels a side, and by EXIF of one camera; or name them: --where.",
        )
    if len(bodies) > 1:
        most = sorted(bodies.items(), key=lambda each: (-each[1], str(each[0])))
        raise WrongUse(
            f"these pictures are of {len(bodies)} cameras; a pattern is learned from one",
            problems=tuple(f"{count:,} of {body}" for body, count in most[:_SHOWN]),
            next_step="Choose one: --make, --model, --serial; or name the pictures: --where.",
        )
    return next(iter(bodies))


def _top(connection: duckdb.DuckDBPyConnection, item: str) -> str:
    """The listed item in which it lies."""
    top, parent = item, _parent(connection, item)
    while parent:
        top, parent = parent, _parent(connection, parent)
    return top


def _parent(connection: duckdb.DuckDBPyConnection, item: str) -> str | None:
    found = connection.execute("SELECT parent_item FROM items WHERE item = ?", [item]).fetchone()
    return found[0] if found else None
