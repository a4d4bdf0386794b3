"""The program as a process: interrupted at any moment, streams that are closed, full or of another encoding."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from headwater.bench.proving import Stage
from headwater.cli.program import COMMANDS, headwater

HEAVY = ("numba", "pyarrow", "duckdb", "PIL", "cryptography")


@pytest.fixture
def stage(tmp_path):
    return Stage(folder=tmp_path)


def started(stage, *arguments, **more):
    return subprocess.Popen(
        stage.command(*arguments), env=stage.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more
    )


def test_an_interrupt_while_it_starts_is_told_in_words(stage, tmp_path):
    """At every moment of the imports, which take a second or two: a command waits there until it is interrupted."""
    for module in ("headwater.cli.guard", "headwater.cli.look", "headwater.findings.views"):
        waits = f"""
import sys, importlib.abc, time
class Wait(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == {module!r}:
            open({str(tmp_path / module)!r}, "w").close()
            time.sleep(60)
sys.meta_path.insert(0, Wait())
sys.argv = ["headwater", "show", "items"]
from headwater.cli.main import main
main()
"""
        running = subprocess.Popen(
            [sys.executable, "-c", waits], env=stage.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        deadline = time.monotonic() + 60
        while not (tmp_path / module).exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=30)
        assert (running.returncode, out) == (130, b""), module
        assert err.decode().splitlines() == ["interrupted (exit 130)", "  Nothing was begun."]


def test_help_and_version_import_no_command(stage):
    for words in (["--help"], ["--version"], ["shwo"]):
        asked = f"""
import atexit, sys
atexit.register(lambda: print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr))
sys.argv = ["headwater", *{words!r}]
from headwater.cli.main import main
main()
"""
        ended = subprocess.run(
            [sys.executable, "-c", asked], env=stage.environment(), capture_output=True, check=False, text=True
        )
        assert ended.stderr.splitlines()[-1] == "[]", ended.stderr


def test_what_help_says_first_is_what_each_command_says():
    for name, (_, says) in COMMANDS.items():
        described = " ".join((headwater.commands[name].help or "").split("\n\n", maxsplit=1)[0].split())
        assert described.startswith(says.rstrip(".")), name


def test_completion_offers_every_command_without_importing_one(stage):
    asked = stage.environment() | {
        "_HEADWATER_COMPLETE": "bash_complete",
        "COMP_WORDS": "headwater ex",
        "COMP_CWORD": "1",
    }
    ended = subprocess.run(stage.command(), env=asked, capture_output=True, check=False, text=True)
    assert [line.split(",")[1] for line in ended.stdout.splitlines()] == [
        "examine",
        "export",
        "explain",
        "examiners",
    ] or {line.split(",")[1] for line in ended.stdout.splitlines()} == {"examine", "export", "explain", "examiners"}


def test_standard_error_may_be_closed(program):
    words = [*program.stage.command("show", "items", "-w", program.workspace, "--limit", "2")]
    ended = subprocess.run(
        ["sh", "-c", 'exec "$@" 2>&-', "sh", *words],
        env=program.stage.environment(),
        stdout=subprocess.PIPE,
        check=False,
    )
    assert ended.returncode == 0
    assert len(ended.stdout.splitlines()) == 3


def test_all_three_streams_may_be_closed_and_a_run_is_none_the_worse(fresh, tmp_path):
    (tmp_path / "calm").mkdir()
    (tmp_path / "calm" / "log.txt").write_text("clear sky\n")
    words = fresh.stage.command("run", tmp_path / "calm", "-w", fresh.workspace)
    ended = subprocess.run(
        ["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh", *words], env=fresh.stage.environment(), check=False
    )
    assert ended.returncode == 0
    for line in (fresh.workspace / "custody.jsonl").read_text().splitlines():
        json.loads(line)
    assert fresh("verify", "-w", fresh.workspace).code == 0


def test_a_full_disk_behind_standard_output_is_said(program):
    with Path("/dev/full").open("wb") as full:
        ended = subprocess.run(
            program.stage.command("show", "items", "-w", program.workspace),
            env=program.stage.environment(), stdout=full, stderr=subprocess.PIPE, check=False, text=True,
        )  # fmt: skip
    assert ended.returncode == 3
    assert ended.stderr.startswith("error: No space left on device: standard output (exit 3)\n")


def test_who_has_seen_enough_is_no_fault(program):
    words = program.stage.command("show", "findings", "-w", program.workspace, "--json")
    ours, theirs = os.pipe()
    with subprocess.Popen(
        words, env=program.stage.environment(), stdout=theirs, stderr=subprocess.PIPE, text=True
    ) as running:
        os.close(theirs)
        os.read(ours, 10)
        os.close(ours)
        assert running.stderr.read() == ""
        assert running.wait(60) == 0


@pytest.mark.parametrize("encoding", ["latin-1", "ascii", "cp1252"])
def test_an_8_bit_terminal_gets_every_line(fresh, tmp_path, encoding):
    folder = tmp_path / "calm"
    folder.mkdir()
    (folder / "灯台.txt").write_text("clear sky\n")
    environment = fresh.stage.environment() | {"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}

    def call(*arguments):
        words = fresh.stage.command(*arguments, "-w", fresh.workspace)
        return subprocess.run(words, env=environment, capture_output=True, check=False)

    ran = call("run", folder)
    assert ran.returncode == 0, ran.stderr
    assert b"head " in ran.stdout
    assert b"..." in ran.stdout or "…".encode(encoding, "ignore") in ran.stdout
    shown = call("show", "items", "--columns", "path")
    assert shown.stdout.decode(encoding).splitlines()[1] == r"\u{706F}\u{53F0}.txt"
    item = json.loads(call("show", "items", "--json").stdout)["item"]
    assert call("explain", item).returncode == 0


def test_an_interrupted_demo_says_it_does_not_go_on(stage, tmp_path):
    running = started(stage, "demo", tmp_path / "spring", "--plain", start_new_session=True)
    deadline = time.monotonic() + 60
    while not (tmp_path / "spring" / "exhibits").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(1)
    os.kill(running.pid, signal.SIGINT)
    _, err = running.communicate(timeout=30)
    assert running.returncode == 130
    assert not (tmp_path / "spring" / "workspace").exists()  # it ended in the midst of building
    assert b"does not go on from there" in err
    assert b"same command goes on" not in err
