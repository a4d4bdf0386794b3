"""What a model file is for, told by the names of its tensors; by what its header says only where they tell nothing.

Sources of the names: CompVis/stable-diffusion and Stability-AI (checkpoints, VAE), kohya-ss/sd-scripts and
KohakuBlueleaf/LyCORIS (LoRA, LoHa, LoKr), huggingface/diffusers and peft, lllyasviel/ControlNet,
tencent-ailab/IP-Adapter, xinntao/ESRGAN, AUTOMATIC1111 (embeddings: ``string_to_param``, ``emb_params``).
"""

from collections.abc import Iterable, Mapping

_ADAPTERS = ("lora_down.", "lora_up.", "lora_a.", "lora_b.", "hada_w1", "lokr_w", ".lora.", "oft_blocks", "dora_scale")
_EMBEDDING = frozenset({"emb_params", "string_to_param", "clip_l", "clip_g"})
_CONTROL = ("control_model.", "input_hint_block.", "controlnet_cond_embedding.", "controlnet_blocks.",
            "controlnet_down_blocks.")  # fmt: skip
_DIFFUSION = ("model.diffusion_model.", "double_blocks.", "joint_blocks.", "single_transformer_blocks.",
              "down_blocks.0.resnets.", "input_blocks.0.", "transformer_blocks.0.attn")  # fmt: skip
_TEXT = ("cond_stage_model.", "conditioner.embedders.", "text_encoders.")
_VAE = ("first_stage_model.", "vae.")
_BARE_VAE = ("decoder.conv_in.", "encoder.conv_in.", "quant_conv.")
_BARE_TEXT = ("text_model.encoder.", "encoder.block.0.", "transformer.resblocks.")
_UPSCALER = ("conv_first.", "rrdb_trunk.", "body.0.rdb1.", "model.0.weight")
_ARCHITECTURES = (("lora", "lora"), ("textual-inversion", "embedding"), ("controlnet", "controlnet"), ("vae", "vae"))


def kind_of(names: Iterable[str], metadata: Mapping[str, str]) -> str:
    """One of: lora, embedding, controlnet, ip adapter, checkpoint, diffusion model, vae, text encoder, upscaler, other.

    A checkpoint holds a diffusion model with a text encoder or a VAE; a diffusion model comes alone.
    """
    lowered = [name.lower() for name in names]

    def has(*marks: str) -> bool:
        return any(mark in name for name in lowered for mark in marks)

    def begins(*marks: str) -> bool:
        return any(name.startswith(marks) for name in lowered)

    diffusion = begins(*_DIFFUSION)
    tests = (
        ("lora", has(*_ADAPTERS)),
        ("embedding", not _EMBEDDING.isdisjoint(lowered)),
        ("ip adapter", begins("ip_adapter.") or (begins("image_proj.") and not diffusion)),
        ("controlnet", begins(*_CONTROL)),
        ("checkpoint", diffusion and (begins(*_TEXT) or begins(*_VAE))),
        ("diffusion model", diffusion),
        ("vae", begins(*_VAE, *_BARE_VAE)),
        ("text encoder", begins(*_TEXT, *_BARE_TEXT)),
        ("upscaler", begins(*_UPSCALER)),
    )
    by_tensor = next((kind for kind, fits in tests if fits), "")
    stated = metadata.get("modelspec.architecture", "").lower()
    return by_tensor or next((kind for mark, kind in _ARCHITECTURES if stated.endswith(mark)), "other")
