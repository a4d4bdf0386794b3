"""Intervals against published figures; which of three is the headline; what a group and a source change."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.steps.validation.rates import Case, exact, items_needed, rate


@pytest.mark.parametrize(
    ("wrong", "total", "lower", "upper"),
    [
        (0, 10, 0, 30.85),
        (0, 80, 0, 4.51),
        (0, 300, 0, 1.22),
        (0, 1000, 0, 0.37),
        (1, 100, 0.03, 5.45),
        (5, 100, 1.64, 11.28),
        (10, 10, 69.15, 100),
    ],
)
def test_exact_intervals_are_the_published_ones(wrong, total, lower, upper):
    found = exact(wrong, total)
    assert (round(100 * found.lower, 2), round(100 * found.upper, 2)) == (lower, upper)


def test_there_is_no_interval_of_nothing():
    assert exact(0, 0) is None


def test_how_many_files_without_an_error_a_statement_needs():
    assert items_needed() == [(0.05, 72, 59), (0.01, 368, 299), (0.001, 3688, 2995)]
    for limit, two_sided, _ in items_needed():
        assert exact(0, two_sided).upper < limit < exact(0, two_sided - 1).upper


@given(st.integers(0, 200), st.integers(1, 200))
def test_an_exact_interval_holds_the_share_and_stays_in_bounds(wrong, total):
    wrong = min(wrong, total)
    found = exact(wrong, total)
    assert 0 <= found.lower <= wrong / total <= found.upper <= 1


def cases(groups, sources=None, *, wrong=(), each=1):
    return [
        Case(group=f"g{number}", source=f"s{number % (sources or groups)}", named=True, wrong=number in wrong)
        for number in range(groups)
        for _ in range(each)
    ]


def test_frames_of_one_scene_are_one_group():
    found = rate(cases(3, each=100, wrong={1}))
    assert (found.wrong, found.named, found.groups_wrong, found.groups) == (100, 300, 1, 3)
    assert found.by_group.width > found.by_item.width
    assert found.headline.width >= found.by_group.width
    assert found.few


def test_the_widest_interval_is_the_headline_and_is_named():
    found = rate(cases(40, sources=2, wrong={0, 2, 4, 6}))
    intervals = {"items": found.by_item, "groups": found.by_group, "sources": found.by_source}
    assert found.headline == max(intervals.values(), key=lambda each: each.width)
    assert intervals[found.headline_of] == found.headline
    assert not found.few


def test_a_limit_is_held_against_the_interval_that_reaches_highest_not_the_widest():
    """One scene of 100 frames goes wrong and 19 scenes of a few do not: half of the files are wrong."""
    frames = [Case(group="scene", source="one", named=True, wrong=True)] * 100
    others = [Case(group=f"g{number % 19}", source="one", named=True, wrong=False) for number in range(100)]
    found = rate([*frames, *others])
    assert found.headline_of == "groups"
    assert found.headline.upper < 0.3
    assert found.highest == found.by_item
    assert found.highest.upper > 0.5


def test_undetermined_is_neither_right_nor_wrong():
    named = cases(5)
    unnamed = [Case(group="x", source="y", named=False, wrong=False)] * 95
    assert rate(named + unnamed) == rate(named)


def test_a_single_source_is_not_resampled_and_two_give_the_same_every_time():
    assert rate(cases(9, sources=1)).by_source is None
    assert rate(cases(9, sources=3, wrong={0})) == rate(cases(9, sources=3, wrong={0}))


def test_the_order_of_files_does_not_matter():
    given_order = cases(20, sources=4, wrong={1, 7})
    assert rate(given_order) == rate(given_order[::-1])


def test_nothing_named_gives_no_rate():
    found = rate([])
    assert found.headline is None
    assert found.headline_of == ""
