"""Leak checks: each can fail, and says the pairs."""

import numpy as np
import pytest

from headwater.export.validation_records import Outcome
from headwater.steps.validation.grades import NONE
from headwater.steps.validation.leaks import auc, leaks
from headwater.steps.validation.observe import Observed


def seen(line, *, pdq="", width=100, height=80, size=5000, media_type="image/jpeg"):
    return Observed(
        sha256=f"{line:064x}", size_bytes=size, media_type=media_type, width_pixels=width, height_pixels=height,
        pdq=pdq, grade=NONE,
    )  # fmt: skip


def check(found, begin):
    (one,) = [leak for leak in found if leak.check.startswith(begin)]
    return one


def test_without_splits_the_checks_across_them_do_not_apply(make_row):
    found = leaks([make_row()], {}, [], [], [])
    assert [leak.outcome for leak in found[:4]] == [Outcome.NOT_APPLICABLE] * 4


def test_what_stands_in_both_splits_is_named(make_row):
    rows = [
        make_row(2, split="dev", path="a.png", group="scene"),
        make_row(3, split="holdout", path="b.png", group="scene", source="t"),
        make_row(4, split="holdout", path="c.png", sha256=f"{2:064x}", source="u"),
    ]
    found = leaks(rows, {}, [], [], [])
    assert check(found, "same SHA-256").pairs == [f"a.png and c.png: {2:064x}"]
    assert check(found, "same group").pairs == ["a.png and b.png: scene"]
    assert check(found, "same group").outcome is Outcome.FAIL
    assert check(found, "same source").outcome is Outcome.PASS


@pytest.mark.parametrize(("bits", "outcome"), [(31, Outcome.FAIL), (32, Outcome.PASS)])
def test_near_pictures_across_splits(make_row, bits, outcome):
    rows = [make_row(2, split="dev"), make_row(3, split="holdout", source="t")]
    other = f"{(1 << bits) - 1:064x}"
    found = leaks(rows, {2: seen(2, pdq="0" * 64), 3: seen(3, pdq=other)}, [], [], [])
    assert check(found, "PDQ").outcome is outcome


def test_another_grade_under_another_name_is_a_leak(make_graded):
    before = [make_graded(2, grade="camera", strength="declared")]
    assert check(leaks([], {}, before, before, []), "grades").outcome is Outcome.PASS
    found = check(leaks([], {}, before, [make_graded(2)], []), "grades")
    assert (found.outcome, found.pairs) == (Outcome.FAIL, ["2.png: camera, then undetermined"])


def test_a_file_that_a_pattern_was_learned_from_is_a_leak(make_row):
    rows = [make_row(2), make_row(3)]
    assert check(leaks(rows, {}, [], [], []), "no file that").outcome is Outcome.NOT_APPLICABLE
    assert check(leaks(rows, {}, [], [], [], frozenset({"0" * 64})), "no file that").outcome is Outcome.PASS
    found = check(leaks(rows, {}, [], [], [], frozenset({rows[1].sha256})), "no file that")
    assert (found.outcome, found.count) == (Outcome.FAIL, 1)


def test_re_encoding_may_lose_a_class_but_not_change_it(make_graded):
    before = [make_graded(2, grade="camera", strength="declared")]
    assert check(leaks([], {}, before, [], [make_graded(2)]), "re-encoding").outcome is Outcome.PASS
    turned = [make_graded(2, grade="generated", strength="declared")]
    assert check(leaks([], {}, before, [], turned), "re-encoding").outcome is Outcome.FAIL


def test_a_corpus_whose_classes_differ_in_size_fails(make_row):
    rows = [make_row(line, truth="camera" if line % 2 else "generated") for line in range(2, 42)]
    sizes = {row.line: seen(row.line, width=4000 if row.line % 2 else 1024) for row in rows}
    assert check(leaks(rows, sizes, [], [], []), "width").outcome is Outcome.FAIL
    few = check(leaks(rows[:8], sizes, [], [], []), "width")
    assert few.outcome is Outcome.NOT_ENOUGH


def test_a_corpus_whose_classes_are_alike_passes(make_row):
    rng = np.random.default_rng(3)
    rows = [make_row(line, truth="camera" if line % 2 else "generated") for line in range(2, 402)]
    sizes = {
        row.line: seen(row.line, width=int(rng.integers(500, 4000)), size=int(rng.integers(1, 1e6))) for row in rows
    }
    assert check(leaks(rows, sizes, [], [], []), "width").outcome is Outcome.PASS


def test_the_area_counts_ties_half():
    truth = np.array([True, True, False, False])
    assert auc(np.array([1.0, 0.9, 0.1, 0.2]), truth) == 1
    assert auc(np.ones(4), truth) == 0.5
    assert auc(np.array([0.0, 0.5, 0.5, 1.0]), truth) == 0.125
