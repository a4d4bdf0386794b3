"""A run leaves evidence as it was, content, permissions, owners and times, and needs no right to write."""

import os
import subprocess
from dataclasses import replace

import pytest

from headwater.bench.proving import Stage, make_evidence, result_of, state_of

from .conftest import make_image


@pytest.fixture
def stage(tmp_path):
    made = Stage(folder=tmp_path / "stage")
    assert made.run("init", tmp_path / "operation", "--operation", "Untouched").returncode == 0
    return made


def test_a_run_and_a_verify_change_nothing(stage, tmp_path):
    evidence = tmp_path / "evidence"
    make_evidence(evidence / "files", 30)
    make_image(evidence / "image", evidence / "files")
    (evidence / "files" / "a link").symlink_to("/etc/hostname")
    os.mkfifo(evidence / "files" / "a pipe")
    (evidence / "files" / "closed.txt").write_text("nobody may read this\n")
    (evidence / "files" / "closed.txt").chmod(0)
    for path in [*evidence.rglob("*"), evidence]:
        os.utime(path, (1_600_000_000, 1_500_000_000), follow_symlinks=False)
    before = state_of(evidence)
    assert stage.run("run", evidence / "files", "-w", tmp_path / "operation", "--exhibit", "U-1").returncode in {0, 4}
    assert stage.run("run", evidence / "image" / "disk.E01", "-w", tmp_path / "operation").returncode in {0, 4}
    assert stage.run("verify", "-w", tmp_path / "operation").returncode == 0
    after = state_of(evidence)
    link = b"files/a link".hex()  # reading where a link points to is an access that no flag can hide
    after[link] = replace(after[link], accessed_ns=before[link].accessed_ns)
    assert after == before


def without_rights(evidence):
    """The words that run a program which may only read `evidence`, as one who does not own it where that can be had."""
    for path in [*evidence.rglob("*"), evidence]:
        path.chmod(0o555 if path.is_dir() else 0o444)
        if os.geteuid() == 0:
            os.chown(path, 65534, 65534)
    return ("setpriv", "--bounding-set=-all", "--inh-caps=-all") if os.geteuid() == 0 else ()


def test_who_may_only_read_gets_the_same(stage, tmp_path):
    evidence = tmp_path / "evidence"
    make_evidence(evidence, 30)
    before = without_rights(evidence)
    refused = subprocess.run([*before, "touch", str(evidence / "new")], capture_output=True, check=False)
    assert refused.returncode != 0  # so nobody could write there
    ended = stage.run("run", evidence, "-w", tmp_path / "operation", "--exhibit", "U-1", before=before)
    assert ended.returncode in {0, 4}, ended.stderr.decode()
    items = result_of(tmp_path / "operation").items
    assert len(items) >= 30
    unread = stage.run("show", "failures", "-w", tmp_path / "operation", "--json", "--where", "kind = 'permission'")
    assert unread.stdout == b""
