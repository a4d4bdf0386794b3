"""Seized cameras: learning a sensor's pattern from an exhibit's own pictures, and comparing pictures with it."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any

from headwater.evidence.folder import Folder
from headwater.examine.messages import WorkSettings
from headwater.findings.views import connect
from headwater.model.errors import WrongUse
from headwater.model.material import CAMERA, Material
from headwater.model.visible import visible
from headwater.steps.enrol_job import LEAST_REFERENCES, EnrolJob, Pattern, Place
from headwater.steps.exhibits import known_sources
from headwater.steps.ingest import Listener
from headwater.steps.materials import add_material, materials
from headwater.steps.references import Body, Candidates, candidates
from headwater.steps.run import reading_limits
from headwater.steps.runner import Pool
from headwater.steps.sources import close_source_files, open_source_files
from headwater.steps.stores import listed_units
from headwater.steps.workspace import Workspace

CAMERA_ENROLLED = "camera_enrolled"
SENSOR = "sensor"  # the examiner that compares
_LIKENESS_MOST = 0.1  # more of a scene than this in a pattern, and it is not kept
_RATED_EACH = 4  # pictures that are rated for each that is learned from
_LONGEST_NAME = 60
_PATTERNS_BYTES = 240 << 20  # of all cameras: ten of 12 megapixels; every worker holds them all


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolled:
    """An enrolled camera, as custody has it. references: how many pictures its pattern was learned from."""

    name: str
    exhibit: str
    sha256: str
    make: str
    model: str
    serial: str
    width: int
    height: int
    references: int
    threshold: int
    likeness: float


def check_name(name: str) -> None:
    """Raise WrongUse for a name that cannot be a camera's."""
    if not name.strip() or not name.isprintable() or len(name) > _LONGEST_NAME:
        raise WrongUse(
            f"a camera's name is 1 to {_LONGEST_NAME} printable characters", next_step="Such as: LH-07-phone"
        )


def find_references(workspace: Workspace, exhibit: str, wanted: Body, where: str) -> Candidates:
    """The pictures a camera can be enrolled from. Raises WrongUse where they are too few or of several cameras."""
    if exhibit not in {known.exhibit for known in known_sources(workspace)}:
        raise WrongUse(f"no exhibit is called {visible(exhibit)}", next_step="headwater show exhibits lists them.")
    found = candidates(workspace, exhibit, wanted, where)
    if len(found.references) < LEAST_REFERENCES:
        raise WrongUse(
            f"{len(found.references)} pictures of {found.body}, {found.width} x {found.height}; "
            f"{LEAST_REFERENCES} references are needed",
            next_step="More pictures of that camera and size, best of evenly lit surfaces, make a pattern.",
        )
    return found


def enrol(
    workspace: Workspace, pool: Pool, found: Candidates, listener: Listener, *, name: str, exhibit: str, most: int
) -> Enrolled:
    """Learn the pattern and keep it. Raises WrongUse where it cannot be learned, or shows a picture.

    most: how many references at most. pool: of one worker.
    """
    found = replace(found, references=_spread(found.references, most * _RATED_EACH))
    with ExitStack() as stack:
        places = _places(workspace, exhibit, {each.top for each in found.references}, stack)
        job = EnrolJob(
            candidates=found, places=places, threshold=workspace.settings.cameras.pce, most=most, listener=listener
        )
        stack.callback(job.close)
        pool.run([job], tick=listener.tick)
    listener.end()
    if job.pattern is None:
        raise WrongUse(f"{visible(name)} is not enrolled: {job.fault or 'nothing was learned'}")
    if job.pattern.likeness > _LIKENESS_MOST:
        raise WrongUse(
            f"{visible(name)} is not enrolled: its references are so alike that their scene stands in the pattern "
            f"(correlation {job.pattern.likeness:.3f}, at most {_LIKENESS_MOST})",
            next_step="Choose pictures of different scenes, or of evenly lit surfaces: --where.",
        )
    return _keep(workspace, job.pattern, found, name=name, exhibit=exhibit)


def enrolled(workspace: Workspace) -> tuple[Enrolled, ...]:
    """The cameras that count now, by name."""
    now = {each.sha256: each.name for each in materials(workspace) if each.kind == CAMERA}
    told = {body["sha256"]: body for body in workspace.recorded(CAMERA_ENROLLED) if body["sha256"] in now}
    return tuple(sorted((_enrolled(body) for body in told.values()), key=lambda each: each.name))


def to_match(workspace: Workspace) -> None:
    """Make the workspace examine by sensor patterns only, until it is closed. Raises WrongUse where there are none."""
    patterns = [each for each in materials(workspace) if each.kind == CAMERA]
    if sum(each.size_bytes for each in patterns) > _PATTERNS_BYTES:
        raise WrongUse(
            f"the patterns of {len(patterns)} cameras are more than a worker holds ({_PATTERNS_BYTES >> 20} MiB)",
            next_step="Compare in workspaces of their own: each of 12 megapixels takes 24 MiB.",
        )
    if not patterns:
        raise WrongUse("no camera is enrolled", next_step="Enrol one: headwater camera enrol NAME --exhibit REF")
    settings = workspace.settings
    workspace.settings = replace(settings, run=replace(settings.run, examiners=(SENSOR,)))


def one_worker(workspace: Workspace) -> None:
    """Make the workspace work with one worker, until it is closed: the sums of a pattern are in one memory."""
    settings = workspace.settings
    workspace.settings = replace(settings, run=replace(settings.run, workers=1))


def _spread(references: Sequence[Any], most: int) -> tuple[Any, ...]:
    """So many of them, from all of their order alike."""
    if len(references) <= most:
        return tuple(references)
    return tuple(references[place * len(references) // most] for place in range(most))


def _places(workspace: Workspace, exhibit: str, tops: set[str], stack: ExitStack) -> Mapping[str, Place]:
    places: dict[str, Place] = {}
    for known in known_sources(workspace):
        if known.exhibit != exhibit:
            continue
        folder = stack.enter_context(Folder(known.files.paths[0])) if known.files.is_folder else None
        source = open_source_files(known.files, reading_limits(workspace))
        stack.callback(close_source_files, source)
        settings = WorkSettings(
            exhibit,
            known.files.source,
            source.limits,
            (),
            workspace.settings.digest,
            workspace.settings.pictures.pixels,
        )
        for _, start, items in listed_units(workspace, exhibit, known.unit_prefix):
            for number, listed in enumerate(items, start):
                if listed.item in tops:
                    places[listed.item] = Place(
                        source=source, folder=folder, number=number, listed=listed, settings=settings
                    )
    return places


def _keep(workspace: Workspace, pattern: Pattern, found: Candidates, *, name: str, exhibit: str) -> Enrolled:
    facts: dict[str, Any] = {
        "exhibit": exhibit,
        "make": found.body.make,
        "model": found.body.model,
        "serial": found.body.serial,
        "width": found.width,
        "height": found.height,
        "threshold": workspace.settings.cameras.pce,
        "likeness": pattern.likeness,
    }
    material: Material = add_material(
        workspace, CAMERA, name, pattern.data, {**facts, "references": len(pattern.references)}
    )
    body = {
        **facts,
        "name": name,
        "sha256": material.sha256,
        "references": [each.sha256 for each in pattern.references],
        "items": [each.item for each in pattern.references],
        "of_another_size": found.left_out,
    }
    workspace.record(CAMERA_ENROLLED, body)
    workspace.checkpoint()
    return _enrolled(body)


def _enrolled(body: Mapping[str, Any]) -> Enrolled:
    return Enrolled(
        name=body["name"],
        exhibit=body["exhibit"],
        sha256=body["sha256"],
        make=body["make"],
        model=body["model"],
        serial=body["serial"],
        width=body["width"],
        height=body["height"],
        references=len(body["references"]),
        threshold=body["threshold"],
        likeness=body["likeness"],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """How many pictures were compared with one camera's present pattern, and how that ended."""

    camera: str
    over: int
    below: int
    other_size: int
    references: int
    failed: int


_COMPARED = """
SELECT json_extract_string(value, '$.camera') AS camera,
  count(*) FILTER (state = 'found') AS over, count(*) FILTER (state = 'nothing') AS below,
  count(*) FILTER (state = 'not_run' AND json_extract_string(value, '$.geometry') = 'other') AS other_size,
  count(*) FILTER (state = 'not_run' AND json_extract_string(value, '$.geometry') <> 'other') AS references,
  count(*) FILTER (state = 'failed') AS failed
FROM (SELECT DISTINCT sha256, value, state FROM findings WHERE claim = 'sensor.match')
WHERE list_contains(?, json_extract_string(value, '$.pattern_sha256')) GROUP BY camera ORDER BY camera
"""


def comparisons(workspace: Workspace) -> tuple[Compared, ...]:
    """What `camera match` found with the patterns that count now, by camera."""
    now = [each.sha256 for each in materials(workspace) if each.kind == CAMERA]
    connection = connect(workspace.folder)
    try:
        rows = connection.sql(_COMPARED, params=[now]).to_arrow_table().to_pylist()
    finally:
        connection.close()
    return tuple(Compared(**row) for row in rows)
