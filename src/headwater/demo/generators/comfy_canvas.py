"""The canvas that belongs to an API graph, as ComfyUI's front end keeps it (LiteGraph, version 0.4)."""

from typing import Any

_OUTPUTS: dict[str, tuple[str, ...]] = {
    "CheckpointLoaderSimple": ("MODEL", "CLIP", "VAE"),
    "LoraLoader": ("MODEL", "CLIP"),
    "CLIPTextEncode": ("CONDITIONING",),
    "EmptyLatentImage": ("LATENT",),
    "LoadImage": ("IMAGE", "MASK"),
    "VAEEncode": ("LATENT",),
    "KSampler": ("LATENT",),
    "VAEDecode": ("IMAGE",),
    "SaveImage": (),
}
_INPUT_TYPES = {
    "model": "MODEL", "clip": "CLIP", "vae": "VAE", "positive": "CONDITIONING", "negative": "CONDITIONING",
    "latent_image": "LATENT", "samples": "LATENT", "pixels": "IMAGE", "images": "IMAGE",
}  # fmt: skip
_PLACES: dict[str, tuple[list[int], list[int]]] = {
    "3": ([863, 186], [315, 262]), "4": ([26, 474], [315, 98]), "5": ([473, 609], [315, 106]),
    "6": ([415, 186], [423, 164]), "7": ([413, 389], [425, 180]), "8": ([1209, 188], [210, 46]),
    "9": ([1451, 189], [210, 270]), "10": ([60, 240], [315, 126]), "11": ([60, 700], [315, 314]),
    "12": ([473, 760], [210, 46]),
}  # fmt: skip


def canvas_of(graph: dict[str, dict[str, Any]], seed_goes: str) -> dict[str, Any]:
    """Draw it: nodes with places, slots and widgets; links as [id, from, slot, to, slot, type].

    seed_goes: what the sampler's canvas does with the seed after a run (fixed, increment, decrement, randomize).
    """
    links = _links(graph)
    nodes = [
        _canvas_node(number, graph[number], order, links, seed_goes) for order, number in enumerate(_in_order(graph))
    ]
    return {
        "last_node_id": max(map(int, graph)), "last_link_id": len(links), "nodes": nodes, "links": links, "groups": [],
        "config": {}, "extra": {"ds": {"scale": 0.75, "offset": [120, 80]}}, "version": 0.4,
    }  # fmt: skip


def _slots(node: dict[str, Any]) -> list[tuple[str, list[Any]]]:
    """The inputs that are links, in the order of the node's slots."""
    return [(name, value) for name, value in node["inputs"].items() if isinstance(value, list)]


def _links(graph: dict[str, dict[str, Any]]) -> list[list[Any]]:
    rows: list[list[Any]] = []
    for number, node in graph.items():
        for slot, (name, (source, output)) in enumerate(_slots(node)):
            rows.append([len(rows) + 1, int(source), output, int(number), slot, _INPUT_TYPES[name]])
    return rows


def _in_order(graph: dict[str, dict[str, Any]]) -> list[str]:
    """The order of execution: a node after all that it takes from."""
    done: list[str] = []
    while len(done) < len(graph):
        done += [
            number
            for number, node in graph.items()
            if number not in done and all(source in done for _, (source, _) in _slots(node))
        ]
    return done


def _canvas_node(
    number: str, node: dict[str, Any], order: int, links: list[list[Any]], seed_goes: str
) -> dict[str, Any]:
    kind, here = node["class_type"], int(number)
    position, size = _PLACES[number]
    incoming = {row[4]: row[0] for row in links if row[3] == here}
    outputs = []
    for slot, wire in enumerate(_OUTPUTS[kind]):
        outgoing = [row[0] for row in links if (row[1], row[2]) == (here, slot)]
        outputs.append({"name": wire, "type": wire, "links": outgoing or None, "slot_index": slot})
    return {
        "id": here, "type": kind, "pos": position, "size": size, "flags": {}, "order": order, "mode": 0,
        "inputs": [
            {"name": name, "type": _INPUT_TYPES[name], "link": incoming[slot]}
            for slot, (name, _) in enumerate(_slots(node))
        ],
        "outputs": outputs, "properties": {"Node name for S&R": kind},
        "widgets_values": _widgets(kind, node["inputs"], seed_goes),
    }  # fmt: skip


def _widgets(kind: str, inputs: dict[str, Any], seed_goes: str) -> list[Any]:
    """The values in the order of the node's widgets; behind the seed stands what is done with it afterwards."""
    values = [value for value in inputs.values() if not isinstance(value, list)]
    return [values[0], seed_goes, *values[1:]] if kind == "KSampler" else values
