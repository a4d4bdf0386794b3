"""A worker that is killed, hangs or grows costs one item a Failure; the rest is as if nothing had happened."""

import io
import signal
import zipfile
from functools import partial
from hashlib import sha256

import numpy as np
import pytest
from PIL import Image

from headwater.bench.proving import make_evidence, result_of
from headwater.model.errors import WrongUse
from headwater.model.locator import parse_locator
from headwater.steps.exhibits import known_sources
from headwater.steps.summary import summarise
from headwater.steps.workspace import Workspace

EXPECTED_FAULT = {
    signal.SIGKILL: ("died", "signal 9"),
    signal.SIGSEGV: ("died", "signal 11"),
    signal.SIGABRT: ("died", "signal 6"),
}


def holds_nothing_else(position):
    """Not an archive: with one of those, the files in it are lost too."""
    return position.stage != "open archive" and not position.locator.endswith(".zip")


def check_one_lost(operation, undisturbed, position, kind, words):
    """Only the findings of the content at `position` may be missing; it has one Failure that says why."""
    got, expected = result_of(operation.folder), undisturbed.result
    path = parse_locator(position.locator).path
    failures = operation.rows("SELECT path, kind, message FROM failures WHERE kind IN ('died', 'time', 'memory')")
    assert [(failed, said) for failed, said, _ in failures] == [(path, kind)]
    assert words in failures[0][2]
    assert len(got.items) == len(expected.items)
    assert got.repeated == 0
    lost = set(expected.findings) - set(got.findings)
    assert {undisturbed.content_of[finding] for finding in lost} <= {undisturbed.content_at[path]}
    states = {finding: row for finding, *row in operation.rows("SELECT finding, sha256, state FROM findings")}
    surplus = set(got.findings) - set(expected.findings)
    assert all(states[finding] == [undisturbed.content_at[path], "failed"] for finding in surplus)


@pytest.mark.parametrize("number", EXPECTED_FAULT)
@pytest.mark.parametrize("after_items", [1, 40])
def test_a_killed_worker_costs_one_item(operation, workers, evidence, undisturbed, number, after_items):
    def kill(done, path):
        if done >= after_items:
            workers.signal(number, holds_nothing_else)

    for _ in range(5):  # on a busy machine every worker may be between two items each time somebody looks
        disturbed = operation(workers=2, unit_items=40)
        disturbed.run(evidence, listener=disturbed.listening(at=kill), workers=workers)
        if workers.hit:
            break
    (position,) = workers.hit
    kind, words = EXPECTED_FAULT[number]
    check_one_lost(disturbed, undisturbed, position, kind, words)
    with Workspace.open(disturbed.folder) as workspace:
        assert summarise(workspace, known_sources(workspace)).failures > 0  # which is exit 4
    assert disturbed.problems() == []


def test_a_worker_that_hangs_costs_one_item(operation, workers, evidence, undisturbed):
    disturbed = operation(workers=2, item_seconds=1)
    hang = disturbed.listening(at=lambda done, path: workers.signal(signal.SIGSTOP, holds_nothing_else))
    disturbed.run(evidence, listener=hang, workers=workers)
    (position,) = workers.hit
    check_one_lost(disturbed, undisturbed, position, "time", "no progress for 1 s")


def test_every_file_of_an_archive_but_one_outlives_the_loss(operation, workers, tmp_path):
    folder = tmp_path / "boxed"
    folder.mkdir()
    make_evidence(tmp_path / "loose", 60, seed=5)
    with zipfile.ZipFile(folder / "box.zip", "w") as box:
        for path in sorted((tmp_path / "loose").rglob("*.*")):
            box.write(path, path.name)
    whole, disturbed = operation(workers=1), operation(workers=1)
    whole.run(folder)

    def kill(done, path):
        if done > 5:
            workers.signal(signal.SIGKILL, lambda position: position.locator.count("|") == 1)

    disturbed.run(folder, listener=disturbed.listening(at=kill), workers=workers)
    (position,) = workers.hit
    check_one_lost(disturbed, whole.undisturbed(), position, "died", "signal 9")


def test_a_worker_lost_while_it_lists_an_archive_costs_the_rest_of_that_archive_and_says_so(
    operation, workers, tmp_path
):
    folder = tmp_path / "boxes"
    folder.mkdir()
    for number in range(6):
        (folder / f"before {number}.txt").write_text(f"calm {number}\n")
        (folder / f"later {number}.txt").write_text(f"wind {number}\n")
        with zipfile.ZipFile(folder / f"box {number}.zip", "w") as box:
            for member in range(400):
                box.writestr(f"{member}.txt", f"{number} {member}\n")
    disturbed = operation(workers=1)

    def in_a_box(position):  # every file is looked into, whether it is an archive or not
        return position.stage == "open archive" and position.locator.endswith(".zip")

    kill = partial(workers.signal, signal.SIGKILL, in_a_box)
    disturbed.run(folder, listener=disturbed.listening(at=lambda done, path: kill()), workers=workers)
    (position,) = workers.hit
    box = parse_locator(position.locator).path
    assert disturbed.rows("SELECT DISTINCT path, examiner, kind FROM failures") == [(box, "open archive", "died")]
    loose = disturbed.rows("SELECT count(*), count(sha256) FROM items WHERE parent_item IS NULL")
    assert loose == [(18, 18)]
    counts = dict(disturbed.rows("SELECT split_part(path, '/', 1), count(*) FROM items GROUP BY 1"))
    assert [counts[f"box {number}.zip"] for number in range(6) if f"box {number}.zip" != box] == [401] * 5


def big_png(side):
    buffer = io.BytesIO()
    Image.fromarray(np.zeros((side, side, 3), np.uint8)).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def test_a_worker_that_grows_too_large_costs_one_item(operation, workers, tmp_path):
    folder = tmp_path / "large"
    folder.mkdir()
    for number in range(6):
        (folder / f"a{number}.txt").write_text(f"calm sea {number}\n")
        (folder / f"z{number}.txt").write_text(f"rising wind {number}\n")
    data = big_png(9_000)
    (folder / "m.png").write_bytes(data)
    disturbed = operation(workers=1, resident_bytes=320 << 20)
    disturbed.run(folder, listener=disturbed.listening(tick=workers.weigh), workers=workers)
    failures = disturbed.rows("SELECT DISTINCT path, kind FROM failures")
    assert failures == [("m.png", "memory")]
    assert disturbed.rows("SELECT count(*), count(sha256) FROM items") == [(13, 13)]
    assert disturbed.rows("SELECT sha256 FROM items WHERE path = 'm.png'") == [(sha256(data).hexdigest(),)]
    examined = disturbed.rows("SELECT count(DISTINCT sha256) FROM findings WHERE claim = 'type.content'")
    assert examined == [(13,)]
    assert workers.most_resident_bytes < 1 << 30


def test_a_worker_that_dies_between_items_costs_none(operation, workers, evidence, undisturbed):
    disturbed = operation(workers=2)
    hit = []

    def kill(done, path):
        if done == 20 and not hit:
            hit.append(done)
            workers.kill_idle()

    disturbed.run(evidence, listener=disturbed.listening(at=kill), workers=workers)
    assert hit
    got = result_of(disturbed.folder)
    assert len(got.items) == len(undisturbed.result.items)
    assert got.repeated == 0


def test_the_same_content_in_two_exhibits_is_examined_once(operation, evidence, tmp_path):
    operation = operation(workers=2)
    operation.run(evidence, exhibit="T-1")
    first = operation.rows("SELECT count(*) FROM part_findings")
    examined_at = operation.rows("SELECT max(examined_at)::VARCHAR FROM findings")
    copy = tmp_path / "copy"
    copy.mkdir()
    for path in sorted(evidence.rglob("*.*")):
        (copy / path.name).write_bytes(path.read_bytes())
    operation.run(copy, exhibit="T-2")
    assert operation.rows("SELECT count(*) FROM part_findings") == first
    assert operation.rows("SELECT max(examined_at)::VARCHAR FROM findings") == examined_at
    counts = operation.rows("SELECT exhibit, count(*), count(DISTINCT sha256) FROM items GROUP BY 1 ORDER BY 1")
    assert counts[0][1:] == counts[1][1:]
    occurrences = operation.rows("SELECT min(occurrences) FROM media")
    assert occurrences == [(2,)]
    unexplained = operation.rows("SELECT count(*) FROM items WHERE sha256 NOT IN (SELECT sha256 FROM findings)")
    assert unexplained == [(0,)]


def test_a_run_repeated_adds_nothing(operation, evidence):
    operation = operation(workers=2)
    operation.run(evidence)
    before = result_of(operation.folder)
    parts = sorted((path.name, path.stat().st_mtime_ns) for path in operation.folder.rglob("*.parquet"))
    outcome = operation.run(evidence)
    assert [each.examined for each in outcome] == [0]
    assert result_of(operation.folder) == before
    assert sorted((path.name, path.stat().st_mtime_ns) for path in operation.folder.rglob("*.parquet")) == parts


def test_another_run_in_the_same_workspace_is_refused(operation, evidence):
    operation = operation()
    with Workspace.open(operation.folder), pytest.raises(WrongUse, match="another run"):
        operation.run(evidence)


def test_the_first_kill_of_many_does_not_stop_the_rest(operation, workers, evidence):
    """Ten workers lost in a row: ten items at most are the poorer, the count is whole."""
    operation = operation(workers=2)
    killed = []

    def kill(done, path):
        if len(killed) < 10 and done >= 8 * (len(killed) + 1):
            workers.hit.clear()
            workers.signal(signal.SIGKILL)
            killed.extend(workers.hit)

    operation.run(evidence, listener=operation.listening(at=kill), workers=workers)
    assert len(killed) >= 5
    died = operation.rows("SELECT DISTINCT path FROM failures WHERE kind = 'died'")
    assert len(died) == len({each.locator for each in killed})
    (counts,) = operation.rows("SELECT count(*), count(DISTINCT item) FROM items")
    assert counts[0] == counts[1] >= 120
