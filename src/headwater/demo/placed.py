"""A file on its way into an exhibit."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from headwater.demo.truth import FileTruth
from headwater.model.visible import visible


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """One file: the path as bytes below the exhibit's root, the content, and the time it was last written."""

    path: bytes
    data: bytes
    modified: datetime
    deleted: bool = False
    note: str = ""

    @property
    def sha256(self) -> str:
        return digest(self.data)


def digest(data: bytes) -> str:
    """Compute SHA-256 as 64 hexadecimal digits."""
    return sha256(data).hexdigest()


def file_truths(exhibit: str, placed: Iterable[Placed], *, below: bytes = b"") -> list[FileTruth]:
    """Tell the truth of files that are read back whole, each `below` the given path."""
    prefix = below + b"/" if below else b""
    return [
        FileTruth(
            exhibit=exhibit,
            path=visible(prefix + one.path),
            sha256=one.sha256,
            size_bytes=len(one.data),
            allocation="deleted" if one.deleted else "allocated",
            note=one.note,
        )
        for one in placed
    ]
