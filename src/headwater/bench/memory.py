"""Whether memory stays flat: one run of few small files, one of many."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from headwater.bench.inputs import small_files
from headwater.bench.rows import BenchRow
from headwater.bench.subject import Usage, run_headwater
from headwater.findings.views import connect

FEW, MANY = 10_000, 200_000
_LEAST_BYTES, _MOST_BYTES = 256, 2048


def rows(few: int = FEW, many: int = MANY) -> Iterator[BenchRow]:
    """Two rows: the broker's peak and the largest worker's, at `many` files; at `few` files in the note."""
    with tempfile.TemporaryDirectory(prefix="headwater-bench-") as name:
        small, small_items = _run(Path(name) / "few", few)
        large, large_items = _run(Path(name) / "many", many)
    complete = (small_items, large_items) == (few, many)
    peaks = (
        ("broker", small.broker_bytes, large.broker_bytes),
        ("largest worker", small.worker_bytes, large.worker_bytes),
    )
    for who, before, after in peaks:
        yield BenchRow(
            name="memory",
            input=f"{many:,} files of {_LEAST_BYTES} to {_MOST_BYTES} bytes: peak of the {who}",
            peer=f"the same with {few:,} files",
            ours_per_second=many / large.seconds,
            peer_per_second=few / small.seconds,
            ratio=(many / large.seconds) / (few / small.seconds),
            same_output=complete,
            peak_memory_bytes=after,
            unit="files",
            note=f"{who}: {before >> 20} MiB at {few:,} files, {after >> 20} MiB at {many:,}, "
            f"{after / before:.2f} times; output: every file is an item of the workspace",
        )


def _run(folder: Path, count: int) -> tuple[Usage, int]:
    """Returns the cost of a run, and how many items it listed."""
    small_files(folder / "stations", count, least_bytes=_LEAST_BYTES, most_bytes=_MOST_BYTES)
    workspace = folder / "workspace"
    usage = run_headwater(folder / "stations", workspace)
    with connect(workspace) as views:
        row = views.execute("SELECT count(*) FROM items").fetchone()
    return usage, int(row[0]) if row else 0
