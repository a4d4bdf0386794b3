"""The perceptual hash of a picture: what finds it again after it was scaled, re-compressed or turned."""

import zlib
from collections.abc import Iterator

from headwater.examine.decode import decodable
from headwater.examine.examiner import Example
from headwater.examine.view import View
from headwater.kernels.pdq import VARIANTS
from headwater.kernels.pdq_parts import insides, part_hashes, small_luma, turned_hashes
from headwater.model.canonical import Json, canonical_text
from headwater.model.errors import EvidenceError
from headwater.model.finding import Seen, State
from headwater.model.known import QUALITY_MIN
from headwater.model.parts import GRID


class Perceptual:
    """Claims of a picture whose pixels can be decoded, whole or in part.

    perceptual.pdq: 64 hexadecimal digits. perceptual.pdq_quality: 0 to 100, kept however low; below 50 a match means
    little. perceptual.pdq_dihedral: JSON list of eight hashes, the picture and its turns and mirrors in the order of
    `VARIANTS`. perceptual.pdq_inside: JSON list of boxes inside a border, in shares of the picture, each with
    eight hashes; `nothing` where there is no border. perceptual.pdq_turned: JSON list of eight hashes, each of a turned
    copy. perceptual.pdq_parts: JSON of the grid and of one hash a part, empty where the part's quality is below 50.
    These three are `nothing` where the picture's quality is below 50. All are `failed` with the decoder's reason where
    there are no pixels.
    """

    name = "perceptual"
    version = "2"
    claims = (
        "perceptual.pdq",
        "perceptual.pdq_quality",
        "perceptual.pdq_dihedral",
        "perceptual.pdq_inside",
        "perceptual.pdq_turned",
        "perceptual.pdq_parts",
    )

    def accepts(self, view: View) -> bool:
        return decodable(view.media_type)

    def examine(self, view: View) -> Iterator[Seen]:
        try:
            hashes = view.dihedral()
        except EvidenceError as fault:
            for claim in self.claims:
                yield Seen(claim=claim, state=State.FAILED, reason=f"{fault.kind}: {fault.message}")
            return
        yield Seen(claim="perceptual.pdq", value=str(hashes[0]))
        yield Seen(claim="perceptual.pdq_quality", value=str(hashes[0].quality))
        texts = [str(turned) for turned in hashes]
        yield Seen(claim="perceptual.pdq_dihedral", value=canonical_text(texts))
        yield from _of_parts(view) if hashes[0].quality >= QUALITY_MIN else _too_flat()

    def examples(self) -> tuple[Example, ...]:
        flat = canonical_text(["0" * 64] * len(VARIANTS))
        return (
            Example(
                name="too_small.png",
                data=_grey_png(4, 4),
                expected=(
                    ("perceptual.pdq", "0" * 64),
                    ("perceptual.pdq_quality", "0"),
                    ("perceptual.pdq_dihedral", flat),
                ),
            ),
            Example(
                name="slope.png",
                data=_grey_png(64, 48),
                expected=(("perceptual.pdq", None), ("perceptual.pdq_quality", None)),
            ),
        )


def _of_parts(view: View) -> Iterator[Seen]:
    small = small_luma(view.picture())
    found = [each for each in insides(small) if each.hashes[0].quality >= QUALITY_MIN]
    if found:
        told: Json = [
            {"box": [round(share, 4) for share in each.box], "hashes": [str(turned) for turned in each.hashes]}
            for each in found
        ]
        yield Seen(claim="perceptual.pdq_inside", value=canonical_text(told))
    else:
        yield Seen(claim="perceptual.pdq_inside", state=State.NOTHING, reason="no border, or nothing but flat inside")
    turned = [str(each) for each in turned_hashes(small)]
    yield Seen(claim="perceptual.pdq_turned", value=canonical_text(turned))
    parts = [str(part) if part.quality >= QUALITY_MIN else "" for part in part_hashes(small)]
    yield Seen(claim="perceptual.pdq_parts", value=canonical_text({"grid": GRID, "hashes": parts}))


def _too_flat() -> Iterator[Seen]:
    for claim in ("perceptual.pdq_inside", "perceptual.pdq_turned", "perceptual.pdq_parts"):
        yield Seen(claim=claim, state=State.NOTHING, reason=f"the picture's quality is below {QUALITY_MIN}")


def _grey_png(width: int, height: int) -> bytes:
    """A grey slope as a PNG, written by hand (PNG specification, section 11)."""
    rows = b"".join(b"\0" + bytes((3 * x + 5 * y) % 256 for x in range(width)) for y in range(height))
    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes((8, 0, 0, 0, 0))
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, body) for kind, body in chunks)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")
