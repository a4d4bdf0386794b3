"""One worker process as the broker sees it: the one module that may import `subprocess`."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Self

import msgspec

from headwater.model.errors import HeadwaterError, MissingDependency
from headwater.sandbox.channel import Channel
from headwater.sandbox.limits import DEFAULT_LIMITS, JailLimits

READY = b"ready"
REFUSED = b"refused: "
STDERR_TAIL_BYTES = 4096
START_SECONDS = 300.0  # the first start ever compiles every kernel: 25 s of a processor that others may be using too
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_LAST_MOMENT_SECONDS = 5.0  # a crash handler may still be writing
_BLOCK_BYTES = 512  # the unit of st_blocks
# -s and -P keep the user's and the current folder out of the import path; -I would do that too, but also ignores
# PYTHONHASHSEED, and there is no other variable to ignore: the environment is the one below.
_PYTHON = ("-s", "-P", "-X", "faulthandler")
_ENVIRONMENT = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "TZ": "UTC",
    "PYTHONHASHSEED": "0",
    "MALLOC_ARENA_MAX": "1",  # a second thread would otherwise reserve 64 MiB of the address space
    "NUMBA_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}


class Child:
    """A worker. It dies with the thread that started it: start workers from a thread that lives as long as they do."""

    def __init__(self, process: subprocess.Popen[bytes], channel: Channel, stderr: int) -> None:
        self._process = process
        self._stderr = stderr
        self._tail = b""
        self.channel = channel
        self.pid = process.pid

    @classmethod
    def start(
        cls,
        module: str,
        *,
        unsafe: bool = False,
        limits: JailLimits = DEFAULT_LIMITS,
        environment: Mapping[str, str] | None = None,
    ) -> "Child":
        """Start a worker that runs `module` (see entry.py); returns before it is ready.

        environment: added to the minimal one, such as NUMBA_CACHE_DIR. Raises MissingDependency
        where no Python is known to run it.
        """
        if not sys.executable:
            raise MissingDependency("the path of the running Python is not known, so no worker can be started")
        ours, theirs = Channel.pair()
        stderr, written = os.pipe()
        os.set_blocking(written, False)  # a worker that prints much loses text; it never stops
        os.set_blocking(stderr, False)
        entry = ("-m", "headwater.sandbox.entry", str(theirs.fileno()), module, str(os.getpid()))
        command = [sys.executable, *_PYTHON, *entry, msgspec.json.encode(limits).decode()]
        try:
            process = subprocess.Popen(
                command + ["--unsafe"] * unsafe,
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=written,
                env=_ENVIRONMENT | dict(environment or {}),
                cwd="/",
                start_new_session=True,  # Ctrl-C at the terminal is the broker's to handle
            )
        except BaseException:
            ours.close()
            os.close(stderr)
            raise
        finally:
            theirs.close()
            os.close(written)
        return cls(process, ours, stderr)

    def wait_ready(self, timeout_seconds: float = START_SECONDS) -> None:
        """Wait until the worker has loaded its code and is jailed.

        Raises MissingDependency when the jail cannot be closed, HeadwaterError when the worker ends or takes too long.
        """
        try:
            message = self.channel.receive(timeout_seconds)
        except EOFError:
            end = self.end()
            said = self.stderr_tail().strip().rpartition("\n")[2]
            raise HeadwaterError(f"a worker {end} before it was ready: {said}") from None
        if message is None:
            self.kill()
            raise HeadwaterError(f"a worker was not ready after {timeout_seconds:g} seconds")
        if message.payload != READY:
            self.kill()
            raise MissingDependency(message.payload.removeprefix(REFUSED).decode("utf-8", "replace"))

    def resident_bytes(self) -> int:
        """Resident memory of the worker now; 0 when it has ended. Source: proc_pid_statm(5)."""
        self._drain()
        try:
            return int(Path(f"/proc/{self.pid}/statm").read_text("ascii").split()[1]) * _PAGE_BYTES
        except (OSError, IndexError):
            return 0

    def scratch_bytes(self) -> int:
        """Memory in the worker's memfds now, which `resident_bytes` counts only while mapped; 0 when it has ended."""
        try:
            links = list(Path(f"/proc/{self.pid}/fd").iterdir())
        except OSError:
            return 0
        return sum(map(_memfd_bytes, links))

    def stderr_tail(self) -> str:
        """Return the last 4 KiB the worker wrote to its standard error. Not trusted: show it through `visible`."""
        self._drain()
        return self._tail.decode("utf-8", "replace")

    def exit_text(self) -> str:
        """How the worker ended, in words: "was killed by signal 11 (segmentation fault)"."""
        code = self._process.poll()
        if code is None:
            return "is still running"
        if code < 0:
            return f"was killed by signal {-code} ({(signal.strsignal(-code) or 'unknown').lower()})"
        return f"ended with exit status {code}"

    def end(self) -> str:
        """Give a worker that hung up a moment to end by itself, then kill it; returns `exit_text`."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_LAST_MOMENT_SECONDS)
        self.kill()
        return self.exit_text()

    def kill(self) -> None:
        """End the worker now and release everything held for it; does nothing the second time."""
        self._process.kill()
        self._process.wait()
        self.channel.close()
        if self._stderr >= 0:
            self._drain()
            os.close(self._stderr)
            self._stderr = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def _drain(self) -> None:
        """Move what the worker printed out of the pipe, at most one pipe's worth, and keep its end."""
        if self._stderr < 0:
            return
        try:
            text = os.read(self._stderr, 1 << 20)
        except BlockingIOError:
            return
        self._tail = (self._tail + text)[-STDERR_TAIL_BYTES:]


def _memfd_bytes(link: Path) -> int:
    try:
        return link.stat().st_blocks * _BLOCK_BYTES if str(link.readlink()).startswith("/memfd:") else 0
    except OSError:  # closed since it was listed
        return 0
