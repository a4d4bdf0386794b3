"""JSON out of evidence: bounded in size and depth, no key twice. NaN and Infinity are read, as Python writes them."""

import json
import re
from typing import NoReturn

from headwater.model.errors import EvidenceError, LimitReached, Malformed

LETTERS_MAX = 8 << 20
_DEPTH_MAX = 64
_BRACKETS_MAX = 200_000  # objects and lists of one text, and brackets in its words
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")

Json = dict[str, "Json"] | list["Json"] | str | int | float | bool | None


def read_json(text: str) -> Json:
    """Read one value. Raises Malformed, LimitReached."""
    if len(text) > LETTERS_MAX:
        raise LimitReached(f"JSON of {len(text)} letters is more than is read ({LETTERS_MAX})")
    if text.count("{") + text.count("[") > _BRACKETS_MAX:
        raise LimitReached(f"JSON of more than {_BRACKETS_MAX} objects and lists is not read")
    try:
        value: Json = json.loads(text, object_pairs_hook=_object)
    except EvidenceError:
        raise
    except RecursionError as fault:
        raise LimitReached("JSON nested too deeply") from fault
    except ValueError as fault:
        raise Malformed(f"JSON: {fault}") from fault
    _check_depth(value)
    return _mended(value) if "\\ud" in text.lower() else value


def as_object(value: Json) -> dict[str, Json]:
    """The value where it is an object; an empty one where it is not."""
    return value if isinstance(value, dict) else {}


def as_list(value: Json) -> list[Json]:
    """The value where it is a list; an empty one where it is not."""
    return value if isinstance(value, list) else []


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) != len(pairs):
        _twice()
    return found


def _twice() -> NoReturn:
    raise Malformed("JSON: a key stands twice in one object")


def _check_depth(value: Json) -> None:
    level = [value]
    for _ in range(_DEPTH_MAX):
        level = [
            inner
            for one in level
            for inner in (one.values() if isinstance(one, dict) else one if isinstance(one, list) else ())
            if isinstance(inner, dict | list)
        ]
        if not level:
            return
    raise LimitReached(f"JSON nested more than {_DEPTH_MAX} deep")


def _mended(value: Json) -> Json:
    """The value with U+FFFD for halves of letters that stand alone, which no encoding can write."""
    if isinstance(value, str):
        return _LONE_SURROGATE.sub("\ufffd", value)
    if isinstance(value, dict):
        return {_LONE_SURROGATE.sub("\ufffd", key): _mended(one) for key, one in value.items()}
    return [_mended(one) for one in value] if isinstance(value, list) else value
