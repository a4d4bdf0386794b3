"""Evidence passes through memory only: no file holds a picture while a run goes on, and what is unlinked is weighed."""

from types import SimpleNamespace

from headwater.bench.proving import carve
from headwater.steps.runner import Link, WorkerLimits


def test_no_picture_ever_lies_in_the_workspace_or_the_scratch_folder(operation, evidence, tmp_path, monkeypatch):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setenv("TMPDIR", str(scratch))
    monkeypatch.setattr("tempfile.tempdir", None)  # so that it is looked up again
    made = operation(workers=2)
    seen = set()
    made.run(evidence, listener=made.listening(at=lambda done, path: seen.update(scratch.rglob("*"))))
    assert seen == set()
    assert made.rows("SELECT count(*) FROM media WHERE pdq IS NOT NULL")[0][0] > 20
    assert carve(made.folder, scratch) == ()


def watched(resident_bytes, scratch_bytes):
    """What the watch says of a worker so large."""
    link = Link.__new__(Link)
    link._limits = WorkerLimits(item_seconds=60, resident_bytes=1 << 30, address_space_bytes=2 << 30)
    link._mark = SimpleNamespace(read=lambda: None)
    link._heard, link.job = 0, None
    link._alive_at = link._step_at = (None, 0.0)
    link.child = SimpleNamespace(resident_bytes=lambda: resident_bytes, scratch_bytes=lambda: scratch_bytes)
    return link.trouble()


def test_a_worker_is_weighed_with_its_unlinked_scratch():
    assert watched(700 << 20, 300 << 20) is None
    loss = watched(700 << 20, 400 << 20)
    assert (loss.kind, loss.message) == ("memory", "1100 MiB resident, more than 1024 MiB")
    assert watched(0, (1 << 30) + 1).kind == "memory"
