"""What the origin of pictures adds to a run, beside the same run with the examiners of files alone.

``python -m headwater.bench.origin_cost [FOLDER ...]``. Both are `headwater run` as a process in a new workspace, by
turns; without a folder, on photographs of 12 Mpx made for it. One has every default examiner but the slow ones, and
weighs and orders what they found; the other ends before anything is weighed.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

from headwater.bench.arguments import a_folder
from headwater.bench.photographs import photographs
from headwater.bench.subject import PROGRAM, Usage, run_headwater

BEFORE = ("filetype", "metadata", "picture", "perceptual")
_TURNS, _PICTURES = 3, 48
_UNWEIGHED = (
    *PROGRAM[:2],
    "from headwater.cli import work, main; work.conclude = lambda *_, **__: None; main.main()",
)


def without(folder: Path, workspace: Path) -> Usage:
    """A run with the examiners of files alone that weighs nothing."""
    return run_headwater(folder, workspace, lines=[f"examiners = {[*BEFORE]}"], program=_UNWEIGHED)


def whole(folder: Path, workspace: Path) -> Usage:
    """A run as it is, the slow examiners left out."""
    return run_headwater(folder, workspace, lines=["slow = false"])


def measure(folder: Path, turns: int) -> None:
    """Run both by turns, and print what each took."""
    kinds: dict[str, Callable[[Path, Path], Usage]] = {"files alone": without, "with origin": whole}
    took: dict[str, list[Usage]] = {name: [] for name in kinds}
    with tempfile.TemporaryDirectory(prefix="headwater-bench-") as made:
        for turn in range(turns + 1):
            for number, (name, run) in enumerate(kinds.items()):
                took[name].append(run(folder, Path(made) / f"{turn}-{number}"))
    runs = {name: each[1:] for name, each in took.items()}  # the first compiles and fills caches
    print(f"{folder.name}: {sum(path.is_file() for path in folder.rglob('*'))} files, {turns} runs of each, by turns")
    for name, each in runs.items():
        clock, processor = [one.seconds for one in each], [one.cpu_seconds for one in each]
        print(
            f"{name:12} clock {min(clock):7.2f} s, median {median(clock):7.2f}; "
            f"processor {min(processor):7.2f} s, median {median(processor):7.2f}; "
            f"largest worker {max(one.worker_bytes for one in each) >> 20} MiB"
        )
    for word, choose in (("least", min), ("median", median)):
        print(f"origin adds, {word}: {_added(runs, choose):+.1f} % of the processor's time")


def _added(runs: dict[str, list[Usage]], choose: Callable[[list[float]], float]) -> float:
    before, after = (choose([one.cpu_seconds for one in each]) for each in runs.values())
    return 100 * (after / before - 1)


def main(arguments: Sequence[str]) -> int:
    """Measure the given folders, or photographs made for it."""
    parser = argparse.ArgumentParser(prog="headwater.bench.origin_cost", description=__doc__.split("\n\n", 1)[0])
    parser.add_argument("folders", type=a_folder, nargs="*")
    parser.add_argument("--turns", type=int, default=_TURNS)
    parser.add_argument("--pictures", type=int, default=_PICTURES)
    options = parser.parse_args(arguments)
    for folder in options.folders:
        measure(folder, options.turns)
    if not options.folders:
        with tempfile.TemporaryDirectory(prefix="headwater-bench-") as made:
            folder = Path(made) / "photographs"
            photographs(folder, options.pictures)
            measure(folder, options.turns)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
