"""SQLite files out of evidence: tables read from memory, nothing written, nothing of the file's own code run.

Sources: sqlite.org/fileformat.html (1.3: bytes 18 and 19 say that a write-ahead log is used, which a database in memory
cannot have), sqlite.org/security.html (what to switch off for files one does not trust).

Views, triggers, virtual tables and functions in a query are not authorised. The schema is not trusted; where SQLite
then refuses the file for json_extract() in a generated column, which InvokeAI's has and SQLite 3.40 counts as unsafe,
it is opened with the functions that are built in, none of which reaches outside the database. What lies in a
write-ahead log beside the file, and in free pages, is not read.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

from headwater.formats.structure import Source
from headwater.model.errors import EvidenceError, LimitReached, Malformed, Truncated

MAGIC = b"SQLite format 3\0"
DATABASE_BYTES_MAX = 256 << 20
ROWS_MAX = 100_000  # of one table
_VERSIONS_AT, _IN_WAL, _IN_JOURNAL = 18, b"\2", b"\1\1"
_BLOCK_BYTES = 1 << 20
_CELL_BYTES_MAX = 16 << 20
_STEPS, _ROUNDS_MAX = 100_000, 5_000  # of SQLite's machine between two looks, and how many looks there are
_LIMITS = {
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_COLUMN: 200,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 20,
    sqlite3.SQLITE_LIMIT_LENGTH: _CELL_BYTES_MAX,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 1 << 20,
    sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH: 1,
    sqlite3.SQLITE_LIMIT_WORKER_THREADS: 0,
}
_TRUST = {False: "PRAGMA trusted_schema = OFF", True: "PRAGMA trusted_schema = ON"}
_UNSAFE = "unsafe use of json_extract()"
_PRAGMAS = (
    "PRAGMA cell_size_check = ON",
    "PRAGMA query_only = ON",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA mmap_size = 0",
)
_TABLES = "SELECT name, sql FROM sqlite_master WHERE type = 'table'"

Row = Mapping[str, object]


class Database:
    """An open database. tables: names of the plain tables. has_wal: newer pages may lie in a file beside it."""

    def __init__(self, connection: sqlite3.Connection, *, has_wal: bool) -> None:
        self.has_wal = has_wal
        self._connection = connection
        self.tables = frozenset(
            str(row["name"]) for row in self.rows(_TABLES) if str(row["sql"]).upper().startswith("CREATE TABLE")
        )

    def rows(self, query: str) -> Iterator[Row]:
        """Run one of the callers' own queries. Raises Malformed, LimitReached; also after some rows were given."""
        with _faults():
            cursor = self._connection.execute(query)
            names = [column[0] for column in cursor.description]
        for number in range(ROWS_MAX + 1):
            with _faults():
                row = cursor.fetchone()
            if row is None:
                return
            if number == ROWS_MAX:
                raise LimitReached(f"more than {ROWS_MAX} rows in one table")
            yield dict(zip(names, row, strict=True))


@contextmanager
def open_database(source: Source) -> Iterator[Database]:
    """Load a database into memory. Raises Malformed, Truncated or LimitReached."""
    data = _loaded(source)
    has_wal = _IN_WAL in data[_VERSIONS_AT : _VERSIONS_AT + 2]
    data[_VERSIONS_AT : _VERSIONS_AT + 2] = _IN_JOURNAL
    connection = sqlite3.connect(":memory:", isolation_level=None, cached_statements=0)
    try:
        with _faults():
            connection.deserialize(data)
            data.clear()
            _guard(connection)
            _read_schema(connection)
        yield Database(connection, has_wal=has_wal)
    finally:
        with suppress(sqlite3.Error):
            connection.close()


def _loaded(source: Source) -> bytearray:
    size = source.size_bytes
    if size > DATABASE_BYTES_MAX:
        raise LimitReached(f"a database of {size} bytes is more than is read ({DATABASE_BYTES_MAX >> 20} MiB)")
    data = bytearray()
    while len(data) < size:
        block = source.read_at(len(data), min(_BLOCK_BYTES, size - len(data)))
        if not block:
            raise Truncated(f"{len(data)} of {size} bytes could be read")
        data += block
    if data[: len(MAGIC)] != MAGIC:
        raise Malformed("no SQLite database")
    return data


def _guard(connection: sqlite3.Connection) -> None:
    """Switch off what a file could use, then allow nothing but reading plain tables, for a limited time."""
    for limit, most in _LIMITS.items():
        connection.setlimit(limit, most)
    connection.text_factory = _text
    rounds = iter(range(_ROUNDS_MAX))
    connection.set_progress_handler(lambda: int(next(rounds, None) is None), _STEPS)


def _read_schema(connection: sqlite3.Connection) -> None:
    """Have SQLite read the schema, without trust where it can; authorise nothing but reading from then on."""
    for pragma in (_TRUST[False], *_PRAGMAS):
        connection.execute(pragma)
    try:
        connection.execute(_TABLES).close()
    except sqlite3.DatabaseError as fault:
        if _UNSAFE not in str(fault):
            raise
        connection.execute(_TRUST[True])
    connection.set_authorizer(_authorized)


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")


def _authorized(action: int, _first: str | None, _second: str | None, _database: str | None, inside: str | None) -> int:
    """Reading, and not from inside a view or trigger."""
    reads = action in (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ) and inside is None
    return sqlite3.SQLITE_OK if reads else sqlite3.SQLITE_DENY


@contextmanager
def _faults() -> Iterator[None]:
    try:
        yield
    except EvidenceError:
        raise
    except MemoryError as fault:
        raise LimitReached("the database takes more memory than a worker may have") from fault
    except (sqlite3.Error, OverflowError, UnicodeError, ValueError) as fault:
        if str(fault) == "interrupted":
            raise LimitReached("reading the database takes too long") from fault
        raise Malformed(f"SQLite: {fault}") from fault
