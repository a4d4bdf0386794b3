"""The rule table that weighs the signals of one picture: the first rule that fits decides."""

from dataclasses import dataclass, replace

_STRENGTHS = {0: "", 1: "consistent", 2: "declared", 3: "corroborated", 4: "verified"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the table says."""

    grade: str
    level: int
    rule: str

    @property
    def strength(self) -> str:
        """The word for its level; empty where nothing is decided."""
        return _STRENGTHS[self.level]


def beats(one: int, other: int) -> bool:
    """Tell whether a level outweighs a contrary one."""
    return one > other and (other == 0 or (other == 1 and one >= 2) or (one, other) == (4, 2))


def weigh(g: int, e: int, c: int, k: int, f: int) -> Verdict:
    """Apply the table to the five numbers."""
    verdict = _decide(g, e, 0 if k else c)  # T1: the camera of a copy says nothing of the original
    if f and verdict.grade != "undetermined" and verdict.level <= 2:
        return _undecided("T12")
    return verdict


def _undecided(rule: str) -> Verdict:
    return Verdict(grade="undetermined", level=0, rule=rule)


def _side(g: int, e: int) -> str:
    """Name the side of the generators: generated, edited, or open where neither outweighs the other."""
    if not (g and e):
        return "generated" if g else "edited" if e else ""
    return "generated" if beats(g, e) else "edited" if beats(e, g) else "open"


def _decide(g: int, e: int, c: int) -> Verdict:
    side, level = _side(g, e), max(g, e)
    camera = Verdict(grade="camera", level=c, rule="T3")
    if not side:
        return camera if c else _undecided("T2")
    if side == "open":
        return _open(level, c)
    ai = Verdict(grade=side, level=level, rule="T4")
    if c == 0:
        return ai
    if side == "edited" and (found := _edited(e, c)):
        return found
    if beats(c, level):
        return replace(camera, rule="T9")
    return replace(ai, rule="T10") if beats(level, c) else _undecided("T11")


def _open(level: int, c: int) -> Verdict:
    if c == 0 or beats(level, c):
        return _undecided("T5")
    return Verdict(grade="camera", level=c, rule="T9") if beats(c, level) else _undecided("T11")


def _edited(e: int, c: int) -> Verdict | None:
    """T6 to T8: a camera's picture under an edit is no contradiction."""
    if e >= 2 and c < 4:
        return Verdict(grade="edited", level=e, rule="T6")
    if e == 1 and c in {2, 3}:
        return Verdict(grade="camera", level=c, rule="T7")
    return _undecided("T8") if (e, c) == (1, 1) else None
