"""NovelAI: ``Software`` and ``Source`` beside a ``Comment`` in JSON, in PNG chunks or in the least bits of the alpha.

Keys: https://github.com/NovelAI/novelai-image-metadata. What went in is told by ``request_type``; older records have a
strength and a noise where they began from a picture.
"""

import re
from collections.abc import Iterator, Sequence

from headwater.formats.generators.carried import Carried
from headwater.formats.generators.record import Input, Record, Told, Unread, Used, figure, seed, text, used, whole, word
from headwater.formats.generators.strict_json import Json, as_object

_GENERATOR = "novelai"
_SOURCE = re.compile(r"(.*\S)\s+([0-9A-F]{8})")
_IMAGE = ("Image2ImageRequest", "Img2ImgRequest")
_MASKED = ("NativeInfillingRequest", "InfillingRequest", "InpaintRequest")


def read_novelai(texts: Sequence[Carried]) -> Iterator[tuple[Told, Carried]]:
    """Give a record for every group of texts whose ``Software`` is NovelAI, or whose comment has its signature."""
    groups: dict[str, dict[str, Carried]] = {}
    for one in texts:
        groups.setdefault(one.group, {})[one.key] = one
    for named in groups.values():
        comment = named.get("Comment")
        software = named["Software"].text if "Software" in named else ""
        if comment is None or not (software.startswith("NovelAI") or "signed_hash" in comment.json):
            continue
        if comment.problem or not comment.json:
            yield Unread("generator.record", _GENERATOR, comment.problem or "malformed: no JSON object"), comment
        else:
            source = named["Source"].text if "Source" in named else ""
            description = named["Description"].text if "Description" in named else None
            yield _record(comment, source, description), comment


def _record(comment: Carried, source: str, description: str | None) -> Record:
    value = comment.json
    prompt, negative = _prompts(value)
    return Record(
        generator=_GENERATOR,
        why="" if seed(value.get("seed")) else "no seed in its comment",
        version=word(value.get("version")),
        models=_models(source),
        sampler=word(value.get("sampler")),
        seed=seed(value.get("seed")),
        steps=whole(value.get("steps")),
        cfg=figure(value.get("scale")),
        width=whole(value.get("width")),
        height=whole(value.get("height")),
        denoise=figure(value.get("strength")),
        inputs=tuple(_inputs(value)),
        prompt=prompt if prompt is not None else description,
        negative=negative,
        more={"request": word(value.get("request_type"))} if value.get("request_type") else {},
        signature=word(value.get("signed_hash")),
        signed=comment.body if value.get("signed_hash") else "",
    )


def _prompts(value: dict[str, Json]) -> tuple[str | None, str | None]:
    caption = as_object(as_object(value.get("v4_prompt")).get("caption"))
    prompt = text(value.get("prompt"))
    return (text(caption.get("base_caption")) if prompt is None else prompt), text(value.get("uc"))


def _models(source: str) -> tuple[Used, ...]:
    found = _SOURCE.fullmatch(source.strip())
    one = used(found[1], found[2], kind="unknown") if found else used(source.strip())
    return (one,) if one is not None else ()


def _inputs(value: dict[str, Json]) -> Iterator[Input]:
    request = word(value.get("request_type"))
    begun = request in (*_IMAGE, *_MASKED) if request else {"strength", "noise"} <= value.keys()
    if begun:
        yield Input("image")
    if request in _MASKED:
        yield Input("mask")
    if value.get("controlnet_model") or value.get("reference_information_extracted_multiple"):
        yield Input("control")
