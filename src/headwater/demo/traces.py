"""What a picture file says of its origin, as the one who planted it knows: the rule table's signals, and the truth.

Levels: 3 corroborated, 2 declared, 1 consistent, 0 nothing. g: made by a generator, e: altered by one, c: recorded by a
camera. S1 to S15 are the signals of the table.
"""

from dataclasses import dataclass
from typing import Literal

Actual = Literal["camera", "generated", "edited", "screenshot"]
UNKNOWN, BY_LIKENESS = "unknown", "by likeness"


@dataclass(frozen=True, slots=True, kw_only=True)
class Traces:
    """The signals that one picture's own bytes and place carry.

    begun_from: where a record tells of an input picture (S6), its SHA-256; UNKNOWN where it is nowhere;
    BY_LIKENESS where the record does not name it and only likeness can find it. The level is then `g`.
    carrier: a record says that it is a picture of a screen.
    """

    actual: Actual
    why: str
    signals: tuple[str, ...] = ()
    g: int = 0
    e: int = 0
    c: int = 0
    begun_from: str = ""
    carrier: bool = False


def camera_file(whose: str) -> Traces:
    """Tell of a camera's own file: EXIF coherent with itself, its tables, its preview and its maker note."""
    return Traces(actual="camera", c=2, signals=("S11",), why=f"EXIF of {whose}, coherent in every rule")


def stripped(actual: Actual, why: str) -> Traces:
    """Tell of a file that carries nothing."""
    return Traces(actual=actual, signals=("S15",), why=why)


def recorded(why: str, *, model_found: bool = False, begun_from: str = "", actual: Actual = "generated") -> Traces:
    """Tell of a generator's record; where its model is named by a digest that is found, two records agree."""
    signals = ("S6", "S7") if model_found else ("S6", "S8")
    return Traces(actual=actual, g=3 if model_found else 2, signals=signals, begun_from=begun_from, why=why)
