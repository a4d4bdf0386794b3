"""Model files by content: what they are, what their header says, what their pickles would call, and their digests.

A pickle is never loaded: its opcodes are listed (formats/pickle_listing.py).
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256

from headwater.examine import model_header
from headwater.examine.examiner import Example
from headwater.examine.metadata_json import bounded_text, json_text
from headwater.examine.model_digests import hashes
from headwater.examine.model_kind import kind_of
from headwater.examine.view import View
from headwater.formats.gguf import read_gguf
from headwater.formats.pickle_listing import Listing, list_pickle
from headwater.formats.pickled_models import LEGACY, NPY, PICKLE, ZIP, Cut, cut_pickles, is_deflated_pickle
from headwater.formats.safetensors import LENGTH_BYTES, read_header
from headwater.model.errors import EvidenceError
from headwater.model.finding import Seen, Span, State

SAFETENSORS, GGUF = "application/x-safetensors", "application/x-gguf"
_PICKLED = {ZIP: "pytorch", LEGACY: "pytorch, before 1.6", PICKLE: "pickle", NPY: "numpy"}
_KEYS_MAX = 200
_PICKLES_MAX = 16  # one behind the other in one file


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """What a header says. data_offset_bytes: of the tensors; none where the format has no such place."""

    format: str
    names: tuple[str, ...]
    metadata: Mapping[str, str]
    facts: Mapping[str, object]
    span: Span | None = None
    data_offset_bytes: int | None = None


class Models:
    """Claims of a model file; values are JSON.

    model.header: {"format", "kind", "tensors"?, "dtypes"?, "parameters"?, "header_bytes"?, "tensor_bytes"?,
    "data_bytes"?, "missing_bytes"?, "name"?, "architecture"?, "base"?, "training"?, "training_folders"?,
    "stated_hashes"?, "merged_from"?, "merged"?}. model.hashes: as `model_digests.hashes` has them. model.code: what
    one pickle would import and how often it would call: {"pickle", "protocol", "opcodes", "calls", "imports"}.
    model.metadata: one other key of the header. model.tags.prompt: words of the captions, by folder.
    """

    name = "models"
    version = "2"
    claims = ("model.code", "model.hashes", "model.header", "model.metadata", "model.tags.prompt")

    def accepts(self, view: View) -> bool:
        return view.media_type in (SAFETENSORS, GGUF, *_PICKLED) or is_deflated_pickle(view.head)

    def examine(self, view: View) -> Iterator[Seen]:
        data_offset_bytes = None
        try:
            if view.media_type in (SAFETENSORS, GGUF):
                read = _safetensors(view) if view.media_type == SAFETENSORS else _gguf(view)
                data_offset_bytes = read.data_offset_bytes
                yield from _told(read)
            else:
                yield from _pickled(view)
        except EvidenceError as fault:
            yield Seen(claim="model.header", state=State.FAILED, reason=f"{fault.kind}: {fault.message}")
        yield hashes(view, data_offset_bytes)

    def examples(self) -> tuple[Example, ...]:
        folders = '"training_folders":[{"images":5,"name":"10_lighthouse","repeats":10}]'
        header = (
            '{"data_bytes":8,"dtypes":{"F16":1},"format":"safetensors","header_bytes":176,"kind":"other","name":"light",'
            f'"output_name":"light","parameters":4,"tensor_bytes":8,"tensors":1,{folders}}}'
        )
        code = '{"calls":1,"imports":{"os.getcwd":1},"opcodes":5,"pickle":"pickle","protocol":2}'
        return (
            Example(
                name="light.safetensors", data=_example(), expected=(("model.header", header), ("model.hashes", None))
            ),
            Example(
                name="light.ckpt",
                data=b"\x80\x02cos\ngetcwd\n)R.",
                expected=(("model.code", code), ("model.header", None), ("model.hashes", None)),
            ),
        )


def _told(read: _Read) -> Iterator[Seen]:
    spans = (read.span,) if read.span else ()
    summary = {"format": read.format, "kind": kind_of(read.names, read.metadata), **read.facts}
    yield Seen(claim="model.header", value=json_text(summary | model_header.said(read.metadata)), spans=spans)
    for value in model_header.tags(read.metadata):
        yield Seen(claim="model.tags.prompt", value=json_text(value), spans=spans)
    others = list(model_header.others(read.metadata))
    yield from (Seen(claim="model.metadata", value=json_text(one), spans=spans) for one in others[:_KEYS_MAX])
    if len(others) > _KEYS_MAX:
        reason = f"{_KEYS_MAX} keys of a header are recorded; {len(others) - _KEYS_MAX} more were not"
        yield Seen(claim="model.metadata", state=State.NOT_RUN, reason=reason)


def _header_span(view: View, length_bytes: int) -> Span:
    digest = sha256(view.read_at(0, length_bytes)).hexdigest()
    return Span(offset_bytes=0, length_bytes=length_bytes, sha256=digest, role="header")


def _safetensors(view: View) -> _Read:
    header = read_header(view)
    data_bytes = view.size_bytes - header.data_offset_bytes
    missing = header.tensor_bytes - data_bytes
    facts: dict[str, object] = {
        "data_bytes": data_bytes,
        "dtypes": dict(header.dtypes),
        "header_bytes": header.header_bytes,
        "parameters": header.parameters,
        "tensor_bytes": header.tensor_bytes,
        "tensors": header.tensors,
    }
    return _Read(
        format="safetensors", names=header.names, metadata=header.metadata,
        facts=facts | ({"missing_bytes": missing} if missing > 0 else {}),
        span=_header_span(view, header.data_offset_bytes), data_offset_bytes=header.data_offset_bytes,
    )  # fmt: skip


def _gguf(view: View) -> _Read:
    header = read_gguf(view)
    facts: dict[str, object] = {
        "dtypes": dict(header.dtypes),
        "header_bytes": header.header_bytes,
        "parameters": header.parameters,
        "tensors": len(header.names),
        "version": header.version,
    }
    named = {"name": header.metadata.get("general.name"), "architecture": header.metadata.get("general.architecture")}
    return _Read(
        format="gguf", names=header.names, metadata=header.metadata,
        facts=facts | {key: one for key, one in named.items() if one},
        span=_header_span(view, header.header_bytes),
    )  # fmt: skip


def _pickled(view: View) -> Iterator[Seen]:
    texts: list[str] = []
    count = 0
    for cut in cut_pickles(view, view.media_type):
        for listing, span in _listings(cut):
            count += 1
            texts += listing.texts
            yield _code(cut, listing, span)
    if not count and view.media_type == NPY:
        yield Seen(claim="model.code", state=State.NOTHING, reason="an array without objects: it holds no pickle")
    kind = kind_of(texts, {})
    told = {"format": _PICKLED.get(view.media_type, "pickle behind zlib"), "kind": kind, "pickles": count}
    yield Seen(claim="model.header", value=json_text(told))


def _listings(cut: Cut) -> Iterator[tuple[Listing, Span | None]]:
    """The pickles that stand one behind the other. What follows the last, mostly numbers, is none."""
    at = 0
    for number in range(_PICKLES_MAX):
        listing = list_pickle(cut.data[at:])
        if number and (listing.opcodes == 0 or (listing.why and not listing.names)):
            return
        span = None
        if cut.offset_bytes is not None:
            digest = sha256(cut.data[at : at + listing.length_bytes]).hexdigest()
            place = cut.offset_bytes + at
            span = Span(offset_bytes=place, length_bytes=listing.length_bytes, sha256=digest, role=cut.name)
        yield listing, span
        at += listing.length_bytes
        if listing.why or at >= len(cut.data):
            return


def _code(cut: Cut, listing: Listing, span: Span | None) -> Seen:
    value = {
        "pickle": cut.name,
        "calls": listing.calls,
        "imports": dict(sorted(listing.names.items())),
        "opcodes": listing.opcodes,
        "protocol": listing.protocol,
    }
    why = listing.why or ("" if cut.is_whole else "limit: only its beginning was listed")
    return Seen(
        claim="model.code", value=bounded_text(value | ({"why": why} if why else {})), spans=(span,) if span else ()
    )


def _example() -> bytes:
    """A model of one tensor, as kohya's program would write it."""
    metadata = {"ss_output_name": "light", "ss_dataset_dirs": '{"10_lighthouse":{"n_repeats":10,"img_count":5}}'}
    tensor = {"dtype": "F16", "shape": [2, 2], "data_offsets": [0, 8]}
    text = json.dumps({"__metadata__": metadata, "lamp": tensor}, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(LENGTH_BYTES, "little") + text + bytes(range(8))
