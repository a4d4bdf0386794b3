"""`headwater run` as a whole process on a folder, and what it cost."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from headwater.bench.rows import high_water_bytes
from headwater.model.errors import ExitCode, HeadwaterError

PROGRAM = (sys.executable, "-c", "from headwater.cli.main import main; main()")
_POLL_SECONDS = 0.05
_FINE = frozenset({ExitCode.DONE, ExitCode.DONE_WITH_FAILURES})


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What one process with its children took. Peaks are resident: of the broker, and of the largest worker."""

    seconds: float
    cpu_seconds: float
    broker_bytes: int
    worker_bytes: int


def run_headwater(
    folder: Path, workspace: Path, *, workers: int = 0, lines: Sequence[str] = (), program: Sequence[str] = PROGRAM
) -> Usage:
    """Run everything on `folder` in a new workspace; only the run is measured. Keys lie beside the workspace.

    lines: of the settings' section `run`. program: what stands before a command.
    """
    environment = os.environ | {"HEADWATER_CONFIG_DIR": str(workspace.parent / "keys")}
    init = [*PROGRAM, "init", str(workspace), "--operation", "Bench"]
    subprocess.run(init, env=environment, check=True, capture_output=True)
    chosen = "\n".join([*lines, *([f"workers = {workers}"] if workers else [])])
    settings = workspace / "headwater.toml"
    settings.write_text(settings.read_text("utf-8").replace("[run]\n", f"[run]\n{chosen}\n"), "utf-8")
    return watched(
        [*program, "run", str(folder), "-w", str(workspace), "--exhibit", "BENCH-1", "--quiet", "--json"], environment
    )


def watched(command: list[str], environment: dict[str, str] | None = None) -> Usage:
    """Run a command to its end, with an eye on its children's memory. Raises HeadwaterError where it fails."""
    began = time.perf_counter()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    broker, largest = 0, 0  # polled: getrusage(2) counts what the bench itself held when it forked
    while (ended := os.wait4(process.pid, os.WNOHANG))[0] == 0:
        broker = max(broker, high_water_bytes(process.pid))
        largest = max([largest, *map(high_water_bytes, _children(process.pid))])
        time.sleep(_POLL_SECONDS)
    seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(ended[1])
    said = process.communicate()[1].decode("utf-8", "replace")
    if process.returncode not in _FINE:
        raise HeadwaterError(f"headwater ended with exit status {process.returncode}: {said.strip()[-500:]}")
    cost = ended[2]  # getrusage(2): of the process and of those of its children that it waited for
    return Usage(
        seconds=seconds,
        cpu_seconds=cost.ru_utime + cost.ru_stime,
        broker_bytes=broker,
        worker_bytes=largest,
    )


def _children(pid: int) -> list[int]:
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        return [int(child) for task in tasks for child in (task / "children").read_text("ascii").split()]
    except OSError:
        return []
