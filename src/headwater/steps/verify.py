"""Checks everything that was sealed: the custody chain and its witness, every part, every source."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from headwater.findings.parts import (
    COMMIT,
    COMMITS,
    SEALED,
    check_parts,
    commit_entries,
    custody_name,
    sealed_files,
)
from headwater.findings.views import connect
from headwater.model.errors import DoesNotVerify, WrongUse
from headwater.model.item import ItemKind
from headwater.model.visible import visible
from headwater.seal.chain import Chain
from headwater.seal.files import file_digest
from headwater.seal.manifest import MANIFEST, Manifest, SealedFile
from headwater.steps.close import compare_source
from headwater.steps.examine import EXAMINED
from headwater.steps.exhibits import SOURCE_VERIFIED, KnownSource, bad_sectors, known_sources, state
from headwater.steps.ingest import Listener
from headwater.steps.report import REPORT_WRITTEN
from headwater.steps.runner import Pool
from headwater.steps.sources import resolve, sizes_bytes
from headwater.steps.stores import listed_units
from headwater.steps.workspace import Workspace

VERIFIED = "verified"
_NOTHING = "no digest is recorded yet, so nothing was compared: examine it first"
_NOTHING_COUNTS = "unfinished: a run was interrupted before anything in it counted; run again"
_NOT_SEALED = "not sealed yet: a run was interrupted; run again"
_LOST = "its files were examined, and no digest of them is there any more"


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
    seals = {str(body["folder"]): body for body in workspace.recorded(SEALED)} if recorded else {}
    for folder in part_folders(workspace, exhibit):
        yield _check_folder(folder, seals.pop(custody_name(folder), None), recorded=recorded)
    for name in seals:
        if exhibit is None or name.partition("/")[0] == workspace.slug(exhibit):
            problem = "missing: custody has a seal over this folder"
            yield Check(what="parts", name=f"findings/{name}", checked=0, problems=(problem,))


def _check_folder(folder: Path, seal: Mapping[str, Any] | None, *, recorded: bool) -> Check:
    problems = check_parts(folder, str(seal["digest"]) if seal else None)
    notes: tuple[str, ...] = ()
    unsealed = any(problem.file == MANIFEST and problem.kind == "missing" for problem in problems)
    has_strays = any(problem.kind == "surplus" for problem in problems)
    if recorded and unsealed and (note := _unfinished(folder, seal, has_strays=has_strays)):
        problems = tuple(each for each in problems if not _is_left_by_a_kill(folder, each.file, each.kind))
        notes = (note,)
    elif not seal:
        notes = ("not held against custody, which has no whole seal over it",)
    return Check(
        what="parts",
        name="/".join(folder.parts[-3:]),
        checked=sum(1 for _ in folder.iterdir()),
        problems=tuple(f"{problem}" for problem in problems),
        notes=notes,
    )


def _unfinished(folder: Path, seal: Mapping[str, Any] | None, *, has_strays: bool) -> str:
    """Why a folder without a manifest may be as it is: a run was interrupted in it. Empty where that is not so."""
    try:
        if seal is None:
            return _NOT_SEALED if next(commit_entries(folder), None) else _NOTHING_COUNTS
        return _NOT_SEALED if _was_added_to(folder, seal, has_strays=has_strays) else ""
    except DoesNotVerify:
        return ""


def _was_added_to(folder: Path, seal: Mapping[str, Any], *, has_strays: bool) -> bool:
    """Whether custody's seal is over a beginning of commits.jsonl, and something came after."""
    files: list[SealedFile] = []
    is_past_seal = False
    for entry in Chain(folder / COMMITS).entries():
        if is_past_seal:
            return True
        files += sealed_files(entry) if entry.kind == COMMIT else ()
        if len(files) == seal["files"]:
            sealed = Manifest(files=tuple(files), body={"commits": {"entries": entry.seq + 1, "head": entry.digest}})
            is_past_seal = sealed.digest == seal["digest"]
    return is_past_seal and has_strays


def _is_left_by_a_kill(folder: Path, name: str, kind: str) -> bool:
    """The manifest to come, files that do not count and are removed by the next run, commits to come."""
    return name == MANIFEST or kind == "surplus" or (name == COMMITS and not (folder / COMMITS).exists())


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
    workspace: Workspace,
    pool: Pool,
    listener: Listener,
    *,
    exhibit: str | None = None,
    moved: KnownSource | None = None,
) -> Iterator[Check]:
    """Every source digested again and held against what was recorded. moved: one that is looked for elsewhere."""
    for known in known_sources(workspace):
        if exhibit in {None, known.exhibit}:
            there = moved if moved and moved.number == known.number else known
            yield _check_source(workspace, pool, there, listener)


def moved_source(workspace: Workspace, evidence: Path, exhibit: str | None) -> KnownSource:
    """The source, of an exhibit or of all, that now lies at `evidence`: the only one whose segments have these sizes.

    Of one exhibit, the only one of its form. Raises WrongUse where none or several could be meant.
    """
    files = resolve(evidence)
    sizes = sizes_bytes(files)
    of_form = [
        known
        for known in known_sources(workspace)
        if exhibit in {None, known.exhibit} and known.files.is_folder == files.is_folder
    ]
    meant = [known for known in of_form if known.sizes_bytes == sizes]
    if len(meant) > 1:
        meant = [known for known in meant if known.files.source == files.source]
    if not meant and exhibit is not None:
        meant = of_form
    if len(meant) != 1:
        raise WrongUse(
            f"{files.name} could be {'none' if not meant else 'several'} of the sources",
            next_step="Name its exhibit: headwater verify EXHIBIT --evidence PATH.",
        )
    return replace(meant[0], files=replace(meant[0].files, paths=files.paths))


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
        nothing = _nothing_compared(workspace, known) if not comparison.compared else ()
    except (OSError, pa.ArrowException, DoesNotVerify) as error:  # a part that was changed: it is named under parts
        return Check(what="source", name=name, checked=0, problems=(f"its record cannot be read: {error}",))
    except WrongUse as error:
        return Check(what="source", name=name, checked=0, problems=(error.message,))
    is_lost = nothing == (_LOST,)
    return Check(
        what="source",
        name=name,
        checked=comparison.compared,
        problems=(*comparison.changed, *(nothing if is_lost else ())),
        notes=(*_recorded_damage(workspace, known), *(() if is_lost else nothing)),
    )


def _nothing_compared(workspace: Workspace, known: KnownSource) -> Sequence[str]:
    """Nothing was examined yet; or the digests are gone; or there is no file to digest."""
    if not state(workspace, known, EXAMINED):
        return (_NOTHING,)
    units = listed_units(workspace, known.exhibit, known.unit_prefix)
    has_files = any(each.kind == ItemKind.FILE for _, _, items in units for each in items)
    exhibit_folder = workspace.findings_folder / workspace.slug(known.exhibit)
    has_failures = any(exhibit_folder.glob(f"*/part-{known.unit_prefix}*-failures.parquet"))
    return (_LOST,) if known.files.is_folder and has_files and not has_failures else ()


def _recorded_damage(workspace: Workspace, known: KnownSource) -> tuple[str, ...]:
    report: Any = (state(workspace, known, SOURCE_VERIFIED) or {}).get("report", {})
    count, _, ranges = bad_sectors(report)
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
