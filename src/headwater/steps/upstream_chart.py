"""Gathers the upstream graph into bundles that fit on one sheet: pictures by workflow, models, folders, devices."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

import duckdb

from headwater.attribute.edges import STRENGTHS
from headwater.export.upstream_chart import NODES_MAX, Chart, ChartEdge, ChartNode, Strong
from headwater.model.counted import counted
from headwater.model.visible import shown, visible

_PICTURES, _WORKFLOWS, _MODELS, _FOLDERS, DEVICES = range(5)
_REST = "the rest"
# Of each picture its bundle: what was served to others, what carries a record, what lies in a training folder, what
# others were begun from, what only looks like one of them; by device.
_BUNDLES = """
CREATE OR REPLACE TEMP TABLE bundles AS
WITH ran AS (SELECT DISTINCT source AS sha256 FROM upstream WHERE edge = 'ran'),
inputs AS (SELECT DISTINCT target AS sha256 FROM upstream WHERE edge = 'derived_from'),
uploaded AS (SELECT DISTINCT source AS sha256 FROM upstream WHERE source_kind = 'upload'),
held AS (SELECT target AS sha256, min(source) AS folder FROM upstream WHERE edge = 'contains' GROUP BY target),
near AS (SELECT DISTINCT source AS sha256 FROM upstream WHERE edge IN ('near_duplicate', 'bridge')
  UNION SELECT target FROM upstream WHERE edge IN ('near_duplicate', 'bridge')),
lies AS (SELECT source AS sha256, string_agg(DISTINCT substr(target, 9), ' ' ORDER BY substr(target, 9)) AS devices
  FROM upstream WHERE edge = 'found_on' GROUP BY source)
SELECT sha256, CASE WHEN u.sha256 IS NOT NULL THEN 'uploads on ' || devices
  WHEN r.sha256 IS NOT NULL THEN 'made on ' || devices
  WHEN h.folder IS NOT NULL THEN h.folder WHEN i.sha256 IS NOT NULL THEN 'inputs'
  ELSE 'alike on ' || devices END AS bundle
FROM (SELECT sha256 FROM ran UNION SELECT sha256 FROM inputs UNION SELECT sha256 FROM uploaded
  UNION SELECT sha256 FROM held UNION SELECT sha256 FROM near) a
LEFT JOIN ran r USING (sha256) LEFT JOIN inputs i USING (sha256) LEFT JOIN uploaded u USING (sha256)
LEFT JOIN held h USING (sha256) LEFT JOIN lies l USING (sha256)
"""
_COUNTS = "SELECT bundle, count(*) FROM bundles GROUP BY bundle ORDER BY count(*) DESC, bundle"
_WORKFLOW = """
SELECT target, count(DISTINCT source), min(regexp_replace(reason, '^.*: ', '')) FROM upstream WHERE edge = 'ran'
GROUP BY target ORDER BY count(DISTINCT source) DESC, target
"""
_MODEL = """
SELECT m.sha256, m.path, m.kind, (SELECT count(*) FROM upstream u WHERE u.edge = 'made_by' AND u.target = m.sha256) AS n
FROM models m ORDER BY n DESC, m.sha256
"""
_FOLDER = """
SELECT source, count(*) FROM upstream WHERE edge = 'contains' GROUP BY source ORDER BY count(*) DESC, source
"""
_DEVICE = """
SELECT target, count(*) FROM upstream WHERE edge IN ('found_on', 'taken_by', 'recorded_on')
GROUP BY target ORDER BY count(*) DESC, target
"""
# Every edge between two boxes, column by column: a picture leads to its workflow, and that to the models of what
# carries it; what only looks like a picture leads to that one's workflow.
_EDGES = """
WITH ran AS (SELECT source AS sha256, min(target) AS workflow FROM upstream WHERE edge = 'ran' GROUP BY source),
alike AS (
  SELECT source AS one, target AS other, edge, strength FROM upstream WHERE edge IN ('near_duplicate', 'bridge')
  UNION ALL SELECT target, source, edge, strength FROM upstream WHERE edge IN ('near_duplicate', 'bridge')
), drawn AS (
  SELECT b.bundle AS source, u.target, u.edge, u.strength FROM upstream u JOIN bundles b ON b.sha256 = u.source
  WHERE u.edge = 'ran'
  UNION ALL SELECT b.bundle, r.workflow, a.edge, a.strength FROM alike a JOIN bundles b ON b.sha256 = a.one
    JOIN ran r ON r.sha256 = a.other
    WHERE a.one NOT IN (SELECT sha256 FROM ran) AND NOT starts_with(b.bundle, 'folder:')
  UNION ALL SELECT coalesce(r.workflow, b.bundle), u.target, u.edge, u.strength FROM upstream u
    LEFT JOIN ran r ON r.sha256 = u.source LEFT JOIN bundles b ON b.sha256 = u.source WHERE u.edge = 'made_by'
  UNION ALL SELECT b.bundle, c.bundle, u.edge, u.strength FROM upstream u JOIN bundles b ON b.sha256 = u.source
    JOIN bundles c ON c.sha256 = u.target WHERE u.edge = 'derived_from'
  UNION ALL SELECT b.bundle, u.target, u.edge, u.strength FROM upstream u JOIN bundles b ON b.sha256 = u.source
    WHERE u.edge = 'taken_by' AND (starts_with(b.bundle, 'folder:') OR b.bundle = 'inputs')
  UNION ALL SELECT source, target, edge, strength FROM upstream
    WHERE edge = 'trained_on' OR (edge = 'found_on' AND source_kind IN ('model', 'workflow', 'folder'))
)
SELECT source, target, edge, strength, count(*) FROM drawn WHERE source <> target GROUP BY ALL ORDER BY ALL
"""


def upstream_chart(connection: duckdb.DuckDBPyConnection) -> Chart:
    """The chart of the whole operation; no nodes where nothing was followed upstream."""
    connection.execute(_BUNDLES)
    nodes = [*_nodes(connection)]
    known = {node.id for node in nodes}
    found: dict[tuple[str, str, str], Counter[str]] = defaultdict(Counter)
    for source, target, edge, strength, number in connection.execute(_EDGES).fetchall():
        ends = _shown(source, known), _shown(target, known)
        if all(ends) and ends[0] != ends[1]:
            found[(*ends, edge)][strength] += number
    edges = [
        ChartEdge(
            source=source, target=target, words=edge.replace("_", " "), count=strengths.total(),
            strengths=[Strong(strength=one, count=strengths[one]) for one in STRENGTHS if one in strengths],
        )
        for (source, target, edge), strengths in sorted(found.items())
    ]  # fmt: skip
    return Chart(nodes=nodes, edges=edges)


def _shown(name: str, known: set[str]) -> str:
    """The box that a node is drawn in; empty where it is in none."""
    if name in known:
        return name
    kind = next((column for mark, column in _MARKS if name.startswith(mark)), -1)
    rest = f"{_REST} {kind}"
    return rest if rest in known else ""


_KINDS = {
    "made": ("picture", "with a record"),
    "uploads": ("upload", "served to others"),
    "alike": ("picture", "alike to others"),
}
_MARKS = (
    ("uploads on ", _PICTURES),
    ("made on ", _PICTURES),
    ("alike on ", _PICTURES),
    ("workflow:", _WORKFLOWS),
    ("folder:", _FOLDERS),
    ("exhibit:", DEVICES),
    ("camera:", DEVICES),
)


def _nodes(connection: duckdb.DuckDBPyConnection) -> Iterator[ChartNode]:
    bundles = [row for row in connection.execute(_COUNTS).fetchall() if not row[0].startswith("folder:")]
    yield from _column(_PICTURES, [(name, _pictures(name, number)) for name, number in bundles])
    workflows = [
        (target, (target.partition(":")[2][:8], shown(what or "workflow"), counted(number, "picture")))
        for target, number, what in connection.execute(_WORKFLOW).fetchall()
    ]
    yield from _column(_WORKFLOWS, workflows)
    models = [
        (sha256, (shown(path.rpartition("/")[2]), f"{kind}, {sha256[:8]}", counted(number, "picture")))
        for sha256, path, kind, number in connection.execute(_MODEL).fetchall()
    ]
    yield from _column(_MODELS, models)
    folders = [
        (source, (visible(source.rpartition("/")[2]), visible(source.partition(":")[2].partition("/")[0]),
                  counted(number, "picture")))
        for source, number in connection.execute(_FOLDER).fetchall()
    ]  # fmt: skip
    yield from _column(_FOLDERS, folders)
    devices = [
        (target, (visible(target.partition(":")[2]), f"{number:,} edges"))
        for target, number in connection.execute(_DEVICE).fetchall()
    ]
    yield from _column(DEVICES, devices)


def _pictures(bundle: str, number: int) -> tuple[str, ...]:
    if bundle == "inputs":
        return counted(number, "input picture"), "that others were begun from"
    kind, _, devices = bundle.partition(" on ")
    one, what = _KINDS.get(kind, ("picture", ""))
    return counted(number, one), what, visible(devices)


def _column(column: int, named: Sequence[tuple[str, Sequence[str]]]) -> Iterator[ChartNode]:
    """The first of a column; the others are one box."""
    for name, lines in named[:NODES_MAX]:
        yield ChartNode(id=name, column=column, lines=lines)
    if (rest := len(named) - NODES_MAX) > 0:
        yield ChartNode(id=f"{_REST} {column}", column=column, lines=(f"{rest:,} more",))
