"""The origin of one content as it is explained: its signals with their findings, and what can be said of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from headwater.origin.digest import rules_digest
from headwater.origin.sentences import sentences
from headwater.steps.adopted import measured_error
from headwater.steps.origin_rows import origin_of_row
from headwater.steps.trace import TRACED, inputs_digest
from headwater.steps.workspace import Workspace

Row = Mapping[str, Any]
_OTHER_RULES = "weighed under other rules than those of this version: headwater trace weighs anew"
_OLDER = "more was found in this operation since it was weighed: headwater trace weighs anew"


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginExplained:
    """row: as sealed. signals: id, side, level, says, findings, used. unseen: examiner, what, state, reason.

    sentences: id, text, findings. ties: as sealed. notes: why it may not be what would be said now.
    """

    row: Row
    signals: tuple[Row, ...]
    unseen: tuple[Row, ...]
    sentences: tuple[Row, ...]
    ties: tuple[Row, ...]
    notes: tuple[str, ...]


def explain_origin(workspace: Workspace, connection: duckdb.DuckDBPyConnection, sha256: str) -> OriginExplained | None:
    """The origin of a content; nothing where it is none that is weighed, or was not weighed yet."""
    rows = _rows(connection, "SELECT * FROM origins WHERE sha256 = ?", sha256)
    if not rows:
        return None
    row = rows[0]
    origin = origin_of_row(row)
    used = origin.used
    said = sentences(origin, measured_error(workspace, row["strength"]))
    return OriginExplained(
        row={name: value for name, value in row.items() if name != "weighed"},
        signals=tuple({**one.as_json(), "used": one in used} for one in origin.signals),
        unseen=tuple(one.as_json() for one in origin.unseen),
        sentences=tuple({"id": one.id, "text": one.text, "findings": [*one.findings]} for one in said),
        ties=tuple(_rows(connection, "SELECT * FROM ties WHERE a = ? OR b = ? ORDER BY reason, a, b", sha256, sha256)),
        notes=tuple(_notes(workspace, row)),
    )


def _notes(workspace: Workspace, row: Row) -> Sequence[str]:
    if row["rules_digest"] != rules_digest():
        return (_OTHER_RULES,)
    traced = [*workspace.recorded(TRACED)]
    return () if traced and traced[-1]["inputs_digest"] == inputs_digest(workspace) else (_OLDER,)


def _rows(connection: duckdb.DuckDBPyConnection, query: str, *values: str) -> list[Row]:
    rows: list[Row] = connection.sql(query, params=list(values)).to_arrow_table().to_pylist()
    return rows
