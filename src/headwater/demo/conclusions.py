"""Puts the truth together from what was planted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from headwater.demo.answers.chains import chains, downloads, paths_by_content
from headwater.demo.answers.edges import edges, shapes
from headwater.demo.answers.failures import planted_failures
from headwater.demo.answers.matches import matches
from headwater.demo.answers.near import Derived, groups, near_duplicates, neighbours
from headwater.demo.answers.origins import Origins
from headwater.demo.answers.people import camera_truth, packages, person_truths
from headwater.demo.answers.tiers import Standing, queue
from headwater.demo.exhibits.laptop import Laptop
from headwater.demo.exhibits.workstation import Workstation
from headwater.demo.gallery.history import Platform
from headwater.demo.known.record import KnownSet
from headwater.demo.placed import Placed
from headwater.demo.sight import Sight
from headwater.demo.story import NOTICE, OPERATION, Story
from headwater.demo.truth import CameraTruth, ExhibitTruth, FileTruth, OriginTruth, RefusedTruth, Truth
from headwater.model.visible import visible

_ROLL = b"DCIM/Camera/IMG"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What was planted, where it lies, and what a decoder sees of it. Exhibits stand in the order of DK-01 to DE-01."""

    story: Story
    phone: list[Placed]
    workstation: Workstation
    platform: Platform
    laptop: Laptop
    exhibits: dict[str, ExhibitTruth]
    files: list[FileTruth]
    placed: Mapping[str, Placed]
    sights: Mapping[str, Sight]
    known: Sequence[KnownSet]
    register: Mapping[str, Any]


def conclude(seen: Evidence) -> Truth:
    """Tell what should be found."""
    here, phone, _, laptop = seen.exhibits
    derived = _derived(seen)
    near = near_duplicates(seen.sights, derived)
    reach = neighbours(near)
    traces = {digest: one.traces for digest, one in seen.placed.items() if one.traces is not None}
    unread = {digest for digest, one in seen.placed.items() if any(name == "metadata" for name, _ in one.fails)}
    origins = Origins(traces, seen.sights, reach, unread, {one.sha256 for one in seen.files if one.damaged}).all()
    found = matches(seen.known, seen.sights)
    refused = tuple(RefusedTruth(exhibit=laptop, path=visible(path), kind="limit") for path in seen.laptop.refused)
    paths = paths_by_content(seen.files, exhibit=here)
    cameras = _cameras(seen)
    return Truth(
        seed=seen.story.seed,
        operation=OPERATION,
        notice=NOTICE,
        exhibits=seen.exhibits,
        files=tuple(seen.files),
        refused=refused,
        failures=planted_failures(seen.files, refused, seen.sights, seen.placed, seen.exhibits),
        pictures=tuple(one.truth for one in seen.sights.values()),
        sets={one.name: one.truth for one in seen.known},
        matches=found,
        near_duplicates=near,
        groups=groups(derived),
        origins=origins,
        edges=edges(seen.workstation, seen.files, cameras, near, f"{here}/p{seen.story.layout.pictures_volume + 1}"),
        shapes=dict(shapes([*seen.workstation.outputs, *seen.workstation.deleted])),
        chain=chains(seen.story, seen.platform.uploads, seen.workstation, paths, here=here, phone=phone),
        downloads=downloads(seen.laptop, laptop),
        queue=queue(origins, seen.files, found, reach, _standing(seen, origins)),
        cameras=cameras,
        persons=person_truths(seen.platform),
        packages=packages(seen.platform, seen.exhibits),
        counts=_counts(seen),
    )


def _derived(seen: Evidence) -> list[Derived]:
    """List what was made from what: outputs from photographs and outputs, uploads from outputs, copies."""
    rows = [
        Derived(
            original=one.source_sha256, copy=one.placed.sha256, change="repainted" if one.draft.masked else "restyled"
        )
        for one in seen.workstation.outputs
        if one.source_sha256
    ]
    rows += [
        Derived(original=one.output.placed.sha256, copy=one.placed.sha256, change=one.change)
        for one in seen.platform.uploads
        if one.output is not None
    ]
    rows += [
        Derived(original=one.sha256_original, copy=one.sha256, change="damaged") for one in seen.files if one.damaged
    ]
    own = seen.laptop.own[0].sha256
    cut = [one.sha256 for one in seen.laptop.placed if one.path == b"lying/cut off.jpg"]
    whole = [one.sha256 for one in seen.laptop.placed if one.path == b"lying/really a png.jpg"]
    half = [one.sha256 for one in seen.laptop.placed if one.path == b"lying/cut off.png"]
    rows += [Derived(original=own, copy=one, change="cut off") for one in cut]
    return rows + [Derived(original=first, copy=one, change="cut off") for first, one in zip(whole, half, strict=True)]


def _standing(seen: Evidence, origins: Sequence[OriginTruth]) -> Standing:
    """Say what the tiers ask about."""
    _, phone, _, laptop = seen.exhibits
    altered = {one.sha256 for one in origins if one.grade != "generated"}
    training = seen.workstation.training
    sources = {one.sha256 for one in (*training.photographs, training.deleted)}
    sources |= {
        one.source_sha256 for one in seen.workstation.outputs if one.source_sha256 and one.placed.sha256 in altered
    }
    uploaded = {one.placed.sha256 for one in seen.platform.uploads}
    uploaded |= {one.output.placed.sha256 for one in seen.platform.uploads if one.output is not None}
    of_phone = {one.sha256 for one in seen.phone if one.path.startswith(_ROLL)}
    return Standing(
        sources=frozenset(sources),
        rolls=(f"{phone}/DCIM/Camera/", f"{laptop}/{seen.story.layout.roll}/"),
        of_seized_cameras=frozenset(of_phone),
        uploaded=frozenset(uploaded),
    )


def _cameras(seen: Evidence) -> tuple[CameraTruth, ...]:
    """Tell of every body: which pictures bear its pattern, whole or changed."""
    bodies, (_, phone, _, _) = seen.story.bodies, seen.exhibits
    training = seen.workstation.training
    films = [one for one in seen.phone if one.kind == "video/mp4"]
    own = [one for one in seen.phone if one.path.startswith(_ROLL)]
    chat = [one for one in seen.phone if b"Chat Images" in one.path]
    twin = [one for one in seen.phone if one.path.startswith(b"Download/originals/")]
    tampered = seen.laptop.tampered
    whole = [*seen.laptop.own, tampered.claimed, tampered.edited]
    return (
        camera_truth(bodies.phone, phone, [*own, *training.photographs, *_if_there(seen, training.deleted)], films),
        camera_truth(bodies.twin, "", twin),
        camera_truth(bodies.laptop, "", whole, [tampered.mismatched]),
        *(
            camera_truth(body, "", [], chat[place :: len(bodies.strangers)])
            for place, body in enumerate(bodies.strangers)
        ),
    )


def _if_there(seen: Evidence, one: Placed) -> list[Placed]:
    return [one] if one.sha256 in seen.placed else []


def _counts(seen: Evidence) -> dict[str, int]:
    return {
        "files": len(seen.files),
        "unique": len({one.sha256 for one in seen.files}),
        "deleted": sum(one.allocation == "deleted" for one in seen.files),
        "damaged": sum(one.damaged for one in seen.files),
        "pictures": len(seen.sights),
        "accounts": len(seen.platform.accounts),
        "persons": len(seen.platform.persons),
        "countries": len({one.country for one in seen.platform.persons}),
        "payments": len(seen.platform.deals),
        "sessions": sum(map(len, seen.platform.visits.values())),
        "uploads": len(seen.platform.uploads),
        "downloads": len(seen.platform.downloads),
        **{name: int(count) for name, count in seen.register["totals"].items()},
    }
