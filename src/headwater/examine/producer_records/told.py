"""What the readers tell, in the words of the claims."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from headwater.examine.metadata_json import bounded, json_text
from headwater.model.finding import Seen, State

PROMPT_LETTERS = 16_000  # of one prompt that are kept
_JSON_LETTERS_MAX = 16 << 20
_HOST = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://(?:[^/?#@\s]*@)?(\[[^\]\s]*\]|[^/?#:\s]+)")
_HALF_LETTER = re.compile("[\ud800-\udfff]")
_CHROMIUM_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_UNIX_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Value = Mapping[str, object]


def said(claim: str, **value: object) -> Seen:
    """One finding; what a record does not say (None, or an empty text, list or object) is left out."""
    kept = {key: one for key, one in value.items() if one not in (None, "", [], {})}
    return Seen(claim=claim, value=json_text(bounded({key: _mended(one) for key, one in kept.items()})))


def _mended(value: object) -> object:
    """The value with U+FFFD for halves of letters that stand alone."""
    if isinstance(value, str):
        return _HALF_LETTER.sub("\ufffd", value)
    if isinstance(value, dict):
        return {_mended(key): _mended(one) for key, one in value.items()}
    return [_mended(one) for one in value] if isinstance(value, list) else value


def output(program: str, carrier: str, prompt: object, negative: object, **facts: object) -> Iterator[Seen]:
    """A picture that a program made, with digests of its prompts; the prompts themselves are a claim of their own."""
    digests = {"prompt_sha256": prompt_digest(prompt), "negative_sha256": prompt_digest(negative)}
    yield said("record.output", program=program, carrier=carrier, **digests, **facts)
    if digests["prompt_sha256"]:
        kept = {"prompt": _cut(prompt), "negative": _cut(negative)}
        cut = any(isinstance(one, str) and len(one) > PROMPT_LETTERS for one in (prompt, negative)) or None
        named = {"program": program, "carrier": carrier, "name": facts.get("name"), "cut": cut} | digests | kept
        value = {key: one for key, one in named.items() if one not in (None, "")}
        yield Seen(claim="record.prompt", value=json_text({key: _mended(one) for key, one in value.items()}))


def prompt_digest(prompt: object) -> str | None:
    """SHA-256 of a prompt as UTF-8 without white space around it; None where there is none."""
    if not isinstance(prompt, str) or not prompt.strip():
        return None
    return sha256(prompt.strip().encode("utf-8", "replace")).hexdigest()


def silence(claim: str, state: State, reason: str) -> Seen:
    """Say why a claim is not there."""
    return Seen(claim=claim, state=state, reason=reason)


def _cut(prompt: object) -> object:
    return prompt[:PROMPT_LETTERS] if isinstance(prompt, str) else None


def parsed(text: object) -> object:
    """The JSON in a text; None where it is none, or too large."""
    if isinstance(text, str) and len(text) <= _JSON_LETTERS_MAX:
        with suppress(ValueError, RecursionError):
            return json.loads(text)
    return None


def as_object(value: object) -> dict[str, object]:
    """The value where it is an object; an empty one where not."""
    return value if isinstance(value, dict) else {}


def as_objects(value: object) -> list[dict[str, object]]:
    """The objects of a list; an empty list for anything else."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def word(value: object) -> str | None:
    """A text, or a figure as text; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return str(value)[:2_000].strip() or None


def number(value: object) -> int | float | None:
    """A figure of a sensible size, also out of a text; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int | float) or len(str(value)) > 40:
        return None
    with suppress(ValueError, OverflowError):
        figure = float(value)
        if abs(figure) < 1 << 53:
            return int(figure) if figure.is_integer() else figure
    return None


def host(address: object) -> str | None:
    """The host of a web address, in small letters; None where there is none."""
    found = _HOST.match(address) if isinstance(address, str) else None
    return found[1].lower()[:255] if found else None


def hash_kind(digest: str | None) -> str | None:
    """What a model's hash is, by its length and what stands before it; None where there is none."""
    if not digest:
        return None
    kind, _, digits = digest.rpartition(":")
    if kind:
        return kind if kind in ("sha256", "blake3") else "unknown"
    return {8: "legacy8", 10: "autov2", 12: "autov3", 64: "sha256"}.get(len(digits), "unknown")


def utc(text: object) -> str | None:
    """A date and time that is stored as text without a zone and meant as UTC."""
    with suppress(ValueError, TypeError):
        return datetime.fromisoformat(str(text)).replace(tzinfo=UTC).isoformat()
    return None


def since_1601(microseconds: object) -> str | None:
    """A time in Chromium's count."""
    return _after(_CHROMIUM_EPOCH, microseconds)


def since_1970(microseconds: object) -> str | None:
    """A time in Firefox's count."""
    return _after(_UNIX_EPOCH, microseconds)


def _after(epoch: datetime, microseconds: object) -> str | None:
    if isinstance(microseconds, int) and microseconds > 0:
        with suppress(OverflowError):
            return (epoch + timedelta(microseconds=microseconds)).isoformat()
    return None
