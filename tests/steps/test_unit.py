"""What the broker takes from a worker, which may be lying."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from headwater.examine.messages import Contents, Found, Result, Results
from headwater.model.errors import EvidenceError
from headwater.model.finding import Method, Seen, finding_id
from headwater.model.item import Entry
from headwater.model.locator import Layer, Locator, item_id
from headwater.steps.unit import Examination, ListedItem, UnitJob

SHA = "ab" * 32
METHOD = Method(examiner="picture", version="1", code_digest="c" * 64, settings_digest="d" * 64)
SEEN = Seen(claim="picture.width_pixels", value="640")
CONTENTS = Contents(SHA, "0" * 32, "0" * 40, 3, "image/png", None, ())
TOOL = {"tool_version": "1", "tool_digest": "e" * 64, "library_versions": "{}"} | dict.fromkeys(
    ("trust_list_digest", "calibration_digest")
)
PLACE = Locator(layers=(Layer(kind="folder", name=b"hill.png"),))


@pytest.fixture
def job():
    listed = ListedItem(item=item_id("T-1", "disk", PLACE), locator=str(PLACE), kind="file", size_bytes=3)
    shared = Examination(
        exhibit="T-1",
        source=SimpleNamespace(source="disk"),
        folder=None,
        store=None,
        seen=None,
        settings=None,
        methods={"picture": METHOD},
        tool=TOOL,
        tally=SimpleNamespace(item=lambda path, size_bytes, *, failed: None),
    )
    job = UnitJob(examination=shared, unit="u", start=0, items=[listed])
    job.paths[listed.item] = "hill.png"
    return job


def result(found, *, item=None, entry=None, parent=""):
    return Results((Result(item or item_id("T-1", "disk", PLACE), parent, entry, CONTENTS, (found,), ()),))


TRUE = Found(finding_id(SHA, METHOD, SEEN), "picture", SEEN)


def test_a_true_result_becomes_rows(job):
    assert job.message(None, result(TRUE)) is False
    tables = job.rows.tables()
    assert tables["findings"]["finding"].to_pylist() == [TRUE.finding]
    assert tables["contents"]["sha256"].to_pylist() == [SHA]


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (result(Found(TRUE.finding, "picture", replace(SEEN, value="641"))), "whose id is not its own"),
        (result(Found("0" * 64, "picture", SEEN)), "whose id is not its own"),
        (result(Found(TRUE.finding, "nobody", SEEN)), "no examiner is called"),
        (result(TRUE, item="f" * 32), "not of this unit"),
        (result(TRUE, entry=Entry(locator=PLACE), parent="f" * 32), "not of this unit"),
    ],
)
def test_a_result_that_does_not_fit_is_refused(job, message, words):
    with pytest.raises(EvidenceError, match=words):
        job.message(None, message)
