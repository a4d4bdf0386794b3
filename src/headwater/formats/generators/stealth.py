"""Texts in the least bits of a picture's pixels, column by column, as sd-webui-stealth-pnginfo and NovelAI write them.

A signature of 15 letters, a length in bits (32 bits, the greatest first), the text: in the alpha channel
(``stealth_pnginfo``, ``stealth_pngcomp``) or in red, green and blue (``stealth_rgbinfo``, ``stealth_rgbcomp``);
``comp`` is gzip. https://github.com/ashen-sensored/sd_webui_stealth_pnginfo, https://github.com/NovelAI/novelai-image-metadata.
"""

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from headwater.formats.generators.carried import Carried
from headwater.formats.generators.strict_json import read_json
from headwater.formats.structure import Range
from headwater.model.errors import EvidenceError, LimitReached, Malformed, Truncated

SIGNATURE_BYTES = 15
ALPHA = (b"stealth_pnginfo", b"stealth_pngcomp")
COLOURS = (b"stealth_rgbinfo", b"stealth_rgbcomp")
_LENGTH_BYTES = 4
_TEXT_BYTES_MAX = 16 << 20
_GZIP = 31  # of zlib: a gzip header is there


@dataclass(frozen=True, slots=True)
class Hidden:
    """A text found: its carrier, as ``alpha LSB stealth_pngcomp``, and the text."""

    carrier: str
    text: str


def read_hidden(pixels: NDArray[np.uint8]) -> Iterator[Hidden]:
    """Give the texts in the least bits of pixels (height x width x 3 or 4). Raises EvidenceError for a broken one."""
    if pixels.shape[2] == 4:
        yield from _channel(pixels[:, :, 3:], "alpha LSB", ALPHA)
    yield from _channel(pixels[:, :, :3], "RGB LSB", COLOURS)


def _channel(pixels: NDArray[np.uint8], where: str, signatures: tuple[bytes, bytes]) -> Iterator[Hidden]:
    head = SIGNATURE_BYTES + _LENGTH_BYTES
    start = _bytes(pixels, head)
    signature = start[:SIGNATURE_BYTES]
    if signature not in signatures:
        return
    length_bits = int.from_bytes(start[SIGNATURE_BYTES:], "big")
    if length_bits % 8 or length_bits > pixels.size - 8 * head:
        raise Malformed(f"{where} {signature.decode()}: {length_bits} bits do not fit into the picture")
    body = _bytes(pixels, head + length_bits // 8)[head:]
    raw = _inflated(body) if signature == signatures[1] else body
    yield Hidden(f"{where} {signature.decode()}", raw.decode("utf-8", "replace"))


def _bytes(pixels: NDArray[np.uint8], count: int) -> bytes:
    """The first bytes that the least bits spell, from the columns that are needed for them."""
    columns = -(-8 * count // (pixels.shape[0] * pixels.shape[2])) if pixels.shape[0] else 0
    bits = pixels[:, :columns].transpose(1, 0, 2).reshape(-1)[: 8 * count] & 1
    return np.packbits(bits).tobytes()


def _inflated(data: bytes) -> bytes:
    stream = zlib.decompressobj(_GZIP)
    try:
        out = stream.decompress(data, _TEXT_BYTES_MAX + 1)
    except zlib.error as fault:
        raise Malformed(f"hidden text: {fault}") from fault
    if len(out) > _TEXT_BYTES_MAX:
        raise LimitReached(f"a hidden text of more than {_TEXT_BYTES_MAX} bytes")
    if not stream.eof:
        raise Truncated("hidden text: the compressed data is cut off")
    return out


def hidden_texts(hidden: Hidden, where: Sequence[Range]) -> Iterator[Carried]:
    """The text as readers expect it: the members of a JSON object each by its key, anything else as ``parameters``."""
    named: dict[str, str] = {}
    if hidden.text.lstrip().startswith("{"):
        try:
            value = read_json(hidden.text)
        except EvidenceError:
            value = None
        if isinstance(value, dict) and all(isinstance(one, str) for one in value.values()):
            named = {key: str(one) for key, one in value.items()}
    for key, text in (named or {"parameters": hidden.text}).items():
        yield Carried(hidden.carrier, key, text, tuple(where), hidden.carrier, role="pixels that carry the text")
