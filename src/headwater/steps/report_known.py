"""Known sets and groups for the report and the summary: which sets were searched, what they know, what remains."""

from dataclasses import dataclass

import duckdb

from headwater.export.records import KnownLine
from headwater.model.visible import visible
from headwater.steps.known import all_sets
from headwater.steps.match import MATCHED
from headwater.steps.workspace import Workspace

_COUNTS = """
SELECT count(DISTINCT sha256) FILTER (role = 'known' AND by_digest AND set_aside = ''),
  count(DISTINCT sha256) FILTER (role = 'known' AND NOT by_digest AND set_aside = ''),
  count(DISTINCT sha256) FILTER (role = 'harmless' AND by_digest AND set_aside = ''),
  count(DISTINCT sha256) FILTER (set_aside <> '')
FROM (SELECT *, kind IN ('sha256', 'sha1', 'md5') AS by_digest FROM matches)
"""
_GROUPS = "SELECT count(*), count(*) FILTER (is_medoid) FROM groups WHERE kind = 'visual'"
_BY_SET = """
SELECT set_sha256, count(DISTINCT sha256) FILTER (by_digest), count(DISTINCT sha256) FILTER (NOT by_digest)
FROM (SELECT *, kind IN ('sha256', 'sha1', 'md5') AS by_digest FROM matches)
WHERE set_aside = '' GROUP BY set_sha256
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Different contents of the operation. sets: that were searched; none where nothing was matched yet.

    by_digest, near: of known sets. pictures: that can be near to others; groups: how many looks they take.
    """

    sets: int
    by_digest: int
    near: int
    harmless: int
    set_aside: int
    pictures: int
    groups: int


def known_counts(workspace: Workspace, connection: duckdb.DuckDBPyConnection) -> Known:
    """What the last matching and grouping came to."""
    by_digest, near, harmless, set_aside = map(int, connection.execute(_COUNTS).fetchall()[0])
    pictures, groups = map(int, connection.execute(_GROUPS).fetchall()[0])
    searched = connection.execute("SELECT sets FROM part_matchings ORDER BY set_number DESC LIMIT 1").fetchall()
    return Known(
        sets=len(searched[0][0]) if searched and any(workspace.recorded(MATCHED)) else 0,
        by_digest=by_digest,
        near=near,
        harmless=harmless,
        set_aside=set_aside,
        pictures=pictures,
        groups=groups,
    )


def known_lines(workspace: Workspace, connection: duckdb.DuckDBPyConnection) -> list[KnownLine]:
    """Every version of every set, with its state and what it knows here."""
    counts = {digest: (exact, near) for digest, exact, near in connection.execute(_BY_SET).fetchall()}
    return [
        KnownLine(
            name=visible(known.name),
            form=known.form,
            role=known.role.value,
            scheme=visible(known.scheme),
            records=known.records,
            refused=known.refused,
            state=visible(state),
            digest=known.digest,
            exact=counts.get(known.digest, (0, 0))[0],
            near=counts.get(known.digest, (0, 0))[1],
        )
        for known, state in all_sets(workspace)
    ]
