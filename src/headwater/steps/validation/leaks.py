"""Whether anything but the method could have told the answer: each check passes, fails with its pairs, or says why."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from headwater.export.validation_records import Leak, Outcome
from headwater.model.counted import counted
from headwater.model.visible import visible
from headwater.steps.validation.grades import GRADES
from headwater.steps.validation.manifest import Row
from headwater.steps.validation.observe import Observed
from headwater.steps.validation.tables import Graded

_SHOWN = 50
_PDQ_BITS = 31
_AUC = 0.6
_EACH_CLASS = 10  # files, before the shape check says anything
_NEIGHBOURS = 5
_BLOCK = 512
_NO_SPLIT = "the manifest has no rows in both dev and holdout"


def leaks(
    rows: Sequence[Row],
    seen: Mapping[int, Observed],
    originals: Sequence[Graded],
    renamed: Sequence[Graded],
    reencoded: Sequence[Graded],
    references: frozenset[str] | None = None,
) -> list[Leak]:
    """Every check, in the order of the method. references: what a sensor's pattern was learned from."""
    return [
        *_across_splits(rows, seen),
        _unchanged(originals, renamed),
        _shape(rows, seen),
        _same_class(originals, reencoded),
        _calibration(rows, references),
    ]


def _across_splits(rows: Sequence[Row], seen: Mapping[int, Observed]) -> Iterable[Leak]:
    dev = [row for row in rows if row.split == "dev"]
    holdout = [row for row in rows if row.split == "holdout"]
    checks = {
        "same SHA-256 in both splits": _shared(dev, holdout, "sha256"),
        "same group in both splits": _shared(dev, holdout, "group"),
        "same source in both splits": _shared(dev, holdout, "source"),
        f"PDQ within {_PDQ_BITS} bits across splits": _near(dev, holdout, seen),
    }
    for check, pairs in checks.items():
        if not dev or not holdout:
            yield Leak(check=check, outcome=Outcome.NOT_APPLICABLE, words=_NO_SPLIT, count=0, pairs=())
        else:
            yield _leak(check, pairs, "" if pairs else "none")


def _leak(check: str, pairs: Sequence[str], words: str) -> Leak:
    return Leak(
        check=check,
        outcome=Outcome.FAIL if pairs else Outcome.PASS,
        words=words or f"{counted(len(pairs), 'pair')}",
        count=len(pairs),
        pairs=[*islice(pairs, _SHOWN)],
    )


def _shared(dev: Sequence[Row], holdout: Sequence[Row], field: str) -> list[str]:
    there: dict[str, Row] = {}
    for row in dev:
        there.setdefault(getattr(row, field), row)
    both = sorted({getattr(row, field) for row in holdout} & there.keys())
    of = {getattr(row, field): row for row in holdout}
    return [f"{visible(there[each].path)} and {visible(of[each].path)}: {visible(each)}" for each in both]


def _near(dev: Sequence[Row], holdout: Sequence[Row], seen: Mapping[int, Observed]) -> list[str]:
    one, left = _hashes(dev, seen)
    other, right = _hashes(holdout, seen)
    found = []
    for first in range(0, len(left), _BLOCK):
        distances = np.bitwise_count(left[first : first + _BLOCK, None] ^ right[None]).sum(axis=2, dtype=np.int64)
        for i, j in np.argwhere(distances <= _PDQ_BITS):
            a, b = one[first + int(i)], other[int(j)]
            found.append(f"{visible(a.path)} and {visible(b.path)}: {distances[i, j]} bits")
    return found


def _hashes(rows: Sequence[Row], seen: Mapping[int, Observed]) -> tuple[list[Row], NDArray[np.uint64]]:
    """The rows that have a PDQ, and these as (n, 4) words."""
    found = [row for row in rows if row.line in seen and seen[row.line].pdq]
    data = b"".join(bytes.fromhex(seen[row.line].pdq) for row in found)
    return found, np.frombuffer(data, dtype=">u8").reshape(-1, 4).astype(np.uint64)


def _calibration(rows: Sequence[Row], references: frozenset[str] | None) -> Leak:
    check = "no file that a method was calibrated on"
    if references is None:
        words = "nothing that the examiners were given was learned from files"
        return Leak(check=check, outcome=Outcome.NOT_APPLICABLE, words=words, count=0, pairs=())
    pairs = [f"{visible(row.path)}: a sensor's pattern was learned from it" for row in rows if row.sha256 in references]
    return _leak(check, pairs, "" if pairs else f"none of {counted(len(references), 'reference')} of sensor patterns")


def _unchanged(originals: Sequence[Graded], renamed: Sequence[Graded]) -> Leak:
    """Every file was examined twice, under other random names and in another order."""
    before = {each.row.line: each.grade for each in originals}
    pairs = [
        f"{visible(each.row.path)}: {before[each.row.line].grade}, then {each.grade.grade}"
        for each in renamed
        if each.row.line in before and before[each.row.line] != each.grade
    ]
    check = "grades unchanged after renaming and shuffling"
    return _leak(check, pairs, "" if pairs else f"{counted(len(before), 'file')} examined twice, all grades the same")


def _same_class(originals: Sequence[Graded], reencoded: Sequence[Graded]) -> Leak:
    """A grade may be lost in another encoding; one class may not become the other."""
    before = {each.row.line: each.grade.grade for each in originals if each.is_named}
    both = [each for each in reencoded if each.row.line in before]
    pairs = [
        f"{visible(each.row.path)}: {before[each.row.line]}, then {each.grade.grade}"
        for each in both
        if each.grade.grade in GRADES and each.grade.grade != before[each.row.line]
    ]
    lost = sum(not each.is_named for each in both)
    words = f"{counted(len(both), 'named file')} encoded again, {lost:,} no longer named, {len(pairs):,} another class"
    return _leak("re-encoding both classes at quality 90 does not change the class", pairs, words)


def _shape(rows: Sequence[Row], seen: Mapping[int, Observed]) -> Leak:
    """Whether width, height, format and byte count alone tell camera from the rest, where they should tell nothing."""
    check = f"width, height, format and byte count alone: AUC at most {_AUC}"
    there = [row for row in rows if row.is_rated and row.line in seen and seen[row.line].width_pixels]
    made = np.array([row.truth != "camera" for row in there], dtype=bool)
    if min(int(made.sum()), int((~made).sum())) < _EACH_CLASS:
        words = f"fewer than {_EACH_CLASS} pictures of either class: {(~made).sum()} camera, {made.sum()} others"
        return Leak(check=check, outcome=Outcome.NOT_ENOUGH, words=words, count=0, pairs=())
    area = auc(_scores(there, [seen[row.line] for row in there], made), made)
    words = f"AUC {area:.3f}; nearest {_NEIGHBOURS} of other groups, {len(there):,} pictures"
    more = "; rates of examiners that look at pixels would be void on this corpus" if area > _AUC else ""
    outcome = Outcome.FAIL if area > _AUC else Outcome.PASS
    return Leak(check=check, outcome=outcome, words=words + more, count=0, pairs=())


def _scores(rows: Sequence[Row], seen: Sequence[Observed], made: NDArray[np.bool_]) -> NDArray[np.float64]:
    """For each picture the share of its nearest pictures, of other groups, that no camera made."""
    sides = np.log1p(np.array([[each.width_pixels, each.height_pixels, each.size_bytes] for each in seen], float))
    sides /= np.maximum(sides.std(axis=0), 1e-9)
    kinds = np.array([each.media_type for each in seen])
    groups = np.array([row.group for row in rows])
    scores = np.empty(len(rows))
    for index in range(len(rows)):
        distance = np.square(sides - sides[index]).sum(axis=1) + (kinds != kinds[index])
        distance[groups == groups[index]] = np.inf
        nearest = np.argsort(distance, kind="stable")[:_NEIGHBOURS]
        scores[index] = made[nearest[np.isfinite(distance[nearest])]].mean() if np.isfinite(distance).any() else 0.5
    return scores


def auc(scores: NDArray[np.float64], positive: NDArray[np.bool_]) -> float:
    """The chance that a positive scores above a negative, ties half (Mann and Whitney 1947)."""
    ranks = rankdata(scores)
    count = int(positive.sum())
    above = float(ranks[positive].sum()) - count * (count + 1) / 2
    return above / (count * (len(scores) - count))
