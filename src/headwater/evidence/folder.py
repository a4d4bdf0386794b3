"""A folder as a source: names, sizes and times, never content. Runs in the broker.

Every directory is opened below one root descriptor, component by component, with O_NOFOLLOW (openat(2)): neither a
symbolic link inside the evidence nor a file swapped during the walk leads out of it. O_NOATIME leaves the access times
as they were, where the kernel permits it. Birth times are not given by the standard library's stat and are left out.
"""

import os
import stat
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from headwater.model.errors import EvidenceError, WrongUse
from headwater.model.item import Entry, ItemKind, Refusal, Times, Zone
from headwater.model.locator import Layer, Locator
from headwater.model.visible import visible

DEPTH_LIMIT = 1_000  # folders inside folders
_HELD_DESCRIPTORS = 64  # of the folders on the way to the last one used
_NO_NAMES = frozenset({b"", b".", b".."})
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FOLDER_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK  # a named pipe must not block
_NO_ACCESS_TIME = getattr(os, "O_NOATIME", 0)
_OTHER_KINDS = {
    stat.S_IFIFO: "named pipe",
    stat.S_IFSOCK: "socket",
    stat.S_IFCHR: "character device",
    stat.S_IFBLK: "block device",
}


class FolderUnreadable(EvidenceError):
    """A name below the folder could not be opened: permission, gone, or no regular file."""

    kind = "unreadable"


class NotPermitted(FolderUnreadable):
    """The operating system denies it to this user."""

    kind = "permission"


class Folder:
    """An opened folder. `walk` lists it, `open_file` opens one listed file; the last folder used stays open."""

    def __init__(self, root: Path) -> None:
        """Open `root`. Raises WrongUse where it is no folder that can be opened."""
        try:
            self._root = _open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, None)
        except OSError as error:
            raise WrongUse(f"not a folder that can be read: {visible(os.fsencode(root))} ({error.strerror})") from error
        self._trail = _Trail(self._root)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the root and the folders held open."""
        self._trail.close()
        os.close(self._root)

    def walk(self) -> Iterator[Entry | Refusal]:
        """Every file below the root once: a folder's files sorted by their bytes, then its folders, sorted too."""
        device = os.fstat(self._root).st_dev
        waiting: list[bytes] = [b""]
        while waiting:
            path = waiting.pop()
            if path.count(b"/") + bool(path) > DEPTH_LIMIT:
                yield _refusal(path, "limit", f"folders are listed {DEPTH_LIMIT} deep; this one lies deeper")
                continue
            try:
                folder = self._trail.folder(path)
                files, folders = _names(folder)
            except OSError as error:
                yield _refusal(path, _kind(error), f"folder cannot be listed: {error.strerror}")
                continue
            prefix = path + b"/" if path else b""
            waiting.extend(prefix + name for name in reversed(folders))
            yield from self._files(path, prefix, files, device)

    def _files(self, path: bytes, prefix: bytes, names: Sequence[bytes], device: int) -> Iterator[Entry | Refusal]:
        for name in names:
            try:  # asked each time: the consumer may have opened files elsewhere between two names
                yield _entry(self._trail.folder(path), name, prefix + name, device)
            except OSError as error:
                yield _refusal(prefix + name, _kind(error), f"cannot be looked at: {error.strerror}")

    def open_file(self, raw_path: bytes) -> int:
        """Give a read-only descriptor of one regular file. Raises EvidenceError."""
        return _open_below(self._trail, raw_path)


def status_of(descriptor: int) -> tuple[int, datetime | None]:
    """Size in bytes and time of the last change of content of an opened file, as `walk` tells them."""
    status = os.fstat(descriptor)
    return status.st_size, _time(status.st_mtime_ns)


class _Trail:
    """The descriptors of the folders on the way to the last one used: the next one mostly shares its beginning."""

    def __init__(self, root_fd: int) -> None:
        self._root = root_fd
        self._held: list[tuple[bytes, int]] = []
        self._tail = -1  # the last folder, where it lies deeper than the descriptors held
        self._path: bytes | None = None  # of the last folder used

    def folder(self, path: bytes) -> int:
        """Give a descriptor that stays open until another folder is asked for. Raises OSError, FolderUnreadable."""
        if path != self._path:
            self._path = None
            self._go(_parts(path))
            self._path = path
        return self._last()

    def _go(self, parts: Sequence[bytes]) -> None:
        self._drop_tail()
        shared = 0
        for (held, _), name in zip(self._held, parts, strict=False):
            if held != name:
                break
            shared += 1
        while len(self._held) > shared:
            os.close(self._held.pop()[1])
        for name in parts[shared:]:
            self._enter(name)

    def _enter(self, name: bytes) -> None:
        descriptor = _open(name, _FOLDER_FLAGS, self._last())
        if len(self._held) < _HELD_DESCRIPTORS:
            self._held.append((name, descriptor))
        else:
            self._drop_tail()
            self._tail = descriptor

    def _last(self) -> int:
        if self._tail >= 0:
            return self._tail
        return self._held[-1][1] if self._held else self._root

    def _drop_tail(self) -> None:
        if self._tail >= 0:
            os.close(self._tail)
            self._tail = -1

    def close(self) -> None:
        self._path = None
        self._drop_tail()
        while self._held:
            os.close(self._held.pop()[1])


def _parts(path: bytes) -> list[bytes]:
    parts = path.split(b"/") if path else []
    if any(part in _NO_NAMES or b"\0" in part for part in parts):
        raise FolderUnreadable(f"not a path below the folder: {visible(path)}")
    return parts


def _open_below(trail: _Trail, path: bytes) -> int:
    parent, _, name = path.rpartition(b"/")
    if not path or path.startswith(b"/") or name in _NO_NAMES or b"\0" in name:
        raise FolderUnreadable(f"not a path below the folder: {visible(path)}")
    try:
        descriptor = _open(name, _FILE_FLAGS, trail.folder(parent))
    except OSError as error:
        raise _unreadable(path, error) from error
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return descriptor
    os.close(descriptor)
    raise FolderUnreadable(f"not a regular file: {visible(path)}")


def _open(name: bytes | Path, flags: int, folder: int | None) -> int:
    try:
        return os.open(name, flags | _NO_ACCESS_TIME, dir_fd=folder)
    except PermissionError:  # O_NOATIME is for the owner only
        return os.open(name, flags, dir_fd=folder)


def _names(folder: int) -> tuple[list[bytes], list[bytes]]:
    files: list[bytes] = []
    folders: list[bytes] = []
    with os.scandir(folder) as entries:
        for entry in entries:
            (folders if entry.is_dir(follow_symlinks=False) else files).append(os.fsencode(entry.name))
    files.sort()
    folders.sort()
    return files, folders


def _entry(folder: int, name: bytes, path: bytes, device: int) -> Entry:
    status = os.stat(name, dir_fd=folder, follow_symlinks=False)
    kind, note = ItemKind.FILE, ""
    if not stat.S_ISREG(status.st_mode):
        kind, note = _special(folder, name, status)
    if status.st_dev != device:
        note = f"{note}; on another mounted file system" if note else "on another mounted file system"
    return Entry(
        locator=Locator(layers=(Layer(kind="folder", name=path),)),
        kind=kind,
        size_bytes=status.st_size,
        inode=str(status.st_ino),
        times=Times(
            zone=Zone.UTC,
            modified=_time(status.st_mtime_ns),
            accessed=_time(status.st_atime_ns),
            changed=_time(status.st_ctime_ns),
        ),
        note=note,
    )


def _special(folder: int, name: bytes, status: os.stat_result) -> tuple[ItemKind, str]:
    if stat.S_ISLNK(status.st_mode):
        return ItemKind.SYMLINK, f"symbolic link to {visible(os.readlink(name, dir_fd=folder))}"
    return ItemKind.OTHER, _OTHER_KINDS.get(stat.S_IFMT(status.st_mode), "neither file nor folder")


def _time(nanoseconds: int) -> datetime | None:
    try:
        return _EPOCH + timedelta(microseconds=nanoseconds // 1000)
    except OverflowError:
        return None


def _refusal(path: bytes, kind: str, message: str) -> Refusal:
    return Refusal(locator=Locator(layers=(Layer(kind="folder", name=path),)), kind=kind, message=message)


def _kind(error: OSError) -> str:
    return "permission" if isinstance(error, PermissionError) else "unreadable"


def _unreadable(path: bytes, error: OSError) -> FolderUnreadable:
    chosen = NotPermitted if isinstance(error, PermissionError) else FolderUnreadable
    return chosen(f"cannot be opened: {visible(path)} ({error.strerror})")
