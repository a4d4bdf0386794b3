"""ComfyUI: workflows that its user saved, as drawings of the page or as graphs for its API.

Source: github.com/comfyanonymous/ComfyUI, execution.py (API graph: number -> class_type and inputs) and
github.com/comfyanonymous/litegraph.js (canvas: nodes with ``type`` and ``widgets_values``, links).
"""

from collections.abc import Iterator

from headwater.examine.producer_records.told import workflow
from headwater.formats.generators.comfyui import api_nodes
from headwater.formats.generators.comfyui_canvas import canvas_nodes
from headwater.formats.generators.node_graph import graph_of
from headwater.formats.generators.record import Graph
from headwater.formats.generators.strict_json import Json, as_list, as_object
from headwater.model.finding import Seen

_PROGRAM = "comfyui"
_MODEL_ENDINGS = (".safetensors", ".sft", ".ckpt", ".pt", ".pth", ".bin", ".gguf")
_PICTURE_ENDINGS = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tiff", ".avif")
_NAMES_MAX = 200


def is_api(content: dict[str, Json]) -> bool:
    """Tell an API graph, alone or in a request that was kept: every value is a node."""
    nodes = api_nodes(content)
    return len(nodes) in (len(content), len(as_object(content.get("prompt")))) and bool(nodes)


def is_canvas(content: dict[str, Json]) -> bool:
    """Tell a canvas by its parts."""
    return bool(canvas_nodes(content))


def read_api(content: dict[str, Json]) -> Iterator[Seen]:
    """One finding for the graph: its classes and shape, the models and pictures that its nodes name."""
    nodes = api_nodes(content)
    words = [one for node in nodes.values() for one in _words(dict(node.values))]
    yield _workflow(graph_of(nodes, _PROGRAM, "api"), words)


def read_canvas(content: dict[str, Json]) -> Iterator[Seen]:
    """One finding for the canvas; the models and pictures that its subgraphs name are told with it."""
    inner = map(as_object, as_list(as_object(content.get("definitions")).get("subgraphs")))
    drawn = [node for part in (content, *inner) for node in map(as_object, as_list(part.get("nodes")))]
    words = [one for node in drawn for one in _words(node.get("widgets_values"))]
    yield _workflow(graph_of(canvas_nodes(content), _PROGRAM, "canvas"), words)


def _workflow(graph: Graph, words: list[str]) -> Seen:
    """Names only: what was typed into a node may be a prompt and is not kept."""
    named = {"models": _ending(words, _MODEL_ENDINGS), "inputs": _ending(words, _PICTURE_ENDINGS)}
    return workflow(_PROGRAM, "workflow file", graph, **named)


def _words(values: Json) -> Iterator[str]:
    held = list(values.values()) if isinstance(values, dict) else values if isinstance(values, list) else []
    for one in held:
        if isinstance(one, str) and len(one) <= 500 and "\n" not in one:
            yield one.strip()


def _ending(words: list[str], endings: tuple[str, ...]) -> list[str]:
    return sorted({one for one in words if one.lower().endswith(endings)})[:_NAMES_MAX]
