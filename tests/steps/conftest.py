"""A workspace of a test's own, runs inside this process, and workers that are lost on purpose."""

import os
import re
import signal
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from headwater.bench.proving import Result, make_evidence, result_of
from headwater.findings.views import connect
from headwater.steps import run as steps
from headwater.steps.seals import check_of, check_seals
from headwater.steps.workspace import Workspace


class Listening:
    """A Listener that remembers which items were done, and calls `at(number, path)` after each."""

    def __init__(self, at=lambda number, path: None, tick=lambda: None):
        self.paths = []
        self.steps = []
        self._at = at
        self._tick = tick

    def begin(self, step, total=0):
        self.steps.append(step)

    def item(self, path, size_bytes, *, failed):
        self.paths.append(path)
        self._at(len(self.paths), path)

    def more(self, count):
        pass

    def tick(self):
        self._tick()

    def end(self, words=""):
        pass


def begin(workspace, listener=None):
    """What a command does before it works on evidence."""
    return steps.begin_work(workspace, listener or Listening(), "run", unsafe=False)


class Operation:
    """A workspace of few workers; `run` does the main job in this process."""

    def __init__(self, folder, **settings):
        self.folder = folder
        Workspace.init(folder, "Tested").close()
        toml = folder / "headwater.toml"
        text = toml.read_text()
        for name, value in settings.items():
            text, replaced = re.subn(rf"(?m)^# {name} = .*$", f"{name} = {value}", text)
            assert replaced == 1
        toml.write_text(text)

    def run(self, *evidence, listener=None, exhibit="T-1", workers=None):
        listener = listener or Listening()
        with Workspace.open(self.folder) as workspace, begin(workspace, listener) as pool:
            if workers is not None:
                workers.watch(pool)
            return steps.run(workspace, pool, evidence, listener, exhibit=exhibit, country="")

    @staticmethod
    def listening(**hooks):
        return Listening(**hooks)

    def undisturbed(self):
        """What a run gave that nothing happened to."""
        return Undisturbed(
            result=result_of(self.folder),
            content_at=dict(self.rows("SELECT path, sha256 FROM items")),
            content_of=dict(self.rows("SELECT finding, sha256 FROM findings")),
        )

    def seals(self):
        """Every Check of what is sealed."""
        with Workspace.open(self.folder, read_only=True) as workspace:
            custody = workspace.verify_custody()
            return [check_of(custody), *check_seals(workspace, custody)]

    def problems(self):
        """What does not hold of all that is sealed."""
        return [problem for check in self.seals() for problem in check.problems]

    def rows(self, query):
        connection = connect(self.folder)
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()


@dataclass(frozen=True, kw_only=True)
class Undisturbed:
    """A run's Result, with the content at each path and that of each finding, by SHA-256."""

    result: Result
    content_at: dict[str, str]
    content_of: dict[str, str]


def stop(pid):
    """Stop a process, and wait until it stands still."""
    os.kill(pid, signal.SIGSTOP)
    while Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in {"T", "Z"}:
        time.sleep(0.0005)


class Workers:
    """The workers of a pool as the kernel knows them, and what they are doing."""

    def __init__(self):
        self.pool = None
        self.hit = []
        self.most_resident_bytes = 0

    def watch(self, pool):
        self.pool = pool

    def signal(self, number, wanted=lambda position: True):
        """Stop each busy worker for a look; send the first that `wanted` picks the signal, and let the rest go on."""
        for link in self.pool._links:
            if link.job is None or self.hit:
                continue
            stop(link.child.pid)
            position = link._mark.read()
            chosen = position is not None and position.locator and wanted(position)
            if chosen:
                self.hit.append(position)
                os.kill(link.child.pid, number)
            if not chosen or number != signal.SIGSTOP:
                os.kill(link.child.pid, signal.SIGCONT)

    def kill_idle(self):
        """Kill one worker that has no item in hand."""
        for link in self.pool._links:
            stop(link.child.pid)
            if link._mark.read() is None:
                os.kill(link.child.pid, signal.SIGKILL)
                return
            os.kill(link.child.pid, signal.SIGCONT)

    def weigh(self):
        for link in self.pool._links:
            self.most_resident_bytes = max(self.most_resident_bytes, link.child.resident_bytes())


@pytest.fixture
def workers():
    return Workers()


@pytest.fixture
def operation(tmp_path):
    """Make an Operation: `operation(workers=1, item_seconds=2)`."""
    made = iter(range(100))
    return lambda **settings: Operation(tmp_path / f"operation{next(made)}", **settings)


@pytest.fixture(scope="session")
def evidence(tmp_path_factory):
    """120 small files."""
    folder = tmp_path_factory.mktemp("evidence")
    make_evidence(folder, 120, seed=3)
    return folder


@pytest.fixture(scope="session")
def undisturbed(evidence, tmp_path_factory):
    """What a run over `evidence` gives when nothing happens."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEADWATER_CONFIG_DIR", str(tmp_path_factory.mktemp("config")))
        whole = Operation(tmp_path_factory.mktemp("whole") / "operation", workers=2)
        whole.run(evidence)
        return whole.undisturbed()
