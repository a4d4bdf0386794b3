"""Fills Arrow columns, unit by unit: millions of findings never exist as objects."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from headwater.examine.messages import Contents, Fault, Found
from headwater.findings.schema import SCHEMAS
from headwater.model.finding import Method
from headwater.model.item import Entry, Refusal
from headwater.model.locator import Locator, item_id
from headwater.model.visible import shown

_CHUNK_ROWS = 4096

Row = dict[str, Any]


class Rows:
    """The rows of one unit, by table; turned into Arrow every few thousand."""

    def __init__(self) -> None:
        self._waiting: dict[str, list[Row]] = {}
        self._chunks: dict[str, list[pa.Table]] = {}

    def add(self, table: str, row: Row) -> None:
        """Append one row."""
        waiting = self._waiting.setdefault(table, [])
        waiting.append(row)
        if len(waiting) >= _CHUNK_ROWS:
            self._turn(table)

    def tables(self) -> Mapping[str, pa.Table]:
        """Everything added, as one Arrow table for each name."""
        for table in list(self._waiting):
            self._turn(table)
        return {name: pa.concat_tables(chunks) for name, chunks in self._chunks.items()}

    def _turn(self, table: str) -> None:
        if rows := self._waiting.pop(table, []):
            self._chunks.setdefault(table, []).append(pa.Table.from_pylist(rows, schema=SCHEMAS[table]))


def item_row(exhibit: str, source: str, entry: Entry, *, parent_item: str | None = None) -> Row:
    """One row of items."""
    times = entry.times
    return {
        "item": item_id(exhibit, source, entry.locator),
        "exhibit": exhibit,
        "source": source,
        "parent_item": parent_item,
        "locator": str(entry.locator),
        "path": entry.locator.path,
        "raw_path": entry.locator.raw_path,
        "kind": entry.kind.value,
        "size_bytes": entry.size_bytes,
        "inode": entry.inode,
        "allocation": entry.allocation.value,
        "created": times.created,
        "modified": times.modified,
        "accessed": times.accessed,
        "changed": times.changed,
        "times_zone": times.zone.value,
        "note": entry.note,
    }


def contents_row(item: str, contents: Contents) -> Row:
    """One row of contents: what was read of an item."""
    return {
        "item": item,
        "sha256": contents.sha256,
        "md5": contents.md5,
        "sha1": contents.sha1,
        "bytes_read": contents.bytes_read,
        "media_type": contents.media_type,
        "extension_disagrees": contents.extension_disagrees,
        "damaged": bool(contents.damaged),
        "damaged_ranges": [
            {"offset_bytes": bad.offset_bytes, "length_bytes": bad.length_bytes} for bad in contents.damaged
        ],
    }


def finding_row(contents: Contents, found: Found, method: Method, tool: Mapping[str, Any]) -> Row:
    """One row of findings. `tool` holds the columns that are the same for every finding of a run."""
    seen = found.seen
    return {
        "finding": found.finding,
        "sha256": contents.sha256,
        "examiner": method.examiner,
        "version": method.version,
        "claim": seen.claim,
        "value": seen.value,
        "state": seen.state.value,
        "reason": seen.reason,
        "spans": [
            {
                "offset_bytes": span.offset_bytes,
                "length_bytes": span.length_bytes,
                "sha256": span.sha256,
                "role": span.role,
            }
            for span in seen.spans
        ],
        "code_digest": method.code_digest,
        "settings_digest": method.settings_digest,
        "model_digest": method.model_digest,
        "input_size_bytes": contents.bytes_read,
        "examined_at": datetime.now(UTC),
        **tool,
    }


def failure_row(exhibit: str, item: str, path: str, fault: Fault, sha256: str | None = None) -> Row:
    """One row of failures."""
    return {
        "item": item,
        "path": path,
        "examiner": fault.examiner,
        "kind": fault.kind,
        "message": shown(fault.message),
        "sha256": sha256,
        "exhibit": exhibit,
    }


def refusal_row(exhibit: str, source: str, refusal: Refusal, *, step: str) -> Row:
    """A refusal as a failure, named by the locator it concerns."""
    item = item_id(exhibit, source, refusal.locator)
    path = refusal.locator.path or source
    return failure_row(exhibit, item, path, Fault(step, refusal.kind, refusal.message))


def lost_content_row(exhibit: str, source: str, sha256: str) -> Row:
    """A failure of a content that other items were told somebody else examines, and that nobody could."""
    fault = Fault("worker", "died", "not examined: every worker that was to examine this content was lost")
    return failure_row(exhibit, item_id(exhibit, source, Locator(layers=())), source, fault, sha256)


def source_failure_row(exhibit: str, source: str, kind: str, message: str, *, step: str) -> Row:
    """A failure of a whole source: it has no item."""
    return failure_row(exhibit, item_id(exhibit, source, Locator(layers=())), source, Fault(step, kind, message))
