"""The perceptual hash of a picture: what finds it again after it was scaled, re-compressed or turned."""

import zlib
from collections.abc import Iterator

from headwater.examine.decode import decodable
from headwater.examine.examiner import Example
from headwater.examine.view import View
from headwater.kernels.pdq import VARIANTS
from headwater.model.canonical import canonical_text
from headwater.model.errors import EvidenceError
from headwater.model.finding import Seen, State


class Perceptual:
    """Claims of a picture whose pixels can be decoded, whole or in part.

    perceptual.pdq: 64 hexadecimal digits. perceptual.pdq_quality: 0 to 100, kept however low; below 50 a match means
    little. perceptual.pdq_dihedral: JSON list of eight hashes, the picture and its turns and mirrors in the order of
    `VARIANTS`. All are `failed` with the decoder's reason where there are no pixels.
    """

    name = "perceptual"
    version = "1"
    claims = ("perceptual.pdq", "perceptual.pdq_quality", "perceptual.pdq_dihedral")

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


def _grey_png(width: int, height: int) -> bytes:
    """A grey slope as a PNG, written by hand (PNG specification, section 11)."""
    rows = b"".join(b"\0" + bytes((3 * x + 5 * y) % 256 for x in range(width)) for y in range(height))
    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes((8, 0, 0, 0, 0))
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, body) for kind, body in chunks)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")
