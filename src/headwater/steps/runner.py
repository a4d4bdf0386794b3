"""Runs jobs on a pool of jailed workers, one job a worker at a time.

A worker that dies, hangs or grows past its memory is replaced, and its job hears what the worker was doing.
Nothing a worker does can stop the run.
"""

import atexit
import os
import selectors
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import Protocol, Self

import msgspec

from headwater.evidence.reader import Limits
from headwater.examine.mark import Mark, Position, new_mark
from headwater.examine.messages import (
    Attach,
    Materials,
    Message,
    Open,
    SegmentName,
    Segments,
    ToBroker,
    pack,
    unpack_for_broker,
)
from headwater.model.errors import EvidenceError, MissingDependency
from headwater.model.material import Material
from headwater.model.settings import WorkerLimits
from headwater.sandbox.child import Child
from headwater.sandbox.jail import JailLimits, support
from headwater.seal.files import read_only

Provided = Sequence[tuple[Material, Path]]  # what examiners compare with, each with its file
WORKER_MODULE = "headwater.examine.worker"
_SEND_SECONDS = 60.0
_WATCH_SECONDS = 0.2
_STEPS_LONGER = 20  # times item_seconds: how long one step of a list may go on, while it shows that it reads
_SHORT_STAGES = frozenset({"open", "list", "open archive"})  # reading a file may take as long as the file is large
_OPEN_FILES = 8192  # of a worker: an image may have thousands of segments
_DESCRIPTORS_A_MESSAGE = 150


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSource:
    """A source as the broker holds it: read-only descriptors, in order. A folder has none."""

    source: str
    segments: tuple[SegmentName, ...]
    descriptors: tuple[int, ...]
    limits: Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """Why a worker was lost, and what it was doing."""

    kind: str  # died | time | memory | broken
    message: str
    position: Position | None


class Job(Protocol):
    """A piece of work for one worker."""

    def begin(self, link: "Link") -> None:
        """Send the request."""
        ...

    def message(self, link: "Link", message: ToBroker) -> bool:
        """Take a message; True when the job is finished."""
        ...

    def lost(self, loss: Loss) -> bool:
        """The worker is gone. True: begin again on another; False: finished as far as it went."""
        ...


class WorkerGoneError(Exception):
    """The worker does not listen any more. Never leaves this module but through a job's begin or message."""


class Link:
    """One worker, as its jobs see it."""

    def __init__(
        self, *, unsafe: bool, limits: WorkerLimits, cache_folder: str, materials: Provided,
        environment: Mapping[str, str],
    ) -> None:  # fmt: skip
        self._limits = limits
        self._materials = materials
        self._mark_descriptor = new_mark()
        self._mark = Mark(self._mark_descriptor)
        self._opened: OpenSource | None = None
        self._heard = 0  # messages so far
        self._alive_at: tuple[object, float] = (None, 0.0)  # the last sign of progress, and when it was seen
        self._step_at: tuple[object, float] = (None, 0.0)  # the same of the last step
        self.job: Job | None = None
        self.child = Child.start(
            WORKER_MODULE,
            unsafe=unsafe,
            limits=JailLimits(address_space_bytes=limits.address_space_bytes, open_files=_OPEN_FILES),
            environment={"NUMBA_CACHE_DIR": cache_folder, **environment},
        )

    def wait_ready(self) -> None:
        """Wait until the worker is jailed and listening. Raises MissingDependency with what it said."""
        self.child.wait_ready()
        self.send(Attach(), (self._mark_descriptor,))
        self._provide()

    def _provide(self) -> None:
        """Hand over what examiners compare with."""
        if self._materials:
            with ExitStack() as stack:
                descriptors = [read_only(path) for _, path in self._materials]
                for descriptor in descriptors:
                    stack.callback(os.close, descriptor)
                self.send(Materials(tuple(material for material, _ in self._materials)), descriptors)

    def send(self, message: Message, descriptors: Sequence[int] = ()) -> None:
        """Send one message. Raises WorkerGoneError where the worker does not take it within a minute."""
        try:
            self.child.channel.send(pack(message), descriptors, timeout_seconds=_SEND_SECONDS)
        except (EOFError, OSError) as error:
            raise WorkerGoneError from error

    def open(self, source: OpenSource) -> None:
        """Hand the source's descriptors over, once a worker; a worker has one source at a time."""
        if source is self._opened:
            return
        self._opened = source
        for first in range(0, len(source.segments), _DESCRIPTORS_A_MESSAGE):
            last = first + _DESCRIPTORS_A_MESSAGE
            self.send(Segments(source.segments[first:last]), source.descriptors[first:last])
        self.send(Open(source.source, source.limits))

    def received(self) -> Iterator[ToBroker]:
        """Every message that is there now. Raises WorkerGoneError; MsgspecError or Malformed for what is no message."""
        while True:
            try:
                message = self.child.channel.receive(0)
            except (EOFError, OSError) as error:
                raise WorkerGoneError from error
            if message is None:
                return
            self._heard += 1
            yield unpack_for_broker(message.payload)

    def position(self) -> Position | None:
        """What the worker says it is doing, or None while it does nothing."""
        return self._mark.read()

    def trouble(self) -> Loss | None:
        """Whether the worker hangs, by our own clock, or has grown past its memory."""
        position = self._mark.read()
        now = time.monotonic()
        sign = (position.stamp if position else 0, self._heard, self.job)
        if sign != self._alive_at[0]:
            self._alive_at = (sign, now)
        step = (position.number if position else 0, self._heard, self.job)
        if step != self._step_at[0]:
            self._step_at = (step, now)
        if now - self._alive_at[1] > self._limits.item_seconds:
            message = f"no progress for {self._limits.item_seconds:.0f} s"
            return Loss(kind="time", message=message, position=position)
        longest = self._limits.item_seconds * _STEPS_LONGER
        if position and position.stage in _SHORT_STAGES and now - self._step_at[1] > longest:
            message = f"still at the same step of its list after {longest:.0f} s, though it reads"
            return Loss(kind="time", message=message, position=position)
        resident = self.child.resident_bytes() + self.child.scratch_bytes()
        if resident > self._limits.resident_bytes:
            message = f"{resident >> 20} MiB resident, more than {self._limits.resident_bytes >> 20} MiB"
            return Loss(kind="memory", message=message, position=position)
        return None

    def death(self) -> Loss:
        """What is known of a worker that is gone."""
        ended = self.child.end()
        lines = [
            line for line in self.child.stderr_tail().splitlines() if line and not line.startswith((" ", "Traceback"))
        ]
        said = f": {lines[-1]}" if lines else ""
        return Loss(kind="died", message=f"worker {ended}{said}", position=self._mark.read())

    def close(self) -> None:
        """End the worker."""
        self.child.kill()
        self._mark.close()


class Pool:
    """A few workers, replaced as they are lost. environment: added to theirs."""

    def __init__(
        self, *, workers: int, unsafe: bool, limits: WorkerLimits, cache_folder: str, materials: Provided = (),
        environment: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        self._make: Callable[[], Link] = lambda: Link(
            unsafe=unsafe, limits=limits, cache_folder=cache_folder, materials=materials,
            environment=environment or {},
        )  # fmt: skip
        self._size = workers
        self._links: list[Link] = []
        self._spare: Link | None = None  # begun after the first loss, so that the next costs no start
        self._again: deque[Job] = deque()

    def __enter__(self) -> Self:
        self._links = [self._make() for _ in range(self._size)]
        try:
            for link in self._links:
                link.wait_ready()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End every worker."""
        for link in (*self._links, *([self._spare] if self._spare else [])):
            link.close()
        self._links, self._spare = [], None

    def run(self, jobs: Iterable[Job], *, tick: Callable[[], None] = lambda: None) -> None:
        """Run all jobs. `tick` is called a few times a second, for progress."""
        waiting = iter(jobs)
        while True:
            for index in range(len(self._links)):
                self._feed(index, waiting)
            if not any(link.job for link in self._links):
                return
            self._wait()
            tick()

    def _feed(self, index: int, waiting: Iterator[Job]) -> None:
        while self._links[index].job is None:
            job = self._again.popleft() if self._again else next(waiting, None)
            if job is None:
                return
            self._links[index].job = job
            try:
                job.begin(self._links[index])
            except WorkerGoneError:
                self._lose(index, None)

    def _wait(self) -> None:
        """Serve the workers until one becomes idle, or for a moment; then see whether any is in trouble."""
        deadline = time.monotonic() + _WATCH_SECONDS
        with selectors.DefaultSelector() as selector:
            for index, link in enumerate(self._links):
                if link.job:
                    selector.register(link.child.channel.fileno(), selectors.EVENT_READ, index)
            while (left := deadline - time.monotonic()) > 0:
                idle = [self._serve(key.data) for key, _ in selector.select(left)]
                if any(idle):
                    return
        for index, link in enumerate(self._links):
            if link.job and (loss := link.trouble()):
                self._lose(index, loss)

    def _serve(self, index: int) -> bool:
        """Take what a worker said; True when it has become idle or was replaced."""
        link = self._links[index]
        try:
            for message in link.received():
                if link.job is None or link.job.message(link, message):
                    link.job = None
                    return True
        except WorkerGoneError:
            self._lose(index, None)
            return True
        except (msgspec.MsgspecError, EvidenceError) as error:
            self._lose(index, Loss(kind="broken", message=f"worker said something it may not: {error}", position=None))
            return True
        return False

    def _lose(self, index: int, loss: Loss | None) -> None:
        link = self._links[index]
        job, link.job = link.job, None
        told = loss or link.death()
        link.close()
        self._links[index], self._spare = self._spare or self._make(), None
        self._links[index].wait_ready()
        self._spare = self._make()
        if job and job.lost(told):
            self._again.append(job)


def require_sandbox(*, unsafe: bool) -> str:
    """What the jail can do here, in words for the custody chain. Raises MissingDependency where it cannot be made."""
    found = support()
    if unsafe:
        return f"UNSAFE, no sandbox{f': {found.reason}' if found.reason else ', though this kernel has one'}"
    if found.complete:
        return f"landlock ABI {found.landlock_abi}, seccomp"
    raise MissingDependency(
        f"this kernel cannot jail a worker: {found.reason}",
        next_step="Use a Linux kernel with Landlock and seccomp (5.13 or newer), or give --unsafe-no-sandbox.",
    )


def kernel_cache() -> Path:
    """Where compiled kernels are kept between runs: the user's cache folder, outside every workspace and every jail.

    Where that cannot be written, a private folder that goes with this process.
    """
    folder = cache_folder() / "kernels"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with TemporaryFile(dir=folder):
            return folder
    except OSError:
        return _private_cache()


@cache
def _private_cache() -> Path:
    folder = TemporaryDirectory(prefix="headwater-kernels-", ignore_cleanup_errors=True)
    atexit.register(folder.cleanup)
    return Path(folder.name)


def cache_folder() -> Path:
    """Our part of the user's cache folder."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "headwater"
