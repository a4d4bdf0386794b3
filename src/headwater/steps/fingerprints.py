"""The fingerprints of an operation's pictures, read from what was found of them, some at a time."""

import json
from collections.abc import Iterator

import duckdb

from headwater.match.sides import VARIANTS
from headwater.model.fingerprint import Fingerprint
from headwater.model.known import QUALITY_MIN

_BATCH = 4096
_CLAIMS = {
    "quality": "perceptual.pdq_quality",
    "whole": "perceptual.pdq_dihedral",
    "inside": "perceptual.pdq_inside",
    "turned": "perceptual.pdq_turned",
    "parts": "perceptual.pdq_parts",
}
_QUERY = f"""
SELECT sha256, {
    ", ".join(f"arg_max(value, examined_at) FILTER (claim = '{claim}') AS {name}" for name, claim in _CLAIMS.items())
}
FROM part_findings
WHERE state = 'found' AND claim IN ({", ".join(f"'{claim}'" for claim in _CLAIMS.values())})
GROUP BY sha256
HAVING try_cast(arg_max(value, examined_at) FILTER (claim = 'perceptual.pdq_quality') AS INTEGER) >= {QUALITY_MIN}
ORDER BY sha256
"""  # noqa: S608 - our own names


def fingerprints(connection: duckdb.DuckDBPyConnection, only: str = "") -> Iterator[list[Fingerprint]]:
    """Every picture of quality 50 or more, by digest, a few thousand at a time.

    only: name of a table of the connection with a column sha256; no other pictures are given then.
    """
    query = f"SELECT p.* FROM ({_QUERY}) p SEMI JOIN {only} USING (sha256) ORDER BY sha256" if only else _QUERY  # noqa: S608
    for batch in connection.cursor().sql(query).to_arrow_reader(_BATCH):
        prints = [_print(row) for row in batch.to_pylist()]
        yield [each for each in prints if each is not None]


def _print(row: dict[str, str | None]) -> Fingerprint | None:
    whole = json.loads(row["whole"] or "[]")
    if len(whole) != len(VARIANTS):
        return None
    return Fingerprint(
        sha256=str(row["sha256"]),
        quality=int(row["quality"] or 0),
        whole=tuple(whole),
        turned=tuple(json.loads(row["turned"] or "[]")),
        insides=tuple(tuple(each["hashes"]) for each in json.loads(row["inside"] or "[]")),
        parts=tuple(json.loads(row["parts"])["hashes"]) if row["parts"] else (),
    )
