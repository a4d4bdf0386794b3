"""The upstream graph for other tools: GraphML, GEXF, and the chart as SVG."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb

from headwater.export.graph_files import gexf_lines, graphml_lines
from headwater.export.upstream_chart import draw_chart, stand_alone
from headwater.steps.exchange import Exported, counted_rows, write_export
from headwater.steps.upstream_chart import upstream_chart
from headwater.steps.workspace import Workspace

_ROWS = 4096
_NODES = """
SELECT id, any_value(kind) AS kind, coalesce(any_value(m.path), any_value(i.path), id) AS name FROM (
  SELECT source AS id, source_kind AS kind FROM upstream UNION SELECT target, target_kind FROM upstream
) n LEFT JOIN (SELECT sha256, path FROM models) m ON m.sha256 = n.id
LEFT JOIN (SELECT sha256, min(exhibit || ' ' || path) AS path FROM items GROUP BY sha256) i ON i.sha256 = n.id
GROUP BY id ORDER BY id
"""
_EDGES = """
SELECT source, target, edge, strength, reason, CASE WHEN directed THEN 'true' ELSE 'false' END AS directed
FROM upstream ORDER BY ALL
"""


def export_graph(workspace: Workspace, path: Path | None, form: str) -> Exported:
    """Write the upstream graph as ``graphml`` or ``gexf``. Raises WrongUse where the file is there already."""
    lines = graphml_lines if form == "graphml" else gexf_lines

    def written(connection: duckdb.DuckDBPyConnection, counts: list[int]) -> Iterator[bytes]:
        nodes = counted_rows(_stream(connection, _NODES), counts)
        yield from (line.encode() for line in lines(nodes, _stream(connection, _EDGES)))

    return write_export(workspace, path or workspace.out_folder / f"upstream.{form}", form, written)


def export_chart(workspace: Workspace, path: Path | None) -> Exported:
    """Write the upstream chart of the report as an SVG file. Raises WrongUse where the file is there already."""

    def written(connection: duckdb.DuckDBPyConnection, counts: list[int]) -> Iterator[bytes]:
        chart = upstream_chart(connection)
        counts[0] = len(chart.nodes)
        yield stand_alone(draw_chart("What pictures came from", chart)).encode()

    return write_export(workspace, path or workspace.out_folder / "upstream.svg", "svg", written)


def _stream(connection: duckdb.DuckDBPyConnection, query: str) -> Iterator[dict[str, Any]]:
    for batch in connection.cursor().sql(query).to_arrow_reader(_ROWS):
        yield from batch.to_pylist()
