"""What all tests share: places of their own, what a missing system program does, and no silent skip in CI.

Hypothesis has no deadline here: kernels compile, and processors are shared.
"""

import os
import shutil
import signal
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import settings

# Programs of the system that tests run, with Debian's package. Where one is absent, a test that runs it is skipped.
PROGRAMS = {
    "chromium": "chromium",
    "debugfs": "e2fsprogs",
    "ewfacquire": "ewf-tools",
    "ewfinfo": "ewf-tools",
    "ewfverify": "ewf-tools",
    "exiftool": "libimage-exiftool-perl",
    "fls": "sleuthkit",
    "fsck.vfat": "dosfstools",
    "hashdeep": "hashdeep",
    "ip": "iproute2",
    "mcopy": "mtools",
    "mdel": "mtools",
    "mkfs.ext2": "e2fsprogs",
    "mkfs.ext4": "e2fsprogs",
    "mkfs.vfat": "dosfstools",
    "mkntfs": "ntfs-3g",
    "mmd": "mtools",
    "mrd": "mtools",
    "ntfscp": "ntfs-3g",
    "setpriv": "util-linux",
    "unshare": "util-linux",
}

settings.register_profile("headwater", deadline=None)
settings.load_profile("headwater")


@pytest.fixture(autouse=True, scope="session")
def own_cache(tmp_path_factory, pytestconfig):
    """Kernels compiled for tests are kept from one session to the next, but not in the user's cache."""
    kept = getattr(pytestconfig, "cache", None)
    folder = kept.mkdir("kernels") if kept else tmp_path_factory.mktemp("kernels")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder))
        yield


@pytest.fixture(autouse=True)
def own_configuration(tmp_path_factory, monkeypatch):
    """Keys and witness files of a test never meet the user's."""
    monkeypatch.setenv("HEADWATER_CONFIG_DIR", str(tmp_path_factory.mktemp("config")))


@pytest.fixture(autouse=True, scope="session")
def interruptible():
    """A shell's background job has SIGINT ignored, and would hand that on to the programs that tests interrupt."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@contextmanager
def _absent_programs_skip():
    """Make the failure to start one of PROGRAMS a skip that names it. Any other missing file stays a failure."""
    try:
        yield
    except FileNotFoundError as error:
        name = Path(os.fsdecode(error.filename or "")).name
        if name not in PROGRAMS:
            raise
        pytest.skip(_absent(name))


def _absent(name):
    return f"needs {name} ({PROGRAMS[name]})"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item):
    for marker in item.iter_markers("needs"):
        for name in marker.args:
            if shutil.which(name) is None:
                pytest.skip(_absent(name))
    with _absent_programs_skip():
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    with _absent_programs_skip():
        return (yield)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session, exitstatus):
    """In CI a skipped test is a failed one: the system package it wants belongs into .ci/run."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    if os.environ.get("CI") and skipped and exitstatus == 0:
        reporter.write_line(f"{len(skipped)} skipped, which counts as failed in CI", red=True)
        session.exitstatus = 1
