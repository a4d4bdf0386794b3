"""Examines the items of one unit inside the worker.

Read each once, ask which contents are new, examine those, descend into archives and disk images, and go through the
pictures inside pictures.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeVar

import msgspec

from headwater.evidence.embedded import EmbeddedReader
from headwater.evidence.open import open_inside
from headwater.evidence.reader import Content, Reader
from headwater.examine.decode import Decoding
from headwater.examine.examiner import Looker
from headwater.examine.intake import Held, add_md5, read_in
from headwater.examine.mark import Mark
from headwater.examine.materials import Loaded
from headwater.examine.messages import (
    Answer,
    Ask,
    Contents,
    Fault,
    Found,
    InnerRefusal,
    Message,
    PackedResults,
    Result,
    Skip,
    Walked,
    Walking,
    WorkSettings,
    pack_result,
)
from headwater.examine.run import examine_view, faults_told
from headwater.examine.view import View
from headwater.formats.embedded import Embedded
from headwater.model.errors import EvidenceError
from headwater.model.finding import Method
from headwater.model.item import WITH_CONTENT, Entry, Refusal
from headwater.model.locator import Locator, item_id
from headwater.sandbox.channel import MAXIMUM_PAYLOAD_BYTES

_BATCH_ITEMS = 64
_BATCH_BYTES = 16 << 20
_RESULTS, _RESULTS_BYTES = 8, 1 << 18  # sent together, unless the last is larger
_FRAME_BYTES = MAXIMUM_PAYLOAD_BYTES - 1024  # of all results in one message
_INNER_ENTRIES = 200_000
_NESTING_KINDS = frozenset({"zip", "tar", "gzip", "bzip2", "xz", "zstd", "raw"})
READ = "read"
EXPAND = "open archive"
CARRIED = "find embedded pictures"
_Found = TypeVar("_Found")


@dataclass(slots=True, kw_only=True)
class _Pending:
    entry: Entry
    place: str  # the locator's text
    item: str
    held: Held
    parent: str  # the item it was found inside; empty for one of the source itself


@dataclass(slots=True, kw_only=True)
class Desk:
    """What every part of one unit's work shares. `ask` waits for the broker's word; `send` only sends."""

    settings: WorkSettings
    examiners: Sequence[tuple[Looker, Method]]
    skips: dict[str, dict[str, Fault]]  # by item, then stage
    mark: Mark
    send: Callable[[Message], None]
    ask: Callable[[Ask], Answer]
    materials: Mapping[str, tuple[Loaded, ...]] = field(default_factory=dict)
    inner_entries: int = 0  # entries met inside the present top-level item
    results: list[msgspec.Raw] = field(default_factory=list)  # packed, not sent yet
    results_bytes: int = 0

    def result(self, result: Result) -> None:
        """Send a result, now or with others that follow it; one that no message holds goes without its findings."""
        packed = pack_result(result)
        if len(packed) > _FRAME_BYTES:
            packed = pack_result(_without_findings(result, len(packed)))
        size = len(packed)
        if self.results_bytes + size > _FRAME_BYTES:
            self.deliver()
        self.results.append(packed)
        self.results_bytes += size
        if len(self.results) >= _RESULTS or self.results_bytes >= _RESULTS_BYTES:
            self.deliver()

    def deliver(self) -> None:
        """Send the results that wait."""
        if self.results:
            self.send(PackedResults(tuple(self.results)))
            self.results, self.results_bytes = [], 0


def _without_findings(result: Result, size_bytes: int) -> Result:
    """The digests of an item, and a fault of the examiner that said the most."""
    longest = max(result.found, key=lambda found: len(found.seen.value), default=None)
    message = f"{len(result.found)} findings of {size_bytes} bytes are more than one message holds: none is recorded"
    fault = Fault(longest.examiner if longest else READ, "limit", message)
    return Result(result.item, result.parent_item, result.entry, result.contents, (), (*result.faults, fault))


def skips_by_item(skips: Sequence[Skip]) -> dict[str, dict[str, Fault]]:
    """The stages not to be tried again, by item and stage."""
    items: dict[str, dict[str, Fault]] = {}
    for skip in skips:
        items.setdefault(skip.item, {})[skip.stage] = Fault(skip.stage, skip.kind, skip.message)
    return items


class UnitExaminer:
    """Takes items, reads each once, and examines them batch by batch."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._batch: list[_Pending] = []
        self._held_bytes = 0

    def take(self, entry: Entry, open_content: Callable[[], Content], parent: str = "") -> None:
        """Read one item in, found inside `parent`. Its result is sent now, or with its batch."""
        place = str(entry.locator)
        item = item_id(self._desk.settings.exhibit, self._desk.settings.source, place)
        if entry.kind not in WITH_CONTENT:
            self._result(entry, item, parent)
            return
        if fault := self._desk.skips.get(item, {}).get(READ):
            self._result(entry, item, parent, faults=(fault,))
            return
        self._desk.mark.at(READ, place, item)
        try:
            with faults_told():
                held = self._read(entry, open_content)
        except EvidenceError as error:
            self._result(entry, item, parent, faults=(Fault(READ, error.kind, error.message),))
            return
        self._batch.append(_Pending(entry=entry, place=place, item=item, held=held, parent=parent))
        self._held_bytes += held.memory_bytes
        if len(self._batch) >= _BATCH_ITEMS or self._held_bytes >= _BATCH_BYTES or held.elsewhere:
            self.flush()

    def flush(self) -> None:
        """Examine what was read in."""
        batch, self._batch, self._held_bytes = self._batch, [], 0
        if not batch:
            return
        self._desk.mark.idle()
        add_md5([each.held for each in batch])
        held = [each for each in batch if each.held.source is not None]  # of the others another copy may be examined
        answer = self._desk.ask(Ask(tuple(each.held.contents.sha256 for each in held)))
        wanted = {id(each) for each, yes in zip(held, answer.examine, strict=True) if yes}
        carrying = []
        for pending in batch:
            pictures = self._examine(pending, wanted=id(pending) in wanted)
            if not pending.parent:
                self._desk.inner_entries = 0
            self._descend(pending)
            if pictures:
                carrying.append((pending, pictures))
            else:
                pending.held.release()
        self._go_through(carrying)
        self._desk.mark.idle()

    def _read(self, entry: Entry, open_content: Callable[[], Content]) -> Held:
        content = open_content()
        try:
            return read_in(
                content,
                _file_name(entry),
                spool_bytes=self._desk.settings.limits.nested_bytes,
                touch=self._desk.mark.touch,
            )
        finally:
            content.close()

    def _examine(self, pending: _Pending, *, wanted: bool) -> Sequence[Embedded]:
        """Send the result of one item; give the pictures that lie in it."""
        contents, source = pending.held.contents, pending.held.source
        found: list[Found] = []
        pictures: Sequence[Embedded] = ()
        faults = [_damage(contents, pending.held.fault)] if contents.damaged or pending.held.fault else []
        if source is None:
            faults.append(
                Fault(READ, "limit", f"{contents.bytes_read} bytes of a compressed stream: digested, not examined")
            )
        else:
            view = View(
                sha256=contents.sha256,
                size_bytes=contents.bytes_read,
                name=_file_name(pending.entry),
                media_type=contents.media_type,
                source=source,
                decoding=Decoding(max_pixels=self._desk.settings.max_pixels),
                materials=self._desk.materials,
                touch=self._desk.mark.touch,
            )
            if wanted:
                found, more = examine_view(
                    view,
                    self._desk.examiners,
                    skipped=self._desk.skips.get(pending.item, {}),
                    announce=lambda stage: self._desk.mark.at(stage, pending.place, pending.item),
                    excerpt_bytes=self._desk.settings.excerpt_bytes,
                )
                faults += more
            pictures, more = self._carried(pending, view)
            faults += more
        self._result(
            pending.entry,
            pending.item,
            pending.parent,
            contents=contents,
            found=tuple(found),
            faults=tuple(faults),
        )
        return pictures

    def _carried(self, pending: _Pending, view: View) -> tuple[Sequence[Embedded], list[Fault]]:
        """The pictures inside a picture, and why some or all of them are not among them."""
        if fault := self._desk.skips.get(pending.item, {}).get(CARRIED):
            return (), [fault]
        self._desk.mark.at(CARRIED, pending.place, pending.item)
        try:
            with faults_told():
                found = view.embedded()
        except EvidenceError as error:
            return (), [Fault(CARRIED, error.kind, error.message)]
        depth = self._desk.settings.limits.depth
        faults = [Fault(CARRIED, "limit", found.omitted)] if found.omitted else []
        if found.pictures and sum(each.kind == EmbeddedReader.kind for each in pending.entry.locator.layers) >= depth:
            return (), [*faults, Fault(CARRIED, "limit", f"pictures inside pictures are listed {depth} deep")]
        return found.pictures, faults

    def _go_through(self, carrying: Sequence[tuple[_Pending, Sequence[Embedded]]]) -> None:
        """Examine the pictures inside the pictures of one batch, as a batch of their own."""
        if not carrying:
            return
        self._desk.deliver()  # what was done is not to be lost with what comes
        for pending, _ in carrying:
            self._desk.send(Walking(pending.item))
        inner = UnitExaminer(self._desk)
        for pending, pictures in carrying:
            source = pending.held.source
            if source is not None:
                reader = EmbeddedReader(source, pictures, pending.entry.allocation)
                for entry in reader.entries():
                    inner.take(_entry_below(pending.entry.locator, entry), partial(reader.open, entry), pending.item)
            pending.held.release()
        inner.flush()
        for pending, _ in carrying:
            self._desk.send(Walked(pending.item))

    def _result(
        self,
        entry: Entry,
        item: str,
        parent: str,
        *,
        contents: Contents | None = None,
        found: tuple[Found, ...] = (),
        faults: tuple[Fault, ...] = (),
    ) -> None:
        self._desk.mark.idle()
        self._desk.result(Result(item, parent, entry if parent else None, contents, found, faults))

    def _descend(self, pending: _Pending) -> None:
        """List and examine what an archive or a disk image holds."""
        source, locator = pending.held.source, pending.entry.locator
        if source is None:
            return
        if fault := self._desk.skips.get(pending.item, {}).get(EXPAND):
            self._refuse(pending.item, Refusal(locator=locator, kind=fault.kind, message=fault.message))
            self._desk.send(Walked(pending.item))  # it may have been begun before
            return
        limits, touch = self._desk.settings.limits, self._desk.mark.touch
        opened = open_inside(source, outer_name=_file_name(pending.entry), limits=limits, touch=touch)
        try:
            for found in self._each(pending, opened):
                if isinstance(found, EvidenceError):
                    self._refuse(pending.item, Refusal(locator=locator, kind=found.kind, message=found.message))
                else:
                    self._walk(pending, found)
        except EvidenceError as error:
            self._refuse(pending.item, Refusal(locator=locator, kind=error.kind, message=error.message))
            self._desk.send(Walked(pending.item))

    def _each(self, pending: _Pending, found: Iterator[_Found]) -> Iterator[_Found]:
        """Everything a reader finds in an item, with the mark on that item while it looks. Raises EvidenceError."""
        while True:
            self._desk.mark.at(EXPAND, pending.place, pending.item)
            with faults_told():
                each = next(found, None)
            if each is None:
                return
            yield each

    def _walk(self, pending: _Pending, reader: Reader) -> None:
        locator, depth = pending.entry.locator, self._desk.settings.limits.depth
        images = sum(layer.kind == "e01" for layer in locator.layers[1:])  # the first is the source itself
        if images + sum(layer.kind in _NESTING_KINDS for layer in locator.layers) >= depth:
            message = f"archives are opened {depth} deep; this one lies deeper"
            self._refuse(pending.item, Refusal(locator=locator, kind="limit", message=message))
            return
        self._desk.deliver()  # what was done is not to be lost with what comes
        self._desk.send(Walking(pending.item))
        inner = UnitExaminer(self._desk)
        try:
            self._take_each(pending, reader, inner)
        finally:
            inner.flush()  # what was read before an error is examined all the same
        self._desk.send(Walked(pending.item))

    def _take_each(self, pending: _Pending, reader: Reader, inner: "UnitExaminer") -> None:
        locator = pending.entry.locator
        for entry in self._each(pending, reader.entries()):
            self._desk.inner_entries += 1
            if self._desk.inner_entries > _INNER_ENTRIES:
                message = f"more than {_INNER_ENTRIES} entries inside one item; the rest is not listed"
                self._refuse(pending.item, Refusal(locator=locator, kind="limit", message=message))
                return
            if isinstance(entry, Refusal):
                self._refuse(pending.item, _below(locator, entry))
            else:
                inner.take(_entry_below(locator, entry), partial(reader.open, entry), pending.item)

    def _refuse(self, item: str, refusal: Refusal) -> None:
        self._desk.send(InnerRefusal(item, refusal))


def _file_name(entry: Entry) -> bytes:
    return entry.locator.layers[-1].name.rsplit(b"/", 1)[-1]


def _damage(contents: Contents, fault: EvidenceError | None) -> Fault:
    if fault:
        return Fault(READ, fault.kind, fault.message)
    lost = sum(bad.length_bytes for bad in contents.damaged)
    where = ", ".join(f"{bad.offset_bytes}+{bad.length_bytes}" for bad in contents.damaged[:8])
    return Fault(READ, "damaged", f"{lost} bytes could not be read (offset+length: {where}); read as zeros")


def _entry_below(outer: Locator, entry: Entry) -> Entry:
    return replace(entry, locator=Locator(layers=(*outer.layers, *entry.locator.layers)))


def _below(outer: Locator, refusal: Refusal) -> Refusal:
    return replace(refusal, locator=Locator(layers=(*outer.layers, *refusal.locator.layers)))
