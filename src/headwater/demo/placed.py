"""A file on its way into an exhibit."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from os import fsdecode
from pathlib import PurePosixPath

from headwater.demo.traces import Traces
from headwater.demo.truth import FileTruth
from headwater.model.visible import visible

# By ending; what a text is called is not judged.
_TYPES = {
    ".jpg": "image/jpeg", ".png": "image/png", ".mp4": "video/mp4", ".zip": "application/zip",
    ".gz": "application/gzip", ".bz2": "application/x-bzip2", ".xz": "application/x-xz", ".zst": "application/zstd",
    ".exe": "application/vnd.microsoft.portable-executable", ".dll": "application/vnd.microsoft.portable-executable",
    ".pdf": "application/pdf", ".db": "application/vnd.sqlite3", ".sqlite": "application/vnd.sqlite3",
    ".safetensors": "application/x-safetensors",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """One file: the path as bytes below the exhibit's root, the content, and the time it was last written.

    traces: what it says of its origin, where it is a picture. media_type: where its name lies or says nothing.
    fails: which examiners must fail at it, and how.
    """

    path: bytes
    data: bytes
    modified: datetime
    created: datetime | None = None
    deleted: bool = False
    note: str = ""
    traces: Traces | None = None
    media_type: str = ""
    fails: tuple[tuple[str, str], ...] = ()

    @property
    def sha256(self) -> str:
        return digest(self.data)

    @property
    def name(self) -> str:
        """The last part of the path."""
        return fsdecode(self.path.rsplit(b"/", 1)[-1])

    @property
    def kind(self) -> str:
        """What its content is; empty for texts, ``inode/x-empty`` for nothing at all."""
        if not self.data:
            return "inode/x-empty"
        return self.media_type or _TYPES.get(PurePosixPath(self.name).suffix.lower(), "")

    @property
    def lies(self) -> bool:
        """Whether its name ends as that of another kind of file."""
        by_name = _TYPES.get(PurePosixPath(self.name).suffix.lower(), "")
        return bool(self.data and by_name and self.kind != by_name)


def digest(data: bytes) -> str:
    """Compute SHA-256 as 64 hexadecimal digits."""
    return sha256(data).hexdigest()


def file_truths(exhibit: str, placed: Iterable[Placed], *, below: bytes = b"") -> list[FileTruth]:
    """Tell the truth of files that are read back whole, each `below` the given path."""
    prefix = below + b"/" if below else b""
    return [file_truth(exhibit, visible(prefix + one.path), one) for one in placed]


def file_truth(exhibit: str, path: str, one: Placed) -> FileTruth:
    """Tell the truth of one file that is read back whole."""
    return FileTruth(
        exhibit=exhibit,
        path=path,
        sha256=one.sha256,
        size_bytes=len(one.data),
        allocation="deleted" if one.deleted else "allocated",
        media_type=one.kind,
        lies=one.lies,
        note=one.note,
    )
