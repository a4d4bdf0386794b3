"""The digests by which generators and model sites name a model, each computed as its program does.

- sha256: of the file. autov2: its first 10 digits (AUTOMATIC1111, modules/sd_models.py, ``shorthash``).
- autov3: SHA-256 of what follows the header of a safetensors file (kohya-ss/sd-scripts, library/train_util.py,
  addnet_hash_safetensors; AUTOMATIC1111, modules/hashes.py), of which AUTOMATIC1111 writes the first 12 digits for a
  LoRA (extensions-builtin/Lora/network.py). It is what kohya's program keeps as ``sshs_model_hash``.
- legacy8: first 8 digits of the SHA-256 of 64 KiB at 1 MiB (AUTOMATIC1111, modules/sd_models.py, model_hash; kohya,
  addnet_hash_legacy). Of a smaller file both programs hash nothing at all: e3b0c442, which names no file.
- blake3: of the file (InvokeAI, invokeai/backend/model_hash/model_hash.py, blake3_single, of a model of one file; a
  folder of files is hashed otherwise, and is not here). crc32: of the file, 8 digits (shown by model sites).
"""

import zlib
from hashlib import sha256

from blake3 import blake3

from headwater.examine.metadata_json import json_text
from headwater.examine.view import View
from headwater.model.errors import Truncated
from headwater.model.finding import Seen, Span

_BLOCK_BYTES = 1 << 20
_LEGACY_AT_BYTES, _LEGACY_BYTES, _LEGACY_DIGITS = 1 << 20, 64 << 10, 8
_AUTOV2_DIGITS = 10


def hashes(view: View, data_offset_bytes: int | None) -> Seen:
    """All digests in one reading: {"sha256", "autov2", "blake3", "crc32", "autov3"?, "legacy8"?}.

    data_offset_bytes: where the tensors of a safetensors file begin; None for another format, which has no AutoV3.
    Raises Truncated where the file ends early.
    """
    value: dict[str, object] = {"sha256": view.sha256, "autov2": view.sha256[:_AUTOV2_DIGITS]}
    spans = []
    window = view.read_at(_LEGACY_AT_BYTES, _LEGACY_BYTES) if view.size_bytes > _LEGACY_AT_BYTES else b""
    if window:
        digest = sha256(window).hexdigest()
        value["legacy8"] = digest[:_LEGACY_DIGITS]
        spans.append(
            Span(offset_bytes=_LEGACY_AT_BYTES, length_bytes=len(window), sha256=digest, role="64 KiB at 1 MiB")
        )
    whole, check, behind = blake3(), 0, sha256()
    for offset in range(0, view.size_bytes, _BLOCK_BYTES):
        wanted = min(_BLOCK_BYTES, view.size_bytes - offset)
        block = view.read_at(offset, wanted)
        if len(block) != wanted:
            raise Truncated(f"{offset + len(block)} of {view.size_bytes} bytes could be read")
        whole.update(block)
        check = zlib.crc32(block, check)
        if data_offset_bytes is not None:
            behind.update(block[max(data_offset_bytes - offset, 0) :])
    value |= {"blake3": whole.hexdigest(), "crc32": f"{check:08x}"}
    if data_offset_bytes is not None:
        digest = behind.hexdigest()
        value["autov3"] = digest
        length = view.size_bytes - data_offset_bytes
        spans.append(Span(offset_bytes=data_offset_bytes, length_bytes=length, sha256=digest, role="behind the header"))
    return Seen(claim="model.hashes", value=json_text(value), spans=tuple(spans))
