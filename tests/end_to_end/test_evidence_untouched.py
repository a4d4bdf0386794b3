"""A run leaves evidence as it was: content, permissions, owners, times of access and change; and needs no right to write."""

import os
import shutil
import subprocess
import sys

import pytest

from headwater.bench.proving import Stage, make_evidence, state_of

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
    os.symlink("files", evidence / "a link")
    os.mkfifo(evidence / "files" / "a pipe")
    (evidence / "files" / "closed.txt").write_text("nobody may read this\n")
    (evidence / "files" / "closed.txt").chmod(0)
    for path in [*evidence.rglob("*"), evidence]:
        os.utime(path, (1_600_000_000, 1_500_000_000), follow_symlinks=False)
    before = state_of(evidence)
    assert stage.run("run", evidence / "files", "-w", tmp_path / "operation", "--exhibit", "U-1").returncode in {0, 4}
    assert stage.run("run", evidence / "image" / "disk.E01", "-w", tmp_path / "operation").returncode in {0, 4}
    assert stage.run("verify", "-w", tmp_path / "operation").returncode == 0
    assert state_of(evidence) == before


@pytest.mark.skipif(os.getuid() != 0, reason="becomes another user, which takes root")
def test_a_user_who_may_only_read_gets_the_same(tmp_path_factory, whole):
    """Evidence of another owner, below folders without any right to write: O_NOATIME is refused, all else works."""
    folder = tmp_path_factory.mktemp("other")
    for parent in (folder, *folder.parents):
        if parent.stat().st_uid == 0 and parent != parent.parent and "pytest" in str(parent):
            parent.chmod(0o755)
    evidence = folder / "evidence"
    shutil.copytree(whole.evidence, evidence)
    for path in [*evidence.rglob("*"), evidence]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    mine = folder / "mine"
    mine.mkdir(mode=0o700)
    os.chown(mine, 65534, 65534)
    program = (
        "import os, sys; os.setgroups([]); os.setgid(65534); os.setuid(65534); os.environ['HOME'] = sys.argv[1];"
        "os.environ['HEADWATER_CONFIG_DIR'] = sys.argv[1] + '/config'; os.environ['TMPDIR'] = sys.argv[1];"
        "os.environ['XDG_CACHE_HOME'] = sys.argv[1];"
        "from headwater.cli.main import headwater; folder, evidence = sys.argv[1:];"
        "headwater(['init', folder + '/op', '--operation', 'X'], standalone_mode=False);"
        "sys.exit(headwater(['run', evidence, '-w', folder + '/op', '--exhibit', 'W-1'], standalone_mode=False))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program, str(mine), str(evidence)], capture_output=True, check=False, cwd="/"
    )
    if b"Permission denied: '/root" in ended.stderr or b"No module named" in ended.stderr:
        pytest.fail("this interpreter lies where another user cannot read it")
    assert ended.returncode in {0, 4}, ended.stderr.decode()
    assert b"1 failed" not in ended.stderr
