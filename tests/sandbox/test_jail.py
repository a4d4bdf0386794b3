"""Nothing gets out of the jail, each wall also holds alone, and work goes on inside."""

import io
import math
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pytest
from PIL import Image, ImageDraw

from headwater.model.errors import MissingDependency
from headwater.sandbox import jail, landlock, seccomp
from headwater.sandbox.child import Child
from headwater.sandbox.limits import JailLimits
from headwater.sandbox.probe import PROBES, run_probes
from headwater.sandbox.syscalls import ALWAYS, CLONE3, SOMETIMES, tgkill

Start = Callable[..., Child]
Ask = Callable[..., bytes]


def test_every_probe_is_denied_in_the_jail() -> None:
    results = run_probes()
    assert [result.name for result in results] == list(PROBES)
    assert [result.name for result in results if not result.denied] == []
    assert {result.error for result in results} <= {"EPERM", "ENOMEM", "ValueError"}


def test_the_same_probes_succeed_without_it() -> None:
    succeeded = {result.name for result in run_probes(unsafe=True) if not result.denied}
    assert {"internet socket", "unix socket", "open a file", "write a file", "fork", "execute a program"} <= succeeded
    assert {"list a folder", "look up a file", "map new code", "set a limit"} <= succeeded


def test_support_is_tried() -> None:
    support = jail.support()
    assert support.landlock_abi == landlock.abi() >= 1
    assert support.seccomp
    assert support.complete, support.reason


@pytest.mark.parametrize(("missing", "words"), [("landlock", "Landlock"), ("seccomp", "seccomp")])
def test_a_missing_wall_is_named(monkeypatch: pytest.MonkeyPatch, missing: str, words: str) -> None:
    if missing == "landlock":
        monkeypatch.setattr(landlock, "abi", lambda: 0)
    else:
        monkeypatch.setattr(seccomp, "available", lambda: False)
    assert words in jail.support().reason


def test_a_limit_that_cannot_be_set_is_refused_not_ignored(rascal: Start) -> None:
    child = rascal(ready=False, limits=JailLimits(open_files=-2))
    with pytest.raises(MissingDependency, match="cannot be closed"):
        child.wait_ready(30)


def _alone(wall: str, attempt: str) -> str:
    code = f"import os, socket\nfrom headwater.sandbox import {wall[: wall.index('.')]}\n{wall}()\n"
    code += f"try:\n    {attempt}\n    print('done')\nexcept OSError as e:\n    print(type(e).__name__)"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True).stdout.strip()


@pytest.mark.parametrize("wall", ["landlock.restrict", "seccomp.install"])
@pytest.mark.parametrize(
    "attempt",
    [
        "os.open('/etc/hostname', os.O_RDONLY)",
        "os.open('/tmp/headwater-test', os.O_WRONLY | os.O_CREAT)",
        "os.listdir('/etc')",
        "os.execv('/bin/true', ['true'])",
        "os.mkdir('/tmp/headwater-test')",
    ],
)
def test_each_wall_denies_files_alone(wall: str, attempt: str) -> None:
    assert _alone(wall, attempt) == "PermissionError"


def test_landlock_denies_tcp_and_signals_alone() -> None:
    if landlock.abi() >= 4:
        assert _alone("landlock.restrict", "socket.socket().bind(('127.0.0.1', 0))") == "PermissionError"
    if landlock.abi() >= 6:
        assert _alone("landlock.restrict", "os.kill(os.getppid(), 0)") == "PermissionError"


def test_threads_are_born_inside(rascal: Start, ask: Ask) -> None:
    assert ask(rascal(), b"thread") == b"denied"
    assert ask(rascal(unsafe=True), b"thread") == b"opened"


def test_no_memory_turns_into_code(rascal: Start, ask: Ask) -> None:
    assert ask(rascal(), b"make_code") == b"-1 1"
    assert ask(rascal(unsafe=True), b"make_code") == b"0 0"


def test_a_late_import_is_an_import_error(rascal: Start, ask: Ask) -> None:
    assert ask(rascal(), b"late_import:sqlite3") == b"sqlite3 is imported inside the jail; import it in prepare()"


_X86 = pytest.mark.skipif(seccomp.machine() != "x86_64", reason="numbers of x86_64")


@_X86
@pytest.mark.parametrize(
    ("call", "answer"),
    [
        ("39", "pid"),  # getpid
        (f"{39 | 0x40000000}", "-1 1"),  # the same through x32
        ("435 0 0", "-1 38"),  # clone3
        ("56 17 0 0 0 0", "-1 1"),  # clone as fork does: SIGCHLD
        (f"56 {0x3D0F00 | 0x10000000} 0 0 0 0", "-1 1"),  # clone into a new user namespace
        ("425 1 0", "-1 1"),  # io_uring_setup
        ("321 0 0 0", "-1 1"),  # bpf
        ("234 1 1 0", "-1 1"),  # tgkill of another process
        ("72 0 8 1", "-1 1"),  # fcntl F_SETOWN
        ("302 1 7 0 0", "-1 1"),  # prlimit64 of another process
        ("262 -100 0 0 0", "-1 1"),  # newfstatat with a path
        ("157 38 1 0 0 0", "-1 1"),  # prctl
        ("319 0 4", "-1 1"),  # memfd_create with huge pages
        ("272 0x10000000", "-1 1"),  # unshare
        ("500", "-1 1"),  # a call that does not exist yet
    ],
)
def test_single_calls(rascal: Start, ask: Ask, call: str, answer: str) -> None:
    child = rascal()
    expected = f"{child.pid} 0" if answer == "pid" else answer
    assert ask(child, f"raw:{call}".encode()) == expected.encode()


_ALLOW, _KILL, _EPERM, _ENOSYS = 0x7FFF0000, 0x80000000, 0x50001, 0x50026
_MACHINE = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_PATH_CALLS = {"x86_64": (2, 257, 59, 41, 57, 58, 62, 101, 317), "aarch64": (56, 221, 198, 129, 117, 277)}


def _verdict(architecture: str, number: int, *arguments: int, machine: int | None = None) -> int:
    """Run the filter as the kernel would."""
    words = (*arguments, 0, 0, 0, 0, 0, 0)[:6]
    data = struct.pack("<iIQ6Q", number, machine or _MACHINE[architecture], 0, *words)
    code, at, value = seccomp.program(architecture, 4711), 0, 0
    while True:
        operation, when_true, when_false, constant = code[at]
        at += 1
        if operation == 0x06:
            return constant
        if operation == 0x20:
            (value,) = struct.unpack_from("<I", data, constant)
        elif operation == 0x54:
            value &= constant
        else:
            assert operation in {0x15, 0x35}
            holds = value == constant if operation == 0x15 else value >= constant
            at += when_true if holds else when_false


@pytest.mark.parametrize("architecture", ["x86_64", "aarch64"])
def test_the_filter_allows_its_list_and_nothing_else(architecture: str) -> None:
    column = list(_MACHINE).index(architecture)
    always = {numbers[column] for numbers in ALWAYS.values()} - {None}
    sometimes = {rule[column] for rule in (*SOMETIMES.values(), tgkill(4711))}
    allowed = {number for number in range(1024) if _verdict(architecture, number) == _ALLOW}
    assert always <= allowed <= always | sometimes
    assert not allowed & set(_PATH_CALLS[architecture])
    assert _verdict(architecture, CLONE3) == _ENOSYS
    assert _verdict(architecture, 0, machine=0x40000003) == _KILL  # read, as a 32-bit program spells it
    assert _verdict(architecture, 0x40000000) == _EPERM


@pytest.mark.parametrize("architecture", ["x86_64", "aarch64"])
@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("mmap", (0, 4096, 3), (0, 4096, 5)),
        ("mprotect", (0, 4096, 1), (0, 4096, 4)),
        ("clone", (0x3D0F00,), (0x3D0F00 | 1 << 32,)),
        ("newfstatat", (3, 9, 9, 0x1000), (3, 9, 9, 0)),
        ("fcntl", (3, 1030), (3, 8)),
        ("memfd_create", (9, 1), (9, 5)),
        ("sendto", (3, 9, 9, 0, 0), (3, 9, 9, 0, 1 << 40)),
        ("prlimit64", (0, 7, 0, 9), (0, 7, 1 << 40, 9)),
    ],
)
def test_arguments_are_looked_at(architecture: str, name: str, good: tuple[int, ...], bad: tuple[int, ...]) -> None:
    number = SOMETIMES[name][list(_MACHINE).index(architecture)]
    assert _verdict(architecture, number, *good) == _ALLOW
    assert _verdict(architecture, number, *bad) == _EPERM


def test_namespaces_are_used_where_granted(rascal: Start) -> None:
    code = "from headwater.sandbox.namespaces import isolate; print(isolate())"
    asked = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    child = rascal()
    network, root = Path(f"/proc/{child.pid}/ns/net").readlink(), Path(f"/proc/{child.pid}/root").readlink()
    own = network != Path("/proc/self/ns/net").readlink()
    assert (own and root != Path("/")) == (asked.stdout.strip() == "True")


def test_no_core_is_ever_dumped(rascal: Start, ask: Ask) -> None:
    """A core would hold pictures. Both limits are zero, and the hard one cannot be raised again in the jail."""
    assert ask(rascal(), b"core") == b"(0, 0)"


def test_pictures_decode_and_matrices_multiply_inside(decoder: Start) -> None:
    scene = Image.new("RGB", (96, 64), (120, 170, 220))
    ImageDraw.Draw(scene).rectangle((40, 10, 55, 63), fill=(240, 240, 235))
    with decoder() as worker:
        for kind in ("PNG", "JPEG", "WEBP", "GIF", "TIFF", "BMP", "AVIF"):
            encoded = io.BytesIO()
            scene.save(encoded, kind)
            worker.channel.send(encoded.getvalue())
            answer = worker.channel.receive(30)
            assert answer is not None
            width, height, mean = msgspec.json.decode(answer.payload)
            assert (width, height) == (96, 64)
            assert math.isclose(mean, np.asarray(scene).mean(), abs_tol=2.0), kind
        worker.channel.send(b"no picture")
        answer = worker.channel.receive(30)
        assert answer is not None
        assert answer.payload == b"[]"
