"""What is admitted as evidence, under which reference, and what is said where it changed or is gone."""

import os
import shutil
from pathlib import Path

import pytest

from headwater.evidence.folder import Folder
from headwater.model.errors import DoesNotVerify, WrongUse
from headwater.steps import run as steps
from headwater.steps.close import _order
from headwater.steps.exhibits import SOURCE_CLOSED, SOURCE_OPENED, admit, bad_sectors, known_sources, state
from headwater.steps.ingest import _told
from headwater.steps.sources import open_read_only, resolve
from headwater.steps.verify import check_sources
from headwater.steps.workspace import Workspace

from .conftest import begin


@pytest.fixture
def workspace(tmp_path):
    with Workspace.init(tmp_path / "ours" / "operation", "Tested") as workspace:
        yield workspace


@pytest.fixture
def seized(tmp_path):
    folder = tmp_path / "seized"
    folder.mkdir()
    return folder


def image(folder, name, size=4096):
    path = folder / name
    path.write_bytes(bytes(size))
    return path


def take(workspace, *paths, exhibit=None, country=""):
    return admit(workspace, [resolve(path) for path in paths], exhibit, country)


def opened(workspace):
    return list(workspace.recorded(SOURCE_OPENED))


def test_evidence_may_not_hold_the_workspace_nor_lie_in_it(workspace, tmp_path):
    with pytest.raises(WrongUse, match="workspace"):
        take(workspace, tmp_path / "ours")
    with pytest.raises(WrongUse, match="workspace"):
        take(workspace, workspace.folder)
    with pytest.raises(WrongUse, match="workspace"):
        take(workspace, image(workspace.out_folder, "disk.dd"))
    (tmp_path / "link").symlink_to(tmp_path / "ours")
    with pytest.raises(WrongUse, match="workspace"):
        take(workspace, tmp_path / "link")
    assert opened(workspace) == []


@pytest.mark.parametrize(("variable", "what"), [("HEADWATER_CONFIG_DIR", "configuration"), ("XDG_CACHE_HOME", "cache")])
def test_evidence_may_not_hold_our_keys_or_our_cache(workspace, seized, monkeypatch, variable, what):
    monkeypatch.setenv(variable, str(seized / "below" / "ours"))
    with pytest.raises(WrongUse, match=what):
        take(workspace, seized)
    assert list(seized.iterdir()) == []


def test_all_are_admitted_or_none(workspace, seized):
    first = image(seized, "a.dd")
    (seized / "b.E01").symlink_to(seized / "not there")
    with pytest.raises(WrongUse, match=r"b\.E01 is not there"):
        take(workspace, first, seized / "b.E01", exhibit="T-1")
    assert opened(workspace) == []
    os.mkfifo(seized / "c.dd.002")
    image(seized, "c.dd.001")
    with pytest.raises(WrongUse, match="neither a regular file"):
        take(workspace, first, seized / "c.dd.001", exhibit="T-1")
    assert opened(workspace) == []


def test_two_sources_never_share_a_default_reference(workspace, seized):
    first, second = image(seized, "a.dd"), image(seized, "a.E01")
    with pytest.raises(WrongUse, match="both be exhibit a"):
        take(workspace, first, second)
    assert opened(workspace) == []
    take(workspace, first)
    with pytest.raises(WrongUse, match="both be exhibit a"):
        take(workspace, second)
    assert [known.number for known in take(workspace, first, second, exhibit="a")] == [0, 1]


def test_a_source_named_twice_is_taken_once(workspace, seized):
    path = image(seized, "a.dd")
    assert len(take(workspace, path, seized / "." / "a.dd", exhibit="T-1")) == 1
    assert len(take(workspace, path)) == 1
    assert len(opened(workspace)) == 1


def test_the_country_of_a_known_source_stays(workspace, seized):
    path = image(seized, "a.dd")
    take(workspace, path, country="DK")
    assert take(workspace, path)[0].country == "DK"
    assert take(workspace, path, country="DK")[0].country == "DK"
    with pytest.raises(WrongUse, match="DK"):
        take(workspace, path, country="SE")


def test_a_link_is_resolved_and_its_name_kept(workspace, seized, tmp_path):
    path = image(seized, "disk.001", 4096)
    image(seized, "disk.002", 512)
    (tmp_path / "shortcut.001").symlink_to(path)
    (known,) = take(workspace, tmp_path / "shortcut.001")
    assert [each.name for each in known.files.paths] == ["disk.001", "disk.002"]
    (body,) = opened(workspace)
    assert body["given"].endswith("shortcut.001")
    assert body["sizes_bytes"] == [4096, 512]
    assert known_sources(workspace) == (known,)


def test_what_cannot_be_reached_is_wrong_use(workspace, seized, monkeypatch):
    (seized / "round").symlink_to(seized / "round")
    for path, words in ((seized / "round", "round"), (image(seized, "file") / "below", "is not there")):
        with pytest.raises(WrongUse, match=words):
            resolve(path)

    def denied(path, *, strict):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "resolve", denied)
    with pytest.raises(WrongUse, match="cannot be reached: Permission denied"):
        resolve(seized / "file")


def test_a_folder_that_cannot_be_listed_hides_segments_and_is_said(seized, monkeypatch):
    path = image(seized, "disk.001")

    def denied(folder):
        raise PermissionError(13, "Permission denied", str(folder))

    monkeypatch.setattr(Path, "iterdir", denied)
    with pytest.raises(WrongUse, match="cannot be listed: Permission denied"):
        resolve(path)


def test_a_pipe_in_the_place_of_a_segment_does_not_block(seized):
    os.mkfifo(seized / "disk.002")
    with pytest.raises(OSError, match="neither a regular file"):
        open_read_only(seized / "disk.002")


def test_names_are_ordered_as_a_folder_is_walked(seized):
    for name in ("b/z", "b/a/x", "a.txt", "b.txt", "a/y", "b-c/q", "c"):
        path = seized / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    with Folder(seized) as folder:
        names = [each.locator.layers[0].name for each in folder.walk()]
    assert names == sorted(names, key=_order)
    assert len(names) == 7


@pytest.mark.parametrize("kind", [list, tuple])
def test_custody_is_told_the_beginning_of_long_lists_and_how_long_they_are(kind):
    ranges = kind({"first_sector": number * 10, "sector_count": 3} for number in range(9_000))
    told = _told({"kind": "e01", "bad_sectors": ranges, "notes": ["x" * 9_000], "segments": [{"name": "a"}] * 60})
    assert len(told["bad_sectors"]) == 50
    assert len(told["bad_sectors_digest"]) == 64
    assert len(told["segments"]) == 60
    assert bad_sectors(told) == (27_000, 9_000, ranges[:50])
    assert bad_sectors({"bad_sectors": ranges[:2]}) == (6, 2, ranges[:2])
    assert bad_sectors({}) == (0, 0, [])


@pytest.fixture
def copied(operation, evidence, tmp_path):
    """A run over a copy of the evidence, with a link and a pipe in it."""
    folder = tmp_path / "copy"
    shutil.copytree(evidence, folder)
    (folder / "link").symlink_to("nowhere")
    os.mkfifo(folder / "pipe")
    operation = operation(workers=2)
    steps.raise_if_changed(operation.run(folder))
    return operation, folder


def said(operation):
    """The problems and notes that verify has about sources."""
    with Workspace.open(operation.folder) as workspace, steps.open_pool(workspace, unsafe=False) as pool:
        checks = list(check_sources(workspace, pool, operation.listening()))
    return [each for check in checks for each in check.problems], [each for check in checks for each in check.notes]


def test_what_was_added_taken_or_became_another_kind_is_named_at_verify_and_at_close(copied):
    operation, folder = copied
    assert said(operation) == ([], [])
    gone = min(folder.rglob("*.png"))
    gone.unlink()
    (folder / "added").mkdir()
    (folder / "added" / "later.txt").write_text("later\n")
    (folder / "link").unlink()
    (folder / "link").write_text("no link any more\n")
    (folder / "pipe").unlink()
    path = gone.relative_to(folder).as_posix()
    expected = {
        f"{path}: gone since it was listed",
        "added/later.txt: added since the folder was listed",
        "link: listed as symlink, now file",
        "pipe: gone since it was listed",
    }
    assert set(said(operation)[0]) == expected
    (outcome,) = operation.run(folder)
    assert set(outcome.changed) == expected
    with pytest.raises(DoesNotVerify, match="not what it was"):
        steps.raise_if_changed([outcome])


def test_thousands_of_changed_files_are_all_kept_and_custody_stays_small(copied):
    operation, folder = copied
    files = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    for path in files:
        path.write_bytes(path.read_bytes()[:-1] + b"?")
    for _ in range(2):  # the same finding is sealed once
        (outcome,) = operation.run(folder)
        assert len(outcome.changed) == len(files)
    kept = operation.rows("SELECT count(*), min(kind), min(examiner) FROM failures WHERE kind = 'changed'")
    assert kept == [(len(files), "changed", "close")]
    with Workspace.open(operation.folder, read_only=True) as workspace:
        body = state(workspace, known_sources(workspace)[0], SOURCE_CLOSED)
    assert operation.problems() == []
    assert len(body["changed"]) == 50
    assert body["changed_count"] == len(files)
    with pytest.raises(DoesNotVerify) as error:
        steps.raise_if_changed([outcome])
    assert len(error.value.names) == 51
    assert error.value.names[-1] == f"and {len(files) - 50:,} more"


def test_a_source_that_is_gone_is_reported_and_the_others_are_examined(operation, seized, tmp_path):
    operation = operation(workers=1)
    first, second = seized / "first", seized / "second"
    for folder in (first, second):
        folder.mkdir()
        (folder / "note.txt").write_text(f"{folder.name}\n")
    with Workspace.open(operation.folder) as workspace, begin(workspace) as pool:
        steps.ingest(workspace, pool, [first, second], operation.listening(), exhibit=None, country="")
        first.rename(tmp_path / "moved")
        outcomes = steps.examine(workspace, pool, operation.listening())
    assert [each.examined for each in outcomes] == [0, 1]
    assert "not a folder that can be read" in outcomes[0].changed[0]
    problems, _ = said(operation)
    assert len(problems) == 1
    assert "not a folder that can be read" in problems[0]


def test_an_interrupted_folder_of_parts_is_a_note_and_still_checked(operation, evidence):
    operation = operation(workers=1, unit_items=10)
    listener = operation.listening()

    def stop(count):
        if listener.steps[-1] == "list":
            raise KeyboardInterrupt

    listener.more = stop
    with pytest.raises(KeyboardInterrupt):
        operation.run(evidence, listener=listener)
    _, check = operation.seals()
    assert check.problems == ()
    assert "not sealed yet" in check.notes[0]
    folder = operation.folder / "findings" / "T-1" / "items"
    part = min(folder.glob("part-*"))
    part.chmod(0o600)
    part.write_bytes(part.read_bytes()[:-1] + b"?")
    (problem,) = operation.problems()
    assert part.name in problem
    for path in folder.iterdir():
        path.unlink()
    _, check = operation.seals()
    assert check.problems == ()
    assert "before anything in it counted" in check.notes[0]


def test_parts_added_after_a_seal_by_an_interrupted_run_are_a_note(copied, tmp_path):
    operation, _ = copied
    more = tmp_path / "more"
    more.mkdir()
    (more / "note.txt").write_text("more\n")
    listener = operation.listening()

    def stop(count):
        if listener.steps[-1] == "list":
            raise KeyboardInterrupt

    listener.more = stop
    with pytest.raises(KeyboardInterrupt):
        operation.run(more, listener=listener)
    assert operation.problems() == []
    assert any("not sealed yet" in note for check in operation.seals() for note in check.notes)


def test_a_manifest_that_is_gone_is_no_interruption(copied):
    operation, _ = copied
    (operation.folder / "findings" / "T-1" / "items" / "manifest.json").unlink()
    (problem,) = operation.problems()
    assert "manifest.json" in problem
