"""Near copies by PDQ: at most 31 of 256 bits, both of quality 50 or more, in any of eight turns and mirrors.

Source of both figures: the hashing paper of ThreatExchange's PDQ, which recommends them.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import duckdb
import numpy as np

from headwater.steps.trace_bands import Bands, Hashes
from headwater.steps.trace_contents import name_contents

QUALITY_MIN = 50
_WORDS = 4  # of 64 bits in a hash
_VARIANTS = 8
_ROWS = 4096
_HASHES = """
SELECT f.sha256, any_value(f.value) AS hash FROM part_findings f
SEMI JOIN (
  SELECT sha256 FROM part_findings
  WHERE state = 'found' AND claim = 'perceptual.pdq_quality' AND try_cast(value AS INTEGER) >= {quality}
) q ON q.sha256 = f.sha256 {only}
WHERE f.state = 'found' AND f.claim = '{claim}' GROUP BY f.sha256 ORDER BY f.sha256
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """A content that looks as one that was asked about."""

    asked: str
    sha256: str
    distance_bits: int


def near_copies(connection: duckdb.DuckDBPyConnection, digests: Sequence[str]) -> Iterator[Near]:
    """Every pair of a content of `digests` and any other within reach, once. Memory grows with `digests` only."""
    name_contents(connection, "near_asked", digests)
    asked, hashes = _asked(connection)
    if not asked:
        return
    bands = Bands(hashes.reshape(-1, _WORDS))
    only = " SEMI JOIN weighed w ON w.sha256 = f.sha256 "
    query = _HASHES.format(quality=QUALITY_MIN, only=only, claim="perceptual.pdq")
    for batch in connection.cursor().sql(query).to_arrow_reader(_ROWS):
        names, texts = batch.column("sha256").to_pylist(), batch.column("hash").to_pylist()
        for (row, other), distance in sorted(_least(bands, _words(texts)).items()):
            if names[row] != asked[other]:
                yield Near(asked=asked[other], sha256=names[row], distance_bits=distance)


def _least(bands: Bands, hashes: Hashes) -> Mapping[tuple[int, int], int]:
    """The least distance of each pair (place in `hashes`, place among those asked about) over the variants."""
    found: dict[tuple[int, int], int] = {}
    for rows, variants, distances in bands.near(hashes):
        for row, variant, distance in zip(rows.tolist(), variants.tolist(), distances.tolist(), strict=True):
            pair = row, variant // _VARIANTS
            found[pair] = min(distance, found.get(pair, distance))
    return found


def _asked(connection: duckdb.DuckDBPyConnection) -> tuple[list[str], Hashes]:
    """Digests, and their hashes in all variants: (number, 8, 4) words."""
    only = " SEMI JOIN near_asked o ON o.sha256 = f.sha256 "
    query = _HASHES.format(quality=QUALITY_MIN, only=only, claim="perceptual.pdq_dihedral")
    rows = [(name, json.loads(text)) for name, text in connection.cursor().sql(query).fetchall()]
    whole = [(name, variants) for name, variants in rows if len(variants) == _VARIANTS]
    hashes = np.array([_words(variants) for _, variants in whole], np.uint64).reshape(-1, _VARIANTS, _WORDS)
    return [name for name, _ in whole], hashes


def _words(texts: Sequence[str]) -> Hashes:
    raw = b"".join(bytes.fromhex(text) for text in texts)
    return np.frombuffer(raw, ">u8").astype(np.uint64).reshape(-1, _WORDS)
