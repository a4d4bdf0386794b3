"""The verify pass over a source, and the digests at its close, as jobs of the pool."""

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass

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
from headwater.steps.runner import Link, Loss, OpenSource


@dataclass(slots=True, kw_only=True)
class VerifyJob:
    """One read of a source from end to end: checksums, digests, bad ranges."""

    source: OpenSource
    verified: Callable[[Json], None]  # told the report
    failed: Callable[[str, str], None]  # told the kind and the message
    progress: Callable[[int], None]

    def begin(self, link: Link) -> None:
        """Ask for it."""
        link.open(self.source)
        link.send(Verify(self.source.source))

    def message(self, link: Link, message: ToBroker) -> bool:
        """Take progress or the report."""
        match message:
            case Opened():
                pass
            case Progress():
                self.progress(message.bytes_done)
            case Verified():
                self.verified(json.loads(message.report))
            case Refused():
                self.failed(message.kind, message.message)
                return True
            case Done():
                return True
            case _:
                raise EvidenceError(f"{type(message).__name__} is no answer to verifying, from {link.child.pid}")
        return False

    def lost(self, loss: Loss) -> bool:
        """A source that cannot be read through is not verified."""
        self.failed(loss.kind, loss.message)
        return False


@dataclass(slots=True, kw_only=True)
class RehashJob:
    """SHA-256 of some descriptors, whole. `opens` gives each descriptor only when it is needed."""

    opens: Sequence[Callable[[], int]]
    told: Callable[[Sequence[str]], None]
    failed: Callable[[str], None]

    def begin(self, link: Link) -> None:
        """Send the descriptors."""
        descriptors = [each() for each in self.opens]
        try:
            link.send(Rehash(len(descriptors)), descriptors)
        finally:
            for descriptor in descriptors:
                os.close(descriptor)

    def message(self, link: Link, message: ToBroker) -> bool:
        """Take the digests."""
        match message:
            case Opened():
                pass
            case Rehashed():
                self.told(message.digests)
            case Refused():
                self.failed(message.message)
                return True
            case Done():
                return True
            case _:
                raise EvidenceError(f"{type(message).__name__} is no answer to digesting, from {link.child.pid}")
        return False

    def lost(self, loss: Loss) -> bool:
        """Not digested."""
        self.failed(loss.message)
        return False
