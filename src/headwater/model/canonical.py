"""The one spelling of a JSON value that digests are taken over: sorted keys, no spaces, ASCII only, no NaN."""

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256

_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode

Json = None | bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"]


def canonical_text(value: Json) -> str:
    """Return `value` in its canonical spelling. Raises TypeError or ValueError where it is not JSON."""
    return _encode(value)


def canonical_bytes(value: Json) -> bytes:
    """Return the canonical spelling as ASCII bytes."""
    return canonical_text(value).encode("ascii")


def digest_of(value: Json) -> str:
    """Return the SHA-256 of the canonical spelling, in 64 hexadecimal digits."""
    return sha256(canonical_bytes(value)).hexdigest()
