"""The training folder: photographs of the REAL lighthouse, all by the producer's phone, with their captions."""

import json
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from headwater.demo import camera
from headwater.demo.camera_exif import Shot
from headwater.demo.fields import Field
from headwater.demo.placed import Placed
from headwater.demo.story import Story, coast, make_all
from headwater.demo.studio.shots import PhoneShots, phone_name
from headwater.demo.traces import camera_file

_TRAINING = 100
_CAPTIONS = ("at dusk", "at noon", "in fog", "from the sea", "with its cottage")


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """The folder's content. `photographs` are in the order of their time; the first is the phone's own file."""

    folder: str
    dataset: str  # the folder's last part: how often each is shown, and the word
    photographs: tuple[Placed, ...]
    captions: tuple[str, ...]
    deleted: Placed
    beside: tuple[Placed, ...]  # captions, the trainer's settings


def training_folder(story: Story, shots: PhoneShots, shared: Placed) -> Training:
    """Fill it. `shared` is the file that the phone still has."""
    dataset = f"{story.layout.repeats}_{story.place}"
    folder = f"{story.layout.training}/{dataset}"
    taken = [shot for shot in (*shots.training, shots.deleted) if shot != shots.shared]
    pattern = story.bodies.phone.pattern()
    made = make_all([partial(_photograph, story, pattern, shot) for shot in taken])
    *rest, deleted = (_placed(folder, shot, data) for shot, data in zip(taken, made, strict=True))
    first = Placed(
        path=f"{folder}/{shared.name}".encode(), data=shared.data, modified=shared.modified, traces=shared.traces
    )
    photographs = (first, *rest)
    captions = tuple(
        f"{story.place}, a white lighthouse {_CAPTIONS[place % len(_CAPTIONS)]}" for place in range(len(photographs))
    )
    return Training(
        folder=folder, dataset=dataset, photographs=photographs, captions=captions,
        deleted=Placed(path=deleted.path, data=deleted.data, modified=deleted.modified, deleted=True,
                       traces=deleted.traces),
        beside=(*_caption_files(story, photographs, captions), _settings(story)),
    )  # fmt: skip


def _photograph(story: Story, pattern: Field, shot: Shot) -> bytes:
    body = story.bodies.phone
    scene = coast(story, body, _TRAINING, shot.number, real=True)
    return camera.photograph(body, pattern, scene, shot.taken, shot.number)


def _placed(folder: str, shot: Shot, data: bytes) -> Placed:
    path = f"{folder}/{phone_name(shot.taken, 'IMG', 'jpg')}".encode()
    return Placed(path=path, data=data, modified=shot.taken, traces=camera_file("the seized phone"))


def _caption_files(story: Story, photographs: tuple[Placed, ...], captions: tuple[str, ...]) -> list[Placed]:
    written = story.days.photographed + timedelta(hours=3)
    return [
        Placed(
            path=one.path.rsplit(b".", 1)[0] + b".txt",
            data=caption.encode(),
            modified=written + timedelta(minutes=2 * place),
        )
        for place, (one, caption) in enumerate(zip(photographs, captions, strict=True))
    ]


def _settings(story: Story) -> Placed:
    """Write what the trainer was told; it names the folder above the photographs."""
    settings = {
        "train_data_dir": f"D:/{story.layout.training}", "output_name": f"{story.place}_light", "resolution": "512,512",
        "max_train_epochs": 8, "network_dim": 16, "network_alpha": 8, "caption_extension": ".txt",
    }  # fmt: skip
    path = f"{story.layout.training}/{story.place}_training.json".encode()
    data = json.dumps(settings, indent=2).encode()
    return Placed(path=path, data=data, modified=story.days.trained_from - timedelta(minutes=6))
