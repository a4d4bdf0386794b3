"""The command line's contract: exit codes, what stands on which stream, and what a wrong word is answered with."""

import json
import os
import signal
import time

import pytest

from headwater.bench.proving import make_evidence, result_of
from headwater.cli.program import headwater
from headwater.sandbox.jail import Support

COMMANDS = sorted(headwater.commands)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(program, command):
    ended = program(command, "--help")
    assert ended.code == 0
    assert "Example" in ended.out
    assert f"headwater {command}" in ended.out.split("Example")[1]
    assert ended.err == ""


def test_the_help_of_the_program_names_every_command(program):
    ended = program("--help")
    assert all(f"\n  {command} " in ended.out for command in COMMANDS)


def test_version(program):
    assert program("--version").out.startswith("headwater, version ")


def test_0_done_and_safe_to_repeat(fresh, tmp_path):
    (tmp_path / "calm").mkdir()
    (tmp_path / "calm" / "log.txt").write_text("clear sky\n")
    first = fresh("run", tmp_path / "calm", "-w", fresh.workspace)
    assert first.code == 0, first.err
    assert first.out.startswith("Done ")
    assert (fresh.workspace / "out" / "report.html").is_file()
    again = fresh("run", tmp_path / "calm", "-w", fresh.workspace)
    assert again.code == 0
    assert "1 file," in again.out


def test_4_done_with_failures_and_says_where_they_are(program):
    assert program.ran.code == 4
    assert "headwater show failures" in program.ran.out


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        (("shwo", "items"), "show"),
        (("show", "itms"), "items"),
        (("show", "items", "--wher", "1"), "--where"),
        (("show", "items", "--where", "pth = 'x'"), "path"),
        (("show", "items", "--sort", "sise_bytes"), "size_bytes"),
        (("show", "items", "--columns", "item,loctor"), "locator"),
        (("run",), "EVIDENCE"),
        (("run", "/there/is/nothing"), "is not there"),
        (("explain", "zz"), "headwater show items"),
        (("explain", "00000000000000000000"), "headwater show items"),
        (("init", "x"), "--operation"),
        (("completion", "tcsh"), "bash"),
    ],
)
def test_2_wrong_use_says_what_was_meant(program, arguments, meant):
    given = arguments if arguments[0] in {"init", "completion", "shwo"} else (*arguments, "-w", program.workspace)
    ended = program(*given)
    assert ended.code == 2, ended.err
    assert meant in ended.err
    assert ended.out == ""


def test_2_no_operation_here(fresh, tmp_path):
    ended = fresh("show", "items", "-w", tmp_path / "elsewhere")
    assert ended.code == 2
    assert "headwater init" in ended.err


def test_2_every_wrong_setting_is_told_at_once(fresh):
    settings = fresh.workspace / "headwater.toml"
    text = settings.read_text()
    text = text.replace("# workers = 0", "workerz = 2").replace("# ratio = 200", 'ratio = "many"')
    settings.write_text(text.replace("# item_seconds = 60", "item_seconds = -1"))
    ended = fresh("show", "items", "-w", fresh.workspace)
    assert ended.code == 2
    for wrong in ("workerz", "limits.ratio", "worker.item_seconds", "workers"):
        assert wrong in ended.err
    assert "\\u{000A}" not in ended.err
    assert ended.err.count("workerz") == 1


def test_2_wrong_condition_and_columns_are_told_together(program):
    ended = program("show", "items", "--where", "pth = 1 and damaged = 'x'", "--sort", "nme", "-w", program.workspace)
    assert ended.code == 2
    assert all(wrong in ended.err for wrong in ("pth", "damaged", "nme"))


def test_3_without_a_sandbox_nothing_is_read(fresh, tmp_path, monkeypatch):
    missing = Support(landlock_abi=0, seccomp=True, reason="the kernel has no Landlock")
    for place in ("headwater.sandbox.jail.support", "headwater.steps.runner.support", "headwater.cli.check.support"):
        monkeypatch.setattr(place, lambda: missing, raising=False)
    (tmp_path / "calm").mkdir()
    (tmp_path / "calm" / "log.txt").write_text("clear sky\n")
    for arguments in (("run", tmp_path / "calm", "-w", fresh.workspace), ("doctor",)):
        ended = fresh(*arguments)
        assert ended.code == 3
        assert "no Landlock" in ended.err
    assert not any(fresh.workspace.glob("findings/*/*/part-*"))
    unsafe = fresh("run", tmp_path / "calm", "-w", fresh.workspace, "--unsafe-no-sandbox")
    assert unsafe.code == 0, unsafe.err
    assert "UNSAFE" in (fresh.workspace / "custody.jsonl").read_text()
    page = (fresh.workspace / "out" / "report.html").read_text()
    assert "read without a sandbox: --unsafe-no-sandbox was given" in page  # among what does not hold
    assert "At least one run read evidence without a sandbox" in page  # and in the method


def test_5_evidence_that_changed_while_it_was_away(fresh, tmp_path):
    folder = tmp_path / "calm"
    folder.mkdir()
    (folder / "log.txt").write_text("clear sky\n")
    assert fresh("run", folder, "-w", fresh.workspace).code == 0
    (folder / "log.txt").write_text("clear sea\n")
    ended = fresh("verify", "-w", fresh.workspace)
    assert ended.code == 5
    assert "log.txt" in ended.out
    again = fresh("run", folder, "-w", fresh.workspace)
    assert again.code == 5
    assert "log.txt" in again.err


def test_130_interrupted_and_the_same_command_goes_on(fresh, tmp_path):
    make_evidence(tmp_path / "many", 1_500)
    settings = fresh.workspace / "headwater.toml"
    settings.write_text(settings.read_text().replace("# unit_items = 512", "unit_items = 16"))
    running = fresh.stage.start("run", tmp_path / "many", "-w", fresh.workspace, "--exhibit", "T-1")
    deadline = time.monotonic() + 60
    while not list(fresh.workspace.glob("findings/T-1/*/part-*-contents.parquet")) and time.monotonic() < deadline:
        time.sleep(0.01)
    os.kill(running.pid, signal.SIGINT)
    assert running.wait(30) == 130
    ended = fresh("run", tmp_path / "many", "-w", fresh.workspace, "--exhibit", "T-1")
    assert ended.code in {0, 4}
    result = result_of(fresh.workspace)
    assert result.repeated == 0
    assert len(result.items) >= 1_500


@pytest.mark.parametrize(
    "arguments",
    [
        ("show", "items"),
        ("show", "failures"),
        ("verify",),
        ("examiners",),
    ],
)
def test_json_is_json_lines_and_nothing_else(program, arguments):
    ended = program(*arguments, "--json", *([] if arguments[0] == "examiners" else ["-w", program.workspace]))
    assert ended.code == 0
    rows = [json.loads(line) for line in ended.out.splitlines()]
    assert rows
    assert all(isinstance(row, dict) for row in rows)


def test_run_with_json_gives_one_row(program):
    ended = program("run", program.evidence, "-w", program.workspace, "--exhibit", "X<i>-1", "--json")
    (line,) = ended.out.splitlines()
    assert json.loads(line)["items"] > 20
    assert ended.err == ""


def test_quiet_says_only_the_summary(program):
    ended = program("run", program.evidence, "-w", program.workspace, "--exhibit", "X<i>-1", "--quiet")
    assert ended.err == ""
    assert ended.out.startswith("Done")


def test_progress_goes_to_standard_error_and_is_plain_in_a_pipe(program):
    assert "examine" in program.ran.err
    assert "examine" not in program.ran.out
    assert "\x1b" not in program.ran.err + program.ran.out
    assert "\r" not in program.ran.err


def test_columns_scripts_rely_on_are_there_in_that_order(program):
    promised = {
        "items": "item exhibit source locator path size_bytes md5 sha1 sha256 media_type allocation damaged"
        " created modified accessed changed",
        "media": "sha256 media_type width_pixels height_pixels pdq pdq_quality occurrences",
        "findings": "finding sha256 examiner version claim value state spans",
        "failures": "item path examiner kind message",
    }
    for table, columns in promised.items():
        first = program("show", table, "-w", program.workspace, "--json", "--limit", "1").out
        assert list(json.loads(first))[: len(columns.split())] == columns.split()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_offered(program, shell):
    ended = program("completion", shell)
    assert ended.code == 0
    assert "_HEADWATER_COMPLETE" in ended.out


def test_doctor_says_what_is_denied(program):
    ended = program("doctor", "--json")
    assert ended.code == 0, ended.err
    rows = [json.loads(line) for line in ended.out.splitlines()]
    assert all(row["ok"] for row in rows)
    assert {"denied: internet socket", "denied: allocate 4 GiB"} <= {row["check"] for row in rows}


def test_cameras_are_listed_and_what_cannot_be_is_refused_in_words(fresh):
    ended = fresh("camera", "list", "-w", fresh.workspace)
    assert (ended.code, ended.out, ended.err) == (0, "", "no camera is enrolled\n")
    ended = fresh("camera", "match", "-w", fresh.workspace)
    assert ended.code == 2
    assert "no camera is enrolled (exit 2)" in ended.err
    assert "headwater camera enrol NAME --exhibit REF" in ended.err
    ended = fresh("camera", "enrol", "LH-07", "--exhibit", "X-9", "-w", fresh.workspace)
    assert ended.code == 2
    assert "no exhibit is called X-9" in ended.err
    assert fresh("camera", "enrol", "a\nb", "--exhibit", "X-9", "-w", fresh.workspace).code == 2
    assert fresh("camera", "enrol", "LH-07", "-w", fresh.workspace).code == 2
