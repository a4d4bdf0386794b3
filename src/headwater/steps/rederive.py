"""Examines one item again, from the evidence, and compares finding by finding with what is sealed."""

import os
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

from headwater.evidence.folder import Folder
from headwater.examine.messages import (
    Answer,
    Ask,
    Done,
    Found,
    Refused,
    Results,
    ToBroker,
    Work,
    WorkFiles,
    WorkSettings,
)
from headwater.findings.views import connect
from headwater.model.errors import EvidenceError, WrongUse
from headwater.model.item import Entry, ItemKind
from headwater.model.locator import parse_locator
from headwater.steps.exhibits import KnownSource, known_sources
from headwater.steps.run import reading_limits
from headwater.steps.runner import Link, Loss, OpenSource, Pool
from headwater.steps.sources import close_source_files, open_source_files
from headwater.steps.stores import listed_units
from headwater.steps.unit import ListedItem
from headwater.steps.workspace import Workspace

_WITH_CONTENT = frozenset({ItemKind.FILE, ItemKind.STREAM})
_NO_CONTENT = "it has no content of its own"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rederivation:
    """The outcome for one item. `differences` is empty where every finding came out the same."""

    item: str
    path: str
    same: int
    differences: tuple[str, ...]
    note: str = ""


@dataclass(slots=True, kw_only=True)
class RederiveJob:
    """Examines one listed item, and those inside it, as if nothing had been examined before."""

    source: OpenSource
    folder: Folder | None
    number: int
    listed: ListedItem
    settings: WorkSettings
    wanted: str
    found: list[Found] = field(default_factory=list)
    sha256: str = ""
    fault: str = ""
    met: bool = False

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
                        self.met = True
                        self.found = list(each.found)
                        self.sha256 = each.contents.sha256 if each.contents else ""
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


def rederive(
    workspace: Workspace,
    pool: Pool,
    item: str,
    examiners: Sequence[str],
    digest: str,
    *,
    moved: KnownSource | None = None,
) -> Rederivation:
    """Examine `item` again and compare. Raises WrongUse for an item there is none of.

    moved: a source that is looked for elsewhere than where it was opened.
    """
    top, path, exhibit, source_name, sha256, kind = _ancestors(workspace, item)
    known = _source_of([*([moved] if moved else []), *known_sources(workspace)], exhibit, source_name)
    with ExitStack() as stack:
        folder = stack.enter_context(Folder(known.files.paths[0])) if known.files.is_folder else None
        source = open_source_files(known.files, reading_limits(workspace))
        stack.callback(close_source_files, source)
        number, listed = _listed(workspace, known, top)
        if folder and listed.kind not in _WITH_CONTENT:
            return _looked_at(folder, listed, path)
        job = RederiveJob(
            source=source,
            folder=folder,
            number=number,
            listed=listed,
            settings=WorkSettings(
                exhibit,
                source_name,
                source.limits,
                tuple(examiners),
                digest,
                workspace.settings.pictures.pixels,
            ),
            wanted=item,
        )
        try:
            pool.run([job])
        except EvidenceError as error:
            job.fault = error.message
    if kind not in _WITH_CONTENT:
        return _without_content(job, path, kind)
    return _compared(workspace, job, path, sha256)


def _looked_at(folder: Folder, listed: ListedItem, path: str) -> Rederivation:
    """A link, pipe or device of a folder: only what it is can be compared."""
    found = (each for each in folder.walk() if isinstance(each, Entry) and str(each.locator) == listed.locator)
    now = next(found, None)
    differences = [] if now else ["gone since it was listed"]
    if now and now.kind != listed.kind:
        differences = [f"kind: listed as {listed.kind}, now {now.kind}"]
    return Rederivation(item=listed.item, path=path, same=0, differences=tuple(differences), note=_NO_CONTENT)


def _without_content(job: RederiveJob, path: str, kind: str) -> Rederivation:
    differences = [job.fault] if job.fault else []
    if not (job.fault or job.met):
        differences.append("gone since it was listed")
    if job.sha256:
        differences.append(f"kind: listed as {kind}, now it has content")
    return Rederivation(item=job.wanted, path=path, same=0, differences=tuple(differences), note=_NO_CONTENT)


def _compared(workspace: Workspace, job: RederiveJob, path: str, sha256: str | None) -> Rederivation:
    sealed = _sealed_findings(workspace, sha256) if sha256 else {}
    now = {each.finding: each.seen.claim for each in job.found}
    differences = [job.fault] if job.fault else []
    if sha256 and job.sha256 != sha256:
        differences.append(f"input: sealed sha256 {sha256[:16]}…, now {job.sha256[:16] or 'unreadable'}")
    else:
        differences += [
            f"value: {sealed[each]} is sealed and was not derived again" for each in sealed.keys() - now.keys()
        ]
        differences += [f"value: {now[each]} was derived and is not sealed" for each in now.keys() - sealed.keys()]
    same = len(sealed.keys() & now.keys())
    return Rederivation(item=job.wanted, path=path, same=same, differences=tuple(sorted(differences)))


def _sealed_findings(workspace: Workspace, sha256: str) -> dict[str, str]:
    connection = connect(workspace.folder)
    try:
        return dict(connection.execute("SELECT finding, claim FROM findings WHERE sha256 = ?", [sha256]).fetchall())
    finally:
        connection.close()


def _ancestors(workspace: Workspace, item: str) -> tuple[str, str, str, str, str | None, str]:
    """The listed item that `item` lies in (itself, mostly), with its own path, exhibit, source, digest and kind."""
    connection = connect(workspace.folder)
    query = "SELECT item, parent_item, path, exhibit, source, sha256, kind FROM items WHERE item = ?"
    try:
        row = connection.execute(query, [item]).fetchall()
        if not row:
            raise WrongUse(f"no item is called {item}", next_step="headwater show items lists what there is.")
        _, parent, path, exhibit, source, sha256, kind = row[0]
        top = item
        while parent:
            top, parent = connection.execute("SELECT item, parent_item FROM items WHERE item = ?", [parent]).fetchall()[
                0
            ]
        return top, path, exhibit, source, sha256, kind
    finally:
        connection.close()


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
