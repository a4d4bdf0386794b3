"""Draw Things: an XMP packet whose CreatorTool is its name, with JSON in exif:UserComment and text in dc:description.

Keys as its files have them (https://github.com/drawthingsai/draw-things-community): c and uc are the prompts, a
strength below 1 means that it began from a picture.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from headwater.formats.generators.a1111 import record_of
from headwater.formats.generators.carried import Carried
from headwater.formats.generators.record import Input, Record, Told, Unread, figure, seed, text, used, whole, word
from headwater.formats.generators.settings_text import read_settings
from headwater.formats.generators.strict_json import Json, as_list, as_object

_GENERATOR = "drawthings"
_LISTED_MAX = 100


def read_drawthings(texts: Sequence[Carried]) -> Iterator[tuple[Told, Carried]]:
    """Give a record for the JSON of every packet of its; where there is none, for its description."""
    for group in dict.fromkeys(one.group for one in texts if one.text == "Draw Things"):
        packet = [one for one in texts if one.group == group]
        comments = [one for one in packet if one.looks_like_json]
        for one in comments:
            if one.json:
                yield _record(one.json), one
            else:
                yield Unread("generator.record", _GENERATOR, one.problem), one
        if not any(one.json for one in comments):
            yield from _described(packet)


def _described(packet: Sequence[Carried]) -> Iterator[tuple[Told, Carried]]:
    """Give the record out of the description: the negative prompt stands in a line that begins with a dash."""
    for one in packet:
        settings = read_settings(one.text)
        if settings is not None:
            prompt, found, negative = settings.prompt.partition("\n-")
            strength = figure(settings.values.get("strength"))
            record = record_of(settings, cut=one.cut, generator=_GENERATOR)
            yield (
                replace(
                    record,
                    prompt=prompt.strip(),
                    negative=negative.strip() if found else None,
                    denoise=strength,
                    inputs=_inputs(strength),
                ),
                one,
            )


def _inputs(strength: float | None) -> tuple[Input, ...]:
    return (Input("image"),) if strength is not None and strength < 1 else ()


def _record(value: dict[str, Json]) -> Record:
    width, _, height = word(value.get("size")).partition("x")
    model = used(value.get("model"))
    listed = as_list(value.get("lora")) or as_list(as_object(value.get("v2")).get("loras"))
    loras = [
        used(one.get("model") or one.get("file"), "", one.get("weight")) for one in map(as_object, listed[:_LISTED_MAX])
    ]
    strength = figure(value.get("strength"))
    return Record(
        generator=_GENERATOR,
        why="" if seed(value.get("seed")) else "no seed in its comment",
        models=(model,) if model else (),
        loras=tuple(one for one in loras if one is not None),
        sampler=word(value.get("sampler")),
        seed=seed(value.get("seed")),
        steps=whole(value.get("steps")),
        cfg=figure(value.get("scale")),
        width=whole(width),
        height=whole(height),
        denoise=strength,
        inputs=_inputs(strength),
        prompt=text(value.get("c")),
        negative=text(value.get("uc")),
    )
