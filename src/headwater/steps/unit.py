"""One unit of examining, as a job of the pool: its items go out, its rows come back, and are sealed exactly once."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from headwater.evidence.folder import Folder, status_of
from headwater.examine.messages import (
    Answer,
    Ask,
    Done,
    Fault,
    InnerRefusal,
    Opened,
    Refused,
    Result,
    Results,
    Skip,
    ToBroker,
    Walked,
    Walking,
    Work,
    WorkFiles,
    WorkSettings,
)
from headwater.findings.parts import PartStore
from headwater.model.errors import EvidenceError
from headwater.model.finding import Method, finding_id
from headwater.model.item import Entry, ItemKind
from headwater.model.locator import parse_locator
from headwater.model.visible import visible
from headwater.steps.rows import Rows, contents_row, failure_row, finding_row, item_row, refusal_row
from headwater.steps.runner import Link, Loss, OpenSource
from headwater.steps.seen import SeenContents

_FILES_A_MESSAGE = 64
_RESTARTS = 200  # of one unit; each takes one item and stage out
_BETWEEN = frozenset({"list", "open"})  # stages that are of no one item
_EXPAND = "open archive"
_BLIND_RESTARTS = 3  # of one unit, where the worker died between items


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedItem:
    """What a unit must know of an item: from the sealed items part."""

    item: str
    locator: str
    kind: str
    size_bytes: int | None
    modified: datetime | None = None
    note: str = ""


class Tally(Protocol):
    """Hears what was done, for the progress line."""

    def item(self, path: str, size_bytes: int, *, failed: bool) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """What all units of one exhibit share."""

    exhibit: str
    source: OpenSource
    folder: Folder | None  # where the source is one
    store: PartStore
    seen: SeenContents
    settings: WorkSettings
    methods: Mapping[str, Method]
    tool: dict[str, Any]
    tally: Tally


@dataclass(slots=True, kw_only=True)
class UnitJob:
    """One unit: a run of items as listed. Its parts are committed together, or not at all."""

    examination: Examination
    unit: str
    start: int
    items: Sequence[ListedItem]
    rows: Rows = field(default_factory=Rows)
    done: set[str] = field(default_factory=set)
    examined: set[str] = field(default_factory=set)
    skips: list[Skip] = field(default_factory=list)
    paths: dict[str, str] = field(default_factory=dict)
    blind_losses: int = 0
    waiting: list[ListedItem] = field(default_factory=list)
    sent: list[ListedItem] = field(default_factory=list)  # not finished yet: an archive goes on after its own result
    walking: dict[str, None] = field(default_factory=dict)  # archives whose list has not come to its end, by item
    begun: bool = False
    singly: bool = False  # a worker was lost and nobody knows at what: from now on one item at a time
    heard: bool = False  # anything of the items, since the worker was asked

    def begin(self, link: Link) -> None:
        """Hand the unit to a worker."""
        self.paths.update(
            {each.item: parse_locator(each.locator).path for each in self.items if each.item not in self.paths}
        )
        self.heard = False
        link.open(self.examination.source)
        self.waiting = [*self.sent, *self.waiting] if self.begun else list(self.items)
        self.begun = True
        self._send_more(link)

    def message(self, link: Link, message: ToBroker) -> bool:
        """Take what the worker said."""
        self.heard = self.heard or not isinstance(message, (Opened, Refused))
        match message:
            case Ask():
                link.send(Answer(self.examination.seen.reserve(self.unit, message.digests)))
            case Refused():
                return self._refused(link, message)
            case Done():
                return self._finished(link)
            case Opened():
                pass
            case _:
                self._take(message)
        return False

    def _take(self, message: ToBroker) -> None:
        match message:
            case Results():
                for each in message.results:
                    self._result(each)
            case InnerRefusal():
                self._refusal(message)
            case Walking():
                self.walking[message.item] = None
            case Walked():
                self.walking.pop(message.item, None)
            case _:
                raise EvidenceError(f"{type(message).__name__} is no answer to examining")

    def _refused(self, link: Link, message: Refused) -> bool:
        """A refusal amid the items costs the one the worker was at; before them, it is of the source."""
        position = link.position()
        if not self.heard and (position is None or position.stage in _BETWEEN):
            self._give_up(Fault("open", message.kind, message.message))
            return True
        if not self.lost(Loss(kind=message.kind, message=message.message, position=position)):
            return True
        self.begin(link)
        return False

    def lost(self, loss: Loss) -> bool:
        """Take the item and stage that the worker was at out, and try the rest again."""
        self.examination.seen.release(self.unit, keep=self.examined)
        position = loss.position
        if position and position.item:
            self.skips.append(Skip(position.item, position.stage, loss.kind, loss.message))
        elif position or not self._blame_the_only_one(loss):
            self.blind_losses += 1
            self.singly = True
        if len(self.skips) > _RESTARTS or self.blind_losses >= _BLIND_RESTARTS:
            self._give_up(Fault("worker", loss.kind, loss.message))
            return False
        return True

    def _blame_the_only_one(self, loss: Loss) -> bool:
        """A worker that had one item alone, and does not say what it was at, was at that one."""
        if not self.singly or len(self.sent) != 1:
            return False
        (listed,) = self.sent
        self._fail(listed, Fault("worker", loss.kind, loss.message))
        self._count(listed.item, 0, failed=True)
        self.sent = []
        return True

    def _send_more(self, link: Link) -> None:
        """Ask for the next items: of a folder some files, of another source all of the unit, or one alone."""
        if self.examination.folder is not None:
            self._send_files(link)
            return
        count = 1 if self.singly else len(self.waiting)
        self.sent, self.waiting = self.waiting[:count], self.waiting[count:]
        first = self.start + self.items.index(self.sent[0]) if self.sent else self.start
        link.send(Work(first, len(self.sent), tuple(self.skips), self.examination.settings))

    def _send_files(self, link: Link) -> None:
        entries: list[Entry] = []
        descriptors: list[int] = []
        self.sent = []
        while self.waiting and len(entries) < (1 if self.singly else _FILES_A_MESSAGE):
            listed = self.waiting.pop(0)
            descriptor = self._open(listed)
            if descriptor is not None:
                self.sent.append(listed)
                entries.append(Entry(locator=parse_locator(listed.locator), size_bytes=listed.size_bytes))
                descriptors.append(descriptor)
        try:
            request = WorkFiles(tuple(entries), tuple(self.skips), self.examination.settings)
            link.send(request, descriptors)
        finally:
            for descriptor in descriptors:
                os.close(descriptor)

    def _open(self, listed: ListedItem) -> int | None:
        """A descriptor, or None where there is nothing to read; what could not be opened is a Failure."""
        folder = self.examination.folder
        if listed.kind != ItemKind.FILE or folder is None:
            self._count(listed.item, 0, failed=False)
            return None
        try:
            descriptor = folder.open_file(parse_locator(listed.locator).raw_path)
        except (OSError, EvidenceError) as error:
            kind = error.kind if isinstance(error, EvidenceError) else "unreadable"
            self._fail(listed, Fault("read", kind, str(getattr(error, "strerror", None) or error)))
            self._count(listed.item, 0, failed=True)
            return None
        now = status_of(descriptor)
        if (listed.size_bytes, listed.modified) != now:
            was = _size_and_time(listed.size_bytes, listed.modified)
            self._fail(listed, Fault("read", "changed", f"listed with {was}; when it was read {_size_and_time(*now)}"))
        return descriptor

    def _fail(self, listed: ListedItem, fault: Fault) -> None:
        self.rows.add("failures", failure_row(self.examination.exhibit, listed.item, self.paths[listed.item], fault))

    def _result(self, result: Result) -> None:
        if result.item in self.done:
            return
        if not self._belongs(result):
            raise EvidenceError(f"item {result.item} is not of this unit")
        contents = result.contents
        if contents:
            self.rows.add("contents", contents_row(result.item, contents))
            self.examined.add(contents.sha256)
            for found in result.found:
                method = self.examination.methods.get(found.examiner)
                if method is None:
                    raise EvidenceError(f"no examiner is called {visible(found.examiner)}")
                if finding_id(contents.sha256, method, found.seen) != found.finding:
                    raise EvidenceError(f"a finding of {found.examiner} whose id is not its own")
                self.rows.add("findings", finding_row(contents, found, method, self.examination.tool))
        for fault in result.faults:
            digest = contents.sha256 if contents else None
            self.rows.add(
                "failures", failure_row(self.examination.exhibit, result.item, self.paths[result.item], fault, digest)
            )
        self._count(result.item, contents.bytes_read if contents else 0, failed=bool(result.faults))

    def _belongs(self, result: Result) -> bool:
        if result.entry is None:
            return result.item in self.paths
        row = item_row(
            self.examination.exhibit, self.examination.source.source, result.entry, parent_item=result.parent_item
        )
        if row["item"] != result.item or result.parent_item not in self.paths:
            return False
        self.paths[result.item] = row["path"]
        self.rows.add("items", row)
        return True

    def _refusal(self, message: InnerRefusal) -> None:
        row = refusal_row(
            self.examination.exhibit, self.examination.source.source, message.refusal, step="open archive"
        )
        key = f"{row['item']} {row['kind']} {row['message']}"
        if key not in self.done:
            self.done.add(key)
            self.rows.add("failures", row)

    def _count(self, item: str, size_bytes: int, *, failed: bool) -> None:
        self.done.add(item)
        self.examination.tally.item(self.paths[item], size_bytes, failed=failed)

    def _finished(self, link: Link) -> bool:
        if self.waiting:
            self._send_more(link)
            return False
        missed = [each for each in self.items if each.item not in self.done]
        for each in missed:
            fault = Fault("list", "malformed", "listed before, not met again when its content was to be read")
            self._fail(each, fault)
            self._count(each.item, 0, failed=True)
        self._commit()
        return True

    def _give_up(self, fault: Fault) -> None:
        for each in self.items:
            if each.item not in self.done:
                self._fail(each, fault)
                self._count(each.item, 0, failed=True)
        self._commit()

    def _commit(self) -> None:
        for item in self.walking:  # what such an archive still holds nobody has listed
            fault = Fault(_EXPAND, "died", "not listed to its end: the worker that did it was lost")
            self.rows.add("failures", failure_row(self.examination.exhibit, item, self.paths[item], fault))
        self.examination.store.commit(self.unit, self.rows.tables())
        self.examination.seen.commit(self.unit)
        self.rows = Rows()


def _size_and_time(size_bytes: int | None, modified: datetime | None) -> str:
    return f"{size_bytes or 0:,} bytes, modified {modified.isoformat(' ') if modified else 'at no time'}"
