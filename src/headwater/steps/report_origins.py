"""Origins and the queue for the report: counts by exhibit, by tier, and the first of those to look at."""

from collections.abc import Sequence
from typing import Any

import duckdb

from headwater.export.records import OriginLine, QueueLine, TierLine
from headwater.model.visible import visible
from headwater.origin.queue import LOOK_FIRST, TIERS
from headwater.origin.rules import GRADES, STRENGTHS
from headwater.steps.workspace import Workspace

_SHOWN = 50
_COUNTS = """
SELECT c.exhibit_folder, o.grade, o.strength, count(*) FROM origins o
JOIN (SELECT DISTINCT sha256, exhibit_folder FROM one_contents) c ON c.sha256 = o.sha256
GROUP BY ALL
"""
_TIERS = "SELECT tier, count(*) FROM queue GROUP BY tier"
_FIRST = f"""
SELECT q.rank, q.tier, q.reason, q.place, q.sha256, coalesce(o.grade, '') AS grade, coalesce(o.strength, '') AS strength
FROM queue q LEFT JOIN origins o ON o.sha256 = q.sha256 WHERE q.tier <= {LOOK_FIRST} ORDER BY q.rank LIMIT ?
"""  # noqa: S608 - our own figure


def origin_lines(
    workspace: Workspace, connection: duckdb.DuckDBPyConnection, exhibits: Sequence[str]
) -> list[OriginLine]:
    """For each exhibit its different pictures by grade and strength; a picture on two exhibits counts on each."""
    counts: dict[str, dict[tuple[str, str], int]] = {}
    for folder, grade, strength, count in connection.execute(_COUNTS).fetchall():
        counts.setdefault(folder, {})[grade, strength] = count
    return [
        OriginLine(
            exhibit=visible(exhibit),
            grade=grade,
            **{strength or "without": of_exhibit.get((grade, strength), 0) for strength in STRENGTHS},
        )
        for exhibit in exhibits
        for of_exhibit in (counts.get(workspace.slug(exhibit), {}),)
        for grade in GRADES
    ]


def tier_lines(connection: duckdb.DuckDBPyConnection) -> list[TierLine]:
    """Every tier with how many pictures stand in it."""
    counts = dict(connection.execute(_TIERS).fetchall())
    return [TierLine(tier=tier, what=what, pictures=counts.get(tier, 0)) for tier, what in TIERS]


def first_lines(connection: duckdb.DuckDBPyConnection) -> list[QueueLine]:
    """The first pictures of the queue, as far as they stand in tiers to look at first."""
    rows = connection.sql(_FIRST, params=[_SHOWN]).to_arrow_table().to_pylist()
    return [QueueLine(**{**row, "reason": _why(row)}) for row in rows]


def _why(row: dict[str, Any]) -> str:
    """The reason; where it is no more than grade and place, which stand beside it, what its tier holds."""
    return dict(TIERS)[row["tier"]] if row["reason"].endswith(row["place"]) else visible(row["reason"])
