"""Keeps a generator's prompt out of sight until it is asked for: it may hold what people typed of people."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import duckdb

Row = Mapping[str, Any]
_CLAIMS = (".prompt", ".negative")  # how the names of claims end that hold one
_CARRIERS = frozenset(
    {"png.text", "exif.tag", "comment", "xmp.property", "isobmff.tag", "iptc.dataset", "jpeg.picture_info"}
)
_TEXTS = ("text", "value")
# Keywords under which generators keep their text, and nothing else is kept.
_NAMES = frozenset(
    {"parameters", "prompt", "workflow", "sd-metadata", "dream"}
    | {"invokeai_metadata", "invokeai_workflow", "invokeai_graph"}
)
# PNG keywords that any program uses; beside a generator's record they hold its prompt once more (NovelAI).
_KEYWORDS = frozenset({"comment", "description"})
_PROPERTIES = ("aipromptinformation", "aipromptwritername")  # IPTC 2025.1, under any prefix and in any structure
NEEDED = ("claim", "value", "sha256", "spans")  # columns of findings
_SPANS = """
CREATE TABLE IF NOT EXISTS generator_spans AS
SELECT sha256, spans FROM findings WHERE state = 'found' AND starts_with(claim, 'generator.')
"""
_SPANS_OF = "SELECT sha256, spans FROM generator_spans WHERE list_contains(?, sha256)"


def without_prompts(findings: Sequence[Row]) -> tuple[Row, ...]:
    """The findings with the values hidden that are a generator's text, by claim, by name, or by lying on its bytes."""
    spans = _of_generators(findings)
    return tuple(hidden(row) if _holds_one(row, spans) else row for row in findings)


def bytes_of_prompts(findings: Sequence[Row]) -> list[Row]:
    """The spans in which a prompt may lie: those of every finding whose value is hidden, be it hidden already."""
    spans = _of_generators(findings)
    return [span for row in findings if _holds_one(row, spans) for span in row["spans"] or ()]


def _of_generators(findings: Sequence[Row]) -> list[Row]:
    generators = [row for row in findings if row["claim"].startswith("generator.") and row["state"] == "found"]
    return [span for row in generators for span in row["spans"] or ()]


class Hiding:
    """Hides prompts in rows of the view `findings`, whichever of them are asked for and in whatever order."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def hide(self, rows: Sequence[Row]) -> list[Row]:
        """The rows, which have the columns NEEDED, with what holds a prompt hidden as `without_prompts` does."""
        spans = self._spans({str(row["sha256"]) for row in rows if row["claim"] in _CARRIERS})
        return [hidden(row) if _holds_one(row, spans.get(row["sha256"], ())) else row for row in rows]

    def _spans(self, contents: set[str]) -> Mapping[str, Sequence[Row]]:
        """The bytes that generators' records rest on, by content."""
        found: dict[str, list[Row]] = defaultdict(list)
        if contents:
            cursor = self._connection.cursor()  # the rows themselves are still being read
            cursor.execute(_SPANS)
            for sha256, spans in cursor.execute(_SPANS_OF, [sorted(contents)]).fetchall():
                found[sha256] += spans or ()
        return found


def _holds_one(row: Row, spans: Sequence[Row]) -> bool:
    """spans: the bytes that generators' records of the same content rest on; empty where it has none."""
    if is_prompt(row["claim"]):
        return True
    if row["claim"] not in _CARRIERS:
        return False
    value = _fields(row["value"])
    names = {str(value.get(key, "")).lower() for key in ("keyword", "name", "key", "path")}
    if names & _NAMES or any(name.split("/")[-1].split("[")[0].endswith(_PROPERTIES) for name in names):
        return True
    if spans and str(value.get("keyword", "")).lower() in _KEYWORDS:
        return True
    return any(overlap(one, other) for one in row["spans"] or () for other in spans)


def is_prompt(claim: str) -> bool:
    """Whether a claim's value is a prompt."""
    return claim.endswith(_CLAIMS)


def hidden(row: Row) -> Row:
    """The finding with every text of its value replaced by how long it is."""
    fields = _fields(row["value"])
    if not fields or is_prompt(row["claim"]):
        return {**row, "value": _words(row["value"])}
    shown = {key: _unseen(value) if key in _TEXTS else value for key, value in fields.items()}
    return {**row, "value": json.dumps(shown, sort_keys=True, separators=(",", ":"), ensure_ascii=False)}


def _unseen(value: object) -> object:
    """A text or a list or object of texts, hidden; figures are shown."""
    if isinstance(value, list | dict):
        return _words(json.dumps(value, ensure_ascii=False))
    return _words(value) if isinstance(value, str) else value


def _words(text: str) -> str:
    return f"(hidden: {len(text):,} characters; --prompts shows them)"


def _fields(value: str) -> Mapping[str, Any]:
    try:
        fields = json.loads(value)
    except (ValueError, RecursionError):
        return {}
    return fields if isinstance(fields, dict) else {}


def overlap(one: Row, other: Row) -> bool:
    """Whether two spans share a byte."""
    first, second = (int(each["offset_bytes"]) for each in (one, other))
    return first < second + int(other["length_bytes"]) and second < first + int(one["length_bytes"])
