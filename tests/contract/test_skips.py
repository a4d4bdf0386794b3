"""Where a system program is absent, tests that run it are skipped by its name; in CI that is a failure."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
ASKS = """
import subprocess
import pytest

@pytest.fixture(scope="session")
def image():
    subprocess.run(["mkfs.vfat", "lighthouse.img"], check=True)

def test_one(image): pass

def test_two(image): pass

def test_three():
    subprocess.run(["fls"], check=True)

@pytest.mark.needs("mmd")
def test_four(): pass

def test_five(tmp_path):
    (tmp_path / "mkfs.vfat.img").write_bytes(b"")
"""
LOSES = """
from pathlib import Path

def test_of_ours(tmp_path):
    Path(tmp_path / "harbour.png").read_bytes()
"""


@pytest.fixture
def bare(tmp_path):
    """Run a file of tests under our conftest where no program is on the path: exit code, what was said."""
    (tmp_path / "tests").mkdir()
    shutil.copy(TESTS / "conftest.py", tmp_path / "tests")
    (tmp_path / "nothing").mkdir()

    def run(text, **variables):
        (tmp_path / "tests" / "test_some.py").write_text(text)
        told = ["-c", str(TESTS.parent / "pyproject.toml"), "--rootdir", str(tmp_path), "-p", "no:cacheprovider"]
        environment = {key: value for key, value in os.environ.items() if key != "CI"}
        ended = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", *told, str(tmp_path / "tests")],
            env=environment | {"PATH": str(tmp_path / "nothing")} | variables,
            cwd=tmp_path, capture_output=True, check=False, text=True,
        )  # fmt: skip
        return ended.returncode, ended.stdout + ended.stderr

    return run


def test_a_test_without_its_program_is_skipped_by_name(bare):
    code, said = bare(ASKS)
    assert code == 0, said
    assert "1 passed, 4 skipped" in said
    assert set(re.findall(r"needs (\S+) \((\S+)\)", said)) == {
        ("mkfs.vfat", "dosfstools"), ("fls", "sleuthkit"), ("mmd", "mtools")
    }  # fmt: skip


def test_in_ci_that_is_a_failure(bare):
    code, said = bare(ASKS, CI="true")
    assert code == 1
    assert "4 skipped, which counts as failed in CI" in said


def test_another_missing_file_is_a_failure(bare):
    code, said = bare(LOSES)
    assert code == 1
    assert "1 failed" in said


def test_every_package_of_the_programs_is_installed_by_ci():
    install = (TESTS.parent / ".ci" / "run").read_text().partition("apt-get install")[2].partition(">")[0]
    packages = set(re.findall(r'^    "[\w.]+": "([\w-]+)",$', (TESTS / "conftest.py").read_text(), re.MULTILINE))
    assert len(packages) > 8
    assert packages <= set(install.split())
