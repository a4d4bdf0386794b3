"""acceptance.toml: the criteria, stated and sealed before anything is run."""

import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from headwater.examine.laundering.recipes import RECIPES
from headwater.model.errors import WrongUse
from headwater.model.nearest import unknown
from headwater.model.visible import visible
from headwater.seal.files import read_only
from headwater.steps.validation.grades import STRENGTHS
from headwater.steps.validation.manifest import TRUTHS
from headwater.steps.validation.passes import ORIGINAL

ACCEPTANCE = "acceptance.toml"
SHARES = ("wrong", "undetermined", "laundering")
COUNTS = ("spoofs", "leaks", "readers_missed", "readers_surplus", "not_graded")
_RECIPES = tuple(recipe.name for recipe in RECIPES)
_CONDITIONS = (ORIGINAL, *_RECIPES)
_LISTS: Mapping[str, tuple[str, ...]] = {"truth": TRUTHS, "strength": STRENGTHS, "condition": _CONDITIONS}
_KEYS = ("name", "measure", "at_most", *_LISTS)
_MAXIMUM_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """One criterion. at_most: a share for `wrong`, `undetermined`, `laundering`; a count for the others.

    truth, strength, condition: to which it applies; each truth and condition must hold by itself, strengths together.
    Where no condition is named: the original files; for `laundering` every recipe.
    """

    name: str
    measure: str
    at_most: float
    truth: tuple[str, ...] = TRUTHS
    strength: tuple[str, ...] = STRENGTHS
    condition: tuple[str, ...] = (ORIGINAL,)

    @property
    def words(self) -> str:
        """The criterion as a sentence has it."""
        most = f"{self.at_most:.4g}" if self.measure in COUNTS else f"{100 * self.at_most:.4g} %"
        return f"{', '.join((self.measure, *self._to_what()))}: at most {most}"

    def _to_what(self) -> Iterator[str]:
        if self.measure in {"wrong", "undetermined"}:
            yield " and ".join(self.truth)
        if self.measure in {"wrong", "spoofs"}:
            yield " or ".join(self.strength)
        if self.measure in {"wrong", "undetermined", "laundering", "not_graded"}:
            yield " and ".join(self.condition)


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """All criteria, and the SHA-256 of the file they stand in; none where there is no such file."""

    criteria: tuple[Stated, ...] = ()
    digest: str = ""


def read_acceptance(corpus: Path) -> Acceptance:
    """Read the criteria of a corpus. Raises WrongUse with every fault; a corpus need not have any."""
    try:
        with os.fdopen(read_only(corpus / ACCEPTANCE), "rb") as file:
            data = file.read(_MAXIMUM_BYTES)
    except FileNotFoundError:
        return Acceptance()
    except OSError as error:
        raise WrongUse(f"{ACCEPTANCE} cannot be read: {error.strerror or 'not a regular file'}") from error
    try:
        said = tomllib.loads(data.decode())
    except (ValueError, RecursionError) as error:
        raise _wrong([visible(str(error))]) from error
    faults = [*_faults(said)]
    if faults:
        raise _wrong(faults)
    return Acceptance(criteria=tuple(map(_stated, said["criterion"])), digest=sha256(data).hexdigest())


def _stated(given: Mapping[str, Any]) -> Stated:
    lists = {name: tuple(each for each in _LISTS[name] if each in given[name]) for name in _LISTS if name in given}
    measure = str(given["measure"])
    if measure == "laundering":
        lists.setdefault("condition", _RECIPES)
    return Stated(
        name=visible(str(given.get("name") or measure)), measure=measure, at_most=float(given["at_most"]), **lists
    )


def _faults(said: Mapping[str, Any]) -> Iterator[str]:
    yield from (unknown("key", name, ("criterion",)) for name in said if name != "criterion")
    criteria = said.get("criterion")
    if not isinstance(criteria, list) or not criteria or not all(isinstance(each, dict) for each in criteria):
        yield "there must be at least one [[criterion]]"
        return
    for number, given in enumerate(criteria, 1):
        yield from (f"criterion {number}: {fault}" for fault in _faults_of(given))


def _faults_of(given: Mapping[str, Any]) -> Iterator[str]:
    yield from (unknown("key", name, _KEYS) for name in given if name not in _KEYS)
    measure = given.get("measure")
    if measure not in (*SHARES, *COUNTS):
        yield f"measure may be {', '.join((*SHARES, *COUNTS))}"
    most = given.get("at_most")
    if isinstance(most, bool) or not isinstance(most, int | float) or not most >= 0:
        yield "at_most must be a number of 0 or more"
    elif measure in SHARES and most > 1:
        yield f"at_most of {measure} is a share, at most 1"
    for name, allowed in _LISTS.items():
        value = given.get(name, [*allowed])
        if not isinstance(value, list) or not value or not all(each in allowed for each in value):
            yield f"{name} must be a list out of {', '.join(allowed)}"


def _wrong(faults: list[str]) -> WrongUse:
    problems = tuple(f"{ACCEPTANCE}: {fault}" for fault in faults)
    what = problems[0] if len(problems) == 1 else f"{len(problems)} faults in {ACCEPTANCE}"
    return WrongUse(what, problems=problems, next_step=f"Correct {ACCEPTANCE}. Nothing was examined.")
