"""A known set on disk: every record as its source has it, found by digest or by near hash, opened without loading."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

import msgspec
import numpy as np
from numpy.typing import NDArray

from headwater.match.digest_table import Digests, Numbers, Table, TableWriter
from headwater.match.nsrl import Database, check_unchanged, read_records
from headwater.match.nsrl_delta import OVERLAY, Changes
from headwater.match.pairs import HASH_BYTES, Hashes
from headwater.match.sides import FRAME, Labels
from headwater.model.errors import HeadwaterError
from headwater.model.known import WIDTHS, Frame, Record, Refused
from headwater.model.photodna import value_of

NEAR = "near"  # the folder of the index of near hashes, inside a set's
ABOUT = "set.json"
_RECORDS, _PLACES, _REFUSED = "records.jsonl", "records.places", "refused.jsonl"
_PDQ, _LABELS, _HASHES = "pdq.records", "pdq.labels", "pdq.hashes"
_PHOTODNA, _PHOTODNA_OWNERS = "photodna.values", "photodna.records"
_WAITING = 1 << 14  # records whose digests wait to be put away


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """How much a set holds: records, what was refused, rows of each digest, hashes of looks, videos, PhotoDNA values.

    database: where the records are, if not here. changes: what deltas changed of it; none without deltas.
    """

    records: int
    refused: int
    digests: dict[str, int]
    hashes: int
    videos: int
    photodna: int = 0
    database: Database | None = None
    changes: Changes | None = None


class StoreBuilder:
    """Writes a set into an empty folder. A context manager; without `finish` the folder is no set.

    Memory: a few thousand records, whatever the number.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._tables = {kind: TableWriter(folder, kind, width) for kind, width in WIDTHS.items()}
        self._waiting: dict[str, list[tuple[str, int]]] = {kind: [] for kind in WIDTHS}
        names = (_RECORDS, _PLACES, _REFUSED, _PDQ, _LABELS, _HASHES, _PHOTODNA, _PHOTODNA_OWNERS)
        self._files: dict[str, BinaryIO] = {name: (folder / name).open("xb") for name in names}
        self._records = self._refused = self._hashes = self._videos = self._photodna = self._at = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for file in self._files.values():
            file.close()

    def add(self, record: Record) -> None:
        """Keep one record, and everything it can be found by."""
        number = self._records
        data = msgspec.json.encode(record) + b"\n"
        self._files[_RECORDS].write(data)
        self._files[_PLACES].write(self._at.to_bytes(8, "little"))
        self._at += len(data)
        self._records += 1
        for kind in WIDTHS:
            if digest := getattr(record, kind):
                self._waiting[kind].append((digest, number))
                if len(self._waiting[kind]) >= _WAITING:
                    self._put(kind)
        for label, text in enumerate((record.pdq, *record.parts)):
            if text:
                self._add_hash(text, number, label)
        for frame in frames_kept(record):
            self._add_hash(frame.pdq, number, FRAME)
        self._videos += bool(record.frames)
        if value := value_of(record.photodna):
            self._files[_PHOTODNA].write(value)
            self._files[_PHOTODNA_OWNERS].write(number.to_bytes(4, "little"))
            self._photodna += 1

    def refuse(self, refused: Refused) -> None:
        """Keep what never matches, with its line and reason."""
        self._files[_REFUSED].write(msgspec.json.encode(refused) + b"\n")
        self._refused += 1

    def add_digests(self, kind: str, digests: Digests, numbers: Numbers) -> None:
        """Digests of records that are kept elsewhere, such as in a database that is used in place."""
        self._tables[kind].add(digests, numbers)

    @property
    def overlay(self) -> Path:
        """Where an overlay of the database belongs, if there is one."""
        return self._folder / OVERLAY

    def finish(self, database: Database | None = None, rows: int = 0, changes: Changes | None = None) -> Counts:
        """Sort and write everything but the index of near hashes. database: which has the records, that many rows."""
        for kind in WIDTHS:
            self._put(kind)
        for file in self._files.values():
            file.flush()
        counts = Counts(
            records=self._records + rows,
            refused=self._refused,
            digests={kind: table.finish() for kind, table in self._tables.items()},
            hashes=self._hashes,
            videos=self._videos,
            photodna=self._photodna,
            database=database,
            changes=changes,
        )
        (self._folder / ABOUT).write_bytes(msgspec.json.encode(counts))
        return counts

    def take_hashes(self) -> Hashes:
        """The hashes that were added, (n, 32), for an index to be built of; their file is gone afterwards."""
        path = self._folder / _HASHES
        hashes = np.fromfile(path, np.uint8).reshape(-1, HASH_BYTES)
        path.unlink()
        return hashes

    def _put(self, kind: str) -> None:
        if waiting := self._waiting[kind]:
            digests = np.frombuffer(bytes.fromhex("".join(digest for digest, _ in waiting)), np.uint8)
            numbers = np.array([number for _, number in waiting], np.int64)
            self._tables[kind].add(digests.reshape(-1, WIDTHS[kind]), numbers)
            self._waiting[kind] = []

    def _add_hash(self, text: str, number: int, label: int) -> None:
        self._files[_HASHES].write(bytes.fromhex(text))
        self._files[_PDQ].write(number.to_bytes(4, "little"))
        self._files[_LABELS].write(bytes((label,)))
        self._hashes += 1


class Store:
    """A set, open. Nothing of it is loaded: look-ups read where they must."""

    def __init__(self, folder: Path) -> None:
        """Open it. Raises HeadwaterError where a file is missing or of another length."""
        self.folder = folder
        try:
            self.counts = msgspec.json.decode((folder / ABOUT).read_bytes(), type=Counts)
            self._tables = {
                kind: Table(folder, kind, width, self.counts.digests[kind]) for kind, width in WIDTHS.items()
            }
            kept = 0 if self.counts.database else self.counts.records
            self._places = _numbers(folder / _PLACES, "<u8", kept)
            self._pdq = _numbers(folder / _PDQ, "<u4", self.counts.hashes)
            self._labels = _numbers(folder / _LABELS, "u1", self.counts.hashes)
        except (OSError, KeyError, msgspec.MsgspecError) as error:
            raise HeadwaterError(f"a known set is damaged: {error}") from error
        if self.counts.database:
            check_unchanged(self.counts.database)

    def look_up(self, kind: str, digests: Digests) -> tuple[Numbers, Numbers]:
        """Rows of `digests`, (n, width of the kind), and the numbers of the records that have them."""
        return self._tables[kind].look_up(digests)

    def missing_in(self, other: "Store") -> dict[str, int]:
        """Of each kind of digest how many different ones of this set the other has not."""
        return {kind: _missing(table, other._tables[kind]) for kind, table in self._tables.items()}  # noqa: SLF001

    def records(self, numbers: Iterable[int]) -> Iterator[Record]:
        """Records by number, as their source has them, in the order asked for.

        Raises HeadwaterError where the database that has them was changed.
        """
        if self.counts.database:
            overlay = self.folder / OVERLAY if self.counts.changes else None
            yield from read_records(self.counts.database, numbers, overlay)
            return
        with (self.folder / _RECORDS).open("rb") as file:
            for number in numbers:
                file.seek(int(self._places[number]))
                yield msgspec.json.decode(file.readline(), type=Record)

    def refused(self) -> Iterator[Refused]:
        """Every row and value that never matches, in the order of the source."""
        with (self.folder / _REFUSED).open("rb") as file:
            for line in file:
                yield msgspec.json.decode(line, type=Refused)

    def hash_owners(self) -> tuple[Numbers, Labels]:
        """For each hash of the index the number of its record, ascending, and its label, as `match.sides` has them."""
        return self._pdq.astype(np.int64), np.asarray(self._labels, np.uint8)

    def photodna_owners(self) -> Numbers:
        """For each PhotoDNA value the number of its record, ascending."""
        return _numbers(self.folder / _PHOTODNA_OWNERS, "<u4", self.counts.photodna).astype(np.int64)

    @property
    def photodna_values(self) -> Path:
        """The file of all PhotoDNA values, one after the other."""
        return self.folder / _PHOTODNA

    @property
    def near_folder(self) -> Path | None:
        """Where the index of near hashes lies; none where the set has no hash."""
        return self.folder / NEAR if self.counts.hashes else None


def _missing(table: Table, other: Table) -> int:
    count, last = 0, None
    for digests in table.digests():
        is_new = np.ones(len(digests), np.bool_)
        is_new[1:] = (digests[1:] != digests[:-1]).any(axis=1)
        is_new[0] = last is None or bool((digests[0] != last).any())
        last = digests[-1]
        found, _ = other.look_up(digests)
        is_new[found] = False
        count += int(np.count_nonzero(is_new))
    return count


def frames_kept(record: Record) -> tuple[Frame, ...]:
    """The frames of a record that have a hash of their own, in their order: of equal ones the first."""
    return tuple({frame.pdq: frame for frame in reversed(record.frames)}.values())[::-1]


def _numbers(path: Path, kind: str, rows: int) -> NDArray[Any]:
    wanted = rows * np.dtype(kind).itemsize
    if path.stat().st_size != wanted:
        raise HeadwaterError(f"a known set is damaged: {path.name} has {path.stat().st_size} bytes, not {wanted}")
    return np.memmap(path, kind, "r") if rows else np.empty(0, kind)
