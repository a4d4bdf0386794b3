"""What picture generators write into their files, in the layouts their public sources use."""

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A model file as the generators name it: full digest, and the short ones made from it."""

    name: str  # without the extension
    sha256: str
    legacy: str = ""  # A1111: SHA-256 of 64 KiB at offset 1 MiB, 8 digits
    autov3: str = ""  # SHA-256 of what follows the safetensors header

    @property
    def autov2(self) -> str:
        return self.sha256[:10]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """The settings of one generation. `source` names an input picture of an image-to-image run."""

    prompt: str
    negative: str
    seed: int
    steps: int
    cfg: float
    width: int
    height: int
    checkpoint: Model
    lora: Model | None = None
    source: str = ""
    denoise: float = 1.0


def compact(value: object) -> str:
    """Write JSON as the programs write it into text chunks."""
    return json.dumps(value, ensure_ascii=False)


def comfy_graph(draft: Draft) -> dict[str, Any]:
    """Build ComfyUI's API graph: node number -> class_type and inputs; a link is [node, output]."""
    model: list[Any] = ["4", 0]
    clip: list[Any] = ["4", 1]
    graph: dict[str, Any] = {
        "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": f"{draft.checkpoint.name}.safetensors"}}
    }
    if draft.lora is not None:
        strength = {"strength_model": 0.8, "strength_clip": 0.8}
        inputs = {"lora_name": f"{draft.lora.name}.safetensors", **strength, "model": model, "clip": clip}
        graph["10"] = {"class_type": "LoraLoader", "inputs": inputs}
        model, clip = ["10", 0], ["10", 1]
    graph["6"] = {"class_type": "CLIPTextEncode", "inputs": {"text": draft.prompt, "clip": clip}}
    graph["7"] = {"class_type": "CLIPTextEncode", "inputs": {"text": draft.negative, "clip": clip}}
    latent = _comfy_latent(graph, draft)
    graph["3"] = {
        "class_type": "KSampler",
        "inputs": {
            "seed": draft.seed, "steps": draft.steps, "cfg": draft.cfg, "sampler_name": "dpmpp_2m",
            "scheduler": "karras", "denoise": draft.denoise, "model": model, "positive": ["6", 0],
            "negative": ["7", 0], "latent_image": latent,
        },
    }  # fmt: skip
    graph["8"] = {"class_type": "VAEDecode", "inputs": {"samples": ["3", 0], "vae": ["4", 2]}}
    graph["9"] = {"class_type": "SaveImage", "inputs": {"filename_prefix": "ComfyUI", "images": ["8", 0]}}
    return graph


def _comfy_latent(graph: dict[str, Any], draft: Draft) -> list[Any]:
    if not draft.source:
        size = {"width": draft.width, "height": draft.height, "batch_size": 1}
        graph["5"] = {"class_type": "EmptyLatentImage", "inputs": size}
        return ["5", 0]
    graph["11"] = {"class_type": "LoadImage", "inputs": {"image": draft.source}}
    graph["12"] = {"class_type": "VAEEncode", "inputs": {"pixels": ["11", 0], "vae": ["4", 2]}}
    return ["12", 0]


def comfy_workflow(graph: dict[str, Any]) -> dict[str, Any]:
    """Draw the canvas that belongs to an API graph: nodes with places and widgets, links as rows."""
    nodes: list[dict[str, Any]] = []
    links: list[list[Any]] = []
    for place, (number, node) in enumerate(graph.items()):
        widgets = [value for value in node["inputs"].values() if not isinstance(value, list)]
        spot = {"pos": [40 + 320 * (place % 4), 60 + 260 * (place // 4)], "size": [300, 200], "order": place}
        nodes.append({"id": int(number), "type": node["class_type"], **spot, "mode": 0, "widgets_values": widgets})
        for slot, value in enumerate(node["inputs"].values()):
            if isinstance(value, list):
                links.append([len(links) + 1, int(value[0]), value[1], int(number), slot, "*"])
    numbers = {"last_node_id": max(map(int, graph)), "last_link_id": len(links)}
    return {**numbers, "nodes": nodes, "links": links, "groups": [], "config": {}, "extra": {}, "version": 0.4}


def comfy_text(draft: Draft) -> dict[str, str]:
    """Write the two text chunks of ComfyUI's SaveImage."""
    graph = comfy_graph(draft)
    return {"prompt": compact(graph), "workflow": compact(comfy_workflow(graph))}


def a1111_parameters(draft: Draft) -> str:
    """Write the `parameters` text of A1111: prompt, negative prompt, one line of settings."""
    prompt = draft.prompt + (f" <lora:{draft.lora.name}:0.8>" if draft.lora else "")
    settings = [
        f"Steps: {draft.steps}", "Sampler: DPM++ 2M", "Schedule type: Karras", f"CFG scale: {draft.cfg}",
        f"Seed: {draft.seed}", f"Size: {draft.width}x{draft.height}", f"Model hash: {draft.checkpoint.autov2}",
        f"Model: {draft.checkpoint.name}",
    ]  # fmt: skip
    if draft.denoise < 1:
        settings.append(f"Denoising strength: {draft.denoise}")
    if draft.lora is not None:
        settings.append(f'Lora hashes: "{draft.lora.name}: {draft.lora.autov3[:12]}"')
    settings.append("Version: v1.9.4")
    return f"{prompt}\nNegative prompt: {draft.negative}\n{', '.join(settings)}"


def user_comment(text: str) -> bytes:
    """Write EXIF UserComment as A1111 writes it into JPEG: ``UNICODE`` and UTF-16 big endian."""
    return b"UNICODE\0" + text.encode("utf-16-be")


def invoke_metadata(draft: Draft) -> dict[str, Any]:
    """Build InvokeAI 4's core metadata."""
    model = {"key": draft.checkpoint.sha256[:32], "hash": f"sha256:{draft.checkpoint.sha256}"}
    named = {"name": draft.checkpoint.name, "base": "sd-1", "type": "main"}
    return {
        "generation_mode": "txt2img", "positive_prompt": draft.prompt, "negative_prompt": draft.negative,
        "width": draft.width, "height": draft.height, "seed": draft.seed, "rand_device": "cpu", "cfg_scale": draft.cfg,
        "steps": draft.steps, "scheduler": "euler", "model": {**model, **named}, "controlnets": [], "loras": [],
        "app_version": "4.2.7",
    }  # fmt: skip


def invoke_text(draft: Draft) -> dict[str, str]:
    """Write the text chunks of an InvokeAI picture."""
    graph = {"id": sha256(str(draft.seed).encode()).hexdigest()[:32], "nodes": {}, "edges": []}
    return {"invokeai_metadata": compact(invoke_metadata(draft)), "invokeai_graph": compact(graph)}


def novelai_text(draft: Draft) -> dict[str, str]:
    """Write NovelAI's text chunks, without the signed hash (no key of theirs is at hand)."""
    comment = {
        "prompt": draft.prompt, "steps": draft.steps, "height": draft.height, "width": draft.width,
        "scale": draft.cfg, "seed": draft.seed, "sampler": "k_euler_ancestral", "uc": draft.negative,
        "request_type": "PromptGenerateRequest",
    }  # fmt: skip
    return {
        "Title": "AI generated image", "Description": draft.prompt, "Software": "NovelAI",
        "Source": "Stable Diffusion XL 7BCCAA2C", "Generation time": "3.4180", "Comment": compact(comment),
    }  # fmt: skip


def xmp_packet(source_type: str, tool: str) -> bytes:
    """Write an XMP packet that declares an IPTC DigitalSourceType, written by `tool`."""
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""'
        ' xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"'
        f' xmp:CreatorTool="{tool}" Iptc4xmpExt:DigitalSourceType="http://cv.iptc.org/newscodes/digitalsourcetype/'
        f'{source_type}"/></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    ).encode()
