"""What was drawn with ComfyUI: from nothing, and from pictures that its input folder holds, or held."""

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from headwater.demo import pictures
from headwater.demo.generators.comfy import comfy_shape, comfy_text
from headwater.demo.generators.draft import Draft
from headwater.demo.placed import Placed
from headwater.demo.scenes import Pixels
from headwater.demo.story import Story, make_all
from headwater.demo.studio.models import Models
from headwater.demo.studio.outputs import Output, drawn_png, make_draft, output_times, restyled, seeds
from headwater.demo.traces import UNKNOWN, Traces, recorded

COMFY = "ComfyUI"
_PLAIN, _FROM = 110, 114
_FROM_PREFIX = "img2img/ComfyUI_i2i"
_WIDTH, _HEIGHT = 640, 480
_NAMES_THE_MODEL = "ComfyUI's graph in the file; it names the model without a digest"


def comfy_outputs(story: Story, models: Models) -> list[Output]:
    """Draw from nothing, two of three with the LoRA. The number in the name counts up with the time."""
    seed = seeds(story, _PLAIN)
    drafts = [
        replace(
            make_draft(story, _PLAIN, index, models.shared, lora=models.lora if index % 3 else None, seed=next(seed)),
            prefix=story.layout.comfy_prefix,
        )
        for index in range(story.size.comfy)
    ]
    jobs = [partial(drawn_png, story, _PLAIN, index, draft, comfy_text(draft)) for index, draft in enumerate(drafts)]
    times = output_times(story, _PLAIN, len(drafts))
    return [
        _output(story, draft, data, moment, number, recorded(_NAMES_THE_MODEL))
        for number, (draft, data, moment) in enumerate(zip(drafts, make_all(jobs), times, strict=True), 1)
    ]


def _output(story: Story, draft: Draft, data: bytes, moment: datetime, number: int, traces: Traces) -> Output:
    path = f"{story.layout.comfy}/output/{draft.prefix}_{number:05d}_.png".encode()
    return Output(
        placed=Placed(path=path, data=data, modified=moment, traces=traces), draft=draft, tool=COMFY,
        shape=comfy_shape(draft), source_sha256=draft.source_sha256,
    )  # fmt: skip


def comfy_inputs(story: Story, photographs: tuple[Placed, ...], outputs: list[Output]) -> list[Placed]:
    """Fill the input folder: photographs of the training folder as they are, and one earlier output.

    Each was put there before the first output was made from it, and the photographs after the training began.
    """
    count = max(2, story.size.comfy_from_picture // 2)
    chosen = [*photographs[1 : 1 + count], outputs[0].placed]
    put = story.days.trained_from
    folder = f"{story.layout.comfy}/input/".encode()
    return [
        replace(one, path=folder + one.name.encode(), modified=max(put, one.modified) + timedelta(seconds=2 * place))
        for place, one in enumerate(chosen, 1)
    ]


def comfy_from_pictures(story: Story, models: Models, inputs: list[Placed], lost: list[Pixels]) -> list[Output]:
    """Draw from pictures: of five, three from photographs, one from an output, one from a picture that is gone."""
    seed = seeds(story, _FROM)
    first = inputs[-1].modified
    times = [
        max(moment, first + timedelta(minutes=10 + place))
        for place, moment in enumerate(output_times(story, _FROM, story.size.comfy_from_picture))
    ]
    made = []
    for index, moment in enumerate(sorted(times)):
        source = _source(index, inputs)
        name = source.name if source else f"pasted/image ({index}).png"
        plain = make_draft(story, _FROM, index, models.shared, lora=models.lora, seed=next(seed))
        draft = replace(
            plain, prefix=_FROM_PREFIX, source=name, source_sha256=source.sha256 if source else "",
            denoise=round(0.45 + index % 3 * 0.05, 2), width=_WIDTH, height=_HEIGHT,
        )  # fmt: skip
        pixels = pictures.decode(source.data) if source else lost[index % len(lost)]
        made.append((draft, partial(_redrawn, story, index, draft, pixels), moment, source))
    data = make_all([job for _, job, _, _ in made])
    return [
        _output(story, draft, one, moment, number, _from_traces(source))
        for number, ((draft, _, moment, source), one) in enumerate(zip(made, data, strict=True), 1)
    ]


def _source(index: int, inputs: list[Placed]) -> Placed | None:
    *photographs, output = inputs
    if index % 5 == 3:
        return output
    return None if index % 5 == 4 else photographs[index % len(photographs)]


def _redrawn(story: Story, index: int, draft: Draft, pixels: Pixels) -> bytes:
    base = pictures.resize(pixels, _WIDTH, _HEIGHT)
    return pictures.encode_png(restyled(story, base, _FROM, 2000 + index), comfy_text(draft))


def _from_traces(source: Placed | None) -> Traces:
    if source is None:
        return recorded(
            "ComfyUI's graph names an input picture that is not on the exhibit", begun_from=UNKNOWN, actual="edited"
        )
    is_photograph = source.traces is not None and source.traces.c > 0
    why = "ComfyUI's graph names an input picture, which is a " + ("photograph" if is_photograph else "generated one")
    return recorded(why, begun_from=source.sha256, actual="edited" if is_photograph else "generated")
