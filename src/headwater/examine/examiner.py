"""The protocol of an examiner."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from headwater.examine.view import View
from headwater.model.finding import Seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """Benign bytes and the claims that must be found in them: (claim, value), or (claim, None) for any value."""

    name: str
    data: bytes
    expected: tuple[tuple[str, str | None], ...]


class Looker(Protocol):
    """Looks at one View, yields what it saw. Raising is allowed: run.py turns it into a Failure of this item."""

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> str: ...

    @property
    def claims(self) -> tuple[str, ...]: ...

    def accepts(self, view: View) -> bool: ...

    def examine(self, view: View) -> Iterator[Seen]: ...


class Examiner(Looker, Protocol):
    """A Looker that brings its examples: one of registry.py, whose findings are sealed."""

    def examples(self) -> tuple[Example, ...]: ...
