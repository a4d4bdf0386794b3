"""Checks everything that was sealed: the custody chain and its witness, every part, every source."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from headwater.findings.parts import commit_entries, committed_units, custody_name, sealed_files, table_of
from headwater.model.errors import DoesNotVerify, WrongUse
from headwater.model.item import ItemKind
from headwater.model.visible import visible
from headwater.seal.files import file_digest
from headwater.steps.close import compare_source
from headwater.steps.examine import EXAMINED
from headwater.steps.exchange import EXPORTED
from headwater.steps.exhibits import SOURCE_VERIFIED, KnownSource, bad_sectors, known_sources, state
from headwater.steps.ingest import Listener
from headwater.steps.report import REPORT_WRITTEN
from headwater.steps.runner import Pool
from headwater.steps.seals import Check, part_folders
from headwater.steps.sources import resolve, sizes_bytes
from headwater.steps.stores import listed_units
from headwater.steps.workspace import Workspace

VERIFIED = "verified"
_NOTHING = "no digest is recorded yet, so nothing was compared: examine it first"
_LOST = "its files were examined, and no digest of them is there any more"


def check_report(workspace: Workspace) -> Iterator[Check]:
    """The report last written. One that was taken away is told in a note: it can be written again."""
    written = list(workspace.recorded(REPORT_WRITTEN))
    if not written:
        return
    name = str(written[-1]["name"])
    try:
        changed = file_digest(workspace.out_folder / name)[0] != written[-1]["sha256"]
    except FileNotFoundError:
        yield Check(what="report", name=f"out/{name}", checked=0, problems=(), notes=("it is not there any more",))
        return
    except OSError as error:
        yield Check(what="report", name=f"out/{name}", checked=0, problems=(f"unreadable: {error.strerror or error}",))
        return
    problems = (f"{name}: changed since it was written",) if changed else ()
    yield Check(what="report", name=f"out/{name}", checked=1, problems=problems)


def check_copy(workspace: Workspace, path: Path) -> Check:
    """A file, wherever it lies, against everything of this operation that custody or a commit has a digest of."""
    digest = file_digest(path)[0]
    name = visible(os.fsencode(path.name))
    for body in workspace.recorded(REPORT_WRITTEN):
        if body["sha256"] == digest:
            return Check(what="file", name=name, checked=1, problems=(), notes=("a report of this operation",))
    for body in workspace.recorded(EXPORTED):
        if body["sha256"] == digest:
            return Check(what="file", name=name, checked=1, problems=(), notes=("an export of this operation",))
    for folder in part_folders(workspace, None):
        for file in (each for entry in commit_entries(folder) for each in sealed_files(entry)):
            if file.sha256 == digest:
                notes = (f"the part {custody_name(folder)}/{file.name}",)
                return Check(what="file", name=name, checked=1, problems=(), notes=notes)
    return Check(
        what="file", name=name, checked=1, problems=("no report, export or part of this operation has its digest",)
    )


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


def _check_source(workspace: Workspace, pool: Pool, known: KnownSource, listener: Listener) -> Check:
    name = visible(f"{known.exhibit}: {known.files.source}")
    try:
        comparison = compare_source(workspace, pool, known, listener)
        nothing = _nothing_compared(workspace, known) if not comparison.compared else ()
    except (OSError, DoesNotVerify) as error:  # a part that was changed: it is named under parts
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
    return (_LOST,) if known.files.is_folder and has_files and not _has_failures(workspace, known) else ()


def _has_failures(workspace: Workspace, known: KnownSource) -> bool:
    exhibit_folder = workspace.findings_folder / workspace.slug(known.exhibit)
    return any(
        unit.startswith(known.unit_prefix) and any(table_of(file) == "failures" for file in files)
        for folder in exhibit_folder.iterdir()
        for unit, files in committed_units(folder).items()
    )


def _recorded_damage(workspace: Workspace, known: KnownSource) -> tuple[str, ...]:
    report: Any = (state(workspace, known, SOURCE_VERIFIED) or {}).get("report", {})
    count, _, ranges = bad_sectors(report)
    where = ", ".join(f"{each['first_sector']}+{each['sector_count']}" for each in ranges[:8])
    return (f"{count:,} sectors were unreadable when it was ingested (first sector+count: {where})",) if ranges else ()
