"""Easy Diffusion: its settings as one JSON object in EXIF, or each in a PNG chunk of its own.

Keys: https://github.com/easydiffusion/easydiffusion, ui/easydiffusion/utils/save_utils.py, which also has the words it
puts in their place. ``prompt_strength`` is there where a picture went in.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath, PureWindowsPath

from headwater.formats.generators.carried import Carried
from headwater.formats.generators.record import Input, Record, Told, Used, figure, seed, text, used, whole, word
from headwater.formats.generators.strict_json import Json, as_list

_GENERATOR = "easydiffusion"
_WORDS = {
    "Prompt": "prompt",
    "Negative Prompt": "negative_prompt",
    "Seed": "seed",
    "Stable Diffusion model": "use_stable_diffusion_model",
    "Sampler": "sampler_name",
    "Width": "width",
    "Height": "height",
    "Steps": "num_inference_steps",
    "Guidance Scale": "guidance_scale",
    "Prompt Strength": "prompt_strength",
    "LoRA model": "use_lora_model",
    "LoRA Strength": "lora_alpha",
    "ControlNet model": "use_controlnet_model",
}
_KEYS = frozenset(_WORDS.values())
_NEEDED = frozenset({"use_stable_diffusion_model", "seed", "num_inference_steps"})
_NONE = ("", "None", "none", "null")


def read_easydiffusion(texts: Sequence[Carried]) -> Iterator[tuple[Told, Carried]]:
    """Give a record for every object, and every group of chunks, with its keys."""
    chunks: dict[str, dict[str, Carried]] = {}
    for one in texts:
        key = _WORDS.get(one.key, one.key)
        if key in _KEYS:
            chunks.setdefault(one.group, {}).setdefault(key, one)
        value = _plain(one.json)
        if value.keys() >= _NEEDED:
            yield _record(value), one
    for found in chunks.values():
        if found.keys() >= _NEEDED:
            yield _record({key: one.text for key, one in found.items()}), found["use_stable_diffusion_model"]


def _plain(value: dict[str, Json]) -> dict[str, Json]:
    return {_WORDS.get(key, key): one for key, one in value.items()} if value else value


def _record(value: Mapping[str, Json]) -> Record:
    model = used(_stem(value.get("use_stable_diffusion_model")))
    return Record(
        generator=_GENERATOR,
        told_by="layout",
        why="" if seed(value.get("seed")) else "no seed in its settings",
        models=(model,) if model else (),
        loras=tuple(_loras(value)),
        sampler=word(value.get("sampler_name")),
        seed=seed(value.get("seed")),
        steps=whole(value.get("num_inference_steps")),
        cfg=figure(value.get("guidance_scale")),
        width=whole(value.get("width")),
        height=whole(value.get("height")),
        denoise=figure(value.get("prompt_strength")),
        inputs=tuple(_inputs(value)),
        prompt=text(value.get("prompt")),
        negative=text(value.get("negative_prompt")),
    )


def _stem(value: Json) -> str:
    """A model's name out of a path of either system, without its ending."""
    path = word(value)
    name = PureWindowsPath(path).name if "\\" in path else PurePosixPath(path).name
    return name.removesuffix(".safetensors").removesuffix(".ckpt")


def _loras(value: Mapping[str, Json]) -> Iterator[Used]:
    names, weights = value.get("use_lora_model"), value.get("lora_alpha")
    pairs = (
        zip(names, [*as_list(weights), *[None] * len(names)], strict=False)
        if isinstance(names, list)
        else [(names, weights)]
    )
    for name, weight in pairs:
        one = used(_stem(name), "", weight) if word(name) not in _NONE else None
        if one is not None:
            yield one


def _inputs(value: Mapping[str, Json]) -> Iterator[Input]:
    if word(value.get("prompt_strength")) not in _NONE:
        yield Input("image")
    if word(value.get("use_controlnet_model")) not in _NONE:
        yield Input("control")
