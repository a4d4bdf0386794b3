"""How the exhibits of one operation are laid out: folders, volumes, kinds of archive. Another seed, another layout."""

from dataclasses import dataclass
from typing import Literal, TypeVar

import numpy as np

from headwater.demo.fat_writer import FatKind

T = TypeVar("T")
Packing = Literal["gz", "bz2", "xz", "zst"]
_COMFY = ("AI/ComfyUI", "ComfyUI_windows_portable/ComfyUI", "StabilityMatrix/Data/Packages/ComfyUI", "Tools/comfy")
_A1111 = ("AI/stable-diffusion-webui", "sd.webui/webui", "StabilityMatrix/Data/Packages/webui", "Tools/webui-forge")
_INVOKE = ("AI/InvokeAI", "invokeai", "StabilityMatrix/Data/Packages/InvokeAI", "Tools/InvokeAI")
_FOOOCUS = ("AI/Fooocus", "Fooocus_win64/Fooocus", "StabilityMatrix/Data/Packages/Fooocus", "Tools/Fooocus")
_TRAINING = ("AI/training/{}/img", "kohya_ss/dataset/{}/img", "LoRA/{}", "Pictures/sets/{}/images")
_PREFIXES = ("ComfyUI", "coast", "light/night", "harbour/print", "set/wave")
_BACKUP = ("Backup", "Copies", "Old disk", "Saved")
_ROLLS = ("Pictures/Camera Roll", "DCIM/101CAMRA", "Pictures/Imported")
_MEMBERS = ("coast", "beach", "island", "walk")


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The layout. Folders are paths on their volume, without a slash at either end."""

    volumes: tuple[tuple[FatKind, int], ...]  # of the workstation: kind, and sectors a cluster
    pictures_volume: int  # where the training folder lies; the last volume holds the copies
    comfy: str
    comfy_prefix: str  # of the plain workflow's outputs
    a1111: str
    a1111_by_day: bool
    invoke: str
    fooocus: str
    training: str  # the folder that holds the one with the photographs
    repeats: int
    backup: str
    roll: str  # the laptop's
    packing: Packing
    nesting: int  # zips inside zips
    member: str  # what their files are called


def some_layout(rng: np.random.Generator, place: str) -> Layout:
    """Decide a layout; `place` is the word the model was trained on."""

    def one(of: tuple[T, ...]) -> T:
        return of[int(rng.integers(len(of)))]

    count = int(rng.integers(1, 4))
    kinds: tuple[tuple[FatKind, int], ...] = (("fat32", 1), ("fat16", 4), ("fat32", 2), ("fat16", 8))
    return Layout(
        volumes=tuple(one(kinds) for _ in range(count)),
        pictures_volume=int(rng.integers(0, max(count - 1, 1))),
        comfy=one(_COMFY),
        comfy_prefix=one(_PREFIXES),
        a1111=one(_A1111),
        a1111_by_day=bool(rng.random() < 0.7),
        invoke=one(_INVOKE),
        fooocus=one(_FOOOCUS),
        training=one(_TRAINING).format(place),
        repeats=int(rng.integers(4, 21)),
        backup=one(_BACKUP),
        roll=one(_ROLLS),
        packing=one(("gz", "bz2", "xz", "zst")),
        nesting=int(rng.integers(2, 5)),
        member=one(_MEMBERS),
    )
