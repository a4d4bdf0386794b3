"""GGUF: the header of a model file, read within limits.

Source: ggml-org/ggml, its page on the format GGUF: the magic number, version, number of tensors, number of key-value
pairs, all little endian; then the pairs and the tensors' names, shapes, types and places. Version 1 has lengths of 32
bits.
"""

import struct
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from headwater.formats.structure import Source
from headwater.model.errors import LimitReached, Malformed, Truncated

MAGIC = b"GGUF"
HEADER_BYTES_MAX = 128 << 20
_TENSORS_MAX, _PAIRS_MAX, _DIMENSIONS_MAX = 200_000, 20_000, 8
_TEXT_BYTES_MAX = 64 << 10
_STRING, _ARRAY, _DEPTH_MAX = 8, 9, 4
_PLAIN = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_TYPES = {0: "F32", 1: "F16", 2: "Q4_0", 3: "Q4_1", 6: "Q5_0", 7: "Q5_1", 8: "Q8_0", 9: "Q8_1", 10: "Q2_K", 11: "Q3_K",
          12: "Q4_K", 13: "Q5_K", 14: "Q6_K", 15: "Q8_K", 24: "I8", 25: "I16", 26: "I32", 27: "I64", 28: "F64",
          30: "BF16"}  # fmt: skip
_BLOCK_BYTES = 1 << 18


@dataclass(frozen=True, slots=True, kw_only=True)
class GgufHeader:
    """What stands before the tensors. metadata: scalars and texts as text; a list as ``[N values]``."""

    version: int
    header_bytes: int
    dtypes: Mapping[str, int]
    parameters: int
    names: tuple[str, ...]
    metadata: Mapping[str, str]


class _Reader:
    def __init__(self, source: Source) -> None:
        self._source = source
        self.at = 0
        self._block, self._start = b"", 0

    def take(self, length: int) -> bytes:
        if self.at + length > HEADER_BYTES_MAX:
            raise LimitReached(f"a header of more than {HEADER_BYTES_MAX >> 20} MiB")
        end = self.at + length
        if not self._start <= self.at <= end <= self._start + len(self._block):
            wanted = min(max(length, _BLOCK_BYTES), self._source.size_bytes - self.at)
            self._block, self._start = self._source.read_at(self.at, max(wanted, 0)), self.at
        data = self._block[self.at - self._start : end - self._start]
        if len(data) != length:
            raise Truncated(f"the header breaks off at byte {self.at + len(data)}")
        self.at = end
        return data

    def number(self, code: str) -> int | float | bool:
        (value,) = struct.unpack(f"<{code}", self.take(struct.calcsize(f"<{code}")))
        return value  # type: ignore[no-any-return]

    def count(self, code: str, most: int, what: str) -> int:
        value = int(self.number(code))
        if value > most:
            raise LimitReached(f"{value} {what} are more than are read ({most})")
        return value


def read_gguf(source: Source) -> GgufHeader:
    """Read the header. Raises Malformed, Truncated or LimitReached."""
    reader = _Reader(source)
    if reader.take(4) != MAGIC:
        raise Malformed("no GGUF")
    version = int(reader.number("I"))
    if not 1 <= version <= 3:
        raise Malformed(f"GGUF of version {version}: only 1 to 3 are known")
    size = "I" if version == 1 else "Q"
    tensors = reader.count(size, _TENSORS_MAX, "tensors")
    pairs = reader.count(size, _PAIRS_MAX, "pairs")
    metadata = {}
    for _ in range(pairs):
        key = _text(reader, size)
        metadata[key] = _value(reader, int(reader.number("I")), size, 0)
    dtypes: Counter[str] = Counter()
    names, parameters = [], 0
    for _ in range(tensors):
        names.append(_text(reader, size))
        numbers = 1
        for _ in range(reader.count("I", _DIMENSIONS_MAX, "dimensions")):
            numbers *= int(reader.number(size))
        parameters = min(parameters + numbers, 1 << 63)
        kind = int(reader.number("I"))
        dtypes[_TYPES.get(kind, f"type {kind}")] += 1
        reader.number("Q")
    return GgufHeader(
        version=version, header_bytes=reader.at, dtypes=dtypes, parameters=parameters, names=tuple(names),
        metadata=metadata,
    )  # fmt: skip


def _text(reader: _Reader, size: str) -> str:
    return reader.take(reader.count(size, _TEXT_BYTES_MAX, "bytes of a text")).decode("utf-8", "replace")


def _long_text(reader: _Reader, size: str) -> str:
    length = reader.count(size, HEADER_BYTES_MAX, "bytes of a text")
    return reader.take(length)[:_TEXT_BYTES_MAX].decode("utf-8", "replace")


def _value(reader: _Reader, kind: int, size: str, depth: int) -> str:
    if kind == _STRING:
        return _long_text(reader, size)
    if kind in _PLAIN:
        return str(reader.number(_PLAIN[kind]))
    if kind != _ARRAY or depth >= _DEPTH_MAX:
        raise Malformed(f"a value of type {kind}")
    inner = int(reader.number("I"))
    length = reader.count(size, HEADER_BYTES_MAX, "values of a list")
    if inner in _PLAIN:
        reader.take(length * struct.calcsize(f"<{_PLAIN[inner]}"))
    else:
        for _ in range(length):
            _value(reader, inner, size, depth + 1)
    return f"[{length} values]"
