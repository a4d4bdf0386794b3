"""Writing so that a crash leaves the old file or the new one, and reading without following links."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

_CHUNK_BYTES = 1 << 20
TEMPORARY = ".tmp-"  # what every unfinished file's name starts with


def write_new(path: Path, data: bytes, *, mode: int = 0o600) -> None:
    """Write a file that must not exist yet, with its bytes on the disk when this returns. Raises FileExistsError."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
    try:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(descriptor, rest) :]
        os.fchmod(descriptor, mode)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def replace_file(path: Path, data: bytes, *, mode: int = 0o600) -> None:
    """Put `data` at `path`: temporary name, fsync, rename, fsync of the folder."""
    temporary = path.with_name(TEMPORARY + path.name)
    temporary.unlink(missing_ok=True)
    write_new(temporary, data, mode=mode)
    temporary.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Put the names in `folder` on the disk."""
    with open_folder(folder) as descriptor:
        os.fsync(descriptor)


@contextmanager
def open_folder(folder: Path) -> Iterator[int]:
    """A descriptor of `folder`, closed at the end."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def read_only(path: Path) -> int:
    """A descriptor of a regular file, never of what a link or a pipe leads to. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(f"not a regular file: {path.name}")
    return descriptor


def file_digest(path: Path) -> tuple[str, int]:
    """The SHA-256 (hexadecimal) and the size in bytes of a regular file. Raises OSError."""
    digest, size_bytes = sha256(), 0
    with os.fdopen(read_only(path), "rb", buffering=0) as file:
        while block := file.read(_CHUNK_BYTES):
            digest.update(block)
            size_bytes += len(block)
    return digest.hexdigest(), size_bytes
