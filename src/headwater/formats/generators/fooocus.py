"""Fooocus: its own JSON scheme, in PNG's ``parameters`` or EXIF UserComment.

Keys: https://github.com/lllyasviel/Fooocus, modules/meta_parser.py. Its other scheme is the text of A1111, read there.
Pictures that went in (upscale, inpaint, image prompts) are not recorded by it.
"""

import re
from collections.abc import Iterator, Sequence

from headwater.formats.generators.carried import Carried
from headwater.formats.generators.record import Record, Told, Unread, Used, figure, seed, text, used, whole, word
from headwater.formats.generators.strict_json import Json, as_list

_GENERATOR = "fooocus"
_SIZE = re.compile(r"\(?\s*(\d+)\s*[,x]\s*(\d+)\s*\)?")
_COMBINED = re.compile(r"lora_combined_\d+")
_LISTED_MAX = 100


def read_fooocus(texts: Sequence[Carried]) -> Iterator[tuple[Told, Carried]]:
    """Give a record for every text in Fooocus's own scheme."""
    schemes = {one.group for one in texts if one.text == "fooocus"}
    for one in texts:
        value = one.json
        if "base_model" in value and (one.group in schemes or _says_so(value)):
            yield _record(value), one
        elif one.problem and (one.group in schemes or '"metadata_scheme"' in one.text) and '"base_model"' in one.text:
            yield Unread("generator.record", _GENERATOR, one.problem), one


def _says_so(value: dict[str, Json]) -> bool:
    return value.get("metadata_scheme") == "fooocus" or word(value.get("version")).startswith("Fooocus")


def _record(value: dict[str, Json]) -> Record:
    size = _SIZE.fullmatch(word(value.get("resolution")))
    models = [used(value.get("base_model"), value.get("base_model_hash"))]
    if value.get("refiner_model") not in (None, "", "None"):
        models.append(used(value.get("refiner_model"), value.get("refiner_model_hash")))
    return Record(
        generator=_GENERATOR,
        why="" if seed(value.get("seed")) else "no seed in its parameters",
        version=word(value.get("version")),
        models=tuple(one for one in models if one is not None),
        loras=tuple(_loras(value)),
        sampler=word(value.get("sampler")),
        seed=seed(value.get("seed")),
        steps=whole(value.get("steps")),
        cfg=figure(value.get("guidance_scale")),
        width=whole(size[1]) if size else None,
        height=whole(size[2]) if size else None,
        prompt=text(value.get("prompt")),
        negative=text(value.get("negative_prompt")),
    )


def _loras(value: dict[str, Json]) -> Iterator[Used]:
    """LoRAs of the list (name, weight, digest), and those that stand only as ``name : weight``."""
    listed = []
    for row in as_list(value.get("loras"))[:_LISTED_MAX]:
        match row:
            case [name, weight, digest, *_]:
                listed.append(used(name, digest, weight))
            case [name, weight]:
                listed.append(used(name, "", weight))
    known = {one.name for one in listed if one is not None}
    for key, combined in list(value.items())[:1000]:
        name, _, weight = word(combined).rpartition(" : ")
        if _COMBINED.fullmatch(key) and name and name.removesuffix(".safetensors") not in known:
            listed.append(used(name, "", weight))
    yield from (one for one in listed if one is not None)
