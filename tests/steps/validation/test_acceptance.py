"""Criteria: read with every fault, and never passed for want of data."""

from dataclasses import replace

import pytest

from headwater.export.validation_records import Leak, Outcome, Readers
from headwater.model.errors import WrongUse
from headwater.steps.validation.acceptance import Stated, read_acceptance
from headwater.steps.validation.criteria import Results, judge, verdict
from headwater.steps.validation.tables import laundering

NO_MARKS = Readers(expected=0, read=0, missed=(), surplus=(), by_mark=())
EMPTY = Results(rated={"original": ()}, every={"original": ()}, spoofs=(), laundering=(), leaks=(), readers=NO_MARKS)


def written(folder, text):
    (folder / "acceptance.toml").write_text(text)
    return read_acceptance(folder)


def test_without_the_file_nothing_is_stated(tmp_path):
    found = read_acceptance(tmp_path)
    assert (found.criteria, found.digest) == ((), "")
    assert verdict([]) is Outcome.NOT_STATED


def test_criteria_are_read_with_their_defaults(tmp_path):
    text = '[[criterion]]\nmeasure = "wrong"\nat_most = 0.01\nstrength = ["corroborated", "verified"]\n'
    found = written(tmp_path, text)
    (stated,) = found.criteria
    assert stated.strength == ("verified", "corroborated")
    assert stated.condition == ("original",)
    assert stated.words == "wrong, camera and generated and edited, verified or corroborated, original: at most 1 %"
    assert len(found.digest) == 64


def test_every_fault_is_told_at_once(tmp_path):
    text = '[[criterion]]\nmeasure = "beauty"\nat_most = -1\ntruth = ["painted"]\ncolour = 1\n[[criterion]]\n'
    with pytest.raises(WrongUse) as caught:
        written(tmp_path, text)
    told = "\n".join(caught.value.problems)
    for words in ("measure may be", "at_most must be", "truth must be", "colour", "criterion 2: measure"):
        assert words in told


@pytest.mark.parametrize("text", ["", "criterion = 1", "x = [", "[[criterion]]\nmeasure='wrong'\nat_most=2"])
def test_a_file_that_states_nothing_is_refused(tmp_path, text):
    with pytest.raises(WrongUse):
        written(tmp_path, text)


def many(make, count, **said):
    return [make(line, **said) for line in range(2, 2 + count)]


def outcome(results, **said):
    stated = {"name": "c", "measure": "wrong", "at_most": 0.05, "truth": ("camera",), "strength": ("verified",)}
    return judge(Stated(**(stated | said)), results).outcome


def test_enough_files_without_an_error_pass(make_graded):
    cases = many(make_graded, 80, grade="camera", strength="verified")
    assert outcome(replace(EMPTY, rated={"original": cases})) is Outcome.PASS


def test_too_few_files_without_an_error_do_not(make_graded):
    cases = many(make_graded, 40, grade="camera", strength="verified")
    assert outcome(replace(EMPTY, rated={"original": cases})) is Outcome.NOT_ENOUGH
    assert outcome(EMPTY) is Outcome.NOT_ENOUGH


def test_many_files_of_few_groups_do_not(make_graded):
    cases = many(make_graded, 400, grade="camera", strength="verified", group="one scene")
    assert outcome(replace(EMPTY, rated={"original": cases})) is Outcome.NOT_ENOUGH


def test_more_errors_than_stated_fail_and_those_at_other_strengths_do_not_count(make_graded):
    cases = many(make_graded, 90, grade="camera", strength="verified")
    wrong = [make_graded(line, grade="generated", strength="verified") for line in range(100, 110)]
    assert outcome(replace(EMPTY, rated={"original": cases + wrong})) is Outcome.FAIL
    others = [make_graded(line, grade="generated", strength="declared") for line in range(100, 110)]
    assert outcome(replace(EMPTY, rated={"original": cases + others})) is Outcome.PASS


def test_spoofs_on_the_wrong_side(make_graded):
    spoof = make_graded(grade="generated", strength="declared", truth_basis="spoof")
    results = replace(EMPTY, spoofs=[spoof])
    assert outcome(results, measure="spoofs", at_most=0) is Outcome.PASS
    assert outcome(results, measure="spoofs", at_most=0, strength=("declared",)) is Outcome.FAIL
    assert outcome(EMPTY, measure="spoofs", at_most=0) is Outcome.NOT_ENOUGH


def test_a_leak_that_failed_and_one_that_could_not_be_looked_for():
    leak = Leak(check="same group", outcome=Outcome.FAIL, words="", count=1, pairs=())
    for found, expected in [
        (Outcome.FAIL, Outcome.FAIL),
        (Outcome.NOT_ENOUGH, Outcome.NOT_ENOUGH),
        (Outcome.NOT_APPLICABLE, Outcome.PASS),
    ]:
        results = replace(EMPTY, leaks=[replace(leak, outcome=found)])
        assert outcome(results, measure="leaks", at_most=0) is expected


def test_undetermined_readers_and_lost_files_can_be_limited(make_graded):
    cases = many(make_graded, 40)
    results = replace(EMPTY, rated={"original": cases}, every={"original": cases})
    assert outcome(results, measure="undetermined", at_most=0.5) is Outcome.FAIL
    assert outcome(results, measure="undetermined", at_most=1) is Outcome.PASS
    assert outcome(results, measure="not_graded", at_most=0) is Outcome.PASS
    assert outcome(EMPTY, measure="readers_missed", at_most=0) is Outcome.NOT_ENOUGH
    assert outcome(replace(EMPTY, readers=replace(NO_MARKS, expected=3)), measure="readers_missed", at_most=0) is (
        Outcome.PASS
    )
    assert outcome(EMPTY, measure="readers_surplus", at_most=0) is Outcome.PASS


def test_laundering_may_lose_grades_but_not_turn_them(make_graded):
    before = many(make_graded, 100, grade="camera", strength="declared")
    lost = many(make_graded, 100, condition="stripped")
    turned = [*lost[:-20], *(make_graded(line, grade="edited", strength="declared") for line in range(82, 102))]
    stated = {"measure": "laundering", "at_most": 0.05, "condition": ("stripped",)}
    for cases, expected in [(lost, Outcome.PASS), (turned, Outcome.FAIL), (lost[:20], Outcome.NOT_ENOUGH)]:
        results = replace(EMPTY, laundering=[laundering(before, cases, "stripped", 0.05)])
        assert outcome(results, **stated) is expected
    assert laundering(before, turned, "stripped", None).outcome is Outcome.NOT_STATED
    assert laundering(before, turned, "stripped", None).newly_wrong == 20


def test_the_worst_is_the_verdict(make_graded):
    good = judge(Stated(name="c", measure="readers_surplus", at_most=0), EMPTY)
    open_one = judge(Stated(name="c", measure="spoofs", at_most=0), EMPTY)
    assert verdict([good]) is Outcome.PASS
    assert verdict([good, open_one]) is Outcome.NOT_ENOUGH
    assert verdict([open_one, replace(good, outcome=Outcome.FAIL)]) is Outcome.FAIL
