"""The nearest pairs of pictures and frames, as matching and grouping both ask for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from headwater.match.digest_table import Numbers
from headwater.match.finder import Finder
from headwater.match.pairs import Hashes
from headwater.match.sides import FRAME, Labels, asking_rows, fits, kept_rows, variant_words
from headwater.model.fingerprint import Fingerprint

_FRAME_AT = "frame at"


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """The nearest pair of a picture, or a frame, and an owner of hashes. place: of the hash that was found."""

    sha256: str
    frame_seconds: float | None
    quality: int
    number: int
    distance_bits: int
    kept: int
    asking: int
    place: int


def nearest(
    finder: Finder, among: Path | Hashes, kept: tuple[Labels, Numbers], prints: Sequence[Fingerprint], radius_bits: int
) -> list[Near]:  # fmt: skip
    """Of each content and owner of a hash the nearest pair that counts. kept: of each hash its label and owner."""
    rows = [asking_rows(each) for each in prints]
    if not rows or not len(kept[0]):
        return []
    asked = np.concatenate([hashes for hashes, _ in rows])
    asking = np.concatenate([labels for _, labels in rows])
    askers = np.repeat(np.arange(len(rows)), [len(labels) for _, labels in rows])
    best: dict[tuple[int, int], Near] = {}
    for pairs in finder.near(among, asked, radius_bits):
        labels, labels_asking = kept[0][pairs.place], asking[pairs.query]
        counts = fits(labels, labels_asking, pairs.distance_bits, radius_bits)
        columns = (
            askers[pairs.query], kept[1][pairs.place], pairs.distance_bits, labels, labels_asking, pairs.place,
        )  # fmt: skip
        for asker, number, bits, label, label_asking, place in zip(
            *(column[counts].tolist() for column in columns), strict=True
        ):
            if (asker, number) not in best or bits < best[asker, number].distance_bits:
                best[asker, number] = Near(
                    sha256=prints[asker].sha256, frame_seconds=prints[asker].frame_seconds,
                    quality=prints[asker].quality, number=number, distance_bits=bits, kept=label, asking=label_asking,
                    place=place,
                )  # fmt: skip
    return [near for _, near in sorted(best.items())]


def kept_of(prints: Sequence[Fingerprint]) -> tuple[Hashes, Labels, Numbers]:
    """The hashes that pictures and frames are found by, of each its label, and its owner's place in `prints`."""
    rows = [_kept_rows(each) for each in prints]
    hashes, labels = (np.concatenate([each[side] for each in rows]) for side in (0, 1))
    return hashes, labels, np.repeat(np.arange(len(rows)), [len(each[1]) for each in rows])


def _kept_rows(print_: Fingerprint) -> tuple[Hashes, Labels]:
    """As `kept_rows`; of a frame the whole counts as a frame."""
    hashes, labels = kept_rows(print_)
    return hashes, labels if print_.frame_seconds is None else np.where(labels == 0, np.uint8(FRAME), labels)


def near_words(near: Near, kept_seconds: float | None) -> str:
    """A pair in words, with the place of each frame."""
    own = f"{_FRAME_AT} {near.frame_seconds:.3f} s, " if near.frame_seconds is not None else ""
    other = f", the other's {_FRAME_AT} {kept_seconds:.3f} s" if kept_seconds is not None else ""
    return f"{own}{variant_words(near.kept, near.asking)}{other}"
