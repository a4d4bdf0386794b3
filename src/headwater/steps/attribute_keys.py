"""Reads the keys of every content out of its findings, each part of findings once; sealed, so that they stay read."""

import json
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import duckdb

from headwater.attribute.keys import CLAIMS, keys_of
from headwater.findings.parts import PartStore, begun_at, committed_files, table_of
from headwater.findings.schema import KEYS
from headwater.findings.views import finding_parts, findings_of_part
from headwater.steps.rows import Rows
from headwater.steps.seals import Listener

_UNIT_ROWS = 50_000
_NOW = """
CREATE OR REPLACE TABLE keys_now AS
SELECT sha256, claim, kind, value, detail, finding FROM (
  SELECT * EXCLUDE (set_number, exhibit_folder) FROM part_keys
  WHERE set_number IN (SELECT set_number FROM part_attributions WHERE lineage = ?)
  UNION ALL BY NAME SELECT * FROM own_keys
) QUALIFY begun = max(begun) OVER (PARTITION BY sha256, claim)
"""
_COVERED = "SELECT DISTINCT unnest(parts) FROM part_attributions WHERE lineage = ?"


def part_name(path: str) -> str:
    """A part as an attribution keeps it: exhibit, examiner set, file."""
    return "/".join(Path(path).parts[-3:])


def new_parts(connection: duckdb.DuckDBPyConnection, lineage: str) -> list[str]:
    """Paths of the parts of findings whose keys are not read yet, in the order in which they were committed."""
    covered = {name for (name,) in connection.execute(_COVERED, [lineage]).fetchall()}
    return [path for path in finding_parts(connection) if part_name(path) not in covered]


def read_keys(
    connection: duckdb.DuckDBPyConnection, parts: Collection[str], store: PartStore, listener: Listener
) -> None:
    """Commit the keys of these parts, some thousand rows at a time; what an interrupted run committed stays."""
    committed = store.committed()
    number, rows, count = 0, Rows(), 0
    begun: dict[Path, int] = {}
    for path in parts:
        folder = Path(path).parent
        if folder not in begun:
            begun[folder] = begun_at(folder)
        for row in _rows(connection, path, begun[folder]):
            rows.add("keys", row)
            count += 1
        if count >= _UNIT_ROWS:
            _commit(store, committed, number, rows)
            number, rows, count = number + 1, Rows(), 0
        listener.more(1)
        listener.tick()
    if count:
        _commit(store, committed, number, rows)


def _commit(store: PartStore, committed: Collection[str], number: int, rows: Rows) -> None:
    unit = f"keys-{number:06d}"
    if unit not in committed:
        store.commit(unit, rows.tables())


def _rows(connection: duckdb.DuckDBPyConnection, path: str, begun: int) -> Iterator[dict[str, Any]]:
    for batch in findings_of_part(connection, path, CLAIMS).to_batches(4096):
        for row in batch.to_pylist():
            value = _object(row["value"])
            for key in keys_of(row["claim"], value) if value else ():
                yield {
                    "sha256": row["sha256"], "claim": row["claim"], "kind": key.kind, "value": key.value,
                    "detail": key.detail_text(), "finding": row["finding"], "begun": begun,
                }  # fmt: skip


def _object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def prepare_keys(connection: duckdb.DuckDBPyConnection, lineage: str, folder: Path) -> None:
    """Make the table `keys_now`: all keys of this lineage, those just committed in `folder` among them.

    Of a content that was examined more than once under one claim, only those of the last examination.
    """
    own = [str(folder / file.name) for file in committed_files(folder) if table_of(file) == "keys"]
    read = connection.read_parquet(own) if own else connection.from_arrow(KEYS.empty_table())
    read.create_view("own_keys", replace=True)
    connection.execute(_NOW, [lineage])
