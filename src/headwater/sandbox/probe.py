"""A worker that tries to break out, and says what stopped it."""

import errno
import mmap
import os
import resource
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from headwater.model.errors import HeadwaterError
from headwater.sandbox.channel import Channel, try_socket
from headwater.sandbox.child import Child

_FOUR_GIB = 4 << 30
_TIMEOUT_SECONDS = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeResult:
    """One attempt. `error`: the errno's name or the exception's; empty where the attempt succeeded."""

    name: str
    denied: bool
    error: str = ""


def run_probes(*, unsafe: bool = False) -> tuple[ProbeResult, ...]:
    """Start one worker and have it make every attempt. Raises HeadwaterError when it hangs or cannot start."""
    with Child.start(__name__, unsafe=unsafe) as worker:
        worker.wait_ready(_TIMEOUT_SECONDS)
        return tuple(_ask(worker, name) for name in PROBES)


def prepare() -> None:
    """Nothing to load."""


def serve(channel: Channel) -> None:
    """Answer each probe's name with its ProbeResult as JSON."""
    while message := channel.receive():
        channel.send(msgspec.json.encode(_attempt(message.payload.decode())))


def _ask(worker: Child, name: str) -> ProbeResult:
    worker.channel.send(name.encode(), timeout_seconds=_TIMEOUT_SECONDS)
    try:
        message = worker.channel.receive(_TIMEOUT_SECONDS)
    except EOFError:  # the last attempt, to become another program, succeeded
        return ProbeResult(name=name, denied=False)
    if message is None:
        raise HeadwaterError(f"the probe {name} did not come back")
    return msgspec.json.decode(message.payload, type=ProbeResult)


def _attempt(name: str) -> ProbeResult:
    try:
        PROBES[name]()
    except OSError as refused:
        return ProbeResult(name=name, denied=True, error=errno.errorcode.get(refused.errno or 0, "OSError"))
    except (MemoryError, RuntimeError, ValueError) as refused:
        return ProbeResult(name=name, denied=True, error=type(refused).__name__)
    return ProbeResult(name=name, denied=False)


def _fork() -> None:
    child = os.fork()
    if not child:
        os._exit(0)
    os.waitpid(child, 0)


def _read() -> None:
    os.close(os.open("/etc/hostname", os.O_RDONLY))


def _write() -> None:
    path = Path(f"/tmp/headwater-probe-{os.getpid()}")  # noqa: S108 - made exclusively, removed at once
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    path.unlink()


def _list() -> None:
    list(Path("/etc").iterdir())


def _look_up() -> None:
    Path("/etc/hostname").stat()


def _execute() -> None:
    os.execv("/bin/true", ["true"])  # noqa: S606 - the attempt is the point


def _allocate() -> None:
    mmap.mmap(-1, _FOUR_GIB).close()


def _map_code() -> None:
    mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_EXEC).close()


def _raise_limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, resource.getrlimit(resource.RLIMIT_AS))


PROBES: dict[str, Callable[[], None]] = {
    "internet socket": lambda: try_socket("AF_INET"),
    "unix socket": lambda: try_socket("AF_UNIX"),
    "open a file": _read,
    "write a file": _write,
    "list a folder": _list,
    "look up a file": _look_up,
    "fork": _fork,
    "signal a process": lambda: os.kill(1, 0),
    "allocate 4 GiB": _allocate,
    "map new code": _map_code,
    "set a limit": _raise_limit,
    "execute a program": _execute,  # last: it replaces the worker where it succeeds
}
