"""The grades that the ordinary pipeline gives, by content: where validation meets the weighing."""

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

GRADES = ("camera", "generated", "edited")
UNDETERMINED = "undetermined"
NOT_GRADED = "not graded"
STRENGTHS = ("verified", "corroborated", "declared", "consistent")
NO_STRENGTH = "none"
_QUERY = "SELECT DISTINCT sha256, grade, strength, rule FROM origins"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade:
    """What the weighing came to. strength: NO_STRENGTH where the grade names no class."""

    grade: str
    strength: str
    rule: str


NONE = Grade(grade=NOT_GRADED, strength=NO_STRENGTH, rule="")


def read_grades(connection: duckdb.DuckDBPyConnection) -> Mapping[str, Grade]:
    """The grade of each content by its SHA-256."""
    rows = connection.execute(_QUERY).fetchall()
    return {str(sha256): _grade(str(grade), str(strength or ""), str(rule)) for sha256, grade, strength, rule in rows}


def _grade(grade: str, strength: str, rule: str) -> Grade:
    named = grade in GRADES and strength in STRENGTHS
    return Grade(grade=grade, strength=strength if named else NO_STRENGTH, rule=rule)
