"""ComfyUI: the API graph and the canvas that SaveImage writes into each PNG (comfyanonymous/ComfyUI, nodes.py)."""

from typing import Any

from headwater.demo.generators.comfy_canvas import canvas_of
from headwater.demo.generators.draft import Draft, compact

Graph = dict[str, dict[str, Any]]
_TITLES = {
    "CheckpointLoaderSimple": "Load Checkpoint", "LoraLoader": "Load LoRA",
    "CLIPTextEncode": "CLIP Text Encode (Prompt)", "EmptyLatentImage": "Empty Latent Image",
    "LoadImage": "Load Image", "VAEEncode": "VAE Encode",
    "VAEDecode": "VAE Decode", "SaveImage": "Save Image",
}  # fmt: skip


def comfy_text(draft: Draft) -> dict[str, str]:
    """Write the two text chunks of ComfyUI's SaveImage."""
    return {"prompt": compact(comfy_graph(draft)), "workflow": compact(comfy_workflow(draft))}


def comfy_workflow(draft: Draft) -> dict[str, Any]:
    """Draw the canvas of the graph."""
    return canvas_of(comfy_graph(draft), draft.seed_goes)


def comfy_graph(draft: Draft) -> Graph:
    """Build the API graph: node number -> class_type and inputs; a link is [node, output]."""
    model: list[Any] = ["4", 0]
    clip: list[Any] = ["4", 1]
    graph: Graph = {"3": {}}
    _node(graph, "4", "CheckpointLoaderSimple", ckpt_name=f"{draft.checkpoint.name}.safetensors")
    if draft.lora is not None:
        strength = {"strength_model": 0.8, "strength_clip": 0.8}
        _node(graph, "10", "LoraLoader", lora_name=f"{draft.lora.name}.safetensors", **strength, model=model, clip=clip)
        model, clip = ["10", 0], ["10", 1]
    latent = _latent(graph, draft)
    _node(graph, "6", "CLIPTextEncode", text=draft.prompt, clip=clip)
    _node(graph, "7", "CLIPTextEncode", text=draft.negative, clip=clip)
    _node(
        graph, "3", "KSampler", seed=draft.seed, steps=draft.steps, cfg=draft.cfg, sampler_name="dpmpp_2m",
        scheduler="karras", denoise=draft.denoise, model=model, positive=["6", 0], negative=["7", 0],
        latent_image=latent,
    )  # fmt: skip
    _node(graph, "8", "VAEDecode", samples=["3", 0], vae=["4", 2])
    _node(graph, "9", "SaveImage", filename_prefix=draft.prefix, images=["8", 0])
    return graph


def _node(graph: Graph, number: str, kind: str, **inputs: object) -> None:
    graph[number] = {"inputs": inputs, "class_type": kind, "_meta": {"title": _TITLES.get(kind, kind)}}


def _latent(graph: Graph, draft: Draft) -> list[Any]:
    if not draft.source:
        _node(graph, "5", "EmptyLatentImage", width=draft.width, height=draft.height, batch_size=1)
        return ["5", 0]
    _node(graph, "11", "LoadImage", image=draft.source, upload="image")
    if draft.source_sha256:
        graph["11"]["is_changed"] = [draft.source_sha256]  # LoadImage.IS_CHANGED digests the file
    _node(graph, "12", "VAEEncode", pixels=["11", 0], vae=["4", 2])
    return ["12", 0]


def comfy_shape(draft: Draft) -> str:
    """Spell the graph without numbers and values: each input that is a link, as ``class.input<class.output``."""
    graph = comfy_graph(draft)
    links = [
        f"{node['class_type']}.{name}<{graph[value[0]]['class_type']}.{value[1]}"
        for node in graph.values()
        for name, value in node["inputs"].items()
        if isinstance(value, list)
    ]
    return " ".join(sorted(links))
