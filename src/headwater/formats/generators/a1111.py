"""AUTOMATIC1111's web UI and what writes its text: Forge, SD.Next, Fooocus by its scheme, ComfyUI's savers.

Keys: https://github.com/AUTOMATIC1111/stable-diffusion-webui (modules/processing.py), https://github.com/vladmandic/sdnext
(modules/processing_info.py). The layout alone does not name a program: where neither ``App`` nor ``Version`` does, the
record is told by its layout and called a1111.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from headwater.formats.generators.carried import Carried
from headwater.formats.generators.record import Input, Record, Told, Used, figure, seed, used, whole, word
from headwater.formats.generators.settings_text import Settings, read_settings
from headwater.formats.generators.strict_json import as_object, read_json
from headwater.model.errors import EvidenceError

_LORA = re.compile(r"<(?:lora|lyco):([^:<>]{1,200})(?::([^:<>]{1,40}))?[^<>]{0,80}>")
_LORA_MAX = 200
_SCANNED_LETTERS = 256 << 10  # of a prompt, for LoRAs
_AUTOV3_DIGITS = 12
_SECOND_PASS = ("hires", "first pass size", "second pass", "highres")
_MASKS = ("mask blur", "inpaint area", "masked content", "mask mode", "masked area padding", "mask weight")
_FROM_PICTURE = ("sd upscale", "ultimate sd upscale", "init image", "image cfg scale")
_CONTROL = re.compile(r"controlnet( \d+)?|control mode|ip adapter( \d+)?|t2i adapter")
_FACES = ("reactor", "face swap", "faceswap", "roop")
_FORGE = re.compile(r"(?:neo|forge|f\d)", re.IGNORECASE)
_OTHERS = {"comfyui": "comfyui", "fooocus": "fooocus", "civitai": "civitai", "easy diffusion": "easydiffusion"}


def read_a1111(texts: Sequence[Carried]) -> Iterator[tuple[Told, Carried]]:
    """Give a record for every text in this layout."""
    schemes = {one.group for one in texts if one.key == "fooocus_scheme" or one.text == "a1111"}
    draw_things = {one.group for one in texts if one.text == "Draw Things"}
    for one in texts:
        if one.group in draw_things:
            continue
        settings = read_settings(one.text)
        if settings is not None:
            yield record_of(settings, cut=one.cut, generator="fooocus" if one.group in schemes else ""), one


def record_of(settings: Settings, *, cut: bool = False, generator: str = "") -> Record:
    """Bring the settings into the form of all records; `generator` where something beside the text names it."""
    values = settings.values
    family, told_by = (generator, "name") if generator else _family(values)
    width, _, height = values.get("size", "").partition("x")
    return Record(
        generator=family,
        told_by=told_by,
        why=_missing(settings, cut),
        version=values.get("version", ""),
        models=_models(values),
        loras=_loras(settings),
        sampler=values.get("sampler", ""),
        seed=seed(values.get("seed")),
        steps=whole(values.get("steps")),
        cfg=figure(values.get("cfg scale", values.get("guidance scale"))),
        width=whole(width),
        height=whole(height),
        denoise=figure(values.get("denoising strength")),
        inputs=_inputs(settings),
        prompt=settings.prompt,
        negative=settings.negative,
        more={key: values[key] for key in ("operations", "pipeline", "schedule type") if key in values},
    )


def _missing(settings: Settings, cut: bool) -> str:
    if cut:
        return "the end of the text is missing"
    wanted = {"seed": seed(settings.values.get("seed")), "steps": whole(settings.values.get("steps"))}
    missing = [name for name, value in wanted.items() if value in ("", None)]
    return f"no {' and no '.join(missing)} in its line of settings" if missing else ""


def _family(values: Mapping[str, str]) -> tuple[str, str]:
    app, version = (values.get(key, "").lower() for key in ("app", "version"))
    if app:
        return ("sdnext" if app.replace(" ", "") in ("sd.next", "sdnext") else app), "name"
    for mark, family in _OTHERS.items():
        if version.startswith(mark):
            return family, "name"
    if _FORGE.match(version):
        return "forge", "name"
    return "a1111", "name" if version.startswith("v1.") else "layout"


def _models(values: Mapping[str, str]) -> tuple[Used, ...]:
    found = [used(values.get("model", "") or values.get("model hash", ""), values.get("model hash", ""))]
    refiner = values.get("refiner", "")
    if refiner:
        name, _, digest = refiner.partition(" [")
        found.append(used(name, digest.rstrip("]")))
    return tuple(one for one in found if one is not None)


def _loras(settings: Settings) -> tuple[Used, ...]:
    """LoRAs by their digests (the line of settings) and their weights (the prompt)."""
    named = _LORA.finditer(settings.prompt[:_SCANNED_LETTERS])
    weights = {found[1]: found[2] for found in islice(named, _LORA_MAX)}
    digests = {name.strip(): digest.strip() for name, digest in _listed(settings.values.get("lora hashes", ""))}
    digests |= {name: digest for name, digest in _bundled(settings.values.get("hashes", "")) if name not in digests}
    for name, weight in _listed(settings.values.get("lora networks", "")):
        weights.setdefault(name.strip(), weight.strip())
    found = [_lora(name, digests.get(name, ""), weights.get(name)) for name in dict.fromkeys([*weights, *digests])]
    return tuple(one for one in found if one is not None)[:_LORA_MAX]


def _lora(name: str, digest: str, weight: str | None) -> Used | None:
    return used(name, digest, weight, "autov3" if len(digest) == _AUTOV3_DIGITS else "")


def _listed(text: str) -> list[tuple[str, str]]:
    """Pairs of ``name: value, name: value``."""
    return [(name, value) for name, colon, value in (one.rpartition(":") for one in text.split(",")) if colon]


def _bundled(text: str) -> list[tuple[str, str]]:
    """LoRAs out of the object ``Hashes`` that Civitai's extension writes: ``lora:NAME`` to a digest."""
    if not text.startswith("{"):
        return []
    try:
        bundle = as_object(read_json(text))
    except EvidenceError:
        return []
    return [(key.partition(":")[2], word(value)) for key, value in bundle.items() if key.lower().startswith("lora:")]


def _inputs(settings: Settings) -> tuple[Input, ...]:
    """The pictures that went in; none is named. A high-resolution second pass, which also has a strength, is none."""
    keys = [key.lower() for key in settings.keys]
    operations = settings.values.get("operations", "").lower()
    masked = any(key.startswith(_MASKS) for key in keys) or "inpaint" in operations
    strength = "denoising strength" in keys and not any(key.startswith(_SECOND_PASS) for key in keys)
    if operations:
        strength = any(mark in operations for mark in ("img2img", "image2image", "inpaint", "outpaint"))
    begun = strength or masked or any(key.startswith(_FROM_PICTURE) for key in keys)
    roles = [
        ("image", begun),
        ("mask", masked),
        ("control", any(_CONTROL.fullmatch(key) for key in keys)),
        ("face", any(key.startswith(_FACES) for key in keys)),
    ]
    return tuple(Input(role) for role, there in roles if there)
