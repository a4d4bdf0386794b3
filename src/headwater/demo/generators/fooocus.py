"""Fooocus: its JSON scheme (modules/meta_parser.py) and the day's private log (modules/private_logger.py)."""

from collections.abc import Sequence
from html import escape

from headwater.demo.generators.draft import Draft, compact

_STYLES = "['Fooocus V2', 'Fooocus Sharp']"
_SPLIT = "<!--fooocus-log-split-->"


def fooocus_text(draft: Draft) -> dict[str, str]:
    """Write the two text chunks of a picture saved with its settings."""
    return {"parameters": compact(dict(sorted(_settings(draft).items()))), "fooocus_scheme": "fooocus"}


def _settings(draft: Draft) -> dict[str, object]:
    loras = [[draft.lora.name, 0.8, draft.lora.autov2]] if draft.lora else []
    combined = {"lora_combined_1": f"{draft.lora.name} : 0.8"} if draft.lora else {}
    return {
        "prompt": draft.prompt, "negative_prompt": draft.negative, "prompt_expansion": f"{draft.prompt}, sharp, calm",
        "full_prompt": [draft.prompt], "full_negative_prompt": [draft.negative], "styles": _STYLES,
        "performance": "Speed", "steps": draft.steps, "resolution": f"({draft.width}, {draft.height})",
        "guidance_scale": draft.cfg, "sharpness": 2, "adm_guidance": "(1.5, 0.8, 0.3)",
        "base_model": draft.checkpoint.name, "base_model_hash": draft.checkpoint.autov2, "refiner_model": "None",
        "refiner_switch": 0.5, "clip_skip": 2, "sampler": "dpmpp_2m_sde_gpu", "scheduler": "karras",
        "vae": "Default (model)", "seed": str(draft.seed), "loras": loras, **combined, "metadata_scheme": "fooocus",
        "version": "Fooocus v2.5.0",
    }  # fmt: skip


def fooocus_log(day: str, made: Sequence[tuple[str, Draft]]) -> str:
    """Write ``log.html`` of one day's folder; the latest picture stands first."""
    items = "".join(_item(name, draft) for name, draft in reversed(made))
    return (
        f"<!DOCTYPE html><html><head><title>Fooocus Log {day}</title></head><body>"
        f"<p>Fooocus Log {day} (private)</p>\n<p>Metadata is embedded if enabled in the config or developer debug "
        f"mode. You can find the information for each image in line Metadata Scheme.</p>{_SPLIT}\n\n{items}\n{_SPLIT}"
        "</body></html>"
    )


def _item(name: str, draft: Draft) -> str:
    rows = {
        "Prompt": draft.prompt, "Negative Prompt": draft.negative,
        "Fooocus V2 Expansion": f"{draft.prompt}, sharp, calm", "Styles": _STYLES, "Performance": "Speed",
        "Resolution": f"({draft.width}, {draft.height})",
        "Guidance Scale": draft.cfg, "Sharpness": 2, "ADM Guidance": "(1.5, 0.8, 0.3)",
        "Base Model": f"{draft.checkpoint.name}.safetensors", "Refiner Model": "None", "Refiner Switch": 0.5,
        "Sampler": "dpmpp_2m_sde_gpu", "Scheduler": "karras", "Seed": draft.seed,
    }  # fmt: skip
    if draft.lora:
        rows["LoRA 1"] = f"{draft.lora.name}.safetensors : 0.8"
    rows["Version"] = "Fooocus v2.5.0"
    cells = "".join(
        f"<tr><td class='label'>{label}</td><td class='value'>{escape(str(value))}</td></tr>\n"
        for label, value in rows.items()
    )
    return (
        f'<div id="{name.replace(".", "_")}" class="image-container">\n<hr><table><tr>\n'
        f"<td><a href=\"{name}\" target=\"_blank\"><img src='{name}' loading='lazy'/></a><div>{name}</div></td>"
        f"<td><table class='metadata'>{cells}</table></td></tr></table></div>\n\n"
    )
