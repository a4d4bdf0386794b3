"""One byte of any part, chain or source: verify ends with 5 and names that file. Untouched, it ends with 0."""

import random
import re

import pytest

KINDS = {
    "a part of items": ("operation/findings/W-1/items", "part-*-items.parquet"),
    "a part of contents": ("operation/findings/W-1", "*/part-*-contents.parquet"),
    "a part of findings": ("operation/findings/W-1", "*/part-*-findings.parquet"),
    "a part of sources": ("operation/findings/W-2/items", "part-*-sources.parquet"),
    "a manifest": ("operation/findings/W-1", "*/manifest.json"),
    "the commits": ("operation/findings/W-2", "*/commits.jsonl"),
    "the custody chain": ("operation", "custody.jsonl"),
    "a file of a folder": ("evidence/000", "*.png"),
    "an archive of a folder": ("evidence/000", "*.zip"),
    "the first segment": ("image", "disk.E01"),
    "a later segment": ("image", "disk.E02"),
}


def flip(path, offset):
    mode = path.stat().st_mode
    path.chmod(0o600)
    data = bytearray(path.read_bytes())
    data[offset] ^= 0x01
    path.write_bytes(data)
    path.chmod(mode)


def test_untouched_it_holds(whole):
    code, said = whole.verify()
    assert code == 0, said
    assert said.count("holds") >= 7
    assert "DOES NOT HOLD" not in said


@pytest.mark.parametrize("kind", KINDS)
def test_one_changed_byte_is_found_and_the_file_is_named(changed, kind):
    below, pattern = KINDS[kind]
    path = min((changed.folder / below).glob(pattern))
    flip(path, random.Random(kind).randrange(path.stat().st_size))
    seals = (
        below.startswith("operation") and kind != "a part of items"
    )  # with that part gone, so is the sources' record
    code, said = changed.verify(*["--seals-only"] * seals)
    assert code == 5, said
    assert path.name in said
    assert "DOES NOT HOLD" in said


def test_an_entry_cut_from_the_chains_end_is_found_by_the_witness(changed):
    custody = changed.workspace / "custody.jsonl"
    lines = custody.read_bytes().splitlines(keepends=True)
    custody.write_bytes(b"".join(lines[:-2]))
    code, said = changed.verify("--seals-only")
    assert code == 5, said
    assert "cut" in said


def test_a_part_that_is_gone_and_one_that_is_new_are_named(changed):
    folder = changed.workspace / "findings/W-1/items"
    part = min(folder.glob("part-*.parquet"))
    part.rename(folder / "part-s009-000009-items.parquet")
    code, said = changed.verify("--seals-only")
    assert code == 5, said
    assert part.name in said


def test_a_source_that_is_gone_is_named(changed):
    path = min((changed.evidence / "000").glob("*.jpg"))
    path.unlink()
    code, said = changed.verify()
    assert code == 5, said
    assert path.name in said


def test_only_the_exhibit_asked_for_is_checked(changed):
    flip(changed.folder / "image/disk.E02", 40_000)
    assert changed.verify("W-1")[0] == 0
    code, said = changed.verify("W-2")
    assert code == 5
    assert "disk.E02" in said


def test_an_item_is_derived_again_and_differs_once_its_file_changed(changed):
    ended = changed.stage.run("show", "items", "-w", changed.workspace, "--json", "--where", "exhibit = 'W-1'")
    rows = [line for line in ended.stdout.decode().splitlines() if ".jpg" in line]
    item = re.search(r'"item": "([0-9a-f]{32})"', rows[0])[1]
    path = re.search(r'"path": "([^"]+)"', rows[0])[1]
    code, said = changed.verify(item)
    assert code == 0, said
    assert "same" in said
    flip(changed.evidence / path, 200)
    code, said = changed.verify(item)
    assert code == 5, said
    assert "differs" in said
    assert path in said


def test_every_item_of_the_image_and_inside_an_archive_is_derived_again(whole):
    chosen = ("--json", "--columns", "item,path,parent_item,exhibit")
    ended = whole.stage.run("show", "items", "-w", whole.workspace, *chosen)
    lines = ended.stdout.decode().splitlines()
    inner = next(line for line in lines if '"parent_item": "' in line)
    stored = next(line for line in lines if "W-2" in line and "hill" in line)
    for line in (inner, stored):
        item = re.search(r'"item": "([0-9a-f]{32})"', line)[1]
        code, said = whole.verify(item)
        assert code == 0, said


def test_a_head_known_from_outside(whole):
    head = whole.stage.run("verify", "-w", whole.workspace, "--seals-only", "--head", "0" * 64)
    assert head.returncode == 5
    assert "0" * 64 in head.stdout.decode()


def test_what_is_called_like_nothing_here_is_wrong_use(whole):
    code, said = whole.verify("W-9")
    assert code == 2
    assert "W-1, W-2" in said
