"""What an examiner compares with: trust lists, patterns of seized cameras. The broker hands them to each worker."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from headwater.model.errors import HeadwaterError
from headwater.model.material import Material


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A material with its bytes."""

    material: Material
    data: bytes


def load(materials: Sequence[Material], descriptors: Sequence[int]) -> Mapping[str, tuple[Loaded, ...]]:
    """Read each from its descriptor, by kind, and close that. Raises HeadwaterError where one is not what was said."""
    kinds: dict[str, tuple[Loaded, ...]] = {}
    for material, descriptor in zip(materials, descriptors, strict=True):
        with os.fdopen(descriptor, "rb") as file:
            data = os.pread(file.fileno(), material.size_bytes, 0)
        if sha256(data).hexdigest() != material.sha256:
            raise HeadwaterError(f"{material.kind} {material.name}: not the bytes that were sent")
        kinds[material.kind] = (*kinds.get(material.kind, ()), Loaded(material=material, data=data))
    return kinds
