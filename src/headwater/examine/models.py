"""Model files: what their header says, and the digests by which generators name them in pictures.

Hashes: AutoV2 is the first 10 digits of the file's SHA-256; AutoV3 the SHA-256 of what follows the header of a
safetensors file (kohya-ss/sd-scripts, library/train_util.py, addnet_hash_safetensors; AUTOMATIC1111,
modules/hashes.py), of which AUTOMATIC1111 writes the first 12 digits for a LoRA (extensions-builtin/Lora/network.py);
the oldest is the first 8 digits of the SHA-256 of 64 KiB at 1 MiB (modules/sd_models.py, model_hash).
"""

import json
from collections.abc import Iterator
from hashlib import sha256

from headwater.examine import model_header
from headwater.examine.examiner import Example
from headwater.examine.metadata_json import json_text
from headwater.examine.view import View
from headwater.formats.safetensors import LENGTH_BYTES, Header, read_header
from headwater.model.errors import EvidenceError, Truncated
from headwater.model.finding import Seen, Span, State

MEDIA_TYPE = "application/x-safetensors"
_BLOCK_BYTES = 1 << 20
_LEGACY_AT_BYTES, _LEGACY_BYTES, _LEGACY_DIGITS = 1 << 20, 64 << 10, 8
_AUTOV2_DIGITS = 10
_KEYS_MAX = 200


class Models:
    """Claims of a safetensors file; values are JSON.

    model.header: {"format", "header_bytes", "tensors", "dtypes", "parameters", "tensor_bytes", "data_bytes",
    "missing_bytes"?, "name"?, "architecture"?, "base"?, "training"?, "training_folders"?, "stated_hashes"?,
    "merged_from"?}. model.hashes: {"sha256", "autov2", "autov3", "legacy8"?}. model.metadata: one other key of the
    header. model.tags.prompt: words of the captions, by folder.
    """

    name = "models"
    version = "1"
    claims = ("model.hashes", "model.header", "model.metadata", "model.tags.prompt")

    def accepts(self, view: View) -> bool:
        return view.media_type == MEDIA_TYPE

    def examine(self, view: View) -> Iterator[Seen]:
        try:
            header = read_header(view)
        except EvidenceError as fault:
            yield Seen(claim="model.header", state=State.FAILED, reason=f"{fault.kind}: {fault.message}")
            yield _hashes(view, None)
            return
        length = header.data_offset_bytes
        digest = sha256(view.read_at(0, length)).hexdigest()
        span = Span(offset_bytes=0, length_bytes=length, sha256=digest, role="header")
        yield Seen(claim="model.header", value=json_text(_summary(view, header)), spans=(span,))
        for value in model_header.tags(header.metadata):
            yield Seen(claim="model.tags.prompt", value=json_text(value), spans=(span,))
        others = list(model_header.others(header.metadata))
        yield from (Seen(claim="model.metadata", value=json_text(one), spans=(span,)) for one in others[:_KEYS_MAX])
        if len(others) > _KEYS_MAX:
            reason = f"{_KEYS_MAX} keys of a header are recorded; {len(others) - _KEYS_MAX} more were not"
            yield Seen(claim="model.metadata", state=State.NOT_RUN, reason=reason)
        yield _hashes(view, header)

    def examples(self) -> tuple[Example, ...]:
        folders = '"training_folders":[{"images":5,"name":"10_lighthouse","repeats":10}]'
        header = (
            '{"data_bytes":8,"dtypes":{"F16":1},"format":"safetensors","header_bytes":176,"name":"light",'
            f'"output_name":"light","parameters":4,"tensor_bytes":8,"tensors":1,{folders}}}'
        )
        return (
            Example(
                name="light.safetensors", data=_example(), expected=(("model.header", header), ("model.hashes", None))
            ),
        )


def _summary(view: View, header: Header) -> dict[str, object]:
    data_bytes = view.size_bytes - header.data_offset_bytes
    missing = header.tensor_bytes - data_bytes
    return {
        "data_bytes": data_bytes,
        "dtypes": dict(header.dtypes),
        "format": "safetensors",
        "header_bytes": header.header_bytes,
        "parameters": header.parameters,
        "tensor_bytes": header.tensor_bytes,
        "tensors": header.tensors,
        **({"missing_bytes": missing} if missing > 0 else {}),
        **model_header.said(header.metadata),
    }


def _hashes(view: View, header: Header | None) -> Seen:
    """The digests of the file. Without a header there is no AutoV3. Raises Truncated where the file ends early."""
    value: dict[str, object] = {"sha256": view.sha256, "autov2": view.sha256[:_AUTOV2_DIGITS]}
    spans = []
    window = view.read_at(_LEGACY_AT_BYTES, _LEGACY_BYTES)
    if window:
        digest = sha256(window).hexdigest()
        value["legacy8"] = digest[:_LEGACY_DIGITS]
        spans.append(
            Span(offset_bytes=_LEGACY_AT_BYTES, length_bytes=len(window), sha256=digest, role="64 KiB at 1 MiB")
        )
    if header:
        start = header.data_offset_bytes
        digest = _digest_from(view, start)
        value["autov3"] = digest
        spans.append(
            Span(offset_bytes=start, length_bytes=view.size_bytes - start, sha256=digest, role="behind the header")
        )
    return Seen(claim="model.hashes", value=json_text(value), spans=tuple(spans))


def _digest_from(view: View, start_bytes: int) -> str:
    running = sha256()
    for offset in range(start_bytes, view.size_bytes, _BLOCK_BYTES):
        wanted = min(_BLOCK_BYTES, view.size_bytes - offset)
        block = view.read_at(offset, wanted)
        if len(block) != wanted:
            raise Truncated(f"{offset + len(block)} of {view.size_bytes} bytes could be read")
        running.update(block)
    return running.hexdigest()


def _example() -> bytes:
    """A model of one tensor, as kohya's program would write it."""
    metadata = {"ss_output_name": "light", "ss_dataset_dirs": '{"10_lighthouse":{"n_repeats":10,"img_count":5}}'}
    tensor = {"dtype": "F16", "shape": [2, 2], "data_offsets": [0, 8]}
    text = json.dumps({"__metadata__": metadata, "lamp": tensor}, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(LENGTH_BYTES, "little") + text + bytes(range(8))
