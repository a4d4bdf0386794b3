"""Methods whose finding raises a level only where their false findings are measured here: watermark and sensor.

Only camera pictures that count in rates are looked at, as they are: each watermark read in one is false, and so is each
pattern found in a picture of another body. A pattern's name must be the `source` of its body.
"""

import json
from collections.abc import Iterator, Mapping, Sequence

from headwater.export.validation_records import Detector, Outcome
from headwater.steps.validation.manifest import Row
from headwater.steps.validation.observe import Observed
from headwater.steps.validation.rates import ENOUGH_GROUPS, Case, rate

WATERMARK, SENSOR = "watermark", "sensor"
_LIMITS = {WATERMARK: 0.001, SENSOR: 0.01}
_WORDS = {
    WATERMARK: "camera pictures in which the message of a generator's watermark was read",
    SENSOR: "comparisons of a camera picture with the pattern of another body that were over the threshold",
}
_READ = "watermark.dwtdct"


def detectors(rows: Sequence[Row], seen: Mapping[int, Observed], chosen: frozenset[str]) -> list[Detector]:
    """One line for each of the two. chosen: the examiners that ran; what did not run is not measured."""
    there = [(row, seen[row.line]) for row in rows if row.is_rated and row.truth == "camera" and row.line in seen]
    cases = {
        WATERMARK: [_case(row, is_false=_reads(one)) for row, one in there if one.width_pixels and WATERMARK in chosen],
        SENSOR: [_case(row, is_false=false) for row, one in there for false in _others(row, one)],
    }
    return [_detector(name, cases[name]) for name in (WATERMARK, SENSOR)]


def _case(row: Row, *, is_false: bool) -> Case:
    return Case(group=row.group, source=row.source, named=True, wrong=is_false)


def _reads(seen: Observed) -> bool:
    return any(claim == _READ for claim, _ in seen.claims)


def _others(row: Row, seen: Observed) -> Iterator[bool]:
    """Of each comparison with a pattern of another body: whether it was over the threshold."""
    for value, is_over in seen.compared:
        if json.loads(value).get("camera") != row.source:
            yield is_over


def _detector(name: str, cases: Sequence[Case]) -> Detector:
    found = rate(cases)
    limit = _LIMITS[name]
    outcome = Outcome.NOT_ENOUGH
    if found.named and found.wrong / found.named > limit:
        outcome = Outcome.FAIL
    elif found.highest and found.highest.upper <= limit and found.groups >= ENOUGH_GROUPS:
        outcome = Outcome.PASS
    return Detector(
        name=name,
        words=_WORDS[name],
        looked=found.named,
        false=found.wrong,
        groups=found.groups,
        interval=found.highest,
        limit=limit,
        outcome=outcome,
    )
