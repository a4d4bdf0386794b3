"""What an error says: what happened, what is not affected, what to do; one exit code, and a number for a fault."""

import re
import subprocess
from pathlib import Path

import click
import pytest

from headwater.cli import look
from headwater.cli.program import headwater
from headwater.model.errors import ExitCode


def lines(ended):
    first, *rest = ended.err.splitlines()
    assert re.fullmatch(r"error( [\d-]+-[0-9a-f]{4})?: .+ \(exit \d+\)", first), ended.err
    assert all(line.startswith("  ") for line in rest)
    return first, [line.strip() for line in rest]


@pytest.mark.parametrize(
    "arguments",
    [
        ("shwo",),
        ("show", "itms"),
        ("show", "items", "--where", "pth = 1 and pth = 2"),
        ("show", "items", "--limit", "0"),
        ("run", "/there/is/nothing"),
        ("explain", "zz"),
    ],
)
def test_wrong_use_has_three_lines_and_says_nothing_twice(program, arguments):
    ended = program(*arguments, *([] if arguments[0] == "shwo" else ["-w", program.workspace]))
    assert ended.code == 2
    first, rest = lines(ended)
    assert first.endswith("(exit 2)")
    assert "not affected" in rest[-2]
    assert rest[-1]
    assert len({first, *rest}) == 1 + len(rest)
    for line in rest[:-2]:
        assert line not in first


def test_several_problems_stand_one_a_line(program):
    ended = program("show", "items", "--where", "pth = 1 and damaged = 'x'", "--sort", "nme", "-w", program.workspace)
    first, rest = lines(ended)
    assert first == "error: 3 things about items are not understood (exit 2)"
    assert [line.split(":")[0] for line in rest[:3]] == ["column nme", "column pth", "column damaged"]


def test_an_unknown_examiner_is_among_all_faults_at_once(fresh):
    settings = fresh.workspace / "headwater.toml"
    text = settings.read_text().replace("# examiners = []", 'examiners = ["pdq", "nosuch"]')
    settings.write_text(text.replace("# depth = 4", "depth = -1"))
    ended = fresh("show", "items", "-w", fresh.workspace)
    assert ended.code == 2
    first, rest = lines(ended)
    assert "2 faults in headwater.toml" in first
    assert any("run.examiners" in line and "pdq" in line and "nosuch" in line for line in rest)
    assert any("limits.depth" in line for line in rest)


def test_a_fault_has_a_number_that_its_file_carries(program, monkeypatch):
    monkeypatch.setattr(look, "connect", lambda _: {}["lighthouse"])
    ended = program("show", "items", "-w", program.workspace)
    assert ended.code == 1
    first, rest = lines(ended)
    number = re.match(r"error (\S+):", first)[1]
    trace = Path(rest[0].removeprefix("The trace lies in "))
    assert number in trace.name
    text = trace.read_text()
    assert f"error {number}\n" in text
    assert "KeyError: 'lighthouse'" in text
    assert "not affected" in rest[1]
    assert number not in rest
    assert trace.stat().st_mode & 0o777 == 0o600
    trace.unlink()


@pytest.mark.parametrize(
    "error",
    [
        OSError(28, "No space left on device"),
        OSError(30, "Read-only file system", "/somewhere/custody.jsonl"),
        PermissionError(13, "Permission denied", b"/somewhere/\xff\x1b[2J"),
    ],
)
def test_a_full_or_locked_disk_is_no_fault_of_ours(program, monkeypatch, error):
    def fails(_):
        raise error

    monkeypatch.setattr(look, "connect", fails)
    ended = program("show", "items", "-w", program.workspace)
    assert ended.code == 3
    first, rest = lines(ended)
    assert error.strerror in first
    assert "/somewhere/" in first or str(program.workspace) in "".join(rest)
    assert "\x1b" not in ended.err
    assert not any("trace" in line for line in rest)


def test_a_configuration_folder_that_cannot_be_written_is_found_before_any_work(fresh, tmp_path):
    (tmp_path / "calm").mkdir()
    (tmp_path / "calm" / "log.txt").write_text("clear sky\n")
    custody = (fresh.workspace / "custody.jsonl").read_bytes()
    for command in ("run", "ingest"):
        ended = fresh(command, tmp_path / "calm", "-w", fresh.workspace, HEADWATER_CONFIG_DIR="/dev/null/config")
        assert ended.code == 3
        assert "the configuration folder cannot be written: /dev/null/config" in lines(ended)[0]
        assert (fresh.workspace / "custody.jsonl").read_bytes() == custody
    for command in (("demo", tmp_path / "spring"), ("init", tmp_path / "spring", "--operation", "X")):
        ended = fresh(*command, HEADWATER_CONFIG_DIR="/dev/null/config")
        assert ended.code == 3
        assert "the configuration folder cannot be written" in lines(ended)[0]
        assert not (tmp_path / "spring").exists()


def test_a_configuration_folder_in_the_evidence_is_never_made(fresh, tmp_path):
    (tmp_path / "calm").mkdir()
    (tmp_path / "calm" / "log.txt").write_text("clear sky\n")
    for command in ("run", "ingest"):
        inside = tmp_path / "calm" / "config"
        ended = fresh(command, tmp_path / "calm", "-w", fresh.workspace, HEADWATER_CONFIG_DIR=str(inside))
        assert ended.code == 2
        assert "the configuration folder lies in the evidence" in lines(ended)[0]
        assert not inside.exists()


def test_a_workspace_that_cannot_be_written_is_found_before_any_work(fresh, tmp_path):
    (tmp_path / "calm").mkdir()
    for name in ("findings", "index", "out"):
        (fresh.workspace / name).rmdir()
        (fresh.workspace / name).write_text("in its place\n")
    ended = fresh("run", tmp_path / "calm", "-w", fresh.workspace)
    assert ended.code == 3
    assert "the workspace cannot be written" in lines(ended)[0]


def test_a_country_is_two_letters_before_anything_is_written(fresh, tmp_path):
    (tmp_path / "calm").mkdir()
    (tmp_path / "calm" / "log.txt").write_text("clear sky\n")
    custody = (fresh.workspace / "custody.jsonl").read_bytes()
    for wrong in ("DKK", "D", "1K", "", "D K", "\u00c4\u00d6"):
        ended = fresh("run", tmp_path / "calm", "-w", fresh.workspace, "--country", wrong)
        assert ended.code == 2, wrong
        assert "two letters" in ended.err
    assert (fresh.workspace / "custody.jsonl").read_bytes() == custody
    assert fresh("ingest", tmp_path / "calm", "-w", fresh.workspace, "--country", " xz ").code == 0
    assert '"country":"XZ"' in (fresh.workspace / "custody.jsonl").read_text().replace(" ", "")


def test_a_workspace_is_not_made_among_other_files(fresh, tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").write_text("dear keeper\n")
    ended = fresh("init", tmp_path / "full", "--operation", "X")
    assert ended.code == 2
    assert "letter.txt" in ended.err
    assert [each.name for each in (tmp_path / "full").iterdir()] == ["letter.txt"]
    assert fresh("init", tmp_path / "blank", "--operation", "   ").code == 2
    assert not (tmp_path / "blank").exists()
    again = fresh("init", fresh.workspace, "--operation", "X")
    assert again.code == 2
    assert "there is an operation" in again.err


@pytest.mark.parametrize("name", sorted(headwater.commands))
def test_every_command_takes_json_and_quiet(name):
    command = headwater.commands[name]
    for each in command.commands.values() if isinstance(command, click.Group) else [command]:
        assert {"--json", "--quiet"} <= {spelling for option in each.params for spelling in option.opts}


def test_the_words_of_a_run_are_those_of_its_exit_code(fresh, tmp_path):
    folder = tmp_path / "calm"
    folder.mkdir()
    (folder / "log.txt").write_text("clear sky\n")
    assert fresh("run", folder, "-w", fresh.workspace).out.startswith("Done (exit 0) ")
    (folder / "log.txt").write_text("clear sea\n")
    ended = fresh("run", folder, "-w", fresh.workspace, "--quiet")
    assert ended.code == ExitCode.DOES_NOT_VERIFY
    assert ended.out.startswith("Done, but evidence is not what was acquired or opened (exit 5) ")
    assert "exit 4" not in ended.out + ended.err
    first, rest = lines(ended)
    assert first.endswith("(exit 5)")
    assert "Nothing was written to the evidence" in rest[-2]


def test_completion_as_the_docs_give_it(program, tmp_path):
    page = Path(__file__).parents[2] / "docs" / "reference" / "commands.md"
    (block,) = [
        each for each in re.findall(r"```sh\n(.*?)```", page.read_text(), re.DOTALL) if "completion bash" in each
    ]
    (tmp_path / "headwater").write_text(
        f'#!/bin/sh\nexec {" ".join(program.stage.command())!s} "$@"\n'.replace(
            "-c from headwater.cli.main import main; main()", '-c "from headwater.cli.main import main; main()"'
        )
    )
    (tmp_path / "headwater").chmod(0o755)
    environment = program.stage.environment() | {"HOME": str(tmp_path), "PATH": f"{tmp_path}:/usr/bin:/bin"}
    ended = subprocess.run(["sh", "-ec", block], env=environment, capture_output=True, check=False, text=True)
    assert ended.returncode == 0, ended.stderr
    written = tmp_path / ".local/share/bash-completion/completions/headwater"
    assert "_HEADWATER_COMPLETE" in written.read_text()
