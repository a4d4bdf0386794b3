"""Walk + MD5 + SHA-1 + SHA-256 on small files, against hashdeep.

Ours is the way evidence goes in the product: the broker walks and opens, jailed workers get descriptors, read, digest,
tell the type, look for archives and answer. No examiner runs, nothing is listed into or written to a workspace.
"""

import os
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from headwater.bench.inputs import FILES_A_FOLDER, small_files
from headwater.bench.rows import BenchRow, by_turns, high_water_bytes, peer_program
from headwater.evidence.folder import Folder
from headwater.evidence.reader import Limits
from headwater.examine.messages import Answer, Ask, Done, Result, Results, ToBroker, WorkFiles, WorkSettings
from headwater.model.errors import EvidenceError
from headwater.model.item import Entry
from headwater.model.locator import item_id
from headwater.model.settings import WorkerLimits
from headwater.steps.runner import Link, Loss, OpenSource, Pool, kernel_cache


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How many files, of which sizes."""

    files: int
    least_bytes: int
    most_bytes: int


SMALL = Sizes(files=20_000, least_bytes=1 << 10, most_bytes=8 << 10)
PICTURE_LIKE = Sizes(files=2_000, least_bytes=32 << 10, most_bytes=256 << 10)
_EXHIBIT = "BENCH"
_BATCH_FILES = 64
_TARGET = 2.5
Line = tuple[int, str, str, str, bytes]  # size, MD5, SHA-1, SHA-256, path below the folder


def rows(*sizes: Sizes) -> Iterator[BenchRow]:
    """One row for each of `sizes`, SMALL and PICTURE_LIKE where none is given. Raises MissingDependency."""
    program = peer_program("hashdeep", "hashdeep")
    with _pool() as pool:
        for each in sizes or (SMALL, PICTURE_LIKE):
            yield _row(program, pool, each)


def _row(program: str, pool: Pool, sizes: Sizes) -> BenchRow:
    with tempfile.TemporaryDirectory(prefix="headwater-bench-") as name:
        folder = Path(name) / "stations"
        size_bytes = small_files(folder, sizes.files, least_bytes=sizes.least_bytes, most_bytes=sizes.most_bytes)
        turns = by_turns(lambda: ours(pool, folder), lambda: hashdeep(program, folder))
        return BenchRow(
            name="digests",
            input=f"{sizes.files:,} files of {sizes.least_bytes >> 10} to {sizes.most_bytes >> 10} KiB in "
            f"{-(-sizes.files // FILES_A_FOLDER)} folders, {size_bytes / 1e6:.0f} MB, in the page cache",
            peer=f"{_version(program)}, -c md5,sha1,sha256 -r -l, whole process, one thread a core (its default)",
            ours_per_second=sizes.files / turns.ours_seconds,
            peer_per_second=sizes.files / turns.peer_seconds,
            ratio=turns.ratio,
            same_output=turns.ours == turns.peer,
            peak_memory_bytes=high_water_bytes(os.getpid()),
            unit="files",
            target=_TARGET,
            note="broker and one jailed worker a core, started beforehand; with type and archive detection; no "
            f"examiners, no workspace. {len(turns.peer):,} sizes, digests and paths compared. Peak is the broker's",
        )


def ours(pool: Pool, folder: Path) -> set[Line]:
    """What the product's broker and workers say of every file."""
    source = OpenSource(source=folder.name, segments=(), descriptors=(), limits=Limits())
    lines: set[Line] = set()
    with Folder(folder) as opened:
        entries = (each for each in opened.walk() if isinstance(each, Entry))
        pool.run(_DigestJob(opened, source, batch, lines) for batch in _batches(entries))
    return lines


def hashdeep(program: str, folder: Path) -> set[Line]:
    """What hashdeep prints of every file."""
    command = [program, "-c", "md5,sha1,sha256", "-r", "-l", folder.name]
    printed = subprocess.run(command, cwd=folder.parent, check=True, capture_output=True).stdout
    split = (line.split(b",", 4) for line in printed.splitlines() if line[:1].isdigit())
    return {
        (int(size), md5.decode(), sha1.decode(), sha256.decode(), path.partition(b"/")[2])
        for size, md5, sha1, sha256, path in split
    }


@dataclass(slots=True)
class _DigestJob:
    """A Job of the pool: one batch of files."""

    folder: Folder
    source: OpenSource
    entries: Sequence[Entry]
    lines: set[Line]
    paths: dict[str, bytes] = field(default_factory=dict)

    def begin(self, link: Link) -> None:
        """Open the files and hand them over."""
        link.open(self.source)
        name = self.source.source
        self.paths = {item_id(_EXHIBIT, name, each.locator): each.locator.raw_path for each in self.entries}
        settings = WorkSettings(_EXHIBIT, name, self.source.limits, (), "", max_pixels=1)
        descriptors = [self.folder.open_file(each.locator.raw_path) for each in self.entries]
        try:
            link.send(WorkFiles(tuple(self.entries), (), settings), descriptors)
        finally:
            for descriptor in descriptors:
                os.close(descriptor)

    def message(self, link: Link, message: ToBroker) -> bool:
        """Take an answer."""
        match message:
            case Ask():
                link.send(Answer((True,) * len(message.digests)))
            case Results():
                self.lines.update(map(self._line, message.results))
        return isinstance(message, Done)

    def _line(self, result: Result) -> Line:
        contents = result.contents
        if contents is None:
            raise EvidenceError(f"not read: {result.faults}")
        return contents.bytes_read, contents.md5, contents.sha1, contents.sha256, self.paths[result.item]

    def lost(self, loss: Loss) -> bool:
        raise EvidenceError(f"a worker was lost: {loss.message}")


def _batches(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    waiting = iter(entries)
    while batch := list(islice(waiting, _BATCH_FILES)):
        yield batch


def _pool() -> Pool:
    workers = len(os.sched_getaffinity(0))
    return Pool(workers=workers, unsafe=False, limits=WorkerLimits(), cache_folder=str(kernel_cache()))


def _version(program: str) -> str:
    return "hashdeep " + subprocess.run([program, "-V"], check=True, capture_output=True, text=True).stdout.strip()
