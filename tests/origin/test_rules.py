"""The decision table over all its 500 rows, against a sealed copy of them; and what must hold of any such table."""

import json
from collections import Counter
from hashlib import sha256
from itertools import product
from pathlib import Path

import pytest

from headwater.origin.rules import STRENGTHS, TABLE, Numbers, beats, decide

ROWS = [*product(range(5), range(5), range(5), range(2), range(2))]
SEALED = Path(__file__).with_name("table.json")
SEAL = "6f690d91d7e072a522c0ba8c73a21dece46a06bf7df69ac7891dfbec18e6c650"


def decided(g, e, c, k, f):
    return decide(Numbers(g=g, e=e, c=c, k=k, f=f))


def test_every_row_is_as_it_was_sealed():
    """A change here is a change of the method: the file, its seal and the changelog change with it."""
    assert sha256(SEALED.read_bytes()).hexdigest() == SEAL
    sealed = json.loads(SEALED.read_text())
    assert len(sealed) == len(ROWS)
    for row in ROWS:
        verdict = decided(*row)
        assert [verdict.rule.id, verdict.grade, verdict.strength] == sealed["".join(map(str, row))]


def test_the_counts_are_those_of_the_method():
    verdicts = [decided(*row) for row in ROWS]
    grades = Counter(one.grade for one in verdicts)
    assert grades == {"undetermined": 259, "edited": 114, "generated": 96, "camera": 31}
    assert Counter(one.rule.id for one in verdicts) == {
        "T2": 12, "T3": 6, "T4": 156, "T5": 116, "T6": 36, "T7": 3, "T8": 2, "T9": 22, "T10": 18, "T11": 80, "T12": 49,
    }  # fmt: skip


def test_the_strength_is_the_winners_own_level():
    for row in ROWS:
        g, e, c, _, _ = row
        verdict = decided(*row)
        own = {"generated": g, "edited": e, "camera": c, "undetermined": 0}[verdict.grade]
        assert (verdict.level, verdict.strength) == (own, STRENGTHS[own])


def test_more_for_a_named_class_never_flips_or_silences_it():
    for g, e, c, k, f in ROWS:
        grade = decided(g, e, c, k, f).grade
        more = {
            "generated": (min(g + 1, 4), e, c, k, f),
            "edited": (g, min(e + 1, 4), c, k, f),
            "camera": (g, e, min(c + 1, 4), k, f),
        }.get(grade)
        assert more is None or decided(*more).grade == grade


@pytest.mark.parametrize("side", range(3))
def test_more_for_another_class_never_strengthens(side):
    for row in ROWS:
        before = decided(*row)
        names = ("generated", "edited", "camera")
        if before.grade not in {names[side], "undetermined"} and row[side] < 4:
            after = decided(*(number + (place == side) for place, number in enumerate(row)))
            assert after.grade != before.grade or after.level <= before.level


def test_every_row_of_the_table_decides_something():
    assert {id(decided(*row).rule) for row in ROWS} >= {id(row) for row in TABLE}


def test_what_outweighs_what():
    assert [(a, b) for a, b in product(range(5), range(5)) if beats(a, b)] == [
        (1, 0), (2, 0), (2, 1), (3, 0), (3, 1), (4, 0), (4, 1), (4, 2),
    ]  # fmt: skip
