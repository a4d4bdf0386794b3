"""Whether known sets are as they were added: every version against its seal, custody, and the database it uses."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from headwater.match.store import Store
from headwater.model.errors import DoesNotVerify, HeadwaterError
from headwater.model.visible import visible
from headwater.seal.files import TEMPORARY, file_digest
from headwater.seal.manifest import Manifest
from headwater.steps.known import FOLDER
from headwater.steps.seals import SET_ADDED, Check
from headwater.steps.workspace import CustodyReport, Workspace


def check_known_sets(workspace: Workspace, custody: CustodyReport) -> Iterator[Check]:
    """Every set against its seal and custody, and the databases that are used in place."""
    if custody.problems:
        return
    folder = workspace.folder / FOLDER
    added = {str(body["folder"]): body for body in workspace.recorded(SET_ADDED)}
    for name, body in added.items():
        yield Check(what="known set", name=str(body["name"]), checked=1, problems=tuple(_problems(folder / name, body)))
    there = {each.name for each in folder.iterdir()} if folder.is_dir() else set()
    for name in sorted(there - added.keys()):
        notes = ("an import was interrupted; the next one removes it",)
        is_left = name.startswith(TEMPORARY)
        problems = () if is_left else ("surplus: custody knows of no such set",)
        yield Check(
            what="known set", name=f"{FOLDER}/{visible(name)}", checked=0, problems=problems, notes=notes * is_left
        )  # fmt: skip


def _problems(folder: Path, body: Mapping[str, Any]) -> Iterator[str]:
    try:
        if Manifest.read(folder).digest != body["digest"]:
            yield "its manifest is not the one that custody has"
    except DoesNotVerify as error:
        yield error.message
        return
    yield from map(str, Manifest.check(folder))
    try:
        database = Store(folder).counts.database
        if database and file_digest(Path(database.path))[0] != body["source"]["sha256"]:
            yield f"{visible(database.path)}: changed since it was added"
    except (HeadwaterError, OSError) as error:
        yield str(error)
