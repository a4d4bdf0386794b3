"""Follows pictures upstream: keys, ties, the graph of what came from what, hands; sealed. Nothing is opened.

An attribution stands in a folder of its own under findings/@operation; the last that came to its end is shown. Keys
are read of each part of findings once; all else is joined anew, so that what a new exhibit says of old pictures counts.
"""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import duckdb
import pyarrow as pa

from headwater import __version__
from headwater.attribute.contradictions import Against, cycles
from headwater.examine.method import code_digest
from headwater.findings.parts import PartStore, custody_name, operation_folder
from headwater.findings.schema import CONTRADICTIONS, HANDS, TIES, UPSTREAM
from headwater.findings.views import connect
from headwater.model.canonical import Json, digest_of
from headwater.steps.adopted import validated_methods
from headwater.steps.attribute_edges import add_edges, close_edges, join_edges, prepare_edges
from headwater.steps.attribute_folders import folder_edges
from headwater.steps.attribute_keys import new_parts, part_name, prepare_keys, read_keys
from headwater.steps.attribute_models import Models, lineage_edges, read_models, resolve
from headwater.steps.attribute_near import name_edges, near_edges
from headwater.steps.attribute_ties import count_keys, hand_rows, tie_rows
from headwater.steps.group import GROUPED
from headwater.steps.judgements import JUDGED, judgements
from headwater.steps.match import MATCHED
from headwater.steps.rows import Rows
from headwater.steps.seals import ATTRIBUTE_BEGUN, Listener
from headwater.steps.trace import TRACED, patterns
from headwater.steps.workspace import Workspace

ATTRIBUTED = "attributed"
_WHOLE = "whole"
_UNIT_ROWS, _TOLD_MAX = 100_000, 1_000
_MEMORY = "640MB"  # joins of a million names of 64 digits do not go into less
_SENSOR = "sensor"
_LATER = """
SELECT e.source, e.target, CAST(min(h.first_seen) AS VARCHAR), any_value(m.training_finished) FROM edges e
JOIN models m ON m.sha256 = e.target JOIN held h ON h.sha256 = e.source
WHERE e.edge = 'made_by' AND e.strength IN ('corroborated', 'declared') AND h.exhibit IN (SELECT unnest(m.exhibits))
GROUP BY e.source, e.target
HAVING min(h.first_seen) < any_value(try_cast(m.training_finished AS TIMESTAMPTZ)) ORDER BY 1, 2
"""
# A circle can only be among nodes that are reached and lead on: what is not is cut off, again and again.
_PRUNED = """
CREATE OR REPLACE TABLE circling AS SELECT * FROM circling WHERE source IN (SELECT target FROM circling)
  AND target IN (SELECT source FROM circling)
"""
_CIRCLING = """
CREATE OR REPLACE TABLE circling AS SELECT source, target FROM edges
WHERE directed AND edge IN ('derived_from', 'made_by', 'trained_on', 'contains', 'based_on', 'merged_of')
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attributed:
    """What an attribution came to. is_new: whether anything had to be joined again."""

    pictures: int
    edges: int
    ties: int
    hands: int
    contradictions: int
    is_new: bool


def attribute(workspace: Workspace, listener: Listener) -> Attributed:
    """Follow every picture of the last trace upstream, as far as findings, groups or words changed since."""
    lineage = code_digest("headwater.steps.attribute_keys")
    inputs = digest_of(_inputs(workspace))
    done = [*workspace.recorded(ATTRIBUTED)]
    if done and (done[-1]["lineage"], done[-1]["inputs_digest"]) == (lineage, inputs):
        return Attributed(**{name: int(done[-1][name]) for name in _COUNTS}, is_new=False)
    folder = operation_folder(workspace.findings_folder, digest_of([ATTRIBUTED, len(done), lineage, inputs])[:16])
    workspace.record(ATTRIBUTE_BEGUN, {"folder": custody_name(folder), "lineage": lineage, "inputs_digest": inputs})
    listener.begin("attribute")
    with PartStore(folder, workspace.custody) as store:
        if _WHOLE not in store.committed():
            _attribute_all(workspace, store, lineage, inputs, listener)
        sealed = store.seal()
    counts = _counts(workspace)
    workspace.record(
        ATTRIBUTED,
        {"folder": custody_name(folder), "digest": sealed, "lineage": lineage, "inputs_digest": inputs, **counts},
    )
    workspace.checkpoint()
    listener.end()
    return Attributed(**counts, is_new=True)


def _inputs(workspace: Workspace) -> Json:
    """What the graph depends on: the trace, the groups and the matches that count, patterns, and people's words."""
    last = [body["digest"] for kind in (TRACED, GROUPED, MATCHED) for body in [*workspace.recorded(kind)][-1:]]
    words = [body["id"] for body in workspace.recorded(JUDGED)]
    return [*last, *patterns(workspace), *sorted(validated_methods(workspace)), *words, code_digest(__name__)]


_COUNTS = ("pictures", "edges", "ties", "hands", "contradictions")
_COUNTED = """
SELECT (SELECT max(pictures) FROM part_attributions
    WHERE set_number = (SELECT max(set_number) FROM part_attributions)) AS pictures,
  (SELECT count(*) FROM upstream) AS edges, (SELECT count(*) FROM ties WHERE starts_with(reason, 'shared_')) AS ties,
  (SELECT count(DISTINCT hand) FROM hands) AS hands, (SELECT count(*) FROM contradictions) AS contradictions
"""


def _counts(workspace: Workspace) -> dict[str, int]:
    with closing(connect(workspace.folder)) as connection:
        row = connection.execute(_COUNTED).fetchall()[0]
    return {name: int(value or 0) for name, value in zip(_COUNTS, row, strict=True)}


def _attribute_all(
    workspace: Workspace, store: PartStore, lineage: str, inputs: str, listener: Listener
) -> None:  # fmt: skip
    with closing(connect(workspace.folder)) as connection:
        parts = new_parts(connection, lineage)
        read_keys(connection, parts, store, listener)
    with closing(connect(workspace.folder, _MEMORY)) as connection:
        prepare_keys(connection, lineage, store.folder)
        prepare_edges(connection)
        models = read_models(connection)
        against = _make_edges(workspace, connection, models, listener)
        _commit(store, "upstream", UPSTREAM, _table_batches(connection, "SELECT * FROM edges ORDER BY ALL"))
        (pictures,) = connection.execute("SELECT count(*) FROM pictures").fetchall()[0]
        _make_ties(workspace, connection, store, models, listener)
        told = [*against, *_later(connection), *_circles(connection)]
        if (more := len(told) - _TOLD_MAX) > 0:
            told[_TOLD_MAX:] = [Against(kind="more", nodes=(), message=f"{more:,} more contradictions are not listed")]
        rows = [{"kind": one.kind, "nodes": [*one.nodes], "message": one.message} for one in told]
        _commit(store, "contradictions", CONTRADICTIONS, iter([pa.Table.from_pylist(rows, CONTRADICTIONS)]))
    whole = Rows()
    whole.add("attributions", _whole(lineage, inputs, [part_name(path) for path in parts], int(pictures)))
    store.commit(_WHOLE, whole.tables())


def _make_edges(
    workspace: Workspace, connection: duckdb.DuckDBPyConnection, models: Models, listener: Listener
) -> list[Against]:  # fmt: skip
    against = [
        Against(kind="another_digest", nodes=(sha256,), message=message)
        for sha256, message in resolve(connection, models)
    ]
    validated = _SENSOR in validated_methods(workspace)
    join_edges(connection, patterns(workspace), sensor_validated=validated)
    listener.tick()
    for made in (lineage_edges(models), folder_edges(connection, models)):
        add_edges(connection, made)
    listener.tick()
    for made in (near_edges(connection), name_edges(connection)):
        add_edges(connection, made)
        listener.tick()
    close_edges(connection)
    return against


def _make_ties(
    workspace: Workspace, connection: duckdb.DuckDBPyConnection, store: PartStore, models: Models, listener: Listener
) -> None:
    connection.execute("CREATE OR REPLACE TABLE public_models (sha256 VARCHAR)")
    for one in models.all:
        if one.public:
            connection.execute("INSERT INTO public_models VALUES (?)", [one.sha256])
    count_keys(connection)
    listener.tick()
    _commit(store, "ties", TIES, _batches(tie_rows(connection), TIES))
    before = dict(connection.execute("SELECT sha256, found FROM hands").fetchall())
    words = judgements(workspace)
    _commit(store, "hands", HANDS, _batches(hand_rows(connection, before, words), HANDS))
    listener.tick()


def _later(connection: duckdb.DuckDBPyConnection) -> Iterator[Against]:
    """Pictures whose files are older than the training of the model that their record names, by one device's clock."""
    for source, target, seen, finished in connection.execute(_LATER).fetchall():
        message = (
            f"its file is of {seen}, its model was trained until {finished}: a clock, a time or the record is wrong"
        )
        yield Against(kind="model_is_younger", nodes=(source, target), message=message)


def _circles(connection: duckdb.DuckDBPyConnection) -> Iterator[Against]:
    connection.execute(_CIRCLING)
    before = -1
    while True:
        (count,) = connection.execute("SELECT count(*) FROM circling").fetchall()[0]
        if count in (0, before):
            break
        before = count
        connection.execute(_PRUNED)
    yield from cycles(connection.execute("SELECT source, target FROM circling ORDER BY ALL").fetchall())


def _commit(store: PartStore, table: str, schema: pa.Schema, batches: Iterator[pa.Table]) -> None:
    """Commit rows, some thousand at a time; what an interrupted run committed stays."""
    committed = store.committed()
    for number, built in enumerate(batches):
        unit = f"{table}-{number:06d}"
        if unit not in committed:
            store.commit(unit, {table: built.cast(schema).replace_schema_metadata(schema.metadata)})


def _batches(rows: Iterator[dict[str, Any]], schema: pa.Schema) -> Iterator[pa.Table]:
    while batch := [*islice(rows, _UNIT_ROWS)]:
        yield pa.Table.from_pylist(batch, schema)


def _table_batches(connection: duckdb.DuckDBPyConnection, query: str) -> Iterator[pa.Table]:
    for batch in connection.cursor().sql(query).to_arrow_reader(_UNIT_ROWS):
        yield pa.Table.from_batches([batch])


def _whole(lineage: str, inputs: str, parts: list[str], pictures: int) -> dict[str, Any]:
    return {
        "lineage": lineage, "inputs_digest": inputs, "parts": parts, "pictures": pictures, "tool_version": __version__,
        "tool_digest": code_digest(__name__), "attributed_at": datetime.now(UTC),
    }  # fmt: skip
