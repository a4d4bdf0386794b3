"""Shut the current process in: limits, namespaces, no privileges, Landlock, seccomp. Not reversible."""

import resource
from collections.abc import Collection
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from headwater.model.errors import HeadwaterError, MissingDependency
from headwater.sandbox import landlock, namespaces, seccomp
from headwater.sandbox.child import Child
from headwater.sandbox.libc import machine, syscall
from headwater.sandbox.limits import JailLimits

__all__ = ["JailLimits", "Support", "enter", "support"]

_NEXT_STEP = "Use Linux 5.13 or newer with Landlock enabled, or --unsafe-no-sandbox, which every report will say."
_TRIAL_SECONDS = 30.0
_CLOSE_RANGE, _HIGHEST_DESCRIPTOR = 436, (1 << 31) - 1  # the number is the same on every architecture
_THREADS = 64  # a decoder starts one or two


@dataclass(frozen=True, slots=True, kw_only=True)
class Support:
    """What the kernel offers, tried and not only asked. `reason` says why not; it is empty when the jail holds."""

    landlock_abi: int
    seccomp: bool
    reason: str = ""

    @property
    def complete(self) -> bool:
        return not self.reason


def support() -> Support:
    """Start one worker, let it enter the jail and end it. Takes about a tenth of a second."""
    offered = Support(landlock_abi=landlock.abi(), seccomp=seccomp.available(), reason=_missing())
    if offered.reason:
        return offered
    try:
        with Child.start("headwater.sandbox.probe") as worker:
            worker.wait_ready(_TRIAL_SECONDS)
    except (HeadwaterError, OSError) as refused:
        return Support(landlock_abi=offered.landlock_abi, seccomp=offered.seccomp, reason=str(refused))
    return offered


def enter(limits: JailLimits, *, keep: Collection[int] = ()) -> None:
    """Close every descriptor but 0, 1, 2 and `keep`, then shut the process in.

    All code must be loaded and only one thread may run. Raises MissingDependency where Landlock or seccomp cannot be
    applied, HeadwaterError where threads are left.
    """
    _one_thread()
    try:
        _close_all_but({0, 1, 2, *keep})
        _limit(limits)
        if namespaces.isolate():  # without a namespace of its own this would count the user's other processes too
            _set(resource.RLIMIT_NPROC, _THREADS, _THREADS)
        landlock.restrict()
        namespaces.drop_capabilities(machine())
        seccomp.install()
    except (OSError, ValueError) as refused:
        raise MissingDependency(f"the jail cannot be closed: {refused}", next_step=_NEXT_STEP) from refused


def _missing() -> str:
    if not machine():
        return "the jail needs 64-bit Linux on x86_64 or aarch64"
    if not landlock.abi():
        return "the kernel has no Landlock, or it is switched off"
    if not seccomp.available():
        return "the kernel has no seccomp filters"
    return ""


def _one_thread() -> None:
    """Landlock holds for the thread that asks for it: a second one would stay outside."""
    threads = len(list(Path("/proc/self/task").iterdir()))
    if threads != 1:
        raise HeadwaterError(f"{threads} threads run before the jail is entered; prepare() must not start any")


def _close_all_but(keep: Collection[int]) -> None:
    for before, after in pairwise([-1, *sorted(keep), _HIGHEST_DESCRIPTOR + 1]):
        if before + 1 < after:
            syscall(_CLOSE_RANGE, before + 1, after - 1, 0)


def _limit(limits: JailLimits) -> None:
    wanted = {
        resource.RLIMIT_CORE: limits.core_bytes,
        resource.RLIMIT_AS: limits.address_space_bytes,
        resource.RLIMIT_FSIZE: limits.file_bytes,
        resource.RLIMIT_NOFILE: limits.open_files,
        resource.RLIMIT_MEMLOCK: 0,
        resource.RLIMIT_MSGQUEUE: 0,
    }
    for limit, most in wanted.items():
        _set(limit, most, most)
    if limits.cpu_seconds is not None:
        _set(resource.RLIMIT_CPU, limits.cpu_seconds, limits.cpu_seconds + 1)


def _set(limit: int, soft: int, hard: int) -> None:
    """Lower a limit; where the surroundings already hold it lower, theirs stays."""
    ceiling = resource.getrlimit(limit)[1]
    if ceiling != resource.RLIM_INFINITY:
        soft, hard = min(soft, ceiling), min(hard, ceiling)
    resource.setrlimit(limit, (soft, hard))
