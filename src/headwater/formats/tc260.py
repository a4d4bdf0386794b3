"""The label that Chinese law asks of generated media: GB 45438-2025, annexes E and F (TC260).

A JSON object of seven texts, in the XMP property ``AIGC`` of the namespace below, and in practice in any text a file
can carry. Label: "1" generated, "2" possibly, "3" suspected (as the standard's own words have it).
"""

import html
import json
from collections.abc import Mapping

KEYS = (
    "Label",
    "ContentProducer",
    "ProduceID",
    "ReservedCode1",
    "ContentPropagator",
    "PropagateID",
    "ReservedCode2",
)
NAME = "AIGC"
_NEEDED = ("Label", "ContentProducer")
_TEXT_LETTERS_MAX = 64 << 10
_UNESCAPED_MAX = 3


def looks_like_label(text: str) -> bool:
    """Whether a text is worth reading as a label: its two first keys are in it, escaped or not."""
    return len(text) <= _TEXT_LETTERS_MAX and all(word in text for word in _NEEDED)


def read_label(text: str) -> Mapping[str, str] | None:
    """Give the label's fields as stored; None where the text is none. Never raises.

    The JSON may be escaped as XML entities, more than once, or stand as a text under the key ``AIGC``.
    """
    for _ in range(_UNESCAPED_MAX):
        found = _object(text)
        if found is not None:
            return _fields(found)
        unescaped = html.unescape(text)
        if unescaped == text:
            break
        text = unescaped
    return None


def _object(text: str) -> object:
    start, end = text.find("{"), text.rfind("}")
    if start < 0 or end < start:
        return None
    try:
        return json.loads(text[start : end + 1])
    except (ValueError, RecursionError):
        return None


def _fields(found: object) -> Mapping[str, str] | None:
    if isinstance(found, dict) and not any(key in found for key in _NEEDED):
        inner = found.get(NAME)
        found = _object(inner) if isinstance(inner, str) else inner
    if not isinstance(found, dict) or not any(key in found for key in _NEEDED):
        return None
    return {key: str(found[key]) for key in KEYS if isinstance(found.get(key), str | int)}
