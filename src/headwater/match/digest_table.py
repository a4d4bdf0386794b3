"""Digests on disk, sorted, each with the number of its record: written in bounded memory, looked up without loading.

A table is three files of equal length: the first eight bytes of each digest as a number, the rest of it, and the
record. Of 200 million SHA-1 values that is 4.8 GB, of which a look-up touches a few pages.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headwater.model.errors import HeadwaterError

_HEAD_BYTES, _NUMBER_BYTES = 8, 4
_SPILLED = 1 << 18  # entries kept before they are put by their first byte
_SORTED_BYTES = 256 << 20  # of a bucket that is sorted at once; a larger one is split by its next byte
_READ_ROWS = 1 << 20
Digests = NDArray[np.uint8]  # (number, width)
Numbers = NDArray[np.int64]


class TableWriter:
    """Collects digests of one width in buckets beside `folder`/`name`; `finish` writes the table."""

    def __init__(self, folder: Path, name: str, width: int) -> None:
        self._folder, self._name, self._width = folder, name, width
        self._buckets = folder / f"{name}.buckets"
        self._waiting: list[NDArray[np.uint8]] = []
        self._held = 0
        self.rows = 0

    def add(self, digests: Digests, numbers: Numbers) -> None:
        """Add digests, (n, width), of the records `numbers`, each below 2**32."""
        if not len(digests):
            return
        if int(numbers.max()) >= 1 << 32:
            raise HeadwaterError("a known set has at most 4,294,967,295 records")
        entries = np.empty((len(digests), self._width + _NUMBER_BYTES), np.uint8)
        entries[:, : self._width] = digests
        entries[:, self._width :] = numbers.astype("<u4").view(np.uint8).reshape(-1, _NUMBER_BYTES)
        self._waiting.append(entries)
        self._held += len(entries)
        self.rows += len(entries)
        if self._held >= _SPILLED:
            self._spill()

    def finish(self) -> int:
        """Write the table, remove the buckets, and return the number of its rows."""
        self._spill()
        files = [(self._folder / f"{self._name}.{part}").open("xb") for part in ("heads", "rests", "records")]
        try:
            for entries in _sorted_entries(self._buckets, self._width, 0):
                for file, column in zip(files, _columns(entries, self._width), strict=True):
                    file.write(column)
        finally:
            for file in files:
                file.close()
        return self.rows

    def _spill(self) -> None:
        if self._waiting:
            _put(self._buckets, np.concatenate(self._waiting), 0)
        self._waiting, self._held = [], 0


def _put(folder: Path, entries: NDArray[np.uint8], byte: int) -> None:
    """Append entries to one file a value of their `byte`-th byte."""
    folder.mkdir(exist_ok=True)
    ordered = entries[np.argsort(entries[:, byte], kind="stable")]
    values, starts = np.unique(ordered[:, byte], return_index=True)
    for value, part in zip(values.tolist(), np.split(ordered, starts[1:]), strict=True):
        with (folder / f"{value:02x}").open("ab") as file:
            file.write(part.tobytes())


def _sorted_entries(folder: Path, width: int, byte: int) -> Iterator[NDArray[np.uint8]]:
    """Everything in the buckets of a folder in order, some at a time; each bucket is removed when it was read."""
    if not folder.exists():
        return
    for bucket in sorted(folder.iterdir()):
        if bucket.stat().st_size > _SORTED_BYTES and byte + 1 < _HEAD_BYTES:
            deeper = bucket.with_name(f"{bucket.name}.split")
            for part in _blocks(bucket, width):
                _put(deeper, part, byte + 1)
            bucket.unlink()
            yield from _sorted_entries(deeper, width, byte + 1)
        else:
            entries = np.fromfile(bucket, np.uint8).reshape(-1, width + _NUMBER_BYTES)
            bucket.unlink()
            yield entries[np.argsort(_heads(entries), kind="stable")]
    folder.rmdir()


def _blocks(bucket: Path, width: int) -> Iterator[NDArray[np.uint8]]:
    with bucket.open("rb") as file:
        while len(block := np.fromfile(file, np.uint8, _READ_ROWS * (width + _NUMBER_BYTES))):
            yield block.reshape(-1, width + _NUMBER_BYTES)


def _heads(entries: NDArray[np.uint8]) -> NDArray[np.uint64]:
    return np.ascontiguousarray(entries[:, :_HEAD_BYTES]).view(">u8").ravel().astype(np.uint64)


def _columns(entries: NDArray[np.uint8], width: int) -> tuple[bytes, bytes, bytes]:
    return _heads(entries).tobytes(), entries[:, _HEAD_BYTES:width].tobytes(), entries[:, width:].tobytes()


class Table:
    """A table that is looked up where it lies. Raises HeadwaterError where its files do not belong together."""

    def __init__(self, folder: Path, name: str, width: int, rows: int) -> None:
        rest = width - _HEAD_BYTES
        self._heads: NDArray[np.uint64] = _mapped(folder / f"{name}.heads", "<u8", (rows,))
        self._rests: NDArray[np.uint8] = _mapped(folder / f"{name}.rests", "u1", (rows, rest))
        self._records: NDArray[np.uint32] = _mapped(folder / f"{name}.records", "<u4", (rows,))

    def look_up(self, digests: Digests) -> tuple[Numbers, Numbers]:
        """Rows of `digests` and the records that have them; a digest may have several, most have none."""
        heads = _heads(digests)
        order = np.argsort(heads, kind="stable")  # neighbours on disk are asked for one after the other
        first = np.searchsorted(self._heads, heads[order], side="left")
        last = np.searchsorted(self._heads, heads[order], side="right")
        counts = last - first
        rows = np.repeat(order, counts)
        places = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts) + np.repeat(first, counts)
        same = (self._rests[places] == digests[rows][:, _HEAD_BYTES:]).all(axis=1)
        return rows[same].astype(np.int64), self._records[places[same]].astype(np.int64)

    def digests(self) -> Iterator[Digests]:
        """Every digest in order, some at a time; one of several records as often."""
        for first in range(0, len(self._heads), _READ_ROWS):
            span = slice(first, first + _READ_ROWS)
            heads = self._heads[span].astype(">u8").view(np.uint8).reshape(-1, _HEAD_BYTES)
            yield np.concatenate([heads, self._rests[span]], axis=1)


def _mapped(path: Path, kind: str, shape: tuple[int, ...]) -> NDArray[Any]:
    wanted = int(np.prod(shape)) * np.dtype(kind).itemsize
    if path.stat().st_size != wanted:
        raise HeadwaterError(f"a known set is damaged: {path.name} has {path.stat().st_size} bytes, not {wanted}")
    return np.memmap(path, kind, "r", shape=shape) if wanted else np.empty(shape, kind)
