"""Checks everything that was sealed: the custody chain and its witness, every part, every source."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from headwater.findings.parts import check_parts
from headwater.findings.views import connect
from headwater.model.visible import visible
from headwater.seal.files import file_digest
from headwater.steps.close import compare_source
from headwater.steps.exhibits import SOURCE_VERIFIED, KnownSource, known_sources, state
from headwater.steps.ingest import Listener
from headwater.steps.report import REPORT_WRITTEN
from headwater.steps.runner import Pool
from headwater.steps.workspace import Workspace

VERIFIED = "verified"
_NOTHING = "no digest is recorded yet, so nothing was compared: examine it first"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was checked. `problems` names what does not hold; `planted` what was recorded as damaged."""

    what: str
    name: str
    checked: int
    problems: tuple[str, ...]
    notes: tuple[str, ...] = ()


def check_custody(workspace: Workspace, head: str | None = None) -> Check:
    """The custody chain against itself, its checkpoints, the witness, and a head known from outside."""
    report = workspace.verify_custody(head)
    return Check(
        what="custody", name="custody.jsonl", checked=report.entries, problems=report.problems, notes=report.notes
    )


def check_seals(workspace: Workspace, *, exhibit: str | None = None, recorded: bool = True) -> Iterator[Check]:
    """Every folder of parts against its manifest, and, unless custody is broken, against the seal custody has."""
    for folder in part_folders(workspace, exhibit):
        seal = workspace.sealed_digest(folder) if recorded else None
        yield Check(
            what="parts",
            name=folder.relative_to(workspace.folder).as_posix(),
            checked=sum(1 for _ in folder.iterdir()),
            problems=tuple(f"{problem}" for problem in check_parts(folder, seal)),
            notes=() if seal else ("not held against custody, which has no whole seal over it",),
        )


def check_report(workspace: Workspace) -> Iterator[Check]:
    """The report last written, where it still lies where it was written."""
    written = list(workspace.recorded(REPORT_WRITTEN))
    path = workspace.out_folder / str(written[-1]["name"]) if written else None
    if path is None or not path.is_file():
        return
    changed = file_digest(path)[0] != written[-1]["sha256"]
    problems = (f"{path.name}: changed since it was written",) if changed else ()
    yield Check(what="report", name=f"out/{path.name}", checked=1, problems=problems)


def check_sources(
    workspace: Workspace, pool: Pool, listener: Listener, *, exhibit: str | None = None
) -> Iterator[Check]:
    """Every source digested again and held against what was recorded."""
    for known in known_sources(workspace):
        if exhibit in {None, known.exhibit}:
            yield _check_source(workspace, pool, known, listener)


def part_folders(workspace: Workspace, exhibit: str | None) -> tuple[Path, ...]:
    """Every folder of sealed parts, of one exhibit or of all."""
    return tuple(
        folder
        for folder in sorted(workspace.findings_folder.glob("*/*"))
        if folder.is_dir() and (exhibit is None or folder.parent.name == workspace.slug(exhibit))
    )


def _check_source(workspace: Workspace, pool: Pool, known: KnownSource, listener: Listener) -> Check:
    name = visible(f"{known.exhibit}: {known.files.source}")
    try:
        comparison = compare_source(workspace, pool, known, listener)
    except (OSError, pa.ArrowException) as error:  # a part that was changed: it is named under parts
        return Check(what="source", name=name, checked=0, problems=(f"its record cannot be read: {error}",))
    return Check(
        what="source",
        name=name,
        checked=comparison.compared,
        problems=tuple(comparison.changed),
        notes=(*_recorded_damage(workspace, known), *([] if comparison.compared else [_NOTHING])),
    )


def _recorded_damage(workspace: Workspace, known: KnownSource) -> tuple[str, ...]:
    report: Any = (state(workspace, known, SOURCE_VERIFIED) or {}).get("report", {})
    ranges = report.get("bad_sectors", [])
    count = sum(each["sector_count"] for each in ranges)
    where = ", ".join(f"{each['first_sector']}+{each['sector_count']}" for each in ranges[:8])
    return (f"{count:,} sectors were unreadable when it was ingested (first sector+count: {where})",) if ranges else ()


def items_named(workspace: Workspace, name: str) -> tuple[str, ...]:
    """The items meant by the beginning of an item id, a finding id or a SHA-256: one item for each content."""
    query = """
    SELECT min(item) FROM items
    WHERE starts_with(item, $name) OR starts_with(sha256, $name)
      OR sha256 IN (SELECT sha256 FROM findings WHERE starts_with(finding, $name))
    GROUP BY sha256
    """
    connection = connect(workspace.folder)
    try:
        return tuple(row[0] for row in connection.execute(query, {"name": name}).fetchall())
    finally:
        connection.close()
