"""Metadata and generators' facts of a folder's files, beside one exiftool process over the same files in the same run.

``python -m headwater.bench.facts FOLDER``. Ours: every file read from disk, both examiners, their findings made, one
process. exiftool: one batch with its ordinary output as JSON. Each runs as often as asked, by turns; the best and the
median of each are given.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from headwater.bench.arguments import a_folder
from headwater.evidence.content import BytesSource
from headwater.examine import loaded
from headwater.examine.examiner import Examiner
from headwater.examine.generators import Generators
from headwater.examine.metadata import Metadata
from headwater.examine.view import View

EXAMINERS: tuple[Examiner, ...] = (Metadata(), Generators())
_ROUNDS = 3
_COMMAND = ("exiftool", "-j", "-a", "-u", "-G1", "-i", "SYMLINKS")


def examine(data: bytes, examiners: Sequence[Examiner]) -> int:
    """Examine one content; give the number of findings."""
    view = View(sha256="", size_bytes=len(data), name=b"", source=BytesSource(data=data))
    return sum(len(list(each.examine(view))) for each in examiners if each.accepts(view))


@dataclass(frozen=True, slots=True, order=True)
class Took:
    """Seconds by the clock, and seconds of a processor: on a machine that others use the clock says little."""

    clock_seconds: float
    processor_seconds: float


def ours(files: Sequence[Path], examiners: Sequence[Examiner]) -> tuple[Took, int]:
    """What it took to read and examine all files, and the number of findings."""
    start, used = time.perf_counter(), time.process_time()
    findings = sum(examine(file.read_bytes(), examiners) for file in files)
    return Took(time.perf_counter() - start, time.process_time() - used), findings


def exiftool(files: Sequence[Path]) -> Took:
    """What one exiftool process took over all files."""
    start, used = time.perf_counter(), _of_children()
    subprocess.run(
        [*_COMMAND, "--", *map(str, files)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False
    )
    return Took(time.perf_counter() - start, _of_children() - used)


def _of_children() -> float:
    spent = os.times()
    return spent.children_user + spent.children_system


def _median(took: Sequence[Took]) -> Took:
    return Took(median(one.clock_seconds for one in took), median(one.processor_seconds for one in took))


def _print(word: str, files: int, mine: Took, theirs: Took) -> None:
    for name, took in (("ours", mine), ("exiftool", theirs)):
        rate, used = files / took.clock_seconds, took.processor_seconds
        print(f"{word:8}{name:9}{took.clock_seconds:8.3f} s{rate:10.1f} files/s{used:8.3f} s of a processor")
    clock, processor = theirs.clock_seconds / mine.clock_seconds, theirs.processor_seconds / mine.processor_seconds
    print(f"{word:8}ratio    {clock:8.1f} by the clock {processor:8.1f} by processor time")


def main(arguments: list[str]) -> int:
    """Measure one folder and print the rates and their ratio."""
    parser = argparse.ArgumentParser(prog="headwater.bench.facts", description=__doc__.split("\n", 1)[0])
    parser.add_argument("folder", type=a_folder)
    parser.add_argument("--rounds", type=int, default=_ROUNDS)
    options = parser.parse_args(arguments)
    files = sorted(path for path in options.folder.rglob("*") if path.is_file() and path.suffix != ".csv")
    loaded.warm()
    ours(files, EXAMINERS)  # the files are in memory, and everything is loaded
    rounds = [(*ours(files, EXAMINERS), exiftool(files)) for _ in range(options.rounds)]
    print(f"{len(files)} files, {rounds[0][1]} findings, {options.rounds} rounds by turns")
    mine, theirs = [one for one, _, _ in rounds], [one for _, _, one in rounds]
    for word, choose in (("best", min), ("median", _median)):
        _print(word, len(files), choose(mine), choose(theirs))
    for each in EXAMINERS:
        alone, _ = ours(files, (each,))
        print(f"{each.name} alone {alone.processor_seconds:8.3f} s of a processor")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
