"""Rows into SQLite files and CSV, the same bytes for the same rows."""

import csv
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

Cell = str | int | float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table: its name, each column as SQLite declares it, its rows. Names are words of this package's own."""

    name: str
    columns: tuple[str, ...]
    rows: Sequence[Sequence[Cell]]


def build_sqlite(tables: Sequence[Table], *, after: Sequence[str] = ()) -> bytes:
    """Write a SQLite file that holds the tables; `after` are further statements (views, indexes)."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "made.sqlite"
        connection = sqlite3.connect(path)
        for table in tables:
            connection.execute(f"CREATE TABLE {table.name} ({', '.join(table.columns)})")
            marks = ", ".join("?" * len(table.columns))
            connection.executemany(f"INSERT INTO {table.name} VALUES ({marks})", table.rows)  # noqa: S608 - own names
        for statement in after:
            connection.execute(statement)
        connection.commit()
        connection.close()
        return path.read_bytes()


def build_csv(table: Table) -> bytes:
    """Write the table as CSV with a head row, UTF-8, lines ended by line feeds; nothing for null."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([column.split(" ", 1)[0] for column in table.columns])
    writer.writerows(table.rows)
    return out.getvalue().encode()
