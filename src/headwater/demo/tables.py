"""Rows into SQLite files and CSV, the same bytes for the same rows."""

import csv
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

Cell = str | int | float | None
Rows = list[Sequence[Cell]]
_VERSION_AT, _VERSION = 96, 3_040_001


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table: its name, each column as SQLite declares it, its rows. Names are words of this package's own.

    A row has no cell for a column that SQLite itself generates from the others.
    """

    name: str
    columns: tuple[str, ...]
    rows: Sequence[Sequence[Cell]]

    @property
    def stored(self) -> tuple[str, ...]:
        """The names of the columns that rows fill."""
        return tuple(column.split(" ", 1)[0] for column in self.columns if " GENERATED " not in column)


def build_sqlite(tables: Sequence[Table], *, after: Sequence[str] = ()) -> bytes:
    """Write a SQLite file that holds the tables; `after` are further statements (views, indexes)."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "made.sqlite"
        connection = sqlite3.connect(path)
        for table in tables:
            connection.execute(f"CREATE TABLE {table.name} ({', '.join(table.columns)})")
            names, marks = ", ".join(table.stored), ", ".join("?" * len(table.stored))
            insert = f"INSERT INTO {table.name} ({names}) VALUES ({marks})"  # noqa: S608 - own names
            connection.executemany(insert, table.rows)
        for statement in after:
            connection.execute(statement)
        connection.commit()
        connection.close()
        return _without_version(path.read_bytes())


def _without_version(data: bytes) -> bytes:
    """Put one fixed version of SQLite where it writes its own (file format, 1.3.16): machines differ in it."""
    return data[:_VERSION_AT] + _VERSION.to_bytes(4, "big") + data[_VERSION_AT + 4 :]


def build_csv(table: Table) -> bytes:
    """Write the table as CSV with a head row, UTF-8, lines ended by line feeds; nothing for null."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(table.stored)
    writer.writerows(table.rows)
    return out.getvalue().encode()
