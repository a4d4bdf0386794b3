"""Keeps a generator's prompt out of sight until it is asked for: it may hold what people typed of people."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

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


def without_prompts(findings: Sequence[Row]) -> tuple[Row, ...]:
    """The findings with the values hidden that are a generator's text, by claim, by name, or by lying on its bytes."""
    generators = [row for row in findings if row["claim"].startswith("generator.") and row["state"] == "found"]
    spans = [span for row in generators for span in row["spans"] or ()]
    return tuple(hidden(row) if _holds_one(row, spans) else row for row in findings)


def _holds_one(row: Row, spans: Iterable[Row]) -> bool:
    if is_prompt(row["claim"]):
        return True
    if row["claim"] not in _CARRIERS:
        return False
    value = _fields(row["value"])
    names = {str(value.get(key, "")).lower() for key in ("keyword", "name", "key", "path")}
    return bool(names & _NAMES) or any(_overlap(one, other) for one in row["spans"] or () for other in spans)


def is_prompt(claim: str) -> bool:
    """Whether a claim's value is a prompt."""
    return claim.endswith(_CLAIMS)


def hidden(row: Row) -> Row:
    """The finding with every text of its value replaced by how long it is."""
    fields = _fields(row["value"])
    if not fields or is_prompt(row["claim"]):
        return {**row, "value": _words(row["value"])}
    shown = {key: _words(text) if key in _TEXTS and isinstance(text, str) else text for key, text in fields.items()}
    return {**row, "value": json.dumps(shown, sort_keys=True, separators=(",", ":"), ensure_ascii=False)}


def _words(text: str) -> str:
    return f"(hidden: {len(text):,} characters; --prompts shows them)"


def _fields(value: str) -> Mapping[str, Any]:
    try:
        fields = json.loads(value)
    except (ValueError, RecursionError):
        return {}
    return fields if isinstance(fields, dict) else {}


def _overlap(one: Row, other: Row) -> bool:
    first, second = (int(each["offset_bytes"]) for each in (one, other))
    return first < second + int(other["length_bytes"]) and second < first + int(one["length_bytes"])
