"""Which picture or program which record of which set knows: digests exactly, PDQ within its radius."""

from collections.abc import Mapping, Sequence

import numpy as np

from headwater.demo.known.record import KnownSet, Record
from headwater.demo.sight import DISTANCE_MAX, Sight
from headwater.demo.truth import MatchTruth


def matches(known: Sequence[KnownSet], sights: Mapping[str, Sight]) -> tuple[MatchTruth, ...]:
    """List every hit of every set."""
    rows: list[MatchTruth] = []
    for one in known:
        for record in one.records:
            rows += _similar(one, record, sights) if record.kind == "pdq" else [_exact(one, record)]
    return tuple(rows)


def _exact(known: KnownSet, record: Record) -> MatchTruth:
    return MatchTruth(
        sha256=record.content, set=known.name, record=record.key, kind=record.kind, category=record.category,
        scheme=known.truth.scheme, verdict=record.verdict, victim_identified=record.victim_identified,
    )  # fmt: skip


def _similar(known: KnownSet, record: Record, sights: Mapping[str, Sight]) -> list[MatchTruth]:
    bits = np.frombuffer(bytes.fromhex(record.pdq), np.uint64)
    rows = []
    for digest, sight in sights.items():
        if not sight.counts or sight.bits is None:
            continue
        distances = np.bitwise_count(bits ^ sight.bits).sum(axis=1)
        variant = int(np.argmin(distances))
        if distances[variant] <= DISTANCE_MAX:
            rows.append(
                MatchTruth(sha256=digest, set=known.name, record=record.key, kind="pdq", variant=variant,
                           distance_bits=int(distances[variant]))
            )  # fmt: skip
    return rows
