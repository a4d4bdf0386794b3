"""Values of the metadata examiner as JSON of a bounded length.

Every text is cut that would be longer than allowed once it is written as JSON, where one control character takes six
bytes; its whole length and digest then stand beside it.
"""

from collections.abc import Mapping
from hashlib import sha256

import msgspec

TEXT_BYTES_MAX = 64 << 10  # of the text that a finding is about
WORD_BYTES_MAX = 4 << 10  # of any other: a keyword, a path, a carrier
_LONG = frozenset({"text", "value"})
_MOST_BYTES_A_LETTER = 6
_QUOTES = 2
_encode = msgspec.json.Encoder(order="deterministic").encode


def json_text(value: object) -> str:
    """JSON with sorted keys and no spaces; letters beyond ASCII stay as they are, for people read it."""
    return _encode(value).decode()


def bounded(value: Mapping[str, object]) -> dict[str, object]:
    """The same value with its texts cut where they are too long."""
    found: dict[str, object] = {}
    for key, one in value.items():
        found[key] = one
        if isinstance(one, str):
            limit = TEXT_BYTES_MAX if key in _LONG else WORD_BYTES_MAX
            if len(one) * _MOST_BYTES_A_LETTER > limit and _length(one) > limit:
                raw = one.encode("utf-8", "surrogatepass")
                found[key] = _cut(one, limit)
                found |= {f"{key}_length_bytes": len(raw), f"{key}_sha256": sha256(raw).hexdigest()}
    return found


def _length(text: str) -> int:
    return len(_encode(text)) - _QUOTES


def _cut(text: str, limit: int) -> str:
    """The longest beginning that fits, by halving."""
    low, high = 0, min(len(text), limit)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if _length(text[:middle]) <= limit else (low, middle - 1)
    return text[:low]
