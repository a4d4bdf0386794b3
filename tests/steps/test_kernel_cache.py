import subprocess
import sys
from pathlib import Path

import pytest

from headwater.steps import runner


@pytest.fixture(autouse=True)
def _forgotten():
    runner._private_cache.cache_clear()
    yield
    runner._private_cache.cache_clear()


def test_the_cache_lies_in_the_users_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert runner.kernel_cache() == tmp_path / "headwater" / "kernels"


def test_where_that_cannot_be_written_it_is_private_and_goes_with_the_process(tmp_path):
    asked = "from headwater.steps.runner import kernel_cache; print(kernel_cache(), kernel_cache())"
    ended = subprocess.run(
        [sys.executable, "-c", asked], env={"XDG_CACHE_HOME": "/dev/null/x", "TMPDIR": str(tmp_path)},
        capture_output=True, check=True, text=True,
    )  # fmt: skip
    first, second = ended.stdout.split()
    assert first == second
    assert Path(first).parent == tmp_path
    assert list(tmp_path.iterdir()) == []
