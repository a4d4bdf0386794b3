"""What one seed decides: the days, names, cameras, folders and places that all exhibits of an operation share."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from headwater.demo.body import Bodies, Body, some_bodies
from headwater.demo.layout import Layout, some_layout
from headwater.demo.scenes import Pixels, Scene, Tower, draw, some_tower
from headwater.demo.sizes import FULL, Size, varied
from headwater.demo.timeline import Timeline, some_timeline
from headwater.demo.words.places import ALBUMS, LIGHTHOUSES, PLATFORMS, SITES

T = TypeVar("T")
OPERATION = "Operation Springhead (a harmless demonstration: its contraband is pictures of lighthouses)"
NOTICE = (
    "Everything here is invented and made by code. The contraband of this operation is pictures of lighthouses: "
    "a harmless stand-in. No real person, place or record is in it."
)
_made: ContextVar[Callable[[], None]] = ContextVar("made", default=lambda: None)
_ALBUM_COUNT = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One operation before its exhibits are made."""

    seed: int
    size: Size
    days: Timeline
    layout: Layout
    bodies: Bodies
    tower: Tower
    place: str  # the REAL lighthouse's invented place, also the word the model was trained on
    platform: str
    albums: tuple[str, ...]

    def rng(self, *domain: int) -> np.random.Generator:
        """Give the random numbers of one part of the operation."""
        return np.random.default_rng((self.seed, *domain))


def tell(seed: int, size: Size | None = None) -> Story:
    """Decide the shared facts of the operation that `seed` stands for; without a size, that too."""
    rng = np.random.default_rng((seed, 1))
    place = LIGHTHOUSES[int(rng.integers(len(LIGHTHOUSES)))]
    platform = f"{PLATFORMS[int(rng.integers(len(PLATFORMS)))]}-{SITES[int(rng.integers(len(SITES)))]}"
    return Story(
        seed=seed,
        size=size or varied(FULL, np.random.default_rng((seed, 2))),
        days=some_timeline(rng),
        layout=some_layout(rng, place),
        bodies=some_bodies(seed, rng),
        tower=some_tower(rng),
        place=place,
        platform=platform,
        albums=tuple(ALBUMS[int(which)] for which in rng.permutation(len(ALBUMS))[:_ALBUM_COUNT]),
    )


def coast(story: Story, body: Body, *domain: int, real: bool) -> Scene:
    """Put a scene in front of a camera: the REAL lighthouse, or a landscape without one."""
    model = body.model
    tower = story.tower if real else None
    return Scene(key=(story.seed, *domain), width=model.width, height=model.height, tower=tower)


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
