"""Looks at every picture that was planted, as a decoder does: sizes, PDQ, the preview inside."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from headwater.demo import pictures
from headwater.demo.placed import Placed
from headwater.demo.story import make_all
from headwater.demo.truth import PictureTruth
from headwater.kernels.pdq import dihedral, luma_from_rgb, pdq

Bits = NDArray[np.uint64]  # of the eight variants, 8 x 4
QUALITY_MIN, DISTANCE_MAX = 50, 31  # the defaults of the public PDQ documentation
_PREVIEW_DISTANCE_MAX = 60  # of 160 x 120 pixels and the picture they are drawn from: further apart than copies are
_THUMBNAIL = b"\xff\xd8\xff"
_APP1, _SCAN = 0xE1, 0xDA


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """One picture's content: its line of the truth, and the hashes of its eight variants where there are any."""

    truth: PictureTruth
    bits: Bits | None

    @property
    def counts(self) -> bool:
        """Whether its hash may be compared at all."""
        return self.bits is not None and self.truth.pdq_quality >= QUALITY_MIN


def look_at_all(placed: Mapping[str, Placed]) -> dict[str, Sight]:
    """Look at each content once; the keys are SHA-256. What is no still picture is left out."""
    stills = {digest: one for digest, one in placed.items() if one.kind.startswith("image/")}
    seen = make_all([partial(_look_at, digest, one) for digest, one in stills.items()])
    return {one.truth.sha256: one for one in seen}


def _look_at(digest: str, one: Placed) -> Sight:
    seen = pictures.see(one.data)
    if seen is None:
        return Sight(truth=_truth(digest, one, 0, 0, "failed"), bits=None)
    if seen.luma is None:
        state = "partial" if seen.partial else "failed"
        return Sight(truth=_truth(digest, one, seen.width, seen.height, state), bits=None)
    hashes = dihedral(seen.luma)
    bits = np.frombuffer(b"".join(each.bits for each in hashes), np.uint64).reshape(8, 4)
    truth = _truth(digest, one, seen.width, seen.height, "whole", (str(hashes[0]), hashes[0].quality))
    return Sight(truth=truth, bits=bits)


def _truth(
    digest: str, one: Placed, width: int, height: int, decodes: str, hashed: tuple[str, int] = ("", 0)
) -> PictureTruth:
    inside = _preview(one)
    return PictureTruth(
        sha256=digest, media_type=one.kind, width_pixels=width, height_pixels=height, decodes=decodes, pdq=hashed[0],
        pdq_quality=hashed[1], embedded_sha256=sha256(inside).hexdigest() if inside else "",
        embedded_is_same=not inside or not hashed[0] or _is_like(inside, hashed[0]),
    )  # fmt: skip


def _preview(one: Placed) -> bytes:
    """Find the small JPEG in an APP1 segment of a larger one; its own end marker is the segment's end."""
    at = 2 if one.data.startswith(_THUMBNAIL) else len(one.data)
    while one.data[at : at + 1] == b"\xff" and one.data[at + 1] != _SCAN:
        end = at + 2 + int.from_bytes(one.data[at + 2 : at + 4], "big")
        start = one.data.find(_THUMBNAIL, at, end) if one.data[at + 1] == _APP1 else -1
        if start >= 0:
            return one.data[start : one.data.rfind(b"\xff\xd9", start, end) + 2]
        at = end
    return b""


def _is_like(inside: bytes, text: str) -> bool:
    small = pdq(luma_from_rgb(pictures.decode(inside)))
    return (int(str(small), 16) ^ int(text, 16)).bit_count() <= _PREVIEW_DISTANCE_MAX
