"""A worker that misbehaves on request and one that decodes, importable as `headwater.NAME` inside the worker only."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from headwater.sandbox.child import Child

RASCAL = """
import ctypes, mmap, os, resource, signal, struct, sys, threading, time, warnings

from headwater.sandbox.channel import Channel

TARGET = b"a"


def prepare():
    if os.environ.get("RASCAL_THREAD"):
        threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
    if os.environ.get("RASCAL_SLEEP"):
        time.sleep(60)


def serve(channel):
    while message := channel.receive():
        command, _, rest = message.payload.partition(b":")
        channel.send(globals()[command.decode()](channel, rest, message.fds) or b"")


def echo(channel, rest, fds):
    return rest


def abort(channel, rest, fds):
    os.abort()


def fault(channel, rest, fds):
    ctypes.string_at(0)


def raising(channel, rest, fds):
    raise ValueError(rest.decode())


def hang(channel, rest, fds):
    time.sleep(60)


def spin(channel, rest, fds):
    while True:
        pass


def talk(channel, rest, fds):
    for _ in range(int(rest)):
        os.write(2, b"x" * 1000 + b"\\n") if os.get_blocking(2) else _try_write()
    return b"talked"


def _try_write():
    try:
        os.write(2, b"x" * 1000 + b"\\n")
    except BlockingIOError:
        pass


def read(channel, rest, fds):
    data = b",".join(os.pread(fd, 100, 0) for fd in fds)
    inherited = [os.get_inheritable(fd) for fd in fds]
    for fd in fds:
        os.close(fd)
    return data + b"|" + str(any(inherited)).encode()


def oversize(channel, rest, fds):
    os.write(channel.fileno(), struct.pack("<IB", (64 << 20) + 1, 0))


def claim(channel, rest, fds):
    os.write(channel.fileno(), struct.pack("<IB", 1, 3) + b"x")


def smuggle(channel, rest, fds):
    channel.send(b"have one", [2])


def scratch(channel, rest, fds):
    global memory
    memory = os.memfd_create("scratch")
    os.write(memory, bytes(int(rest)))
    return str(os.fstat(memory).st_size).encode()


def grow(channel, rest, fds):
    global memory
    memory = b"x" * int(rest)


def too_big_a_file(channel, rest, fds):
    memory = os.memfd_create("scratch")
    try:
        os.ftruncate(memory, int(rest))
    except OSError as refused:
        return refused.strerror.encode()


def late_import(channel, rest, fds):
    try:
        __import__(rest.decode())
    except ImportError as refused:
        return str(refused).encode()


def thread(channel, rest, fds):
    found = []
    worker = threading.Thread(target=lambda: found.append(_open()))
    worker.start()
    worker.join()
    return found[0]


def _open():
    try:
        os.close(os.open("/etc/hostname", os.O_RDONLY))
    except PermissionError:
        return b"denied"
    return b"opened"


def make_code(channel, rest, fds):
    memory = mmap.mmap(-1, 4096)
    address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    libc = ctypes.CDLL(None, use_errno=True)
    ctypes.set_errno(0)
    result = libc.mprotect(ctypes.c_void_p(address), 4096, 5)
    return f"{result} {ctypes.get_errno()}".encode()


def raw(channel, rest, fds):
    libc = ctypes.CDLL(None, use_errno=True)
    words = [ctypes.c_long(int(word, 0)) for word in rest.split()]
    ctypes.set_errno(0)
    result = libc.syscall(*words)
    return f"{result} {ctypes.get_errno()}".encode()


def core(channel, rest, fds):
    return repr(resource.getrlimit(resource.RLIMIT_CORE)).encode()


def state(channel, rest, fds):
    return repr((os.environ.get("HOME"), os.environ["TZ"], hash("headwater"), os.getsid(0) if rest else 0)).encode()
"""


@pytest.fixture
def rascal(tmp_path: Path) -> Iterator[Callable[..., Child]]:
    yield from _starter(tmp_path, "rascal", RASCAL)


@pytest.fixture
def decoder(tmp_path: Path) -> Iterator[Callable[..., Child]]:
    yield from _starter(tmp_path, "decoder", Path(__file__).with_name("decoder.py").read_text())


def _starter(folder: Path, name: str, code: str) -> Iterator[Callable[..., Child]]:
    (folder / f"{name}.py").write_text(code)
    (folder / "sitecustomize.py").write_text(f"import headwater; headwater.__path__.append({str(folder)!r})")
    started: list[Child] = []
    yield partial(_start, started, folder, f"headwater.{name}")
    for child in started:
        child.kill()


def _start(started: list[Child], folder: Path, module: str, *, ready: bool = True, **options: object) -> Child:
    environment = {"PYTHONPATH": str(folder)} | dict(options.pop("environment", {}))
    child = Child.start(module, environment=environment, **options)
    started.append(child)
    if ready:
        child.wait_ready(30)
    return child


@pytest.fixture
def ask() -> Callable[..., bytes]:
    return _ask


def _ask(child: Child, command: bytes, fds: tuple[int, ...] = ()) -> bytes:
    child.channel.send(command, fds, timeout_seconds=10)
    message = child.channel.receive(20)
    assert message is not None, "no answer in time"
    return message.payload
