"""The invisible watermark that early generators put into every picture: the method dwtDct, with known messages.

Sources of the messages: CompVis/stable-diffusion, scripts/txt2img.py ("StableDiffusionV1");
Stability-AI/stablediffusion, scripts/txt2img.py ("SDV2"); Stability-AI/generative-models, sgm/inference/helpers.py,
and diffusers, pipelines/stable_diffusion_xl/watermark.py (48 bits); black-forest-labs/flux, src/flux/util.py (48 bits,
of which the two zeros at the front are lost, for Python's bin() spells them).

Any program can write such a message into any picture, and a re-encoded, scaled or cut one has lost it.
"""

import zlib
from collections.abc import Iterator, Mapping
from functools import cache
from math import comb

import numpy as np

from headwater.examine.decode import decodable
from headwater.examine.examiner import Example
from headwater.examine.metadata_examples import chunk
from headwater.examine.metadata_json import json_text
from headwater.examine.view import View
from headwater.kernels.dwtdct import BLOCK_PIXELS, Bits, block_bits, message
from headwater.model.errors import EvidenceError
from headwater.model.finding import Seen, State

FALSE_POSITIVES_MAX = 1e-6  # of one picture, over all messages, were its bits tossed coins
LEAST_PIXELS = 256 * 256  # the program refuses to embed in fewer
_CLAIM = "watermark.dwtdct"


def _bytes(text: bytes) -> Bits:
    return np.unpackbits(np.frombuffer(text, np.uint8))


def _digits(number: int) -> Bits:
    return np.array([int(digit) for digit in f"{number:b}"], np.uint8)


MESSAGES = {
    "StableDiffusionV1": _bytes(b"StableDiffusionV1"),
    "SDV2": _bytes(b"SDV2"),
    "SDXL": _digits(0xB3EC907BB19E),
    "FLUX.1": _digits(0x2AFE1E79E52E),
}


class Watermark:
    """Claim of a picture whose pixels can be decoded.

    watermark.dwtdct: {"payload", "bits", "bits_agreeing", "false_positive_probability"}: the chance that tossed coins
    agree so well with any of the messages; found where that is at most 1e-6. Otherwise `nothing`, with the best
    agreement as its reason; `not_run` for fewer than 65536 pixels, or where no pixels can be had.
    """

    name = "watermark"
    version = "1"
    claims = (_CLAIM,)

    def accepts(self, view: View) -> bool:
        return decodable(view.media_type)

    def examine(self, view: View) -> Iterator[Seen]:
        try:
            header = view.header()
            if header.width_pixels * header.height_pixels < LEAST_PIXELS:
                reason = f"fewer than {LEAST_PIXELS} pixels: the program that writes the mark takes none so small"
                yield Seen(claim=_CLAIM, state=State.NOT_RUN, reason=reason)
                return
            bits = block_bits(view.picture().colours()[:, :, :3])
        except EvidenceError as fault:
            reason = f"no pixels can be had: {fault.kind}: {fault.message}"
            yield Seen(claim=_CLAIM, state=State.NOT_RUN, reason=reason)  # the failure is that of the decoder
            return
        yield _best(bits)

    def examples(self) -> tuple[Example, ...]:
        (name, said), bits = next(iter(MESSAGES.items())), len(MESSAGES["StableDiffusionV1"])
        value = {
            "payload": name,
            "bits": bits,
            "bits_agreeing": bits,
            "false_positive_probability": chance(bits, bits),
        }
        return (
            Example(name="marked.png", data=_tiles(said), expected=((_CLAIM, json_text(value)),)),
            Example(name="plain.png", data=_tiles(np.zeros(1, np.uint8)), expected=((_CLAIM, ""),)),
        )


def _best(bits: Bits) -> Seen:
    """The message that fits best, found where chance hardly gives so good a fit."""
    agreeing = agreement(bits)
    if not agreeing:
        reason = f"{bits.size} blocks of {BLOCK_PIXELS} by {BLOCK_PIXELS} pixels hold no message"
        return Seen(claim=_CLAIM, state=State.NOT_RUN, reason=reason)
    name = min(agreeing, key=lambda each: chance(len(MESSAGES[each]), agreeing[each]))
    length, count = len(MESSAGES[name]), agreeing[name]
    by_chance = chance(length, count)
    if by_chance > FALSE_POSITIVES_MAX:
        reason = (
            f"the best agreement is {count} of {length} bits, with {name}; tossed coins reach it in {by_chance:.2g}"
        )
        return Seen(claim=_CLAIM, state=State.NOTHING, reason=reason)
    value = {"payload": name, "bits": length, "bits_agreeing": count, "false_positive_probability": by_chance}
    return Seen(claim=_CLAIM, value=json_text(value))


def agreement(bits: Bits) -> Mapping[str, int]:
    """How many bits of each message the blocks agree with, of those messages that they can hold."""
    return {
        name: int((message(bits, len(said)) == said).sum()) for name, said in MESSAGES.items() if len(said) <= bits.size
    }


@cache
def chance(length: int, agreeing: int) -> float:
    """The binomial tail: so many or more of `length` tossed coins agree with one of the messages."""
    tail = sum(comb(length, count) for count in range(agreeing, length + 1)) / 2**length
    return float(f"{min(1.0, len(MESSAGES) * tail):.3g}")


def _tiles(said: Bits) -> bytes:
    """A PNG of 256 by 256 pixels in grey and slightly bluer tiles: each tile is a bit, for U is 128 or 137."""
    side = 256 // BLOCK_PIXELS
    blue = 100 + 21 * np.resize(said, side * side).reshape(side, side).repeat(BLOCK_PIXELS, 0).repeat(BLOCK_PIXELS, 1)
    rgb = np.stack([np.full_like(blue, 100), np.full_like(blue, 100), blue], axis=-1).astype(np.uint8)
    rows = b"".join(b"\0" + row.tobytes() for row in rgb)
    head = chunk(b"IHDR", (256).to_bytes(4, "big") * 2 + bytes((8, 2, 0, 0, 0)))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")
