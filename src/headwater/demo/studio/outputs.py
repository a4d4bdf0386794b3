"""One output of a generator, and what all generators' outputs have in common: prompts, seeds, times."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from headwater.demo import pictures
from headwater.demo.generators.draft import Draft, Model
from headwater.demo.placed import Placed
from headwater.demo.scenes import Pixels
from headwater.demo.story import Story, dream
from headwater.demo.timeline import moments_between

_DRAFTS, _TIMES, _SEEDS = 115, 117, 113
_LIGHTS = ("at dusk", "at dawn", "in a storm", "under stars", "in morning fog", "at noon", "in snow", "in the rain")
_STYLES = ("oil painting", "cinematic", "watercolour", "highly detailed", "soft light", "matte painting", "ink drawing")


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """One generated picture and how it came about. `source_sha256` is the picture it was begun from, if any."""

    placed: Placed
    draft: Draft
    tool: str
    shape: str  # the workflow without its values
    source_sha256: str = ""


def output_times(story: Story, domain: int, count: int) -> list[datetime]:
    """Choose when a generator's outputs were written: after the model was trained, in order."""
    first = story.days.trained_until + timedelta(hours=1)
    return moments_between(story.rng(_TIMES, domain), count, first, story.days.drawn_until)


def seeds(story: Story, domain: int) -> Iterator[tuple[int, str]]:
    """Give seeds, and what is done with each afterwards: runs that count up, and others that jump."""
    rng = story.rng(_SEEDS, domain)
    while True:
        start, goes_on = int(rng.integers(1, 2**31)), rng.random() < 0.5
        for step in range(int(rng.integers(3, 7)) if goes_on else 1):
            yield start + step, "increment" if goes_on else "randomize"


def make_draft(
    story: Story, domain: int, index: int, checkpoint: Model, *, lora: Model | None, seed: tuple[int, str]
) -> Draft:
    """Think of a picture: a prompt by one template, with other words for light and style."""
    rng = story.rng(_DRAFTS, domain, index)

    def one(words: tuple[str, ...]) -> str:
        return words[int(rng.integers(len(words)))]

    what = f"{story.place} lighthouse" if lora else "lighthouse"
    return Draft(
        prompt=f"a {what} on a rocky coast {one(_LIGHTS)}, {one(_STYLES)}, picture {index + 1}",
        negative="blurry, text, watermark",
        seed=seed[0],
        seed_goes=seed[1],
        steps=int(rng.integers(20, 40)),
        cfg=float(rng.integers(8, 20)) / 2,
        width=512,
        height=(512, 640, 768)[int(rng.integers(3))],
        checkpoint=checkpoint,
        lora=lora,
    )


def drawn(story: Story, domain: int, index: int, draft: Draft) -> Pixels:
    """Draw what was asked for."""
    return dream(story, draft.width, draft.height, domain, index, real=draft.lora is not None)


def drawn_png(story: Story, domain: int, index: int, draft: Draft, text: dict[str, str]) -> bytes:
    """Draw it and write it as PNG with the generator's text chunks."""
    return pictures.encode_png(drawn(story, domain, index, draft), text)


def restyled(story: Story, base: Pixels, *domain: int) -> Pixels:
    """Draw the source's forms in other colours, with some of an invented scene laid over them."""
    height, width = base.shape[:2]
    over = dream(story, width, height, *domain).astype(np.float32)
    mixed = base.astype(np.float32)[..., [2, 0, 1]] * 0.65 + over * 0.35
    return (np.clip(mixed, 0, 255) // 12 * 12).astype(np.uint8)
