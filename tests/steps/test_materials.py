"""What examiners compare with: kept by digest, said in custody, handed to every worker, checked."""

import pytest

from headwater.model.errors import DoesNotVerify
from headwater.model.material import CAMERA, TRUST_LIST, Material, materials_digest
from headwater.steps.materials import add_material, check_materials, materials, needed, with_paths
from headwater.steps.workspace import Workspace


@pytest.fixture
def workspace(tmp_path):
    with Workspace.init(tmp_path / "operation", "Springhead") as opened:
        yield opened


def test_the_newest_of_a_name_counts_and_older_ones_stay(workspace):
    first = add_material(workspace, TRUST_LIST, "official", b"one", {})
    second = add_material(workspace, TRUST_LIST, "official", b"two", {})
    assert materials(workspace) == (second,)
    assert [check.problems for check in check_materials(workspace, workspace.verify_custody())] == [(), ()]
    assert first.sha256 != second.sha256


def test_a_changed_byte_is_named_and_no_work_begins_with_it(workspace):
    material = add_material(workspace, CAMERA, "harbour phone", b"pattern", {})
    (workspace.folder / "materials" / material.sha256).write_bytes(b"Pattern")
    assert [check.problems for check in check_materials(workspace, workspace.verify_custody())] == [
        ("camera harbour phone: changed since it was added",)
    ]
    with pytest.raises(DoesNotVerify):
        with_paths(workspace, materials(workspace))


def test_one_that_was_taken_away_is_named(workspace):
    material = add_material(workspace, CAMERA, "harbour phone", b"pattern", {})
    (workspace.folder / "materials" / material.sha256).unlink()
    (check,) = check_materials(workspace, workspace.verify_custody())
    assert check.problems == ("camera harbour phone: No such file or directory",)


def test_examiners_that_compare_with_nothing_are_given_nothing(workspace):
    add_material(workspace, CAMERA, "harbour phone", b"pattern", {})
    assert needed(workspace, ("filetype", "metadata")) == ()


def test_the_digest_of_several_is_of_their_bytes_alone():
    one = Material(kind=CAMERA, name="a", sha256="0" * 64, size_bytes=1)
    other = Material(kind=CAMERA, name="b", sha256="1" * 64, size_bytes=1)
    assert materials_digest((one, other), CAMERA) == materials_digest((other, one), CAMERA)
    assert materials_digest((one, other), TRUST_LIST) == ""
    assert materials_digest((one,), CAMERA) != materials_digest((one, other), CAMERA)
