"""What is named as a picture and whose content has no form that is known: broken, overwritten or locked.

It has no origin, and could be anything: it stands where a person looks. What is deleted and overwritten is left out,
or every lost file of a full disk would stand before the pictures that can be seen.
"""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

import duckdb

from headwater.model.visible import visible
from headwater.origin.queue import Standing, tier_of

_ROWS = 65_536
_UNREAD = r"""
SELECT i.sha256, i.exhibit, i.path FROM items i ANTI JOIN origins o ON o.sha256 = i.sha256
WHERE i.sha256 IS NOT NULL AND i.kind IN ('file', 'stream') AND i.media_type = 'application/octet-stream'
  AND i.size_bytes > 0 AND (i.allocation = 'allocated' OR i.damaged)
  AND regexp_matches(lower(i.path), '\.(jpe?g|png|webp|heic|heif|avif|tiff?|bmp|gif|dng)$')
ORDER BY i.sha256, i.exhibit, i.path
"""


def unread_rows(connection: duckdb.DuckDBPyConnection) -> Iterator[dict[str, Any]]:
    """A row of the queue, without its rank, for each content."""
    for sha256, group in groupby(_stream(connection), key=lambda row: str(row["sha256"])):
        rows = list(group)
        more = f" and {len(rows) - 1} more" if len(rows) > 1 else ""
        place = f"{visible(rows[0]['exhibit'])} {rows[0]['path']}{more}"
        words = f"named as a picture, its content has no form that is known; {place}"
        tier, reason = tier_of(Standing(grade="not weighed", place=words))
        yield {"sha256": sha256, "tier": tier, "reason": reason, "place": place, "copies": len(rows)}


def _stream(connection: duckdb.DuckDBPyConnection) -> Iterator[dict[str, Any]]:
    for batch in connection.cursor().sql(_UNREAD).to_arrow_reader(_ROWS):
        yield from batch.to_pylist()
