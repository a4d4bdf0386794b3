"""Which fingerprints count, of contents that were examined more than once."""

from contextlib import closing
from datetime import UTC, datetime

import pytest

from headwater.bench import group_scale
from headwater.findings.parts import PartStore, part_folder
from headwater.findings.views import connect
from headwater.steps.fingerprints import fingerprints
from headwater.steps.rows import Rows
from headwater.steps.workspace import Workspace


def examined(folder, name, number, day, claims):
    """A content's findings under one set of examiners."""
    rows = Rows()
    for claim, value in claims.items():
        at = datetime(2026, 5, day, tzinfo=UTC)
        told = {**group_scale._TOOL, "examined_at": at, "sha256": group_scale.name_of(number)}
        rows.add("findings", told | {"claim": claim, "value": value})
    with (
        Workspace.open(folder) as workspace,
        PartStore(part_folder(workspace.findings_folder, "MADE", name), workspace.custody) as store,
    ):
        store.commit(f"unit-{number}", rows.tables())


@pytest.mark.parametrize(("first", "second"), [(1, 9), (9, 1)])
def test_the_last_examination_counts_whole(tmp_path, first, second):
    Workspace.init(tmp_path / "operation", "Tested").close()
    one, other = (group_scale.made_findings(number) for number in (3, 4))
    examined(tmp_path / "operation", "a" * 64, 3, first, one)
    examined(tmp_path / "operation", "a" * 64, 5, 2, group_scale.made_findings(5))
    less = {claim: value for claim, value in other.items() if claim != "perceptual.pdq_turned"}
    examined(tmp_path / "operation", "b" * 64, 3, second, less)
    with closing(connect(tmp_path / "operation")) as connection:
        connection.execute("CREATE TABLE chosen AS SELECT ? AS sha256", [group_scale.name_of(3)])
        ((print_,),) = fingerprints(connection, "chosen")
        every = [each.sha256 for batch in fingerprints(connection) for each in batch]
    wanted = other if second > first else one
    assert print_.whole[0] == wanted["perceptual.pdq"]
    assert len(print_.turned) == (0 if second > first else 8)
    assert sorted(every) == [group_scale.name_of(3), group_scale.name_of(5)]
