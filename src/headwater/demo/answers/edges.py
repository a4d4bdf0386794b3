"""The true edges of the upstream graph, as far as what was planted leaves a trace of them."""

from collections.abc import Iterator, Mapping, Sequence

from headwater.demo.exhibits.workstation import Workstation
from headwater.demo.studio.comfy_outputs import COMFY
from headwater.demo.studio.outputs import Output
from headwater.demo.truth import CameraTruth, EdgeTruth, FileTruth, NearTruth
from headwater.model.visible import visible


def edges(
    workstation: Workstation, files: Sequence[FileTruth], cameras: Sequence[CameraTruth], near: Sequence[NearTruth],
    place: str,
) -> tuple[EdgeTruth, ...]:  # fmt: skip
    """Every edge but those of copies, places and accounts. place: exhibit and volume of the training folder.

    A copy that lies under a damaged chunk carries its record still, and so has the edges of what it is a copy of.
    """
    training, models = workstation.training, workstation.models
    folder = f"folder:{place}/{visible(training.folder.encode())}"
    there = {file.sha256 for file in files}
    damaged = {file.sha256_original: file.sha256 for file in files if file.damaged}
    within = {frozenset((one.original_sha256, one.derived_sha256)) for one in near if one.within}
    made = (*workstation.outputs, *workstation.deleted)
    found = [edge for one in made for edge in _of_output(one, workstation, within)]
    found += [
        EdgeTruth(source=damaged[one.source], target=one.target, edge=one.edge)
        for one in found
        if one.source in damaged and one.edge == "made_by"
    ]
    found.append(EdgeTruth(source=models.lora.sha256, target=folder, edge="trained_on"))
    found.append(EdgeTruth(source=models.lora.sha256, target=models.shared.sha256, edge="based_on"))
    found += [
        EdgeTruth(source=folder, target=one.sha256, edge="contains")
        for one in (*training.photographs, training.deleted)
        if one.sha256 in there
    ]
    found += [
        EdgeTruth(source=picture, target=f"exhibit:{one.exhibit}", edge="taken_by")
        for one in cameras
        if one.exhibit
        for picture in one.pictures
    ]
    return tuple(dict.fromkeys(found))


def _of_output(one: Output, workstation: Workstation, within: set[frozenset[str]]) -> Iterator[EdgeTruth]:
    draft, sha256 = one.draft, one.placed.sha256
    if workstation.models.is_there(draft.checkpoint):
        yield EdgeTruth(source=sha256, target=draft.checkpoint.sha256, edge="made_by")
    if draft.lora:
        yield EdgeTruth(source=sha256, target=draft.lora.sha256, edge="made_by")
    leaves_a_trace = one.tool == COMFY or frozenset((sha256, one.source_sha256)) in within
    if one.source_sha256 and leaves_a_trace:
        yield EdgeTruth(source=sha256, target=one.source_sha256, edge="derived_from")


def shapes(outputs: Sequence[Output]) -> Mapping[str, str]:
    """Each output's way of working: the program and the workflow without its values."""
    return {one.placed.sha256: f"{one.tool}: {one.shape}" for one in outputs}
