"""What the categories of a set mean, as far as this program needs it: which of them are a verdict.

A number means one thing in one country and another in the next, so a scheme is named at every import and never guessed.
"""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from headwater.model.errors import WrongUse

LOCAL = "local:"
NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """One scheme. no_verdict: categories that say nothing; a record without a category never has a verdict."""

    name: str
    about: str
    no_verdict: frozenset[str]
    has_categories: bool = True

    def is_verdict(self, category: str) -> bool:
        """Whether a category, as its source spells it, is a verdict."""
        return self.has_categories and category.strip() != "" and category.strip().lower() not in self.no_verdict


def scheme_of(name: str) -> Scheme:
    """The scheme of that name. Raises WrongUse with all names where there is none."""
    if name.startswith(LOCAL) and name.removeprefix(LOCAL).strip():
        return Scheme(name=name, about="a laboratory's own", no_verdict=frozenset({"0", "5"}))
    found = _shipped().get(name)
    if found is None:
        raise WrongUse(f"no category scheme is called {name}", next_step=f"Name one of: {', '.join(scheme_names())}.")
    return found


def scheme_names() -> tuple[str, ...]:
    """Every name that `--scheme` takes."""
    return (*_shipped(), f"{LOCAL}NAME")


@cache
def _shipped() -> dict[str, Scheme]:
    told = json.loads(files("headwater.match").joinpath("schemes.json").read_text("utf-8"))
    return {
        each["name"]: Scheme(
            name=each["name"],
            about=each["about"],
            no_verdict=frozenset(each["no_verdict"]),
            has_categories=each["has_categories"],
        )
        for each in told
    }
