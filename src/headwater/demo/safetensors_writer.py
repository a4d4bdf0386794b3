"""safetensors files: an 8-byte length, a JSON header, the tensors (huggingface/safetensors, format section)."""

import json
from collections.abc import Mapping
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from headwater.demo.generators.draft import Model

_LEGACY_AT, _LEGACY_BYTES = 0x100000, 0x10000
Tensors = Mapping[str, NDArray[np.float16]]


def build_safetensors(tensors: Tensors, metadata: Mapping[str, str]) -> bytes:
    """One file of half-precision tensors by name; the header is padded with spaces to 8 bytes, as the library does."""
    header: dict[str, object] = {"__metadata__": dict(metadata)}
    ordered = dict(sorted(tensors.items()))
    start = 0
    for name, tensor in ordered.items():
        header[name] = {"dtype": "F16", "shape": list(tensor.shape), "data_offsets": [start, start + tensor.nbytes]}
        start += tensor.nbytes
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + b"".join(tensor.tobytes() for tensor in ordered.values())


def named_model(name: str, data: bytes) -> Model:
    """How generators will call this file: full SHA-256, A1111's legacy hash, and AutoV3 (what follows the header)."""
    body = 8 + int.from_bytes(data[:8], "little")
    window = data[_LEGACY_AT : _LEGACY_AT + _LEGACY_BYTES]
    legacy = sha256(window).hexdigest()[:8] if len(window) == _LEGACY_BYTES else ""
    return Model(name=name, sha256=sha256(data).hexdigest(), legacy=legacy, autov3=sha256(data[body:]).hexdigest())


def small_tensors(key: tuple[int, ...], shapes: Mapping[str, tuple[int, ...]]) -> dict[str, NDArray[np.float16]]:
    """Random tensors of the given shapes, seeded by `key`."""
    rng = np.random.default_rng(key)
    return {name: (rng.random(shape, dtype=np.float32) - 0.5).astype(np.float16) for name, shape in shapes.items()}
