"""Exhibits and their sources, as the custody chain has them."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headwater.model.errors import WrongUse
from headwater.model.visible import visible
from headwater.seal.keys import config_folder
from headwater.steps.runner import cache_folder
from headwater.steps.sources import SourceFiles, sizes_bytes
from headwater.steps.workspace import Workspace

SOURCE_OPENED = "source_opened"
SOURCE_LISTED = "source_listed"
SOURCE_VERIFIED = "source_verified"
SOURCE_CLOSED = "source_closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownSource:
    """A source of an exhibit as first opened.

    number: counts the sources of the whole operation. sizes_bytes: of each segment then; none for a folder.
    """

    exhibit: str
    country: str
    number: int
    files: SourceFiles
    sizes_bytes: tuple[int, ...] = ()

    @property
    def unit_prefix(self) -> str:
        """What the names of its units begin with."""
        return f"s{self.number:03d}-"


def known_sources(workspace: Workspace) -> tuple[KnownSource, ...]:
    """Every source opened so far, in order."""
    return tuple(_known(workspace))


def _known(workspace: Workspace) -> Iterator[KnownSource]:
    for number, body in enumerate(workspace.recorded(SOURCE_OPENED)):
        paths = tuple(Path(os.fsdecode(bytes.fromhex(str(each)))) for each in body["paths"])
        files = SourceFiles(source=str(body["source"]), paths=paths, is_folder=bool(body["is_folder"]))
        yield KnownSource(
            exhibit=str(body["exhibit"]),
            country=str(body["country"]),
            number=number,
            files=files,
            sizes_bytes=tuple(body["sizes_bytes"]),
        )


def admit(
    workspace: Workspace, sources: Sequence[SourceFiles], exhibit: str | None, country: str
) -> tuple[KnownSource, ...]:
    """The sources as the operation knows them; new ones are written into custody before anything is read.

    All are checked and opened once before the first is written. Raises WrongUse.
    """
    admitted = plan(workspace, sources, exhibit, country)
    first_new = len(known_sources(workspace))
    for known in admitted:
        if known.number >= first_new:
            workspace.record(SOURCE_OPENED, _body(known))
    return admitted


def plan(
    workspace: Workspace, sources: Sequence[SourceFiles], exhibit: str | None, country: str
) -> tuple[KnownSource, ...]:
    """What `admit` would do, and nothing written; a source named twice is taken once. Raises WrongUse."""
    every = [*known_sources(workspace)]
    planned: list[KnownSource] = []
    for files in sources:
        _check_apart(workspace, files)
        same = (each for each in every if each.files.paths == files.paths and exhibit in {None, each.exhibit})
        known = next(same, None)
        if known is None:
            known = _new(every, files, exhibit, country)
            every.append(known)
        elif country and country != known.country:
            raise WrongUse(
                f"{files.name} was opened with {visible(known.country) or 'no'} country, not {visible(country)}",
                next_step="Leave --country out. What custody has is not changed.",
            )
        if known not in planned:
            planned.append(known)
    return tuple(planned)


def _new(every: Sequence[KnownSource], files: SourceFiles, exhibit: str | None, country: str) -> KnownSource:
    reference = exhibit or default_reference(files)
    for other in every:
        if other.exhibit != reference:
            continue
        if other.files.source == files.source:
            raise WrongUse(
                f"exhibit {visible(reference)} already has a source named {files.source}, from another place",
                next_step="Give this one a reference of its own: --exhibit REF.",
            )
        if exhibit is None:
            raise WrongUse(
                f"{files.source} and {other.files.source} would both be exhibit {visible(reference)}",
                next_step="Say which exhibit this one belongs to: --exhibit REF.",
            )
    sizes = sizes_bytes(files)
    return KnownSource(exhibit=reference, country=country, number=len(every), files=files, sizes_bytes=sizes)


def _body(known: KnownSource) -> dict[str, Any]:
    files = known.files
    body = {
        "exhibit": known.exhibit,
        "country": known.country,
        "source": files.source,
        "is_folder": files.is_folder,
        "paths": [os.fsencode(path).hex() for path in files.paths],
        "shown": [visible(os.fsencode(path)) for path in files.paths],
        "sizes_bytes": [*known.sizes_bytes],
    }
    return body | ({"given": files.given} if files.given else {})


def _check_apart(workspace: Workspace, files: SourceFiles) -> None:
    """Evidence is never written to: none of what is ours lies in it, nor it in ours. Raises WrongUse."""
    ours = {"workspace": workspace.folder, "configuration folder": config_folder(), "kernel cache": cache_folder()}
    for what, folder in ours.items():
        for path in files.paths:
            if _lies_in(folder, path) or _lies_in(path, folder):
                raise WrongUse(
                    f"the {what} and the evidence {files.name} lie in one another",
                    next_step="Evidence is never written to: choose a place outside it.",
                )


def _lies_in(inner: Path, outer: Path) -> bool:
    """Whether `inner` is `outer` or lies in it, by name or, however they are mounted, by device and inode."""
    real = inner.resolve()
    way = {_identity(each) for each in (real, *real.parents)} - {None}
    return real.is_relative_to(outer.resolve()) or _identity(outer) in way


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def default_reference(files: SourceFiles) -> str:
    """An exhibit reference where none was given: the name of the source without its endings."""
    name = files.paths[0].name
    for ending in (".gz", ".bz2", ".xz", ".zst"):
        name = name.removesuffix(ending)
    stem = Path(name).stem if not files.is_folder else name
    return visible(os.fsencode(stem or name))


def state(workspace: Workspace, known: KnownSource, kind: str) -> dict[str, object] | None:
    """The last custody entry of `kind` about this source, or None."""
    last = None
    for body in workspace.recorded(kind):
        if body["exhibit"] == known.exhibit and body["source"] == known.files.source:
            last = dict(body)
    return last


def not_as_acquired(workspace: Workspace, known: KnownSource) -> Iterator[str]:
    """Each digest that is stored in an image and is not that of its content, in words."""
    report: Any = (state(workspace, known, SOURCE_VERIFIED) or {}).get("report") or {}
    for name in ("md5", "sha1"):
        if report.get(f"{name}_compared") == "differs":
            yield f"{name.upper()} as acquired {report[f'stored_{name}']}, now {report[name]}"


def bad_sectors(report: Mapping[str, Any]) -> tuple[int, int, Sequence[Mapping[str, int]]]:
    """How many sectors of a verified source could not be read, in how many ranges, and the first of these."""
    told = report.get("bad_sectors", [])
    count = report.get("bad_sector_count", sum(each["sector_count"] for each in told))
    return count, report.get("bad_sector_ranges", len(told)), told
