"""Error rates with exact intervals: by item, by group of like items, and by source; the widest is the headline.

Sources: Clopper and Pearson, Biometrika 26 (1934) 404; the percentile bootstrap, Efron and Tibshirani 1993, chapter 13.
"""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import beta

from headwater.export.validation_records import Interval, Rate

ENOUGH_GROUPS = 30
_CONFIDENCE = 0.95
_RESAMPLES = 10_000
_SEED = 20_26
_LIMITS = (0.05, 0.01, 0.001)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One graded file as a rate counts it. named: not undetermined."""

    group: str
    source: str
    named: bool
    wrong: bool


def exact(count: int, total: int) -> Interval | None:
    """The two-sided 95 % Clopper-Pearson interval of `count` among `total`; None for none at all."""
    if not total:
        return None
    tail = (1 - _CONFIDENCE) / 2
    lower = float(beta.ppf(tail, count, total - count + 1)) if count else 0.0
    upper = float(beta.ppf(1 - tail, count + 1, total - count)) if count < total else 1.0
    return Interval(lower=lower, upper=upper)


def items_needed() -> list[tuple[float, int, int]]:
    """How many items without an error allow "below X", for a few X: two-sided, and one-sided, at 95 %."""
    tail = 1 - _CONFIDENCE
    return [(limit, _needed(limit, tail / 2), _needed(limit, tail)) for limit in _LIMITS]


def _needed(limit: float, tail: float) -> int:
    """The least n with (1 - limit)^n <= tail."""
    return math.ceil(math.log(tail) / math.log1p(-limit))


def rate(cases: Sequence[Case]) -> Rate:
    """Wrong among named. Cases that are not named count in no interval here."""
    named = [case for case in cases if case.named]
    wrong = sum(case.wrong for case in named)
    groups: dict[str, bool] = defaultdict(bool)
    for case in named:
        groups[case.group] |= case.wrong
    intervals = {
        "items": exact(wrong, len(named)),
        "groups": exact(sum(groups.values()), len(groups)),
        "sources": _by_source(named),
    }
    there = {name: interval for name, interval in intervals.items() if interval}
    widest = max(there, key=lambda name: there[name].width, default="")
    return Rate(
        wrong=wrong,
        named=len(named),
        groups_wrong=sum(groups.values()),
        groups=len(groups),
        sources=len({case.source for case in named}),
        by_item=intervals["items"],
        by_group=intervals["groups"],
        by_source=intervals["sources"],
        headline=there.get(widest),
        headline_of=widest,
        few=len(groups) < ENOUGH_GROUPS,
    )


def _by_source(named: Sequence[Case]) -> Interval | None:
    """The percentile bootstrap over sources, drawn with a stated seed; None for fewer than two sources."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for case in named:
        counts[case.source][0] += case.wrong
        counts[case.source][1] += 1
    if len(counts) < 2:
        return None
    table = np.array([counts[source] for source in sorted(counts)], dtype=np.int64)
    drawn = np.random.default_rng(_SEED).integers(0, len(table), size=(_RESAMPLES, len(table)))
    sums = np.zeros((_RESAMPLES, 2), dtype=np.int64)
    for column in drawn.T:
        sums += table[column]
    shares = sums[:, 0] / sums[:, 1]
    lower, upper = np.quantile(shares, [(1 - _CONFIDENCE) / 2, (1 + _CONFIDENCE) / 2])
    return Interval(lower=float(lower), upper=float(upper))
