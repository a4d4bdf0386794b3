"""Exact intervals of a rate."""

from collections.abc import Callable
from math import comb

_HALVINGS = 60


def clopper_pearson(wrong: int, trials: int, level: float = 0.95) -> tuple[float, float]:
    """Give the exact two-sided interval of a binomial rate (C. J. Clopper, E. S. Pearson, Biometrika 26, 1934).

    No trials give 0 to 1: nothing is known then.
    """
    tail = (1 - level) / 2
    if not trials:
        return 0.0, 1.0
    low = 0.0 if not wrong else _solved(lambda rate: 1 - _at_most(wrong - 1, trials, rate) < tail)
    high = 1.0 if wrong == trials else _solved(lambda rate: _at_most(wrong, trials, rate) > tail)
    return low, high


def _at_most(most: int, trials: int, rate: float) -> float:
    return sum(comb(trials, each) * rate**each * (1 - rate) ** (trials - each) for each in range(most + 1))


def _solved(is_below: Callable[[float], bool]) -> float:
    """The rate up to which `is_below` holds."""
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if is_below(middle) else (low, middle)
    return low
