"""The tables of ITU-T T.81 Annex K, and how the IJG's library scales its quantisation tables by a quality.

Annex K gives examples (K.1 quantisation, K.3 Huffman) that many encoders use as they stand. The scaling is that of
`jpeg_quality_scaling` and `jpeg_add_quant_table` (jcparam.c of libjpeg, with baseline limits): 5000 / quality below
50, 200 - 2 * quality from there on, in per cent, rounded, within 1 to 255.
"""

import struct
from functools import cache
from hashlib import sha256

Table = tuple[int, ...]  # 64 steps in zigzag order

_LUMA = (
    (16, 11, 10, 16, 24, 40, 51, 61),
    (12, 12, 14, 19, 26, 58, 60, 55),
    (14, 13, 16, 24, 40, 57, 69, 56),
    (14, 17, 22, 29, 51, 87, 80, 62),
    (18, 22, 37, 56, 68, 109, 103, 77),
    (24, 35, 55, 64, 81, 104, 113, 92),
    (49, 64, 78, 87, 103, 121, 120, 101),
    (72, 92, 95, 98, 112, 100, 103, 99),
)  # table K.1
_CHROMA = (
    (17, 18, 24, 47, 99, 99, 99, 99),
    (18, 21, 26, 66, 99, 99, 99, 99),
    (24, 26, 56, 99, 99, 99, 99, 99),
    (47, 66, 99, 99, 99, 99, 99, 99),
    *(((99,) * 8),) * 4,
)  # table K.2
_RUNS = {
    "DC luma": (0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0),  # K.3
    "DC chroma": (0, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0),  # K.4
    "AC luma": (0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 125),  # K.5
    "AC chroma": (0, 2, 1, 2, 4, 4, 3, 4, 7, 5, 4, 4, 0, 1, 2, 119),  # K.6
}  # how many codes there are of each length from 1 to 16 bits
HUFFMAN_RUNS = frozenset(_RUNS.values())
QUALITIES = range(1, 101)


def _order() -> tuple[tuple[int, int], ...]:
    """Row and column of each place of the zigzag (T.81 figure 5)."""
    cells = [(row, column) for row in range(8) for column in range(8)]
    return tuple(sorted(cells, key=lambda at: (sum(at), at[0] if sum(at) % 2 else at[1])))


ZIGZAG = _order()


def _scaled(table: tuple[tuple[int, ...], ...], quality: int) -> Table:
    per_cent = 5000 // quality if quality < 50 else 200 - 2 * quality
    steps = ((table[row][column] * per_cent + 50) // 100 for row, column in ZIGZAG)
    return tuple(min(255, max(1, step)) for step in steps)


def luma_table(quality: int) -> Table:
    """The luma steps at a quality of 1 to 100."""
    return _scaled(_LUMA, quality)


def chroma_table(quality: int) -> Table:
    """The chroma steps at a quality of 1 to 100."""
    return _scaled(_CHROMA, quality)


def tables_digest(tables: tuple[Table, ...]) -> str:
    """SHA-256 over the steps alone, two bytes each: of luma, then of chroma where that has tables of its own."""
    return sha256(b"".join(struct.pack(f">{len(table)}H", *table) for table in tables)).hexdigest()


@cache
def _by_tables() -> dict[tuple[Table, ...], int]:
    found: dict[tuple[Table, ...], int] = {(luma_table(quality),): quality for quality in QUALITIES}
    return found | {(luma_table(quality), chroma_table(quality)): quality for quality in QUALITIES}


def standard_quality(tables: tuple[Table, ...]) -> int | None:
    """The quality whose scaled Annex K tables these are, luma alone or with one for chroma; None where there is none.

    From 1 to 100; where several qualities give the same tables it is the highest of them.
    """
    return _by_tables().get(tables)
