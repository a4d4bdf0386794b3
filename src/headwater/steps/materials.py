"""What an operation's findings rely on beside code and settings, kept in its folder under the digest of its bytes."""

from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path

from headwater.examine import registry
from headwater.model.canonical import Json
from headwater.model.errors import DoesNotVerify, HeadwaterError
from headwater.model.material import KINDS, Material
from headwater.seal.files import file_digest, replace_file
from headwater.steps.seals import Check
from headwater.steps.workspace import CustodyReport, Workspace

MATERIAL_ADDED = "material_added"
_FOLDER = "materials"


def add_material(workspace: Workspace, kind: str, name: str, data: bytes, about: dict[str, Json]) -> Material:
    """Keep `data` and write into custody what it is; the newest of a name counts. about: facts for people.

    Raises HeadwaterError for a kind that is none of KINDS.
    """
    if kind not in KINDS:
        raise HeadwaterError(f"{kind} is no kind of material")
    digest = sha256(data).hexdigest()
    material = Material(kind=kind, name=name, sha256=digest, size_bytes=len(data))
    folder = workspace.folder / _FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    replace_file(folder / digest, data)
    workspace.record(
        MATERIAL_ADDED,
        {"kind": kind, "name": name, "sha256": digest, "size_bytes": len(data), "about": about},
    )
    return material


def materials(workspace: Workspace) -> tuple[Material, ...]:
    """Everything that counts now, by kind and name: of each name the newest."""
    newest = {(body["kind"], body["name"]): body for body in workspace.recorded(MATERIAL_ADDED)}
    return tuple(
        Material(kind=body["kind"], name=body["name"], sha256=body["sha256"], size_bytes=body["size_bytes"])
        for _, body in sorted(newest.items())
    )


def needed(workspace: Workspace, examiners: Iterable[str]) -> tuple[Material, ...]:
    """What the named examiners compare with."""
    kinds = registry.material_kinds(tuple(examiners))
    return tuple(each for each in materials(workspace) if each.kind in kinds) if kinds else ()


def with_paths(workspace: Workspace, chosen: Iterable[Material]) -> tuple[tuple[Material, Path], ...]:
    """Each with its file. Raises DoesNotVerify where one is not what custody says."""
    found = tuple((each, workspace.folder / _FOLDER / each.sha256) for each in chosen)
    wrong = [problem for material, path in found for problem in _problems(material, path)]
    if wrong:
        raise DoesNotVerify("what findings rely on is not as custody has it", names=tuple(wrong))
    return found


def check_materials(workspace: Workspace, custody: CustodyReport) -> Iterator[Check]:
    """Every material that was ever added, against its digest in custody; none where custody itself does not hold."""
    if custody.problems:
        return
    for body in {body["sha256"]: body for body in workspace.recorded(MATERIAL_ADDED)}.values():
        material = Material(kind=body["kind"], name=body["name"], sha256=body["sha256"], size_bytes=body["size_bytes"])
        problems = tuple(_problems(material, workspace.folder / _FOLDER / material.sha256))
        yield Check(what="material", name=f"{material.kind} {material.name}", checked=1, problems=problems)


def _problems(material: Material, path: Path) -> Iterator[str]:
    name = f"{material.kind} {material.name}"
    try:
        if file_digest(path) != (material.sha256, material.size_bytes):
            yield f"{name}: changed since it was added"
    except OSError as error:
        yield f"{name}: {error.strerror or error}"
