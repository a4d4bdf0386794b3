"""What an API graph of ComfyUI says, by following its links upwards from the nodes that save.

A node makes pictures where its class is a sampler, where it takes a seed, or where it puts a face into a picture. A
loaded picture counts where it leads to what is saved; one on a branch of its own does not. A second pass over the
first one's output loads nothing, and so has no input.
"""

import re
from collections.abc import Iterator, Sequence

from headwater.formats.generators.node_graph import Link, Node, Nodes, shape_digest, upstream
from headwater.formats.generators.record import Input, Record, Used, figure, seed, used, whole, word
from headwater.formats.generators.strict_json import Json, as_object

_SAVES = re.compile(r"save|videocombine|image output|sendimage|websocket", re.IGNORECASE)
_SAMPLERS = re.compile(r"sampler(?!select|.*sigmas)|sdupscale|detailer", re.IGNORECASE)
_FACES = re.compile(r"reactor|faceswap|face swap|instantid|pulid|faceid", re.IGNORECASE)
_SWAPS = re.compile(r"reactorface|faceswap|face swap", re.IGNORECASE)
_CONTROLS = re.compile(r"controlnet|t2iadapter|ipadapter|clipvision|unclip|redux|stylemodel|depth|canny", re.IGNORECASE)
_LOADS = re.compile(r"load_?\s?(?:image|video)|image ?load|imagefrom(?:path|url|base64)", re.IGNORECASE)
_NAMES = ("image", "image_path", "video", "path", "file", "filename", "url", "image_name", "directory")
_SEEDS = ("seed", "noise_seed")
_MODELS = ("ckpt_name", "unet_name", "gguf_name", "base_ckpt_name", "diffusion_model", "model_name")
_NO_MODELS = re.compile(r"upscale|clip|vae|control|detector|style|sam|birefnet|rembg", re.IGNORECASE)
_NAME_LETTERS = 255
_WALKS_MAX = 16  # upwards through the whole graph, of one kind
_LISTED_MAX = 100
_NONE = frozenset({"", "none"})
_NO_WORDS = ("model", "vae", "clip", "latent_image", "samples", "image", "pixels", "images", "mask", "clip_vision")
_LATENTS = ("latent_image", "latent", "samples", "latents")
_TEXTS = ("text", "text_g", "text_l", "prompt", "t5xxl", "clip_l", "string", "value")


def record_of(nodes: Nodes) -> Record:
    """Bring a graph into the form of all records."""
    saves = _outputs(nodes)
    reached = [(save, list(upstream(nodes, save))) for save in saves]
    made = [(save, row) for save, row in reached if any(_makes(nodes[number]) for number, _ in row)]
    numbers = list(dict.fromkeys(number for _, row in made for number, _ in row))
    if not made:
        prefix = _first(nodes, saves, ("filename_prefix",)) if saves else None
        why = "no node that makes pictures leads to one that saves"
        return Record(
            generator="comfyui",
            why=why,
            inputs=_inputs(nodes, saves),
            output_name=word(prefix),
            shape_sha256=shape_digest(nodes),
        )
    maker = _first_pass(nodes, numbers)
    near = [number for number, _ in upstream(nodes, maker)]
    latent = next((one.source for one in nodes[maker].links if one.into in _LATENTS), maker)
    sized = [number for number, _ in upstream(nodes, latent)] + near
    positive, negative = (_prompt(nodes, maker, side) for side in ("positive", "negative"))
    return Record(
        generator="comfyui",
        why=_missing(saves, seed(_first(nodes, near, _SEEDS))),
        models=_models(nodes, numbers),
        loras=tuple(_loras(nodes, numbers))[:_LISTED_MAX],
        sampler=word(_first(nodes, near, ("sampler_name", "sampler"))),
        seed=seed(_first(nodes, near, _SEEDS)),
        steps=whole(_first(nodes, near, ("steps",))),
        cfg=figure(_first(nodes, near, ("cfg", "guidance"))),
        width=whole(_first(nodes, sized, ("width",))),
        height=whole(_first(nodes, sized, ("height",))),
        denoise=figure(_first(nodes, near, ("denoise",))),
        inputs=_inputs(nodes, [save for save, _ in made]),
        output_name=word(_first(nodes, [save for save, _ in made], ("filename_prefix",))),
        prompt=positive,
        negative=negative,
        shape_sha256=shape_digest(nodes),
    )


def _outputs(nodes: Nodes) -> list[str]:
    """The nodes that save; where none does, those nothing is taken from."""
    saves = [number for number, node in nodes.items() if _SAVES.search(node.kind) and node.links]
    taken = {one.source for node in nodes.values() for one in node.links}
    return (saves or [number for number in nodes if number not in taken])[: _WALKS_MAX + 1]


def _missing(saves: Sequence[str], found: str) -> str:
    if len(saves) > _WALKS_MAX:
        return f"limit: more than {_WALKS_MAX} nodes save; the others were not followed"
    return "" if found else "no seed leads to what is saved"


def _makes(node: Node) -> bool:
    if _SWAPS.search(node.kind):
        return bool(node.links)
    seeded = any(name in node.values or any(one.into == name for one in node.links) for name in _SEEDS)
    return bool(node.links or node.values) and (seeded or bool(_SAMPLERS.search(node.kind) and node.links))


def _first_pass(nodes: Nodes, numbers: Sequence[str]) -> str:
    """Of the nodes that make pictures, one that no other leads to; a sampler before a source of noise."""
    makers = [number for number in numbers if _makes(nodes[number])]
    samplers = ([number for number in makers if _SAMPLERS.search(nodes[number].kind)] or makers)[-_WALKS_MAX:]
    alone = [
        number
        for number in samplers
        if not any(other != number and other in samplers for other, _ in upstream(nodes, number))
    ]
    return (alone or samplers)[-1]


def _first(nodes: Nodes, numbers: Sequence[str], names: Sequence[str]) -> Json:
    """The nearest plain value under one of these names; one that comes by a link is that of the node it comes from."""
    for number in numbers:
        for name in names:
            value = _plain(nodes, number, name)
            if value is not None:
                return value
    return None


def _plain(nodes: Nodes, number: str, name: str) -> Json:
    node = nodes[number]
    for _ in range(8):
        if name in node.values:
            value = node.values[name]
            return value if isinstance(value, str | int | float) and not isinstance(value, bool) else None
        link = next((one for one in node.links if one.into == name), None)
        if link is None or link.source not in nodes:
            return None
        node = nodes[link.source]
        name = next(
            (each for each in (name, "value", "seed", "int", "number", "text", "string") if each in node.values), name
        )
    return None


def _prompt(nodes: Nodes, maker: str, side: str) -> str | None:
    """The words that lead to one side of a sampler, by its own input of that name or by that of a guider.

    Where a node passes both sides on, the side in question is gone up; nothing else than conditioning is.
    """
    wanted = (side,) if side == "negative" else (side, "conditioning")
    links = (one for number, _ in upstream(nodes, maker) for one in nodes[number].links if one.into in wanted)
    start = next(links, None)
    if start is None:
        return None
    walk = upstream(nodes, start.source, lambda node: _side(node, side))
    found = dict.fromkeys(words for number, _ in walk for words in _words(nodes, number, side))
    return "\n".join(found) if found else None


def _side(node: Node, side: str) -> list[Link]:
    own = [one for one in node.links if one.into == side]
    other = "positive" if side == "negative" else "negative"
    return own or [one for one in node.links if one.into not in (*_NO_WORDS, *_TEXTS, other)]


def _words(nodes: Nodes, number: str, side: str) -> list[str]:
    """The texts of a node; of one that holds both sides, that of the side in question."""
    values = nodes[number].values
    own = [values[name] for name in (side, f"text_{side}") if name in values]
    found = own or [_plain(nodes, number, name) for name in _TEXTS]
    return list(dict.fromkeys(value for value in found if isinstance(value, str)))


def _models(nodes: Nodes, numbers: Sequence[str]) -> tuple[Used, ...]:
    """Checkpoints and diffusion models; not what upscales, encodes text or decodes."""
    found: dict[str, Used] = {}
    for number in numbers:
        node = nodes[number]
        for name in _MODELS:
            plain = name != "model_name" or not _NO_MODELS.search(node.kind)
            one = used(node.values.get(name)) if plain else None
            if one is not None and one.name.lower() not in _NONE:
                found.setdefault(one.name, one)
    return tuple(found.values())[:_LISTED_MAX]


def _loras(nodes: Nodes, numbers: Sequence[str]) -> Iterator[Used]:
    """LoRAs of the plain loader, of stacks with numbered inputs, and of loaders whose inputs are objects."""
    for number in numbers:
        values = nodes[number].values
        for name, value in values.items():
            one = as_object(value)
            if one.get("on") is not False and isinstance(one.get("lora"), str):
                yield from _lora(one.get("lora"), one.get("strength"))
            elif name == "lora_name":
                yield from _lora(value, values.get("strength_model", values.get("strength")))
            elif name.startswith("lora_name_") or re.fullmatch(r"lora_\d+", name):
                digits = name.rpartition("_")[2]
                yield from _lora(value, values.get(f"lora_wt_{digits}", values.get(f"strength_{digits}")))


def _lora(name: Json, weight: Json) -> Iterator[Used]:
    one = used(name, "", weight)
    if one is not None and one.name.lower() not in _NONE:
        yield one


def _inputs(nodes: Nodes, saves: Sequence[str]) -> tuple[Input, ...]:
    """Loaded pictures that lead to what is saved, each with the part it plays on its way."""
    found: dict[Input, None] = {}
    for save in saves:
        roles: dict[str, str] = {}
        for number, link in upstream(nodes, save):
            node = nodes[number]
            role = _role(node, link, roles)
            roles[number] = role
            if _LOADS.search(node.kind) and not node.kind.lower().startswith("save"):
                found.setdefault(_input(node, role))
            for one in node.links:
                roles.setdefault(f"{one.source}<", _through(node, one, role))
    return tuple(found)[:_LISTED_MAX]


def _role(node: Node, link: Link | None, roles: dict[str, str]) -> str:
    role = roles.get(f"{link.source}<", "image") if link else "image"
    loads_mask = "mask" in node.kind.lower() or (link is not None and link.output == "1")
    return "mask" if role == "image" and _LOADS.search(node.kind) and loads_mask else role


def _through(node: Node, link: Link, role: str) -> str:
    """The part that what comes in by this link plays."""
    if role != "image":
        return role
    into = link.into.lower()
    if _FACES.search(node.kind) and into not in ("input_image", "target_image", "model"):
        return "face"
    if "mask" in into:
        return "mask"
    return "control" if _CONTROLS.search(node.kind) else role


def _input(node: Node, role: str) -> Input:
    name = next((word(node.values[key]) for key in _NAMES if isinstance(node.values.get(key), str)), "")
    digest = word(node.values.get("is_changed"))
    plain = name if len(name) <= _NAME_LETTERS and not name.startswith("data:") else ""
    return Input(role, plain.removesuffix(" [input]"), digest if len(digest) == 64 else "")
