"""What was found, beside what is true."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from headwater.demo.truth import FileTruth, RefusedTruth, Truth

Row = Mapping[str, object]


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


def compare(truth: Truth, items_rows: Iterable[Row], failure_rows: Iterable[Row] = ()) -> list[CheckRow]:
    """Compare the items table (and the failures table) with the truth.

    items_rows: mappings with exhibit, path, sha256, allocation (text) and damaged (truth value).
    A row's `kind`, where given, tells files and streams from the rest, which is not counted.
    failure_rows: mappings with path and kind, and exhibit where known; without any, the refusals are not checked.
    """
    stopped = {(one.exhibit, one.path) for one in truth.refused}
    items = [key for row in items_rows if _counts(row) and not _is_stopped(key := _spelled(row), stopped)]
    rows = [_files(truth, exhibit, items) for exhibit in truth.exhibits]
    rows.append(_marked("deleted files", _deleted(truth), {key[:3] for key in items if key[3] == "deleted"}))
    rows.append(_marked("damaged files", _damaged(truth), {key[:3] for key in items if key[4]}))
    failures = list(failure_rows)
    if failures:
        rows.append(_refused(truth.refused, failures))
    return rows


Key = tuple[str, str, str, str, bool]


def _spelled(row: Row) -> Key:
    return (
        str(row["exhibit"]), str(row["path"]), str(row["sha256"] or ""), str(row["allocation"]), bool(row["damaged"])
    )  # fmt: skip


def _counts(row: Row) -> bool:
    """Only files and streams have content; a volume label or a device node has none."""
    return str(row.get("kind", "file")) in {"file", "stream"}


def _is_stopped(key: Key, stopped: set[tuple[str, str]]) -> bool:
    """Tell a member that was listed but never read to its end, because it must not be."""
    return not key[2] and key[:2] in stopped


def _key(file: FileTruth) -> Key:
    return (file.exhibit, file.path, file.sha256, file.allocation, file.damaged)


def _files(truth: Truth, exhibit: str, items: list[Key]) -> CheckRow:
    expected = Counter(_key(file) for file in truth.files if file.exhibit == exhibit)
    found = Counter(key for key in items if key[0] == exhibit)
    return CheckRow(
        check=f"{exhibit}: every file once, with digest, path, allocation and damage",
        expected=expected.total(),
        found=(expected & found).total(),
        missed=tuple(_words(key) for key in sorted((expected - found).elements())),
        surplus=tuple(_words(key) for key in sorted((found - expected).elements())),
    )


def _words(key: Key) -> str:
    exhibit, path, sha256, allocation, damaged = key
    return f"{exhibit} {path} {sha256[:12]} {allocation}{' damaged' if damaged else ''}"


def _deleted(truth: Truth) -> set[tuple[str, ...]]:
    return {_key(file)[:3] for file in truth.files if file.allocation == "deleted"}


def _damaged(truth: Truth) -> set[tuple[str, ...]]:
    return {_key(file)[:3] for file in truth.files if file.damaged}


def _marked(check: str, expected: set[tuple[str, ...]], found: set[tuple[str, ...]]) -> CheckRow:
    return CheckRow(
        check=check,
        expected=len(expected),
        found=len(expected & found),
        missed=tuple(" ".join(key[:2]) for key in sorted(expected - found)),
        surplus=tuple(" ".join(key[:2]) for key in sorted(found - expected)),
    )


def _refused(expected: tuple[RefusedTruth, ...], failures: list[Row]) -> CheckRow:
    """Check the refusals: a failure must name the member itself or the archive that holds it."""
    missed = tuple(f"{one.exhibit} {one.path}" for one in expected if not any(_names(one, row) for row in failures))
    return CheckRow(
        check="bombs stopped at a limit", expected=len(expected), found=len(expected) - len(missed), missed=missed
    )


def _names(one: RefusedTruth, failure: Row) -> bool:
    path = str(failure["path"])
    same = one.path == path or one.path.startswith(f"{path}/")
    return same and failure["kind"] == one.kind and failure.get("exhibit", one.exhibit) == one.exhibit
