"""What was drawn with AUTOMATIC1111's web UI: PNG and JPEG, second passes, from other pictures, parts drawn anew."""

from collections import Counter
from dataclasses import replace
from datetime import datetime
from functools import partial

import numpy as np

from headwater.demo import pictures
from headwater.demo.exif_writer import build_exif
from headwater.demo.generators.a1111 import a1111_parameters, user_comment
from headwater.demo.generators.draft import Draft, Model
from headwater.demo.placed import Placed
from headwater.demo.scenes import Pixels
from headwater.demo.story import Story, dream, make_all
from headwater.demo.studio.models import Models
from headwater.demo.studio.outputs import Output, drawn, make_draft, output_times, restyled, seeds
from headwater.demo.timeline import local
from headwater.demo.traces import BY_LIKENESS, Traces, recorded

A1111 = "A1111"
_FROM_NOTHING, _FROM = 111, 118
_FOUND = "A1111's settings in the file; its model digest is that of a seized file"
_PART = "A1111's settings in the file; its model is gone, the digest of its LoRA is that of a seized file"
_GONE = "A1111's settings in the file; no seized file has its model digest"
_WIDTH, _HEIGHT = 576, 432
_PATCH = (72, 112)  # height and width of the part that is drawn anew


def a1111_outputs(story: Story, models: Models) -> list[Output]:
    """Draw from nothing. Every ninth has a second pass, which begins from no other picture; some models are gone."""
    total, seed = story.size.a1111 + story.size.a1111_jpeg, seeds(story, _FROM_NOTHING)
    drafts = []
    for index in range(total):
        lora = models.lora if index % 2 else None
        plain = make_draft(story, _FROM_NOTHING, index, _checkpoint(models, index), lora=lora, seed=next(seed))
        drafts.append(replace(plain, upscale=1.5, denoise=0.55) if index % 9 == 4 else plain)
    data = make_all([partial(_file, story, index, draft) for index, draft in enumerate(drafts)])
    times = output_times(story, _FROM_NOTHING, total)
    names = _names(story, "txt2img-images", drafts, times, [index >= story.size.a1111 for index in range(total)])
    return [
        _output(path, one, moment, draft, _traces(models, draft))
        for path, one, moment, draft in zip(names, data, times, drafts, strict=True)
    ]


def _checkpoint(models: Models, index: int) -> Model:
    if index % 8 == 5:
        return models.gone
    return models.second if index % 2 else models.shared


def _file(story: Story, index: int, draft: Draft) -> bytes:
    text = a1111_parameters(draft)
    width, height = round(draft.width * draft.upscale), round(draft.height * draft.upscale)
    pixels = drawn(story, _FROM_NOTHING, index, replace(draft, width=width, height=height))
    if index < story.size.a1111:
        return pictures.encode_png(pixels, {"parameters": text})
    return pictures.encode_jpeg(pixels, quality=92, exif=build_exif({}, {0x9286: user_comment(text)}))


def _names(story: Story, folder: str, drafts: list[Draft], times: list[datetime], jpeg: list[bool]) -> list[bytes]:
    """Name each by its count in its folder and its seed; the folder is the day's, where days are kept apart."""
    count: Counter[str] = Counter()
    paths = []
    for draft, moment, is_jpeg in zip(drafts, times, jpeg, strict=True):
        day = f"{folder}/{local(moment):%Y-%m-%d}" if story.layout.a1111_by_day else folder
        ending = "jpg" if is_jpeg else "png"
        paths.append(f"{story.layout.a1111}/outputs/{day}/{count[day]:05d}-{draft.seed}.{ending}".encode())
        count[day] += 1
    return paths


def _output(
    path: bytes, data: bytes, moment: datetime, draft: Draft, traces: Traces, source_sha256: str = ""
) -> Output:
    kind = "inpaint" if draft.masked else "img2img" if traces.begun_from else "txt2img"
    return Output(
        placed=Placed(path=path, data=data, modified=moment, traces=traces), draft=draft, tool=A1111,
        shape=f"{kind}{' hires' if draft.upscale > 1 else ''}{' lora' if draft.lora else ''}",
        source_sha256=source_sha256,
    )  # fmt: skip


def _traces(models: Models, draft: Draft) -> Traces:
    found = models.is_there(draft.checkpoint)
    in_part = draft.lora is not None and models.is_there(draft.lora)
    return recorded(_FOUND if found else _PART if in_part else _GONE, model_found=found or in_part)


def a1111_from_pictures(
    story: Story, models: Models, photographs: tuple[Placed, ...], lost: list[Pixels]
) -> list[Output]:
    """Begin from pictures the record does not name: every other time a photograph here with a part drawn anew."""
    seed, total = seeds(story, _FROM), story.size.a1111_from_picture
    drafts, jobs, sources = [], [], []
    for index in range(total):
        masked = index % 2 == 0
        plain = make_draft(story, _FROM, index, models.second, lora=models.lora, seed=next(seed))
        denoise = 0.6 if masked else 0.45
        draft = replace(plain, denoise=denoise, masked=masked, width=_WIDTH, height=_HEIGHT)
        source = photographs[-1 - index // 2 % len(photographs)] if masked else None
        drafts.append(draft)
        sources.append(source.sha256 if source else "")
        jobs.append(partial(_changed, story, index, draft, source or lost[index % len(lost)]))
    times = output_times(story, _FROM, total)
    names = _names(story, "img2img-images", drafts, times, [False] * total)
    return [
        _output(path, data, moment, draft, _from_traces(draft), source)
        for path, data, moment, draft, source in zip(names, make_all(jobs), times, drafts, sources, strict=True)
    ]


def _changed(story: Story, index: int, draft: Draft, source: Placed | Pixels) -> bytes:
    pixels = pictures.decode(source.data) if isinstance(source, Placed) else source
    base = pictures.resize(pixels, draft.width, draft.height)
    if draft.masked:
        changed = base.copy()
        patch = dream(story, _PATCH[1], _PATCH[0], _FROM, 3000 + index)
        top, left = draft.height - _PATCH[0] - 30, 40 + index * 40 % 360
        part = changed[top : top + _PATCH[0], left : left + _PATCH[1]]
        share = np.float32(0.25 if index % 4 == 0 else 0.8)
        part[:] = (part * (1 - share) + patch * share).astype(np.uint8)
    else:
        changed = restyled(story, base, _FROM, 2000 + index)
    return pictures.encode_png(changed, {"parameters": a1111_parameters(draft)})


def _from_traces(draft: Draft) -> Traces:
    what = "a mask and a denoising strength" if draft.masked else "a denoising strength"
    why = f"A1111's settings tell of an input picture ({what}) that they do not name; the model's digest is found"
    return recorded(why, model_found=True, begun_from=BY_LIKENESS, actual="edited")
