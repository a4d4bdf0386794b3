"""An append-only log in which each entry carries the digest of the entry before.

One file of JSON lines, each signed where the chain has a signer. A chain shows what was changed, moved or taken out of
its middle, and what was added by somebody without the key; only a checkpoint kept outside (checkpoint.py) shows that
its end was cut off.
"""

import fcntl
import os
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from time import monotonic_ns

from headwater.model.canonical import Json, digest_of
from headwater.model.errors import DoesNotVerify, HeadwaterError
from headwater.seal.entry import CLOCK_BACK, FIRST, ChainEntry, read_entry, sign_entry, signature_fault, spell_time
from headwater.seal.files import read_only, replace_file, sync_folder
from headwater.seal.keys import Signer, key_id

KEY = "key"  # kind of the entry that introduces a public key; it signs itself
TORN_TAIL = "torn_tail"  # kind of the entry that keeps the bytes of a line a crash cut short
_LINE_BYTES = 1 << 20  # the longest entry that is written
_READ_BYTES = 2 << 20  # the longest line that is read: a torn tail is kept in base64
_BACK_BYTES = 64 << 10
_SHOWN_PROBLEMS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainReport:
    """What a full read of a chain found. `problems` is empty where it holds; `notes` are recorded oddities.

    keys: those its entries introduce, 32 raw bytes by key id.
    """

    entries: int
    head: str
    problems: tuple[str, ...]
    notes: tuple[str, ...] = ()
    keys: Mapping[str, bytes] = field(default_factory=dict)


def utc_now() -> datetime:
    """The wall clock, aware UTC."""
    return datetime.now(UTC)


class Chain:
    """The chain at `path`; the file is made by the first `append`. Safe to use from several processes.

    signer: signs every entry that is added.
    """

    def __init__(self, path: Path, signer: Signer | None = None, *, clock: Callable[[], datetime] = utc_now) -> None:
        self.path = path
        self.signer = signer
        self._clock = clock

    def append(self, kind: str, body: Mapping[str, Json]) -> ChainEntry:
        """Add one entry; it is on the disk when this returns. Reads only the last line.

        Raises DoesNotVerify where the last line is not as it was written, HeadwaterError for a body of over 1 MiB.
        """
        with self._locked() as descriptor:
            return self._add(descriptor, self._mend(descriptor), kind, body)

    def settle(self) -> ChainEntry | None:
        """Move a torn last line aside now, if there is one, and return the last entry."""
        if not self.path.exists():
            return None
        with self._locked() as descriptor:
            return self._mend(descriptor)

    def introduce(self) -> None:
        """Add the signer's public key, unless the chain has it. Raises DoesNotVerify where the chain is broken."""
        if self.signer is None:
            raise HeadwaterError(f"{self.path.name} has nobody to sign it")
        signer = self.signer
        body = {"algorithm": "Ed25519", "key_id": signer.key_id, "public_key": signer.public_key.hex()}
        if not any(entry.kind == KEY and entry.body == body for entry in self.entries()):
            self.append(KEY, body)

    def last(self) -> ChainEntry | None:
        """The last whole entry. Reads only the end of the file."""
        try:
            descriptor = read_only(self.path)
        except FileNotFoundError:
            return None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH)
            return self._last(descriptor)[0]
        finally:
            os.close(descriptor)

    def head(self) -> str:
        """The digest of the last whole entry; 64 zeros where there is none."""
        last = self.last()
        return last.digest if last else FIRST

    def entries(self) -> Iterator[ChainEntry]:
        """Every whole entry, each checked against the one before. Raises DoesNotVerify at the first that does not hold.

        A last line without its end is not an entry yet and is left out; `verify` reports it.
        """
        walk = _Walk()
        for line in self._lines():
            if line.endswith(b"\n"):
                walk.step(line)
                if walk.problems:
                    raise self._broken(walk.problems[0])
                if walk.last:
                    yield walk.last

    def verify(self, keys: Mapping[str, bytes] | None = None) -> ChainReport:
        """Read everything, in constant memory, and report every line that does not hold. Never raises for content.

        keys: by id, those that may have signed, beside those the chain introduces; every entry must then be signed by
        one of them. None: signatures are not looked at.
        """
        walk = _Walk(None if keys is None else dict(keys))
        if not self.path.exists():
            walk.problems.append("missing")
        try:
            for line in self._lines():
                walk.step(line)
        except OSError as error:
            walk.problems.append(f"unreadable: {error.strerror or error}")
        problems = [f"{self.path.name}: {problem}" for problem in walk.problems[:_SHOWN_PROBLEMS]]
        if len(walk.problems) > _SHOWN_PROBLEMS:
            problems.append(f"{self.path.name}: and {len(walk.problems) - _SHOWN_PROBLEMS} more")
        head = walk.last.digest if walk.last else FIRST
        return ChainReport(
            entries=walk.count,
            head=head,
            problems=tuple(problems),
            notes=tuple(walk.notes),
            keys=walk.introduced,
        )

    def _lines(self) -> Iterator[bytes]:
        try:
            descriptor = read_only(self.path)
        except FileNotFoundError:
            return
        with os.fdopen(descriptor, "rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH)
            while line := file.readline(_READ_BYTES):
                yield line

    @contextmanager
    def _locked(self) -> Iterator[int]:
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(self.path, flags, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if not os.fstat(descriptor).st_size:
                sync_folder(self.path.parent)
            yield descriptor
        finally:
            os.close(descriptor)

    def _add(self, descriptor: int, last: ChainEntry | None, kind: str, body: Mapping[str, Json]) -> ChainEntry:
        at = spell_time(self._clock())
        entry = ChainEntry(
            seq=last.seq + 1 if last else 0,
            at=at,
            monotonic_ns=monotonic_ns(),
            previous=last.digest if last else FIRST,
            kind=kind,
            body=body,
            flags=(CLOCK_BACK,) if last and at < last.at else (),
        )
        entry = replace(entry, digest=digest_of(entry.content()))
        if self.signer:
            entry = sign_entry(entry, self.signer)
        line = entry.line() + b"\n"
        if len(line) > (_READ_BYTES if kind == TORN_TAIL else _LINE_BYTES):
            raise HeadwaterError(f"an entry of {len(line):,} bytes is too long for a chain")
        if os.write(descriptor, line) != len(line):
            raise HeadwaterError(f"{self.path.name}: the entry was not written whole", next_step="Is the disk full?")
        os.fsync(descriptor)
        return entry

    def _last(self, descriptor: int) -> tuple[ChainEntry | None, bytes]:
        """The last whole entry, and the bytes after it that have no line end."""
        end = os.fstat(descriptor).st_size
        tail = b""
        while tail.count(b"\n") < 2 and len(tail) < end:  # the end of the line before, and its own
            if len(tail) > _READ_BYTES + _LINE_BYTES:
                raise self._broken("its last line is longer than any that is written")
            start = max(0, end - len(tail) - _BACK_BYTES)
            tail = os.pread(descriptor, end - len(tail) - start, start) + tail
        whole, newline, torn = tail.rpartition(b"\n")
        if not newline:
            return None, torn
        try:
            return read_entry(whole.rpartition(b"\n")[2]), torn
        except ValueError as error:
            raise self._broken(f"last line: {error}") from error

    def _mend(self, descriptor: int) -> ChainEntry | None:
        """Keep the bytes of a torn last line in an entry of their own. A crash anywhere in here loses nothing."""
        last, torn = self._last(descriptor)
        aside = self.path.with_name(self.path.name + ".torn")
        if torn:
            if len(torn) > _LINE_BYTES:
                raise self._broken("its last line is longer than any that is written")
            kept = aside.read_bytes() if aside.exists() else b""
            replace_file(aside, torn if kept in (b"", torn) else kept + torn)
            os.ftruncate(descriptor, os.fstat(descriptor).st_size - len(torn))
            os.fsync(descriptor)
        if aside.exists():
            last = self._record_torn(descriptor, last, aside.read_bytes())
            aside.unlink()
            sync_folder(self.path.parent)
        return last

    def _record_torn(self, descriptor: int, last: ChainEntry | None, torn: bytes) -> ChainEntry | None:
        digest = sha256(torn).hexdigest()
        if last and last.kind == TORN_TAIL and last.body.get("sha256") == digest:
            return last
        body: dict[str, Json] = {"sha256": digest, "length_bytes": len(torn), "base64": b64encode(torn).decode()}
        return self._add(descriptor, last, TORN_TAIL, body)

    def _broken(self, problem: str) -> DoesNotVerify:
        return DoesNotVerify(
            f"{self.path.name}: {problem}",
            names=(str(self.path),),
            next_step="Run headwater verify for the full list.",
        )


def key_of(entry: ChainEntry) -> dict[str, bytes]:
    """The public key that a KEY entry introduces, by its id; nothing where it is not one."""
    try:
        public = bytes.fromhex(str(entry.body.get("public_key")))
    except ValueError:
        return {}
    return {key_id(public): public} if entry.body.get("key_id") == key_id(public) else {}


class _Walk:
    """One pass over the lines of a chain. keys: see `Chain.verify`."""

    def __init__(self, keys: dict[str, bytes] | None = None) -> None:
        self._keys = keys
        self.introduced: dict[str, bytes] = {}
        self.count = 0
        self.last: ChainEntry | None = None
        self.problems: list[str] = []
        self.notes: list[str] = []
        self._linked = True  # whether `last` is the entry right before the next line

    def step(self, line: bytes) -> None:
        number = self.count + 1
        self.count = number
        if not line.endswith(b"\n"):
            self.problems.append(f"line {number}: its end is missing")
        try:
            entry = read_entry(line.removesuffix(b"\n"))
        except ValueError as error:
            self.problems.append(f"line {number}: {error}")
            self._linked = False
            return
        if self._linked:
            self.problems += [f"line {number}: {fault}" for fault in _faults(self.last, entry)]
        if fault := self._signature_fault(entry):
            self.problems.append(f"line {number}: {fault}")
        self._note(entry, number)
        self.last, self._linked = entry, True

    def _signature_fault(self, entry: ChainEntry) -> str:
        if entry.kind == KEY:
            self.introduced |= key_of(entry)
        return "" if self._keys is None else signature_fault(entry, self._keys | self.introduced)

    def _note(self, entry: ChainEntry, number: int) -> None:
        if CLOCK_BACK in entry.flags:
            self.notes.append(f"line {number}: the wall clock had gone back; the order is that of the sequence numbers")
        if entry.kind == TORN_TAIL:
            self.notes.append(f"line {number}: a crash had cut a line short; its bytes are kept in this entry")


def _faults(last: ChainEntry | None, entry: ChainEntry) -> Iterator[str]:
    if entry.previous != (last.digest if last else FIRST):
        yield "it does not follow the entry before"
    if entry.seq != (last.seq + 1 if last else 0):
        yield f"its sequence number is {entry.seq}"
    if (CLOCK_BACK in entry.flags) != bool(last and entry.at < last.at):
        yield "its time does not fit the entry before"
