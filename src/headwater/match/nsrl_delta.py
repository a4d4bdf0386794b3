"""What deltas change of an NSRL database, kept beside it: the database stays as NIST published it.

An overlay is a small database of our own: rows that are new or have new values under their row number, and the numbers
of rows that are gone. Statements are applied in their order, each value bound: no SQL of others is run. A new row gets
the number that SQLite itself would give it, so a later delta may name it.

Source: NIST, RDSv3: a delta is one file of INSERT, UPDATE and DELETE statements for the full set before it.
"""

import re
import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec

from headwater.match.sql_statements import Statement, Value
from headwater.model.errors import HeadwaterError, WrongUse
from headwater.model.visible import visible

OVERLAY = "deltas.sqlite"
_INDEXES_MAX = 4  # over columns that statements name their rows by
_ROWS_MAX = 10_000  # that one statement may change
_COLUMNS = "SELECT name, type FROM pragma_table_info(?)"
_NEW = "CREATE TABLE changed (headwater_row INTEGER PRIMARY KEY, {})"
_GONE = "CREATE TABLE gone (headwater_row INTEGER PRIMARY KEY)"
_ROWID = "rowid"
_NAME = re.compile(r"[a-z][a-z0-9_]*")  # of a column; nothing else enters the text of a query
_BEFORE = "SELECT max(rowid) FROM {} WHERE rowid < ?"
_IS_GONE = "SELECT 1 FROM gone WHERE headwater_row = ?"
_IS_OUTDATED = "SELECT 1 FROM gone WHERE headwater_row = ?1 UNION ALL SELECT 1 FROM changed WHERE headwater_row = ?1"


class Changes(msgspec.Struct, frozen=True, kw_only=True):
    """How many rows are new, gone and otherwise; statements about other tables, which no look-up needs."""

    added: int = 0
    gone: int = 0
    changed: int = 0
    elsewhere: int = 0


class OverlayBuilder:
    """Applies statements to a table, in a new file. A context manager; without `finish` the file is no overlay.

    base: the database, open read-only. table: the one of its tables that counts. Raises WrongUse where a column of it
    is called as no column of NSRL's is.
    """

    def __init__(self, path: Path, base: sqlite3.Connection, table: str) -> None:
        self._base, self._table = base, table
        self._columns = {str(name).lower(): str(kind) for name, kind in base.execute(_COLUMNS, [table])}
        if odd := [name for name in self._columns if not _NAME.fullmatch(name)]:
            raise WrongUse(f"not NSRL's table {table}: it has a column {visible(odd[0])}")
        self._connection = sqlite3.connect(path)
        self._connection.execute("PRAGMA journal_mode=OFF")
        self._connection.execute("PRAGMA synchronous=OFF")
        self._connection.execute(_NEW.format(", ".join(f"{_quoted(name)} {_affinity(kind)}" for name, kind in
                                                       self._columns.items())))  # fmt: skip
        self._connection.execute(_GONE)
        (last,) = base.execute(f"SELECT max(rowid) FROM {table}").fetchone()  # noqa: S608 - FILE or METADATA
        self._last = last or 0  # the highest number of the database that is not gone
        self._indexed: set[tuple[str, ...]] = set()
        self._added = self._removed = self._changed = self._elsewhere = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def apply(self, statement: Statement) -> str:
        """Apply one statement; returns why nothing of it could be, empty where it was, or is about another table."""
        if statement.table.upper() != self._table:
            self._elsewhere += 1
            return ""
        columns = [name.lower() for name in statement.columns] or [*self._columns]
        where = {name.lower(): value for name, value in statement.where.items()}
        if unknown := {*columns, *where} - {_ROWID} - self._columns.keys():
            return f"{self._table} has no column {', '.join(sorted(unknown))}"
        if any(len(row) != len(columns) for row in statement.rows):
            return "not as many values as columns"
        if statement.verb == "insert":
            return self._insert([dict(zip(columns, row, strict=True)) for row in statement.rows])
        return self._alter(where, dict(zip(columns, statement.rows[0], strict=True)) if statement.rows else None)

    def finish(self) -> Changes:
        """Write everything."""
        self._connection.commit()
        return Changes(added=self._added, gone=self._removed, changed=self._changed, elsewhere=self._elsewhere)

    def _insert(self, rows: Sequence[dict[str, Value]]) -> str:
        numbers = [row.pop(_ROWID, 0) for row in rows]
        if not all(isinstance(number, int) for number in numbers):
            return "a row number that is none"
        for number, row in zip(numbers, rows, strict=True):
            self._put(int(number or self._number()), row)
            self._added += 1
        return ""

    def _alter(self, where: dict[str, Value], new: dict[str, Value] | None) -> str:
        if not where:
            return f"it would change every row of {self._table}"
        rows = self._rows(where)
        if not rows:
            return "no row of the database is so: is it the set that this delta is for?"
        if len(rows) > _ROWS_MAX or (new and _ROWID in new):
            return f"changes more than {_ROWS_MAX:,} rows, or their numbers"
        if new is None:
            self._delete([number for number, _ in rows])
        else:
            self._update(rows, new)
        return ""

    def _number(self) -> int:
        """The number that SQLite gives to a new row: one more than the highest (sqlite.org/autoinc.html)."""
        while self._last and self._connection.execute(_IS_GONE, [self._last]).fetchone():
            (last,) = self._base.execute(_BEFORE.format(self._table), [self._last]).fetchone()
            self._last = last or 0
        (highest,) = self._connection.execute("SELECT max(headwater_row) FROM changed").fetchone()
        return max(self._last, highest or 0) + 1

    def _put(self, number: int, values: dict[str, Value]) -> None:
        names = ", ".join(["headwater_row", *map(_quoted, values)])
        marks = ", ".join("?" * (len(values) + 1))
        self._connection.execute(
            f"INSERT OR REPLACE INTO changed ({names}) VALUES ({marks})",  # noqa: S608 - the table's own columns, quoted
            [number, *values.values()],
        )

    def _rows(self, where: dict[str, Value]) -> list[tuple[int, dict[str, Value]]]:
        """The rows that have those values now, with their numbers, and of each its values: one more than allowed."""
        self._index(tuple(sorted(where.keys() - {_ROWID})))
        names = ", ".join(map(_quoted, self._columns))
        found: list[tuple[int, dict[str, Value]]] = []
        sides = ((self._base, self._table, _ROWID), (self._connection, "changed", "headwater_row"))
        for connection, table, number in sides:
            wanted = " AND ".join(f"{number if name == _ROWID else _quoted(name)} IS ?" for name in where)
            query = f"SELECT {number}, {names} FROM {table} WHERE {wanted} LIMIT {_ROWS_MAX + 1}"  # noqa: S608 - as above
            found += [
                (row[0], dict(zip(self._columns, row[1:], strict=True)))
                for row in connection.execute(query, [*where.values()])
                if connection is self._connection or not self._is_outdated(row[0])
            ]
        return found

    def _is_outdated(self, number: int) -> bool:
        """Whether a row of the database counts no more as it stands there."""
        return self._connection.execute(_IS_OUTDATED, [number]).fetchone() is not None

    def _index(self, columns: tuple[str, ...]) -> None:
        if columns and columns not in self._indexed and len(self._indexed) < _INDEXES_MAX:
            names = ", ".join(map(_quoted, columns))
            self._connection.execute(f"CREATE INDEX by_{len(self._indexed)} ON changed ({names})")
            self._indexed.add(columns)

    def _delete(self, numbers: Sequence[int]) -> None:
        rows = [(number,) for number in numbers]
        self._connection.executemany("DELETE FROM changed WHERE headwater_row = ?", rows)
        self._connection.executemany("INSERT OR IGNORE INTO gone VALUES (?)", rows)
        self._removed += len(rows)

    def _update(self, rows: Iterable[tuple[int, dict[str, Value]]], new: dict[str, Value]) -> None:
        for number, values in rows:
            self._put(number, {**values, **new})
            self._changed += 1


class Overlay:
    """An overlay, open for reading. Raises HeadwaterError where it is damaged."""

    def __init__(self, path: Path) -> None:
        try:
            self._connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
            self._connection.row_factory = sqlite3.Row
        except sqlite3.Error as error:
            raise HeadwaterError(f"a known set is damaged: {path.name}: {error}") from error

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def outdated(self) -> list[int]:
        """The numbers of all rows of the database that count no more as they stand there."""
        query = "SELECT headwater_row FROM gone UNION SELECT headwater_row FROM changed"
        return [row[0] for row in self._connection.execute(query)]

    def digests(self) -> sqlite3.Cursor:
        """Number, MD5, SHA-1 and SHA-256 of every row that is new or has new values."""
        return self._connection.execute("SELECT headwater_row, md5, sha1, sha256 FROM changed ORDER BY headwater_row")

    def row(self, number: int) -> dict[str, Any] | None:
        """A row that is new or has new values; none where the database has it."""
        found = self._connection.execute("SELECT * FROM changed WHERE headwater_row = ?", [number]).fetchone()
        if found is None:
            return None
        return {key: found[key] for key in found.keys() if key != "headwater_row"}  # noqa: SIM118 - a Row iterates values


def _quoted(name: str) -> str:
    return f'"{name}"'


def _affinity(kind: str) -> str:
    """How SQLite would compare values of a column declared so (sqlite.org/datatype3.html, 3.1); others as they are."""
    name = kind.upper()
    if "INT" in name:
        return "INTEGER"
    return "TEXT" if any(part in name for part in ("CHAR", "CLOB", "TEXT")) else ""
