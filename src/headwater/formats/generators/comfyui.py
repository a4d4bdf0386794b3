"""ComfyUI: the API graph that ran (``prompt``) and the canvas it was drawn on (``workflow``).

Carriers, of https://github.com/comfyanonymous/ComfyUI: PNG text chunks (nodes.py, SaveImage); EXIF Model ``prompt:``
and Make ``workflow:`` of WebP (comfy_extras/nodes_images.py); tags of films (comfy_extras/nodes_video.py). A canvas
alone is no record: it is also in screenshots of the editor.
"""

from collections.abc import Iterator, Sequence

from headwater.formats.generators.carried import Carried
from headwater.formats.generators.comfyui_canvas import canvas_nodes
from headwater.formats.generators.comfyui_facts import record_of
from headwater.formats.generators.node_graph import Link, Node, Nodes, graph_of, too_many
from headwater.formats.generators.record import Told, Unread
from headwater.formats.generators.strict_json import Json, as_list, as_object

_GENERATOR = "comfyui"
_CANVASES = ("workflow", "wflo")


def read_comfyui(texts: Sequence[Carried]) -> Iterator[tuple[Told, Carried]]:
    """Give a record and a graph for every API graph, a graph for every canvas, and what of both cannot be read."""
    for one in texts:
        if one.problem or (one.cut and one.looks_like_json):
            yield from _unread(one)
        elif reason := too_many(max(len(api_nodes(one.json)), len(as_list(one.json.get("nodes"))))):
            yield Unread("generator.record" if api_nodes(one.json) else "generator.graph", _GENERATOR, reason), one
        elif nodes := api_nodes(one.json):
            yield record_of(nodes), one
            yield graph_of(nodes, _GENERATOR, "api"), one
        elif nodes := canvas_nodes(one.json):
            yield graph_of(nodes, _GENERATOR, "canvas"), one


def _unread(one: Carried) -> Iterator[tuple[Told, Carried]]:
    reason = one.problem or "truncated: the end of the text is missing"
    if '"class_type"' in one.text:
        yield Unread("generator.record", _GENERATOR, reason), one
    elif '"nodes"' in one.text and '"links"' in one.text and one.name in _CANVASES:
        yield Unread("generator.graph", _GENERATOR, reason), one


def api_nodes(value: dict[str, Json]) -> Nodes:
    """The nodes of an API graph: number to class_type and inputs, a link being [node, output]. Empty where it is none.

    Some savers put the graph into an object of its own, under ``prompt``.
    """
    inner = as_object(value.get("prompt"))
    graph = inner if inner and not any(as_object(one).get("class_type") for one in value.values()) else value
    nodes: dict[str, Node] = {}
    for number, one in graph.items():
        node = as_object(one)
        kind = node.get("class_type")
        if isinstance(kind, str):
            nodes[number] = _node(kind, node)
    return nodes


def _node(kind: str, node: dict[str, Json]) -> Node:
    links: list[Link] = []
    values: dict[str, Json] = {}
    for name, value in as_object(node.get("inputs")).items():
        match value:
            case [str() | int() as source, int() as output] if not isinstance(source, bool):
                links.append(Link(name, str(source), str(output)))
            case _:
                values[name] = value
    changed = as_list(node.get("is_changed"))
    if changed and isinstance(changed[0], str):  # LoadImage.IS_CHANGED: SHA-256 of the file
        values.setdefault("is_changed", changed[0])
    return Node(kind, tuple(links), values)
