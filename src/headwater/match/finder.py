"""The search for near hashes as the broker sees it: asked of a jailed worker, which alone loads the kernels."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Self

import msgspec
import numpy as np

from headwater.match.asks import END, FAULT, FILES, Ask, Build, Hold, Load, Near
from headwater.match.pairs import HASH_BYTES, Hashes, Pairs, unpack
from headwater.model.errors import HeadwaterError
from headwater.model.known import RADIUS_BITS
from headwater.sandbox.child import Child
from headwater.sandbox.limits import JailLimits
from headwater.seal.files import read_only

_MODULE = "headwater.match.near_worker"
_BYTES_A_HASH = 320  # address space, with what a build needs for the moment
_LEAST_BYTES = 4 << 30
_FILE_BYTES = 1 << 40
_FEW_PAIRS = 1 << 24
_COMPARED = 1 << 18  # pairs at a time
_SECONDS = 6 * 3600.0  # for one answer: all pairs of many millions take as long


class Finder:
    """Searches in one worker, started when it is first asked. A context manager; not for two threads at once.

    cache_folder: where compiled kernels are kept.
    """

    def __init__(self, *, unsafe: bool, cache_folder: Path) -> None:
        self._unsafe = unsafe
        self._environment = {"NUMBA_CACHE_DIR": str(cache_folder)}
        self._child: Child | None = None
        self._room_bytes = 0
        self._held: Path | Hashes | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the worker."""
        if self._child is not None:
            self._child.kill()
            self._child = None
        self._held = None

    def build(self, hashes: Hashes, folder: Path) -> None:
        """Write an index over `hashes`, (number, 32) bytes, into `folder`, which must be there.

        Each build is checked against brute force. Raises HeadwaterError where it cannot be made.
        """
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        source = _memory(hashes)
        targets: list[int] = []
        try:
            targets.extend(os.open(folder / name, flags, 0o600) for name in FILES)
            self._last(Build(), [source, *targets], len(hashes))
            for descriptor in targets:
                os.fsync(descriptor)
        finally:
            _close([source, *targets])

    def near(self, among: Path | Hashes, queries: Hashes, radius_bits: int = RADIUS_BITS) -> Iterator[Pairs]:
        """Every pair of a query and a hash `among` those of an index's folder, or of an array; each once.

        Batches of at most a million pairs; `query` and `place` are rows. Few are compared here, each with each: a
        worker would take longer to start. Raises HeadwaterError where a search fails.
        """
        if self._child is None and not isinstance(among, Path) and len(among) * len(queries) <= _FEW_PAIRS:
            yield from compared(among, queries, radius_bits)
            return
        self._hold(among)
        source = _memory(queries)
        try:
            yield from self._ask(Near(radius_bits=radius_bits), [source], len(queries))
        finally:
            os.close(source)

    def _hold(self, among: Path | Hashes) -> None:
        if self._child is not None and self._held is among:
            return
        if isinstance(among, Path):
            files = [read_only(among / name) for name in FILES]
            number = os.fstat(files[0]).st_size // HASH_BYTES
        else:
            files, number = [_memory(among)], len(among)
        try:
            self._last(Load() if isinstance(among, Path) else Hold(), files, number)
        finally:
            _close(files)
        self._held = among

    def _last(self, ask: Ask, descriptors: Sequence[int], number: int) -> None:
        for _ in self._ask(ask, descriptors, number):
            raise HeadwaterError("the worker that searches near hashes gave pairs that nobody asked for")

    def _ask(self, ask: Ask, descriptors: Sequence[int], number: int) -> Iterator[Pairs]:
        child = self._ready(number)
        finished = False
        try:
            child.channel.send(msgspec.json.encode(ask), descriptors)
            while (payload := self._receive(child)) != END:
                if payload.startswith(FAULT):
                    finished = True
                    raise HeadwaterError(f"near hashes: {payload.removeprefix(FAULT).decode('utf-8', 'replace')}")
                yield unpack(payload)
            finished = True
        except EOFError:
            raise HeadwaterError(f"the worker that searches near hashes {child.end()}") from None
        finally:
            if not finished:
                self.close()

    def _receive(self, child: Child) -> bytes:
        message = child.channel.receive(_SECONDS)
        if message is None:
            raise HeadwaterError(f"the worker that searches near hashes gave no answer for {_SECONDS / 3600:.0f} hours")
        return message.payload

    def _ready(self, number: int) -> Child:
        """The worker, with room for that many more hashes; a new one where it has not."""
        wanted = _LEAST_BYTES + number * _BYTES_A_HASH
        if self._child is None or self._room_bytes < wanted:
            held = self._held
            self.close()
            self._room_bytes = wanted
            limits = JailLimits(address_space_bytes=2 * wanted, file_bytes=_FILE_BYTES)
            self._child = Child.start(_MODULE, unsafe=self._unsafe, limits=limits, environment=self._environment)
            self._child.wait_ready()
            if held is not None:
                self._hold(held)
        return self._child


def compared(hashes: Hashes, queries: Hashes, radius_bits: int) -> Iterator[Pairs]:
    """Every pair of a query and a hash at most that far apart, by comparing each with each."""
    rows = max(1, _COMPARED // max(1, len(hashes)))
    words = np.ascontiguousarray(hashes).view(np.uint64)
    for first in range(0, len(queries), rows):
        some = np.ascontiguousarray(queries[first : first + rows]).view(np.uint64)
        bits = np.bitwise_count(some[:, None] ^ words[None]).sum(axis=2, dtype=np.uint16)
        query, place = np.nonzero(bits <= radius_bits)
        if len(query):
            yield Pairs(query=query + first, place=place, distance_bits=bits[query, place])


def _memory(hashes: Hashes) -> int:
    """The hashes in memory that has a descriptor, for the worker to map."""
    descriptor = os.memfd_create("headwater-hashes", os.MFD_CLOEXEC)
    rest = np.ascontiguousarray(hashes).data.cast("B") if len(hashes) else memoryview(b"")
    while rest:
        rest = rest[os.write(descriptor, rest[: 1 << 30]) :]
    return descriptor


def _close(descriptors: Sequence[int]) -> None:
    for descriptor in descriptors:
        os.close(descriptor)
