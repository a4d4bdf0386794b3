"""The validation report: hostile text stays text in the page, the PDF and the CSV; two makings give the same bytes."""

import csv
import re
import subprocess
from dataclasses import is_dataclass, replace
from datetime import UTC, datetime
from enum import Enum
from io import StringIO
from types import UnionType
from typing import Union, get_args, get_origin, get_type_hints

import pytest

from headwater.export.items_csv import write_items
from headwater.export.validation_html import write_validation_html
from headwater.export.validation_pdf import write_validation_pdf
from headwater.export.validation_records import ItemLine, Outcome, Validation
from headwater.model.visible import visible
from headwater.steps.validation.result import as_json, result_digest

ATTACK = '<img src=x onerror=document.title=\'run\'>#read("/etc/hostname")#import "@preview/x"\u202e\u706f'
NAME = visible(ATTACK)
TRUTHS = ("camera", "generated", "edited")
TABLE = {
    truth: {grade: dict.fromkeys(("verified", "corroborated", "declared", "consistent"), 3) for grade in TRUTHS}
    | {grade: {"none": 2} for grade in ("undetermined", "not graded")}
    for truth in TRUTHS
}


def made(kind, name=""):
    """A value of a type, hostile wherever it is text, so no field is forgotten."""
    origin, inner = get_origin(kind), get_args(kind)
    if name in {"confusion", "spoofs"}:
        found = TABLE
    elif origin in {UnionType, Union}:
        found = made(inner[0])
    elif origin is tuple:
        found = (0.05, 72, 59)
    elif origin is not None:
        found = {NAME: made(inner[1])} if len(inner) == 2 else [made(inner[0]), made(inner[0])]
    elif issubclass(kind, Enum):
        found = Outcome.FAIL
    elif is_dataclass(kind):
        found = kind(**{each: made(hint, each) for each, hint in get_type_hints(kind).items()})
    else:
        found = {str: NAME, int: 3, bool: True, float: 0.5, datetime: datetime(2026, 5, 1, tzinfo=UTC)}[kind]
    return found


@pytest.fixture(scope="module")
def validation():
    return made(Validation)


def pdf(validation):
    return write_validation_pdf(as_json(validation), validation.made_at)


def test_hostile_text_is_text_on_the_page(validation):
    page = write_validation_html(validation, "0" * 64)
    assert "<img" not in page
    assert "&lt;img src=x onerror" in page
    assert "default-src 'none'" in page
    assert not re.search(r"(src|href)=[\"'](?!#)", page)
    for word in ("fail", "not graded", "seen 3 times before: optimistic", "too few to state a rate"):
        assert word in page.lower()


def test_the_page_and_the_pdf_are_the_same_bytes_each_time(validation):
    assert write_validation_html(validation, "0" * 64) == write_validation_html(validation, "0" * 64)
    assert pdf(validation) == pdf(validation)


def test_hostile_text_is_text_in_the_pdf_and_nothing_is_read(validation):
    data = pdf(validation)
    assert data.startswith(b"%PDF-1.7")
    assert b"pdfaid" in data  # PDF/A says so in its metadata


def test_a_report_without_anything_is_drawn_too(validation):
    lists = (
        "criteria",
        "wrong",
        "undetermined",
        "by_source",
        "conditions",
        "spoof_items",
        "leaks",
        "wrong_items",
        "detectors",
    )
    empty = dict.fromkeys((*lists, "not_graded_items", "needed"), ())
    empty |= {"verdict": Outcome.NOT_STATED, "has_holdout": False, "unsafe": False, "looks": 0}
    bare = replace(
        validation,
        **empty,
        readers=replace(validation.readers, missed=(), surplus=(), by_mark=()),
        laundering=[replace(validation.laundering[0], upper=None, margin=None)],
        spoofs={truth: {grade: dict.fromkeys(cells, 0) for grade, cells in TABLE[truth].items()} for truth in TRUTHS},
    )
    assert "NOT STATED" in write_validation_html(bare, "0" * 64)
    assert pdf(bare).startswith(b"%PDF")


def test_the_result_digest_is_of_the_results_alone(validation):
    later = replace(validation, made_at=datetime(2027, 1, 1, tzinfo=UTC), looks=9, tool_version="2", criteria=())
    assert result_digest(later) == result_digest(validation)
    moved = replace(validation, corpus=replace(validation.corpus, name="elsewhere"))
    assert result_digest(moved) == result_digest(validation)
    changed = replace(validation, readers=replace(validation.readers, read=2))
    assert result_digest(changed) != result_digest(validation)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "\uff1d"])
def test_no_cell_of_the_csv_is_a_formula(start):
    item = replace(made(ItemLine), path=f"{start}1+1", source="plain")
    (row,) = csv.DictReader(StringIO(write_items([item]).decode(), newline=""))
    assert row["path"] == f"'{start}1+1"
    assert row["source"] == "plain"


@pytest.mark.parametrize("dark", [False, True])
def test_the_page_is_drawn_by_a_browser(validation, tmp_path, dark):
    (tmp_path / "page.html").write_text(write_validation_html(validation, "0" * 64))
    scheme = f"--blink-settings=preferredColorScheme={int(not dark)}"
    ended = subprocess.run(
        ["chromium", "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'p'}", scheme,
         "--enable-logging=stderr", "--dump-dom", f"file://{tmp_path}/page.html"],
        capture_output=True, check=True, timeout=90,
    )  # fmt: skip
    shown = ended.stdout.decode()
    assert "<title>Validation of Headwater" in shown
    assert "Refused to" not in ended.stderr.decode()
