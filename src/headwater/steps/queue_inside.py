"""Pictures inside pictures that show something else: each has a place of its own in the queue.

A photograph of a family can carry another picture behind its end, and an edit the picture it was begun from. They have
no origin of their own, and no grade or roll of the picture that holds them says anything of them.
"""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

import duckdb

from headwater.model.visible import visible
from headwater.origin.queue import Standing, tier_of

_QUALITY_MIN, _OTHER_BITS = 50, 90  # as the comparison has them (docs/explanation/previews.md)
_ROWS = 65_536
_BEGUN_FROM = "ingredient"
# Told apart by distance alone: other proportions, or a holder that is all black, are no reason to leave it out.
_OTHERS = f"""
CREATE OR REPLACE TABLE inside AS
SELECT json_extract_string(f.value, '$.sha256') AS sha256, min(f.sha256) AS holder,
  bool_or(json_extract_string(f.value, '$.role') = '{_BEGUN_FROM}' AND o.grade = 'edited') AS begun_from
FROM findings f LEFT JOIN origins o ON o.sha256 = f.sha256
WHERE f.claim = 'embedded.compared' AND f.state = 'found'
  AND try_cast(json_extract_string(f.value, '$.quality') AS INTEGER) >= {_QUALITY_MIN}
  AND try_cast(json_extract_string(f.value, '$.distance_bits') AS INTEGER) >= {_OTHER_BITS}
GROUP BY json_extract_string(f.value, '$.sha256')
"""  # noqa: S608 - our own figures
# A gain map says by its own words that it is one: as many of these as a new telephone has photographs.
_PLACED = """
SELECT n.sha256, n.holder, n.begun_from, i.exhibit, i.path, i.allocation, EXISTS (
  SELECT 1 FROM findings f WHERE f.sha256 = n.sha256 AND f.claim = 'xmp.property' AND f.state = 'found'
    AND starts_with(json_extract_string(f.value, '$.path'), 'hdrgm:')
) AS is_gain_map
FROM inside n JOIN items i ON i.sha256 = n.sha256 AND i.kind = 'embedded'
ANTI JOIN origins o ON o.sha256 = n.sha256
ORDER BY n.sha256, i.exhibit, i.path
"""


def inner_rows(connection: duckdb.DuckDBPyConnection) -> Iterator[dict[str, Any]]:
    """A row of the queue, without its rank, for each; those that also lie there as files of their own are left out."""
    connection.execute(_OTHERS)
    for sha256, group in groupby(_stream(connection), key=lambda row: str(row["sha256"])):
        rows = list(group)
        tier, reason = _tier(rows[0])
        yield {"sha256": sha256, "tier": tier, "reason": reason, "place": _place(rows), "copies": len(rows)}


def _tier(row: dict[str, Any]) -> tuple[int, str]:
    what = f"inside {row['holder']}, shows something else"
    if row["is_gain_map"]:
        return tier_of(Standing(grade="camera", place=f"{what}; a gain map by its own words", in_roll=True))
    source = f"made-from: ingredient of {row['holder']}, shows something else" if row["begun_from"] else ""
    return tier_of(Standing(grade="not weighed", place=what, source=source))


def _place(rows: list[dict[str, Any]]) -> str:
    first = rows[0]
    more = f" and {len(rows) - 1} more" if len(rows) > 1 else ""
    gone = "" if first["allocation"] == "allocated" else f", {first['allocation']}"
    return f"{visible(first['exhibit'])} {first['path']}{gone}{more}"


def _stream(connection: duckdb.DuckDBPyConnection) -> Iterator[dict[str, Any]]:
    for batch in connection.cursor().sql(_PLACED).to_arrow_reader(_ROWS):
        yield from batch.to_pylist()
