"""One warm run over a folder and an image for all tests of this room; what a test changes is put back."""

import io
import shutil
from datetime import datetime
from pathlib import Path

import pytest

from headwater.bench.proving import Stage, make_evidence
from headwater.demo.ewf_writer import write_ewf
from headwater.demo.fat_writer import FatFile, plan_fat

WHEN = datetime(2026, 5, 1, 12)  # noqa: DTZ001 - FAT keeps local time


class Done:
    """A stage with evidence and a workspace in which everything was run."""

    def __init__(self, folder: Path):
        self.stage = Stage(folder=folder)
        self.folder = folder
        self.evidence = folder / "evidence"
        self.image = folder / "image" / "disk.E01"
        self.workspace = folder / "operation"

    def verify(self, *arguments):
        """(exit code, what was said) of verify."""
        ended = self.stage.run("verify", *arguments, "-w", self.workspace)
        return ended.returncode, (ended.stdout + ended.stderr).decode()


def make_image(folder: Path, files: Path) -> Path:
    """A small FAT16 volume in an E01 of several segments."""
    stored = [
        FatFile(path=path.name, data=path.read_bytes(), modified=WHEN, deleted=number % 7 == 0)
        for number, path in enumerate(sorted(files.rglob("*.*")))
    ]
    volume = plan_fat(stored, kind="fat16")
    raw = io.BytesIO(bytes(volume.geometry.total_sectors * 512))
    volume.write(raw, 0)
    raw.seek(0)
    folder.mkdir()
    return write_ewf(raw, folder, "disk", segment_bytes=1 << 20, compress=False)[0]


@pytest.fixture(scope="session")
def whole(tmp_path_factory):
    """The warm run. Its paths are absolute, so a copy of it is made by `changed` at the very same place."""
    done = Done(tmp_path_factory.mktemp("whole"))
    make_evidence(done.evidence, 40, seed=8)
    make_image(done.image.parent, done.evidence)
    assert done.stage.run("init", done.workspace, "--operation", "Whole").returncode == 0
    assert done.stage.run("run", done.evidence, "-w", done.workspace, "--exhibit", "W-1").returncode in {0, 4}
    ended = done.stage.run("run", done.image, "-w", done.workspace, "--exhibit", "W-2")
    assert ended.returncode in {0, 4}, ended.stderr.decode()
    return done


@pytest.fixture
def changed(whole, tmp_path):
    """The same, put back as it was after the test."""
    kept = tmp_path / "kept"
    shutil.copytree(whole.folder, kept, symlinks=True)
    yield whole
    shutil.rmtree(whole.folder)
    shutil.copytree(kept, whole.folder, symlinks=True)
