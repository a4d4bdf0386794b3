"""From passes to the report: every table filled, and the digest over what came out."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from enum import Enum
from typing import Any

from headwater.export.validation_records import Corpus, ItemLine, Validation
from headwater.model.canonical import Json, digest_of
from headwater.model.visible import visible
from headwater.steps.validation.manifest import Manifest

_DECIMALS = 6
# What another machine, another day or another place of the corpus may say differently, and what is no result.
_NOT_RESULT = frozenset(
    {"made_at", "tool_version", "unsafe", "verdict", "criteria", "looks", "has_holdout", "digests", "needed"}
)
_PLACES = frozenset({"path", "name", "pairs", "columns_ignored"})


def corpus_of(manifest: Manifest) -> Corpus:
    """What the manifest holds, in counts."""
    by_basis: dict[str, Counter[str]] = {}
    for row in manifest.rows:
        by_basis.setdefault(row.truth, Counter())[row.truth_basis] += 1
    return Corpus(
        name=visible(manifest.folder.name),
        rows=len(manifest.rows),
        rated=sum(row.is_rated for row in manifest.rows),
        by_basis={truth: dict(sorted(counts.items())) for truth, counts in sorted(by_basis.items())},
        groups=len({row.group for row in manifest.rows}),
        sources=len({row.source for row in manifest.rows}),
        columns_ignored=manifest.columns_ignored,
    )


def as_json(validation: Validation) -> dict[str, Json]:
    """The report as plain JSON values: shares rounded to six decimals, times in ISO 8601; with its result digest."""
    plain: dict[str, Json] = _plain(asdict(validation))
    return plain | {"result_digest": result_digest(validation)}


def result_digest(validation: Validation) -> str:
    """SHA-256 over the canonical spelling of the results alone, without times, host and paths."""
    plain: dict[str, Any] = _plain(asdict(validation))
    return digest_of(_without({key: value for key, value in plain.items() if key not in _NOT_RESULT}))


def _plain(value: Any) -> Any:  # noqa: ANN401 - any field of a record
    match value:
        case Enum():
            return value.value
        case float():
            return round(value, _DECIMALS)
        case datetime():
            return value.strftime("%Y-%m-%dT%H:%M:%SZ")
        case Mapping():
            return {str(key): _plain(each) for key, each in value.items()}
        case list() | tuple():
            return [_plain(each) for each in value]
        case _:
            return value


def _without(value: Any) -> Any:  # noqa: ANN401 - JSON
    """The value without the fields that name a place."""
    match value:
        case dict():
            return {key: _without(each) for key, each in value.items() if key not in _PLACES}
        case list():
            return [_without(each) for each in value]
        case _:
            return value


def lists_of(items: Sequence[ItemLine], outcome: str) -> list[ItemLine]:
    """Those of the items that count in rates and came to this."""
    return [each for each in items if each.counted == "rates" and each.outcome == outcome]
