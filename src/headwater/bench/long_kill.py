"""Proof that a run may be killed at any instant: killed again and again, its result equals the uninterrupted one.

    python -m headwater.bench.long_kill [--files 50000] [--kills 20] [--unit-items 512] [--seed 1] [--folder DIR]

Exit status 1 where a row was lost, added or repeated, a source changed, the seals do not hold, a worker outlived its
run, or a picture can be carved out of the workspace or the scratch folder.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from headwater.bench.proving import Kept, Stage, carve, differences, make_evidence, result_of, state_of

_POLL_SECONDS = 0.005
_AFTER_UNITS_SECONDS = 0.1
_ANY_TIME_SECONDS = 4.0  # the start of a run, with its workers, takes about two
_LAST_MOMENT_SECONDS = 10.0
_ENDED_WELL = (0, 4)
_ENTRY = b"headwater.sandbox.entry"


@dataclass(frozen=True, slots=True, kw_only=True)
class Killed:
    """One kill: when it came, and how much was sealed by then."""

    after_seconds: float
    sealed_units: int
    was_running: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Moment:
    """When to kill: so long after so many more units were sealed; with no unit, so long after the start."""

    more_units: int
    wait_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """The outcome. `faults` is empty where everything held."""

    items: int
    findings: int
    seconds: float
    kills: tuple[Killed, ...]
    faults: tuple[str, ...]


def prove(folder: Path, *, files: int, kills: int, unit_items: int, seed: int) -> Proof:
    """Run once without a break and once with `kills` kills over the same evidence, and compare."""
    evidence = folder / "evidence"
    make_evidence(evidence, files, seed)
    before = state_of(evidence)
    stage = Stage(folder=folder)
    _prepare(stage, folder / "whole", unit_items)
    seconds = _timed(stage, folder / "whole", evidence)
    units = _sealed(folder / "whole")
    workspace = folder / "broken"
    _prepare(stage, workspace, unit_items)
    rng = random.Random(seed)  # noqa: S311 - the same moments each time
    killed: list[Killed] = []
    faults: list[str] = []
    for number in range(kills):
        more = 1 + rng.randrange(max(1, 3 * units // (2 * kills))) if number % 3 else 0
        most = _AFTER_UNITS_SECONDS if more else min(seconds, _ANY_TIME_SECONDS)
        moment = _Moment(more_units=more, wait_seconds=rng.random() * most)
        killed.append(_kill(stage, workspace, evidence, moment, faults))
    _checked(stage.run("run", evidence, "-w", workspace, "--exhibit", "K-1", "--quiet"))
    whole = result_of(folder / "whole")
    faults += differences(whole, result_of(workspace))
    faults += _changed(before, state_of(evidence))
    faults += [f"carved: {place}" for place in carve(workspace, stage.scratch)]
    if (code := stage.run("verify", "-w", workspace).returncode) != 0:
        faults.append(f"verify ended with {code}")
    return Proof(
        items=len(whole.items),
        findings=len(whole.findings),
        seconds=seconds,
        kills=tuple(killed),
        faults=tuple(faults),
    )


def _prepare(stage: Stage, workspace: Path, unit_items: int) -> None:
    _checked(stage.run("init", workspace, "--operation", "Proof"))
    settings = workspace / "headwater.toml"
    settings.write_text(settings.read_text().replace("# unit_items = 512", f"unit_items = {unit_items}"))


def _timed(stage: Stage, workspace: Path, evidence: Path) -> float:
    """Run to the end; how many seconds it took."""
    began = time.monotonic()
    _checked(stage.run("run", evidence, "-w", workspace, "--exhibit", "K-1", "--quiet"))
    return time.monotonic() - began


def _sealed(workspace: Path) -> int:
    """How many units count by now."""
    return sum(path.read_bytes().count(b"\n") for path in workspace.glob("findings/*/*/commits.jsonl"))


def _checked(ended: "subprocess.CompletedProcess[bytes]") -> None:
    if ended.returncode not in _ENDED_WELL:
        raise SystemExit(f"exit {ended.returncode}: {ended.stderr.decode(errors='replace')}")


def _kill(stage: Stage, workspace: Path, evidence: Path, moment: _Moment, faults: list[str]) -> Killed:
    target = _sealed(workspace) + moment.more_units if moment.more_units else 0
    began = time.monotonic()
    running = stage.start("run", evidence, "-w", workspace, "--exhibit", "K-1", "--quiet")
    while running.poll() is None and _sealed(workspace) < target:
        time.sleep(_POLL_SECONDS)
    with suppress(subprocess.TimeoutExpired):
        running.wait(moment.wait_seconds)
    was_running = running.poll() is None
    with suppress(ProcessLookupError):
        os.killpg(running.pid, signal.SIGKILL)
    running.wait()
    if left := _left_over(running.pid):
        faults.append(f"workers outlived their run: {left}")
    if not was_running and running.returncode not in _ENDED_WELL:
        faults.append(f"a run begun again ended with {running.returncode}")
    after = time.monotonic() - began
    return Killed(after_seconds=after, sealed_units=_sealed(workspace), was_running=was_running)


def _left_over(broker: int) -> list[int]:
    """Workers of this broker that are still there after a moment."""
    deadline = time.monotonic() + _LAST_MOMENT_SECONDS
    while (left := _workers_of(broker)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return left


def _workers_of(broker: int) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        with suppress(OSError, ValueError):
            words = (entry / "cmdline").read_bytes().split(b"\0")
            if _ENTRY in words and words[words.index(_ENTRY) + 3] == b"%d" % broker:
                found.append(int(entry.name))
    return found


def _changed(before: Mapping[str, Kept], after: Mapping[str, Kept]) -> list[str]:
    names = [name for name in before.keys() | after.keys() if before.get(name) != after.get(name)]
    return [f"evidence changed: {bytes.fromhex(name)!r}" for name in sorted(names)]


def main(arguments: Sequence[str]) -> int:
    """Run the proof and print it."""
    parser = argparse.ArgumentParser(prog="python -m headwater.bench.long_kill", description=__doc__.split("\n")[0])
    parser.add_argument("--files", type=int, default=50_000)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--unit-items", type=int, default=512)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="an empty folder to work in; a temporary one where not given")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="headwater-proof-") as made:
        proof = prove(
            given.folder or Path(made),
            files=given.files,
            kills=given.kills,
            unit_items=given.unit_items,
            seed=given.seed,
        )
    print(f"{given.files:,} files, {proof.items:,} items, {proof.findings:,} findings")
    print(f"uninterrupted: {proof.seconds:.1f} s")
    for number, kill in enumerate(proof.kills, 1):
        state = "killed" if kill.was_running else "had ended"
        print(f"  {number:>3}  after {kill.after_seconds:6.2f} s  {kill.sealed_units:>5} units sealed  {state}")
    for fault in proof.faults:
        print(f"  FAULT  {fault}")
    print("the result is the same" if not proof.faults else "the result is NOT the same")
    return 1 if proof.faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
