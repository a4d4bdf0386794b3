"""Marks expected beside marks read: every miss and every surplus is listed."""

import json

import pytest

from headwater.steps.validation.grades import NONE
from headwater.steps.validation.observe import Observed
from headwater.steps.validation.readers import marks_read, readers


def seen(*claims):
    return Observed(
        sha256="", size_bytes=1, media_type="", width_pixels=0, height_pixels=0, pdq="", grade=NONE, claims=claims
    )


@pytest.mark.parametrize(
    ("claim", "value", "marks"),
    [
        ("generator.record", {"generator": "a1111", "carrier": "PNG tEXt parameters"}, {"a1111"}),
        ("generator.record", {"generator": "a1111", "carrier": "alpha LSB stealth_pngcomp"}, {"a1111", "stealth"}),
        ("c2pa.state", {"state": "invalid"}, {"c2pa"}),
        ("c2pa.remote", {"url": "http://lighthouse.example/1.c2pa"}, {"c2pa"}),
        ("declared.tc260", {"carrier": "XMP", "label": "1"}, {"tc260"}),
        ("declared.source_type", {"term": "trainedAlgorithmicMedia"}, {"iptc:trainedalgorithmicmedia"}),
        ("declared.vendor", {"vendor": "samsung", "kind": "trailer"}, {"samsung"}),
        ("declared.screen", {"what": "screenshot"}, {"screenshot"}),
        ("declared.screen", {"what": "game render"}, {"game_render"}),
        ("watermark.dwtdct", {"payload": "SDXL"}, {"dwtdct"}),
        ("png.text", {"keyword": "parameters"}, set()),
    ],
)
def test_which_claim_is_which_mark(claim, value, marks):
    assert marks_read([(claim, json.dumps(value))]) == marks


def test_a_value_that_is_no_object_is_no_mark():
    assert marks_read([("generator.record", "["), ("generator.record", "[]"), ("generator.record", "{}")]) == set()


def test_misses_and_surpluses_are_listed_and_counted(make_row):
    rows = [make_row(2, marks=("a1111", "c2pa")), make_row(3), make_row(4, marks=("grok",), truth_basis="fixture")]
    record = ("generator.record", '{"generator":"a1111"}')
    found = readers(rows, {2: seen(record), 3: seen(record)})
    assert (found.expected, found.read) == (3, 1)
    assert [(case.path, case.mark) for case in found.missed] == [("2.png", "c2pa"), ("4.png", "grok")]
    assert [(case.path, case.mark) for case in found.surplus] == [("3.png", "a1111")]
    assert [(one.mark, one.expected, one.read, one.missed, one.surplus) for one in found.by_mark] == [
        ("a1111", 1, 1, 0, 1), ("c2pa", 1, 0, 1, 0), ("grok", 1, 0, 1, 0),
    ]  # fmt: skip
