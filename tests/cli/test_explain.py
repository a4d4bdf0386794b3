"""explain says everything that is kept of a file, and which silence it is where there is nothing."""

import io
import json
import os
import zipfile

import pytest
from tests.formats import embedded_files as make

from headwater.bench.proving import hill


@pytest.fixture
def looked(fresh, tmp_path):
    folder = tmp_path / "coast"
    folder.mkdir()
    (folder / "tower.txt").write_bytes(hill("PNG"))
    os.utime(folder / "tower.txt", (1_714_564_800, 1_714_564_800))  # 2024-05-01 12:00 UTC
    (folder / "link").symlink_to("tower.txt")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as box:
        box.writestr(zipfile.ZipInfo("locked.txt", (2024, 5, 1, 9, 30, 0)), "secret tide tables\n")
    data = bytearray(buffer.getvalue())
    for signature, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + at] |= 1  # says it is encrypted
    (folder / "box.zip").write_bytes(data)
    fresh.coast = folder
    return fresh


def items(program):
    ended = program("show", "items", "-w", program.workspace, "--json")
    return {row["path"]: row for row in map(json.loads, ended.out.splitlines())}


def explained(program, *words):
    ended = program("explain", *words, "-w", program.workspace)
    assert ended.code == 0, ended.err
    return ended.out


def test_everything_kept_of_an_item_is_said(looked):
    assert looked("run", looked.coast, "-w", looked.workspace).code == 4
    row = items(looked)["tower.txt"]
    said = explained(looked, row["item"])
    assert f"{row['size_bytes']:,} bytes" in said
    assert f"inode {row['inode']}" in said or "no inode" in said
    assert "modified 2024-05-01 12:00:00" in said
    assert "(UTC)" in said
    assert "the ending of its name does not fit its content (image/png)" in said
    inner = items(looked)["box.zip/locked.txt"]
    said = explained(looked, inner["item"])
    assert "modified 2024-05-01 09:30:00  (the clock of its container, whose zone is not known)" in said
    for row in items(looked).values():
        if row["note"]:
            assert f"note: {row['note']}" in explained(looked, row["item"])


def test_three_silences(looked):
    assert looked("ingest", looked.coast, "-w", looked.workspace).code == 0
    before = items(looked)
    assert "none: not examined yet" in explained(looked, before["tower.txt"]["item"])
    assert "none: no content of its own (a symbolic link)" in explained(looked, before["link"]["item"])
    assert looked("examine", "-w", looked.workspace).code == 4
    after = items(looked)
    assert "none: no content of its own (a symbolic link)" in explained(looked, after["link"]["item"])
    assert "none: failed: encrypted: " in explained(looked, after["box.zip/locked.txt"]["item"])
    assert json.loads(looked("explain", after["link"]["item"], "-w", looked.workspace, "--json").out)["silence"]


def test_a_digest_may_be_pasted_as_it_was_printed(looked):
    looked("run", looked.coast, "-w", looked.workspace)
    digest = items(looked)["tower.txt"]["sha256"]
    grouped = explained(looked, digest).splitlines()[0].removeprefix("SHA-256  ")
    whole = explained(looked, digest)
    assert explained(looked, grouped) == whole  # one word, in quotes
    assert explained(looked, *grouped.split()) == whole
    assert explained(looked, digest.upper()) == whole
    assert explained(looked, f" {digest[:12]}\n") == whole


def test_a_preview_of_another_picture_is_told_with_its_bytes_and_derived_again(fresh, tmp_path):
    folder = tmp_path / "edited"
    folder.mkdir()
    thumbnail = make.scene(size=(160, 120), seed=2)
    data = make.with_segments(make.scene(size=(800, 600), seed=1), make.exif(thumbnail))
    (folder / "harbour.jpg").write_bytes(data)
    assert fresh("run", folder, "-w", fresh.workspace, "--exhibit", "E-1").code == 0
    rows = items(fresh)
    outer, inner = rows["harbour.jpg"], rows["harbour.jpg/EXIF IFD1"]
    said = explained(fresh, outer["item"])
    assert "Pictures inside it (1)" in said
    assert f"EXIF IFD1  [thumbnail]  {len(thumbnail):,} bytes  item {inner['item']}" in said
    ended = fresh("explain", outer["item"], "-w", fresh.workspace, "--json")
    told = json.loads(ended.out)
    (compared,) = [row for row in told["findings"] if row["claim"] == "embedded.compared"]
    assert json.loads(compared["value"])["same"] == "no"
    assert [(span["offset_bytes"], span["length_bytes"]) for span in compared["spans"]] == [
        (data.index(thumbnail), len(thumbnail))
    ]
    assert [row["item"] for row in told["inside"]] == [inner["item"]]
    assert f"inside item {outer['item']}" in explained(fresh, inner["item"])
    assert fresh("verify", inner["item"], "-w", fresh.workspace).code == 0
    (folder / "harbour.jpg").write_bytes(data.replace(thumbnail[-40:-8], bytes(32)))
    assert fresh("verify", inner["item"], "-w", fresh.workspace).code == 5
