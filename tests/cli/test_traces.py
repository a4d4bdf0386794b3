"""headwater traces: a page of drawings from the evidence; nothing of the workspace changes, nothing is overwritten."""

import json

from headwater.bench.proving import hill


def test_a_page_is_written_from_the_evidence_once(fresh, tmp_path):
    folder = tmp_path / "coast"
    folder.mkdir()
    (folder / "hill.png").write_bytes(hill("PNG"))
    (folder / "tide.txt").write_text("low at noon\n")
    assert fresh("run", folder, "-w", fresh.workspace).code in {0, 4}
    rows = [json.loads(line) for line in fresh("show", "items", "-w", fresh.workspace, "--json").out.splitlines()]
    items = {row["path"]: row["item"] for row in rows}
    before = (fresh.workspace / "custody.jsonl").read_bytes()
    out = tmp_path / "traces.html"
    ended = fresh("traces", items["hill.png"], "--out", out, "-w", fresh.workspace, "--json")
    assert ended.code == 0, ended.err
    assert json.loads(ended.out)["item"] == items["hill.png"]
    assert "weight zero" in out.read_text()
    assert (fresh.workspace / "custody.jsonl").read_bytes() == before
    again = fresh("traces", items["hill.png"], "--out", out, "-w", fresh.workspace)
    assert (again.code, "there is something already" in again.err) == (2, True)
    text = fresh("traces", items["tide.txt"], "--out", tmp_path / "other.html", "-w", fresh.workspace)
    assert (text.code, "is no picture that is decoded" in text.err) == (2, True)
    assert not (tmp_path / "other.html").exists()
