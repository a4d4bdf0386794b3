"""Findings derived again from a copy of the workspace at another path, with the evidence elsewhere too.

The offsets of every finding are held against the files by what is written here, not by the examiners.
"""

import shutil
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import pytest

from headwater.examine.loaded import EXAMINERS
from headwater.steps import run as steps
from headwater.steps.explain_bytes import EXCERPT_BYTES, excerpts
from headwater.steps.rederive import rederive
from headwater.steps.rederive_compare import sealed_findings
from headwater.steps.trace import trace
from headwater.steps.verify import moved_source
from headwater.steps.workspace import Workspace

from .conftest import Listening, Operation

FINDINGS = 20
SAYING = ("generators", "declared", "credentials", "camera", "previews", "metadata", "producer", "models")


@dataclass
class Copied:
    """An operation and its evidence, both away from where they were made. item_of: by the file's name."""

    folder: Path
    evidence: Path
    item_of: dict[str, str] = field(default_factory=dict)
    content_of: dict[str, str] = field(default_factory=dict)

    def again(self, *names):
        """What deriving these files again came to."""
        with Workspace.open(self.folder) as workspace, steps.open_pool(workspace, unsafe=False) as pool:
            moved = moved_source(workspace, self.evidence, None)
            return {name: rederive(workspace, pool, self.item_of[name], moved=moved) for name in names}

    def findings(self, name):
        """What is sealed of a file."""
        with Workspace.open(self.folder, read_only=True) as workspace:
            return sealed_findings(workspace, self.content_of[name])


@pytest.fixture(scope="module")
def copied(tmp_path_factory):
    """The benign examples of the examiners as files, examined and traced, then moved as a whole."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEADWATER_CONFIG_DIR", str(tmp_path_factory.mktemp("config")))
        made = tmp_path_factory.mktemp("made")
        (made / "seized").mkdir()
        for examiner in EXAMINERS:
            for number, example in enumerate(examiner.examples() if examiner.name in SAYING else ()):
                (made / "seized" / f"{examiner.name}-{number:02d}").write_bytes(example.data)
        operation = Operation(made / "operation", workers=1)
        operation.run(made / "seized")
        with Workspace.open(operation.folder) as workspace:
            trace(workspace, Listening())
        rows = operation.rows("SELECT path, item, sha256 FROM items WHERE parent_item = '' OR parent_item IS NULL")
        elsewhere = tmp_path_factory.mktemp("elsewhere") / "another name"
        shutil.copytree(made, elsewhere, symlinks=True)
        shutil.rmtree(made)
        yield Copied(
            folder=elsewhere / "operation",
            evidence=elsewhere / "seized",
            item_of={path: item for path, item, _ in rows},
            content_of={path: content for path, _, content in rows},
        )


def test_findings_of_a_copy_are_derived_again_and_their_bytes_are_where_they_say(copied):
    chosen, checked = [], 0
    for name in sorted(copied.item_of):
        data = (copied.evidence / name).read_bytes()
        assert sha256(data).hexdigest() == copied.content_of[name]
        spans = [(row["claim"], span) for row in copied.findings(name) for span in row["spans"]]
        for claim, span in spans:
            start, length = span["offset_bytes"], span["length_bytes"]
            bytes_there = data[start : start + length]
            assert len(bytes_there) == length, (name, claim, span)
            assert sha256(bytes_there).hexdigest() == span["sha256"], (name, claim, span)
        checked += len(spans)
        chosen += [name] if any(claim.startswith(("generator.", "c2pa.", "declared.")) for claim, _ in spans) else []
    assert checked > FINDINGS
    assert len(chosen) >= FINDINGS
    for name, outcome in copied.again(*chosen[:FINDINGS]).items():
        assert (outcome.differences, outcome.notes) == ((), ()), name
        assert outcome.same >= len(copied.findings(name)) > 0


def test_one_byte_of_a_span_is_named_as_another_input(copied):
    name = next(name for name in sorted(copied.item_of) if name.startswith("generators"))
    (span, *_) = next(row["spans"] for row in copied.findings(name) if row["claim"] == "generator.record")
    path = copied.evidence / name
    data = bytearray(path.read_bytes())
    data[span["offset_bytes"] + span["length_bytes"] // 2] ^= 1
    kept = path.read_bytes()
    try:
        path.write_bytes(data)
        outcome = copied.again(name)[name]
    finally:
        path.write_bytes(kept)
    assert outcome.same == 0
    assert outcome.differences[0].startswith("input: sealed sha256 ")


def test_how_the_bytes_begin_is_read_from_the_evidence_and_prompts_stay_hidden(copied, monkeypatch):
    name = next(
        name
        for name in sorted(copied.item_of)
        if any(row["claim"] == "generator.prompt" and row["spans"] for row in copied.findings(name))
    )
    data, findings = (copied.evidence / name).read_bytes(), copied.findings(name)
    with Workspace.open(copied.folder) as workspace, steps.open_pool(workspace, unsafe=False) as pool:
        moved = moved_source(workspace, copied.evidence, None)
        monkeypatch.setattr("headwater.steps.rederive.known_sources", lambda _: [moved])
        item = copied.item_of[name]
        plain, whole = (excerpts(workspace, pool, item, findings, prompts=prompts) for prompts in (False, True))
    assert set(whole) == {row["finding"] for row in findings}
    for row in findings:
        for span, one, other in zip(row["spans"], whole[row["finding"]], plain[row["finding"]], strict=True):
            start = span["offset_bytes"]
            assert bytes.fromhex(one.hexadecimal) == data[start : start + min(span["length_bytes"], EXCERPT_BYTES)]
            assert other.hidden or other == one
            assert not (other.hidden and (other.text or other.hexadecimal))
        if row["claim"] == "generator.prompt":
            assert all(each.hidden for each in plain[row["finding"]])
    assert any(not each.hidden for found in plain.values() for each in found)
