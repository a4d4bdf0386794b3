"""What the readers tell, in the words of the claims."""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from headwater.examine.metadata_json import bounded, json_text
from headwater.formats.generators.record import Graph, Record, Used, prompt_digest
from headwater.formats.generators.strict_json import Json, read_json
from headwater.model.errors import EvidenceError
from headwater.model.finding import Seen, State

PROMPT_LETTERS = 16_000  # of one prompt that are kept
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
    digests = {"prompt_sha256": _digest(prompt), "negative_sha256": _digest(negative)}
    yield said("record.output", program=program, carrier=carrier, **digests, **facts)
    if digests["prompt_sha256"]:
        kept = {"prompt": _cut(prompt), "negative": _cut(negative)}
        cut = any(isinstance(one, str) and len(one) > PROMPT_LETTERS for one in (prompt, negative)) or None
        named = {"program": program, "carrier": carrier, "name": facts.get("name"), "cut": cut} | digests | kept
        value = {key: one for key, one in named.items() if one not in (None, "")}
        yield Seen(claim="record.prompt", value=json_text({key: _mended(one) for key, one in value.items()}))


def of_record(record: Record) -> dict[str, object]:
    """What a record in the form of all generators says, in the words of `record.output`."""
    first = record.models[0] if record.models else None
    return {
        "seed": record.seed,
        "steps": record.steps,
        "cfg": record.cfg,
        "sampler": record.sampler,
        "denoise": record.denoise,
        "model": first.name if first else None,
        "model_hash": first.digest if first else None,
        "model_hash_kind": first.kind if first else None,
        "loras": [_lora(one) for one in record.loras],
        "version": record.version,
    }


def _lora(one: Used) -> dict[str, object]:
    told = {"name": one.name, "hash": one.digest, "hash_kind": one.kind, "weight": one.weight}
    return {key: value for key, value in told.items() if value not in (None, "")}


def workflow(program: str, carrier: str, graph: Graph, **facts: object) -> Seen:
    """A workflow with the digest of its shape, which is the one that `generator.graph` gives."""
    told = {"kind": graph.kind, "nodes": graph.nodes, "classes": list(graph.classes)}
    return said("record.workflow", program=program, carrier=carrier, shape_sha256=graph.shape_sha256, **told, **facts)


def _digest(prompt: object) -> str | None:
    return prompt_digest(prompt) if isinstance(prompt, str) and prompt.strip() else None


def silence(claim: str, state: State, reason: str) -> Seen:
    """Say why a claim is not there."""
    return Seen(claim=claim, state=state, reason=reason)


def _cut(prompt: object) -> object:
    return prompt[:PROMPT_LETTERS] if isinstance(prompt, str) else None


def parsed(text: object) -> Json:
    """The JSON in a text; None where it is none, or more than is read."""
    if isinstance(text, str):
        with suppress(EvidenceError):
            return read_json(text)
    return None


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
