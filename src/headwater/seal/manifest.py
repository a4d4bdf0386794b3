"""A list of files with their digests, itself under a digest: the one mechanism for findings, reports and packages."""

import json
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from headwater.model.canonical import Json, canonical_bytes, digest_of
from headwater.model.errors import DoesNotVerify
from headwater.model.visible import visible
from headwater.seal.files import file_digest, read_only, replace_file

MANIFEST = "manifest.json"
_MAX_BYTES = 256 << 20
_KEYS = {"body", "digest", "files", "format"}
_FORMAT = "headwater.manifest/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One file that is not as it was sealed. kind: changed | missing | surplus."""

    file: str
    kind: str
    message: str

    def __str__(self) -> str:
        return f"{visible(self.file)}: {self.message}"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class SealedFile:
    """One listed file. name: relative, with ``/``. rows: of a table, None for other files."""

    name: str
    sha256: str
    size_bytes: int
    rows: int | None = None

    def as_json(self) -> dict[str, Json]:
        """The file as a manifest and a commit list it."""
        return {"name": self.name, "sha256": self.sha256, "size_bytes": self.size_bytes, "rows": self.rows}


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a folder holds, and what its maker says about it (`body`)."""

    files: tuple[SealedFile, ...]
    body: Mapping[str, Json] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        return digest_of(self._content())

    def write(self, folder: Path, name: str = MANIFEST) -> str:
        """Write it into `folder`, durably, read-only, and return its digest."""
        data = canonical_bytes({**self._content(), "digest": self.digest}) + b"\n"
        replace_file(folder / name, data, mode=0o444)
        return self.digest

    @classmethod
    def read(cls, folder: Path, name: str = MANIFEST) -> "Manifest":
        """Read it back. Raises DoesNotVerify where any byte is not as it was written, or it is missing."""
        path = folder / name
        try:
            with os.fdopen(read_only(path), "rb") as file:
                return _parse(file.read(_MAX_BYTES))
        except FileNotFoundError as error:
            raise DoesNotVerify(f"{name}: missing", names=(str(path),)) from error
        except (OSError, ValueError, RecursionError) as error:
            raise DoesNotVerify(f"{name}: {error}", names=(str(path),)) from error

    @classmethod
    def check(cls, folder: Path, name: str = MANIFEST) -> tuple[Problem, ...]:
        """Hold `folder` against its manifest: every changed, missing and surplus file, in name order."""
        path = folder / name
        if not os.path.lexists(path):
            return (Problem(file=name, kind="missing", message="missing: not sealed, or the seal was taken away"),)
        try:
            manifest = cls.read(folder, name)
        except DoesNotVerify as error:
            return (Problem(file=name, kind="changed", message=error.message.removeprefix(f"{name}: ")),)
        listed = {file.name: file for file in manifest.files}
        problems = [problem for file in manifest.files if (problem := check_file(folder, file))]
        problems += [
            Problem(file=found, kind="surplus", message="not listed in the manifest")
            for found in _walk(folder)
            if found not in listed and found != name
        ]
        return tuple(sorted(problems, key=lambda problem: problem.file))

    def _content(self) -> dict[str, Json]:
        files = [file.as_json() for file in sorted(self.files)]
        return {"format": _FORMAT, "files": files, "body": dict(self.body)}


def check_file(folder: Path, file: SealedFile) -> Problem | None:
    """Hold one file against its entry."""
    try:
        sha256, size_bytes = file_digest(folder / file.name)
    except FileNotFoundError:
        return Problem(file=file.name, kind="missing", message="missing")
    except OSError as error:
        return Problem(file=file.name, kind="changed", message=f"unreadable: {error.strerror or error}")
    if (sha256, size_bytes) == (file.sha256, file.size_bytes):
        return None
    message = f"changed: {size_bytes:,} bytes, SHA-256 {sha256}; sealed {file.size_bytes:,} bytes, {file.sha256}"
    return Problem(file=file.name, kind="changed", message=message)


def _parse(data: bytes) -> Manifest:
    fields = json.loads(data)
    if not isinstance(fields, dict) or set(fields) != _KEYS or fields["format"] != _FORMAT:
        raise ValueError("not a manifest")
    if canonical_bytes(fields) + b"\n" != data:
        raise ValueError("not spelled as it was written")
    claimed = fields.pop("digest")
    if digest_of(fields) != claimed:
        raise ValueError("its digest does not fit its content")
    try:
        files = tuple(SealedFile(**file) for file in fields["files"])
        manifest = Manifest(files=files, body=dict(fields["body"]))
    except TypeError as error:
        raise ValueError("not a manifest") from error
    if any(not _is_inside(file.name) for file in files):
        raise ValueError("it lists a name outside its folder")
    return manifest


def _is_inside(name: object) -> bool:
    if not isinstance(name, str) or not name or "\0" in name:
        return False
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts and str(path) == name != "."


def _walk(folder: Path, prefix: str = "") -> Iterator[str]:
    """Every entry under `folder` that is not a folder, by relative name; links are entries, never followed."""
    with os.scandir(folder / prefix) as entries:
        found = sorted(entries, key=lambda entry: entry.name)
    for entry in found:
        name = prefix + entry.name
        if stat.S_ISDIR(entry.stat(follow_symlinks=False).st_mode):
            yield from _walk(folder, name + "/")
        else:
            yield name
