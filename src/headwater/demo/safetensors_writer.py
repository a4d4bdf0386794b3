"""safetensors files: an 8-byte length, a JSON header, the tensors (huggingface/safetensors, format section)."""

import json
from collections.abc import Mapping
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from headwater.demo.generators import Model

Tensors = Mapping[str, NDArray[np.float16]]


def build_safetensors(tensors: Tensors, metadata: Mapping[str, str]) -> bytes:
    """One file of half-precision tensors; the header is padded with spaces to 8 bytes as the library does."""
    header: dict[str, object] = {"__metadata__": dict(metadata)}
    start = 0
    for name, tensor in tensors.items():
        header[name] = {"dtype": "F16", "shape": list(tensor.shape), "data_offsets": [start, start + tensor.nbytes]}
        start += tensor.nbytes
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + b"".join(tensor.tobytes() for tensor in tensors.values())


def named_model(name: str, data: bytes) -> Model:
    """How generators will call this file: full SHA-256, A1111's legacy hash, and AutoV3 (what follows the header)."""
    body = 8 + int.from_bytes(data[:8], "little")
    legacy = sha256(data[0x100000 : 0x100000 + 0x10000]).hexdigest()[:8]
    return Model(name=name, sha256=sha256(data).hexdigest(), legacy=legacy, autov3=sha256(data[body:]).hexdigest())


def small_tensors(key: tuple[int, ...], shapes: Mapping[str, tuple[int, ...]]) -> dict[str, NDArray[np.float16]]:
    """Random tensors of the given shapes, seeded by `key`."""
    rng = np.random.default_rng(key)
    return {name: (rng.random(shape, dtype=np.float32) - 0.5).astype(np.float16) for name, shape in shapes.items()}
