"""Lists every item of a source into units: the same items, in the same order, each time."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import zip_longest

import msgspec
import pyarrow as pa

from headwater.examine.messages import Done, Listed, ListEntries, Opened, Refused, ToBroker
from headwater.findings.parts import PartStore, committed_units, read_part, table_of
from headwater.model.canonical import Json
from headwater.model.errors import DoesNotVerify, EvidenceError
from headwater.model.item import Entry, Refusal
from headwater.steps.rows import Row, Rows, item_row, refusal_row, source_failure_row
from headwater.steps.runner import Link, Loss, OpenSource
from headwater.steps.stopped_volumes import StoppedVolumes

_TRIES = 3  # with a fresh worker each
_ANY_SIZE = 1 << 63


@dataclass(slots=True, kw_only=True)
class UnitWriter:
    """Cuts listed entries into units by count and bytes, and commits each once.

    A unit that an earlier run committed is cut where it was cut then, whatever the settings say now, and compared.
    Where the evidence does not list as it did, every method raises DoesNotVerify.
    """

    exhibit: str
    source: str
    prefix: str
    store: PartStore
    unit_items: int
    unit_bytes: int
    listed: Callable[[int], None]  # told how many more were listed
    source_bytes: int | None = None  # no entry weighs more, whatever size it claims; None for a folder
    items: int = 0
    _rows: Rows = field(default_factory=Rows)
    _number: int = 0
    _count: int = 0
    _bytes: int = 0
    _sealed: dict[str, dict[str, int]] = field(default_factory=dict)  # unit: table: rows

    def __post_init__(self) -> None:
        self._sealed = sealed_units(self.store, self.prefix)

    def take(self, entry: Entry) -> None:
        """Append one entry; commits the unit when it is full."""
        while self._unit in self._sealed and self._count >= self._sealed[self._unit].get("items", 0):
            self._cut()
        self._rows.add("items", item_row(self.exhibit, self.source, entry))
        self.items += 1
        self._count += 1
        self._bytes += min(entry.size_bytes or 0, self.source_bytes or _ANY_SIZE)
        is_full = self._count >= self.unit_items or self._bytes >= self.unit_bytes
        if is_full and self._unit not in self._sealed:
            self._cut()

    def refuse(self, refusal: Refusal) -> None:
        """Append what could not be listed."""
        self._rows.add("failures", refusal_row(self.exhibit, self.source, refusal, step="list"))

    def fail(self, kind: str, message: str) -> None:
        """Append that the listing itself stopped."""
        self._rows.add("failures", source_failure_row(self.exhibit, self.source, kind, message, step="list"))

    def close(self) -> None:
        """Commit what is left: the list is complete."""
        while self._unit in self._sealed:
            self._cut()
        self._cut()

    def stop(self, kind: str, message: str) -> None:
        """Commit what is new, and the reason as a Failure: the list is not complete."""
        if self._unit in self._sealed:
            self._rows, self._count, self._number = Rows(), 0, len(self._sealed)
        self.fail(kind, message)
        self._cut()

    @property
    def _unit(self) -> str:
        return f"{self.prefix}{self._number:06d}"

    def _cut(self) -> None:
        tables = self._rows.tables()
        self._rows = Rows()
        if self._unit in self._sealed:
            self._compare(tables)
            for row in self._not_sealed(tables):
                self._rows.add("failures", row)
        elif tables:
            self.store.commit(self._unit, tables)
        self.listed(self._count)
        self._count, self._bytes = 0, 0
        self._number += 1

    def _compare(self, tables: Mapping[str, pa.Table]) -> None:
        columns = ["item", "path"]
        now = tables["items"].select(columns).to_pylist() if "items" in tables else []
        for was, found in zip_longest(self._read("items", columns), now):
            if was != found:
                raise self._differs((was or found)["path"])

    def _not_sealed(self, tables: Mapping[str, pa.Table]) -> Iterator[Row]:
        """Refusals that are not in the sealed unit: they came after its last item, and belong to the next one."""
        columns = ["item", "kind", "message"]
        sealed = Counter(tuple(row.values()) for row in self._read("failures", columns))
        for row in tables["failures"].to_pylist() if "failures" in tables else ():
            key = tuple(row[column] for column in columns)
            if sealed[key]:
                sealed[key] -= 1
            else:
                yield row

    def _read(self, table: str, columns: list[str]) -> list[Row]:
        if not self._sealed[self._unit].get(table):
            return []
        rows: list[Row] = read_part(self.store.folder / f"part-{self._unit}-{table}.parquet", columns).to_pylist()
        return rows

    def _differs(self, path: str) -> DoesNotVerify:
        return DoesNotVerify(
            f"{self.source} does not list as it did before the listing was interrupted; the first difference is {path}",
            names=(path,),
            next_step="The evidence has changed. List it anew: under another reference (--exhibit REF), "
            "or in another workspace.",
        )


def sealed_units(store: PartStore, prefix: str) -> dict[str, dict[str, int]]:
    """The listed units of a source that count already, with the rows of each of their tables."""
    return {
        unit: {table_of(file): file.rows or 0 for file in files}
        for unit, files in sorted(committed_units(store.folder).items())
        if re.fullmatch(re.escape(prefix) + r"\d{6}", unit)
    }


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
    shape: Mapping[str, Json] = field(default_factory=dict)
    refused: str = ""
    incomplete: str = ""  # why the list is not complete
    items: int = 0
    _writer: UnitWriter | None = None
    _losses: int = 0
    _stopped: StoppedVolumes = field(default_factory=StoppedVolumes)

    def begin(self, link: Link) -> None:
        """Ask for the list."""
        self._writer = self.writer_for()
        self._stopped = StoppedVolumes()
        link.open(self.source)
        link.send(ListEntries())

    def message(self, link: Link, message: ToBroker) -> bool:
        """Take a batch."""
        writer = self._now()
        match message:
            case Opened():
                self.shape = msgspec.json.decode(message.shape, type=dict[str, object])
            case Listed():
                self._stopped.take(message.entries, message.refusals)
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
                self.shape = self._stopped.told(self.shape)
                self._close(writer)
                return True
            case _:
                raise EvidenceError(f"{type(message).__name__} is no answer to listing in {link.child.pid}")
        return False

    def lost(self, loss: Loss) -> bool:
        """Begun again, twice; then what was listed stays, and the stop is a Failure."""
        self._losses += 1
        if self._losses < _TRIES:
            return True
        writer = self._now()
        where = f" at {loss.position.locator}" if loss.position and loss.position.locator else ""
        self.incomplete = f"listing stopped after {writer.items:,} items{where}: {loss.message}"
        writer.stop(loss.kind, self.incomplete)
        self.items = writer.items
        self.shape = self._stopped.told(self.shape)
        return False

    def _now(self) -> UnitWriter:
        if self._writer is None:
            raise EvidenceError("listing has not begun")
        return self._writer

    def _close(self, writer: UnitWriter) -> None:
        writer.close()
        self.items = writer.items
