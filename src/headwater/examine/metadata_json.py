"""Values of the metadata examiner as JSON of a bounded length.

Every text is cut that would be longer than allowed once it is written as JSON, where one control character takes six
bytes; its whole length and digest then stand beside it.
"""

from collections.abc import Iterator, Mapping
from hashlib import sha256

import msgspec

TEXT_BYTES_MAX = 64 << 10  # of the text that a finding is about
WORD_BYTES_MAX = 4 << 10  # of any other: a keyword, a path, a carrier
_LONG = frozenset({"negative", "prompt", "text", "value"})
_MOST_BYTES_A_LETTER = 6
_SHORT_LETTERS = WORD_BYTES_MAX // _MOST_BYTES_A_LETTER  # a text of so many always fits
_QUOTES = 2
_encode = msgspec.json.Encoder(order="deterministic").encode


def json_text(value: object) -> str:
    """JSON with sorted keys and no spaces; letters beyond ASCII stay as they are, for people read it."""
    return _encode(value).decode()


def bounded_text(value: Mapping[str, object]) -> str:
    """The same as JSON with its texts cut where they are too long."""
    text = _encode(value)
    return text.decode() if len(text) <= WORD_BYTES_MAX else json_text(bounded(value))


def bounded(value: Mapping[str, object]) -> Mapping[str, object]:
    """The same value with its texts cut where they are too long."""
    long = {key: one for key, one in value.items() if isinstance(one, str) and len(one) > _SHORT_LETTERS}
    return {**value, **{name: one for key, text in long.items() for name, one in _within(key, text)}} if long else value


def _within(key: str, text: str) -> Iterator[tuple[str, object]]:
    limit = TEXT_BYTES_MAX if key in _LONG else WORD_BYTES_MAX
    if len(text) * _MOST_BYTES_A_LETTER <= limit or _length(text) <= limit:
        return
    raw = text.encode("utf-8", "surrogatepass")
    yield from ((key, _cut(text, limit)), (f"{key}_length_bytes", len(raw)), (f"{key}_sha256", sha256(raw).hexdigest()))


def _length(text: str) -> int:
    return len(_encode(text)) - _QUOTES


def _cut(text: str, limit: int) -> str:
    """The longest beginning that fits, by halving."""
    low, high = 0, min(len(text), limit)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if _length(text[:middle]) <= limit else (low, middle - 1)
    return text[:low]
