"""Opens the segments of a source read-only, for the workers. The broker holds descriptors and reads nothing itself."""

import os
import stat
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from headwater.evidence.reader import Limits
from headwater.evidence.segments_on_disk import find_segments
from headwater.examine.messages import SegmentName
from headwater.model.errors import WrongUse
from headwater.model.visible import visible
from headwater.steps.runner import OpenSource

_READ_ONLY = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | getattr(os, "O_NOATIME", 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFiles:
    """A source as given by a person: one folder, or the ordered segments of one image or archive."""

    source: str
    paths: tuple[Path, ...]
    is_folder: bool

    @property
    def name(self) -> str:
        """The file or folder name, as shown."""
        return visible(os.fsencode(self.paths[0].name))


def resolve(path: Path) -> SourceFiles:
    """Find what belongs to `path`. Raises WrongUse where it is neither folder nor file."""
    absolute = Path(os.path.normpath(path.absolute()))
    if absolute.is_dir():
        return SourceFiles(source=_source_id(absolute), paths=(absolute,), is_folder=True)
    if not absolute.is_file():
        what = "is not a file or folder" if absolute.exists() else "is not there"
        raise WrongUse(
            f"{visible(os.fsencode(path))} {what}", next_step="Name the image's first segment, an archive, or a folder."
        )
    return SourceFiles(source=_source_id(absolute), paths=find_segments(absolute), is_folder=False)


def _source_id(path: Path) -> str:
    """The source's name within its exhibit: its own file name, with its bytes spelled so that nothing is lost."""
    return visible(os.fsencode(path.name)) or sha256(os.fsencode(path)).hexdigest()[:16]


def open_read_only(path: Path) -> int:
    """A read-only descriptor that does not follow a link and, where allowed, leaves the access time alone."""
    try:
        descriptor = os.open(path, _READ_ONLY)
    except PermissionError:  # O_NOATIME is for the owner only
        descriptor = os.open(path, _READ_ONLY & ~getattr(os, "O_NOATIME", 0))
    if not (stat.S_ISREG(os.fstat(descriptor).st_mode) or stat.S_ISBLK(os.fstat(descriptor).st_mode)):
        os.close(descriptor)
        raise WrongUse(f"{visible(os.fsencode(path))} is neither a regular file nor a block device")
    return descriptor


def open_source_files(files: SourceFiles, limits: Limits) -> OpenSource:
    """Open every segment. The caller closes them with `close_source_files`."""
    if files.is_folder:
        return OpenSource(source=files.source, segments=(), descriptors=(), limits=limits)
    descriptors = tuple(open_read_only(path) for path in files.paths)
    segments = tuple(
        SegmentName(visible(os.fsencode(path.name)), os.lseek(descriptor, 0, os.SEEK_END))
        for path, descriptor in zip(files.paths, descriptors, strict=True)
    )
    return OpenSource(source=files.source, segments=segments, descriptors=descriptors, limits=limits)


def close_source_files(source: OpenSource) -> None:
    """Close the descriptors."""
    for descriptor in source.descriptors:
        os.close(descriptor)
