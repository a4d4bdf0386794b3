"""Workers that die, hang, talk too much or outlive their broker; each costs a sentence, never the run."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from headwater.model.errors import HeadwaterError, Malformed
from headwater.sandbox.child import Child
from headwater.sandbox.limits import JailLimits

Start = Callable[..., Child]
Ask = Callable[..., bytes]


def test_a_worker_answers_and_ends_when_the_channel_closes(rascal: Start, ask: Ask) -> None:
    child = rascal()
    assert ask(child, b"echo:hello") == b"hello"
    assert child.exit_text() == "is still running"
    child.channel.close()
    assert _ends(child)
    assert child.exit_text() == "ended with exit status 0"


def test_passed_descriptors_are_readable_in_the_jail(rascal: Start, ask: Ask, tmp_path: Path) -> None:
    paths = [tmp_path / "a", tmp_path / "b"]
    for path in paths:
        path.write_text(path.name * 3)
    descriptors = tuple(os.open(path, os.O_RDONLY | os.O_NOFOLLOW) for path in paths)
    assert ask(rascal(), b"read", descriptors) == b"aaa,bbb|False"
    for descriptor in descriptors:
        os.close(descriptor)


@pytest.mark.parametrize(
    ("command", "end", "said"),
    [
        (b"abort", "was killed by signal 6 (aborted)", "Fatal Python error: Aborted"),
        (b"fault", "was killed by signal 11 (segmentation fault)", "Fatal Python error: Segmentation fault"),
        (b"raising:lighthouse", "ended with exit status 1", "ValueError: lighthouse"),
    ],
)
def test_a_death_has_words(rascal: Start, ask: Ask, command: bytes, end: str, said: str) -> None:
    child = rascal()
    with pytest.raises(EOFError):
        ask(child, command)
    assert child.end() == child.exit_text() == end
    assert said in child.stderr_tail()


def test_a_hang_is_seen_and_killed(rascal: Start) -> None:
    child = rascal()
    child.channel.send(b"hang")
    assert child.channel.receive(0.1) is None
    assert child.exit_text() == "is still running"
    child.kill()
    child.kill()
    assert child.exit_text() == "was killed by signal 9 (killed)"
    assert child.resident_bytes() == 0


def test_a_talkative_worker_neither_stops_nor_fills_memory(rascal: Start, ask: Ask) -> None:
    child = rascal()
    assert ask(child, b"talk:500") == b"talked"
    assert 0 < len(child.stderr_tail()) <= 4096


@pytest.mark.parametrize("command", [b"oversize", b"smuggle", b"claim"])
def test_a_lying_worker_is_malformed(rascal: Start, command: bytes) -> None:
    child = rascal()
    child.channel.send(command)
    with pytest.raises(Malformed):
        child.channel.receive(20)


def test_memory_is_watched(rascal: Start, ask: Ask) -> None:
    child = rascal()
    before = child.resident_bytes()
    assert before > 5 << 20
    ask(child, b"grow:50000000")
    assert 45_000_000 < child.resident_bytes() - before < 60_000_000
    assert child.scratch_bytes() == 0
    assert ask(child, b"scratch:3000000") == b"3000000"
    assert 3_000_000 <= child.scratch_bytes() < 3_100_000


def test_limits_hold(rascal: Start, ask: Ask) -> None:
    child = rascal(limits=JailLimits(file_bytes=1 << 20))
    assert ask(child, b"too_big_a_file:1048576") == b""
    assert ask(child, b"too_big_a_file:1048577") == b"File too large"
    with pytest.raises(EOFError):
        ask(child, b"grow:3000000000")
    assert child.end() == "ended with exit status 1"
    assert "MemoryError" in child.stderr_tail()


def test_processor_time_is_limited(rascal: Start, ask: Ask) -> None:
    child = rascal(limits=JailLimits(cpu_seconds=1))
    with pytest.raises(EOFError):
        ask(child, b"spin")
    assert child.end() == "was killed by signal 24 (cpu time limit exceeded)"


def test_the_environment_is_ours(rascal: Start, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/somewhere")
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    answers = {ask(rascal(), b"state") for _ in range(2)}
    assert len(answers) == 1  # the hash of a string is the same in both
    assert answers.pop().startswith(b"(None, 'UTC', ")


def test_a_worker_that_cannot_start_says_why() -> None:
    with Child.start("headwater.no_such_room") as child, pytest.raises(HeadwaterError, match="no_such_room"):
        child.wait_ready(30)
    with Child.start("os.path") as child, pytest.raises(HeadwaterError, match="modules of headwater only"):
        child.wait_ready(30)


def test_a_worker_that_is_slow_to_start_is_killed(rascal: Start) -> None:
    child = rascal(ready=False, environment={"RASCAL_SLEEP": "1"})
    with pytest.raises(HeadwaterError, match="not ready after"):
        child.wait_ready(0.5)
    assert child.exit_text() == "was killed by signal 9 (killed)"


def test_threads_before_the_jail_are_refused(rascal: Start) -> None:
    child = rascal(ready=False, environment={"RASCAL_THREAD": "1"})
    with pytest.raises(HeadwaterError, match="2 threads run before the jail"):
        child.wait_ready(30)


def test_workers_die_with_a_killed_broker() -> None:
    code = (
        "import sys, time; from headwater.sandbox.child import Child; c = Child.start('headwater.sandbox.probe');"
        "c.wait_ready(30); print(c.pid, flush=True); time.sleep(60)"
    )
    broker = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert broker.stdout is not None
    worker = int(broker.stdout.readline())
    broker.send_signal(signal.SIGKILL)
    broker.wait()
    broker.stdout.close()
    assert _eventually(lambda: _gone(worker))


def test_a_worker_without_its_broker_does_not_start() -> None:
    entry = [sys.executable, "-m", "headwater.sandbox.entry", "0", "headwater.sandbox.probe", "1", "{}"]
    done = subprocess.run(entry, capture_output=True, check=False)
    assert done.returncode == 1
    assert b"the broker is gone" in done.stderr


def _gone(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def _ends(child: Child) -> bool:
    return _eventually(lambda: child.exit_text() != "is still running")


def _eventually(holds: Callable[[], bool]) -> bool:
    until = time.monotonic() + 10
    while not holds() and time.monotonic() < until:
        time.sleep(0.01)
    return holds()
