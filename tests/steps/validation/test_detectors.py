"""Methods that may raise a level: their false findings are counted on camera pictures; few pictures are not enough."""

import json

import pytest

from headwater.export.validation_records import Outcome
from headwater.steps.validation.detectors import detectors
from headwater.steps.validation.grades import NONE
from headwater.steps.validation.observe import Observed

CHOSEN = frozenset({"watermark", "sensor"})


def seen(*, marked=False, compared=()):
    return Observed(
        sha256="", size_bytes=1, media_type="image/png", width_pixels=8, height_pixels=8, pdq="", grade=NONE,
        claims=(("watermark.dwtdct", "{}"),) if marked else (),
        compared=[(json.dumps({"camera": camera, "pce": 9.0}), is_over) for camera, is_over in compared],
    )  # fmt: skip


def of(name, rows, observed, chosen=CHOSEN):
    (found,) = [each for each in detectors(rows, observed, chosen) if each.name == name]
    return found


@pytest.mark.parametrize(("count", "outcome"), [(4000, Outcome.PASS), (3000, Outcome.NOT_ENOUGH)])
def test_a_watermark_needs_thousands_of_camera_pictures(make_row, count, outcome):
    rows = [make_row(line) for line in range(2, 2 + count)]
    found = of("watermark", rows, {row.line: seen() for row in rows})
    assert (found.looked, found.false, found.outcome) == (count, 0, outcome)


def test_one_read_in_a_camera_picture_is_false(make_row):
    rows = [make_row(2), make_row(3), make_row(4, truth="generated")]
    found = of("watermark", rows, {2: seen(marked=True), 3: seen(), 4: seen(marked=True)})
    assert (found.looked, found.false, found.outcome) == (2, 1, Outcome.FAIL)
    assert of("watermark", rows, {2: seen(marked=True)}, chosen=frozenset()).looked == 0


def test_a_pattern_found_in_a_picture_of_another_body_is_false(make_row):
    rows = [make_row(line, source="N-1 a") for line in range(2, 402)]
    own = {row.line: seen(compared=[("N-1 a", True), ("N-1 b", False)]) for row in rows}
    found = of("sensor", rows, own)
    assert (found.looked, found.false, found.groups, found.outcome) == (400, 0, 400, Outcome.PASS)
    over = own | {row.line: seen(compared=[("N-1 b", True)]) for row in rows[:20]}
    assert of("sensor", rows, over).outcome is Outcome.FAIL
    assert of("sensor", rows[:80], own).outcome is Outcome.NOT_ENOUGH
