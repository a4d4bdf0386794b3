"""InvokeAI, all generations of its keys: https://github.com/invoke-ai/InvokeAI.

``invokeai_metadata``, ``invokeai_graph`` and ``invokeai_workflow`` since 3.0 (invokeai/app/invocations/metadata.py),
``sd-metadata`` of 2.x, ``Dream`` of the first, a command line (ldm/dream/pngwriter.py, docs of 2.3).
"""

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence

from headwater.formats.generators.carried import Carried
from headwater.formats.generators.node_graph import Link, Node, Nodes, graph_of, too_many
from headwater.formats.generators.record import (
    Graph,
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

_GENERATOR = "invokeai"
_LISTED_MAX = 100
_COMMAND_LETTERS = 64 << 10
_ADAPTERS = ("controlnets", "ipadapters", "t2iadapters")
_FROM_PICTURE = re.compile(r"img2img|inpaint|outpaint|image2image")
_RECORDS = ("invokeai_metadata", "sd-metadata")
_GRAPHS = {"invokeai_graph": "api", "invokeai_workflow": "canvas"}


def read_invokeai(texts: Sequence[Carried]) -> Iterator[tuple[Told, Carried]]:
    """Give what each of its keys says."""
    for one in texts:
        name = one.name
        if name in _RECORDS and one.json:
            record = _old(one.json) if name == "sd-metadata" else core_metadata(one.json)
            yield record, one
        elif name in _GRAPHS and one.json:
            yield from ((told, one) for told in _graph(one.json, _GRAPHS[name]))
        elif name == "dream" and (record_of_command := _command(one.text)):
            yield record_of_command, one
        elif name in _RECORDS or (name in _GRAPHS and one.problem):
            claim = "generator.record" if name in _RECORDS else "generator.graph"
            yield Unread(claim, _GENERATOR, one.problem or "malformed: no JSON object"), one


def core_metadata(value: Mapping[str, Json]) -> Record:
    """The metadata since 3.0, also as the database keeps it."""
    made = {"seed": seed(value.get("seed")), "model": as_object(value.get("model"))}
    missing = [name for name, one in made.items() if not one]
    return Record(
        generator=_GENERATOR,
        why=f"no {' and no '.join(missing)} in its metadata" if missing else "",
        version=word(value.get("app_version")),
        models=tuple(
            one for one in (_model(value.get("model")), _model(value.get("refiner_model"))) if one is not None
        ),
        loras=tuple(_loras(value)),
        sampler=word(value.get("scheduler")),
        seed=seed(value.get("seed")),
        steps=whole(value.get("steps")),
        cfg=figure(value.get("cfg_scale")),
        width=whole(value.get("width")),
        height=whole(value.get("height")),
        denoise=figure(value.get("strength")),
        inputs=tuple(_inputs(value)),
        prompt=text(value.get("positive_prompt")),
        negative=text(value.get("negative_prompt")),
        more={"mode": word(value.get("generation_mode"))} if value.get("generation_mode") else {},
    )


def _model(value: Json, weight: Json = None) -> Used | None:
    """A model as 4.0 writes it (name, hash with its kind before a colon), or as 3.x (model_name)."""
    model = as_object(value)
    return used(model.get("name") or model.get("model_name"), model.get("hash"), weight)


def _loras(value: Mapping[str, Json]) -> Iterator[Used]:
    for entry in map(as_object, as_list(value.get("loras"))[:_LISTED_MAX]):
        one = _model(entry.get("model") or entry.get("lora"), entry.get("weight"))
        if one is not None:
            yield one


def _inputs(value: Mapping[str, Json]) -> Iterator[Input]:
    """The picture it began from, masks, and those of adapters, which are named by InvokeAI's own names."""
    begun = value.get("init_image")
    mode = word(value.get("generation_mode"))
    if begun or _FROM_PICTURE.search(mode):
        yield Input("image", _image(begun))
    if value.get("mask_image") or "inpaint" in mode or "outpaint" in mode:
        yield Input("mask", _image(value.get("mask_image")))
    for key, entries in value.items():
        if key.lower() in _ADAPTERS:
            for entry in map(as_object, as_list(entries)[:_LISTED_MAX]):
                yield Input("control", _image(entry.get("image")))


def _image(value: Json) -> str:
    return word(as_object(value).get("image_name")) or word(value)


def _graph(value: dict[str, Json], kind: str) -> Iterator[Graph | Unread]:
    nodes = graph_nodes(value)
    if reason := too_many(len(nodes)):
        yield Unread("generator.graph", _GENERATOR, reason)
    elif nodes:
        yield graph_of(nodes, _GENERATOR, kind)


def graph_nodes(value: Mapping[str, Json]) -> Nodes:
    """The nodes of a graph (an object of nodes) or a workflow (a list of them), with the edges between their fields."""
    listed = value.get("nodes")
    nodes = as_object(listed) or {str(as_object(one).get("id")): one for one in as_list(listed)}
    links: dict[str, list[Link]] = {}
    for edge in map(as_object, as_list(value.get("edges"))):
        source, target = as_object(edge.get("source")), as_object(edge.get("destination"))
        if source and target:
            link = Link(word(target.get("field")), word(source.get("node_id")), word(source.get("field")))
            links.setdefault(word(target.get("node_id")), []).append(link)
        elif edge.get("type") == "default":
            link = Link(word(edge.get("targetHandle")), word(edge.get("source")), word(edge.get("sourceHandle")))
            links.setdefault(word(edge.get("target")), []).append(link)
    return {number: Node(_kind(as_object(node)), tuple(links.get(number, ())), {}) for number, node in nodes.items()}


def _kind(node: dict[str, Json]) -> str:
    return word(as_object(node.get("data")).get("type")) or word(node.get("type"))


def _old(value: dict[str, Json]) -> Record:
    """Give what 2.x writes: the program's own facts outside, the picture's inside ``image``."""
    image = as_object(value.get("image"))
    model = used(value.get("model_weights") or value.get("model"), value.get("model_hash"))
    prompt, negative = _old_prompt(image.get("prompt"))
    begun = image.get("type") == "img2img" or bool(image.get("init_image_path"))
    inputs = [Input("image", word(image.get("init_image_path")))] if begun else []
    inputs += [Input("mask", word(image.get("mask_image_path")))] if image.get("mask_image_path") else []
    return Record(
        generator=_GENERATOR,
        why="" if seed(image.get("seed")) else "no seed in its metadata",
        version=word(value.get("app_version")),
        models=(model,) if model else (),
        sampler=word(image.get("sampler")),
        seed=seed(image.get("seed")),
        steps=whole(image.get("steps")),
        cfg=figure(image.get("cfg_scale")),
        width=whole(image.get("width")),
        height=whole(image.get("height")),
        denoise=figure(image.get("strength")),
        inputs=tuple(inputs),
        prompt=prompt,
        negative=negative,
    )


def _old_prompt(value: Json) -> tuple[str | None, str | None]:
    parts = [text(as_object(one).get("prompt")) for one in as_list(value)]
    whole_prompt = text(value) or " ".join(one for one in parts if one is not None) or None
    return _brackets(whole_prompt)


def _brackets(prompt: str | None) -> tuple[str | None, str | None]:
    """Split off the negative words, which stand in square brackets."""
    if prompt is None or "[" not in prompt:
        return prompt, None
    negative = " ".join(re.findall(r"\[([^\[\]]*)\]", prompt))
    return re.sub(r"\[[^\[\]]*\]", "", prompt).strip(), negative or None


def _command(line: str) -> Record | None:
    """Read the command line of the first generation: the prompt in quotation marks, then options of one letter."""
    if len(line) > _COMMAND_LETTERS or not re.search(r"\s-S\s*\d", line):
        return None
    try:
        words = shlex.split(line)
    except ValueError:
        words = line.split()
    options = dict(_options(words[1:]))
    prompt, negative = _brackets(words[0])
    begun = options.get("-I", options.get("--init_img", ""))
    inputs = [Input("image", word(begun))] if begun else []
    inputs += [Input("mask", options["-M"])] if options.get("-M") else []
    return Record(
        generator=_GENERATOR,
        why="" if seed(options.get("-S")) else "no seed in its command line",
        sampler=options.get("-A", ""),
        seed=seed(options.get("-S")),
        steps=whole(options.get("-s")),
        cfg=figure(options.get("-C")),
        width=whole(options.get("-W")),
        height=whole(options.get("-H")),
        denoise=figure(options.get("-f")) if begun else None,
        inputs=tuple(inputs),
        prompt=prompt,
        negative=negative,
    )


def _options(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Options with their values, which stand behind them with or without a space."""
    for at, one in enumerate(words):
        if re.fullmatch(r"-[a-zA-Z]", one) or one.startswith("--"):
            yield one, words[at + 1] if at + 1 < len(words) else ""
        elif re.match(r"-[A-Za-z][\w./]", one):
            yield one[:2], one[2:]
