"""The whole run at 12 Mpx: `headwater run` as a process, against exiftool, then Pillow + pdqhash."""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headwater.bench.corpus_metadata import Context, Row, compare_file
from headwater.bench.corpus_metadata_ours import Values, our_values
from headwater.bench.corpus_metadata_theirs import run_exiftool, their_values
from headwater.bench.pdq import NEAR_BITS, distance_bits
from headwater.bench.photographs import photographs
from headwater.bench.rows import BenchRow, peer_module, peer_program
from headwater.bench.subject import Usage, run_headwater
from headwater.findings.views import connect
from headwater.model.finding import Seen

PICTURES = 96
_TURNS = 3
_TARGET = 6.0
_HASHES = (sys.executable, "-m", "headwater.bench.peer_hashes")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The hashes and the metadata of every picture, by file name."""

    hashes: Mapping[str, str]
    metadata: Mapping[str, Values]


def rows(pictures: int = PICTURES) -> Iterator[BenchRow]:
    """Two rows: one worker a core, and a single worker. Raises MissingDependency without exiftool or pdqhash."""
    peer_module("pdqhash", "pdqhash")
    exiftool = peer_program("exiftool", "libimage-exiftool-perl")
    with tempfile.TemporaryDirectory(prefix="headwater-bench-") as name:
        folder = Path(name) / "pictures"
        size_bytes = photographs(folder, pictures)
        cores = len(os.sched_getaffinity(0))
        many: list[Usage] = []
        single: list[Usage] = []
        peer: list[Usage] = []
        hashes: Mapping[str, str] = {}
        start = _warm_up(exiftool, Path(name))
        for turn in range(_TURNS):
            many.append(run_headwater(folder, Path(name) / f"many{turn}"))
            usage, hashes = run_peer(exiftool, folder)
            peer.append(usage)
            single.append(run_headwater(folder, Path(name) / f"single{turn}", workers=1))
        ours = read_workspace(Path(name) / f"many{_TURNS - 1}")
        same, words = _compare(ours, hashes, folder)
        what = f"{pictures} JPEGs of 4000 x 3000 with EXIF, GPS and XMP, {size_bytes / 1e6:.0f} MB"
        for label, runs in ((f"{cores} workers on {cores} cores", many), ("1 worker", single)):
            yield _row(
                f"{what}; {label}",
                pictures,
                runs,
                peer,
                same=same,
                words=f"{words}; a run of two pictures takes {start:.1f} s",
            )


def _warm_up(exiftool: str, folder: Path) -> float:
    """Both on two pictures, uncounted: programs into the page cache, kernels compiled. Seconds of ours, again."""
    photographs(folder / "two", 2)
    run_headwater(folder / "two", folder / "warm")
    run_peer(exiftool, folder / "two")
    return run_headwater(folder / "two", folder / "start").seconds


def run_peer(exiftool: str, folder: Path) -> tuple[Usage, dict[str, str]]:
    """One exiftool for all files, then one Python with Pillow and pdqhash for all files."""
    before, began = os.times(), time.perf_counter()
    subprocess.run([exiftool, "-j", "-G1", "-n", "-r", str(folder)], check=True, capture_output=True)
    printed = subprocess.run([*_HASHES, str(folder)], check=True, capture_output=True, text=True).stdout
    seconds, after = time.perf_counter() - began, os.times()
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    hashes = {name: digest for digest, _, name in (line.partition(" ") for line in printed.splitlines())}
    return Usage(seconds=seconds, cpu_seconds=spent, broker_bytes=0, worker_bytes=0), hashes


def read_workspace(workspace: Path) -> Outcome:
    """What the run found, from its sealed parts."""
    with connect(workspace) as views:
        names = dict(views.execute("SELECT sha256, path FROM items").fetchall())
        found = views.execute("SELECT sha256, claim, value, state FROM findings WHERE state = 'found'").fetchall()
    seen: dict[str, list[Seen]] = defaultdict(list)
    for digest, claim, value, _ in found:
        seen[names[digest]].append(Seen(claim=claim, value=value))
    hashes = {name: each.value for name, what in seen.items() for each in what if each.claim == "perceptual.pdq"}
    return Outcome(hashes=hashes, metadata={name: our_values(each) for name, each in seen.items()})


def _compare(ours: Outcome, hashes: Mapping[str, str], folder: Path) -> tuple[bool, str]:
    """Whether hashes and metadata are the same, and the figures."""
    apart = [
        distance_bits(bytes.fromhex(ours.hashes[name]), bytes.fromhex(hashes[name])) if name in ours.hashes else 256
        for name in sorted(hashes)
    ]
    rows: dict[str, Row] = defaultdict(Row)
    whole = Context(warning="", damage="", refused="")
    for file in run_exiftool(folder):
        name = Path(file["SourceFile"]).name
        compare_file(name, ours.metadata.get(name, {}), their_values(file), rows, whole)
    agreed = sum(row.agree + row.differ - len(row.unexplained) for row in rows.values())
    unlike = sum(len(row.unexplained) for row in rows.values())
    words = f"hash distance at most {max(apart)} bits; of exiftool's values {agreed} the same, {unlike} not"
    return max(apart) <= NEAR_BITS and agreed > 0 and not unlike and ours.hashes.keys() == hashes.keys(), words


def _row(what: str, pictures: int, ours: list[Usage], peer: list[Usage], *, same: bool, words: str) -> BenchRow:
    wall, peer_wall = _median(ours, "seconds"), _median(peer, "seconds")
    cost, peer_cost = _median(ours, "cpu_seconds") / pictures, _median(peer, "cpu_seconds") / pictures
    return BenchRow(
        name="run",
        input=what,
        peer="exiftool -j -G1 -n, one batch, then Pillow + pdqhash in one Python process; one core",
        ours_per_second=pictures / wall,
        peer_per_second=pictures / peer_wall,
        ratio=peer_wall / wall,
        same_output=same,
        peak_memory_bytes=max(max(each.broker_bytes, each.worker_bytes) for each in ours),
        unit="pictures",
        target=_TARGET,
        note=f"wall clock of whole processes, start and report included; processor time a picture {cost * 1e3:.0f} ms "
        f"and {peer_cost * 1e3:.0f} ms: {peer_cost / cost:.1f}x a core; {words}; peak is the largest process's",
    )


def _median(usages: list[Usage], figure: str) -> float:
    values: list[Any] = [getattr(each, figure) for each in usages]
    return float(statistics.median(values))
