"""Builds Springhead, runs every step on it, and holds what was found against what is true."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from headwater.demo.check import CheckRow, compare
from headwater.demo.springhead import build_springhead
from headwater.demo.story import heard
from headwater.demo.truth import Truth
from headwater.findings.views import connect
from headwater.model.errors import WrongUse
from headwater.steps import run as steps
from headwater.steps.ingest import Listener
from headwater.steps.report import write_report
from headwater.steps.summary import Summary, summarise
from headwater.steps.workspace import Workspace

_ITEMS = "SELECT exhibit, path, sha256, allocation, damaged, kind FROM items"
_FAILURES = "SELECT exhibit, path, kind FROM failures"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What the demo did."""

    workspace: Path
    report: Path
    summary: Summary
    checks: tuple[CheckRow, ...]


def demonstrate(folder: Path, seed: int, listener: Listener, *, unsafe: bool) -> Outcome:
    """Build into `folder`, run in `folder`/workspace. Raises WrongUse where something is in the way."""
    if folder.exists() and any(folder.iterdir()):
        raise WrongUse(
            f"{folder} is not empty", next_step="Name a folder that is not there yet: headwater demo ANOTHER"
        )
    listener.begin("build")
    with heard(partial(_one_more, listener)):
        truth = build_springhead(folder, seed)
    listener.end()
    with Workspace.init(folder / "workspace", truth.operation) as workspace:
        known = []
        with steps.begin_work(workspace, listener, "demo", unsafe=unsafe) as pool:
            for reference, exhibit in truth.exhibits.items():
                evidence = [folder / exhibit.path]
                outcomes = steps.run(workspace, pool, evidence, listener, exhibit=reference, country=exhibit.country)
                steps.raise_if_changed(outcomes)
                known += [outcome.known for outcome in outcomes]
        report = write_report(workspace)
        return Outcome(
            workspace=workspace.folder,
            report=report,
            summary=summarise(workspace, known),
            checks=tuple(_checks(workspace, truth)),
        )


def _one_more(listener: Listener) -> None:
    listener.more(1)
    listener.tick()


def _checks(workspace: Workspace, truth: Truth) -> list[CheckRow]:
    connection = connect(workspace.folder)
    try:
        items = connection.sql(_ITEMS).to_arrow_table().to_pylist()
        failures = connection.sql(_FAILURES).to_arrow_table().to_pylist()
    finally:
        connection.close()
    return compare(truth, items, failures)
