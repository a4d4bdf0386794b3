"""A manifest's faults are all told at once, before anything is examined."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from headwater.model.errors import WrongUse
from headwater.steps.validation.manifest import read_manifest


def problems(folder):
    with pytest.raises(WrongUse) as caught:
        read_manifest(folder)
    return caught.value.problems


def test_a_good_manifest_is_read(shores):
    manifest = read_manifest(shores.write())
    assert [row.path for row in manifest.rows] == ["a.jpg", "b.jpg", "c.png", "d.png", "e.jpg", "f.png", "g.txt"]
    assert [row.line for row in manifest.rows] == [*range(2, 9)]
    assert [row.counted for row in manifest.rows] == [
        "rates", "rates", "rates", "listed", "readers", "spoofs", "listed",
    ]  # fmt: skip
    assert manifest.columns_ignored == ("colour",)


def test_its_digest_is_of_content_truth_and_group_alone(shores):
    before = read_manifest(shores.write()).digest
    shores.rows.reverse()
    assert read_manifest(shores.write()).digest == before
    shores.rows[0]["group"] = "another"
    assert read_manifest(shores.write()).digest != before


def test_marks_are_joined_by_plus(shores):
    shores.rows[0]["marks"] = "a1111 + c2pa"
    assert read_manifest(shores.write()).rows[0].marks == ("a1111", "c2pa")


def test_every_missing_column_is_named(shores):
    found = problems(shores.write(columns=("path", "truth", "source")))
    assert [words.rpartition("column ")[2] for words in found] == [
        "sha256 is missing", "truth_basis is missing", "group is missing",
    ]  # fmt: skip


def test_all_faults_are_told_at_once(shores):
    shores.rows[0]["truth"] = "painted"
    shores.rows[1]["sha256"] = "0" * 64
    shores.rows[2]["truth_basis"] = ""
    shores.rows[3]["path"] = "../a.jpg"
    shores.rows[4]["path"] = "gone.jpg"
    shores.rows[5]["sha256"] = "short"
    shores.rows[6]["group"] = ""
    found = problems(shores.write())
    for line, words in [
        (2, "truth is painted"),
        (3, "has the SHA-256"),
        (4, "truth_basis is empty"),
        (5, "must lead down"),
        (6, "cannot be read"),
        (7, "64 hexadecimal"),
        (8, "group is empty"),
    ]:
        assert any(f"line {line}:" in one and words in one for one in found), (line, words, found)


def test_a_file_behind_a_link_is_not_read(shores):
    (shores.folder / "a.jpg").unlink()
    (shores.folder / "a.jpg").symlink_to("b.jpg")
    assert any("leads through a link" in one for one in problems(shores.write()))


def test_one_path_twice_and_one_content_with_two_truths_are_faults(shores):
    shores.rows.append(shores.rows[0] | {"truth": "generated"})
    found = problems(shores.write())
    assert any("stands in line 2 already" in one for one in found)
    assert any("another truth in line 2" in one for one in found)


def test_what_was_made_from_a_file_belongs_to_its_group(shores):
    shores.rows[1]["laundered_from"] = shores.rows[0]["sha256"]
    found = problems(shores.write(columns=(*shores.rows[1], "split", "marks")))
    assert [one for one in found if "not in its group" in one] == [*found]


def test_a_corpus_without_a_manifest_says_so(tmp_path):
    with pytest.raises(WrongUse, match=r"no manifest\.csv"):
        read_manifest(tmp_path)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=400))
def test_random_bytes_are_a_fault_of_the_manifest_and_nothing_else(tmp_path, data):
    (tmp_path / "manifest.csv").write_bytes(data)
    with pytest.raises(WrongUse):
        read_manifest(tmp_path)
