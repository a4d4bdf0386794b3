"""SwarmUI: one JSON object with ``sui_image_params``, in PNG's ``parameters`` or EXIF UserComment.

Keys: https://github.com/mcmonkeyprojects/SwarmUI, docs/Image Metadata Format.md. Its digests are SHA-256 of a model's
tensors, behind the safetensors header.
"""

from collections.abc import Iterator, Sequence

from headwater.formats.generators.carried import Carried
from headwater.formats.generators.record import (
    Input,
    Record,
    Told,
    Unread,
    Used,
    figure,
    seed,
    text,
    used,
    whole,
    word,
)
from headwater.formats.generators.strict_json import Json, as_list, as_object

_GENERATOR = "swarmui"
_PARAMETERS = "sui_image_params"
_LISTED_MAX = 100
_DIGEST_DIGITS = 64


def read_swarmui(texts: Sequence[Carried]) -> Iterator[tuple[Told, Carried]]:
    """Give a record for every such object."""
    for one in texts:
        if _PARAMETERS in one.json:
            yield swarm_record(one.json), one
        elif one.problem and f'"{_PARAMETERS}"' in one.text:
            yield Unread("generator.record", _GENERATOR, one.problem), one


def swarm_record(whole_value: dict[str, Json]) -> Record:
    """The record in one such object, wherever it stood."""
    value = as_object(whole_value.get(_PARAMETERS))
    extra = as_object(whole_value.get("sui_extra_data"))
    digests = {_bare(word(one.get("name"))): word(one.get("hash")) for one in _models(whole_value)}
    model = _used(value.get("model"), digests)
    return Record(
        generator=_GENERATOR,
        why="" if seed(value.get("seed")) else "no seed in its parameters",
        version=word(value.get("swarm_version")),
        models=(model,) if model else (),
        loras=tuple(_loras(value, digests)),
        sampler=word(value.get("sampler") or value.get("comfyuisampler")),
        seed=seed(value.get("seed")),
        steps=whole(value.get("steps")),
        cfg=figure(value.get("cfgscale")),
        width=whole(value.get("width")),
        height=whole(value.get("height")),
        denoise=figure(value.get("initimagecreativity")),
        inputs=tuple(_inputs(value, extra)),
        prompt=text(value.get("prompt")),
        negative=text(value.get("negativeprompt")),
    )


def _models(value: dict[str, Json]) -> list[dict[str, Json]]:
    return [as_object(one) for one in as_list(value.get("sui_models"))[:_LISTED_MAX]]


def _bare(name: str) -> str:
    return name.removesuffix(".safetensors")


def _used(name: Json, digests: dict[str, str], weight: Json = None) -> Used | None:
    digest = digests.get(_bare(word(name)), "")
    whole_digest = len(digest.removeprefix("0x")) == _DIGEST_DIGITS
    return used(name, digest, weight, "autov3" if whole_digest else "unknown")


def _loras(value: dict[str, Json], digests: dict[str, str]) -> Iterator[Used]:
    listed = value.get("loras")
    names: list[Json] = [*listed.split(",")] if isinstance(listed, str) else as_list(listed)
    weights = value.get("loraweights")
    given: list[Json] = [*weights.split(",")] if isinstance(weights, str) else as_list(weights)
    for at, name in enumerate(names[:_LISTED_MAX]):
        one = _used(name, digests, given[at] if at < len(given) else None)
        if one is not None:
            yield one


def _inputs(value: dict[str, Json], extra: dict[str, Json]) -> Iterator[Input]:
    """The picture it began from: its strength is always recorded, its name where it was a file."""
    name = word(extra.get("initimage_filename"))
    if name or "initimagecreativity" in value or "initimage" in value:
        yield Input("image", name)
    if "maskimage" in value or "maskblur" in value:
        yield Input("mask")
    if any(key.startswith("controlnet") and key.endswith("model") for key in value):
        yield Input("control")
