"""An origin as a row of `origins`, and back: what was weighed is kept, so that its sentences can be written again."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from headwater.model.canonical import Json, canonical_text
from headwater.origin.digest import rules_digest
from headwater.origin.rules import Numbers, decide
from headwater.origin.sentences import sentences
from headwater.origin.signals import Signal
from headwater.origin.unseen import Unseen
from headwater.origin.weigh import Carrier, Origin

Row = Mapping[str, Any]


def origin_row(origin: Origin) -> dict[str, Any]:
    """One row of origins."""
    numbers, verdict = origin.numbers, origin.verdict
    weighed: dict[str, Json] = {
        "carrier": origin.carrier.as_json() if origin.carrier else None,
        "signals": [one.as_json() for one in origin.signals],
        "unseen": [one.as_json() for one in origin.unseen],
    }
    return {
        "sha256": origin.sha256, "grade": verdict.grade, "strength": verdict.strength, "rule": verdict.rule.id,
        "g": numbers.g, "e": numbers.e, "c": numbers.c, "k": numbers.k, "f": numbers.f,
        "signals": [*dict.fromkeys(one.id for one in origin.signals)],
        "reasons": [*origin.reasons],
        "weighed": canonical_text(weighed),
        "findings_used": [*_findings(origin.used), *(origin.carrier.findings if origin.carrier else ())],
        "findings_aside": [*_findings(origin.aside)],
        "sentence_ids": [one.id for one in sentences(origin)],
        "rules_digest": rules_digest(),
        "validation_digest": None,
    }  # fmt: skip


def origin_of_row(row: Row) -> Origin:
    """The origin that a row was made from, its ties left out; the verdict is that of the table of now."""
    weighed = json.loads(row["weighed"])
    numbers = Numbers(**{name: row[name] for name in ("g", "e", "c", "k", "f")})
    carrier = weighed["carrier"]
    return Origin(
        sha256=row["sha256"],
        numbers=numbers,
        verdict=decide(numbers),
        signals=tuple(Signal(**{**one, "findings": tuple(one["findings"])}) for one in weighed["signals"]),
        carrier=Carrier(**{**carrier, "findings": tuple(carrier["findings"])}) if carrier else None,
        unseen=tuple(Unseen(**{**one, "side": tuple(one["side"])}) for one in weighed["unseen"]),
    )


def _findings(signals: tuple[Signal, ...]) -> Iterator[str]:
    yield from dict.fromkeys(finding for one in signals for finding in one.findings)
