"""Screenshots of a chat program, as the phone keeps them."""

from datetime import datetime, timedelta

import numpy as np

from headwater.demo import pictures
from headwater.demo.exif_writer import build_exif
from headwater.demo.placed import Placed
from headwater.demo.scenes import Pixels, Scene, draw
from headwater.demo.story import Story
from headwater.demo.timeline import local, moments_between
from headwater.demo.traces import Traces

_SCREEN = 202
_WIDTH, _HEIGHT = 540, 960
_LAST_ROW, _PICTURE_ROWS = 820, 100  # where bubbles end, and how tall one with a picture is


def screenshots(story: Story) -> list[Placed]:
    """Draw them; the last is one flat colour, which no perceptual hash can tell from another.

    Every other file says itself that it is a picture of a screen.
    """
    days, count = story.days, story.size.screenshots
    times = moments_between(story.rng(_SCREEN), count, days.begin, days.producer_seized - timedelta(days=1))
    placed = []
    for index, moment in enumerate(times):
        pixels = _screen(story, index) if index < count - 1 else np.full((_HEIGHT, _WIDTH, 3), 32, np.uint8)
        says_so = index % 2 == 0
        placed.append(
            Placed(
                path=f"Pictures/Screenshots/Screenshot_{local(moment):%Y%m%d-%H%M%S}.png".encode(),
                data=pictures.encode_png(pixels, exif=_says(moment) if says_so else b""),
                modified=moment,
                traces=Traces(
                    actual="screenshot", carrier=says_so,
                    why="a record in it says it is a picture of a screen" if says_so else "it carries nothing",
                ),
            )
        )  # fmt: skip
    return placed


def _says(moment: datetime) -> bytes:
    return build_exif({0x0132: f"{local(moment):%Y:%m:%d %H:%M:%S}"}, {0x9286: b"ASCII\0\0\0Screenshot"})


def _screen(story: Story, index: int) -> Pixels:
    """Draw bars, and bubbles with lines of grey for text, some with a small picture."""
    rng = story.rng(_SCREEN, index)
    screen = np.full((_HEIGHT, _WIDTH, 3), (238, 240, 236), np.uint8)
    screen[:64] = (24, 96, 88)
    screen[900:] = (252, 252, 252)
    top = 84
    while top < _LAST_ROW:
        tall, wide = int(rng.integers(40, 150)), int(rng.integers(160, 380))
        mine = rng.random() < 0.5
        left = 520 - wide if mine else 20
        low = min(top + tall, 890)
        screen[top:low, left : left + wide] = (214, 244, 206) if mine else (255, 255, 255)
        if tall > _PICTURE_ROWS:
            scene = draw(Scene(key=(story.seed, _SCREEN, index, top), width=400, height=200, tower=story.tower))
            screen[top + 8 : low - 8, left + 8 : left + wide - 8] = pictures.resize(scene, wide - 16, low - top - 16)
        else:
            for line in range(top + 10, low - 10, 16):
                screen[line : line + 6, left + 10 : left + 10 + int(rng.integers(60, wide - 20))] = (90, 90, 90)
        top += tall + 18
    return screen
