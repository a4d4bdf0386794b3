"""The verify pass over a source, and the digests at its close, as jobs of the pool."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import msgspec

from headwater.examine.messages import (
    Done,
    Opened,
    Progress,
    Refused,
    Rehash,
    Rehashed,
    ToBroker,
    Verified,
    Verify,
)
from headwater.model.canonical import Json
from headwater.model.errors import EvidenceError
from headwater.model.source_report import SourceReport
from headwater.steps.runner import Link, Loss, OpenSource

_TRIES = 3  # with a fresh worker each


@dataclass(slots=True, kw_only=True)
class VerifyJob:
    """One read of a source from end to end: checksums, digests, bad ranges."""

    source: OpenSource
    verified: Callable[[Json], None]  # told the report
    failed: Callable[[str, str], None]  # told the kind and the message
    progress: Callable[[int], None]
    _losses: int = 0

    def begin(self, link: Link) -> None:
        """Ask for it."""
        link.open(self.source)
        link.send(Verify())

    def message(self, link: Link, message: ToBroker) -> bool:
        """Take progress or the report."""
        match message:
            case Opened():
                pass
            case Progress():
                self.progress(message.bytes_done)
            case Verified():
                self.verified(_report(message.report))
            case Refused():
                self.failed(message.kind, message.message)
                return True
            case Done():
                return True
            case _:
                raise EvidenceError(f"{type(message).__name__} is no answer to verifying, from {link.child.pid}")
        return False

    def lost(self, loss: Loss) -> bool:
        """Tried again; a source that cannot be read through is not verified."""
        self._losses += 1
        if self._losses < _TRIES:
            return True
        self.failed(loss.kind, loss.message)
        return False


def _report(text: str) -> Json:
    """The report, held to its form. Raises msgspec.MsgspecError."""
    report: Json = msgspec.to_builtins(msgspec.json.decode(text, type=SourceReport))
    return report


@dataclass(slots=True)
class Comparison:
    """What was digested again. `changed` names what differs from the record, with the reason."""

    compared: int = 0
    changed: list[str] = field(default_factory=list)

    def told(self, files: Sequence["Recorded"], digests: Sequence[str]) -> None:
        """Compare one answer of a worker's."""
        for file, digest in zip(files, digests, strict=True):
            self.compared += 1
            if file.sha256 != digest:
                self.changed.append(f"{file.name}: recorded sha256 {file.sha256[:16]}…, now {digest[:16]}…")
            elif file.beside:
                self.failed(file.name, file.beside)

    def failed(self, name: str, why: str) -> None:
        """This one could not be digested."""
        self.changed.append(f"{name}: {why}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A file or segment with the digest on record. `open` gives a descriptor when it is needed.

    beside: what else is not as it was, told where the content is.
    """

    name: str
    sha256: str
    open: Callable[[], int]
    beside: str = ""


@dataclass(slots=True, kw_only=True)
class RehashJob:
    """SHA-256 of some files, whole, compared with the record."""

    files: Sequence[Recorded]
    comparison: Comparison
    done: Callable[[int], None]
    _sent: list[Recorded] = field(default_factory=list)
    _losses: int = 0

    def begin(self, link: Link) -> None:
        """Send the descriptors of those that can be opened."""
        descriptors: list[int] = []
        try:
            for file in self.files:
                try:
                    descriptors.append(file.open())
                    self._sent.append(file)
                except (OSError, EvidenceError) as error:
                    self.comparison.failed(file.name, getattr(error, "strerror", None) or str(error))
            link.send(Rehash(len(descriptors)), descriptors)
        finally:
            for descriptor in descriptors:
                os.close(descriptor)

    def message(self, link: Link, message: ToBroker) -> bool:
        """Take the digests."""
        match message:
            case Rehashed() if len(message.digests) == len(self._sent):
                self.comparison.told(self._sent, message.digests)
                self.done(len(self.files))
            case Refused():
                self._fail(message.message)
                return True
            case Done():
                return True
            case _:
                raise EvidenceError(f"{type(message).__name__} is no answer to digesting, from {link.child.pid}")
        return False

    def lost(self, loss: Loss) -> bool:
        """Tried again, then not digested."""
        self._losses += 1
        if self._losses < _TRIES:
            self._sent = []
            return True
        self._fail(loss.message)
        return False

    def _fail(self, why: str) -> None:
        for file in self._sent:
            self.comparison.failed(file.name, why)
