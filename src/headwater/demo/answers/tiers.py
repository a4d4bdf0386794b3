"""Where each picture stands in the queue, tier by tier: who is looked at first, and why."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from headwater.demo.truth import FileTruth, MatchTruth, OriginTruth, QueueTruth


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What the tiers ask about, as sets of SHA-256.

    sources: what a model was trained on, or an edit was begun from. rolls: folders (``exhibit/path/``) that are a
    device's own camera roll. of_seized_cameras: taken by one. uploaded: on the platform, or what was put there.
    """

    sources: frozenset[str]
    rolls: tuple[str, ...]
    of_seized_cameras: frozenset[str]
    uploaded: frozenset[str]


def queue(
    origins: Sequence[OriginTruth],
    files: Iterable[FileTruth],
    found: Sequence[MatchTruth],
    near: Mapping[str, set[str]],
    standing: Standing,
) -> tuple[QueueTruth, ...]:
    """Give every picture its tier; within a tier larger stacks come first, then digests."""
    places: dict[str, list[str]] = {}
    for one in files:
        places.setdefault(one.sha256, []).append(f"{one.exhibit}/{one.path}")
    exact = {one.sha256 for one in found if one.kind != "pdq" and one.verdict}
    open_series = {one.sha256 for one in found if one.victim_identified is False and one.verdict}
    rows = []
    for origin in origins:
        in_roll = all(path.startswith(standing.rolls) for path in places[origin.sha256])
        reaches = not near.get(origin.sha256, set()).isdisjoint(open_series)
        tier, reason = _tier(origin, standing, in_roll=in_roll, known=origin.sha256 in exact, near_open_series=reaches)
        rows.append(QueueTruth(sha256=origin.sha256, tier=tier, reason=reason))
    rows.sort(key=lambda row: (row.tier, -len(places[row.sha256]), row.sha256))
    return tuple(rows)


def _tier(
    origin: OriginTruth, standing: Standing, *, in_roll: bool, known: bool, near_open_series: bool
) -> tuple[int, str]:
    if origin.sha256 in standing.sources:
        return 1, "trained on, or an edit was begun from it"
    if known:
        return 8, "known, by the category of its set"
    if near_open_series:
        return 2, "near a known record whose series has no identified victim"
    if origin.sha256 in standing.uploaded or (origin.sha256 in standing.of_seized_cameras and not in_roll):
        return 3, "tied to a seized camera or to a platform upload"
    if origin.strength == "consistent" and origin.grade != "camera":
        return 4, "unknown, merely consistent with a generator"
    return _by_grade(origin.grade, in_roll=in_roll, is_weak=origin.strength == "consistent")


def _by_grade(grade: str, *, in_roll: bool, is_weak: bool) -> tuple[int, str]:
    if is_weak and grade != "camera":
        return 4, f"unknown, no more than consistent with {grade}"
    if grade == "edited":
        return 5, "unknown, edited"
    if grade == "generated":
        return 7, "unknown, generated"
    if in_roll and grade == "camera":
        return 6, "unknown, camera, in the device's own camera roll"
    return 4, "unknown, camera or undetermined, outside the camera roll"
