"""Everything known of one file: where it lies, what was found on which bytes, what could not be seen."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from headwater.findings.views import connect
from headwater.model.errors import WrongUse
from headwater.model.visible import visible
from headwater.steps.workspace import Workspace

Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """One content with all its occurrences, findings and failures."""

    sha256: str | None
    media: Row | None
    items: tuple[Row, ...]
    findings: tuple[Row, ...]
    failures: tuple[Row, ...]


def explain(workspace: Workspace, name: str) -> Explanation:
    """Explain an item id, a SHA-256, or the beginning of either (8 digits or more). Raises WrongUse."""
    if not re.fullmatch(r"[0-9a-fA-F]{8,64}", name):
        raise WrongUse(
            f"not an item or a SHA-256: {visible(name)}",
            next_step="Copy one from: headwater show items",
        )
    connection = connect(workspace.folder)
    try:
        return _explain(connection, name.lower())
    finally:
        connection.close()


def _explain(connection: duckdb.DuckDBPyConnection, name: str) -> Explanation:
    items = _rows(connection, "SELECT * FROM items WHERE starts_with(item, ?) ORDER BY exhibit, path", [name])
    digests = {row["sha256"] for row in items if row["sha256"]}
    if not items:
        found = _rows(connection, "SELECT sha256 FROM media WHERE starts_with(sha256, ?)", [name])
        digests = {row["sha256"] for row in found}
    if len(digests) > 1:
        raise WrongUse(f"{name} is the beginning of {len(digests)} contents", next_step="Give more digits.")
    if not digests and not items:
        raise WrongUse(
            f"nothing in this operation is called {name}", next_step="headwater show items lists what there is."
        )
    digest = next(iter(digests), None)
    if digest is None:
        ids = [row["item"] for row in items]
        failures = _rows(connection, "SELECT * FROM failures WHERE list_contains(?, item)", [ids])
        return Explanation(sha256=None, media=None, items=tuple(items), findings=(), failures=tuple(failures))
    media = _rows(connection, "SELECT * FROM media WHERE sha256 = ?", [digest])
    return Explanation(
        sha256=digest,
        media=media[0] if media else None,
        items=tuple(_rows(connection, "SELECT * FROM items WHERE sha256 = ? ORDER BY exhibit, path", [digest])),
        findings=tuple(
            _rows(
                connection, "SELECT * FROM findings WHERE sha256 = ? ORDER BY examiner, claim, value, finding", [digest]
            )
        ),
        failures=tuple(
            _rows(
                connection,
                "SELECT * FROM failures WHERE sha256 = ? OR item IN (SELECT item FROM items WHERE sha256 = ?)"
                " ORDER BY path, examiner",
                [digest, digest],
            )
        ),
    )


def _rows(connection: duckdb.DuckDBPyConnection, query: str, values: Sequence[object]) -> list[Row]:
    rows: list[Row] = connection.sql(query, params=list(values)).to_arrow_table().to_pylist()
    return rows
