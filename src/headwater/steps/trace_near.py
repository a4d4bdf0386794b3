"""Near copies by PDQ: at most 31 of 256 bits, both of quality 50 or more, in any of eight turns and mirrors.

Source of both figures: the hashing paper of ThreatExchange's PDQ, which recommends them.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import duckdb
import numpy as np
from numpy.typing import NDArray

from headwater.steps.trace_contents import name_contents

DISTANCE_MAX, QUALITY_MIN = 31, 50
_WORDS = 4  # of 64 bits in a hash
_VARIANTS = 8
_ROWS = 4096
_TILE = 512  # so many are compared with so many at a time, in eight variants: 2 Mi distances
_HASHES = """
SELECT f.sha256, any_value(f.value) AS hash FROM part_findings f
SEMI JOIN (
  SELECT sha256 FROM part_findings
  WHERE state = 'found' AND claim = 'perceptual.pdq_quality' AND try_cast(value AS INTEGER) >= {quality}
) q ON q.sha256 = f.sha256 {only}
WHERE f.state = 'found' AND f.claim = '{claim}' GROUP BY f.sha256 ORDER BY f.sha256
"""
_Words = NDArray[np.uint64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """A content that looks as one that was asked about."""

    asked: str
    sha256: str
    distance_bits: int


def near_copies(connection: duckdb.DuckDBPyConnection, digests: Sequence[str]) -> Iterator[Near]:
    """Every pair of a content of `digests` and any other within reach; memory is bounded, time is their product."""
    name_contents(connection, "near_asked", digests)
    asked, hashes = _asked(connection)
    if not asked:
        return
    place = {digest: at for at, digest in enumerate(asked)}
    only = " SEMI JOIN weighed w ON w.sha256 = f.sha256 "
    query = _HASHES.format(quality=QUALITY_MIN, only=only, claim="perceptual.pdq")
    for batch in connection.cursor().sql(query).to_arrow_reader(_ROWS):
        names, texts = batch.column("sha256").to_pylist(), batch.column("hash").to_pylist()
        for row, column in product(range(0, len(names), _TILE), range(0, len(asked), _TILE)):
            least = _least(_words(texts[row : row + _TILE]), hashes[column : column + _TILE])
            for at, other in zip(*np.nonzero(least <= DISTANCE_MAX), strict=True):
                if place.get(names[row + at]) != column + other:
                    distance = int(least[at, other])
                    yield Near(asked=asked[column + other], sha256=names[row + at], distance_bits=distance)


def _asked(connection: duckdb.DuckDBPyConnection) -> tuple[list[str], _Words]:
    """Digests, and their hashes in all variants: (number, 8, 4) words."""
    only = " SEMI JOIN near_asked o ON o.sha256 = f.sha256 "
    query = _HASHES.format(quality=QUALITY_MIN, only=only, claim="perceptual.pdq_dihedral")
    rows = [(name, json.loads(text)) for name, text in connection.cursor().sql(query).fetchall()]
    whole = [(name, variants) for name, variants in rows if len(variants) == _VARIANTS]
    hashes = np.array([_words(variants) for _, variants in whole], np.uint64).reshape(-1, _VARIANTS, _WORDS)
    return [name for name, _ in whole], hashes


def _words(texts: Sequence[str]) -> _Words:
    raw = b"".join(bytes.fromhex(text) for text in texts)
    return np.frombuffer(raw, ">u8").astype(np.uint64).reshape(-1, _WORDS)


def _least(hashes: _Words, asked: _Words) -> NDArray[np.uint16]:
    """The least distance over the variants: (hashes, asked)."""
    flat = asked.reshape(-1, _WORDS)
    bits = np.zeros((len(hashes), len(flat)), np.uint16)
    for word in range(_WORDS):
        bits += np.bitwise_count(hashes[:, word, None] ^ flat[None, :, word])
    least: NDArray[np.uint16] = bits.reshape(len(hashes), -1, _VARIANTS).min(axis=2)
    return least
