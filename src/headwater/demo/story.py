"""What one seed decides: the names, cameras and places that all exhibits of an operation share."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import numpy as np

from headwater.demo.camera import Body
from headwater.demo.scenes import Pixels, Scene, Tower, draw, some_tower

T = TypeVar("T")
NOTICE = (
    "Everything here is invented and made by code. The contraband of this operation is pictures of lighthouses: "
    "a harmless stand-in. No real person, place or record is in it."
)
_made: ContextVar[Callable[[], None]] = ContextVar("made", default=lambda: None)
BEGIN = datetime(2024, 3, 1, 8, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How many of each thing an operation holds."""

    comfy: int = 84
    comfy_from_picture: int = 12
    a1111: int = 44
    a1111_jpeg: int = 8
    invoke: int = 26
    training: int = 24
    phone: int = 46
    chat: int = 24
    screenshots: int = 9
    video_frames: int = 24
    uploads: int = 120
    foreign_uploads: int = 16
    downloads: int = 40
    laptop_photographs: int = 26
    bomb_mebibytes: int = 84
    accounts: int = 5_000
    persons: int = 4_200
    requests: int = 30_000


FULL = Size()
SMALL = Size(
    comfy=6, comfy_from_picture=2, a1111=4, a1111_jpeg=1, invoke=2, training=24, phone=3, chat=2, screenshots=3,
    video_frames=2, uploads=10, foreign_uploads=2, downloads=3, laptop_photographs=2, accounts=260, persons=210,
    requests=500,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One operation before its exhibits are made."""

    seed: int
    size: Size
    place: str  # the REAL lighthouse's invented place, also the word the model was trained on
    producer: str
    platform: str
    tower: Tower
    phone: Body
    laptop_camera: Body
    strangers: tuple[Body, ...]

    def rng(self, *domain: int) -> np.random.Generator:
        """Give the random numbers of one part of the operation."""
        return np.random.default_rng((self.seed, *domain))

    def moment(self, rng: np.random.Generator, days: int = 100) -> datetime:
        """Pick some time in the operation's span, to two seconds as FAT keeps it."""
        return BEGIN + timedelta(seconds=2 * int(rng.integers(0, days * 43_200)))


def tell(seed: int, size: Size) -> Story:
    """Decide the shared facts of the operation that `seed` stands for."""
    rng = np.random.default_rng((seed, 1))
    makes = ["Fjordcam", "Polarlys", "Havblik", "Lumidal", "Okulus Nord", "Grimsolt"]
    rng.shuffle(makes)
    tower = some_tower(rng)
    latitude, longitude = float(rng.uniform(55.8, 57.4)), float(rng.uniform(4.2, 6.4))  # open sea
    bodies = [_body(seed, index, make, rng) for index, make in enumerate(makes)]
    phone = replace(bodies[0], latitude=latitude, longitude=longitude)
    return Story(
        seed=seed,
        size=size,
        place=syllables(rng, 3).lower() + str(rng.choice(["nes", "holm", "odde"])),
        producer=syllables(rng, 2).lower() + str(int(rng.integers(10, 99))),
        platform=syllables(rng, 2).lower() + "gallery",
        tower=tower,
        phone=phone,
        laptop_camera=bodies[1],
        strangers=tuple(bodies[2:]),
    )


def syllables(rng: np.random.Generator, count: int) -> str:
    """Invent a name."""
    heads = ("b", "br", "d", "f", "g", "h", "k", "kr", "l", "m", "n", "p", "r", "s", "sk", "st", "t", "tr", "v", "j")
    tails = ("a", "e", "i", "o", "u", "al", "ar", "en", "er", "il", "in", "is", "on", "or", "un", "ald", "ina", "eth")
    return "".join(str(rng.choice(heads)) + str(rng.choice(tails)) for _ in range(count)).capitalize()


def _body(seed: int, index: int, make: str, rng: np.random.Generator) -> Body:
    letter = "PSXK"[int(rng.integers(4))]
    return Body(
        key=(seed, 50, index),
        make=make,
        model=f"{make} {letter}{int(rng.integers(2, 12))}",
        serial=f"{letter}{int(rng.integers(10**8, 10**9))}",
        software=f"{letter}.{int(rng.integers(1, 9))}.{int(rng.integers(0, 40))}",
        pattern_strength=float(rng.uniform(0.016, 0.024)),
        noise=float(rng.uniform(1.4, 2.6)),
        table_scale=float(rng.uniform(0.15, 0.24)),
    )


def coast(story: Story, *domain: int, real: bool) -> Scene:
    """Put a scene in front of a camera: the REAL lighthouse, or a landscape without one."""
    phone = story.phone
    return Scene(key=(story.seed, *domain), width=phone.width, height=phone.height, tower=story.tower if real else None)


def dream(story: Story, width: int, height: int, *domain: int, real: bool = False) -> Pixels:
    """Draw what a generator draws: an invented lighthouse, or the trained one."""
    tower = story.tower if real else some_tower(story.rng(*domain, 99))
    return draw(Scene(key=(story.seed, *domain), width=width, height=height, dream=True, tower=tower))


def make_all(jobs: Sequence[Callable[[], T]]) -> list[T]:
    """Run the jobs on two threads; the results keep the order of the jobs. Interrupted, no other is begun."""
    made = _made.get()
    pool = ThreadPoolExecutor(max_workers=2)
    try:
        futures = [pool.submit(job) for job in jobs]
        for future in as_completed(futures):
            future.result()
            made()
        return [future.result() for future in futures]
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


@contextmanager
def heard(made: Callable[[], None]) -> Iterator[None]:
    """Have `made` called for each job that `make_all` finishes meanwhile."""
    token = _made.set(made)
    try:
        yield
    finally:
        _made.reset(token)
