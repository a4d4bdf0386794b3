"""Each stated criterion against what came out: PASS, FAIL, or NOT ENOUGH DATA, which is never a pass."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from headwater.export.validation_records import Criterion, Interval, Laundering, Leak, Outcome, Readers
from headwater.steps.validation.acceptance import Stated
from headwater.steps.validation.grades import NOT_GRADED
from headwater.steps.validation.rates import ENOUGH_GROUPS
from headwater.steps.validation.tables import Graded, rate_row

_WORST = (Outcome.FAIL, Outcome.NOT_ENOUGH, Outcome.PASS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """What criteria are held against. rated: by condition, the files that count in rates; spoofs: the original ones.

    every: by condition, all files.
    """

    rated: Mapping[str, Sequence[Graded]]
    every: Mapping[str, Sequence[Graded]]
    spoofs: Sequence[Graded]
    laundering: Sequence[Laundering]
    leaks: Sequence[Leak]
    readers: Readers


def verdict(criteria: Sequence[Criterion]) -> Outcome:
    """The worst of all; NOT STATED where none was."""
    return _worst([each.outcome for each in criteria]) if criteria else Outcome.NOT_STATED


def judge(stated: Stated, results: Results) -> Criterion:
    """Hold one criterion against the results."""
    outcome, found = _JUDGES[stated.measure](stated, results)
    return Criterion(name=stated.name, stated=stated.words, found=found, outcome=outcome)


def _worst(outcomes: Sequence[Outcome]) -> Outcome:
    return next((each for each in _WORST if each in outcomes), Outcome.NOT_ENOUGH)


def _wrong(stated: Stated, results: Results) -> tuple[Outcome, str]:
    outcomes, words = [], []
    for condition in stated.condition:
        for truth in stated.truth:
            cases = [
                each
                for each in results.rated[condition]
                if each.row.truth == truth and each.is_named and each.grade.strength in stated.strength
            ]
            rate = rate_row(cases, condition=condition).rate
            share = rate.wrong / rate.named if rate.named else 0.0
            outcomes.append(_held(share, rate.highest, stated.at_most, rate.groups))
            words.append(f"{truth} {condition} {rate.wrong} of {rate.named}{_upper(rate.highest)}")
    return _worst(outcomes), "; ".join(words)


def _undetermined(stated: Stated, results: Results) -> tuple[Outcome, str]:
    outcomes, words = [], []
    for condition in stated.condition:
        for truth in stated.truth:
            cases = [each for each in results.rated[condition] if each.row.truth == truth]
            row = rate_row(cases, condition=condition)
            share = row.undetermined / row.all if row.all else 0.0
            groups = len({each.row.group for each in cases})
            outcomes.append(_held(share, row.undetermined_interval, stated.at_most, groups))
            words.append(f"{truth} {condition} {row.undetermined} of {row.all}{_upper(row.undetermined_interval)}")
    return _worst(outcomes), "; ".join(words)


def _held(share: float, interval: Interval | None, limit: float, groups: int) -> Outcome:
    if share > limit:
        return Outcome.FAIL
    if interval is None or interval.upper > limit or groups < ENOUGH_GROUPS:
        return Outcome.NOT_ENOUGH
    return Outcome.PASS


def _upper(interval: Interval | None) -> str:
    return f" (up to {100 * interval.upper:.2f} %)" if interval else ""


def _laundering(stated: Stated, results: Results) -> tuple[Outcome, str]:
    rows = [each for each in results.laundering if each.condition in stated.condition]
    words = "; ".join(f"{each.condition} {each.newly_wrong} newly wrong of {each.files}" for each in rows)
    return _worst([each.outcome for each in rows]), words


def _spoofs(stated: Stated, results: Results) -> tuple[Outcome, str]:
    wrong = sum(each.is_wrong and each.grade.strength in stated.strength for each in results.spoofs)
    return _counted(wrong, stated, there=bool(results.spoofs)), f"{wrong} of {len(results.spoofs)} spoofs"


def _leaks(stated: Stated, results: Results) -> tuple[Outcome, str]:
    failed = [each.check for each in results.leaks if each.outcome is Outcome.FAIL]
    open_ones = any(each.outcome is Outcome.NOT_ENOUGH for each in results.leaks)
    return _counted(len(failed), stated, there=not open_ones), "; ".join(failed) or "none failed"


def _missed(stated: Stated, results: Results) -> tuple[Outcome, str]:
    missed = len(results.readers.missed)
    return _counted(missed, stated, there=bool(results.readers.expected)), f"{missed} of {results.readers.expected}"


def _surplus(stated: Stated, results: Results) -> tuple[Outcome, str]:
    surplus = len(results.readers.surplus)
    return _counted(surplus, stated, there=True), f"{surplus}"


def _not_graded(stated: Stated, results: Results) -> tuple[Outcome, str]:
    cases = [each for condition in stated.condition for each in results.every[condition]]
    lost = sum(each.grade.grade == NOT_GRADED for each in cases)
    return _counted(lost, stated, there=bool(cases)), f"{lost} of {len(cases)}"


def _counted(count: int, stated: Stated, *, there: bool) -> Outcome:
    if count > stated.at_most:
        return Outcome.FAIL
    return Outcome.PASS if there else Outcome.NOT_ENOUGH


_JUDGES: Mapping[str, Callable[[Stated, Results], tuple[Outcome, str]]] = {
    "wrong": _wrong,
    "undetermined": _undetermined,
    "laundering": _laundering,
    "spoofs": _spoofs,
    "leaks": _leaks,
    "readers_missed": _missed,
    "readers_surplus": _surplus,
    "not_graded": _not_graded,
}
