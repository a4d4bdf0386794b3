"""Trust lists where they count: in jailed workers, in the sealed parts, and when findings are derived again."""

import json

import pytest

from headwater.examine.metadata_examples import png
from headwater.formats.source_types import BASE
from headwater.model.errors import WrongUse
from headwater.model.material import TRUST_LIST, materials_digest
from headwater.steps.examine import examiner_set
from headwater.steps.materials import materials
from headwater.steps.rederive import rederive
from headwater.steps.run import open_pool
from headwater.steps.trace import trace
from headwater.steps.trust import add_trust_list, trust_lists
from headwater.steps.workspace import Workspace

CREATED = {"action": "c2pa.created", "digitalSourceType": f"{BASE}digitalCapture"}
STATES = (
    "SELECT value, trust_list_digest FROM findings WHERE claim = 'c2pa.state' AND state = 'found' ORDER BY examined_at"
)


@pytest.fixture
def signed(tmp_path, authority):
    """A folder with one signed picture."""
    folder = tmp_path / "signed"
    folder.mkdir()
    (folder / "harbour.png").write_bytes(authority.sign(png(), CREATED))
    return folder


def test_a_list_added_between_two_runs_has_every_content_examined_anew(operation, signed, authority):
    op = operation(workers=1)
    op.run(signed)
    with Workspace.open(op.folder) as workspace:
        before = examiner_set(workspace)
        added, is_new = add_trust_list(workspace, "ours", authority.pem)
        assert is_new
        assert examiner_set(workspace) != before
        digest = materials_digest(materials(workspace), TRUST_LIST)
    op.run(signed)
    (first, first_list), (second, second_list) = [(json.loads(text), of) for text, of in op.rows(STATES)]
    assert (first["state"], first["trust_list"], first_list) == ("valid", "none loaded", None)
    assert (second["state"], second["trust_list"], second_list) == ("trusted", added.sha256, digest)
    assert op.problems() == []


def test_findings_under_a_list_are_derived_again_and_another_list_is_named_as_the_cause(
    operation, signed, authority, another_authority
):
    op = operation(workers=1)
    op.run(signed)
    with Workspace.open(op.folder) as workspace:
        add_trust_list(workspace, "ours", authority.pem)
    op.run(signed)
    ((item,),) = op.rows("SELECT item FROM items")
    outcome = _again(op, item)
    assert outcome.differences == ()
    assert outcome.same > 10
    with Workspace.open(op.folder) as workspace:
        add_trust_list(workspace, "ours", another_authority.pem)
    differences = _again(op, item).differences
    assert differences
    assert all(each.startswith("trust list (") and "c2pa.state" in each for each in differences)


def test_an_origin_rests_on_the_newest_list_alone(operation, signed, authority, another_authority):
    op = operation(workers=1)
    strengths = []
    for pem in (authority.pem, another_authority.pem):
        with Workspace.open(op.folder) as workspace:
            add_trust_list(workspace, "ours", pem)
        op.run(signed)
        with Workspace.open(op.folder) as workspace:
            trace(workspace, op.listening())
        strengths += op.rows("SELECT grade, strength FROM origins")
    assert strengths == [("camera", "verified"), ("camera", "declared")]
    assert len(op.rows(STATES)) == 2


def _again(op, item):
    with Workspace.open(op.folder, read_only=True) as workspace, open_pool(workspace, unsafe=False) as pool:
        return rederive(workspace, pool, item)


def test_the_same_list_again_is_no_second_entry(operation, authority, another_authority):
    op = operation()
    with Workspace.open(op.folder) as workspace:
        add_trust_list(workspace, "ours", authority.pem)
        assert add_trust_list(workspace, "ours", authority.pem)[1] is False
        add_trust_list(workspace, "ours", another_authority.pem)
        add_trust_list(workspace, "theirs", authority.pem)
        assert [(each.name, each.counts) for each in trust_lists(workspace)] == [
            ("ours", False),
            ("ours", True),
            ("theirs", True),
        ]


@pytest.mark.parametrize("name", ["", "  ", "x" * 201])
def test_a_list_needs_a_name(operation, authority, name):
    with Workspace.open(operation().folder) as workspace, pytest.raises(WrongUse, match="a name of 1 to 200"):
        add_trust_list(workspace, name, authority.pem)
