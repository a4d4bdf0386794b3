"""One line of the table of what was found beside what is true."""

from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRow:
    """One line of the table. `missed` is true but not found, `surplus` was found but is not true."""

    check: str
    expected: int
    found: int
    missed: tuple[str, ...] = ()
    surplus: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        return not self.missed and not self.surplus


def counted(check: str, expected: Iterable[Hashable], found: Iterable[Hashable]) -> CheckRow:
    """Compare two lists in which each thing has its number, both ways."""
    true, seen = Counter(expected), Counter(found)
    return CheckRow(
        check=check,
        expected=true.total(),
        found=(true & seen).total(),
        missed=tuple(_words(key) for key in sorted((true - seen).elements(), key=str)),
        surplus=tuple(_words(key) for key in sorted((seen - true).elements(), key=str)),
    )


def _words(key: Hashable) -> str:
    parts = key if isinstance(key, tuple) else (key,)
    return " ".join(str(part)[:12] if len(str(part)) == 64 else str(part) for part in parts)
