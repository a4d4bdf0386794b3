"""Verify, where whole folders of parts are gone, evidence was moved, or an item has no content."""

import json
import os
import shutil
import subprocess

import pytest


def items(done, condition):
    ended = done.stage.run("show", "items", "-w", done.workspace, "--json", "--where", condition)
    return [json.loads(line)["item"] for line in ended.stdout.splitlines()]


@pytest.mark.parametrize("gone", ["W-1/[0-9a-f]*", "W-1", "W-2/items"])
def test_a_folder_of_findings_that_is_gone_is_named(changed, gone):
    (folder,) = (changed.workspace / "findings").glob(gone)
    shutil.rmtree(folder)
    code, said = changed.verify("--seals-only")
    assert code == 5, said
    assert f"findings/{folder.relative_to(changed.workspace / 'findings').as_posix()}" in said
    assert "missing: custody has a seal over this folder" in said


def test_digests_that_are_gone_are_no_note(changed):
    (folder,) = (changed.workspace / "findings").glob("W-1/[0-9a-f]*")
    for part in folder.iterdir():
        part.unlink()
    code, said = changed.verify("W-1")
    assert code == 5, said
    assert "no digest of them is there any more" in said


def test_a_file_added_to_a_folder_is_named(changed):
    (changed.evidence / "000" / "added later.txt").write_text("added later\n")
    code, said = changed.verify("W-1")
    assert code == 5, said
    assert "000/added later.txt: added since the folder was listed" in said


def test_moved_evidence_is_verified_where_it_lies_now(changed):
    moved = changed.folder / "elsewhere"
    changed.image.parent.rename(moved)
    for number, segment in enumerate(sorted(moved.iterdir()), 1):
        segment.rename(moved / f"copy.E{number:02}")
    code, said = changed.verify("W-2")
    assert code == 5, said
    assert "disk.E01: No such file or directory" in said
    code, said = changed.verify("W-2", "--evidence", moved / "copy.E01")
    assert code == 0, said
    code, said = changed.verify("--evidence", moved / "copy.E01")
    assert code == 0, said
    (item, *_) = items(changed, "exhibit = 'W-2' and path like '%hill%' and allocation = 'allocated'")
    code, said = changed.verify(item, "--evidence", moved / "copy.E01")
    assert code == 0, said
    path = moved / "copy.E02"
    data = bytearray(path.read_bytes())
    data[4_000] ^= 1
    path.write_bytes(data)
    code, said = changed.verify("--evidence", moved / "copy.E01")
    assert code == 5, said
    assert "disk.E02: recorded sha256" in said


def test_evidence_that_could_be_no_source_is_wrong_use(whole, tmp_path):
    path = tmp_path / "other.dd"
    path.write_bytes(bytes(512))
    code, said = whole.verify("--evidence", path)
    assert code == 2, said
    assert "other.dd could be none of the sources" in said


def test_a_moved_source_does_not_keep_the_others_from_being_checked(changed):
    changed.evidence.rename(changed.folder / "away")
    code, said = changed.verify()
    assert code == 5, said
    assert "not a folder that can be read" in said
    assert "W-2: disk.E01  " in said


def test_what_has_no_content_is_compared_by_its_kind(changed):
    folder = changed.folder / "special"
    folder.mkdir()
    (folder / "link").symlink_to("nowhere")
    os.mkfifo(folder / "pipe")
    assert changed.stage.run("run", folder, "-w", changed.workspace).returncode == 0
    found = items(changed, "exhibit = 'special'")
    assert len(found) == 2
    for item in found:
        code, said = changed.verify(item)
        assert code == 0, said
        assert "it has no content of its own" in said
    (folder / "link").unlink()
    (folder / "link").write_text("a file\n")
    (folder / "pipe").unlink()
    outcomes = [changed.verify(item) for item in found]
    assert [code for code, _ in outcomes] == [5, 5]
    assert "input: listed as symbolic link to nowhere, now file" in "".join(said for _, said in outcomes)
    assert "gone since it was listed" in "".join(said for _, said in outcomes)


@pytest.mark.parametrize(
    ("elsewhere", "words"),
    [(False, b"the configuration folder lies in the evidence"), (True, b"the workspace and the evidence")],
)
def test_evidence_that_holds_what_is_ours_is_refused_before_anything_is_written(changed, tmp_path, elsewhere, words):
    before = (changed.workspace / "custody.jsonl").read_bytes()
    environment = dict(changed.stage.environment())
    if elsewhere:
        environment["HEADWATER_CONFIG_DIR"] = str(shutil.copytree(changed.folder / "config", tmp_path / "config"))
    ended = subprocess.run(
        changed.stage.command("run", changed.folder, "-w", changed.workspace),
        env=environment, capture_output=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 2, ended.stderr
    assert words in ended.stderr
    assert (changed.workspace / "custody.jsonl").read_bytes() == before
