"""Digests a source again and compares with what was recorded: at the close of a run, and whenever somebody verifies."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import zip_longest
from typing import Any, Self

from headwater.evidence.folder import Folder
from headwater.findings.parts import COMMITS, begun_at, committed_units, custody_name, part_folder, read_part, table_of
from headwater.model.canonical import digest_of
from headwater.model.item import Entry, ItemKind, Refusal
from headwater.model.locator import Layer, Locator, item_id, parse_locator
from headwater.model.visible import visible
from headwater.steps.checks import Comparison, Recorded, RehashJob
from headwater.steps.exhibits import SOURCE_CLOSED, SOURCE_LISTED, SOURCE_VERIFIED, KnownSource, known_sources, state
from headwater.steps.ingest import Listener
from headwater.steps.rows import Rows, source_failure_row
from headwater.steps.runner import Pool
from headwater.steps.sources import open_read_only
from headwater.steps.stores import ITEMS, findings_store, items_store, listed_units
from headwater.steps.unit import ListedItem
from headwater.steps.workspace import Workspace

_FILES_A_JOB = 64
_TOLD = 50  # changed names that custody is told; their count and digest always
_TOLD_CHARACTERS = 400
_TWICE = "read as two different contents: sha256 {}…, and later {}…"
_NOT_IT = "read while the source was not the one that was verified"


def compare_source(workspace: Workspace, pool: Pool, known: KnownSource, listener: Listener) -> Comparison:
    """Digest a source again and hold it against the record; a folder is walked again beside its list."""
    listener.begin("rehash")
    comparison = Comparison()
    if known.files.is_folder:
        with Folder(known.files.paths[0]) as folder:
            pool.run(_folder_jobs(workspace, known, folder, comparison, listener), tick=listener.tick)
    else:
        pool.run(_segment_jobs(workspace, known, comparison, listener), tick=listener.tick)
    listener.end()
    return comparison


def close_source(
    workspace: Workspace, pool: Pool, known: KnownSource, examiner_set: str, listener: Listener
) -> Comparison:
    """The pass at the close of a run; its outcome is written into custody, all that changed into sealed failures.

    An image that is another one than was verified: what was read of it since it last was the right one is voided, and
    read again by the next run that finds it right.
    """
    comparison = compare_source(workspace, pool, known, listener)
    digest = digest_of(comparison.changed)
    with findings_store(workspace, known.exhibit, examiner_set) as store:
        if comparison.changed:
            _seal_changed(workspace, known, comparison.changed, digest)
        if comparison.changed and not known.files.is_folder:
            read_since = store.committed_since(_good_until(workspace, known, custody_name(store.folder)))
            store.void([unit for unit in read_since if unit.startswith(known.unit_prefix)], _NOT_IT)
            store.seal()
        commits = {custody_name(store.folder): store.entries()}
    workspace.record(
        SOURCE_CLOSED,
        {
            "exhibit": known.exhibit,
            "source": known.files.source,
            "compared": comparison.compared,
            "changed": [each[:_TOLD_CHARACTERS] for each in comparison.changed[:_TOLD]],
            "changed_count": len(comparison.changed),
            "changed_digest": digest,
            "commits": commits,
        },
    )
    return comparison


def _good_until(workspace: Workspace, known: KnownSource, folder: str) -> int:
    """How many commits of a folder had been made when this source was last found as it should be at a close."""
    good = 0
    for body in workspace.recorded(SOURCE_CLOSED):
        if (body["exhibit"], body["source"]) == (known.exhibit, known.files.source) and not body["changed_count"]:
            good = int(body["commits"].get(folder, good))
    return good


def recorded_segments(workspace: Workspace, known: KnownSource) -> Sequence[Mapping[str, Any]]:
    """Name and SHA-256 of each segment in order, as the verify pass found it."""
    done = state(workspace, known, SOURCE_VERIFIED)
    report: Any = done["report"] if done else {}
    segments: Sequence[Mapping[str, Any]] = report.get("segments", [])
    return segments


def _seal_changed(workspace: Workspace, known: KnownSource, changed: Iterable[str], digest: str) -> None:
    unit = f"{known.unit_prefix}closed-{digest[:16]}"  # once, however often the same is found again
    rows = Rows()
    for each in changed:
        rows.add("failures", source_failure_row(known.exhibit, known.files.source, "changed", each, step="close"))
    with items_store(workspace, known.exhibit) as store:
        if unit not in store.committed():
            store.commit(unit, rows.tables())
            store.seal()


def _segment_jobs(
    workspace: Workspace, known: KnownSource, comparison: Comparison, listener: Listener
) -> Iterator[RehashJob]:
    for recorded, path in zip_longest(recorded_segments(workspace, known), known.files.paths):
        if path is None:
            comparison.failed(str(recorded["name"]), "not among the segments that were found")
        elif recorded is None:
            name = visible(os.fsencode(path.name))
            comparison.failed(name, "no digest is recorded: the verify pass did not finish")
        else:
            file = Recorded(name=recorded["name"], sha256=recorded["sha256"], open=partial(open_read_only, path))
            yield RehashJob(files=[file], comparison=comparison, done=listener.more)


def _folder_jobs(
    workspace: Workspace, known: KnownSource, folder: Folder, comparison: Comparison, listener: Listener
) -> Iterator[RehashJob]:
    is_listed = state(workspace, known, SOURCE_LISTED) is not None
    walked = _Walked.begin(workspace, known, folder, comparison) if is_listed else None
    digested = _Digested(workspace, known, comparison)
    for unit, _, items in listed_units(workspace, known.exhibit, known.unit_prefix):
        recorded = digested.of_unit(unit)
        files = []
        for each in items:
            locator = parse_locator(each.locator)
            is_digested = each.kind == ItemKind.FILE and each.item in recorded
            beside = walked.meets(each, locator, is_digested=is_digested) if walked else ""
            if beside is None:
                continue
            if is_digested:
                open_file = partial(folder.open_file, locator.raw_path)
                files.append(Recorded(name=locator.path, sha256=recorded[each.item], open=open_file, beside=beside))
            elif beside:
                comparison.failed(locator.path, beside)
        for first in range(0, len(files), _FILES_A_JOB):
            yield RehashJob(files=files[first : first + _FILES_A_JOB], comparison=comparison, done=listener.more)
    if walked:
        walked.end()


class _Digested:
    """The digests of a source's items as they were sealed, unit by unit; none is held longer than its unit."""

    def __init__(self, workspace: Workspace, known: KnownSource, comparison: Comparison) -> None:
        exhibit_folder = workspace.findings_folder / workspace.slug(known.exhibit)
        logs = sorted((log.parent for log in exhibit_folder.glob(f"*/{COMMITS}")), key=begun_at)
        self._units = [(folder, committed_units(folder)) for folder in logs]  # the first begun first
        self._comparison = comparison

    def of_unit(self, unit: str) -> dict[str, str]:
        """SHA-256 of each item as it was first read. A set of examiners that read something else is a change."""
        first: dict[str, str] = {}
        for folder, units in self._units:
            for file in units.get(unit, ()):
                if table_of(file) == "contents":
                    table = read_part(folder / file.name, ["item", "sha256"])
                    for item, digest in zip(table["item"].to_pylist(), table["sha256"].to_pylist(), strict=True):
                        if first.setdefault(item, digest) != digest:
                            self._comparison.failed(f"item {item}", _TWICE.format(first[item][:16], digest[:16]))
        return first


@dataclass(slots=True)
class _Walked:
    """A folder as it lies there now, walked beside its list: both are in the same order, and neither is held whole."""

    known: KnownSource
    comparison: Comparison
    refused: set[str]  # what could not be listed then
    entries: Iterator[Entry | Refusal]
    in_place: bool  # where it was listed; a copy may have other times
    next: Entry | None = None

    @classmethod
    def begin(cls, workspace: Workspace, known: KnownSource, folder: Folder, comparison: Comparison) -> Self:
        """Walk to the first file."""
        in_place = any(each.files.paths == known.files.paths for each in known_sources(workspace))
        walked = cls(known, comparison, set(_refused(workspace, known)), folder.walk(), in_place)
        walked._go_on()
        return walked

    def meets(self, listed: ListedItem, locator: Locator, *, is_digested: bool) -> str | None:
        """What beside its content is not as a listed item was; None where it is not there, or of another kind.

        What lies before it was added.
        """
        name = locator.layers[0].name
        while self.next and _order(_name(self.next)) < _order(name):
            self._added(self.next)
        now = self.next
        if now is None or _name(now) != name:
            self.comparison.failed(locator.path, "gone since it was listed")
            return None
        self._go_on()
        if now.kind != listed.kind:
            self.comparison.failed(locator.path, f"listed as {listed.kind}, now {now.kind}")
            return None
        if now.size_bytes != listed.size_bytes and not is_digested:
            return f"listed with {listed.size_bytes} bytes, now {now.size_bytes}"
        if now.kind == ItemKind.SYMLINK and now.note != listed.note:
            return f"listed as {listed.note}, now {now.note}"
        if self.in_place and now.times.modified != listed.modified:
            return f"listed as modified {listed.modified}, now {now.times.modified}"
        return ""

    def end(self) -> None:
        """What is left was added."""
        while self.next:
            self._added(self.next)

    def _added(self, entry: Entry) -> None:
        if not self._was_refused(_name(entry)):
            self.comparison.failed(entry.locator.path, "added since the folder was listed")
        self._go_on()

    def _go_on(self) -> None:
        self.next = None
        for each in self.entries:
            if isinstance(each, Entry):
                self.next = each
                return
            if not self._was_refused(each.locator.layers[0].name):
                self.comparison.failed(each.locator.path, each.message)

    def _was_refused(self, name: bytes) -> bool:
        """Whether it, or a folder that it lies in, could not be listed then."""
        parts = name.split(b"/")
        places = (Layer(kind="folder", name=b"/".join(parts[:depth])) for depth in range(len(parts) + 1))
        ids = (item_id(self.known.exhibit, self.known.files.source, Locator(layers=(place,))) for place in places)
        return bool(self.refused) and not self.refused.isdisjoint(ids)


def _refused(workspace: Workspace, known: KnownSource) -> Iterator[str]:
    folder = part_folder(workspace.findings_folder, known.exhibit, ITEMS)
    for unit, files in committed_units(folder).items():
        for file in files if unit.startswith(known.unit_prefix) else ():
            if table_of(file) == "failures":
                yield from read_part(folder / file.name, ["item"])["item"].to_pylist()


def _name(entry: Entry) -> bytes:
    return entry.locator.layers[0].name


def _order(name: bytes) -> list[tuple[bool, bytes]]:
    """A key that sorts names as Folder.walk gives them: a folder's files, then its folders."""
    *folders, file = name.split(b"/")
    return [*((True, folder) for folder in folders), (False, file)]
