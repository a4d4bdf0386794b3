from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from headwater.evidence.archive import open_archive
from headwater.evidence.archive.inflow import Inflow
from headwater.evidence.reader import Limits
from headwater.model.errors import EvidenceError
from headwater.model.item import ByteRange, Entry, ItemKind, Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Bytes:
    """A ByteSource over bytes."""

    data: bytes
    bad: tuple[ByteRange, ...] = ()

    @property
    def size_bytes(self):
        return len(self.data)

    def read_at(self, offset_bytes, length_bytes):
        assert offset_bytes >= 0
        assert length_bytes >= 0
        return self.data[offset_bytes : offset_bytes + length_bytes]

    def bad_ranges(self):
        return self.bad


@dataclass(slots=True, kw_only=True)
class Expanded:
    """Everything one archive gave: contents by name, entries, and every complaint as (kind, message)."""

    kind: str
    entries: list[Entry] = field(default_factory=list)
    files: list[tuple[bytes, bytes]] = field(default_factory=list)
    problems: list[tuple[str, str]] = field(default_factory=list)
    faults: list[tuple[bytes, str]] = field(default_factory=list)  # of contents that were given
    damaged: list[bytes] = field(default_factory=list)
    ranges: list[ByteRange] = field(default_factory=list)

    @property
    def complaints(self):
        return len(self.problems) + len(self.damaged) + len(self.faults)

    def kinds(self):
        return {kind for kind, _ in self.problems}


def _expand(data, name=b"outer", limits=None, bad=()):
    source = Bytes(data=data, bad=bad)
    reader = open_archive(source, head=data[:65536], outer_name=name, limits=limits or Limits())
    if reader is None:
        return None
    result = Expanded(kind=reader.kind)
    for entry in reader.entries():
        if isinstance(entry, Refusal):
            result.problems.append((entry.kind, entry.message))
            continue
        result.entries.append(entry)
        if entry.kind is ItemKind.FILE:
            _read(reader, entry, result)
    return result


def _read(reader, entry, result):
    name = entry.locator.layers[-1].name
    blocks = []
    try:
        content = reader.open(entry)
        while block := content.read(10_000):
            blocks.append(block)
    except EvidenceError as error:
        result.problems.append((error.kind, error.message))
        return
    result.files.append((name, b"".join(blocks)))
    if content.fault:
        result.faults.append((name, content.fault.message))
    if content.damaged():
        result.damaged.append(name)
        result.ranges += content.damaged()


@pytest.fixture(scope="session")
def expand() -> Callable[..., Expanded | None]:
    """Open an archive given as bytes and read all of it. Lets nothing but EvidenceError pass by."""
    return _expand


def _outcome(data):
    try:
        return _expand(data)
    except EvidenceError as error:
        return error.kind, error.message


@pytest.fixture(scope="session")
def check_steady() -> Callable[[bytes], None]:
    """Whatever the bytes: nothing but EvidenceError, and twice the same."""

    def check(data):
        assert _outcome(data) == _outcome(data)

    return check


@pytest.fixture(scope="session")
def source_of() -> Callable[[bytes], Bytes]:
    """Bytes as a ByteSource."""
    return lambda data: Bytes(data=data)


@pytest.fixture
def unpacked_bytes(monkeypatch) -> Callable[[], int]:
    """Say how many bytes all decompressors gave so far."""
    total = 0
    read = Inflow.read

    def counted(self, length_bytes):
        nonlocal total
        data = read(self, length_bytes)
        total += len(data)
        return data

    monkeypatch.setattr(Inflow, "read", counted)
    return lambda: total
