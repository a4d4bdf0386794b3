import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.findings.parts import check_parts
from headwater.findings.slug import exhibit_slug
from headwater.model.errors import DoesNotVerify, HeadwaterError, WrongUse

from .conftest import rows, unit


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def found(folder: Path) -> list[tuple[str, str]]:
    return [(problem.file, problem.kind) for problem in check_parts(folder)]


def test_a_unit_counts_once(open_store, custody):
    with open_store() as store:
        store.commit("u1", unit(1))
        assert store.committed() == {"u1"}
        with pytest.raises(DoesNotVerify):
            store.commit("u1", unit(1))
        digest = store.seal()
        assert found(store.folder) == []
    with open_store() as store:
        assert store.committed() == {"u1"}
        assert store.seal() == digest
    seals = [entry for entry in custody.entries() if entry.kind == "findings_sealed"]
    assert [entry.body["digest"] for entry in seals] == [digest, digest]
    assert seals[0].body["folder"] == "LH-01/" + "a" * 16


def test_parts_are_read_only_versioned_and_deterministic(open_store):
    with open_store() as store, open_store("LH-02") as other:
        for each in (store, other):
            each.commit("u1", unit(1))
            each.seal()
        for path in store.folder.glob("part-*"):
            assert stat.S_IMODE(path.stat().st_mode) == 0o444
            assert path.read_bytes() == (other.folder / path.name).read_bytes()
            assert pq.read_schema(path).metadata[b"headwater.schema"] == b"1"
        assert len(list(store.folder.glob("part-*"))) == 4


def test_killed_at_every_step_a_unit_happens_exactly_once(tmp_path):
    killer = Path(__file__).with_name("killer.py")
    run = subprocess.run([sys.executable, killer, tmp_path], check=True, capture_output=True, text=True)
    cases = json.loads(run.stdout)
    assert len(cases) > 40
    assert {case["killed"] for case in cases} == {True}
    assert {case["work_left"] for case in cases} == {True, False}
    for case in cases:
        folder = Path(case["folder"])
        assert case["resumed"] == 0, case
        assert names(folder) == {"commits.jsonl", "part-u1-failures.parquet", "part-u1-sources.parquet"}, case
        assert found(folder) == [("manifest.json", "missing")]
        assert pq.read_table(folder / "part-u1-failures.parquet").num_rows == 1


def test_what_an_interrupted_run_left_is_removed_and_told(open_store, custody):
    with open_store() as store:
        store.commit("u1", unit(1))
        folder = store.folder
    (folder / ".tmp-part-u2-items.parquet").write_bytes(b"half")
    (folder / "part-u2-items.parquet").write_bytes(b"renamed, never committed")
    (folder / "someone.txt").write_bytes(b"not ours to remove")
    with open_store() as store:
        store.seal()
    assert not list(folder.glob("*u2*"))
    (cleaned,) = [entry for entry in custody.entries() if entry.kind == "findings_cleaned"]
    assert cleaned.body["files"] == [".tmp-part-u2-items.parquet", "part-u2-items.parquet"]
    assert found(folder) == [("someone.txt", "surplus")]


def test_growing_breaks_the_seal_until_sealed_again(open_store):
    with open_store() as store:
        store.commit("u1", unit(1))
        store.seal()
        store.commit("u2", unit(2))
        assert found(store.folder) == [("manifest.json", "missing")]
        store.seal()
        assert found(store.folder) == []


def test_a_folder_is_open_for_writing_once(open_store):
    with open_store(), pytest.raises(WrongUse):
        open_store()
    with open_store() as store:
        assert store.committed() == set()


def test_an_empty_store_is_sealed_too(open_store):
    with open_store() as store:
        store.seal()
        assert found(store.folder) == []


@pytest.mark.parametrize("sealed", [True, False])
def test_every_flipped_byte_names_its_file(open_store, sealed):
    with open_store() as store:
        for number in range(2):
            store.commit(f"u{number}", {"failures": unit(number)["failures"]})
        if sealed:
            store.seal()
        folder = store.folder
    for path in sorted(folder.iterdir()):
        path.chmod(0o600)
        data = path.read_bytes()
        offsets = {*range(0, len(data), 7), len(data) - 2, len(data) - 1}
        for offset in offsets:
            path.write_bytes(data[:offset] + bytes([data[offset] ^ 1]) + data[offset + 1 :])
            assert path.name in {file for file, _ in found(folder)}, f"{path.name} byte {offset}"
        path.write_bytes(data)
    assert found(folder) == ([] if sealed else [("manifest.json", "missing")])


def test_commits_cut_back_to_a_shorter_chain_are_found(open_store):
    with open_store() as store:
        for number in range(2):
            store.commit(f"u{number}", unit(number))
        store.seal()
        commits = store.folder / "commits.jsonl"
    commits.write_bytes(b"".join(commits.read_bytes().splitlines(keepends=True)[:2]))
    assert found(store.folder) == [("commits.jsonl", "changed")]


@pytest.mark.parametrize("name", ["", "../x", "a/b", "x" * 200, "é", ".hidden"])
def test_unit_names_are_plain(open_store, name):
    with open_store() as store, pytest.raises(WrongUse):
        store.commit(name, unit(1))


def test_a_table_of_another_shape_is_refused_before_anything_is_written(open_store):
    with open_store() as store:
        with pytest.raises(HeadwaterError, match="failures"):
            store.commit("u1", {"items": unit(1)["items"], "failures": unit(1)["items"]})
        with pytest.raises(HeadwaterError, match="nulls in message"):
            rows("failures", {"message": None})
        assert names(store.folder) == {"commits.jsonl"}
        assert store.committed() == set()


@given(st.text(min_size=1), st.text(min_size=1))
def test_slugs_are_injective_and_safe(one, other):
    slug = exhibit_slug(one)
    assert (slug == exhibit_slug(other)) == (one == other)
    assert slug.isascii()
    assert len(slug) <= 160
    assert not set(slug) & set("/\\*?[]' ")
    assert slug not in {".", ".."}


@pytest.mark.parametrize(
    ("reference", "slug"),
    [("LH-01", "LH-01"), ("LH-07/3", "LH-07%2F3"), ("..", "%2E."), ("%2F", "%252F"), ("é", "%C3%A9")],
)
def test_slug_examples(reference, slug):
    assert exhibit_slug(reference) == slug


def test_long_references_keep_apart():
    assert exhibit_slug("L" * 300 + "1") != exhibit_slug("L" * 300 + "2")
    assert len(os.fsencode(exhibit_slug("é" * 300))) <= 160
    with pytest.raises(WrongUse):
        exhibit_slug("")
