"""How two pictures are compared by their hashes: which of each side, how near, and in which words.

Kept: the whole picture, what is inside its borders, its parts. Asking: the same, the whole and the insides in eight
turns and mirrors. So a copy is found that is a turned, mirrored, bordered or cropped one, and one that has the kept
picture as a part of it. A part is compared with wholes only: two parts may be the same sky, and what is left beside a
border may be the same edge.
"""

import numpy as np
from numpy.typing import NDArray

from headwater.match.pairs import Hashes, hash_rows
from headwater.model.fingerprint import Fingerprint
from headwater.model.parts import PARTS

VARIANTS = ("original", "rotate90", "rotate180", "rotate270", "flip_x", "flip_y", "flip_plus1", "flip_minus1")
PART_RADIUS_BITS = 31  # between a whole, or the inside of a border, and a part; measured: docs/explanation/known.md
_INSIDE = 200  # labels of what is inside a border, the first and the second; the whole is 0, a part its place + 1
_TURNED, _ASKS_INSIDE, _ASKS_PART = 8, 16, 32  # where labels begin of what asks; before them the whole's eight
_INSIDES = 2
FRAME = 255  # label of a frame of a video: a whole picture
Labels = NDArray[np.uint8]


def kept_rows(print_: Fingerprint) -> tuple[Hashes, Labels]:
    """The hashes that others find it by, (n, 32), and what each is of."""
    labelled = [(0, print_.whole[0]), *((place, text) for place, text in enumerate(print_.parts, 1) if text)]
    labelled += [(_INSIDE + place, hashes[0]) for place, hashes in enumerate(print_.insides[:_INSIDES])]
    return _rows(labelled)


def asking_rows(print_: Fingerprint) -> tuple[Hashes, Labels]:
    """The hashes that it asks with, (n, 32), and what each is of."""
    labelled = [*enumerate(print_.whole), *enumerate(print_.turned[1:], _TURNED + 1)]
    for place, hashes in enumerate(print_.insides[:_INSIDES]):
        labelled += enumerate(hashes, _ASKS_INSIDE + 8 * place)
    labelled += [(place, text) for place, text in enumerate(print_.parts, _ASKS_PART) if text]
    return _rows(labelled)


def fits(kept: Labels, asking: Labels, distance_bits: NDArray[np.uint16], radius_bits: int) -> NDArray[np.bool_]:
    """Which pairs count: two wholes within `radius_bits`, others within PART_RADIUS_BITS or that, if less.

    A part counts beside a whole only.
    """
    is_whole = (kept == 0) | (kept == FRAME)
    wholes = is_whole & (asking < _ASKS_INSIDE)
    near = distance_bits <= np.where(wholes, radius_bits, min(PART_RADIUS_BITS, radius_bits))
    of_parts = is_part(kept) & (asking >= _ASKS_INSIDE) | ~is_whole & asks_by_part(asking)
    counts: NDArray[np.bool_] = near & ~of_parts
    return counts


def is_part(kept: Labels) -> NDArray[np.bool_]:
    """Which labels of what is kept are of parts."""
    parts: NDArray[np.bool_] = (kept != 0) & (kept < _INSIDE)
    return parts


def asks_by_part(asking: Labels) -> NDArray[np.bool_]:
    """Which labels of what asks are of parts."""
    parts: NDArray[np.bool_] = asking >= _ASKS_PART
    return parts


def variant_words(kept: int, asking: int) -> str:
    """A pair in words: how what asks was turned, then what of each side was compared."""
    if asking >= _ASKS_PART:
        words = ["original", PARTS[asking - _ASKS_PART].name]
    else:
        words = [VARIANTS[asking % len(VARIANTS)], *["its border removed"] * (asking >= _ASKS_INSIDE)]
    if kept == FRAME:
        return ", ".join(words)
    if kept >= _INSIDE:
        words.append("the other's border removed")
    elif kept:
        words.append(f"the other {PARTS[kept - 1].name}")
    return ", ".join(words)


def rule_words(radius_bits: int, quality_min: int) -> str:
    """The rule in words, with its figures."""
    part = min(PART_RADIUS_BITS, radius_bits)
    return (
        f"PDQ within {radius_bits} of 256 bits in any of eight turns and mirrors, parts and borders within {part}, "
        f"quality {quality_min} or more"
    )


def _rows(labelled: list[tuple[int, str]]) -> tuple[Hashes, Labels]:
    return hash_rows([text for _, text in labelled]), np.array([label for label, _ in labelled], np.uint8)
