"""What an examination should conclude from the exhibits: origins, near duplicates, chains, cameras, persons."""

from collections import defaultdict
from collections.abc import Callable

from headwater.demo.laptop import Laptop
from headwater.demo.persons import Account, Person
from headwater.demo.placed import Placed
from headwater.demo.server import Upload
from headwater.demo.story import Story
from headwater.demo.truth import ChainTruth, NearTruth, OriginTruth, PersonTruth
from headwater.demo.workstation import Output, Workstation

Note = Callable[[Placed, str, str, str], None]  # a file, its origin, what can be known of it, and why


def near_duplicates(uploads: list[Upload]) -> tuple[NearTruth, ...]:
    """Pair each upload made from an output with it, and say how it was changed on the way."""
    return tuple(
        NearTruth(original_sha256=one.output.placed.sha256, derived_sha256=one.placed.sha256, change=one.change)
        for one in uploads
        if one.output is not None
    )


def origins(
    phone: list[Placed], workstation: Workstation, uploads: list[Upload], laptop: Laptop
) -> tuple[OriginTruth, ...]:
    """Tell the origin of every picture that has one, each content once."""
    found: dict[str, OriginTruth] = {}

    def note(one: Placed, actual: str, expected: str, why: str) -> None:
        found.setdefault(one.sha256, OriginTruth(sha256=one.sha256, actual=actual, expected=expected, why=why))

    for output in workstation.outputs:
        note(output.placed, "generated", "generated", f"{output.tool} settings in the file, model on the same device")
    for one in workstation.training:
        note(one, "camera", "camera", "coherent EXIF of the phone's camera")
    for one in phone:
        _phone_origin(note, one)
    for upload in uploads:
        _upload_origin(note, upload)
    for one in laptop.own:
        note(one, "camera", "camera", "coherent EXIF of the laptop owner's camera")
    note(laptop.other_tool, "generated", "generated", "an online generator's text chunks")
    note(laptop.edited, "edited", "edited", "declared composite with trained algorithmic media")
    note(laptop.claimed, "camera", "undetermined", "camera fields and a generator's text contradict each other")
    return tuple(found.values())


def _phone_origin(note: Note, one: Placed) -> None:
    if one.path.startswith(b"DCIM/Camera/IMG"):
        note(one, "camera", "camera", "coherent EXIF of the phone's camera")
    elif b"Chat Images" in one.path:
        note(one, "camera", "undetermined", "metadata stripped by the chat program")
    elif b"Screenshots" in one.path:
        note(one, "screenshot", "undetermined", "a picture of a screen")


def _upload_origin(note: Note, upload: Upload) -> None:
    if upload.output is None:
        note(upload.placed, "generated", "undetermined", "metadata stripped, nothing to compare with")
    else:
        note(upload.placed, "generated", "generated", f"{upload.change} copy of an output on the workstation")


def chains(uploads: list[Upload], workstation: Workstation, phone: str) -> tuple[ChainTruth, ...]:
    """Go upstream of each upload: output, models, source picture, training photographs, camera."""
    return tuple(_chain(one, one.output, workstation, phone) for one in uploads if one.output is not None)


def _chain(upload: Upload, output: Output, workstation: Workstation, phone: str) -> ChainTruth:
    draft = output.draft
    trained = workstation.training if draft.lora is not None else ()
    return ChainTruth(
        upload_sha256=upload.placed.sha256,
        output_sha256=output.placed.sha256,
        tool=output.tool,
        checkpoint_sha256=draft.checkpoint.sha256,
        lora_sha256=draft.lora.sha256 if draft.lora is not None else "",
        source_sha256=output.source_sha256,
        training_folder=trained[0].path.rsplit(b"/", 1)[0].decode() if trained else "",
        photographs_sha256=tuple(one.sha256 for one in trained),
        camera_exhibit=phone if trained else "",
    )


def cameras(story: Story, phone: list[Placed], workstation: Workstation, laptop: Laptop) -> dict[str, tuple[str, ...]]:
    """List the pictures each camera body took, by its serial number."""
    taken: dict[str, set[str]] = defaultdict(set)
    taken[story.phone.serial] |= {one.sha256 for one in phone if one.path.startswith(b"DCIM/Camera/IMG")}
    taken[story.phone.serial] |= {one.sha256 for one in workstation.training}
    taken[story.laptop_camera.serial] |= {one.sha256 for one in (*laptop.own, laptop.edited, laptop.claimed)}
    return {serial: tuple(sorted(digests)) for serial, digests in taken.items()}


def person_truths(persons: list[Person], accounts: list[Account]) -> tuple[PersonTruth, ...]:
    """Tell whose each account is."""
    held: dict[str, list[int]] = defaultdict(list)
    for one in accounts:
        held[one.person.person].append(one.account)
    return tuple(
        PersonTruth(person=one.person, country=one.country, household=one.household, accounts=tuple(held[one.person]))
        for one in persons
    )
