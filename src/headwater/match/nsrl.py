"""NSRL's RDSv3 database, used in place: its rows stay where they are, only their digests are sorted beside it.

What deltas change of it lies in an overlay (`match/nsrl_delta.py`).

Source: NIST, RDSv3 schema, minimal (table FILE) and full (table METADATA, of which FILE is a view).
"""

import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
import numpy as np

from headwater.match.degenerate import EMPTY, unusable
from headwater.match.digest_table import Digests, Numbers
from headwater.match.nsrl_delta import Overlay, OverlayBuilder
from headwater.match.sql_statements import read_statements
from headwater.model.errors import HeadwaterError, WrongUse
from headwater.model.known import WIDTHS, Record, Refused
from headwater.model.visible import visible

_TABLES = ("METADATA", "FILE")  # the first that is a table and has the digests
_ALL = {
    "METADATA": "SELECT rowid, md5, sha1, sha256 FROM METADATA",
    "FILE": "SELECT rowid, md5, sha1, sha256 FROM FILE",
}
_ONE = {"METADATA": "SELECT * FROM METADATA WHERE rowid = ?", "FILE": "SELECT * FROM FILE WHERE rowid = ?"}
_COLUMNS = "SELECT name FROM pragma_table_info(?)"
_PRAGMAS = (
    "PRAGMA trusted_schema=OFF",
    "PRAGMA cell_size_check=ON",
    "PRAGMA query_only=ON",
    "PRAGMA mmap_size=0",
)
_ROWS = 100_000
_LISTED = "SELECT name FROM sqlite_master WHERE type = 'table'"
_VALUE_BYTES = 1 << 20  # the longest value that is read


class Database(msgspec.Struct, frozen=True, kw_only=True):
    """Which file a set uses, as it was when its digests were sorted, and which table of it."""

    path: str
    size_bytes: int
    modified_ns: int
    table: str


def database_at(path: Path) -> Database:
    """The database there. Raises WrongUse where it is none of RDSv3, or has changes that were not merged into it."""
    name = visible(os.fsencode(path))
    for journal in ("-wal", "-journal"):
        if os.path.lexists(f"{path}{journal}"):
            raise WrongUse(
                f"{name}: {journal} lies beside it, so the file alone is not the whole database",
                next_step="Open and close it once with sqlite3 where it may be written, then add it.",
            )
    stat = path.stat()
    with closing(_connect(path)) as connection:
        try:
            tables = {str(row[0]).upper() for row in connection.execute(_LISTED)}
            table = next((each for each in _TABLES if each in tables and _has_digests(connection, each)), "")
        except sqlite3.DatabaseError as error:
            raise WrongUse(f"{name} is not NSRL's RDSv3 database: {error}") from error
    if not table:
        raise WrongUse(f"{name} is not NSRL's RDSv3 database: no table FILE or METADATA with md5, sha1 and sha256")
    return Database(
        path=str(path.absolute()), size_bytes=stat.st_size, modified_ns=stat.st_mtime_ns, table=table
    )  # fmt: skip


def apply_delta(delta: BinaryIO, builder: OverlayBuilder) -> Iterator[Refused | None]:
    """Apply a delta; for each statement nothing, or why nothing of it was applied."""
    for statement in read_statements(delta):
        if isinstance(statement, Refused):
            yield statement
        else:
            why = builder.apply(statement)
            yield Refused(line=statement.line, key="", field="", reason=why) if why else None


@contextmanager
def overlay_builder(database: Database, path: Path) -> Iterator[OverlayBuilder]:
    """What deltas are applied with, into the new file `path`."""
    with closing(_connect(Path(database.path))) as base, OverlayBuilder(path, base, database.table) as builder:
        yield builder


def read_rows(
    database: Database, overlay: Path | None = None
) -> Iterator[tuple[dict[str, tuple[Digests, Numbers]], list[Refused]]]:
    """All rows, many at a time: of each kind the digests with their row numbers, and what is refused of them.

    overlay: the file of what deltas changed; its rows come last.
    """
    with ExitStack() as stack:
        connection = stack.enter_context(closing(_connect(Path(database.path))))
        over = stack.enter_context(closing(Overlay(overlay))) if overlay else None
        outdated = np.array(over.outdated() if over else [], np.int64)
        cursor = connection.execute(_ALL[database.table])
        while rows := _some(cursor, database):
            numbers = np.array([row[0] for row in rows], np.int64)
            counts = ~np.isin(numbers, outdated)
            if counts.all():
                yield _columns(rows, numbers)
            elif counts.any():
                yield _columns([row for row, keep in zip(rows, counts.tolist(), strict=True) if keep], numbers[counts])
        cursor = over.digests() if over else cursor
        while rows := _some(cursor, database):
            yield _columns(rows, np.array([row[0] for row in rows], np.int64))


def _columns(rows: list[tuple[Any, ...]], numbers: Numbers) -> tuple[dict[str, tuple[Digests, Numbers]], list[Refused]]:
    refused: list[Refused] = []
    columns = {
        kind: _column(kind, [row[place] for row in rows], numbers, refused) for place, kind in enumerate(WIDTHS, 1)
    }
    return columns, refused


def _some(cursor: sqlite3.Cursor, database: Database) -> list[tuple[Any, ...]]:
    try:
        return cursor.fetchmany(_ROWS)
    except sqlite3.DatabaseError as error:
        raise WrongUse(
            f"{visible(database.path)} is damaged: {error}", next_step="Check it: sqlite3 FILE 'PRAGMA quick_check'."
        ) from error


def _column(kind: str, texts: list[Any], numbers: Numbers, refused: list[Refused]) -> tuple[Digests, Numbers]:
    """The digests of one column. Whole columns are decoded at once; where one text is off, each alone."""
    width = WIDTHS[kind]
    try:
        if all(len(text) == 2 * width for text in texts):
            digests = np.frombuffer(bytes.fromhex("".join(texts)), np.uint8).reshape(-1, width)
            keep = np.array([not unusable(kind, text.lower()) for text in texts]) if _doubtful(digests) else None
            if keep is None or keep.all():
                return digests, numbers
    except (TypeError, ValueError):
        pass
    kept, rows = bytearray(), []
    for number, text in zip(numbers.tolist(), texts, strict=True):
        value = "" if text is None else str(text).strip().lower()
        if why := unusable(kind, value) if value else "":
            refused.append(Refused(line=number, key=str(number), field=kind, reason=why))
        elif value:
            kept += bytes.fromhex(value)
            rows.append(number)
    return np.frombuffer(bytes(kept), np.uint8).reshape(-1, width), np.array(rows, np.int64)


def _doubtful(digests: Digests) -> bool:
    """Whether one of them may be a digest that never matches: all bytes alike, or the empty file's."""
    alike = (digests == digests[:, :1]).all(axis=1).any()
    empty = next(bytes.fromhex(text) for text in EMPTY.values() if len(text) == 2 * digests.shape[1])
    return bool(alike or (digests == np.frombuffer(empty, np.uint8)).all(axis=1).any())


def read_records(database: Database, numbers: Iterable[int], overlay: Path | None = None) -> Iterator[Record]:
    """Rows by number, whole, as deltas left them. Raises HeadwaterError where the file is not as it was."""
    check_unchanged(database)
    with ExitStack() as stack:
        connection = stack.enter_context(closing(_connect(Path(database.path))))
        over = stack.enter_context(closing(Overlay(overlay))) if overlay else None
        connection.row_factory = sqlite3.Row
        query = _ONE[database.table]
        for number in numbers:
            row = over.row(number) if over else None
            if row is None:
                found = connection.execute(query, [number]).fetchone()
                if found is None:
                    raise HeadwaterError(f"{visible(database.path)} has no row {number} any more")
                row = dict(found)
            yield _record(number, row)


def _record(number: int, row: dict[str, Any]) -> Record:
    told = {key: value if isinstance(value, int | str | float | None) else "" for key, value in row.items()}
    md5, sha1, sha256 = (str(told.get(kind) or "").lower() for kind in WIDTHS)
    return Record(key=str(number), line=number, md5=md5, sha1=sha1, sha256=sha256, source=told)


def check_unchanged(database: Database) -> None:
    """Raise HeadwaterError where the file is not the one whose digests were sorted: an answer would be wrong."""
    name = visible(database.path)
    try:
        stat = Path(database.path).stat()
    except OSError as error:
        raise HeadwaterError(
            f"{name}: {error.strerror or error}; a known set uses it where it lies",
            next_step="Put it back there, or withdraw the set: headwater hashset withdraw NAME --reason WORDS.",
        ) from error
    if (stat.st_size, stat.st_mtime_ns) != (database.size_bytes, database.modified_ns):
        raise HeadwaterError(
            f"{name} changed since it was added as a known set",
            next_step="Add it again under the same name: headwater hashset add FILE --as nsrl --name NAME.",
        )


def _has_digests(connection: sqlite3.Connection, table: str) -> bool:
    columns = {str(row[0]).lower() for row in connection.execute(_COLUMNS, [table])}
    return columns >= WIDTHS.keys()


def _connect(path: Path) -> sqlite3.Connection:
    """Read-only, as a file that nobody changes: no journal, no extension, no code of its schema that is not plain."""
    try:
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
    except sqlite3.Error as error:
        raise WrongUse(f"{visible(os.fsencode(path))}: {error}") from error
    for pragma in _PRAGMAS:
        connection.execute(pragma)
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _VALUE_BYTES)
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    return connection
