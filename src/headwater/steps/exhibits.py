"""Exhibits and their sources, as the custody chain has them."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from headwater.model.errors import WrongUse
from headwater.model.visible import visible
from headwater.steps.sources import SourceFiles
from headwater.steps.workspace import Workspace

SOURCE_OPENED = "source_opened"
SOURCE_LISTED = "source_listed"
SOURCE_VERIFIED = "source_verified"
SOURCE_CLOSED = "source_closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownSource:
    """A source of an exhibit as first opened. `number` counts the sources of the whole operation."""

    exhibit: str
    country: str
    number: int
    files: SourceFiles

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
        yield KnownSource(exhibit=str(body["exhibit"]), country=str(body["country"]), number=number, files=files)


def admit(workspace: Workspace, files: SourceFiles, exhibit: str | None, country: str) -> KnownSource:
    """The source as the operation knows it; a new one is written into custody before anything is read."""
    reference = exhibit or default_reference(files)
    sources = known_sources(workspace)
    for known in sources:
        if known.files.paths == files.paths and (exhibit is None or known.exhibit == exhibit):
            return known
        if known.exhibit == reference and known.files.source == files.source:
            raise WrongUse(
                f"exhibit {visible(reference)} already has a source named {files.source}, from another place",
                next_step="Give this one a reference of its own: --exhibit REF.",
            )
    body = {
        "exhibit": reference,
        "country": country,
        "source": files.source,
        "is_folder": files.is_folder,
        "paths": [os.fsencode(path).hex() for path in files.paths],
        "shown": [visible(os.fsencode(path)) for path in files.paths],
        "sizes_bytes": [] if files.is_folder else [path.stat().st_size for path in files.paths],
    }
    workspace.record(SOURCE_OPENED, body)
    return KnownSource(exhibit=reference, country=country, number=len(sources), files=files)


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
