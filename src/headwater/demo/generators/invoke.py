"""InvokeAI 4.2: the metadata and the graph it writes into each PNG (invokeai/app/invocations/metadata.py)."""

from typing import Any

from headwater.demo.generators.draft import Draft, compact

VERSION = "4.2.7"
_EDGES = (
    ("main_model_loader", "unet", "denoise_latents", "unet"),
    ("main_model_loader", "clip", "clip_skip", "clip"),
    ("clip_skip", "clip", "positive_conditioning", "clip"),
    ("clip_skip", "clip", "negative_conditioning", "clip"),
    ("positive_conditioning", "conditioning", "denoise_latents", "positive_conditioning"),
    ("negative_conditioning", "conditioning", "denoise_latents", "negative_conditioning"),
    ("noise", "noise", "denoise_latents", "noise"),
    ("denoise_latents", "latents", "latents_to_image", "latents"),
    ("main_model_loader", "vae", "latents_to_image", "vae"),
    ("core_metadata", "metadata", "latents_to_image", "metadata"),
)


def invoke_text(draft: Draft, graph_id: str) -> dict[str, str]:
    """Write the text chunks of an InvokeAI picture."""
    return {
        "invokeai_metadata": compact(invoke_metadata(draft)),
        "invokeai_graph": compact(invoke_graph(draft, graph_id)),
    }


def model_key(draft: Draft) -> str:
    """Spell the UUID under which InvokeAI keeps the model."""
    digits = draft.checkpoint.sha256[:32]
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


def _model(draft: Draft) -> dict[str, str]:
    digest = f"sha256:{draft.checkpoint.sha256}"  # as invokeai.yaml asks: hashing_algorithm: sha256
    return {"key": model_key(draft), "hash": digest, "name": draft.checkpoint.name, "base": "sd-1", "type": "main"}


def invoke_metadata(draft: Draft) -> dict[str, Any]:
    """Build the core metadata."""
    return {
        "generation_mode": "txt2img", "positive_prompt": draft.prompt, "negative_prompt": draft.negative,
        "width": draft.width, "height": draft.height, "seed": draft.seed, "rand_device": "cpu", "cfg_scale": draft.cfg,
        "cfg_rescale_multiplier": 0, "steps": draft.steps, "scheduler": "euler", "seamless_x": False,
        "seamless_y": False, "clip_skip": 0, "model": _model(draft), "controlnets": [], "ipAdapters": [],
        "t2iAdapters": [], "loras": [], "strength": None, "init_image": None, "vae": None, "app_version": VERSION,
    }  # fmt: skip


def invoke_graph(draft: Draft, graph_id: str) -> dict[str, Any]:
    """Build the graph: node name -> node, and the edges between their fields."""
    common = {"is_intermediate": True, "use_cache": True}
    nodes: dict[str, dict[str, Any]] = {
        "main_model_loader": {"type": "main_model_loader", "model": _model(draft)},
        "clip_skip": {"type": "clip_skip", "skipped_layers": 0},
        "positive_conditioning": {"type": "compel", "prompt": draft.prompt},
        "negative_conditioning": {"type": "compel", "prompt": draft.negative},
        "noise": {
            "type": "noise", "seed": draft.seed, "width": draft.width, "height": draft.height, "use_cpu": True,
        },
        "denoise_latents": {
            "type": "denoise_latents", "steps": draft.steps, "cfg_scale": draft.cfg, "cfg_rescale_multiplier": 0,
            "denoising_start": 0, "denoising_end": 1, "scheduler": "euler",
        },
        "core_metadata": {"type": "core_metadata", **invoke_metadata(draft)},
        "latents_to_image": {"type": "l2i", "fp32": False},
    }  # fmt: skip
    edges = [
        {"source": {"node_id": source, "field": out}, "destination": {"node_id": target, "field": into}}
        for source, out, target, into in _EDGES
    ]
    named = {name: {"id": name, **common, **node} for name, node in nodes.items()}
    named["latents_to_image"]["is_intermediate"] = False
    return {"id": graph_id, "nodes": named, "edges": edges}
