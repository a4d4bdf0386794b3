"""Which contents have been examined in this operation.

On disk, so that memory stays flat. Derived: rebuilt from the sealed parts at every start.
"""

import sqlite3
from collections.abc import Iterable
from pathlib import Path

_CACHE_KIB = 8192


class SeenContents:
    """SHA-256 digests that are examined (committed) or being examined (reserved by a unit)."""

    def __init__(self, path: Path, examined: Iterable[str]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        self._database = sqlite3.connect(path, isolation_level=None)
        self._database.execute(f"PRAGMA cache_size=-{_CACHE_KIB}")
        self._database.execute("PRAGMA journal_mode=OFF")
        self._database.execute("PRAGMA synchronous=OFF")
        self._database.execute("CREATE TABLE seen (sha256 BLOB PRIMARY KEY) WITHOUT ROWID")
        self._add(examined)
        self._reserved: dict[str, str] = {}
        self.given_up: set[str] = set()  # reserved once, given up, and taken by no unit since

    def reserve(self, unit: str, digests: Iterable[str]) -> tuple[bool, ...]:
        """For each digest whether `unit` is to examine it; those become its own."""
        return tuple(self._reserve(unit, digest) for digest in digests)

    def release(self, unit: str, *, keep: set[str]) -> None:
        """Give up what `unit` reserved and has no result for: its worker was lost."""
        for digest in [digest for digest, owner in self._reserved.items() if owner == unit and digest not in keep]:
            del self._reserved[digest]
            self.given_up.add(digest)

    def commit(self, unit: str) -> None:
        """What `unit` reserved is examined and sealed."""
        mine = [digest for digest, owner in self._reserved.items() if owner == unit]
        self._add(mine)
        for digest in mine:
            del self._reserved[digest]

    def close(self) -> None:
        """Close the file; it is rebuilt from the sealed parts next time."""
        self._database.close()

    def _reserve(self, unit: str, digest: str) -> bool:
        if digest in self._reserved:
            return False
        row = self._database.execute("SELECT 1 FROM seen WHERE sha256 = ?", (bytes.fromhex(digest),)).fetchone()
        if row:
            return False
        self._reserved[digest] = unit
        self.given_up.discard(digest)
        return True

    def _add(self, digests: Iterable[str]) -> None:
        self._database.execute("BEGIN")
        self._database.executemany("INSERT OR IGNORE INTO seen VALUES (?)", ((bytes.fromhex(d),) for d in digests))
        self._database.execute("COMMIT")
