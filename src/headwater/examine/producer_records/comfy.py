"""ComfyUI: workflows that its user saved, as drawings of the page or as graphs for its API.

Source: github.com/comfyanonymous/ComfyUI, execution.py (API graph: number -> class_type and inputs) and
github.com/comfyanonymous/litegraph.js (canvas: nodes with ``type`` and ``widgets_values``, links).
"""

from collections.abc import Iterator

from headwater.examine.producer_records.told import Value, as_object, as_objects, said, word
from headwater.model.finding import Seen

_PROGRAM = "comfyui"
_MODEL_ENDINGS = (".safetensors", ".sft", ".ckpt", ".pt", ".pth", ".bin", ".gguf")
_PICTURE_ENDINGS = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tiff", ".avif")
_NAMES_MAX = 200


def is_api(content: Value) -> bool:
    """Tell an API graph, alone or in a request that was kept: every value is a node."""
    nodes = _graph(content).values()
    return bool(nodes) and all(isinstance(as_object(one).get("class_type"), str) for one in nodes)


def _graph(content: Value) -> Value:
    inner = as_object(content.get("prompt"))
    return inner if inner and "class_type" not in inner else content


def is_canvas(content: Value) -> bool:
    """Tell a canvas by its parts."""
    return bool(as_objects(content.get("nodes"))) and isinstance(content.get("links"), list)


def read_api(content: Value) -> Iterator[Seen]:
    """One finding for the graph: its classes, the models and pictures that its nodes name."""
    nodes = [as_object(one) for one in _graph(content).values()]
    words = [one for node in nodes for one in _words(list(as_object(node.get("inputs")).values()))]
    yield _workflow("api", [word(node.get("class_type")) for node in nodes], words, None)


def read_canvas(content: Value) -> Iterator[Seen]:
    """One finding for the canvas, with the nodes of its subgraphs."""
    inner = as_objects(as_object(content.get("definitions")).get("subgraphs"))
    nodes = [node for part in (content, *inner) for node in as_objects(part.get("nodes"))]
    words = [one for node in nodes for one in _words(node.get("widgets_values"))]
    yield _workflow("canvas", [word(node.get("type")) for node in nodes], words, word(content.get("id")))


def _workflow(kind: str, classes: list[str | None], words: list[str], identifier: str | None) -> Seen:
    """Names only: what was typed into a node may be a prompt and is not kept."""
    return said(
        "record.workflow",
        program=_PROGRAM,
        carrier="workflow file",
        kind=kind,
        id=identifier,
        nodes=len(classes),
        classes=sorted({one for one in classes if one})[:_NAMES_MAX],
        models=_ending(words, _MODEL_ENDINGS),
        inputs=_ending(words, _PICTURE_ENDINGS),
    )


def _words(values: object) -> Iterator[str]:
    held = list(values.values()) if isinstance(values, dict) else values if isinstance(values, list) else []
    for one in held:
        if isinstance(one, str) and len(one) <= 500 and "\n" not in one:
            yield one.strip()


def _ending(words: list[str], endings: tuple[str, ...]) -> list[str]:
    return sorted({one for one in words if one.lower().endswith(endings)})[:_NAMES_MAX]
