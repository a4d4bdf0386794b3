"""DK-01, the producer's workstation: generators with their outputs, models, a training folder, documents, copies."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from headwater.demo import pictures
from headwater.demo.generators.comfy import comfy_shape, comfy_text
from headwater.demo.placed import Placed
from headwater.demo.scenes import Pixels, draw
from headwater.demo.story import Story, coast, dream
from headwater.demo.studio.a1111_outputs import a1111_from_pictures, a1111_outputs
from headwater.demo.studio.comfy_outputs import COMFY, comfy_from_pictures, comfy_inputs, comfy_outputs
from headwater.demo.studio.models import Models, model_files
from headwater.demo.studio.other_outputs import (
    fooocus_outputs,
    fooocus_records,
    invoke_outputs,
    invoke_records,
)
from headwater.demo.studio.outputs import Output, make_draft, seeds
from headwater.demo.studio.records import a1111_records, comfy_records, everyday_files
from headwater.demo.studio.shots import PhoneShots
from headwater.demo.studio.training import Training, training_folder
from headwater.demo.timeline import moment_between
from headwater.demo.traces import recorded

_DELETED, _BACKUP, _LOST = 116, 122, 123
_DAMAGED_BYTES = 100 << 10  # a whole chunk of the image lies in any file this long
_LOST_NOTES = ("TRANSFER.TXT", "PAYMENTS.TXT", "LIST.CSV", "ALBUMS.TXT")


@dataclass(frozen=True, slots=True, kw_only=True)
class Workstation:
    """The volumes of the workstation, and the parts other exhibits draw on.

    damaged: the path, on the last volume, of the copy that will lie under the unreadable chunk.
    """

    volumes: tuple[tuple[Placed, ...], ...]
    damaged: bytes
    outputs: tuple[Output, ...]
    deleted: tuple[Output, ...]
    training: Training
    inputs: tuple[Placed, ...]
    models: Models
    programs: tuple[Placed, ...]


def build_workstation(story: Story, shots: PhoneShots, shared: Placed) -> Workstation:
    """Make the workstation. `shared` is a photograph of the phone's that is also in the training folder."""
    training = training_folder(story, shots, shared)
    models = model_files(story, training)
    lost = [draw(coast(story, story.bodies.phone, _LOST, index, real=True)) for index in range(3)]
    comfy, inputs, from_pictures = _comfy(story, models, training, lost)
    a1111 = a1111_outputs(story, models)
    invoke, fooocus = invoke_outputs(story, models), fooocus_outputs(story, models)
    outputs = [
        *comfy, *from_pictures, *a1111, *a1111_from_pictures(story, models, training.photographs, lost), *invoke,
        *fooocus,
    ]  # fmt: skip
    everyday, programs = everyday_files(story)
    tools = [one.placed for one in outputs] + inputs + list(models.placed)
    tools += comfy_records(story, comfy) + a1111_records(story, a1111, models)
    tools += invoke_records(story, invoke, models) + fooocus_records(story, fooocus)
    deleted = _deleted_outputs(story, models)
    tools += [*(one.placed for one in deleted), _deleted_note(story)]
    volumes = _volumes(story, tools, _folder(story, training), [*everyday, *programs])
    copies, damaged = _copies(story, outputs, training)
    volumes[-1] += copies
    return Workstation(
        volumes=tuple(map(tuple, volumes)), damaged=damaged, outputs=tuple(outputs),
        deleted=tuple(deleted), training=training,
        inputs=tuple(inputs), models=models, programs=tuple(programs),
    )  # fmt: skip


def _comfy(
    story: Story, models: Models, training: Training, lost: list[Pixels]
) -> tuple[list[Output], list[Placed], list[Output]]:
    outputs = comfy_outputs(story, models)
    inputs = comfy_inputs(story, training.photographs, outputs)
    return outputs, inputs, comfy_from_pictures(story, models, inputs, lost)


def _folder(story: Story, training: Training) -> list[Placed]:
    """The training folder; in some operations one of its photographs was deleted from it."""
    files = [*training.photographs, *training.beside]
    return [*files, training.deleted] if story.rng(_DELETED, 2).random() < 0.6 else files


def _volumes(
    story: Story, tools: Sequence[Placed], pictures_: Sequence[Placed], documents: Sequence[Placed]
) -> list[list[Placed]]:
    """Spread the files: tools on the first volume, documents on the middle one, where there are three."""
    volumes: list[list[Placed]] = [[] for _ in story.layout.volumes]
    volumes[0] += tools
    volumes[story.layout.pictures_volume] += pictures_
    volumes[len(volumes) - 2 if len(volumes) > 1 else 0] += documents
    return volumes


def _deleted_outputs(story: Story, models: Models) -> list[Output]:
    """Delete one or two outputs with long names."""
    rng, days = story.rng(_DELETED), story.days
    seed = seeds(story, _DELETED)
    made = []
    for number in range(1 + int(rng.integers(2))):
        draft = replace(
            make_draft(story, _DELETED, number, models.shared, lora=None, seed=next(seed)), height=512, prefix="attempt"
        )
        placed = Placed(
            path=f"{story.layout.comfy}/output/attempt {number + 1}, do not use.png".encode(),
            data=pictures.encode_png(dream(story, 512, 512, _DELETED, number), comfy_text(draft)),
            modified=moment_between(rng, days.trained_until, days.drawn_until), deleted=True,
            traces=recorded("ComfyUI's graph in the deleted file"),
        )  # fmt: skip
        made.append(Output(placed=placed, draft=draft, tool=COMFY, shape=comfy_shape(draft)))
    return made


def _deleted_note(story: Story) -> Placed:
    """Delete one file whose short name loses its first letter."""
    rng, days = story.rng(_DELETED, 3), story.days
    name = _LOST_NOTES[int(rng.integers(len(_LOST_NOTES)))]
    note = f"ask {story.platform} about transfer {int(rng.integers(100, 999))}\r\n".encode() * 40
    moment = moment_between(rng, days.opened, days.server_seized)
    return Placed(path=name.encode(), data=note, modified=moment, deleted=True)


def _copies(story: Story, outputs: list[Output], training: Training) -> tuple[list[Placed], bytes]:
    """Copy some files, among them the one that will lie under the damaged chunk."""
    rng, folder = story.rng(_BACKUP), story.layout.backup
    made = [one.placed for one in outputs if len(one.placed.data) >= _DAMAGED_BYTES and one.placed.name.endswith("png")]
    order = [made[int(place)] for place in rng.permutation(len(made))[: 3 + int(rng.integers(3))]]
    damaged, *others = order
    copied = story.days.drawn_until + timedelta(hours=2)
    copies = [
        replace(one, path=f"{folder}/{one.name}".encode(), created=copied)
        for one in [*others, *training.photographs[1:3]]
    ]
    last = replace(damaged, path=f"{folder}/copy of {damaged.name}".encode(), created=copied)
    readme = Placed(path=b"README.TXT", data=f"copies of {story.place}\r\n".encode(), modified=copied)
    return [*copies, last, readme], last.path
