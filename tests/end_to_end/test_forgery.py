"""Somebody who may write the workspace, and has no key, adds, changes and swaps: nothing of it passes."""

import json
import shutil
from hashlib import sha256
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from headwater.bench.proving import Stage
from headwater.findings.parts import sealed_files
from headwater.seal.chain import Chain
from headwater.seal.manifest import Manifest, SealedFile


def run(done, *arguments):
    """(exit code, what was said) of a run over the folder."""
    ended = done.stage.run("run", done.evidence, "-w", done.workspace, "--exhibit", "W-1", *arguments)
    return ended.returncode, (ended.stdout + ended.stderr).decode()


def shown(done, table, condition="", *columns):
    chosen = [*(["--where", condition] if condition else []), *(["--columns", ",".join(columns)] if columns else [])]
    ended = done.stage.run("show", table, "-w", done.workspace, "--json", *chosen)
    assert ended.returncode == 0, ended.stderr.decode()
    return [json.loads(line) for line in ended.stdout.splitlines()]


def findings_folder(done, exhibit="W-1"):
    (folder,) = (done.workspace / "findings").glob(f"{exhibit}/[0-9a-f]*")
    return folder


def forge(folder):
    """Change one value in one part of findings, and return the part."""
    part = min(folder.glob("part-*-findings.parquet"))
    table = pq.read_table(part)
    values = [f"forged {value}" if number == 0 else value for number, value in enumerate(table["value"].to_pylist())]
    index = table.column_names.index("value")
    part.chmod(0o600)
    pq.write_table(table.set_column(index, table.schema.field(index), pa.array(values)), part)
    return part


def write_chain(path, entries):
    """The same entries in a chain of one's own making, without the key."""
    path.unlink()
    chain = Chain(path)
    return [chain.append(kind, body) for kind, body in entries]


def custody_lines(done):
    return (done.workspace / "custody.jsonl").read_bytes().splitlines(keepends=True)


def test_a_changed_value_stops_every_command_that_would_build_on_it(changed):
    part = forge(findings_folder(changed))
    before = custody_lines(changed)
    (row,) = shown(changed, "findings", "value like 'forged %'", "finding", "sha256")
    for target in (row["finding"], row["sha256"]):
        code, said = changed.verify(target)
        assert code == 5, said
        assert part.name in said
    code, said = run(changed)
    assert code == 5, said
    assert part.name in said
    assert "nothing is added to it" in said
    assert custody_lines(changed) == before


def test_commits_and_manifest_made_anew_around_it_do_not_help(changed):
    folder = findings_folder(changed)
    part = forge(folder)
    log = [(entry.kind, dict(entry.body)) for entry in Chain(folder / "commits.jsonl").entries()]
    data = part.read_bytes()
    for _, body in log:
        for file in body.get("files", ()):
            if file["name"] == part.name:
                file |= {"sha256": sha256(data).hexdigest(), "size_bytes": len(data)}
    entries = write_chain(folder / "commits.jsonl", log)
    (folder / "manifest.json").unlink()
    files = tuple(file for entry in entries for file in sealed_files(entry))
    body = {"commits": {"entries": len(entries), "head": entries[-1].digest}}
    digest = Manifest(files=files, body=body).write(folder)
    sealed = {"folder": f"W-1/{folder.name}", "digest": digest, "files": len(files)}
    Chain(changed.workspace / "custody.jsonl").append("findings_sealed", sealed)
    code, said = changed.verify("--seals-only")
    assert code == 5, said
    assert f"custody.jsonl: line {len(custody_lines(changed))}: it is not signed" in said
    assert run(changed)[0] == 5


def test_a_commit_added_as_if_a_run_had_been_interrupted_is_found(changed):
    folder = findings_folder(changed)
    (folder / "manifest.json").unlink()
    table = pq.read_table(min(folder.glob("part-*-findings.parquet")))
    pq.write_table(table, folder / "part-forged-findings.parquet")
    data = (folder / "part-forged-findings.parquet").read_bytes()
    file = SealedFile(
        name="part-forged-findings.parquet",
        sha256=sha256(data).hexdigest(),
        size_bytes=len(data),
        rows=table.num_rows,
    )
    Chain(folder / "commits.jsonl").append("commit", {"unit": "forged", "files": [file.as_json()]})
    code, said = changed.verify("--seals-only")
    assert code == 5, said
    assert "it is not signed" in said
    assert run(changed)[0] == 5


def test_a_second_verification_of_another_image_does_not_count(changed):
    (body,) = [
        dict(entry.body) for entry in Chain(changed.workspace / "custody.jsonl").entries()
        if entry.kind == "source_verified"
    ]  # fmt: skip
    changed.image.write_bytes(changed.image.read_bytes()[:-1] + b"?")
    body["report"]["segments"][0]["sha256"] = sha256(changed.image.read_bytes()).hexdigest()
    Chain(changed.workspace / "custody.jsonl").append("source_verified", body)
    code, said = changed.verify("W-2")
    assert code == 5, said
    assert "it is not signed" in said


@pytest.mark.parametrize("name", ["W-1/" + "ab" * 8, "W-9/items", "W-1/note.txt", "note.txt"])
def test_what_custody_never_began_is_surplus(changed, name):
    there = changed.workspace / "findings" / name
    there.parent.mkdir(exist_ok=True)
    if there.suffix:
        there.write_text("not ours\n")
    else:
        shutil.copytree(findings_folder(changed), there)
    code, said = changed.verify("--seals-only")
    assert code == 5, said
    assert f"findings/{name}" in said
    assert "surplus" in said
    assert run(changed)[0] == 5


def test_a_chain_written_anew_without_the_key_is_found_on_any_machine(changed, tmp_path):
    chain = Chain(changed.workspace / "custody.jsonl")
    log = [(entry.kind, dict(entry.body)) for entry in chain.entries() if entry.kind not in {"key", "checkpoint"}]
    write_chain(chain.path, log)
    ended = Stage(folder=tmp_path / "another machine").run("verify", "-w", changed.workspace, "--seals-only")
    assert ended.returncode == 5
    assert b"it is not signed" in ended.stdout


def test_an_edited_name_of_the_operation_is_found(changed):
    toml = changed.workspace / "headwater.toml"
    toml.write_text(toml.read_text().replace('"Whole"', '"Another"'))
    code, said = changed.verify("--seals-only")
    assert code == 5, said
    assert "headwater.toml: the operation's name" in said


def another_examiner_set(done):
    toml = done.workspace / "headwater.toml"
    toml.write_text(toml.read_text().replace("# pixels = 200_000_000", "pixels = 100_000_000"))


def test_a_file_exchanged_between_two_examiner_sets_is_found(changed):
    path, other = sorted((changed.evidence / "000").glob("*.jpg"))[:2]
    before = shown(changed, "items", f"path = '000/{path.name}'", "sha256")
    path.write_bytes(other.read_bytes())
    another_examiner_set(changed)
    code, said = run(changed)
    assert code == 5, said
    assert f"000/{path.name}: recorded sha256 {before[0]['sha256'][:16]}" in said
    code, said = changed.verify("W-1")
    assert code == 5, said
    assert "read as two different contents" in said
    (failure,) = shown(changed, "failures", "kind = 'changed' and examiner = 'read'", "path", "message")
    assert failure["path"] == f"000/{path.name}"
    assert "listed with" in failure["message"]


def test_after_another_examiner_set_an_item_is_still_derived_again(changed):
    path = min((changed.evidence / "000").glob("*.jpg"))
    (row,) = shown(changed, "items", f"path = '000/{path.name}'", "item")
    another_examiner_set(changed)
    code, said = changed.verify(row["item"])
    assert code == 0, said
    assert "sealed under another settings" in said
    assert run(changed)[0] in {0, 4}
    code, said = changed.verify(row["item"])
    assert code == 0, said
    assert "note" not in said


def test_an_image_swapped_for_a_while_leaves_nothing_that_counts(changed, tmp_path):
    kept = tmp_path / "right"
    shutil.copytree(changed.image.parent, kept)
    right = shown(changed, "items", "exhibit = 'W-2'", "path", "sha256", "item")
    other = changed.stage.run("init", changed.folder / "second", "--operation", "Second")
    assert other.returncode == 0
    second = changed.folder / "second"
    ended = changed.stage.run("ingest", changed.image, "-w", second, "--exhibit", "W-2")
    assert ended.returncode in {0, 4}, ended.stderr.decode()
    segment = next(path for path in sorted(kept.iterdir()) if b"\xff\xd8\xff" in path.read_bytes())
    data = segment.read_bytes()
    at = data.index(b"\xff\xd8\xff") + 40  # in a picture, stored as it is
    (changed.image.parent / segment.name).write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
    ended = changed.stage.run("examine", "-w", second)
    assert ended.returncode == 5, ended.stdout.decode()
    swapped = type(changed)(changed.folder)
    swapped.workspace = second
    assert shown(swapped, "items", "sha256 is not null", "item") == []
    shutil.copy2(segment, changed.image.parent)
    ended = changed.stage.run("examine", "-w", second)
    assert ended.returncode in {0, 4}, ended.stderr.decode()
    now = shown(swapped, "items", "exhibit = 'W-2'", "path", "sha256", "item")
    assert sorted(now, key=str) == sorted(right, key=str)
    code, said = swapped.verify()
    assert code == 0, said


def tree(folder):
    return {path: path.read_bytes() for path in sorted(Path(folder).rglob("*")) if path.is_file()}


def test_verify_writes_nothing_unless_told_to_so_a_copy_spoils_nothing(changed, tmp_path):
    copy = changed.folder / "copy of it"
    shutil.copytree(changed.workspace, copy)
    before = tree(changed.folder)
    (row, *_) = shown(changed, "items", "exhibit = 'W-1' and path like '%.jpg'", "item")
    for target in ((), (row["item"],), ("--seals-only",)):
        ended = changed.stage.run("verify", *target, "-w", copy)
        assert ended.returncode == 0, ended.stdout.decode()
    assert tree(changed.folder) == before
    assert changed.verify("--seals-only", "--record")[0] == 0
    assert len(custody_lines(changed)) > len((copy / "custody.jsonl").read_bytes().splitlines())
    assert changed.verify("--seals-only")[0] == 0


def test_a_head_is_taken_as_people_copy_it(whole):
    code, said = whole.verify("--seals-only")
    head = said.partition("head ")[2][:64]
    grouped = " ".join(head[start : start + 4] for start in range(0, 64, 4)).upper()
    code, said = whole.verify("--seals-only", "--head", grouped)
    assert code == 0, said
    for wrong in ("", head[:8], "zz" * 32):
        code, said = whole.verify("--seals-only", "--head", wrong)
        assert code == 2, said
        assert "64 hexadecimal digits" in said
    code, said = whole.verify("--seals-only", "--head", "0" * 64)
    assert code == 5
    assert "parts    findings/W-1" in said  # one wrong head does not keep the rest from being checked


def test_a_copy_of_the_report_or_of_a_part_is_known_and_another_file_is_not(whole, tmp_path):
    shutil.copy(whole.workspace / "out" / "report.html", tmp_path / "handed over.html")
    part = min(findings_folder(whole).glob("part-*.parquet"))
    shutil.copy(part, tmp_path / "part")
    code, said = whole.verify(tmp_path / "handed over.html")
    assert code == 0, said
    assert "a report of this operation" in said
    code, said = whole.verify(tmp_path / "part")
    assert code == 0, said
    assert part.name in said
    (tmp_path / "handed over.html").write_text("another report\n")
    code, said = whole.verify(tmp_path / "handed over.html")
    assert code == 5, said


def test_a_lost_key_is_replaced_and_the_operation_still_verifies(changed):
    (changed.folder / "config" / "signing-key.pem").unlink()
    assert run(changed)[0] in {0, 4}
    code, said = changed.verify("--seals-only")
    assert code == 0, said
    assert said.count(" by ") >= 1
