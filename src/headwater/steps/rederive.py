"""Examines one item again, from the evidence, and compares finding by finding with what is sealed."""

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace

from headwater.evidence.folder import Folder
from headwater.examine import registry
from headwater.examine.messages import (
    Answer,
    Ask,
    Done,
    Refused,
    Result,
    Results,
    ToBroker,
    Work,
    WorkFiles,
    WorkSettings,
)
from headwater.model.errors import EvidenceError, WrongUse
from headwater.model.item import WITH_CONTENT, Entry
from headwater.model.locator import parse_locator
from headwater.model.visible import shown
from headwater.steps.exhibits import KnownSource, known_sources
from headwater.steps.materials import needed
from headwater.steps.rederive_compare import SealedItem, compare_findings, sealed_findings, sealed_item
from headwater.steps.reweigh import reweigh
from headwater.steps.rows import contents_row, item_row
from headwater.steps.run import reading_limits
from headwater.steps.runner import Link, Loss, OpenSource, Pool
from headwater.steps.sources import close_source_files, open_source_files
from headwater.steps.stores import listed_units
from headwater.steps.unit import ListedItem
from headwater.steps.workspace import Workspace

_NO_CONTENT = "it has no content of its own"
_NOT_EXAMINED = "not examined yet, so nothing is sealed to compare with"
_ENTRY_COLUMNS = (
    *("path", "raw_path", "kind", "size_bytes", "inode", "allocation", "note"),
    *("created", "modified", "accessed", "changed", "times_zone"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rederivation:
    """The outcome for one item. `differences` is empty where every finding came out the same.

    Each difference begins with its cause: input, version, settings, library or value. notes: what was not compared.
    """

    item: str
    path: str
    same: int
    differences: tuple[str, ...]
    notes: tuple[str, ...] = ()


@dataclass(slots=True, kw_only=True)
class RederiveJob:
    """Examines one listed item, and those inside it, as if nothing had been examined before."""

    source: OpenSource
    folder: Folder | None
    number: int
    listed: ListedItem
    settings: WorkSettings
    wanted: str
    result: Result | None = None
    fault: str = ""

    def begin(self, link: Link) -> None:
        """Hand the item to a worker."""
        link.open(self.source)
        if self.folder is None:
            link.send(Work(self.number, 1, (), self.settings))
            return
        locator = parse_locator(self.listed.locator)
        descriptor = self.folder.open_file(locator.raw_path)
        try:
            entry = Entry(locator=locator, size_bytes=self.listed.size_bytes)
            link.send(WorkFiles((entry,), (), self.settings), [descriptor])
        finally:
            os.close(descriptor)

    def message(self, link: Link, message: ToBroker) -> bool:
        """Keep what concerns the wanted item."""
        match message:
            case Ask():
                link.send(Answer(tuple(True for _ in message.digests)))
            case Results():
                for each in message.results:
                    if each.item == self.wanted:
                        self.result = each
            case Refused():
                self.fault = message.message
                return True
            case Done():
                return True
            case _:
                pass
        return False

    def lost(self, loss: Loss) -> bool:
        """A worker that dies on it is an outcome too."""
        self.fault = loss.message
        return False


def with_asked_for(workspace: Workspace, items: Sequence[str]) -> None:
    """Examine by what runs only where it is asked for too, if it was on these items with the materials of now.

    With others, such as a camera that was enrolled since, there would be nothing to compare. Until it is closed.
    """
    names = registry.names_asked_for()
    methods = registry.methods(names, workspace.settings.digest, needed(workspace, names))
    digests = {sealed_item(workspace, item).contents.get("sha256") for item in items}
    rows = [row for digest in digests if digest for row in sealed_findings(workspace, digest)]
    sealed = {(row["examiner"], row["model_digest"]) for row in rows}
    more = tuple(name for name in names if (name, methods[name].model_digest) in sealed)
    settings = workspace.settings
    chosen = tuple(dict.fromkeys((*settings.examiners, *more)))
    workspace.settings = replace(settings, run=replace(settings.run, examiners=chosen))


def rederive(workspace: Workspace, pool: Pool, item: str, *, moved: KnownSource | None = None) -> Rederivation:
    """Examine `item` again and compare. Raises WrongUse for an item there is none of.

    moved: a source that is looked for elsewhere than where it was opened.
    """
    sealed = sealed_item(workspace, item)
    job = examine_again(workspace, pool, sealed, workspace.settings.examiners, moved=moved)
    if isinstance(job, Rederivation):
        return job
    if sealed.kind not in WITH_CONTENT:
        return _without_content(job, sealed)
    return _compared(workspace, job, sealed)


def examine_again(
    workspace: Workspace,
    pool: Pool,
    sealed: SealedItem,
    examiners: tuple[str, ...],
    *,
    moved: KnownSource | None = None,
    excerpt_bytes: int = 0,
) -> RederiveJob | Rederivation:
    """Read an item from the evidence and examine it; the outcome at once for what has no content in a folder.

    excerpt_bytes: how much of the beginning of each span to bring back.

    A fault, or a result, stands in the job. Raises WrongUse where custody does not know the item's source.
    """
    known = _source_of([*([moved] if moved else []), *known_sources(workspace)], sealed.exhibit, sealed.source)
    with ExitStack() as stack:
        folder = stack.enter_context(Folder(known.files.paths[0])) if known.files.is_folder else None
        source = open_source_files(known.files, reading_limits(workspace))
        stack.callback(close_source_files, source)
        number, listed = _listed(workspace, known, sealed.top)
        if folder and listed.kind not in WITH_CONTENT:
            return _looked_at(folder, listed, sealed.path)
        settings = workspace.settings
        job = RederiveJob(
            source=source,
            folder=folder,
            number=number,
            listed=listed,
            settings=WorkSettings(
                sealed.exhibit,
                sealed.source,
                source.limits,
                examiners,
                settings.digest,
                settings.pictures.pixels,
                excerpt_bytes,
            ),
            wanted=sealed.item,
        )
        try:
            pool.run([job])
        except EvidenceError as error:
            job.fault = error.message
    return job


def _looked_at(folder: Folder, listed: ListedItem, path: str) -> Rederivation:
    """A link, pipe or device of a folder: only what it is can be compared."""
    found = (each for each in folder.walk() if isinstance(each, Entry) and str(each.locator) == listed.locator)
    now = next(found, None)
    differences = [] if now else ["input: gone since it was listed"]
    if now and (now.kind, now.note) != (listed.kind, listed.note):
        differences = [f"input: listed as {listed.note or listed.kind}, now {now.note or now.kind}"]
    return Rederivation(item=listed.item, path=path, same=0, differences=tuple(differences), notes=(_NO_CONTENT,))


def _without_content(job: RederiveJob, sealed: SealedItem) -> Rederivation:
    differences = [f"input: {job.fault}"] if job.fault else []
    if not (job.fault or job.result):
        differences.append("input: gone since it was listed")
    if job.result and job.result.contents:
        differences.append(f"input: listed as {sealed.kind}, now it has content")
    return Rederivation(
        item=sealed.item, path=sealed.path, same=0, differences=tuple(differences), notes=(_NO_CONTENT,)
    )


def _compared(workspace: Workspace, job: RederiveJob, sealed: SealedItem) -> Rederivation:
    if job.fault or job.result is None:
        return _outcome(sealed, 0, [f"input: {job.fault or 'gone since it was listed'}"])
    if not sealed.contents:
        return _outcome(sealed, 0, [], [_NOT_EXAMINED])
    differences = list(_unlike(sealed, job.result))
    if any(each.startswith("input") for each in differences):
        return _outcome(sealed, 0, differences)
    names = workspace.settings.examiners
    methods = registry.methods(names, workspace.settings.digest, needed(workspace, names))
    findings = compare_findings(sealed_findings(workspace, sealed.contents["sha256"]), job.result, methods)
    origin = reweigh(workspace, sealed.contents["sha256"], job.result.found)
    return _outcome(
        sealed,
        findings.same,
        [*differences, *findings.differences, *origin.differences],
        [*findings.notes, *origin.notes],
    )


def _outcome(sealed: SealedItem, same: int, differences: Sequence[str], notes: Sequence[str] = ()) -> Rederivation:
    return Rederivation(
        item=sealed.item, path=sealed.path, same=same, differences=tuple(differences), notes=tuple(notes)
    )


def _unlike(sealed: SealedItem, result: Result) -> Iterator[str]:
    """What was sealed of the content and the entry, and came out otherwise."""
    now = contents_row(sealed.item, result.contents) if result.contents else {}
    if now.get("sha256") != sealed.contents["sha256"]:
        yield f"input: sealed sha256 {sealed.contents['sha256'][:16]}…, now {str(now.get('sha256', 'unreadable'))[:16]}"
        return
    for column, value in now.items():
        if sealed.contents[column] != value:
            yield f"value: {column} is sealed as {shown(str(sealed.contents[column]))}, now {shown(str(value))}"
    if result.entry:
        row = item_row(sealed.exhibit, sealed.source, result.entry, parent_item=result.parent_item)
        for column in _ENTRY_COLUMNS:
            if sealed.entry[column] != row[column]:
                yield f"value: {column} is sealed as {shown(str(sealed.entry[column]))}, now {shown(str(row[column]))}"


def _source_of(sources: Sequence[KnownSource], exhibit: str, source: str) -> KnownSource:
    for known in sources:
        if (known.exhibit, known.files.source) == (exhibit, source):
            return known
    raise WrongUse(f"custody knows no source {source} of exhibit {exhibit}")


def _listed(workspace: Workspace, known: KnownSource, item: str) -> tuple[int, ListedItem]:
    for _, start, items in listed_units(workspace, known.exhibit, known.unit_prefix):
        for number, listed in enumerate(items, start):
            if listed.item == item:
                return number, listed
    raise WrongUse(f"item {item} is not listed in its source")
