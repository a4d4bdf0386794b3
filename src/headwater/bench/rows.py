"""One comparison: ours and a named peer's, measured by turns in one run."""

import os
import statistics
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from shutil import which
from types import ModuleType
from typing import Generic, TypeVar

from headwater.model.errors import MissingDependency

REPEATS = 5
_UV = "uv sync --group bench"
Ours = TypeVar("Ours")
Peer = TypeVar("Peer")


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchRow:
    """A figure of ours beside a peer's. ratio: ours over peer, at least 1 where ours is the quicker one.

    same_output: whether both gave the same; None where that was not compared, and `note` says why.
    peak_memory_bytes: resident, of ours, as `note` says. unit: what is counted a second. target: the least ratio aimed
    at, None where there is none. A comparison that was not made has None for its figures and its reason as `note`.
    """

    name: str
    input: str
    peer: str
    ours_per_second: float | None = None
    peer_per_second: float | None = None
    ratio: float | None = None
    same_output: bool | None = None
    peak_memory_bytes: int | None = None
    unit: str = ""
    target: float | None = None
    note: str = ""

    def line(self) -> str:
        """The row for a terminal: figures in columns, what they mean below."""
        if self.ratio is None or self.ours_per_second is None or self.peer_per_second is None:
            return f"{self.name:<10} not compared with {self.peer}: {self.note}"
        same = {True: "same output", False: "OUTPUT DIFFERS", None: "output not compared"}[self.same_output]
        peak = f"{(self.peak_memory_bytes or 0) >> 20:,} MiB"
        aim = "" if self.target is None else f" (aim {self.target:g}x{'' if self.ratio >= self.target else ', MISSED'})"
        figures = (
            f"{self.name:<10} {self.ratio:>7.2f}x  ours {self.ours_per_second:>11,.2f} {self.unit}/s  "
            f"peer {self.peer_per_second:>11,.2f} {self.unit}/s  peak {peak:>9}  {same}{aim}"
        )
        return "\n".join((figures, f"{'':<10} {self.input}", f"{'':<10} peer: {self.peer}", *self._note_lines()))

    def _note_lines(self) -> tuple[str, ...]:
        return (f"{'':<10} {self.note}",) if self.note else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Turns(Generic[Ours, Peer]):
    """The last outputs of both, and the median of the seconds each took."""

    ours: Ours
    peer: Peer
    ours_seconds: float
    peer_seconds: float

    @property
    def ratio(self) -> float:
        return self.peer_seconds / self.ours_seconds


def by_turns(ours: Callable[[], Ours], peer: Callable[[], Peer], *, repeats: int = REPEATS) -> Turns[Ours, Peer]:
    """Run both once uncounted, then `repeats` times each by turns: a machine that slows down slows both."""
    ours(), peer()
    ours_seconds, peer_seconds = [], []
    for _ in range(repeats):
        mine, seconds = _timed(ours)
        ours_seconds.append(seconds)
        theirs, seconds = _timed(peer)
        peer_seconds.append(seconds)
    return Turns(
        ours=mine,
        peer=theirs,
        ours_seconds=statistics.median(ours_seconds),
        peer_seconds=statistics.median(peer_seconds),
    )


def peak_bytes(work: Callable[[], object]) -> int:
    """The most resident memory of this process while `work` runs (proc_pid_status(5), VmHWM; reset by clear_refs)."""
    with suppress(OSError):  # not every kernel lets it be reset; then it is the peak since the process began
        Path("/proc/self/clear_refs").write_text("5", "ascii")
    work()
    return high_water_bytes(os.getpid())


def high_water_bytes(pid: int) -> int:
    """The most resident memory of a process so far; 0 when it has ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text("ascii", "replace").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) << 10 for line in lines if line.startswith("VmHWM:")), 0)


def peer_program(name: str, package: str) -> str:
    """The path of a peer's program. Raises MissingDependency."""
    if found := which(name):
        return found
    raise MissingDependency(f"the peer {name} is not installed", next_step=f"apt install {package}")


def peer_module(name: str, distribution: str) -> ModuleType:
    """A peer's Python module. Raises MissingDependency."""
    try:
        return import_module(name)
    except ImportError as error:
        raise MissingDependency(f"the peer {distribution} is not installed", next_step=_UV) from error


def _timed(work: Callable[[], Ours]) -> tuple[Ours, float]:
    began = time.perf_counter()
    result = work()
    return result, time.perf_counter() - began
