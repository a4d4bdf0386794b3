"""safetensors: the header of a model file, read strictly and within limits.

Source: huggingface/safetensors, README, section Format: eight bytes give the length of a JSON object, little endian; it
begins with ``{``, may be padded with spaces, names no key twice; ``__metadata__`` maps texts to texts; every other key
is a tensor with its dtype, its shape and where it lies in what follows the header.
"""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import NoReturn

from headwater.formats.structure import Source
from headwater.model.errors import LimitReached, Malformed, Truncated

LENGTH_BYTES = 8
HEADER_BYTES_MAX = 16 << 20  # the format allows 100 MB; headers of the largest models known are below 1 MiB
_METADATA = "__metadata__"
_LARGEST_NUMBER = 1 << 63
_DIMENSIONS_MAX, _DTYPE_LETTERS = 64, 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What stands before the tensors.

    header_bytes: of the JSON with its padding. tensor_bytes: to the end of the last tensor, as the header says.
    dtypes: how many tensors are of each. parameters: the numbers in all of them. names: of the tensors. metadata: as
    stored.
    """

    header_bytes: int
    tensors: int
    dtypes: Mapping[str, int]
    parameters: int
    tensor_bytes: int
    names: tuple[str, ...]
    metadata: Mapping[str, str]

    @property
    def data_offset_bytes(self) -> int:
        """Where the tensors begin in the file."""
        return LENGTH_BYTES + self.header_bytes


@dataclass(frozen=True, slots=True)
class _Tensor:
    dtype: str
    numbers: int
    end_bytes: int


def read_header(source: Source) -> Header:
    """Read the header. Raises Malformed, Truncated or LimitReached."""
    length = int.from_bytes(source.read_at(0, LENGTH_BYTES), "little")
    if length > source.size_bytes - LENGTH_BYTES:
        raise Truncated(f"a header of {length} bytes in a file of {source.size_bytes}")
    if length > HEADER_BYTES_MAX:
        raise LimitReached(f"a header of {length} bytes is more than is read ({HEADER_BYTES_MAX >> 20} MiB)")
    text = source.read_at(LENGTH_BYTES, length)
    if len(text) != length:
        raise Truncated(f"{len(text)} of the {length} bytes of the header could be read")
    content = _object(text)
    metadata = _texts(content.pop(_METADATA, {}))
    tensors = [_tensor(name, value) for name, value in content.items()]
    return Header(
        header_bytes=length,
        tensors=len(tensors),
        dtypes=Counter(each.dtype for each in tensors),
        parameters=min(sum(each.numbers for each in tensors), _LARGEST_NUMBER),
        tensor_bytes=max((each.end_bytes for each in tensors), default=0),
        names=tuple(map(_clean, content)),
        metadata=metadata,
    )


def _object(text: bytes) -> dict[str, object]:
    if text[:1] != b"{":
        raise Malformed("the header is no JSON object")
    try:
        content: dict[str, object] = json.loads(
            text.decode(), object_pairs_hook=_without_repeats, parse_constant=_refused
        )
    except (ValueError, RecursionError) as fault:
        raise Malformed(f"the header is no JSON: {fault}") from fault
    return content


def _without_repeats(pairs: list[tuple[str, object]]) -> dict[str, object]:
    content = dict(pairs)
    if len(content) != len(pairs):
        raise Malformed("the header names a key twice")
    return content


def _refused(name: str) -> NoReturn:
    raise Malformed(f"{name} in the header is no JSON")


def _texts(value: object) -> Mapping[str, str]:
    if not isinstance(value, dict) or not all(isinstance(one, str) for one in value.values()):
        raise Malformed(f"{_METADATA} is not texts by name")
    return {_clean(key): _clean(text) for key, text in value.items()}


def _clean(text: str) -> str:
    """The text with what JSON can spell and UTF-8 cannot, halves of surrogate pairs, as question marks."""
    return text.encode("utf-8", "replace").decode()


def _tensor(name: str, value: object) -> _Tensor:
    if isinstance(value, dict):
        dtype, shape, place = value.get("dtype"), _numbers(value.get("shape")), _numbers(value.get("data_offsets"))
        if isinstance(dtype, str) and len(dtype) <= _DTYPE_LETTERS and shape is not None and place and len(place) == 2:
            numbers = prod(shape)
            if numbers < _LARGEST_NUMBER:
                return _Tensor(dtype, numbers, place[1])
    raise Malformed(f"no tensor: {name[:80]!r}")


def _numbers(value: object) -> list[int] | None:
    """The whole numbers of a short list; None for anything else."""
    if not isinstance(value, list) or len(value) > _DIMENSIONS_MAX:
        return None
    numbers = [one for one in value if type(one) is int and 0 <= one < _LARGEST_NUMBER]
    return numbers if len(numbers) == len(value) else None
