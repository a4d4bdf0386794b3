"""AUTOMATIC1111's web UI: the `parameters` text (modules/processing.py, create_infotext) and its EXIF form."""

from headwater.demo.generators.draft import Draft

VERSION = "v1.9.4"


def a1111_parameters(draft: Draft) -> str:
    """Write the text: prompt, negative prompt, one line of settings."""
    prompt = draft.prompt + (f" <lora:{draft.lora.name}:0.8>" if draft.lora else "")
    settings = [
        f"Steps: {draft.steps}", "Sampler: DPM++ 2M", "Schedule type: Karras", f"CFG scale: {draft.cfg:g}",
        f"Seed: {draft.seed}", f"Size: {draft.width}x{draft.height}", f"Model hash: {draft.checkpoint.autov2}",
        f"Model: {draft.checkpoint.name}",
    ]  # fmt: skip
    if draft.denoise < 1:
        settings.append(f"Denoising strength: {draft.denoise:g}")
    if draft.upscale > 1:
        settings += [f"Hires upscale: {draft.upscale:g}", "Hires steps: 10", "Hires upscaler: Latent"]
    if draft.masked:
        settings += ["Mask blur: 4", "Inpaint area: Only masked", "Masked area padding: 32"]
    if draft.lora is not None:
        settings.append(f'Lora hashes: "{draft.lora.name}: {draft.lora.autov3[:12]}"')
    settings.append(f"Version: {VERSION}")
    return f"{prompt}\nNegative prompt: {draft.negative}\n{', '.join(settings)}"


def user_comment(text: str) -> bytes:
    """Write EXIF UserComment as A1111 writes it into JPEG: ``UNICODE`` and UTF-16 big endian."""
    return b"UNICODE\0" + text.encode("utf-16-be")
