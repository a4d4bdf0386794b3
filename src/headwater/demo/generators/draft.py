"""The settings of one generation, as every generator could be asked for it."""

import json
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A model file as the generators name it: full digest, and the short ones made from it."""

    name: str  # without the extension
    sha256: str
    legacy: str = ""  # A1111: SHA-256 of 64 KiB at offset 1 MiB, 8 digits; empty for a file that ends before
    autov3: str = ""  # SHA-256 of what follows the safetensors header

    @property
    def autov2(self) -> str:
        return self.sha256[:10]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One generation. What begins from a picture has a `denoise` below 1; `source` names it, where the tool does.

    prefix: of the output's name, for tools that write it into the record. upscale: above 1 for a high-resolution
    second pass, which begins from no other picture. masked: only a part was drawn anew.
    """

    prompt: str
    negative: str
    seed: int
    steps: int
    cfg: float
    width: int
    height: int
    checkpoint: Model
    lora: Model | None = None
    prefix: str = "ComfyUI"
    source: str = ""
    source_sha256: str = ""
    denoise: float = 1.0
    upscale: float = 1.0
    masked: bool = False
    seed_goes: str = "randomize"  # what the canvas does with the seed afterwards


def compact(value: object) -> str:
    """Write JSON as the programs write it into text chunks."""
    return json.dumps(value, ensure_ascii=False)
