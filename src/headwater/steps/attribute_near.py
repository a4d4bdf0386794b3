"""Edges between pictures that look alike, and bridges by name, time and seed from those without a record."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import duckdb
import numpy as np

from headwater.attribute.bridge import Look, direction, hashes_of, label, nearest_made
from headwater.attribute.edges import Edge
from headwater.model.known import QUALITY_MIN

_LOOKS = """
CREATE OR REPLACE TABLE looks AS
SELECT p.sha256, p.look, p.made, g.is_medoid, g.distance_bits, g.variant, m.width_pixels, m.height_pixels,
  m.pdq_quality, h.first_seen, h.place
FROM pictures p JOIN groups g ON g.sha256 = p.sha256 AND g.kind = 'visual'
JOIN (SELECT look FROM pictures GROUP BY look HAVING count(*) > 1) USING (look)
LEFT JOIN media m ON m.sha256 = p.sha256
LEFT JOIN (
  SELECT sha256, min(first_seen) AS first_seen, min(exhibit || ' ' || path) AS place FROM held GROUP BY sha256
) h ON h.sha256 = p.sha256
"""
_BY_LOOK = "SELECT * FROM looks ORDER BY look, sha256"
_HASHES = """
SELECT DISTINCT f.sha256, f.value FROM part_findings f SEMI JOIN asked_looks a ON a.sha256 = f.sha256
WHERE f.claim = 'perceptual.pdq_dihedral' AND f.state = 'found'
"""
_ASKED = """
CREATE OR REPLACE TABLE asked_looks AS
SELECT sha256 FROM looks WHERE look IN (
  SELECT look FROM looks GROUP BY look HAVING bool_or(made) AND NOT bool_and(made) AND count(*) > 2
) AND hash(look) % $parts = $part AND pdq_quality >= $quality
"""
_PART_LOOKS = "SELECT * FROM looks WHERE hash(look) % $parts = $part ORDER BY look, sha256"
_PART_PICTURES = 20_000
_NAMED_ALIKE = """
WITH bare AS (SELECT p.* FROM places p JOIN pictures q USING (sha256) WHERE NOT q.made),
named AS (SELECT p.* FROM places p JOIN pictures q USING (sha256) WHERE q.made),
rare AS (SELECT name FROM places WHERE is_picture AND length(name) > 8 GROUP BY name HAVING count(DISTINCT sha256) = 2)
SELECT DISTINCT b.sha256 AS a, n.sha256 AS b, b.name FROM bare b
JOIN named n ON n.name = b.name AND n.exhibit <> b.exhibit
SEMI JOIN rare r ON r.name = b.name
WHERE n.sha256 <> b.sha256 AND abs(epoch(n.modified) - epoch(b.modified)) < 86400
ORDER BY ALL
"""
_SEEDED = """
WITH bare AS (
  SELECT DISTINCT p.sha256, unnest(regexp_extract_all(p.name, '[0-9]{7,20}')) AS seed
  FROM places p JOIN pictures q USING (sha256) WHERE NOT q.made
), seeds AS (
  SELECT value AS seed, min(sha256) AS sha256 FROM keys_now WHERE kind = 'seed' AND length(value) >= 7
  GROUP BY value HAVING count(DISTINCT sha256) = 1
)
SELECT b.sha256 AS a, s.sha256 AS b, b.seed FROM bare b JOIN seeds s USING (seed)
WHERE b.sha256 <> s.sha256 AND NOT regexp_matches(b.seed, '^(19|20)[0-9]{6}$') ORDER BY ALL
"""


def near_edges(connection: duckdb.DuckDBPyConnection) -> Iterator[Edge]:
    """Every member of a group of near copies with what stands for the group; then those without a record bridged."""
    connection.execute(_LOOKS)
    yield from _members(connection)
    (count,) = connection.execute("SELECT count(*) FROM looks").fetchall()[0]
    parts = count // _PART_PICTURES + 1
    for part in range(parts):
        yield from _bridged(connection, part, parts)


def name_edges(connection: duckdb.DuckDBPyConnection) -> Iterator[Edge]:
    """Bridges by name and time, and by a seed that a file's name carries. Leads to look at, no more."""
    for a, b, name in connection.execute(_NAMED_ALIKE).fetchall():
        reason = f"by name and time: both are called {name}, on two exhibits, within a day; no other picture is"
        yield Edge(source=a, target=b, edge="bridge", strength="lead", reason=reason, directed=False)
    for a, b, seed in connection.execute(_SEEDED).fetchall():
        reason = f"by seed: its name carries {seed}, which the record of that picture alone gives as its seed"
        yield Edge(source=a, target=b, edge="bridge", strength="consistent", reason=reason, directed=False)


def _members(connection: duckdb.DuckDBPyConnection) -> Iterator[Edge]:
    for rows in _groups(connection, _BY_LOOK):
        medoid = next((row for row in rows if row["is_medoid"]), None)
        for row in rows if medoid else ():
            if row is not medoid and medoid:
                words = f"{row['distance_bits']} of 256 bits, {row['variant'] or 'as it stands'}"
                yield _near(_look(row, None), _look(medoid, None), words)


def _near(one: Look, other: Look, words: str) -> Edge:
    side, why = direction(one, other)
    first, second = (other, one) if side < 0 else (one, other)
    return Edge(
        source=first.sha256, target=second.sha256, edge="near_duplicate", strength="consistent",
        reason=f"{words}; {why}", directed=bool(side),
    )  # fmt: skip


def _bridged(connection: duckdb.DuckDBPyConnection, part: int, parts: int) -> Iterator[Edge]:
    connection.execute(_ASKED, {"part": part, "parts": parts, "quality": QUALITY_MIN})
    hashes = {sha256: json.loads(text) for sha256, text in connection.execute(_HASHES).fetchall()}
    if not hashes:
        return
    for rows in _groups(connection, _PART_LOOKS, {"part": part, "parts": parts}):
        looks = {row["sha256"]: _look(row, hashes.get(row["sha256"])) for row in rows}
        medoid = next((row["sha256"] for row in rows if row["is_medoid"]), "")
        words = {row["sha256"]: row["place"] or row["sha256"][:12] for row in rows}
        for one in nearest_made(list(looks.values())):
            if medoid not in (one.copy, one.original):  # that pair has an edge
                yield _near(looks[one.copy], looks[one.original], label(one, words))


def _groups(
    connection: duckdb.DuckDBPyConnection, query: str, values: dict[str, int] | None = None
) -> Iterator[list[dict[str, Any]]]:
    """The rows of each look, one group in memory at a time."""
    waiting: list[dict[str, Any]] = []
    for batch in connection.cursor().sql(query, params=values).to_arrow_reader(4096):
        for row in batch.to_pylist():
            if waiting and waiting[0]["look"] != row["look"]:
                yield waiting
                waiting = []
            waiting.append(row)
    if waiting:
        yield waiting


def _look(row: dict[str, Any], texts: Sequence[str] | None) -> Look:
    return Look(
        sha256=row["sha256"], made=bool(row["made"]), width_pixels=row["width_pixels"] or 0,
        height_pixels=row["height_pixels"] or 0, first_seen=row["first_seen"],
        hashes=hashes_of(texts) if texts else np.empty((0, 4), np.uint64),
    )  # fmt: skip
