"""What a person sees first: the tiers, the order within them, and the control drawn from the far end.

The order is a stated rule, not a verdict: `RULE` is printed with every list. Tiers 2, 8 and 9 come from known
sets: only equal digests make a picture known or harmless; what looks like a known record comes to the front, or stays.
"""

from dataclasses import dataclass

CONTROL_EVERY = 50
LOOK_FIRST = 4  # the last tier that is named among what to look at first
TIERS = (
    (1, "source of an edit or of a model's training"),
    (2, "near a known record whose series has no identified victim"),
    (3, "unknown, tied to a seized camera or to a platform upload"),
    (4, "unknown, camera, undetermined or merely consistent with a generator, outside the device's own camera roll"),
    (5, "unknown, edited"),
    (6, "unknown, camera, in the device's own camera roll"),
    (7, "unknown, generated"),
    (8, "known, by the category of its set"),
    (9, "known harmless"),
)
RULE = (
    f"Order: by tier ({'; '.join(f'{number} {what}' for number, what in TIERS)}), then an imported relevance score, "
    f"then number of exact copies, then digest. One in {CONTROL_EVERY} comes from the far end as a control. "
    "The order is not a verdict."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is known of one picture that its place in the queue depends on.

    Texts are reasons for people, empty where there is none. grade: of its origin. place: where it lies, in words.
    is_weak: the grade rests on a name, a folder or a trace in the pixels alone, which sinks nothing.
    """

    grade: str
    place: str
    is_weak: bool = False
    in_roll: bool = False
    source: str = ""
    open_series: str = ""
    tie: str = ""
    known: str = ""
    harmless: str = ""


def tier_of(standing: Standing) -> tuple[int, str]:
    """Its tier, and the reason shown."""
    reasons = (
        (1, standing.source),
        (8, standing.known and f"known: {standing.known}"),
        (9, standing.harmless and f"harmless: {standing.harmless}"),
        (2, standing.open_series and f"near {standing.open_series}"),
        (3, standing.tie),
    )
    for tier, reason in reasons:
        if reason:
            return tier, reason
    if standing.is_weak and standing.grade in {"edited", "generated"}:
        return 4, f"{standing.grade}, consistent only; {standing.place}"
    if standing.grade == "edited":
        return 5, f"edited; {standing.place}"
    if standing.grade == "generated":
        return 7, f"generated; {standing.place}"
    if standing.in_roll and standing.grade == "camera":
        return 6, f"camera; {standing.place}"
    return 4, f"{standing.grade}; {standing.place}"


def control_place(rank: int, total: int, every: int = CONTROL_EVERY) -> int | None:
    """Where a picture is shown as a control beside its own rank, counted from 1; None for most.

    Of `total` pictures the last in `every` are also shown early: the last one at place `every`, the one before it at
    twice that, and so on.
    """
    from_the_end = total - rank + 1
    return every * from_the_end if from_the_end <= total // every else None
