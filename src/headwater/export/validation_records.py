"""What a validation report says, as plain records: the JSON, the page and the PDF are all written from these.

A share is a number from 0 to 1. Intervals are exact (Clopper-Pearson), two-sided, 95 %, where nothing else is said.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

Confusion = Mapping[str, Mapping[str, Mapping[str, int]]]  # truth, grade, strength


class Outcome(StrEnum):
    """What a check or a criterion came to."""

    PASS = "PASS"  # noqa: S105 - a verdict
    FAIL = "FAIL"
    NOT_ENOUGH = "NOT ENOUGH DATA"
    NOT_STATED = "NOT STATED"
    NOT_APPLICABLE = "DOES NOT APPLY"


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """Two shares."""

    lower: float
    upper: float

    @property
    def width(self) -> float:
        return self.upper - self.lower


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """Wrong among named, by item, by group and by source. None: nothing was named, or one source alone.

    headline: the widest of the three; headline_of names it. few: fewer than 30 groups.
    """

    wrong: int
    named: int
    groups_wrong: int
    groups: int
    sources: int
    by_item: Interval | None
    by_group: Interval | None
    by_source: Interval | None
    headline: Interval | None
    headline_of: str
    few: bool

    @property
    def highest(self) -> Interval | None:
        """The one that reaches highest: what is held against a limit. The widest may lie below it where files err."""
        there = [each for each in (self.by_item, self.by_group, self.by_source) if each]
        return max(there, key=lambda each: each.upper, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class RateRow:
    """One row of a table of rates. all: named, undetermined and not graded together. source, strength: empty is every.

    undetermined_interval: of undetermined among all.
    """

    condition: str
    truth: str
    source: str
    strength: str
    all: int
    undetermined: int
    undetermined_interval: Interval | None
    not_graded: int
    rate: Rate


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemLine:
    """One file of one condition, as the lists and items.csv have it. Texts are ready to be shown."""

    path: str
    sha256: str  # of the file in the corpus
    condition: str
    examined_sha256: str  # of the copy that was examined; empty where none was made
    truth: str
    truth_basis: str
    source: str
    group: str
    split: str
    grade: str
    strength: str
    rule: str
    outcome: str  # right | wrong | undetermined | not graded
    counted: str  # in which table: rates | readers | spoofs | listed
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NotMade:
    """A copy that could not be made, and why."""

    path: str
    sha256: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One way the files were laundered, and what came of it. confusion: of the files that count in rates."""

    name: str
    words: str
    examined: int
    not_made: Sequence[NotMade]
    confusion: Confusion
    by_truth: Sequence[RateRow]


@dataclass(frozen=True, slots=True, kw_only=True)
class Laundering:
    """wrong(condition) - wrong(original), over the files that have both, beside the margin where one was stated.

    newly_wrong: wrong in the condition and not in the original; its share bounds the difference from above.
    """

    condition: str
    files: int
    wrong_original: int
    wrong_condition: int
    newly_wrong: int
    difference: float
    upper: float | None
    margin: float | None
    outcome: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkLine:
    """One mark that readers look for: in how many files it was expected, read, missed, and read beyond that."""

    mark: str
    expected: int
    read: int
    missed: int
    surplus: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkCase:
    """One file in which a mark was missed or surplus."""

    path: str
    sha256: str
    mark: str
    read: Sequence[str]  # all marks read in this file
    truth_basis: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Readers:
    """The readers' table, over all files in their original state. expected, read: counts of marks; read: of those."""

    expected: int
    read: int
    missed: Sequence[MarkCase]
    surplus: Sequence[MarkCase]
    by_mark: Sequence[MarkLine]


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """One leak check. words: what was compared and what came out. pairs: the offending ones, the first of them."""

    check: str
    outcome: Outcome
    words: str
    count: int
    pairs: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One method of comparison in one condition, with the original files as the known set.

    set_size: originals that can be found by it. queries: files that were asked; not_compared: those without what it
    compares. own: files that find their own original, of `with_own` whose original is in the set. unlike: pairs of a
    file and an original of another group; false: those that fit, `pairs` names the first of them. rate: of files that
    find an original of another group.
    """

    method: str
    rule: str
    condition: str
    set_size: int
    queries: int
    not_compared: int
    with_own: int
    own: int
    unlike: int
    false: int
    rate: Rate
    pairs: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Detector:
    """A method that may raise a level only where its error is measured here. false: found where it should not be.

    limit: what the upper end of the interval may be at most. outcome: NOT ENOUGH DATA also below 30 groups.
    """

    name: str
    words: str
    looked: int
    false: int
    groups: int
    interval: Interval | None
    limit: float
    outcome: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One acceptance criterion, as stated before the run, and what it came to."""

    name: str
    stated: str
    found: str
    outcome: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """What the manifest holds. rated: rows that count in rates."""

    name: str
    rows: int
    rated: int
    by_basis: Mapping[str, Mapping[str, int]]  # truth, then basis
    groups: int
    sources: int
    columns_ignored: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Digests:
    """What was run on what. Empty: there is none."""

    corpus_digest: str
    recipe_digest: str
    examiner_set_digest: str
    rules_digest: str
    settings_digest: str
    acceptance_digest: str
    library_versions: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Validation:
    """Everything the report says, but for its result digest."""

    made_at: datetime
    tool_version: str
    unsafe: bool
    verdict: Outcome
    criteria: Sequence[Criterion]
    corpus: Corpus
    confusion: Confusion
    wrong: Sequence[RateRow]
    undetermined: Sequence[RateRow]
    by_source: Sequence[RateRow]
    conditions: Sequence[Condition]
    laundering: Sequence[Laundering]
    spoofs: Confusion
    spoof_items: Sequence[ItemLine]
    readers: Readers
    detectors: Sequence[Detector]
    leaks: Sequence[Leak]
    looks: int
    has_holdout: bool
    scores: str
    linking: str
    comparisons: Sequence[Comparison]
    wrong_items: Sequence[ItemLine]
    not_graded_items: Sequence[ItemLine]
    needed: Sequence[tuple[float, int, int]]  # below which share; files without an error, two-sided, one-sided
    digests: Digests
