"""Opens the segments of a source read-only, for the workers. The broker holds descriptors and reads nothing itself."""

import errno
import os
import stat
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from headwater.evidence.folder import Folder
from headwater.evidence.reader import Limits
from headwater.evidence.segments_on_disk import find_segments
from headwater.examine.messages import SegmentName
from headwater.model.errors import WrongUse
from headwater.model.visible import visible
from headwater.steps.runner import OpenSource

# O_NONBLOCK: a named pipe in the place of a segment must not block
_READ_ONLY = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK | getattr(os, "O_NOATIME", 0)

_NAME_ONE = "Name the image's first segment, an archive, or a folder."


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFiles:
    """A source as given by a person: one folder, or the ordered segments of one image or archive.

    paths: real ones, no link on the way. given: the path as it was named, where that was another one.
    """

    source: str
    paths: tuple[Path, ...]
    is_folder: bool
    given: str = field(default="", compare=False)

    @property
    def name(self) -> str:
        """The file or folder name, as shown."""
        return visible(os.fsencode(self.paths[0].name))


def resolve(path: Path) -> SourceFiles:
    """Find what belongs to `path`, links resolved. Raises WrongUse where it is neither folder nor file, or not seen."""
    shown = visible(os.fsencode(path))
    try:
        real = path.resolve(strict=True)
        mode = real.stat().st_mode
    except (OSError, RuntimeError) as error:
        gone = isinstance(error, FileNotFoundError | NotADirectoryError)
        why = "is not there" if gone else f"cannot be reached: {getattr(error, 'strerror', None) or error}"
        raise WrongUse(f"{shown} {why}", next_step=_NAME_ONE) from error
    if not (stat.S_ISDIR(mode) or stat.S_ISREG(mode) or stat.S_ISBLK(mode)):
        raise WrongUse(f"{shown} is not a file or folder", next_step=_NAME_ONE)
    is_folder = stat.S_ISDIR(mode)
    return SourceFiles(
        source=_source_id(real),
        paths=(real,) if is_folder else find_segments(real),
        is_folder=is_folder,
        given="" if Path(os.path.normpath(path.absolute())) == real else shown,
    )


def _source_id(path: Path) -> str:
    """The source's name within its exhibit: its own file name, with its bytes spelled so that nothing is lost."""
    return visible(os.fsencode(path.name)) or sha256(os.fsencode(path)).hexdigest()[:16]


def open_read_only(path: Path) -> int:
    """A read-only descriptor that does not follow a link and, where allowed, leaves the access time alone.

    Raises OSError, also for what is neither a regular file nor a block device.
    """
    try:
        descriptor = os.open(path, _READ_ONLY)
    except PermissionError:  # O_NOATIME is for the owner only
        descriptor = os.open(path, _READ_ONLY & ~getattr(os, "O_NOATIME", 0))
    mode = os.fstat(descriptor).st_mode
    if not (stat.S_ISREG(mode) or stat.S_ISBLK(mode)):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "neither a regular file nor a block device", str(path))
    return descriptor


def sizes_bytes(files: SourceFiles) -> tuple[int, ...]:
    """The size of each segment, each opened once; none for a folder. Raises WrongUse for what cannot be opened."""
    if files.is_folder:
        Folder(files.paths[0]).close()
        return ()
    return tuple(_size_bytes(path) for path in files.paths)


def _size_bytes(path: Path) -> int:
    descriptor = _opened(path)
    try:
        return os.lseek(descriptor, 0, os.SEEK_END)
    finally:
        os.close(descriptor)


def _opened(path: Path) -> int:
    try:
        return open_read_only(path)
    except OSError as error:
        raise WrongUse(
            f"{visible(os.fsencode(path))} cannot be opened: {error.strerror}",
            next_step="Check that it is there, is no link, and may be read. Moved: headwater verify --evidence PATH.",
        ) from error


def open_source_files(files: SourceFiles, limits: Limits) -> OpenSource:
    """Open every segment. The caller closes them with `close_source_files`. Raises WrongUse."""
    descriptors: list[int] = []
    try:
        for path in () if files.is_folder else files.paths:
            descriptors.append(_opened(path))  # noqa: PERF401 - those opened are closed where the next cannot be
    except WrongUse:
        for descriptor in descriptors:
            os.close(descriptor)
        raise
    segments = tuple(
        SegmentName(visible(os.fsencode(path.name)), os.lseek(descriptor, 0, os.SEEK_END))
        for path, descriptor in zip(files.paths, descriptors, strict=not files.is_folder)
    )
    return OpenSource(source=files.source, segments=segments, descriptors=tuple(descriptors), limits=limits)


def close_source_files(source: OpenSource) -> None:
    """Close the descriptors."""
    for descriptor in source.descriptors:
        os.close(descriptor)
