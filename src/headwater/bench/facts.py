"""Metadata and generators' facts of a folder's files, beside one exiftool process over the same files in the same run.

``python -m headwater.bench.facts FOLDER``. Ours: every file read from disk, both examiners, their findings made, one
process. exiftool: one batch with its ordinary output as JSON. Each runs as often as asked; the best of each counts.
"""

import argparse
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from headwater.bench.arguments import a_folder
from headwater.evidence.content import BytesSource
from headwater.examine.examiner import Examiner
from headwater.examine.generators import Generators
from headwater.examine.metadata import Metadata
from headwater.examine.view import View

_ROUNDS = 3
_COMMAND = ("exiftool", "-j", "-a", "-u", "-G1", "-i", "SYMLINKS")


def examine(data: bytes, examiners: Sequence[Examiner]) -> int:
    """Examine one content; give the number of findings."""
    view = View(sha256="", size_bytes=len(data), name=b"", source=BytesSource(data=data))
    return sum(len(list(each.examine(view))) for each in examiners if each.accepts(view))


def ours_seconds(files: Sequence[Path], examiners: Sequence[Examiner]) -> tuple[float, int]:
    """Seconds over all files, and the number of findings."""
    start = time.perf_counter()
    findings = sum(examine(file.read_bytes(), examiners) for file in files)
    return time.perf_counter() - start, findings


def exiftool_seconds(files: Sequence[Path]) -> float:
    """Seconds of one exiftool process over all files."""
    start = time.perf_counter()
    subprocess.run(
        [*_COMMAND, "--", *map(str, files)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False
    )
    return time.perf_counter() - start


def main(arguments: list[str]) -> int:
    """Measure one folder and print the rates and their ratio."""
    parser = argparse.ArgumentParser(prog="headwater.bench.facts", description=__doc__.split("\n", 1)[0])
    parser.add_argument("folder", type=a_folder)
    parser.add_argument("--rounds", type=int, default=_ROUNDS)
    options = parser.parse_args(arguments)
    files = sorted(path for path in options.folder.rglob("*") if path.is_file() and path.suffix != ".csv")
    examiners = (Metadata(), Generators())
    ours_seconds(files, examiners)  # the files are in memory, and everything is loaded
    rounds = [(ours_seconds(files, examiners), exiftool_seconds(files)) for _ in range(options.rounds)]
    ours, findings = min(one for one, _ in rounds)
    theirs = min(one for _, one in rounds)
    print(f"{len(files)} files, {findings} findings, {options.rounds} rounds, best of each")
    print(f"ours     {ours:8.3f} s {len(files) / ours:10.1f} files/s")
    print(f"exiftool {theirs:8.3f} s {len(files) / theirs:10.1f} files/s")
    print(f"ratio    {theirs / ours:8.1f}")
    for each in examiners:
        alone, _ = ours_seconds(files, (each,))
        print(f"{each.name} alone {alone:8.3f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
