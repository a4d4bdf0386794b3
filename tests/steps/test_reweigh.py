"""An origin is weighed again from findings that are derived again, and every difference names its cause."""

import pytest

from headwater.bench.proving import hill
from headwater.origin.claims import Content
from headwater.origin.signals import Signal
from headwater.origin.weigh import origin_of
from headwater.steps import reweigh as module
from headwater.steps import run as steps
from headwater.steps.rederive import rederive
from headwater.steps.trace import trace
from headwater.steps.workspace import Workspace

from .conftest import Listening, Operation


@pytest.fixture(scope="module")
def traced(tmp_path_factory):
    """A folder with a picture and a text, examined and traced; and what deriving both again came to."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEADWATER_CONFIG_DIR", str(tmp_path_factory.mktemp("config")))
        evidence = tmp_path_factory.mktemp("evidence")
        (evidence / "hill.png").write_bytes(hill("PNG"))
        (evidence / "notes.txt").write_text("tides\n")
        made = Operation(tmp_path_factory.mktemp("operation") / "operation", workers=1)
        made.run(evidence)
        items = dict(made.rows("SELECT path, item FROM items"))

        def again(untraced=False):
            with Workspace.open(made.folder) as workspace, steps.open_pool(workspace, unsafe=False) as pool:
                if not untraced:
                    trace(workspace, Listening())
                return {path: rederive(workspace, pool, item) for path, item in items.items()}

        yield again


def test_what_was_not_traced_is_said_and_then_it_comes_out_the_same(traced):
    before = traced(untraced=True)
    assert any("no origin is sealed" in note for note in before["hill.png"].notes)
    assert before["notes.txt"].notes == ()
    after = traced()
    assert (after["hill.png"].differences, after["hill.png"].notes) == ((), ())
    assert after["hill.png"].same > 3


def test_other_rules_are_named_as_the_cause(traced, monkeypatch):
    traced()
    monkeypatch.setattr(module, "rules_digest", lambda: "f" * 64)
    (difference,) = traced(untraced=True)["hill.png"].differences
    assert difference.startswith("rules: weighed under ")
    assert "now ffffffffffff" in difference
    assert "T2 undetermined -" in difference


def test_another_outcome_is_told_with_both(traced, monkeypatch):
    traced()

    def weighed_otherwise(content: Content, context):
        signal = Signal(id="S6", side="g", level=2)
        return origin_of(content.sha256, [signal])

    monkeypatch.setattr(module, "weigh", weighed_otherwise)
    (difference,) = traced(untraced=True)["hill.png"].differences
    assert difference == (
        "value: the origin is sealed as T2 undetermined - (g0 e0 c0 k0 f0), now T4 generated declared (g2 e0 c0 k0 f0)"
    )
