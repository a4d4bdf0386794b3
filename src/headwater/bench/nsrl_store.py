"""A database in the shape of NSRL's RDSv3 as a known set: how long it takes to add, open and ask, and in what memory.

Run: ``python -m headwater.bench.nsrl_store --rows 50000000 --dir DIR``. The database is made by code, of digests of
nothing. Ours runs in a process of its own, whose peak is measured. The peer in the same run is sqlite3 itself, asked
for the same digests through an index on the column, as a tool without a store of its own would; answers are compared.
Exit 1 where they differ.
"""

import argparse
import json
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import numpy as np

from headwater.bench.rows import high_water_bytes, peak_bytes
from headwater.match.digest_table import Digests
from headwater.match.nsrl import database_at, read_rows
from headwater.match.store import Store, StoreBuilder
from headwater.model.known import WIDTHS

_ROWS_AT_ONCE = 200_000
_LOOK_UPS = 1_000_000
_SEED = 31
_KIND = "sha1"


def digests_of(first: int, number: int) -> dict[str, Digests]:
    """The digests of some rows, the same each time: random bytes from the row's number."""
    rng = np.random.default_rng([_SEED, first])
    return {kind: rng.integers(0, 256, (number, width), np.uint8) for kind, width in WIDTHS.items()}


def make_database(path: Path, rows: int) -> None:
    """Write table FILE of the minimal RDSv3, its digests in capitals, and an index on SHA-1 for the peer."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=OFF")
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute(
            "CREATE TABLE FILE (sha256 VARCHAR, sha1 VARCHAR, md5 VARCHAR, crc32 VARCHAR, file_name VARCHAR, "
            "file_size INTEGER, package_id INTEGER)"
        )
        for first in range(0, rows, _ROWS_AT_ONCE):
            connection.executemany("INSERT INTO FILE VALUES (?, ?, ?, ?, ?, ?, ?)", _rows(first, rows))
        connection.execute("CREATE INDEX file_sha1 ON FILE (sha1)")
        connection.commit()


def _rows(first: int, rows: int) -> Iterator[tuple[str, str, str, str, str, int, int]]:
    made = digests_of(first, min(_ROWS_AT_ONCE, rows - first))
    texts = {kind: _texts(digests) for kind, digests in made.items()}
    for place, (md5, sha1, of_sha256) in enumerate(
        zip(texts["md5"], texts["sha1"], texts["sha256"], strict=True), first
    ):
        yield of_sha256, sha1, md5, "00000000", f"file{place}.dll", place, place % 4000


def _texts(digests: Digests) -> list[str]:
    text, width = digests.tobytes().hex().upper(), 2 * digests.shape[1]
    return [text[place : place + width] for place in range(0, len(text), width)]


def asked(rows: int, number: int) -> Digests:
    """SHA-1 values, every second of which is in the database."""
    rng = np.random.default_rng(_SEED + 1)
    present = [digests_of(first, min(_ROWS_AT_ONCE, rows - first))[_KIND] for first in _starts(rows, rng)]
    there = np.concatenate(present)
    chosen = there[rng.integers(0, len(there), number // 2)]
    absent = rng.integers(0, 256, (number - len(chosen), WIDTHS[_KIND]), np.uint8)
    return rng.permutation(np.concatenate([chosen, absent]))


def _starts(rows: int, rng: np.random.Generator) -> list[int]:
    """Some of the blocks that the database was made of."""
    every = np.arange(0, rows, _ROWS_AT_ONCE)
    return sorted(rng.choice(every, min(len(every), 20), replace=False).tolist())


def ours(database: Path, folder: Path, queries: Path) -> dict[str, float | int | str]:
    """Build, open, ask: what the child process does and tells."""
    began = time.perf_counter()
    told = database_at(database)
    folder.mkdir()
    rows = 0
    with StoreBuilder(folder) as builder:
        for columns, _ in read_rows(told):
            for kind, (digests, numbers) in columns.items():
                builder.add_digests(kind, digests, numbers)
            rows += len(columns[_KIND][1])
        builder.finish(told, rows)
    built = time.perf_counter()
    building = high_water_bytes(int(Path("/proc/self").readlink().name))
    result: list[tuple[float, float, str, int]] = []
    peak = peak_bytes(lambda: result.append(_asked(folder, _read(queries))))
    opened, looked, digest, found = result[0]
    return {
        "rows": rows, "build_seconds": built - began, "build_peak_bytes": building, "open_seconds": opened,
        "look_up_seconds": looked, "look_up_peak_bytes": peak, "found": found, "answer": digest,
    }  # fmt: skip


def _read(queries: Path) -> Digests:
    return np.fromfile(queries, np.uint8).reshape(-1, WIDTHS[_KIND])


def _asked(folder: Path, queries: Digests) -> tuple[float, float, str, int]:
    began = time.perf_counter()
    store = Store(folder)
    opened = time.perf_counter()
    places, numbers = store.look_up(_KIND, queries)
    looked = time.perf_counter()
    return opened - began, looked - opened, _digest(zip(places.tolist(), numbers.tolist(), strict=True)), len(places)


def by_sqlite(database: Path, queries: Digests) -> tuple[float, str]:
    """Seconds and digest of the answer of the peer."""
    with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
        began = time.perf_counter()
        query = "SELECT rowid FROM FILE WHERE sha1 = ?"
        answer = [
            (place, number)
            for place, text in enumerate(_texts(queries))
            for (number,) in connection.execute(query, (text,))
        ]
        return time.perf_counter() - began, _digest(answer)


def _digest(answer: object) -> str:
    return sha256(json.dumps(sorted(answer)).encode()).hexdigest()  # type: ignore[call-overload]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print both; exit 1 where they differ."""
    parser = argparse.ArgumentParser(prog="python -m headwater.bench.nsrl_store", description=__doc__)
    parser.add_argument("--rows", type=int, default=50_000_000)
    parser.add_argument("--look-ups", type=int, default=_LOOK_UPS)
    parser.add_argument("--dir", type=Path)
    parser.add_argument("--child", nargs=3, type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.child:
        print(json.dumps(ours(*given.child)))
        return 0
    with tempfile.TemporaryDirectory(prefix="headwater-bench-", dir=given.dir) as name:
        return _measure(Path(name), given.rows, given.look_ups)


def _measure(folder: Path, rows: int, look_ups: int) -> int:
    database, queries = folder / "rds.db", folder / "asked.bin"
    began = time.perf_counter()
    make_database(database, rows)
    print(f"{rows:,} rows, {database.stat().st_size / 1e9:.2f} GB, made in {time.perf_counter() - began:.0f} s")
    queries.write_bytes(asked(rows, look_ups).tobytes())
    command = [sys.executable, "-m", "headwater.bench.nsrl_store", "--child", str(database), str(folder / "set")]
    told = json.loads(subprocess.run([*command, str(queries)], check=True, capture_output=True).stdout)
    seconds, answer = by_sqlite(database, _read(queries))
    size = sum(each.stat().st_size for each in (folder / "set").iterdir())
    print(
        f"build    {told['build_seconds']:.1f} s ({told['rows'] / told['build_seconds']:,.0f} rows/s), "
        f"peak {told['build_peak_bytes'] >> 20:,} MiB, {size / 1e9:.2f} GB on disk\n"
        f"open     {1000 * told['open_seconds']:.1f} ms\n"
        f"look up  {look_ups:,} in {told['look_up_seconds']:.2f} s, {told['found']:,} found, "
        f"peak {told['look_up_peak_bytes'] >> 20:,} MiB\n"
        f"peer     sqlite3 by its index: {seconds:.2f} s, {seconds / told['look_up_seconds']:.1f} times ours; "
        f"{'the same answer' if answer == told['answer'] else 'ANSWERS DIFFER'}"
    )
    return 0 if answer == told["answer"] else 1


if __name__ == "__main__":
    raise SystemExit(main())
