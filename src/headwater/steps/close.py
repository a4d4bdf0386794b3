"""Digests a source again and compares with what was recorded: at the close of a run, and whenever somebody verifies."""

import os
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import pyarrow.parquet as pq

from headwater.evidence.folder import Folder
from headwater.model.item import ItemKind
from headwater.model.locator import parse_locator
from headwater.model.visible import visible
from headwater.steps.checks import Comparison, Recorded, RehashJob
from headwater.steps.exhibits import SOURCE_CLOSED, SOURCE_VERIFIED, KnownSource, state
from headwater.steps.ingest import Listener
from headwater.steps.runner import Pool
from headwater.steps.sources import open_read_only
from headwater.steps.stores import listed_units
from headwater.steps.workspace import Workspace

_FILES_A_JOB = 64


def compare_source(workspace: Workspace, pool: Pool, known: KnownSource, listener: Listener) -> Comparison:
    """Digest a source again and hold it against the record."""
    listener.begin("rehash")
    comparison = Comparison()
    if known.files.is_folder:
        with Folder(known.files.paths[0]) as folder:
            jobs = _folder_jobs(workspace, known, folder, comparison, listener)
            pool.run(jobs, tick=listener.tick)
    else:
        pool.run(_segment_jobs(workspace, known, comparison, listener), tick=listener.tick)
    listener.end()
    return comparison


def close_source(workspace: Workspace, pool: Pool, known: KnownSource, listener: Listener) -> Comparison:
    """The pass at the close of a run; its outcome is written into custody."""
    comparison = compare_source(workspace, pool, known, listener)
    workspace.record(
        SOURCE_CLOSED,
        {
            "exhibit": known.exhibit,
            "source": known.files.source,
            "compared": comparison.compared,
            "changed": [*comparison.changed],
        },
    )
    return comparison


def recorded_segments(workspace: Workspace, known: KnownSource) -> Mapping[str, str]:
    """SHA-256 of each segment as the verify pass found it, by segment name."""
    done = state(workspace, known, SOURCE_VERIFIED)
    report: Any = done["report"] if done else {}
    return {str(each["name"]): str(each["sha256"]) for each in report.get("segments", [])}


def _segment_jobs(
    workspace: Workspace, known: KnownSource, comparison: Comparison, listener: Listener
) -> Iterator[RehashJob]:
    recorded = recorded_segments(workspace, known)
    for path in known.files.paths:
        name = visible(os.fsencode(path.name))
        if name in recorded:
            file = Recorded(name=name, sha256=recorded[name], open=partial(open_read_only, path))
            yield RehashJob(files=[file], comparison=comparison, done=listener.more)
        else:
            comparison.failed(name, "no digest is recorded: the verify pass did not finish")


def _folder_jobs(
    workspace: Workspace, known: KnownSource, folder: Folder, comparison: Comparison, listener: Listener
) -> Iterator[RehashJob]:
    for unit, _, items in listed_units(workspace, known.exhibit, known.unit_prefix):
        recorded = _recorded(workspace, known, unit)
        files = [
            Recorded(name=locator.path, sha256=recorded[each.item], open=partial(folder.open_file, locator.raw_path))
            for each in items
            if each.kind == ItemKind.FILE and each.item in recorded
            for locator in (parse_locator(each.locator),)
        ]
        for first in range(0, len(files), _FILES_A_JOB):
            yield RehashJob(files=files[first : first + _FILES_A_JOB], comparison=comparison, done=listener.more)


def _recorded(workspace: Workspace, known: KnownSource, unit: str) -> dict[str, str]:
    """SHA-256 of each item of a unit, as any set of examiners that read it has recorded."""
    recorded: dict[str, str] = {}
    exhibit_folder = workspace.findings_folder / workspace.slug(known.exhibit)
    for part in sorted(exhibit_folder.glob(f"*/part-{unit}-contents.parquet")):
        table = pq.read_table(part, columns=["item", "sha256"], memory_map=False)
        recorded.update(zip(table["item"].to_pylist(), table["sha256"].to_pylist(), strict=True))
    return recorded
