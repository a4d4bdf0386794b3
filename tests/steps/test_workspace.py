import json
import stat
import subprocess
import sys

import pytest

from headwater.findings.parts import PartStore, check_parts, part_folder
from headwater.findings.schema import SCHEMAS, table
from headwater.model.errors import HeadwaterError, WrongUse
from headwater.seal.keys import config_folder, load_signer
from headwater.steps.seals import check_head
from headwater.steps.workspace import Workspace


@pytest.fixture
def workspace(tmp_path):
    return Workspace.init(tmp_path / "springhead", "Springhead")


@pytest.fixture
def sealed(workspace):
    """A small workspace with one exhibit of two parts, sealed and checkpointed."""
    columns = {name: [f"{name} {number}" for number in range(3)] for name in SCHEMAS["failures"].names}
    workspace.record("source_opened", {"exhibit": "LH-01", "source": "disk.E01"})
    with PartStore(part_folder(workspace.findings_folder, "LH-01", "a" * 64), workspace.custody) as store:
        for unit in ("u1", "u2"):
            store.commit(unit, {"failures": table("failures", columns)})
        store.seal()
    workspace.checkpoint()
    return workspace


def test_init_makes_an_operation_that_opens(workspace):
    folder = workspace.folder
    assert sorted(path.name for path in folder.iterdir()) == [
        "custody.jsonl",
        "findings",
        "headwater.toml",
        "index",
        "out",
    ]
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    again = Workspace.open(folder)
    assert again.settings.operation == workspace.settings.operation
    assert again.settings.examiners
    (made,) = again.recorded("workspace_made")
    assert made["id"] == again.settings.operation.id


def test_init_refuses_what_is_there(workspace, tmp_path):
    with pytest.raises(WrongUse, match="already"):
        Workspace.init(workspace.folder, "Other")
    (tmp_path / "half").mkdir()
    (tmp_path / "half" / "custody.jsonl").touch()
    with pytest.raises(WrongUse, match=r"custody\.jsonl"):
        Workspace.init(tmp_path / "half", "Other")
    (tmp_path / "file").touch()
    with pytest.raises(WrongUse):
        Workspace.init(tmp_path / "file", "Other")
    with pytest.raises(WrongUse):
        Workspace.init(tmp_path / "new", "a\nb")
    assert not (tmp_path / "new").exists()


def test_open_tells_the_next_step(tmp_path):
    with pytest.raises(WrongUse) as caught:
        Workspace.open(tmp_path)
    assert "headwater init" in caught.value.next_step


def test_keys_inside_the_workspace_are_refused(workspace, monkeypatch, tmp_path):
    monkeypatch.setenv("HEADWATER_CONFIG_DIR", str(workspace.folder / "keys"))
    with pytest.raises(WrongUse, match="signing key"):
        Workspace.open(workspace.folder)
    monkeypatch.setenv("HEADWATER_CONFIG_DIR", str(tmp_path / "new" / "keys"))
    with pytest.raises(WrongUse, match="signing key"):
        Workspace.init(tmp_path / "new", "Other")


def test_two_runs_at_once_are_refused(workspace):
    with Workspace.open(workspace.folder):
        with pytest.raises(WrongUse, match="another run"), Workspace.open(workspace.folder):
            pass
        with Workspace.open(workspace.folder, read_only=True) as reader:
            assert reader.custody.head() == workspace.custody.head()
    with Workspace.open(workspace.folder):
        pass


def test_a_killed_run_leaves_no_lock(workspace):
    child = (
        "import os, sys; from pathlib import Path; from headwater.steps.workspace import Workspace\n"
        "with Workspace.open(Path(sys.argv[1])): os._exit(9)"
    )
    assert subprocess.run([sys.executable, "-c", child, workspace.folder], check=False).returncode == 9
    with Workspace.open(workspace.folder) as again:
        again.record("resumed", {})


def test_custody_takes_references_not_content(workspace):
    workspace.record("note", {"sha256": "0" * 64})
    with pytest.raises(HeadwaterError, match="long"):
        workspace.record("note", {"text": "x" * 300_000})
    with pytest.raises(TypeError):
        workspace.record("note", {"pixels": b"\x00"})
    with pytest.raises(HeadwaterError, match="reading only"):
        Workspace.open(workspace.folder, read_only=True).record("note", {})


def test_a_sealed_workspace_holds(sealed):
    report = sealed.verify_custody()
    assert report.problems == ()
    assert report.notes == (f"entries signed: {report.chain.entries} by {load_signer().key_id}",)
    folder = part_folder(sealed.findings_folder, "LH-01", "a" * 64)
    assert folder.parent.name == sealed.slug("LH-01")
    digest = json.loads((folder / "manifest.json").read_text())["digest"]
    assert check_parts(folder, report.keys, digest) == ()
    assert [problem.file for problem in check_parts(folder, report.keys, "0" * 64)] == ["manifest.json"]
    assert {problem.file for problem in check_parts(folder, {})} == {"commits.jsonl"}


def test_a_head_known_outside(sealed):
    head = sealed.checkpoint().head
    sealed.record("note", {})
    assert check_head(sealed, head).problems == ()
    assert "no entry" in check_head(sealed, "0" * 64).problems[0]


def test_cut_and_restored_chains_are_found(sealed):
    path = sealed.custody.path
    data = path.read_bytes()
    path.write_bytes(b"".join(data.splitlines(keepends=True)[:-1]))
    assert "cut" in sealed.verify_custody().problems[0]
    path.unlink()
    assert sealed.verify_custody().problems == ("custody.jsonl: missing",)


def test_another_machine_says_that_it_has_no_witness(sealed, monkeypatch, tmp_path):
    monkeypatch.setenv("HEADWATER_CONFIG_DIR", str(tmp_path / "elsewhere"))
    report = sealed.verify_custody()
    assert report.problems == ()
    assert "would show" in report.notes[1]
    assert not config_folder().exists()


def test_an_edited_operation_id_is_found(sealed):
    path = sealed.folder / "headwater.toml"
    path.write_text(path.read_text().replace(sealed.settings.operation.id, "f" * 32))
    problems = Workspace.open(sealed.folder).verify_custody().problems
    assert any("operation's id" in problem for problem in problems)


def test_any_flipped_byte_of_any_sealed_file_is_named(sealed):
    folder = part_folder(sealed.findings_folder, "LH-01", "a" * 64)
    files = [sealed.custody.path, *sorted(folder.iterdir())]
    assert len(files) == 5
    keys = sealed.verify_custody().keys
    for path in files:
        path.chmod(0o600)
        data = path.read_bytes()
        for offset in {*range(0, len(data), 11), len(data) - 2, len(data) - 1}:
            path.write_bytes(data[:offset] + bytes([data[offset] ^ 0x10]) + data[offset + 1 :])
            named = {problem.partition(":")[0] for problem in sealed.verify_custody().problems}
            named |= {problem.file for problem in check_parts(folder, keys)}
            assert named == {path.name}, f"{path.name} byte {offset}"
        path.write_bytes(data)
    assert sealed.verify_custody().problems == ()
    assert check_parts(folder, keys) == ()
