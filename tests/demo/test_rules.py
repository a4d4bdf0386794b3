"""The rule table over all its 500 rows: the counts are those that the design enumerated by other code."""

from collections import Counter
from itertools import product

import pytest

from headwater.demo.answers.rules import beats, weigh

ROWS = [*product(range(5), range(5), range(5), range(2), range(2))]


def test_each_row_ends_in_one_grade():
    grades = Counter(weigh(*row).grade for row in ROWS)
    assert grades == {"undetermined": 259, "edited": 114, "generated": 96, "camera": 31}


def test_each_row_is_decided_by_one_rule():
    rules = Counter(weigh(*row).rule for row in ROWS)
    assert rules == {"T2": 12, "T3": 6, "T4": 156, "T5": 116, "T6": 36, "T7": 3, "T8": 2, "T9": 22, "T10": 18,
                     "T11": 80, "T12": 49}  # fmt: skip


def test_the_strength_is_the_winners_own():
    for g, e, c, k, f in ROWS:
        verdict = weigh(g, e, c, k, f)
        assert verdict.level in {0, g, e, c}
        assert (verdict.level == 0) == (verdict.grade == "undetermined") == (verdict.strength == "")


@pytest.mark.parametrize(
    ("numbers", "rule", "grade", "strength"),
    [
        ((4, 0, 0, 0, 0), "T4", "generated", "verified"),
        ((2, 0, 2, 0, 0), "T11", "undetermined", ""),
        ((3, 0, 0, 0, 0), "T4", "generated", "corroborated"),
        ((0, 2, 3, 0, 0), "T6", "edited", "declared"),
        ((0, 0, 0, 0, 0), "T2", "undetermined", ""),
        ((2, 2, 0, 0, 0), "T5", "undetermined", ""),
        ((0, 0, 1, 1, 0), "T2", "undetermined", ""),
        ((0, 0, 2, 0, 0), "T3", "camera", "declared"),
        ((2, 0, 4, 0, 0), "T9", "camera", "verified"),
        ((2, 0, 0, 0, 1), "T12", "undetermined", ""),
    ],
)
def test_worked_cases(numbers, rule, grade, strength):
    verdict = weigh(*numbers)
    assert (verdict.rule, verdict.grade, verdict.strength) == (rule, grade, strength)


def test_what_outweighs_what():
    assert [(a, b) for a, b in product(range(5), range(5)) if beats(a, b)] == [
        (1, 0), (2, 0), (2, 1), (3, 0), (3, 1), (4, 0), (4, 1), (4, 2),
    ]  # fmt: skip
