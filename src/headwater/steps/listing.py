"""Lists every item of a source into units: the same items, in the same order, each time."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from headwater.examine.messages import Done, Listed, ListEntries, Opened, Refused, ToBroker
from headwater.findings.parts import PartStore
from headwater.model.errors import EvidenceError
from headwater.model.item import Entry, Refusal
from headwater.steps.rows import Rows, item_row, refusal_row, source_failure_row
from headwater.steps.runner import Link, Loss, OpenSource


@dataclass(slots=True, kw_only=True)
class UnitWriter:
    """Cuts listed entries into units by count and bytes, and commits each once."""

    exhibit: str
    source: str
    prefix: str
    store: PartStore
    unit_items: int
    unit_bytes: int
    listed: Callable[[int], None]  # told how many more were listed
    items: int = 0
    _rows: Rows = field(default_factory=Rows)
    _number: int = 0
    _count: int = 0
    _bytes: int = 0
    _committed: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._committed = set(self.store.committed())

    def take(self, entry: Entry) -> None:
        """Append one entry; commits the unit when it is full."""
        self._rows.add("items", item_row(self.exhibit, self.source, entry))
        self.items += 1
        self._count += 1
        self._bytes += entry.size_bytes or 0
        if self._count >= self.unit_items or self._bytes >= self.unit_bytes:
            self._commit()

    def refuse(self, refusal: Refusal) -> None:
        """Append what could not be listed."""
        self._rows.add("failures", refusal_row(self.exhibit, self.source, refusal, step="list"))

    def fail(self, kind: str, message: str) -> None:
        """Append that the listing itself stopped."""
        self._rows.add("failures", source_failure_row(self.exhibit, self.source, kind, message, step="list"))

    def close(self) -> None:
        """Commit what is left."""
        self._commit()

    def _commit(self) -> None:
        tables = self._rows.tables()
        unit = f"{self.prefix}{self._number:06d}"
        if tables and unit not in self._committed:
            self.store.commit(unit, tables)
        self.listed(self._count)
        self._rows, self._count, self._bytes = Rows(), 0, 0
        self._number += 1


def list_folder(entries: Iterable[Entry | Refusal], writer: UnitWriter, tick: Callable[[], None]) -> None:
    """List a folder, which the broker walks itself: names only, nothing is read."""
    for each in entries:
        tick()
        if isinstance(each, Refusal):
            writer.refuse(each)
        else:
            writer.take(each)
    writer.close()


@dataclass(slots=True, kw_only=True)
class ListJob:
    """Lists an image or archive in a worker."""

    source: OpenSource
    writer_for: Callable[[], UnitWriter]
    shape: str = "{}"
    refused: str = ""
    items: int = 0
    _writer: UnitWriter | None = None

    def begin(self, link: Link) -> None:
        """Ask for the list."""
        self._writer = self.writer_for()
        link.open(self.source)
        link.send(ListEntries())

    def message(self, link: Link, message: ToBroker) -> bool:
        """Take a batch."""
        writer = self._now()
        match message:
            case Opened():
                self.shape = message.shape
            case Listed():
                for entry in message.entries:
                    writer.take(entry)
                for refusal in message.refusals:
                    writer.refuse(refusal)
            case Refused():
                self.refused = message.message
                writer.fail(message.kind, message.message)
                self._close(writer)
                return True
            case Done():
                self._close(writer)
                return True
            case _:
                raise EvidenceError(f"{type(message).__name__} is no answer to listing in {link.child.pid}")
        return False

    def lost(self, loss: Loss) -> bool:
        """The listing stops where the worker was lost: what was listed stays, and the stop is a Failure."""
        where = f" at {loss.position.locator}" if loss.position and loss.position.locator else ""
        writer = self._now()
        writer.fail(loss.kind, f"listing stopped after {writer.items} items{where}: {loss.message}")
        self._close(writer)
        return False

    def _now(self) -> UnitWriter:
        if self._writer is None:
            raise EvidenceError("listing has not begun")
        return self._writer

    def _close(self, writer: UnitWriter) -> None:
        writer.close()
        self.items = writer.items
