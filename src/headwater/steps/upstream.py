"""What one content came from, as far as it was followed: the chain, its strength, and where it breaks off."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from headwater.attribute.chain import Chain, Step, chain_from
from headwater.attribute.edges import weakest
from headwater.model.counted import counted

Row = Mapping[str, Any]
_EDGES = """
SELECT source, target, edge, strength, reason, source_kind, target_kind, directed FROM upstream
WHERE source = $1 OR (target = $1 AND NOT directed)
ORDER BY edge = 'found_on', edge, strength, target, source
"""
_ITEMS = "SELECT item FROM items WHERE sha256 = ? ORDER BY exhibit, path"
_NAMED = "SELECT exhibit || ' ' || path FROM items WHERE sha256 = ? OR item = ? ORDER BY exhibit, path LIMIT 1"
_HANDS = """
SELECT h.hand, h.because, h.judged, (SELECT count(*) FROM hands o WHERE o.hand = h.hand) AS members
FROM hands h WHERE h.sha256 = ?
"""
_RECORDS = "SELECT value FROM findings WHERE sha256 = ? AND claim = 'generator.record' AND state = 'found'"
_SEARCHED = "SELECT count(*), count(DISTINCT exhibit) FROM items SEMI JOIN models USING (sha256)"
_DEVICES = "SELECT count(DISTINCT exhibit) FROM items"


@dataclass(frozen=True, slots=True, kw_only=True)
class UpstreamExplained:
    """A chain with the names that people know its nodes by. gaps: what was looked for and not found, and where.

    strength: of the weakest of the ways to models, folders, cameras and input pictures; empty where there is none.
    """

    chain: Chain
    names: Mapping[str, str]
    strength: str
    hand: Row | None
    gaps: tuple[str, ...]

    def rows(self) -> list[dict[str, Any]]:
        """The steps for a machine."""
        return [
            {**step.row, "depth": step.depth, "along": step.along, "turned": step.turned} for step in self.chain.steps
        ]


def explain_upstream(connection: duckdb.DuckDBPyConnection, sha256: str) -> UpstreamExplained | None:
    """Follow one content upstream; None where nothing was followed yet, or it is in no edge."""
    items = [f"item:{item}" for (item,) in connection.execute(_ITEMS, [sha256]).fetchall()]

    def edges_of(node: str) -> Sequence[Row]:
        rows: list[Row] = connection.sql(_EDGES, params=[node]).to_arrow_table().to_pylist()
        if node == sha256:  # the copies of its files are its own
            own = [row for item in items for row in edges_of(item)]
            rows += [{**row, "source": sha256} if row["source"] in items else {**row, "target": sha256} for row in own]
        return rows

    chain = chain_from(sha256, edges_of)
    if not chain.steps:
        return None
    hands = connection.sql(_HANDS, params=[sha256]).to_arrow_table().to_pylist()
    return UpstreamExplained(
        chain=chain,
        names={
            node: _name(connection, node) for step in chain.steps for node in (step.reached, str(step.row["source"]))
        },
        strength=_strength(chain.steps),
        hand=hands[0] if hands else None,
        gaps=tuple(_gaps(connection, sha256, chain)),
    )


_SOURCES = ("made_by", "trained_on", "contains", "derived_from", "taken_by")


def _strength(steps: Sequence[Step]) -> str:
    """Of the things that it came from, the weakest way."""
    return weakest(step.along for step in steps if step.row["edge"] in _SOURCES)


def _name(connection: duckdb.DuckDBPyConnection, node: str) -> str:
    """A place where it lies; the node itself where it is no content."""
    kind, _, rest = node.partition(":")
    if rest and kind != "item":
        return f"{kind} {rest[:16]}" if kind == "workflow" else node.replace(":", " ", 1)
    found = connection.execute(_NAMED, [node, rest]).fetchall()
    return str(found[0][0]) if found else node


def _gaps(connection: duckdb.DuckDBPyConnection, sha256: str, chain: Chain) -> Iterator[str]:
    edges = {step.row["edge"] for step in chain.steps}
    records = [_object(value) for (value,) in connection.execute(_RECORDS, [sha256]).fetchall()]
    files, devices = connection.execute(_SEARCHED).fetchall()[0]
    (exhibits,) = connection.execute(_DEVICES).fetchall()[0]
    made = sum(step.row["edge"] == "made_by" and step.depth == 0 for step in chain.steps)
    named = sum(len(record.get("models") or ()) + len(record.get("loras") or ()) for record in records)
    if named > made:
        yield (
            f"its record names {counted(named, 'model')}, of which {made} found among {counted(files, 'model file')} "
            f"on {devices} of {counted(exhibits, 'device')}"
        )
    if not records and not edges & {"near_duplicate", "bridge", "made_by", "taken_by"}:
        yield f"no record of a generator or a camera in the file, and no copy with one on {counted(exhibits, 'device')}"
    if any(record.get("inputs") for record in records) and "derived_from" not in edges:
        yield f"its record tells of an input picture, which is not found on {counted(exhibits, 'device')}"


def _object(text: str) -> Mapping[str, Any]:
    value = json.loads(text)
    return value if isinstance(value, dict) else {}
