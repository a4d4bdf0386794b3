"""The decision table as data: the first row whose terms all hold decides.

Five numbers go in. g, e, c: levels 0 to 4 of generated, edited by a generator, recorded by a camera. k: 1 where the
file is a carrier of another picture. f: 1 where an examiner of the opposing side failed or did not run.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import eq, ge, le, lt
from typing import Literal

from headwater.model.canonical import Json

Grade = Literal["camera", "generated", "edited", "undetermined"]
GRADES: tuple[Grade, ...] = ("camera", "generated", "edited", "undetermined")
STRENGTHS = ("", "consistent", "declared", "corroborated", "verified")  # by level
NONE, OPEN = "none", "extent open"  # of the side of the generators: nothing speaks for it; which of two is open
_SIDE = "the AI side"
_UNDETERMINED: Grade = "undetermined"

# A term: what is compared, how, with what. L is the level of the AI side.
Term = tuple[str, str, str | int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One row. `strength` names the number that gives the level; empty for undetermined. `says`: the reason."""

    id: str
    when: tuple[Term, ...]
    grade: str
    strength: str
    says: str


CARRIER = Rule(
    id="T1", when=(("k", "=", 1),), grade="", strength="",
    says="the file is a carrier of another picture, so what speaks for a camera speaks for the copy only: c counts 0",
)  # fmt: skip
_NOTHING = "nothing was found that speaks for or against"
_INVOLVED = "a generator is involved; whether it made the picture or changed one is open"
_OUTWEIGHED = "the contrary record is noted and outweighed"
TABLE = (
    Rule(id="T2", when=((_SIDE, "=", NONE), ("c", "=", 0)), grade=_UNDETERMINED, strength="", says=_NOTHING),
    Rule(id="T3", when=((_SIDE, "=", NONE),), grade="camera", strength="c", says="only a camera is spoken for"),
    Rule(
        id="T4", when=(("c", "=", 0), (_SIDE, "=", "generated")), grade="generated", strength="L",
        says="only a generator is spoken for",
    ),
    Rule(
        id="T4", when=(("c", "=", 0), (_SIDE, "=", "edited")), grade="edited", strength="L",
        says="only a change by a generator is spoken for",
    ),
    Rule(id="T5", when=((_SIDE, "=", OPEN), ("c", "=", 0)), grade=_UNDETERMINED, strength="", says=_INVOLVED),
    Rule(id="T5", when=((_SIDE, "=", OPEN), ("L", "beats", "c")), grade=_UNDETERMINED, strength="", says=_INVOLVED),
    Rule(
        id="T6", when=((_SIDE, "=", "edited"), ("c", "<", 4), ("e", ">=", 2)), grade="edited", strength="e",
        says="a camera's picture under a change by a generator is no contradiction",
    ),
    Rule(
        id="T7", when=((_SIDE, "=", "edited"), ("e", "=", 1), ("c", ">=", 2), ("c", "<=", 3)), grade="camera",
        strength="c", says="a camera is spoken for; a weak contrary trace is noted",
    ),
    Rule(
        id="T8", when=((_SIDE, "=", "edited"), ("e", "=", 1), ("c", "=", 1)), grade=_UNDETERMINED, strength="",
        says="two weak traces speak for different things",
    ),
    Rule(id="T9", when=(("c", "beats", "L"),), grade="camera", strength="c", says=_OUTWEIGHED),
    Rule(  # an edit that outweighs a camera is T6
        id="T10", when=(("L", "beats", "c"), (_SIDE, "=", "generated")), grade="generated", strength="L",
        says=_OUTWEIGHED,
    ),
    Rule(
        id="T11", when=(), grade=_UNDETERMINED, strength="",
        says="two sides contradict each other, and neither outweighs the other",
    ),
)  # fmt: skip
INCOMPLETE = Rule(
    id="T12", when=(("level", "<=", 2), ("level", ">=", 1), ("f", "=", 1)), grade=_UNDETERMINED, strength="",
    says="what could speak for the other side was not examined completely",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """The five numbers that the table reads."""

    g: int = 0
    e: int = 0
    c: int = 0
    k: int = 0
    f: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the table says. before: the row that would have decided, where T12 did."""

    rule: Rule
    grade: str
    level: int
    before: Rule | None = None

    @property
    def strength(self) -> str:
        """The word for the level; empty where the grade is undetermined."""
        return STRENGTHS[self.level]


def beats(one: int, other: int) -> bool:
    """Whether a level outweighs a contrary one."""
    return one > other and (other == 0 or (other == 1 and one >= 2) or (one == 4 and other == 2))


_COMPARE = {"=": eq, "<": lt, "<=": le, ">=": ge}


def decide(numbers: Numbers) -> Verdict:
    """Apply the table."""
    side, level = ai_side(numbers.g, numbers.e)
    at: dict[str, str | int] = {"g": numbers.g, "e": numbers.e, "k": numbers.k, "f": numbers.f, _SIDE: side, "L": level}
    at["c"] = 0 if holds(CARRIER, at) else numbers.c
    rule = next(row for row in TABLE if holds(row, at))
    found = int(at[rule.strength]) if rule.strength else 0
    if holds(INCOMPLETE, {**at, "level": found}):
        return Verdict(rule=INCOMPLETE, grade=INCOMPLETE.grade, level=0, before=rule)
    return Verdict(rule=rule, grade=rule.grade, level=found)


def ai_side(g: int, e: int) -> tuple[str, int]:
    """The side of the generators, generated, edited, extent open or none, and its level."""
    if not (g and e):
        return "generated" if g else "edited" if e else NONE, max(g, e)
    if beats(g, e):
        return "generated", g
    return ("edited", e) if beats(e, g) else (OPEN, max(g, e))


def holds(rule: Rule, at: Mapping[str, str | int]) -> bool:
    """Whether all terms of a row hold for these values."""
    return all(_term(term, at) for term in rule.when)


def _term(term: Term, at: Mapping[str, str | int]) -> bool:
    name, how, what = term
    if how == "beats":
        return beats(int(at[name]), int(at[str(what)]))
    return bool(_COMPARE[how](at[name], what))


def table_as_json() -> Sequence[Json]:
    """Every row, for the digest of the rules and for the defence's package."""
    return [
        [row.id, [[*term] for term in row.when], row.grade, row.strength, row.says]
        for row in (CARRIER, *TABLE, INCOMPLETE)
    ]
