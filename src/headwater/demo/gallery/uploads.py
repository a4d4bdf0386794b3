"""The pictures on the platform: the producer's outputs changed on the way, and some of other people's making."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from hashlib import sha1

import numpy as np

from headwater.demo import pictures
from headwater.demo.gallery.visits import Visit
from headwater.demo.people.accounts import Account
from headwater.demo.placed import Placed
from headwater.demo.scenes import Pixels
from headwater.demo.story import Story, dream, make_all
from headwater.demo.studio.outputs import Output
from headwater.demo.traces import stripped

CHANGES = ("reencoded", "reencoded", "bordered", "mirrored", "cropped")
_UPLOAD, _FOREIGN = 401, 402
_SCALED_BELOW = 0.97


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """One picture on the platform. `output` is what it was made from; None where another user made it elsewhere."""

    placed: Placed
    output: Output | None
    change: str
    visit: Visit
    album: str
    original_name: str

    @property
    def account(self) -> Account:
        return self.visit.account

    @property
    def at(self) -> datetime:
        """When it was uploaded."""
        return self.placed.modified

    @property
    def stored_name(self) -> str:
        """The name the platform gave it: its SHA-1."""
        return self.placed.name


def make_uploads(story: Story, outputs: tuple[Output, ...], visits: dict[int, list[Visit]]) -> list[Upload]:
    """Upload what was drawn before the visit, from the producer's accounts; others upload pictures of their own."""
    rng = story.rng(_UPLOAD)
    chosen = [outputs[int(which)] for which in rng.permutation(len(outputs))[: story.size.uploads]]
    picked = [(output, CHANGES[place % len(CHANGES)]) for place, output in enumerate(chosen)]
    copies = make_all([partial(_copy, story, place, *pair) for place, pair in enumerate(picked)])
    mine = [visit for one in visits.values() for visit in one if visit.account.person.role == "producer"]
    uploads = [
        _upload(story, rng, data, output, change, _pick(rng, mine, output.placed.modified))
        for (output, change), data in zip(picked, copies, strict=True)
    ]
    others = [one for number, one in sorted(visits.items()) if not one[0].account.person.role]
    foreign = make_all([partial(_foreign, story, index) for index in range(story.size.foreign_uploads)])
    for data in foreign:
        theirs = others[int(rng.integers(len(others)))]
        uploads.append(_upload(story, rng, data, None, "", theirs[int(rng.integers(len(theirs)))]))
    return _in_order(uploads)


def _pick(rng: np.random.Generator, visits: list[Visit], made: datetime) -> Visit:
    """Choose a visit that began after the picture was made."""
    later = [visit for visit in visits if visit.start > made]
    return later[int(rng.integers(len(later)))]


def _in_order(uploads: list[Upload]) -> list[Upload]:
    """Put them in the order of their times."""
    return sorted(uploads, key=lambda one: (one.at, one.stored_name))


def _upload(
    story: Story, rng: np.random.Generator, data: bytes, output: Output | None, change: str, visit: Visit
) -> Upload:
    name = sha1(data, usedforsecurity=False).hexdigest()
    why = "the platform took all metadata away"
    placed = Placed(
        path=f"srv/platform/uploads/{name[:2]}/{name}.jpg".encode(), data=data,
        modified=visit.moment(rng),
        traces=stripped(output.placed.traces.actual if output and output.placed.traces else "generated", why),
    )  # fmt: skip
    return Upload(
        placed=placed, output=output, change=change, visit=visit,
        album=story.albums[int(rng.integers(len(story.albums)))],
        original_name=output.placed.name if output else f"picture{int(rng.integers(100, 10_000))}.jpg",
    )  # fmt: skip


def _copy(story: Story, place: int, output: Output, change: str) -> bytes:
    """Do as the platform does: strip all metadata, write JPEG of its own; some users change the picture first."""
    rng = story.rng(_UPLOAD, place, 1)
    pixels = _changed(pictures.decode(output.placed.data), change, rng)
    height, width = pixels.shape[:2]
    scale = float(rng.uniform(0.8, 1.0)) if change == "reencoded" else 1.0
    if scale < _SCALED_BELOW:
        pixels = pictures.resize(pixels, round(width * scale), round(height * scale))
    return pictures.encode_jpeg(pixels, quality=int(rng.integers(72, 90)))


def _changed(pixels: Pixels, change: str, rng: np.random.Generator) -> Pixels:
    if change == "bordered":
        return pictures.border(pixels, float(rng.uniform(0.02, 0.05)), int(rng.integers(0, 256)))
    if change == "mirrored":
        return pictures.mirror(pixels)
    return pictures.crop(pixels, float(rng.uniform(0.02, 0.06))) if change == "cropped" else pixels


def _foreign(story: Story, index: int) -> bytes:
    return pictures.encode_jpeg(dream(story, 512, 640, _FOREIGN, index), quality=80)
