"""Checks everything that was sealed: the custody chain and its witness, every part, every source."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headwater.findings.parts import check_parts
from headwater.findings.views import connect
from headwater.model.visible import visible
from headwater.steps.close import compare_source
from headwater.steps.exhibits import SOURCE_VERIFIED, KnownSource, known_sources, state
from headwater.steps.ingest import Listener
from headwater.steps.run import examiner_set
from headwater.steps.runner import Pool
from headwater.steps.workspace import Workspace

VERIFIED = "verified"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was checked. `problems` names what does not hold; `planted` what was recorded as damaged."""

    what: str
    name: str
    checked: int
    problems: tuple[str, ...]
    notes: tuple[str, ...] = ()


def check_seals(workspace: Workspace, *, head: str | None = None, exhibit: str | None = None) -> Iterator[Check]:
    """The custody chain against itself, its checkpoints and the witness; then every folder of parts."""
    report = workspace.verify_custody(head)
    yield Check(
        what="custody", name="custody.jsonl", checked=report.entries, problems=report.problems, notes=report.notes
    )
    for folder in part_folders(workspace, exhibit):
        recorded = None if report.problems else workspace.sealed_digest(folder)
        problems = tuple(f"{problem}" for problem in check_parts(folder, recorded))
        yield Check(
            what="parts",
            name=folder.relative_to(workspace.folder).as_posix(),
            checked=sum(1 for _ in folder.iterdir()),
            problems=problems,
            notes=() if recorded else ("not held against custody, which has no whole seal over it",),
        )


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
    comparison = compare_source(workspace, pool, known, listener, examiner_set(workspace))
    return Check(
        what="source",
        name=visible(f"{known.exhibit}: {known.files.source}"),
        checked=comparison.compared,
        problems=tuple(comparison.changed),
        notes=_recorded_damage(workspace, known),
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
