"""The tables of a validation: confusion, rates by class, strength, source and condition, and the lists behind them."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from headwater.export.validation_records import (
    Condition,
    Confusion,
    ItemLine,
    Laundering,
    NotMade,
    Outcome,
    RateRow,
)
from headwater.model.visible import visible
from headwater.steps.validation.grades import (
    GRADES,
    NO_STRENGTH,
    NONE,
    NOT_GRADED,
    STRENGTHS,
    UNDETERMINED,
    Grade,
)
from headwater.steps.validation.manifest import TRUTHS, Row
from headwater.steps.validation.passes import Pass
from headwater.steps.validation.rates import Case, exact, rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Graded:
    """One row in one condition, as graded."""

    row: Row
    condition: str
    examined_sha256: str
    grade: Grade
    note: str = ""

    @property
    def is_named(self) -> bool:
        return self.grade.grade in GRADES

    @property
    def is_wrong(self) -> bool:
        return self.is_named and self.grade.grade != self.row.truth

    @property
    def outcome(self) -> str:
        """In words, as the lists have it."""
        if self.row.truth not in TRUTHS or not self.is_named:
            return self.grade.grade
        return "wrong" if self.is_wrong else "right"


def graded(rows: Sequence[Row], one: Pass) -> list[Graded]:
    """Every row of which this condition has a file. One that the pipeline lost is not graded, and stays."""
    found = []
    for row in rows:
        if row.line in one.not_made:
            continue
        seen = one.observed.get(row.line)
        found.append(
            Graded(
                row=row,
                condition=one.condition,
                examined_sha256=seen.sha256 if seen else "",
                grade=seen.grade if seen else NONE,
                note="" if seen else "the pipeline read no content",
            )
        )
    return found


def confusion(cases: Iterable[Graded]) -> Confusion:
    """Counts by truth, grade and strength. Every cell is there, also those of nought."""
    counts = Counter((each.row.truth, each.grade.grade, each.grade.strength) for each in cases)
    return {
        truth: {
            **{grade: {strength: counts[truth, grade, strength] for strength in STRENGTHS} for grade in GRADES},
            **{grade: {NO_STRENGTH: counts[truth, grade, NO_STRENGTH]} for grade in (UNDETERMINED, NOT_GRADED)},
        }
        for truth in TRUTHS
    }


def rate_row(
    cases: Sequence[Graded], *, condition: str, truth: str = "", source: str = "", strength: str = ""
) -> RateRow:
    """One row over these cases; with a strength, only those named at it count as named."""
    undetermined = sum(each.grade.grade == UNDETERMINED for each in cases)
    named = [each for each in cases if each.is_named and strength in {"", each.grade.strength}]
    return RateRow(
        condition=condition,
        truth=truth,
        source=visible(source),
        strength=strength,
        all=len(cases),
        undetermined=undetermined,
        undetermined_interval=exact(undetermined, len(cases)),
        not_graded=sum(each.grade.grade == NOT_GRADED for each in cases),
        rate=rate([case(each) for each in named]),
    )


def case(each: Graded) -> Case:
    """One graded file as a rate counts it."""
    return Case(group=each.row.group, source=each.row.source, named=each.is_named, wrong=each.is_wrong)


def by_truth(cases: Sequence[Graded], condition: str) -> list[RateRow]:
    """One row for each truth."""
    return [
        rate_row([each for each in cases if each.row.truth == truth], condition=condition, truth=truth)
        for truth in TRUTHS
    ]


def by_strength(cases: Sequence[Graded], condition: str) -> list[RateRow]:
    """One row for each truth and strength."""
    return [
        rate_row(
            [each for each in cases if each.row.truth == truth], condition=condition, truth=truth, strength=strength
        )
        for truth in TRUTHS
        for strength in STRENGTHS
    ]


def by_source(cases: Sequence[Graded], condition: str) -> list[RateRow]:
    """One row for each truth and source: a generator with its version, or a camera body."""
    sources: dict[tuple[str, str], list[Graded]] = defaultdict(list)
    for each in cases:
        sources[each.row.truth, each.row.source].append(each)
    return [
        rate_row(sources[truth, source], condition=condition, truth=truth, source=source)
        for truth, source in sorted(sources)
    ]


def condition_tables(one: Pass, words: str, rows: Sequence[Row], cases: Sequence[Graded]) -> Condition:
    """One laundering condition with its tables."""
    paths = {row.line: row for row in rows}
    rated = [each for each in cases if each.row.is_rated]
    return Condition(
        name=one.condition,
        words=words,
        examined=len(cases),
        not_made=[
            NotMade(path=visible(paths[line].path), sha256=paths[line].sha256, why=visible(why))
            for line, why in sorted(one.not_made.items())
        ],
        confusion=confusion(rated),
        by_truth=by_truth(rated, one.condition),
    )


def laundering(originals: Sequence[Graded], cases: Sequence[Graded], name: str, margin: float | None) -> Laundering:
    """Whether laundering makes wrong grades, over the files that count in rates and have both."""
    before = {each.row.line: each.is_wrong for each in originals if each.row.is_rated}
    pairs = [(before[each.row.line], each.is_wrong) for each in cases if each.row.line in before]
    newly = sum(now and not then for then, now in pairs)
    difference = (sum(now for _, now in pairs) - sum(then for then, _ in pairs)) / len(pairs) if pairs else 0.0
    bound = exact(newly, len(pairs))
    return Laundering(
        condition=name,
        files=len(pairs),
        wrong_original=sum(then for then, _ in pairs),
        wrong_condition=sum(now for _, now in pairs),
        newly_wrong=newly,
        difference=difference,
        upper=bound.upper if bound else None,
        margin=margin,
        outcome=_outcome(difference, bound.upper if bound else None, margin),
    )


def _outcome(found: float, upper: float | None, limit: float | None) -> Outcome:
    if limit is None:
        return Outcome.NOT_STATED
    if upper is None or found <= limit < upper:
        return Outcome.NOT_ENOUGH
    return Outcome.PASS if upper <= limit else Outcome.FAIL


def item_line(each: Graded) -> ItemLine:
    """One graded file as the lists have it."""
    row = each.row
    return ItemLine(
        path=visible(row.path),
        sha256=row.sha256,
        condition=each.condition,
        examined_sha256=each.examined_sha256,
        truth=row.truth,
        truth_basis=row.truth_basis,
        source=visible(row.source),
        group=visible(row.group),
        split=row.split,
        grade=each.grade.grade,
        strength=each.grade.strength,
        rule=each.grade.rule,
        outcome=each.outcome,
        counted=row.counted,
        note=each.note,
    )
