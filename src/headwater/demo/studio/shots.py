"""When each camera was used: no body takes two pictures in one second, so no two files bear one name."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from headwater.demo.camera_exif import Shot
from headwater.demo.story import Story
from headwater.demo.timeline import local, moments_between

_PHONE, _TWIN, _LAPTOP = 200, 204, 500
VIDEOS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneShots:
    """What the producer's phone took. The photograph `shared` is on the phone and in the training folder."""

    kept: tuple[Shot, ...]
    training: tuple[Shot, ...]
    deleted: Shot  # it lay in the training folder
    shared: Shot
    videos: tuple[datetime, ...]


def phone_shots(story: Story) -> PhoneShots:
    """Choose the times: what the model was trained on before the training, the rest anywhere before the seizure."""
    rng, days, size = story.rng(_PHONE), story.days, story.size
    trained = moments_between(rng, size.training + 1, days.begin, days.photographed)
    last = days.producer_seized - timedelta(days=1)
    others = moments_between(rng, size.phone - 1, days.begin, last, apart_from=trained)
    films = moments_between(rng, VIDEOS, days.begin, last, apart_from=[*trained, *others])
    count = int(rng.integers(80, 900))
    numbers = {taken: Shot(taken=taken, number=count + place) for place, taken in enumerate(sorted(trained + others))}
    picked = [numbers[taken] for taken in trained]
    deleted = picked.pop(int(rng.integers(1, len(picked))))
    shared = picked[0]
    kept = sorted([shared, *(numbers[taken] for taken in others)], key=lambda shot: shot.taken)
    return PhoneShots(
        kept=tuple(kept), training=tuple(picked), deleted=deleted, shared=shared, videos=tuple(films)
    )  # fmt: skip


def twin_shots(story: Story) -> list[Shot]:
    """Choose the times of the other body of the phone's model."""
    rng = story.rng(_TWIN)
    count = int(rng.integers(80, 900))
    taken = moments_between(rng, story.size.twin, story.days.begin, story.days.drawn_until)
    return [Shot(taken=moment, number=count + place) for place, moment in enumerate(taken)]


def laptop_shots(story: Story) -> list[Shot]:
    """Choose the times of the subscriber's camera; the last four are for the pictures that were tampered with."""
    rng = story.rng(_LAPTOP)
    count = int(rng.integers(20, 300))
    taken = moments_between(rng, story.size.laptop_photographs + 4, story.days.begin, story.days.subscriber_seized)
    return [Shot(taken=moment, number=count + place) for place, moment in enumerate(taken)]


def phone_name(taken: datetime, start: str, ending: str) -> str:
    """Name a file as a phone does: by its wall clock."""
    return f"{start}_{local(taken):%Y%m%d_%H%M%S}.{ending}"
