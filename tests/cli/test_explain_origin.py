"""explain of a picture with a generator's record: grade, numbers, signals with their bytes, sentences; no prompt."""

import json

import pytest

from headwater.bench.proving import hill, png_with_text
from headwater.findings.schema import table
from headwater.findings.views import connect
from headwater.steps.examine import examiner_set
from headwater.steps.stores import findings_store
from headwater.steps.workspace import Workspace

SECRET = "a lighthouse at dawn nobody else asked for"
PARAMETERS = f"{SECRET}\nSteps: 20, Sampler: Euler, Seed: 7, Size: 64x64, Model hash: 0123456789"


def add(workspace, sha256, seen):
    """Seal findings as an examiner would have left them: (claim, value, state, reason, spans)."""
    connection = connect(workspace.folder)
    try:
        (kept,) = connection.sql("SELECT * FROM part_findings LIMIT 1").to_arrow_table().to_pylist()
    finally:
        connection.close()
    rows = []
    for claim, value, state, reason, spans in seen:
        text = value if isinstance(value, str) else json.dumps(value, sort_keys=True, separators=(",", ":"))
        rows.append(
            {name: one for name, one in kept.items() if name not in {"set_number", "exhibit_folder"}}
            | {"finding": claim.encode().hex().ljust(64, "0"), "sha256": sha256, "claim": claim, "value": text}
            | {"state": state, "reason": reason, "spans": spans, "examiner": claim.partition(".")[0]}
        )
    with findings_store(workspace, "H-1", examiner_set(workspace)) as store:
        store.commit(
            "by-hand", {"findings": table("findings", {name: [row[name] for row in rows] for name in rows[0]})}
        )
        store.seal()


@pytest.fixture
def made(fresh, tmp_path, monkeypatch):
    folder = tmp_path / "coast"
    folder.mkdir()
    data = png_with_text(hill("PNG"), "parameters", PARAMETERS)
    (folder / "made.png").write_bytes(data)
    assert fresh("run", folder, "-w", fresh.workspace, "--exhibit", "H-1").code == 0
    rows = fresh("show", "items", "-w", fresh.workspace, "--json").out.splitlines()
    sha256 = json.loads(rows[0])["sha256"]
    at = data.index(b"parameters")
    span = [{"offset_bytes": at, "length_bytes": len(PARAMETERS) + 11, "sha256": "ab" * 32, "role": "text"}]
    record = {"generator": "a1111", "carrier": "PNG tEXt parameters", "whole": True, "input_use": "none", "seed": "7"}
    for name, value in fresh.stage.environment().items():
        monkeypatch.setenv(name, value)
    with Workspace.open(fresh.workspace) as workspace:
        add(
            workspace,
            sha256,
            [
                ("generator.record", record, "found", "", span),
                ("generator.prompt", {"generator": "a1111", "prompt": SECRET}, "found", "", span),
                ("camera.coherence", "", "nothing", "looked: no field of a camera", []),
            ],
        )
    fresh.sha256, fresh.span = sha256, f"bytes {at}+{len(PARAMETERS) + 11}"
    return fresh


def explained(program, *more):
    ended = program("explain", program.sha256, "-w", program.workspace, *more)
    assert ended.code == 0, ended.err
    return ended.out


def test_the_origin_is_explained_with_its_bytes_and_without_its_prompt(made):
    assert "note: more was found" in explained(made)  # the run traced before the record was there
    ended = made("trace", "-w", made.workspace)
    assert ended.code == 0
    assert "1 content weighed" in ended.out.splitlines()
    said = explained(made)
    assert "generated, declared" in said
    assert "rule T4: only a generator is spoken for" in said
    assert "g 2  e 0  c 0  k 0  f 0" in said
    assert "S6  g2 counts" in said
    assert said.count(made.span) > 3
    assert "camera.coherence: looked: no field of a camera" in said
    assert "The file carries an unsigned record stating" in said
    assert "not measured" in said
    assert "Further material may change this opinion." in said
    assert "note:" not in said
    assert SECRET not in said
    assert "--prompts shows them" in said
    assert SECRET in explained(made, "--prompts")


def test_the_same_for_machines(made):
    made("trace", "-w", made.workspace)
    told = explained(made, "--json")
    assert SECRET not in told
    origin = json.loads(told)["origin"]
    assert [origin["row"][name] for name in ("grade", "strength", "rule", "g")] == ["generated", "declared", "T4", 2]
    assert origin["signals"][0]["used"] is True
    assert [one["id"] for one in origin["sentences"]][:2] == ["propositions", "declared"]
    assert SECRET in explained(made, "--json", "--prompts")


def test_tracing_again_writes_nothing(made):
    made("trace", "-w", made.workspace)
    before = (made.workspace / "custody.jsonl").read_bytes()
    ended = made("trace", "-w", made.workspace)
    assert "1 content weighed, as before: nothing has changed since" in ended.out.splitlines()
    assert (made.workspace / "custody.jsonl").read_bytes() == before
    shown = made("show", "origins", "-w", made.workspace, "--where", "grade = 'generated'", "--json").out
    assert json.loads(shown)["reasons"][0].startswith("T4: ")
    assert made("verify", "-w", made.workspace, "--seals-only").out.count("findings/@operation") >= 1


def test_show_hides_prompts_too(made):
    for columns in ("claim,value", "value", "value,sha256"):
        ended = made(
            "show", "findings", "-w", made.workspace, "--columns", columns, "--where", "claim like '%.prompt'", "--json"
        )
        rows = [json.loads(line) for line in ended.out.splitlines()]
        assert rows
        assert SECRET not in ended.out
        assert all(list(row) == columns.split(",") and "--prompts shows them" in row["value"] for row in rows)
    every = made("show", "findings", "-w", made.workspace, "--json").out
    assert '"png.text"' in every
    assert SECRET not in every
    ended = made("show", "findings", "-w", made.workspace, "--where", "claim like '%.prompt'", "--prompts", "--json")
    assert SECRET in ended.out


def test_what_is_no_picture_is_not_weighed(fresh, tmp_path):
    (tmp_path / "notes.txt").write_text("tides\n")
    fresh("run", tmp_path / "notes.txt", "-w", fresh.workspace)
    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "notes.txt").write_text("tides\n")
    assert fresh("run", folder, "-w", fresh.workspace, "--exhibit", "H-2").code == 0
    (row,) = map(json.loads, fresh("show", "items", "-w", fresh.workspace, "--json").out.splitlines())
    assert "not weighed" in fresh("explain", row["item"], "-w", fresh.workspace).out
